// The running day: what its first hours and the day before say about the rest, by Gaussian conditioning of root-scale errors.

import type { ErrorLaw } from './count-quantiles.ts'
import { at, backwardSolve, choleskyInPlace, forwardSolve } from './vector.ts'

/** Relative errors of a day's rate: a day factor, and a within-day factor that fades over `fadeMinutes`. */
export interface IntradayLaw {
  /** Variance ÷ mean of the counting noise by which observations are weighed. */
  readonly noise: number
  /** Squared coefficient of variation of the day factor. */
  readonly dayVariance: number
  /** Squared coefficient of variation of the within-day factor. */
  readonly withinVariance: number
  readonly fadeMinutes: number
  /** Correlation of the rate's error with that of the day before at the same time of day. */
  readonly carried: number
  /** The errors left over after replayed updates: their noise, and their rate against what this law says of it. */
  readonly remaining: {
    readonly noise: number
    readonly rateRatio: number
    readonly quantiles: ErrorLaw['quantiles']
  }
}

/** One observed stretch of the running day or of the day before. */
export interface Observation {
  /** Middle of the stretch, minutes from the running day's midnight; negative = the day before. */
  readonly minute: number
  readonly mean: number
  readonly actual: number
}

/** Means below this say nothing on the root scale. */
export const OBSERVED_MEAN_MIN = 0.3
const DAY_MINUTES = 1440

/** Error on the scale where a count's noise does not depend on its mean; Pearson's where the mean is small. */
export function rootError(mean: number, actual: number): number {
  return mean >= 3 ? 2 * (Math.sqrt(actual) - Math.sqrt(mean)) : (actual - mean) / Math.sqrt(mean)
}

/** exp(−distance ÷ fade) by whole minutes of distance: the same few are needed a million times in a fit. */
const FADE_TABLES = new Map<number, Float64Array>()

function fadeTable(fadeMinutes: number): Float64Array {
  const known = FADE_TABLES.get(fadeMinutes)
  if (known !== undefined) return known
  const made = Float64Array.from({ length: DAY_MINUTES + 1 }, (_, distance) =>
    Math.exp(-distance / fadeMinutes),
  )
  FADE_TABLES.set(fadeMinutes, made)
  return made
}

/** Observations made ready: those of the day before come first. */
export interface Observed {
  /** Time of day, whole minutes. */
  readonly times: Int32Array
  readonly roots: Float64Array
  readonly errors: Float64Array
  /** Number of observations of the day before. */
  readonly before: number
}

export function observed(observations: readonly Observation[]): Observed {
  const used = observations.filter(({ mean, actual }) => mean >= OBSERVED_MEAN_MIN && !Number.isNaN(actual))
  const before = used.filter(({ minute }) => minute < 0).length
  return {
    times: Int32Array.from(used, ({ minute }) => Math.round(minute < 0 ? minute + DAY_MINUTES : minute)),
    roots: Float64Array.from(used, ({ mean }) => Math.sqrt(mean)),
    errors: Float64Array.from(used, ({ mean, actual }) => rootError(mean, actual)),
    before,
  }
}

/** Observations weighed against each other; any number of them, from the first on, can be conditioned on. */
export interface Weighed {
  /** Weight of each of the first `size` observations in the relative error of any minute. */
  weights(size: number): Float64Array
  /** Relative error of the rate at a minute, half of it on the root scale. */
  shift(minute: number, weights: Float64Array): number
  /** Squared coefficient of variation left at a minute after the first `size` observations. */
  variance(minute: number, size: number): number
}

/** Rates' errors covary by the distance of their times of day; those of two days by the part that is carried. */
export function weigh({ times, roots, errors, before }: Observed, law: IntradayLaw): Weighed {
  const size = times.length
  const { dayVariance, withinVariance, carried } = law
  const fades = fadeTable(law.fadeMinutes)
  const matrix = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    const time = times[i] as number
    const root = at(roots, i)
    for (let j = 0; j <= i; j++) {
      const near = dayVariance + withinVariance * at(fades, Math.abs(time - (times[j] as number)))
      matrix[i * size + j] = root * at(roots, j) * (i >= before && j < before ? carried * near : near)
    }
    matrix[i * size + i] = at(matrix, i * size + i) + law.noise
  }
  const solved = Float64Array.from(errors)
  choleskyInPlace(matrix, size)
  forwardSolve(matrix, size, solved)
  const column = new Float64Array(size)
  const near = (time: number, i: number): number => {
    const value = dayVariance + withinVariance * at(fades, Math.abs(time - (times[i] as number)))
    return i < before ? carried * value : value
  }
  return {
    weights(first) {
      // The factor of the first observations is the first part of the factor: only the backward half is left.
      const weights = solved.slice(0, first)
      backwardSolve(matrix, size, weights, first)
      for (let i = 0; i < first; i++) weights[i] = at(weights, i) * at(roots, i)
      return weights
    },
    shift(minute, weights) {
      const time = Math.round(minute)
      let shift = 0
      for (let i = 0; i < weights.length; i++) shift += near(time, i) * at(weights, i)
      return shift
    },
    variance(minute, first) {
      const time = Math.round(minute)
      for (let i = 0; i < first; i++) column[i] = near(time, i) * at(roots, i)
      forwardSolve(matrix, size, column, first)
      let explained = 0
      for (let i = 0; i < first; i++) explained += at(column, i) * at(column, i)
      return Math.max(0, dayVariance + withinVariance - explained)
    },
  }
}

/** Factor on the mean that belongs to a relative error. */
export function factorOf(shift: number): number {
  return Math.max(0.05, 1 + shift / 2) ** 2
}

/** What the observations say about any later minute of the running day. */
export interface IntradayUpdate {
  /** Factor on the mean at a minute of the running day, or of a day so many days after it: what is carried is carried on. */
  factorAt(minute: number, daysOn: number): number
  /** Squared coefficient of variation of the rate that is left. */
  variancePlus(minute: number): number
}

/** Conditions on the observations; with none, factors are 1. */
export function conditionOn(observations: readonly Observation[], law: IntradayLaw): IntradayUpdate {
  const known = observed(observations)
  const size = known.times.length
  const weighed = weigh(known, law)
  const weights = weighed.weights(size)
  return {
    factorAt: (minute, daysOn) => factorOf(law.carried ** daysOn * weighed.shift(minute, weights)),
    variancePlus: (minute) => law.remaining.rateRatio * weighed.variance(minute, size),
  }
}
