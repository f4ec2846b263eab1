// Replays the recent past at several leads and learns from its errors how wide a band must be.

import { type ErrorLaw, NORMAL_QUANTILES, QUANTILE_LEVELS, SMALL_MEAN } from './count-quantiles.ts'
import type { MeanSource } from './mean-source.ts'
import type { PreparedSeries } from './prepare.ts'
import { FLAG_AFTER_CLOSURE } from './special-days.ts'
import { at, quantileOfSorted } from './vector.ts'

/** Replayed leads in days, each with the last lead it answers for and how many past days it is replayed on. */
export const REPLAYED_LEADS: readonly {
  readonly lead: number
  readonly upTo: number
  readonly days: number
}[] = [
  { lead: 1, upTo: 1, days: 112 },
  { lead: 4, upTo: 7, days: 112 },
  { lead: 10, upTo: 14, days: 126 },
  { lead: 21, upTo: 28, days: 182 },
  { lead: 45, upTo: 60, days: 300 },
  { lead: 75, upTo: Number.POSITIVE_INFINITY, days: 300 },
]
/** Weeks of profiles that the longest replay asks for. */
export const PROFILE_WEEKS = Math.ceil((300 + 75) / 7) + 1
/** Fewer errors than this say nothing about the form of their distribution. */
const EMPIRICAL_ERRORS_MIN = 200
const EMPIRICAL_DAYS_MIN = 30
/** More errors than this make a law no better, for those of a day are alike; fitting and sorting them costs. */
const FITTED_ERRORS_MAX = 6000
/** Steps through the errors that share no factor with the slots of a day: every slot is met. */
const STRIDES: readonly number[] = [1, 5, 7, 11, 13, 17, 19, 23]

/** Forecast and actual of replayed days on a grid of `cells` a day; NaN actual = unknown. */
export interface Replay {
  readonly lead: number
  readonly days: readonly number[]
  readonly cells: number
  readonly means: Float64Array
  readonly actuals: Float64Array
}

/** Replays one lead on a grid of `group` slots a cell. */
export function replayLead(
  series: PreparedSeries,
  source: MeanSource,
  lead: number,
  pastDays: number,
  group: number,
): Replay {
  const cells = series.slots / group
  const days: number[] = []
  for (let day = Math.max(lead + 14, series.originIndex - pastDays); day < series.originIndex; day++) {
    const plain = ((series.flags[day] ?? 0) & ~FLAG_AFTER_CLOSURE) === 0
    if (plain && !series.closedClass[series.classOf[day] ?? 0] && !Number.isNaN(at(series.totals, day)))
      days.push(day)
  }
  const means = new Float64Array(days.length * cells)
  const actuals = new Float64Array(days.length * cells)
  days.forEach((day, row) => {
    const total = source.dayMean(day, lead)
    const shares = source.shares(day, lead)
    for (let cell = 0; cell < cells; cell++) {
      let mean = 0
      let actual = 0
      for (let slot = cell * group; slot < (cell + 1) * group; slot++) {
        mean += at(shares, slot)
        const count = at(series.counts, day * series.slots + slot)
        if (!Number.isNaN(count)) actual += count
        else if (at(shares, slot) > 0) actual = Number.NaN
      }
      means[row * cells + cell] = total * mean
      actuals[row * cells + cell] = actual
    }
  })
  return { lead, days, cells, means, actuals }
}

/** The same replay as day totals. */
export function replayTotals(series: PreparedSeries, source: MeanSource, replay: Replay): Replay {
  return {
    lead: replay.lead,
    days: replay.days,
    cells: 1,
    means: Float64Array.from(replay.days, (day) => source.dayMean(day, replay.lead)),
    actuals: Float64Array.from(replay.days, (day) => at(series.totals, day)),
  }
}

/** A wide guess for series too short to replay: days of real queues differ by 3 to 16 % … */
const UNKNOWN_RATE = 0.025
/** … and a level and weekdays known from one week are off by as much again and more; this fades with the square of the days. */
const UNKNOWN_RATE_FIRST_WEEK = 0.065
const FIRST_WEEK_DAYS = 5

/** The law when nothing can be told. */
export const UNKNOWN_LAW: ErrorLaw = {
  noise: 1.5,
  rate: UNKNOWN_RATE + UNKNOWN_RATE_FIRST_WEEK,
  quantiles: NORMAL_QUANTILES,
}

/** A variance learned from n days is itself off by about √(2 ÷ n), and the errors of a long lead overlap: n is fewer than it seems. */
const FEW_DAYS_WIDENING = 2

/** Fits noise and rate by weighted least squares of squared errors, then the form of the standardised errors. */
export function fitErrorLaw(replay: Replay): ErrorLaw {
  const errors: number[] = []
  const means: number[] = []
  const stride = STRIDES.find((step) => replay.means.length / step <= FITTED_ERRORS_MAX) ?? 29
  for (let i = 0; i < replay.means.length; i += stride) {
    const mean = at(replay.means, i)
    const actual = at(replay.actuals, i)
    if (!(mean > 0.05) || Number.isNaN(actual)) continue
    means.push(mean)
    errors.push(
      mean >= SMALL_MEAN ? 2 * (Math.sqrt(actual) - Math.sqrt(mean)) : (actual - mean) / Math.sqrt(mean),
    )
  }
  if (errors.length < 8) return UNKNOWN_LAW
  const { noise, rate } = fitVariance(means, errors)
  const few = replay.days.length
  const span = (replay.days.at(-1) ?? 0) - (replay.days[0] ?? 0) + 1
  const widened = 1 + Math.min(1, replay.lead / span) + FEW_DAYS_WIDENING / Math.max(4, few)
  return { noise, rate: rate * widened, quantiles: standardQuantiles(means, errors, noise, rate, few) }
}

