// History made ready for every method: day totals, what is missing, what is closed, the class of each day.

import type { EpochDay, SpecialDay } from './calendar.ts'
import {
  CLASS_COUNT,
  FLAG_BRIDGE,
  FLAG_CLOSED,
  FLAG_MISSING,
  type SeriesCalendar,
  seriesCalendar,
} from './special-days.ts'
import { at, medianOf } from './vector.ts'

/** Counts of one series on a fixed grid of wall-clock slots. */
export interface SeriesHistory {
  /** Length of a slot in minutes; divides 1440. */
  readonly slotMinutes: number
  /** The wall-clock day of the first row of the matrix. */
  readonly firstDay: EpochDay
  /** One value per day and slot, day by day; NaN = no row (closed or unknown). */
  readonly counts: Float64Array
  /** Handling seconds of the same slots, NaN = none known. */
  readonly handleSeconds?: Float64Array
  /** Handled contacts of the same slots; absent = the counts. */
  readonly handled?: Float64Array
}

/** Older history than this teaches nothing any more and costs time. */
const HISTORY_DAYS_MAX = 1900
/** A class counts as closed when its median day is below this part of the mean day. */
const CLOSED_CLASS_RATIO = 0.06
const RECENT_DAYS = 84

/** A history cut at the origin. Day indices count from `firstDay`; `originIndex` is the first day not fully known. */
export interface PreparedSeries {
  readonly slots: number
  readonly slotMinutes: number
  readonly firstDay: EpochDay
  readonly originIndex: number
  readonly horizonDays: number
  /** Counts of the known days, NaN = no row. */
  readonly counts: Float64Array
  /** Day totals, completed for missing slots; NaN = the day teaches nothing. */
  readonly totals: Float64Array
  /** Class 0…6 of each day, history and horizon. */
  readonly classOf: Uint8Array
  readonly flags: Uint8Array
  /** Known volume ratio of event days, 1 elsewhere. */
  readonly impactRatios: Float64Array
  /** Names of the events, by day index, whose ratio nobody stated: it is learned. */
  readonly namedEvents: ReadonlyMap<number, string>
  /** Names under which holidays and eves come again in other years. */
  readonly yearlyNames: ReadonlyMap<number, string>
  /** Per class: closed or nearly so; its days are left out of the day model. */
  readonly closedClass: readonly boolean[]
  /** Mean total of the last days of a closed class. */
  readonly closedClassMean: Float64Array
  /** Number of known days that carry a total. */
  readonly usableDays: number
}

/** Where a forecast starts and how far it goes. */
export interface ForecastWindow {
  readonly originDay: EpochDay
  readonly days: number
  readonly specialDays: readonly SpecialDay[]
}

/** Cuts the history at the origin and reads the calendar; nothing at or after `originDay` is looked at. */
export function prepareSeries(history: SeriesHistory, window: ForecastWindow): PreparedSeries {
  const slots = Math.round(1440 / history.slotMinutes)
  const { counts, firstDay } = cutAtOrigin(history, slots, window.originDay)
  const originIndex = counts.length / slots
  // One more than is forecast: what the last day is depends on the one after it.
  const dayCount = originIndex + window.days + 1
  const raw = rawTotals(counts, slots, originIndex)
  const calendar = seriesCalendar(raw, firstDay, dayCount, window.specialDays)
  const totals = completeTotals(counts, slots, raw, calendar)
  dropUnmarkedClosures(totals, calendar.classOf)
  const { closedClass, closedClassMean } = findClosedClasses(totals, raw, calendar)
  let usableDays = 0
  for (let day = 0; day < originIndex; day++) if (!Number.isNaN(at(totals, day))) usableDays++
  return {
    slots,
    slotMinutes: history.slotMinutes,
    firstDay,
    originIndex,
    horizonDays: window.days,
    counts,
    totals,
    ...calendar,
    closedClass,
    closedClassMean,
    usableDays,
  }
}

function cutAtOrigin(
  history: SeriesHistory,
  slots: number,
  originDay: EpochDay,
): { counts: Float64Array; firstDay: EpochDay } {
  const source = history.counts
  const sourceDays = Math.floor(source.length / slots)
  let skipped = Math.max(0, originDay - history.firstDay - HISTORY_DAYS_MAX)
  const known = Math.min(sourceDays, originDay - history.firstDay)
  while (skipped < known && isEmptyDay(source, skipped * slots, slots)) skipped++
  const firstDay = history.firstDay + skipped
  if (skipped >= known) return { counts: new Float64Array(0), firstDay: originDay }
  const counts = new Float64Array((originDay - firstDay) * slots).fill(Number.NaN)
  for (let i = skipped * slots; i < known * slots; i++) {
    const value = at(source, i)
    if (value >= 0 && value < Number.POSITIVE_INFINITY) counts[i - skipped * slots] = value
  }
  return { counts, firstDay }
}

function isEmptyDay(counts: Float64Array, from: number, slots: number): boolean {
  for (let i = from; i < from + slots; i++) if (!Number.isNaN(at(counts, i))) return false
  return true
}

