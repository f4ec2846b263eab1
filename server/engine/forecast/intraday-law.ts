// How the errors of a day hang together: learned by replaying updates of past days from their first hours.

import { NORMAL_QUANTILES, SMALL_MEAN } from './count-quantiles.ts'
import {
  factorOf,
  type IntradayLaw,
  OBSERVED_MEAN_MIN,
  type Observation,
  type Observed,
  observed,
  rootError,
  weigh,
} from './intraday.ts'
import { DAY_BEFORE_STRETCHES } from './observations.ts'
import { fitVariance, formOf, type Replay } from './replay.ts'
import { at, sumOf } from './vector.ts'

/** Coefficients of variation of the rate that are tried; the replay picks one. */
const SPREAD_CHOICES: readonly number[] = [0.03, 0.04, 0.055, 0.075, 0.1, 0.135, 0.18, 0.25, 0.35, 0.5]
/** A queue of which no update can be replayed. */
const SPREAD_UNKNOWN = 0.06
const REPLAYED_DAYS_MIN = 15
/** Parts of the rate's variance that are the same all day; another than the first must be better by so much. */
const DAY_PARTS: readonly [number, number] = [0.23, 0.7]
const PREFERRED = 0.99
/** Days between two replayed ones: neighbours tell much the same, and every one costs. */
const REPLAYED_STEP_DAYS = 2
const FADE_MINUTES = 240
const NOISE = 1.6
/** An update is replayed when these parts of the day's contacts have come. */
const REPLAYED_PARTS: readonly number[] = [0.2, 0.4, 0.6]
/** Errors of hours so near each other tell how much of an error is still there a day later. */
const CARRIED_HOURS = 4
const CARRIED_MAX = 0.7
/** Days of no correlation that are believed before any was seen. */
const CARRIED_BELIEF_DAYS = 20
const ERROR_MAX = 12
/** More errors than this make the bands no better. */
const LEFT_OVER_MAX = 4000
const RATE_RATIO_MAX = 6

function lawOf(spread: number, dayPart: number, carried: number): IntradayLaw {
  return {
    noise: NOISE,
    dayVariance: dayPart * spread * spread,
    withinVariance: (1 - dayPart) * spread * spread,
    fadeMinutes: FADE_MINUTES,
    carried,
    remaining: { noise: NOISE, rateRatio: 1, quantiles: NORMAL_QUANTILES },
  }
}

/**
 * Learns the law from one-day-ahead forecasts of hours: what is carried from day to day, then how far a morning is to be trusted.
 * `fine` are the same days on the grid of the intervals asked for: they tell how wide the bands are.
 */
export function fitIntradayLaw(replay: Replay, fine: Replay): IntradayLaw {
  const unknown = lawOf(SPREAD_UNKNOWN, DAY_PARTS[0], 0)
  if (replay.days.length < REPLAYED_DAYS_MIN || replay.cells < 4) return unknown
  const carried = carriedPart(replay)
  const cuts = cutsOf(replay)
  const days: ReplayedDay[] = []
  for (let row = replay.days.length - 1; row >= 0; row -= REPLAYED_STEP_DAYS)
    days.push(replayedDay(replay, row, cuts))
  const lossOfAll = (law: IntradayLaw): number =>
    days.reduce((sum, day) => sum + lossOf(day, law, replay, cuts), 0)
  const [usual, constant] = DAY_PARTS.map((dayPart) =>
    SPREAD_CHOICES.map((spread) => lawOf(spread, dayPart, carried)),
  ) as [IntradayLaw[], IntradayLaw[]]
  const found = walkDown(usual, SPREAD_CHOICES.length >> 1, lossOfAll)
  const other = walkDown(constant, found.index, lossOfAll)
  const best = other.loss < found.loss * PREFERRED ? other.law : found.law
  return { ...best, remaining: remainingOf(days, best, replay, fine, cuts) }
}

/** The loss falls to one spread and rises after it: downhill from a start, until it rises. */
function walkDown(
  laws: readonly IntradayLaw[],
  start: number,
  lossOfAll: (law: IntradayLaw) => number,
): { law: IntradayLaw; index: number; loss: number } {
  const known = new Map<number, number>()
  const loss = (index: number): number => {
    const law = laws[index]
    if (law === undefined) return Number.POSITIVE_INFINITY
    const value = known.get(index) ?? lossOfAll(law)
    known.set(index, value)
    return value
  }
  let index = start
  for (const step of [-1, 1]) while (loss(index + step) < loss(index)) index += step
  return { law: laws[index] as IntradayLaw, index, loss: loss(index) }
}

/** First cells of the replayed rests: when the given parts of a mean day have come. */
function cutsOf({ cells, means }: Replay): number[] {
  const sums = new Float64Array(cells)
  for (let i = 0; i < means.length; i++) sums[i % cells] = at(sums, i % cells) + at(means, i)
  const total = sums.reduce((sum, value) => sum + value, 0)
  return REPLAYED_PARTS.map((part) => {
    let cell = 0
    let seen = 0
    while (cell < cells - 1 && seen < part * total) seen += at(sums, cell++)
    return cell
  })
}

interface ReplayedDay {
  readonly row: number
  readonly observed: Observed
  /** Per cut, the number of observations that are known there, those of the day before included. */
  readonly known: readonly number[]
}

