// Wall-clock days as whole numbers (days since 1970-01-01) and the calendar of special days.

/** Days since 1970-01-01, a label of a wall-clock day without zone. */
export type EpochDay = number

/** How a day known in advance differs from its weekday. */
export type SpecialDayKind = 'holiday' | 'eve' | 'closed' | 'missing' | 'event'

/** One day of the special calendar. */
export interface SpecialDay {
  readonly day: EpochDay
  readonly kind: SpecialDayKind
  /** 0 = Monday … 6 = Sunday; absent = the engine decides. */
  readonly treatAsWeekday?: number
  /** Events: volume ÷ usual volume; absent = learned from earlier events of the same name, else 1. */
  readonly impactRatio?: number
  /** Events: days between the date and its first effect. */
  readonly lagDays?: number
  /** Events: how many days it acts, 1 if absent. */
  readonly lengthDays?: number
  readonly name?: string
}

const MS_PER_DAY = 86_400_000

/** `2003-09-01` → epoch day; undefined when it is no date of the calendar. */
export function epochDayOf(date: string): EpochDay | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date)
  if (match === null) return undefined
  const ms = Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3]))
  return new Date(ms).toISOString().slice(0, 10) === date ? ms / MS_PER_DAY : undefined
}

/** Epoch day → `2003-09-01`. */
export function dateOf(day: EpochDay): string {
  return new Date(day * MS_PER_DAY).toISOString().slice(0, 10)
}

/** 0 = Monday … 6 = Sunday. */
export function weekdayOf(day: EpochDay): number {
  return (((day + 3) % 7) + 7) % 7
}

/** Day of the month, 1 … 31. */
export function dayOfMonth(day: EpochDay): number {
  return new Date(day * MS_PER_DAY).getUTCDate()
}

/** Easter Sunday of a year of the Gregorian calendar (the anonymous algorithm, as in Meeus, Astronomical Algorithms, chapter 8). */
export function easterOf(year: number): EpochDay {
  const golden = year % 19
  const century = Math.floor(year / 100)
  const rest = year % 100
  const moon =
    (19 * golden +
      century -
      (century >> 2) -
      Math.floor((century - (((century + 8) / 25) | 0) + 1) / 3) +
      15) %
    30
  const weekday = (32 + 2 * (century % 4) + 2 * (rest >> 2) - moon - (rest % 4)) % 7
  const correction = Math.floor((golden + 11 * moon + 22 * weekday) / 451)
  const month = Math.floor((moon + weekday - 7 * correction + 114) / 31)
  const day = ((moon + weekday - 7 * correction + 114) % 31) + 1
  return Date.UTC(year, month - 1, day) / MS_PER_DAY
}

const easterByYear = new Map<number, EpochDay>()

/** Days since Easter Sunday of the same year; negative before it. */
export function daysFromEaster(day: EpochDay): number {
  const year = new Date(day * MS_PER_DAY).getUTCFullYear()
  const easter = easterByYear.get(year) ?? easterOf(year)
  easterByYear.set(year, easter)
  return day - easter
}
