/** Which contacts stand behind a figure of a board, as an address; null where no contacts do (heads, forecasts). Pure. */
import type { BoardQueueRow } from '../../../server/wire/board.ts'
import type { FigureMeasure } from '../../../server/wire/board-composition.ts'
import { ALL_CONTACTS, type ContactFilter, type ContactSpan } from '../contacts/contact-query.ts'
import { figureFilters, missedFilter } from '../contacts/figure-filters.ts'
import { routeHash } from '../shell/route.ts'

const HALF_HOUR_MS = 1_800_000

type LinkedRow = Pick<BoardQueueRow, 'queueId' | 'promise'>

/** Only counts that hang on no limit of short abandons: a board does not send it. */
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

/**
 * What a level leads to: the contacts that it counts as missed. All of them where the queues promise different things,
 * or where the formula leaves out short abandons, whose limit a board does not know.
 */
export function missedOf(rows: readonly LinkedRow[]): ContactFilter {
  const [first] = rows
  if (first === undefined) return ALL_CONTACTS
  const { formula, answerThresholdSeconds } = first.promise
  const same = rows.every(
    ({ promise }) => promise.formula === formula && promise.answerThresholdSeconds === answerThresholdSeconds,
  )
  if (!same || formula === 'SL5' || formula === 'SL6') return ALL_CONTACTS
  return missedFilter(formula, { answerThresholdSeconds, shortAbandonSeconds: 0 })
}

export const waitingFilter: ContactFilter = filters.waiting

export function waitingPast(seconds: number): ContactFilter {
  return { ...filters.waiting, pastSeconds: seconds }
}

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
  switch (measure) {
    case 'waiting':
    case 'longest-wait':
      return contactsHash(rows, { day }, filters.waiting)
    case 'arrivals':
      return contactsHash(rows, { day }, filters.offered)
    case 'abandoned':
    case 'abandoned-share':
      return contactsHash(rows, { day }, filters.abandoned)
    case 'asa':
    case 'aht':
      return contactsHash(rows, { day }, filters.answered)
    case 'level-half-hour':
      return contactsHash(rows, lastHalfHour(nowMs), missedOf(rows))
    case 'level-today':
    case 'misses-left':
      return contactsHash(rows, { day }, missedOf(rows))
    // The queues' running intervals may differ in length.
    case 'level-now':
    case 'occupancy':
    case 'free':
    case 'staffed':
    case 'heads-missing':
    case 'projected-level':
      return null
  }
}