/** Noise and rate by weighted least squares of squared errors on the means. */
export function fitVariance(
  means: readonly number[],
  errors: readonly number[],
): { noise: number; rate: number } {
  let noise = 1
  let rate = 0.01
  for (let pass = 0; pass < 6; pass++) {
    let s0 = 0
    let s1 = 0
    let s2 = 0
    let t0 = 0
    let t1 = 0
    for (let i = 0; i < means.length; i++) {
      const mean = at(means, i)
      const expected = noise + rate * mean
      const square = Math.min(at(errors, i) ** 2, 14 * expected)
      const weight = 1 / (expected * expected)
      s0 += weight
      s1 += weight * mean
      s2 += weight * mean * mean
      t0 += weight * square
      t1 += weight * mean * square
    }
    const determinant = s0 * s2 - s1 * s1
    noise = determinant > 1e-9 * s0 * s2 ? (s2 * t0 - s1 * t1) / determinant : t0 / s0
    noise = Math.min(8, Math.max(0.8, noise))
    rate = Math.max(0, (t1 - noise * s1) / s2)
    if (rate === 0) noise = Math.min(8, Math.max(0.8, t0 / s0))
  }
  return { noise, rate: Math.max(rate, 1e-5) }
}

/** Empirical quantiles of the standardised errors of busy slots, Gaussian where there are too few. */
function standardQuantiles(
  means: readonly number[],
  errors: readonly number[],
  noise: number,
  rate: number,
  days: number,
): ErrorLaw['quantiles'] {
  const standard: number[] = []
  for (let i = 0; i < means.length; i++) {
    if (at(means, i) >= SMALL_MEAN) standard.push(at(errors, i) / Math.sqrt(noise + rate * at(means, i)))
  }
  return formOf(standard, days)
}

/** Empirical quantiles of standardised errors of so many days, half or wholly Gaussian where there are few. */
export function formOf(standard: readonly number[], days: number): ErrorLaw['quantiles'] {
  if (standard.length < EMPIRICAL_ERRORS_MIN || days < EMPIRICAL_DAYS_MIN) return totalsQuantiles(standard)
  const sorted = Float64Array.from(standard).sort()
  const [a, b, c, d] = QUANTILE_LEVELS
  const pick = (level: number): number => quantileOfSorted(sorted, level)
  return [
    Math.min(pick(a), pick(b)),
    Math.min(pick(b), -0.2),
    Math.max(pick(c), 0.2),
    Math.max(pick(d), pick(c)),
  ]
}

/** Half-way between Gaussian and what was seen, for a few dozen errors. */
function totalsQuantiles(standard: readonly number[]): ErrorLaw['quantiles'] {
  if (standard.length < 30) return NORMAL_QUANTILES
  const sorted = Float64Array.from(standard).sort()
  const mix = (i: 0 | 1 | 2 | 3): number =>
    (NORMAL_QUANTILES[i] + quantileOfSorted(sorted, QUANTILE_LEVELS[i])) / 2
  const low = Math.min(mix(1), -0.3)
  const high = Math.max(mix(2), 0.3)
  return [Math.min(mix(0), low), low, high, Math.max(mix(3), high)]
}

/** Error laws per replayed lead, for the intervals of one grid and for day totals. */
export interface LawBook {
  readonly intervals: readonly ErrorLaw[]
  readonly totals: readonly ErrorLaw[]
}

/** Replays every lead and fits its laws; a longer lead is never surer than a shorter one. */
export function fitLaws(series: PreparedSeries, source: MeanSource, group: number): LawBook {
  const intervals: ErrorLaw[] = []
  const totals: ErrorLaw[] = []
  for (const { lead, days } of REPLAYED_LEADS) {
    const replay = replayLead(series, source, lead, days, group)
    const tooFew = replay.days.length < 7
    const total = tooFew
      ? widen(totals.at(-1), series.usableDays)
      : fitErrorLaw(replayTotals(series, source, replay))
    const interval = tooFew ? widen(intervals.at(-1), series.usableDays) : fitErrorLaw(replay)
    totals.push(atLeast(total, totals.at(-1)?.rate ?? 0))
    const growth = Math.max(0, (totals.at(-1)?.rate ?? 0) - (totals[0]?.rate ?? 0))
    intervals.push(atLeast(interval, (intervals[0]?.rate ?? 0) + growth))
  }
  return { intervals, totals }
}

/** The law of a lead that cannot be replayed: somewhat wider than the shorter lead's. */
function widen(law: ErrorLaw | undefined, usableDays: number): ErrorLaw {
  const first = Math.min(1, (FIRST_WEEK_DAYS / Math.max(1, usableDays)) ** 2)
  return law === undefined
    ? { ...UNKNOWN_LAW, rate: UNKNOWN_RATE + UNKNOWN_RATE_FIRST_WEEK * first }
    : { ...law, rate: law.rate * 1.5 + 0.0005 }
}

function atLeast(law: ErrorLaw, rate: number): ErrorLaw {
  return law.rate >= rate ? law : { ...law, rate }
}

/** The law of a lead. */
export function lawOf(laws: readonly ErrorLaw[], lead: number): ErrorLaw {
  const index = REPLAYED_LEADS.findIndex(({ upTo }) => lead <= upTo)
  return laws[index] ?? UNKNOWN_LAW
}
