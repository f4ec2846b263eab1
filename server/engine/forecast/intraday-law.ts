// How the errors of a day hang together: learned by replaying updates of past days from their first hours.

import { NORMAL_QUANTILES, SMALL_MEAN } from './count-quantiles.ts'
import {
  factorOf,
  type IntradayLaw,
  OBSERVED_MEAN_MIN,
  type Observation,
  rootError,
  type Weighed,
  weigh,
} from './intraday.ts'
import { fitVariance, formOf, type Replay } from './replay.ts'
import { at } from './vector.ts'

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
const LEFT_OVER_MAX = 6000
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
    days.push(replayedDay(replay, row, cuts.at(-1) ?? 0))
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
  readonly observations: readonly Observation[]
  /** Number of observations of the day before, which come first. */
  readonly before: number
}

function replayedDay(replay: Replay, row: number, lastCell: number): ReplayedDay {
  const { days, cells } = replay
  const observations: Observation[] = []
  const gather = (from: number, to: number, shift: number): void => {
    for (let cell = 0; cell < to; cell++) {
      const mean = at(replay.means, from + cell)
      const actual = at(replay.actuals, from + cell)
      if (mean >= OBSERVED_MEAN_MIN && !Number.isNaN(actual))
        observations.push({ minute: ((cell + 0.5) * 1440) / cells + shift, mean, actual })
    }
  }
  if (row > 0 && days[row] === (days[row - 1] ?? -9) + 1) gather((row - 1) * cells, cells, -1440)
  const before = observations.length
  gather(row * cells, lastCell, 0)
  return { row, observations, before }
}

/** Number of observations up to a minute of the day, those of the day before included. */
function knownAt({ observations, before }: ReplayedDay, minute: number): number {
  let known = before
  while (known < observations.length && (observations[known]?.minute ?? 0) < minute) known++
  return known
}

/** Calls `use` for every later cell of every replayed rest, with the observations that the rest knows. */
function eachRest(
  day: ReplayedDay,
  { cells, means, actuals }: Replay,
  cuts: readonly number[],
  use: (known: number, minute: number, mean: number, actual: number) => void,
): void {
  const { row } = day
  const cellMinutes = 1440 / cells
  for (const cut of cuts) {
    const known = knownAt(day, cut * cellMinutes)
    for (let cell = cut; cell < cells; cell++) {
      const mean = at(means, row * cells + cell)
      const actual = at(actuals, row * cells + cell)
      if (mean > 0 && !Number.isNaN(actual)) use(known, (cell + 0.5) * cellMinutes, mean, actual)
    }
  }
}

function lossOf(day: ReplayedDay, law: IntradayLaw, replay: Replay, cuts: readonly number[]): number {
  const weighed = weigh(day.observations, law)
  const shifts = shiftsOf(weighed)
  let loss = 0
  eachRest(day, replay, cuts, (known, minute, mean, actual) => {
    loss += Math.abs(actual - mean * factorOf(shifts(known, minute)))
  })
  return loss
}

/** The weights of one rest serve all its cells. */
function shiftsOf(weighed: Weighed): (known: number, minute: number) => number {
  let last = -1
  let weights: Float64Array = new Float64Array(0)
  return (known, minute) => {
    if (known !== last) weights = weighed.weights(known)
    last = known
    return weighed.shift(minute, weights)
  }
}

/** Errors left over on the grid of the intervals asked for: their noise, their rate against what the law expects, their form. */
function remainingOf(
  days: readonly ReplayedDay[],
  law: IntradayLaw,
  { cells: hours }: Replay,
  fine: Replay,
  cuts: readonly number[],
): IntradayLaw['remaining'] {
  const errors: LeftOver[] = []
  const perHour = fine.cells / hours
  const step = Math.ceil((days.length * cuts.length * fine.cells) / LEFT_OVER_MAX)
  for (const day of days) {
    const weighed = weigh(day.observations, law)
    for (const cut of cuts) {
      const known = knownAt(day, (cut * 1440) / hours)
      const weights = weighed.weights(known)
      for (let cell = Math.ceil(cut * perHour); cell < fine.cells; cell += step) {
        const minute = ((cell + 0.5) * 1440) / fine.cells
        const mean = at(fine.means, day.row * fine.cells + cell) * factorOf(weighed.shift(minute, weights))
        const actual = at(fine.actuals, day.row * fine.cells + cell)
        if (mean < OBSERVED_MEAN_MIN || Number.isNaN(actual)) continue
        errors.push({
          mean,
          expected: mean * weighed.variance(minute, known),
          error: rootError(mean, actual),
        })
      }
    }
  }
  if (errors.length < REPLAYED_DAYS_MIN) return law.remaining
  const { noise, rate } = fitVariance(
    errors.map(({ expected }) => expected),
    errors.map(({ error }) => error),
  )
  const rateRatio = Math.min(RATE_RATIO_MAX, Math.max(1 / RATE_RATIO_MAX, rate))
  const standard = errors
    .filter(({ mean }) => mean >= SMALL_MEAN)
    .map(({ error, expected }) => error / Math.sqrt(noise + rateRatio * expected))
  return { noise, rateRatio, quantiles: formOf(standard, days.length) }
}

interface LeftOver {
  readonly mean: number
  /** Mean × rate variance that the law leaves. */
  readonly expected: number
  readonly error: number
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
