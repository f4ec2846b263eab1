/** Which contacts stand behind a figure of a board, as an address; null where no contacts do (heads, forecasts). Pure. */
import type { BoardQueueRow } from '../../../server/wire/board.ts'
import type { FigureMeasure } from '../../../server/wire/board-composition.ts'
import { ALL_CONTACTS, type ContactFilter, type ContactSpan } from '../contacts/contact-query.ts'
import { figureFilters, missedFilter } from '../contacts/figure-filters.ts'
import { routeHash } from '../shell/route.ts'

const HALF_HOUR_MS = 1_800_000

type LinkedRow = Pick<BoardQueueRow, 'queueId' | 'promise' | 'intervalStartMs'>

/** Only counts that hang on no limit: those that do are lists of what a level missed. */
const filters = figureFilters({ answerThresholdSeconds: 0, shortAbandonSeconds: 0 })

export function contactsHash(
  rows: readonly LinkedRow[],
  span: ContactSpan,
  filter: ContactFilter,
): string | null {
  if (rows.length === 0) return null
  return routeHash({
    page: 'contacts',
    query: { queueIds: rows.map(({ queueId }) => queueId), span, filter },
  })
}

/** What a level leads to: the contacts that it counts as missed; all of them where the queues promise different things. */
export function missedOf(rows: readonly LinkedRow[]): ContactFilter {
  const [first] = rows
  if (first === undefined) return ALL_CONTACTS
  const { formula, answerThresholdSeconds, shortAbandonSeconds } = first.promise
  const byShort = formula === 'SL5' || formula === 'SL6'
  const same = rows.every(
    ({ promise }) =>
      promise.formula === formula &&
      promise.answerThresholdSeconds === answerThresholdSeconds &&
      (!byShort || promise.shortAbandonSeconds === shortAbandonSeconds),
  )
  return same ? missedFilter(formula, { answerThresholdSeconds, shortAbandonSeconds }) : ALL_CONTACTS
}

/** Figures of a day count in the view of the promise: so do their lists. By arrival where the queues differ. */
export function inView(rows: readonly LinkedRow[], span: ContactSpan): ContactSpan {
  const byEvent = rows.length > 0 && rows.every(({ promise }) => promise.view === 'event')
  return byEvent ? { ...span, byEvent } : span
}

export const waitingFilter: ContactFilter = filters.waiting

export function waitingPast(seconds: number): ContactFilter {
  return { ...filters.waiting, pastSeconds: seconds }
}

/** The interval that runs, until now; null where those of the queues differ in length and do not begin together. */
function runningInterval(rows: readonly LinkedRow[], nowMs: number): ContactSpan | null {
  const [first] = rows
  const toMs = Math.floor(nowMs)
  if (first === undefined || first.intervalStartMs >= toMs) return null
  const together = rows.every(({ intervalStartMs }) => intervalStartMs === first.intervalStartMs)
  return together ? inView(rows, { fromMs: first.intervalStartMs, toMs }) : null
}

/** Always by arrival. */
export function lastHalfHour(nowMs: number): ContactSpan {
  const toMs = Math.floor(nowMs)
  return { fromMs: toMs - HALF_HOUR_MS, toMs }
}

/** Of one tile of a figure, over all of its queues. */
export function measureHash(
  measure: FigureMeasure,
  rows: readonly LinkedRow[],
  day: string,
  nowMs: number,
): string | null {
  const today = inView(rows, { day })
  switch (measure) {
    case 'waiting':
    case 'longest-wait':
      return contactsHash(rows, { day }, filters.waiting)
    case 'arrivals':
      return contactsHash(rows, today, filters.offered)
    case 'abandoned':
    case 'abandoned-share':
      return contactsHash(rows, today, filters.abandoned)
    case 'asa':
    case 'aht':
      return contactsHash(rows, today, filters.answered)
    case 'level-half-hour':
      return contactsHash(rows, lastHalfHour(nowMs), missedOf(rows))
    case 'level-today':
    case 'misses-left':
      return contactsHash(rows, today, missedOf(rows))
    case 'level-now': {
      const span = runningInterval(rows, nowMs)
      return span === null ? null : contactsHash(rows, span, missedOf(rows))
    }
    // No contacts: what they are made of is shown in their place (behind.svelte.ts).
    case 'occupancy':
    case 'free':
    case 'staffed':
    case 'heads-missing':
    case 'projected-level':
      return null
  }
}
