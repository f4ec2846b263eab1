// The calendar of a series: each day's class and flags, what was learned of holidays without a class, and the days around them.

import { dateOf, daysFromEaster, type EpochDay, type SpecialDay, weekdayOf } from './calendar.ts'
import { at, medianOf } from './vector.ts'

export const FLAG_HOLIDAY = 1
export const FLAG_EVE = 2
export const FLAG_AFTER_CLOSURE = 4
export const FLAG_CLOSED = 8
export const FLAG_MISSING = 16
export const FLAG_EVENT = 32
export const FLAG_BRIDGE = 64

/** A holiday, an eve or an event: one of few of its kind. */
export function isSpecial(flags: number): boolean {
  return (flags & (FLAG_HOLIDAY | FLAG_EVE | FLAG_EVENT)) !== 0
}

/** Weekday classes; special days are put into one of them. */
export const CLASS_COUNT = 7

/** What is known of each day, history and horizon, before anything is fitted. */
export interface SeriesCalendar {
  readonly classOf: Uint8Array
  readonly flags: Uint8Array
  readonly impactRatios: Float64Array
  readonly namedEvents: ReadonlyMap<number, string>
  /** Per holiday and eve, what it has in common with those of other years: its name, its date, or its distance from Easter. */
  readonly yearlyNames: ReadonlyMap<number, string>
}

/** Reads the calendar and settles what the counts of the known days say about it. */
export function seriesCalendar(
  raw: Float64Array,
  firstDay: EpochDay,
  dayCount: number,
  specialDays: readonly SpecialDay[],
): SeriesCalendar {
  const calendar = readCalendar(firstDay, dayCount, specialDays)
  settleClasses(calendar, raw, specialDays, firstDay)
  flagDaysAfterClosures(calendar, raw, firstDay)
  learnBridges(calendar, raw, firstDay)
  return calendar
}

function readCalendar(
  firstDay: EpochDay,
  dayCount: number,
  specialDays: readonly SpecialDay[],
): SeriesCalendar {
  const classOf = Uint8Array.from({ length: dayCount }, (_, day) => weekdayOf(firstDay + day))
  const flags = new Uint8Array(dayCount)
  const impactRatios = new Float64Array(dayCount).fill(1)
  const namedEvents = new Map<number, string>()
  for (const special of specialDays) {
    const start = special.day - firstDay + (special.lagDays ?? 0)
    for (let day = start; day < start + (special.lengthDays ?? 1); day++) {
      if (day < 0 || day >= dayCount) continue
      flags[day] = (flags[day] ?? 0) | flagOf(special)
      if (special.treatAsWeekday !== undefined) classOf[day] = special.treatAsWeekday
      if (special.impactRatio !== undefined)
        impactRatios[day] = at(impactRatios, day) * Math.max(0, special.impactRatio)
      else if (special.kind === 'event' && special.name !== undefined) namedEvents.set(day, special.name)
    }
  }
  return {
    classOf,
    flags,
    impactRatios,
    namedEvents,
    yearlyNames: yearlyNamesOf(firstDay, dayCount, specialDays),
  }
}

function flagOf(special: SpecialDay): number {
  switch (special.kind) {
    case 'holiday':
      return FLAG_HOLIDAY
    case 'eve':
      return FLAG_EVE
    case 'closed':
      return FLAG_CLOSED
    case 'missing':
      return FLAG_MISSING
    case 'event':
      return FLAG_EVENT
  }
}

/** Holidays and eves differ in name only where a calendar gives names; dates come again, and so does the distance from Easter. */
function yearlyNamesOf(
  firstDay: EpochDay,
  dayCount: number,
  specialDays: readonly SpecialDay[],
): Map<number, string> {
  const yearly = specialDays.filter(({ kind }) => kind === 'holiday' || kind === 'eve')
  const years = new Map<string, Set<string>>()
  for (const { day } of yearly) {
    const date = dateOf(day)
    const known = years.get(date.slice(5)) ?? new Set()
    years.set(date.slice(5), known.add(date.slice(0, 4)))
  }
  const names = new Map<number, string>()
  for (const { day, kind, name } of yearly) {
    const index = day - firstDay
    if (index < 0 || index >= dayCount) continue
    const date = dateOf(day)
    const repeats = (years.get(date.slice(5))?.size ?? 0) > 1
    names.set(index, `${kind} ${name ?? (repeats ? date.slice(5) : daysFromEaster(day))}`)
  }
  return names
}

/** A holiday or eve whose class nobody gave goes with what earlier ones resembled; a first holiday with the quietest weekday. */
function settleClasses(
  calendar: SeriesCalendar,
  raw: Float64Array,
  specialDays: readonly SpecialDay[],
  firstDay: EpochDay,
): void {
  for (const kind of ['holiday', 'eve'] as const) {
    const open = specialDays.filter(
      (special) => special.kind === kind && special.treatAsWeekday === undefined,
    )
    const past = open.map((special) => at(raw, special.day - firstDay)).filter((total) => total >= 0)
    const best =
      past.length > 0
        ? resembledClass(raw, calendar, medianOf(past))
        : kind === 'holiday'
          ? quietestClass(raw, calendar)
          : undefined
    if (best === undefined) continue
    for (const special of open) {
      const day = special.day - firstDay
      if (day >= 0 && day < calendar.classOf.length) calendar.classOf[day] = best
    }
  }
}

