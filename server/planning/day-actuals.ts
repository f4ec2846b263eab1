/** What came: contacts and handling times by interval of a queue's days, from the history and, for the running day, from the fold. */
import { addDays, dayStartMs, type SiteDay, siteDayOf } from '../domain/site-calendar.ts'
import type { IntervalTotal } from '../ledger/ledger.ts'
import { dayGrid } from './day-grid.ts'
import type { RunningDayReader } from './forecast-runner.ts'
import { LEDGER_TOTALS_SOURCE, type TotalsReader } from './history.ts'
import type { PlanningSettings } from './planning-settings.ts'
import type { QueueSpan } from './planning-store.ts'

/** Columns by interval of the day; null where the interval is not over or nothing is known. */
export interface DayActual {
  readonly contacts: readonly (number | null)[]
  readonly ahtSeconds: readonly (number | null)[]
}

export interface DayActualsSources {
  readonly totals: TotalsReader
  readonly running: RunningDayReader
  readonly settings: PlanningSettings
  readonly nowMs: () => number
}

/** Days of the span that anything is known of. */
export async function actualsOf(
  { totals, running, settings, nowMs }: DayActualsSources,
  span: QueueSpan,
): Promise<ReadonlyMap<SiteDay, DayActual>> {
  const queue = settings.queue(span.queueId)
  const found = new Map<SiteDay, DayActual>()
  if (queue === undefined) return found
  const { zone, intervalMinutes } = queue
  const today = siteDayOf(zone, nowMs())
  const lastDay = span.toDay < today ? span.toDay : today
  if (span.fromDay > lastDay) return found
  const rows = await totals.intervalTotals(
    span.queueId,
    dayStartMs(zone, span.fromDay),
    dayStartMs(zone, addDays(lastDay, 1)),
  )
  const rowsByDay = new Map<SiteDay, IntervalTotal[]>()
  for (const row of rows) {
    if (row.intervalMinutes > intervalMinutes) continue
    const day = siteDayOf(zone, row.startMs)
    const ofDay = rowsByDay.get(day)
    if (ofDay === undefined) rowsByDay.set(day, [row])
    else ofDay.push(row)
  }
  for (let day = span.fromDay; day <= lastDay; day = addDays(day, 1)) {
    const starts = dayGrid(queue, day).map(({ startMs }) => startMs)
    const ofDay = rowsByDay.get(day)
    const closed =
      ofDay === undefined || day === today ? undefined : fromTotals(ofDay, starts, intervalMinutes)
    const actual =
      closed ??
      (await foldedDay(running, span.queueId, day, today)) ??
      (ofDay === undefined ? undefined : fromTotals(ofDay, starts, intervalMinutes))
    if (actual !== undefined && actual.contacts.length === starts.length) found.set(day, actual)
  }
  return found
}

/** Today, and yesterday as long as it is not closed: older days without totals are not folded for a page. */
async function foldedDay(
  running: RunningDayReader,
  queueId: string,
  day: SiteDay,
  today: SiteDay,
): Promise<DayActual | undefined> {
  if (day < addDays(today, -1)) return undefined
  const intervals = await running.runningDay(queueId, day)
  // A day on which nothing arrived at all has no feed rather than no calls.
  if (intervals?.some(({ contacts }) => contacts !== null && contacts > 0) !== true) return undefined
  return {
    contacts: intervals.map(({ contacts }) => contacts),
    ahtSeconds: intervals.map(({ handled, handleSeconds }) => (handled > 0 ? handleSeconds / handled : null)),
  }
}

function fromTotals(
  rows: readonly IntervalTotal[],
  starts: readonly number[],
  intervalMinutes: number,
): DayActual {
  // What was folded from the ledger outranks what was imported for the same day.
  const folded = rows.filter(({ source }) => source === LEDGER_TOTALS_SOURCE)
  const stepMs = intervalMinutes * 60_000
  const sums = starts.map(() => ({ rows: 0, contacts: 0, handled: 0, handleSeconds: 0 }))
  const first = starts[0] ?? 0
  for (const row of folded.length > 0 ? folded : rows) {
    const sum = sums[Math.floor((row.startMs - first) / stepMs)]
    if (sum === undefined) continue
    sum.rows += 1
    sum.contacts += row.contacts
    sum.handled += row.handled
    sum.handleSeconds += row.handleSeconds
  }
  return {
    contacts: sums.map((sum) => (sum.rows > 0 ? sum.contacts : null)),
    ahtSeconds: sums.map(({ handled, handleSeconds }) => (handled > 0 ? handleSeconds / handled : null)),
  }
}