function rawTotals(counts: Float64Array, slots: number, days: number): Float64Array {
  const totals = new Float64Array(days).fill(Number.NaN)
  for (let day = 0; day < days; day++) {
    let sum = 0
    let seen = 0
    for (let i = day * slots; i < (day + 1) * slots; i++) {
      const value = at(counts, i)
      if (!Number.isNaN(value)) {
        sum += value
        seen++
      }
    }
    if (seen > 0) totals[day] = sum
  }
  return totals
}

/** A day with holes where its class usually has rows is scaled up by the part of the day that was seen. */
function completeTotals(
  counts: Float64Array,
  slots: number,
  raw: Float64Array,
  calendar: SeriesCalendar,
): Float64Array {
  const totals = Float64Array.from(raw)
  const usual = usualSlots(counts, slots, raw, calendar)
  for (let day = 0; day < raw.length; day++) {
    if (((calendar.flags[day] ?? 0) & (FLAG_CLOSED | FLAG_MISSING | FLAG_BRIDGE)) !== 0)
      totals[day] = Number.NaN
    if (Number.isNaN(at(totals, day))) continue
    const seen = seenShare(counts, day * slots, usual, (calendar.classOf[day] ?? 0) * slots, slots)
    totals[day] = seen < 0.6 ? Number.NaN : at(raw, day) / seen
  }
  return totals
}

/** Mean count per class and slot over the days that have the row; 0 where most days of the class have none. */
function usualSlots(
  counts: Float64Array,
  slots: number,
  raw: Float64Array,
  calendar: SeriesCalendar,
): Float64Array {
  const sums = new Float64Array(CLASS_COUNT * slots)
  const rows = new Float64Array(CLASS_COUNT * slots)
  const days = new Float64Array(CLASS_COUNT)
  for (let day = Math.max(0, raw.length - 364); day < raw.length; day++) {
    if (Number.isNaN(at(raw, day)) || calendar.flags[day] !== 0) continue
    const group = calendar.classOf[day] ?? 0
    days[group] = at(days, group) + 1
    for (let slot = 0; slot < slots; slot++) {
      const value = at(counts, day * slots + slot)
      if (Number.isNaN(value)) continue
      sums[group * slots + slot] = at(sums, group * slots + slot) + value
      rows[group * slots + slot] = at(rows, group * slots + slot) + 1
    }
  }
  return sums.map((sum, i) => (at(rows, i) > 0.5 * at(days, Math.floor(i / slots)) ? sum / at(rows, i) : 0))
}

function seenShare(
  counts: Float64Array,
  from: number,
  usual: Float64Array,
  usualFrom: number,
  slots: number,
): number {
  let whole = 0
  let seen = 0
  for (let slot = 0; slot < slots; slot++) {
    const expected = at(usual, usualFrom + slot)
    whole += expected
    if (!Number.isNaN(at(counts, from + slot))) seen += expected
  }
  return whole <= 0 ? 1 : seen / whole
}

/** A day with less than this part of the days of its class around it was closed; a wrong number or two is dialled all the same. */
const UNMARKED_CLOSURE_RATIO = 0.01

/** A lone day of next to nothing between busy days of its class is a closure nobody marked; a long run of them is the truth. */
function dropUnmarkedClosures(totals: Float64Array, classOf: Uint8Array): void {
  const lone: number[] = []
  for (let day = 0; day < totals.length; day++) {
    const before = nearestOfClass(totals, classOf, day, -1)
    const after = nearestOfClass(totals, classOf, day, 1)
    const least = Math.max(8, at(totals, day) / UNMARKED_CLOSURE_RATIO)
    if (before >= least && (after >= least || (Number.isNaN(after) && totals.length - day <= 7)))
      lone.push(day)
  }
  for (const day of lone) totals[day] = Number.NaN
}

function nearestOfClass(totals: Float64Array, classOf: Uint8Array, from: number, step: number): number {
  for (
    let day = from + step, tries = 0;
    day >= 0 && day < totals.length && tries < 28;
    day += step, tries++
  ) {
    if (classOf[day] === classOf[from] && !Number.isNaN(at(totals, day))) return at(totals, day)
  }
  return Number.NaN
}

function findClosedClasses(
  totals: Float64Array,
  raw: Float64Array,
  calendar: SeriesCalendar,
): Pick<PreparedSeries, 'closedClass' | 'closedClassMean'> {
  const groups: number[][] = Array.from({ length: CLASS_COUNT }, () => [])
  const from = Math.max(0, totals.length - RECENT_DAYS)
  for (let day = from; day < totals.length; day++) {
    if ((calendar.flags[day] ?? 0) !== 0) continue
    const total = Number.isNaN(at(totals, day)) && at(raw, day) === 0 ? 0 : at(totals, day)
    if (!Number.isNaN(total)) groups[calendar.classOf[day] ?? 0]?.push(total)
  }
  const everything = groups.flat()
  const mean =
    everything.length === 0 ? 0 : everything.reduce((sum, total) => sum + total, 0) / everything.length
  const closedClass = groups.map((group) =>
    group.length === 0 ? totals.length >= 14 : medianOf(group) < CLOSED_CLASS_RATIO * mean,
  )
  const closedClassMean = Float64Array.from(groups, (group) => {
    const last = group.slice(-8)
    const own = last.reduce((sum, total) => sum + Math.min(total, CLOSED_CLASS_RATIO * mean), 0)
    return last.length === 0 ? 0 : own / last.length
  })
  return { closedClass, closedClassMean }
}