/** The class whose median day is nearest to a total; the quietest one unless another is clearly nearer. */
function resembledClass(raw: Float64Array, calendar: SeriesCalendar, wanted: number): number {
  let best = quietestClass(raw, calendar)
  const distance = (weekday: number): number =>
    Math.abs(Math.log((wanted + 5) / (classMedian(raw, calendar, weekday) + 5)))
  for (const weekday of [6, 5, 4, 3, 2, 1, 0]) if (distance(weekday) < distance(best) - 0.1) best = weekday
  return best
}

/** Sunday in most weeks, Saturday in some; Sunday as well when several are as quiet. */
function quietestClass(raw: Float64Array, calendar: SeriesCalendar): number {
  let best = 6
  for (const weekday of [5, 4, 3, 2, 1, 0])
    if (classMedian(raw, calendar, weekday) < classMedian(raw, calendar, best)) best = weekday
  return best
}

/** A day that is this much busier than the closure before it usually is has something to catch up with. */
const CATCH_UP_RATIO = 1.2
/** A Saturday with less than this of the busiest weekday catches up with nothing. */
const WORKING_DAY_RATIO = 0.7

/** Work waits for the first busy day after a closure; a holiday on a Sunday keeps nobody waiting, nor does a Saturday catch up. */
function flagDaysAfterClosures(calendar: SeriesCalendar, raw: Float64Array, firstDay: EpochDay): void {
  const { flags, classOf } = calendar
  const medians = Array.from({ length: CLASS_COUNT }, (_, group) => classMedian(raw, calendar, group))
  const busiest = Math.max(...medians)
  for (let day = 1; day < flags.length; day++) {
    if (flags[day] !== 0) continue
    const before = flags[day - 1] ?? 0
    const usual = medians[classOf[day] ?? 0] ?? 0
    if (usual < WORKING_DAY_RATIO * busiest) continue
    const extra =
      (before & FLAG_HOLIDAY) !== 0 &&
      classOf[day - 1] !== weekdayOf(firstDay + day - 1) &&
      usual > CATCH_UP_RATIO * (medians[classOf[day - 1] ?? 0] ?? 0)
    if ((before & FLAG_CLOSED) !== 0 || extra) flags[day] = FLAG_AFTER_CLOSURE
  }
}

/** What a bridge day is thought to have of a usual day before any was seen, worth so many days. */
const BRIDGE_DAYS_BELIEVED = 0.5
/** A ratio nearer to 1 than this is left to the model: most bridge days are days like others. */
const BRIDGE_RATIO_MAX = 0.7

/**
 * A working day alone between a holiday and a weekend is often taken off. Where earlier such days were, their mean ratio
 * is what the coming ones are forecast with; the earlier ones teach nothing else.
 */
function learnBridges(calendar: SeriesCalendar, raw: Float64Array, firstDay: EpochDay): void {
  const medians = Array.from({ length: CLASS_COUNT }, (_, group) => classMedian(raw, calendar, group))
  const bridges: number[] = []
  let ratios = BRIDGE_DAYS_BELIEVED
  let days = BRIDGE_DAYS_BELIEVED
  for (let day = 1; day + 1 < calendar.flags.length; day++) {
    if (!isBridge(calendar, medians, firstDay, day)) continue
    bridges.push(day)
    const usual = day < raw.length ? nearMedian(raw, calendar, day) : Number.NaN
    if (!(usual > 0) || Number.isNaN(at(raw, day))) continue
    ratios += Math.min(1, at(raw, day) / usual)
    days++
  }
  const ratio = ratios / days
  if (ratio > BRIDGE_RATIO_MAX) return
  for (const day of bridges) {
    calendar.impactRatios[day] = at(calendar.impactRatios, day) * ratio
    calendar.flags[day] = FLAG_BRIDGE
  }
}

function isBridge(
  { flags, classOf }: SeriesCalendar,
  medians: readonly number[],
  firstDay: EpochDay,
  day: number,
): boolean {
  if (((flags[day] ?? 0) & ~FLAG_AFTER_CLOSURE) !== 0) return false
  const usual = medians[classOf[day] ?? 0] ?? 0
  const holiday = (other: number): boolean =>
    ((flags[other] ?? 0) & FLAG_CLOSED) !== 0 ||
    (((flags[other] ?? 0) & FLAG_HOLIDAY) !== 0 && classOf[other] !== weekdayOf(firstDay + other))
  const rest = (other: number): boolean => (medians[classOf[other] ?? 0] ?? 0) < BRIDGE_RATIO_MAX * usual
  return (holiday(day - 1) && rest(day + 1)) || (holiday(day + 1) && rest(day - 1))
}

/** Median of the same class within six weeks of a day. */
function nearMedian(raw: Float64Array, calendar: SeriesCalendar, day: number): number {
  const found: number[] = []
  for (let other = Math.max(0, day - 42); other < Math.min(raw.length, day + 43); other++)
    if (other !== day && calendar.flags[other] === 0 && calendar.classOf[other] === calendar.classOf[day])
      if (at(raw, other) >= 0) found.push(at(raw, other))
  return found.length < 2 ? Number.NaN : medianOf(found)
}

function classMedian(totals: Float64Array, calendar: SeriesCalendar, weekday: number): number {
  const found: number[] = []
  for (let day = Math.max(0, totals.length - 182); day < totals.length; day++) {
    if (calendar.classOf[day] === weekday && calendar.flags[day] === 0 && at(totals, day) >= 0)
      found.push(at(totals, day))
  }
  return found.length === 0 ? 0 : medianOf(found)
}