function replayedDay(replay: Replay, row: number, cuts: readonly number[]): ReplayedDay {
  const { days, cells } = replay
  const minutesPerCell = 1440 / cells
  const observations: Observation[] = []
  const gather = (from: number, to: number, step: number, shift: number): void => {
    for (let cell = 0; cell < to; cell += step) {
      const end = Math.min(to, cell + step)
      observations.push({
        minute: ((cell + end) / 2) * minutesPerCell + shift,
        mean: sumOf(replay.means, from + cell, from + end),
        actual: plainSum(replay.actuals, from + cell, from + end),
      })
    }
  }
  const follows = row > 0 && days[row] === (days[row - 1] ?? -9) + 1
  if (follows) gather((row - 1) * cells, cells, DAY_BEFORE_STRETCHES, -1440)
  gather(row * cells, cuts.at(-1) ?? 0, 1, 0)
  const ready = observed(observations)
  const known = cuts.map((cut) => {
    let count = ready.before
    while (count < ready.times.length && (ready.times[count] ?? 0) < cut * minutesPerCell) count++
    return count
  })
  return { row, observed: ready, known }
}

function plainSum(column: Float64Array, from: number, to: number): number {
  let sum = 0
  for (let i = from; i < to; i++) sum += at(column, i)
  return sum
}

function lossOf(
  { row, observed: seen, known }: ReplayedDay,
  law: IntradayLaw,
  { cells, means, actuals }: Replay,
  cuts: readonly number[],
): number {
  const weighed = weigh(seen, law)
  let loss = 0
  for (let k = 0; k < cuts.length; k++) {
    const weights = weighed.weights(known[k] ?? 0)
    for (let cell = cuts[k] ?? 0; cell < cells; cell++) {
      const mean = at(means, row * cells + cell)
      const actual = at(actuals, row * cells + cell)
      if (mean > 0 && !Number.isNaN(actual))
        loss += Math.abs(actual - mean * factorOf(weighed.shift(((cell + 0.5) * 1440) / cells, weights)))
    }
  }
  return loss
}

/** Errors left over on the grid of the intervals asked for: their noise, their rate against what the law expects, their form. */
function remainingOf(
  days: readonly ReplayedDay[],
  law: IntradayLaw,
  { cells: hours }: Replay,
  fine: Replay,
  cuts: readonly number[],
): IntradayLaw['remaining'] {
  const expected: number[] = []
  const errors: number[] = []
  const busy: boolean[] = []
  const step = Math.ceil((days.length * cuts.length * fine.cells) / LEFT_OVER_MAX)
  const variances = new Float64Array(hours)
  for (const { row, observed: seen, known } of days) {
    const weighed = weigh(seen, law)
    for (let k = 0; k < cuts.length; k++) {
      const cut = cuts[k] ?? 0
      const weights = weighed.weights(known[k] ?? 0)
      for (let hour = cut; hour < hours; hour++)
        variances[hour] = weighed.variance(((hour + 0.5) * 1440) / hours, known[k] ?? 0)
      for (let cell = Math.ceil((cut * fine.cells) / hours); cell < fine.cells; cell += step) {
        const minute = ((cell + 0.5) * 1440) / fine.cells
        const mean = at(fine.means, row * fine.cells + cell) * factorOf(weighed.shift(minute, weights))
        const actual = at(fine.actuals, row * fine.cells + cell)
        if (mean < OBSERVED_MEAN_MIN || Number.isNaN(actual)) continue
        expected.push(mean * at(variances, Math.floor((cell * hours) / fine.cells)))
        errors.push(rootError(mean, actual))
        busy.push(mean >= SMALL_MEAN)
      }
    }
  }
  if (errors.length < REPLAYED_DAYS_MIN) return law.remaining
  const { noise, rate } = fitVariance(expected, errors)
  const rateRatio = Math.min(RATE_RATIO_MAX, Math.max(1 / RATE_RATIO_MAX, rate))
  const standard = errors
    .map((error, i) => error / Math.sqrt(noise + rateRatio * at(expected, i)))
    .filter((_, i) => busy[i])
  return { noise, rateRatio, quantiles: formOf(standard, days.length) }
}

/** Correlation of a day's errors with those of the day before near the same time, against those of the same day. */
function carriedPart(replay: Replay): number {
  const { cells, days } = replay
  const reach = Math.max(1, Math.round((CARRIED_HOURS * cells) / 24))
  const errors = replay.means.map((mean, i) => {
    const error = mean >= OBSERVED_MEAN_MIN ? rootError(mean, at(replay.actuals, i)) : Number.NaN
    return Math.max(-ERROR_MAX, Math.min(ERROR_MAX, error))
  })
  const same = { products: 0, scales: 0 }
  const next = { products: 0, scales: 0 }
  let pairs = 0
  for (let row = 0; row < days.length; row++) {
    const follows = row > 0 && days[row] === (days[row - 1] ?? -9) + 1
    if (follows) pairs++
    for (let s = 0; s < cells; s++) {
      for (let t = Math.max(0, s - reach); t <= Math.min(cells - 1, s + reach); t++) {
        if (s === t) continue
        if (t > s) addProduct(same, errors, replay.means, row * cells + s, row * cells + t)
        if (follows) addProduct(next, errors, replay.means, row * cells + s, (row - 1) * cells + t)
      }
    }
  }
  if (pairs === 0 || !(same.products > 0)) return 0
  const ratio = next.products / next.scales / (same.products / same.scales)
  return Math.min(CARRIED_MAX, Math.max(0, (ratio * pairs) / (pairs + CARRIED_BELIEF_DAYS)))
}

function addProduct(
  sums: { products: number; scales: number },
  errors: Float64Array,
  means: Float64Array,
  one: number,
  other: number,
): void {
  const product = at(errors, one) * at(errors, other)
  if (Number.isNaN(product)) return
  sums.products += product
  sums.scales += Math.sqrt(at(means, one) * at(means, other))
}
