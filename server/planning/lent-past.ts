/**
 * The first forecasts of a queue that has no past: another queue's past, cut to this queue's opening hours and brought to the
 * level that the director expects. Its level is a guess, and the bands say so; the running day then moves it quickly.
 */
import type { QueueSetting } from '../domain/settings.ts'
import { epochDayOf, weekdayOf } from '../engine/forecast/calendar.ts'
import { type ErrorLaw, NORMAL_QUANTILES } from '../engine/forecast/count-quantiles.ts'
import type { FittedSeries } from '../engine/forecast/index.ts'
import type { QueueHistory } from './history.ts'

/** What a stated level is off by, squared and relative: a careful guess of something new misses by four tenths. */
const STATED_LEVEL_VARIANCE = 0.16
/** Another queue's level tells hardly more than the order of magnitude. */
const LENT_LEVEL_VARIANCE = 1
/** The lender's level is that of its last eight weeks. */
const LEVEL_DAYS = 56

export interface LentPast {
  readonly history: QueueHistory
  /** Squared relative uncertainty of the level. */
  readonly levelVariance: number
}

/** Undefined when the lender had no contact within the borrower's opening hours. */
export function lentPast(
  lender: QueueHistory,
  borrower: QueueSetting,
  expectedContactsPerDay: number | null,
): LentPast | undefined {
  const { slotMinutes } = lender
  const slots = 1440 / slotMinutes
  const firstDay = epochDayOf(lender.firstDay) ?? 0
  const isOpen = (cell: number) => {
    const hours = borrower.openingHours[weekdayOf(firstDay + Math.floor(cell / slots))] ?? []
    const minute = (cell % slots) * slotMinutes
    return hours.some(([from, to]) => minute + slotMinutes > from && minute < to)
  }
  const contacts = lender.contacts.map((count, cell) => (isOpen(cell) ? count : Number.NaN))
  const usual = meanOfLastDays(contacts, slots)
  if (!(usual > 0)) return undefined
  const scale = expectedContactsPerDay === null ? 1 : expectedContactsPerDay / usual
  const scaled = (column: Float64Array) => column.map((value) => value * scale)
  return {
    history: {
      ...lender,
      contacts: scaled(contacts),
      handled: scaled(lender.handled),
      handleSeconds: scaled(lender.handleSeconds),
    },
    levelVariance: expectedContactsPerDay === null ? LENT_LEVEL_VARIANCE : STATED_LEVEL_VARIANCE,
  }
}

/** Over the last days that had any contact. */
function meanOfLastDays(contacts: Float64Array, slots: number): number {
  let sum = 0
  let days = 0
  for (let day = contacts.length / slots - 1; day >= 0 && days < LEVEL_DAYS; day -= 1) {
    let total = 0
    for (let cell = day * slots; cell < (day + 1) * slots; cell += 1) {
      const count = contacts[cell] ?? Number.NaN
      if (count > 0) total += count
    }
    if (total === 0) continue
    sum += total
    days += 1
  }
  return days === 0 ? 0 : sum / days
}

/** The fit with bands that know that the level is a guess, and with a day that moves as quickly as such a guess deserves. */
export function unsureOfLevel(fitted: FittedSeries, levelVariance: number): FittedSeries {
  const { laws, intraday, series } = fitted
  // The form of the lender's errors is lost under a doubt of this size.
  const wider = ({ noise, rate }: ErrorLaw): ErrorLaw => ({
    noise,
    rate: rate + levelVariance,
    quantiles: NORMAL_QUANTILES,
  })
  return {
    ...fitted,
    laws: { intervals: laws.intervals.map(wider), totals: laws.totals.map(wider) },
    intraday: { ...intraday, dayVariance: intraday.dayVariance + levelVariance },
    // No day is the queue's own: nothing counts as known of it, and the lender's last evening tells nothing of today's level.
    series: { ...series, usableDays: 0, counts: series.counts.map(() => Number.NaN) },
    notes: [],
  }
}
