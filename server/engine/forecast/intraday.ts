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

/** exp(−distance ÷ fade) by whole minutes of distance: the same few are needed a million times. */
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

/** Covariance of the rate's relative errors at two minutes; distance is that of the times of day. */
function covariance(minute: number, other: number, law: IntradayLaw, fades: Float64Array): number {
  const distance = Math.round(Math.abs(timeOfDay(minute) - timeOfDay(other)))
  return (
    (minute < 0 === other < 0 ? 1 : law.carried) *
    (law.dayVariance + law.withinVariance * at(fades, distance))
  )
}

function timeOfDay(minute: number): number {
  return minute < 0 ? minute + DAY_MINUTES : minute
}

/** Observations weighed against each other; any number of them, from the first on, can be conditioned on. */
export interface Weighed {
  readonly size: number
  /** Weight of each of the first `size` observations in the relative error of any minute. */
  weights(size: number): Float64Array
  /** Relative error of the rate at a minute, half of it on the root scale. */
  shift(minute: number, weights: Float64Array): number
  /** Squared coefficient of variation left at a minute after the first `size` observations. */
  variance(minute: number, size: number): number
}

export function weigh(observations: readonly Observation[], law: IntradayLaw): Weighed {
  const used = observations.filter(({ mean, actual }) => mean >= OBSERVED_MEAN_MIN && !Number.isNaN(actual))
  const size = used.length
  const total = law.dayVariance + law.withinVariance
  const fades = fadeTable(law.fadeMinutes)
  const minutes = Float64Array.from(used, ({ minute }) => minute)
  const roots = Float64Array.from(used, ({ mean }) => Math.sqrt(mean))
  const matrix = new Float64Array(size * size)
  const solved = new Float64Array(size)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++)
      matrix[i * size + j] =
        at(roots, i) * at(roots, j) * covariance(at(minutes, i), at(minutes, j), law, fades)
    const { mean, actual } = used[i] as Observation
    matrix[i * size + i] = law.noise + total * mean
    solved[i] = rootError(mean, actual)
  }
  choleskyInPlace(matrix, size)
  forwardSolve(matrix, size, solved)
  const column = new Float64Array(size)
  const covariances = (minute: number): void => {
    for (let i = 0; i < size; i++) column[i] = covariance(minute, at(minutes, i), law, fades) * at(roots, i)
  }
  return {
    size,
    weights(first) {
      // The factor of the first observations is the first part of the factor: only the backward half is left.
      const weights = solved.slice(0, first)
      backwardSolve(matrix, size, weights, first)
      return weights.map((weight, i) => weight * at(roots, i))
    },
    shift(minute, weights) {
      let shift = 0
      for (let i = 0; i < weights.length; i++)
        shift += covariance(minute, at(minutes, i), law, fades) * at(weights, i)
      return shift
    },
    variance(minute, first) {
      covariances(minute)
      forwardSolve(matrix, size, column, first)
      let explained = 0
      for (let i = 0; i < first; i++) explained += at(column, i) * at(column, i)
      return Math.max(0, total - explained)
    },
  }
}

/** Factor on the mean that belongs to a relative error. */
export function factorOf(shift: number): number {
  return Math.max(0.05, 1 + shift / 2) ** 2
}

/** What the observations say about any later minute of the running day. */
export interface IntradayUpdate {
  /** Factor on the mean. */
  factorAt(minute: number): number
  /** Squared coefficient of variation of the rate that is left. */
  variancePlus(minute: number): number
}

/** Conditions on the observations; with none, factors are 1. */
export function conditionOn(observations: readonly Observation[], law: IntradayLaw): IntradayUpdate {
  const weighed = weigh(observations, law)
  const weights = weighed.weights(weighed.size)
  return {
    factorAt: (minute) => factorOf(weighed.shift(minute, weights)),
    variancePlus: (minute) => law.remaining.rateRatio * weighed.variance(minute, weighed.size),
  }
}
