/** The past of a queue as the forecast wants it: days × wall-clock slots, from the ledger's closed days and from imported totals. */

import { addDays, dayStartMs, epochMsToWallClock, type SiteDay } from '../domain/site-calendar.ts'
import type { IntervalTotal } from '../ledger/ledger.ts'
import type { DayReport } from '../state/figures.ts'

/** Source name of totals that were folded from the ledger itself; they outrank imported ones of the same day. */
export const LEDGER_TOTALS_SOURCE = 'vigie:ledger'
/** Three years: more than the longest memory of the model. */
const HISTORY_DAYS_MAX = 1096
const DAY_MINUTES = 1440

export interface QueueHistory {
  readonly firstDay: SiteDay
  readonly dayCount: number
  readonly slotMinutes: number
  /** dayCount × slots of a day, NaN = no row (closed or unknown). */
  readonly contacts: Float64Array
  readonly handled: Float64Array
  readonly handleSeconds: Float64Array
}

export interface TotalsReader {
  intervalTotals(queueId: string, fromMs: number, toMs: number): Promise<readonly IntervalTotal[]>
}

/** The totals that a closed day adds to the history; none for a day on which the whole site was silent (no feed, not no calls). */
export function totalsOfReport(
  report: DayReport,
  intervalMinutesOf: (queueId: string) => number,
): readonly IntervalTotal[] {
  if (report.queues.every((queue) => queue.offered === 0)) return []
  return report.queues.flatMap((queue) =>
    queue.intervals.map((interval) => ({
      queueId: queue.queue,
      source: LEDGER_TOTALS_SOURCE,
      startMs: Date.parse(interval.start),
      intervalMinutes: intervalMinutesOf(queue.queue),
      contacts: interval.offered,
      handled: interval.ahtSeconds === null ? 0 : interval.answered,
      handleSeconds: (interval.ahtSeconds ?? 0) * interval.answered,
    })),
  )
}

/**
 * Reads the days before `beforeDay`. Finer rows are summed into the slot; a row coarser than the slot is left out, since
 * splitting it would invent a shape. A repeated hour adds up under one label.
 */
export async function readHistory(
  reader: TotalsReader,
  queueId: string,
  zone: string,
  slotMinutes: number,
  beforeDay: SiteDay,
): Promise<QueueHistory | undefined> {
  const fromMs = dayStartMs(zone, addDays(beforeDay, -HISTORY_DAYS_MAX))
  const totals = await reader.intervalTotals(queueId, fromMs, dayStartMs(zone, beforeDay))
  const usable = totals.filter((total) => total.intervalMinutes <= slotMinutes)
  if (usable.length === 0) return undefined
  const wallOf = (total: IntervalTotal) => epochMsToWallClock(zone, total.startMs)
  const dayIndexOf = (wallMs: number) => Math.floor(wallMs / 86_400_000)
  let firstIndex = Number.POSITIVE_INFINITY
  const ledgerDays = new Set<number>()
  for (const total of usable) {
    const index = dayIndexOf(wallOf(total))
    if (index < firstIndex) firstIndex = index
    if (total.source === LEDGER_TOTALS_SOURCE) ledgerDays.add(index)
  }
  const endIndex = Math.floor(Date.parse(`${beforeDay}T00:00:00Z`) / 86_400_000)
  const slots = DAY_MINUTES / slotMinutes
  const dayCount = endIndex - firstIndex
  const contacts = new Float64Array(dayCount * slots).fill(Number.NaN)
  const handled = new Float64Array(dayCount * slots)
  const handleSeconds = new Float64Array(dayCount * slots)
  for (const total of usable) {
    const wallMs = wallOf(total)
    const index = dayIndexOf(wallMs)
    if (ledgerDays.has(index) && total.source !== LEDGER_TOTALS_SOURCE) continue
    const slot = Math.floor((wallMs / 60_000 - index * DAY_MINUTES) / slotMinutes)
    const cell = (index - firstIndex) * slots + slot
    const before = contacts[cell] ?? Number.NaN
    contacts[cell] = Number.isNaN(before) ? total.contacts : before + total.contacts
    handled[cell] = (handled[cell] ?? 0) + total.handled
    handleSeconds[cell] = (handleSeconds[cell] ?? 0) + total.handleSeconds
  }
  const firstDay = new Date(firstIndex * 86_400_000).toISOString().slice(0, 10)
  return { firstDay, dayCount, slotMinutes, contacts, handled, handleSeconds }
}
