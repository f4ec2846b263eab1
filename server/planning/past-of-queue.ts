/** The past of a queue without its one-offs, cut where it ends: what its own forecast and a borrower's are learned from. */
import type { QueueSetting } from '../domain/settings.ts'
import { addDays, type SiteDay, weekdayOf } from '../domain/site-calendar.ts'
import type { SpecialDayBody } from '../wire/forecast-api.ts'
import { daysBetween } from './forecast-span.ts'
import { type QueueHistory, readHistory, type TotalsReader } from './history.ts'
import type { PlanningSettings } from './planning-settings.ts'
import type { OneOffMark, PlanningStore } from './planning-store.ts'
import { specialDays } from './special-days.ts'

/** A history that ends longer ago than this is forecast from its end: nothing of today's level can be said. */
const GAP_DAYS_MAX = 28
/** Weeks before a day without rows that tell whether it usually has some. */
const USUAL_WEEKS = 2

export interface PastOfQueue {
  readonly history: QueueHistory
  /** First day that the forecast is of: `beforeDay`, or the day after the history when that ended long ago. */
  readonly originDay: SiteDay
  readonly lastKnownDay: SiteDay
  /** Days before the origin of which nothing is known although something should be. */
  readonly missedDays: number
  readonly oneOffMarks: number
}

export interface PastSources {
  readonly store: Pick<PlanningStore, 'oneOffs'>
  readonly totals: TotalsReader
  readonly settings: Pick<PlanningSettings, 'site' | 'specialDayEntries'>
}

/** Undefined when the queue had no contact before `beforeDay` on slots of that length. */
export async function pastOfQueue(
  { store, totals, settings }: PastSources,
  { id, queue }: { readonly id: string; readonly queue: QueueSetting },
  { slotMinutes, beforeDay }: { readonly slotMinutes: number; readonly beforeDay: SiteDay },
): Promise<PastOfQueue | undefined> {
  const read = await readHistory(totals, id, queue.zone, slotMinutes, beforeDay)
  const history = read === undefined ? undefined : sinceFirstContact(read)
  if (history === undefined) return undefined
  const historyEnd = addDays(history.firstDay, lastKnownIndex(history) + 1)
  const isOld = daysBetween(historyEnd, beforeDay) > GAP_DAYS_MAX
  const originDay = isOld ? historyEnd : beforeDay
  const specials = specialDays(
    { region: settings.site().holidayRegion, entries: settings.specialDayEntries() },
    { queueId: id, fromDay: historyEnd, toDay: originDay },
  )
  const marks = await activeMarks(store, {
    queueId: id,
    fromDay: history.firstDay,
    toDay: addDays(originDay, -1),
  })
  blankMarks(history, marks)
  return {
    history,
    originDay,
    lastKnownDay: addDays(historyEnd, -1),
    missedDays: missedDays(history, queue, { historyEnd, originDay, specials }),
    oneOffMarks: marks.length,
  }
}

/** Closed days report a queue from the day on which it was set up: what it had before its first contact is no past. */
function sinceFirstContact(history: QueueHistory): QueueHistory | undefined {
  const { contacts, handled, handleSeconds, slotMinutes, firstDay, dayCount } = history
  const slots = 1440 / slotMinutes
  const first = contacts.findIndex((count) => count > 0)
  if (first < 0) return undefined
  const skipped = Math.floor(first / slots)
  if (skipped === 0) return history
  return {
    slotMinutes,
    firstDay: addDays(firstDay, skipped),
    dayCount: dayCount - skipped,
    contacts: contacts.slice(skipped * slots),
    handled: handled.slice(skipped * slots),
    handleSeconds: handleSeconds.slice(skipped * slots),
  }
}

/** From the first day that should have rows and has none; a weekend or a holiday without any is no gap. */
function missedDays(
  history: QueueHistory,
  queue: QueueSetting,
  gap: {
    readonly historyEnd: SiteDay
    readonly originDay: SiteDay
    readonly specials: readonly SpecialDayBody[]
  },
): number {
  const { historyEnd, originDay, specials } = gap
  for (let day = historyEnd; day < originDay; day = addDays(day, 1)) {
    const isOpen = (queue.openingHours[weekdayOf(day)] ?? []).length > 0
    const mayBeShut = specials.some(
      (special) => special.day === day && (special.kind === 'holiday' || special.kind === 'closed'),
    )
    const index = daysBetween(history.firstDay, day)
    const usual = Array.from({ length: USUAL_WEEKS }, (_, week) => index - 7 * (week + 1)).some((before) =>
      isKnownDay(history, before),
    )
    if (isOpen && usual && !mayBeShut) return daysBetween(day, originDay)
  }
  return 0
}

export async function activeMarks(
  store: Pick<PlanningStore, 'oneOffs'>,
  span: { readonly queueId: string; readonly fromDay: SiteDay; readonly toDay: SiteDay },
): Promise<readonly OneOffMark[]> {
  return (await store.oneOffs(span)).filter(({ removedAtMs }) => removedAtMs === null)
}

function lastKnownIndex(history: QueueHistory): number {
  for (let index = history.dayCount - 1; index >= 0; index -= 1) if (isKnownDay(history, index)) return index
  return -1
}

function isKnownDay({ contacts, slotMinutes }: QueueHistory, index: number): boolean {
  const slots = 1440 / slotMinutes
  return (
    index >= 0 && contacts.subarray(index * slots, (index + 1) * slots).some((count) => !Number.isNaN(count))
  )
}

/** A marked stretch is unknown: the model completes the day without it. */
function blankMarks(history: QueueHistory, marks: readonly OneOffMark[]): void {
  const slots = 1440 / history.slotMinutes
  for (const { day, fromMinute, toMinute } of marks) {
    const from = daysBetween(history.firstDay, day) * slots
    if (from < 0 || from >= history.contacts.length) continue
    for (let slot = 0; slot < slots; slot += 1) {
      const minute = slot * history.slotMinutes
      if (minute + history.slotMinutes <= fromMinute || minute >= toMinute) continue
      history.contacts[from + slot] = Number.NaN
      history.handled[from + slot] = Number.NaN
      history.handleSeconds[from + slot] = Number.NaN
    }
  }
}
