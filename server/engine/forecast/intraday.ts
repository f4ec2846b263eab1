// The running day: what its first slots say about the rest, by Gaussian conditioning of root-scale errors.

import type { Replay } from './replay.ts'
import { at, backwardSolve, choleskyInPlace, forwardSolve } from './vector.ts'

/** Relative errors of a day's rate: a day factor, and a within-day factor that fades over `fadeMinutes`. */
export interface IntradayLaw {
  /** Variance ÷ mean of the counting noise. */
  readonly noise: number
  /** Squared coefficient of variation of the day factor. */
  readonly dayVariance: number
  /** Squared coefficient of variation of the within-day factor. */
  readonly withinVariance: number
  readonly fadeMinutes: number
}

/** One observed stretch of the running day or of the evening before. */
export interface Observation {
  /** Middle of the stretch, minutes from the running day's midnight; negative = the day before. */
  readonly minute: number
  readonly mean: number
  readonly actual: number
}

const FADE_CHOICES_MINUTES: readonly number[] = [30, 60, 90, 120, 180, 240, 360, 480, 720]
/** Means below this say nothing on the root scale. */
const OBSERVED_MEAN_MIN = 0.3

/** Learns the law from one-day-ahead errors, by their products at each lag, within days and across midnight. */
export function fitIntradayLaw(replay: Replay): IntradayLaw {
  const cellMinutes = 1440 / replay.cells
  const errors = replay.means.map((mean, i) =>
    mean >= OBSERVED_MEAN_MIN ? rootError(mean, at(replay.actuals, i)) : Number.NaN,
  )
  const moments = lagMoments(replay, errors)
  let best: IntradayLaw = { noise: 1, dayVariance: 0.001, withinVariance: 0.001, fadeMinutes: 120 }
  let bestLoss = Number.POSITIVE_INFINITY
  for (const fadeMinutes of FADE_CHOICES_MINUTES) {
    const { dayVariance, withinVariance, loss } = fitVariances(moments, cellMinutes / fadeMinutes)
    if (loss < bestLoss) {
      bestLoss = loss
      best = { noise: 1, dayVariance, withinVariance, fadeMinutes }
    }
  }
  const noise = moments.squares - (best.dayVariance + best.withinVariance) * moments.mean
  return { ...best, noise: Math.min(8, Math.max(0.7, noise)) }
}

/** Error on the scale where a count's noise does not depend on its mean; Pearson's where the mean is small. */
function rootError(mean: number, actual: number): number {
  return mean >= 3 ? 2 * (Math.sqrt(actual) - Math.sqrt(mean)) : (actual - mean) / Math.sqrt(mean)
}

interface LagMoments {
  readonly sameProducts: Float64Array
  readonly sameScales: Float64Array
  readonly nextProducts: Float64Array
  readonly nextScales: Float64Array
  readonly squares: number
  readonly mean: number
}

function lagMoments(replay: Replay, errors: Float64Array): LagMoments {
  const { cells, means, days } = replay
  const same = { products: new Float64Array(cells), scales: new Float64Array(cells) }
  const next = { products: new Float64Array(2 * cells), scales: new Float64Array(2 * cells) }
  let squares = 0
  let meanSum = 0
  let count = 0
  for (let row = 0; row < days.length; row++) {
    const follows = row > 0 && days[row] === (days[row - 1] ?? -9) + 1
    for (let s = 0; s < cells; s++) {
      const error = at(errors, row * cells + s)
      if (Number.isNaN(error)) continue
      const mean = at(means, row * cells + s)
      const capped = Math.max(-12, Math.min(12, error))
      squares += capped * capped
      meanSum += mean
      count++
      for (let t = s + 1; t < cells; t++)
        accumulate(same, t - s, capped, mean, errors, means, row * cells + t)
      if (!follows) continue
      for (let t = s; t < cells; t++)
        accumulate(next, s - t + cells, capped, mean, errors, means, (row - 1) * cells + t)
    }
  }
  return {
    sameProducts: same.products,
    sameScales: same.scales,
    nextProducts: next.products,
    nextScales: next.scales,
    squares: count === 0 ? 1 : squares / count,
    mean: count === 0 ? 0 : meanSum / count,
  }
}

function accumulate(
  sums: { products: Float64Array; scales: Float64Array },
  lag: number,
  error: number,
  mean: number,
  errors: Float64Array,
  means: Float64Array,
  other: number,
): void {
  const otherError = at(errors, other)
  if (Number.isNaN(otherError)) return
  sums.products[lag] = at(sums.products, lag) + error * Math.max(-12, Math.min(12, otherError))
  sums.scales[lag] = at(sums.scales, lag) + Math.sqrt(mean * at(means, other))
}

/** Least squares of the lag correlations on 1 (same day) and exp(−lag), neither below 0. */
function fitVariances(
  moments: LagMoments,
  lagOverFade: number,
): { dayVariance: number; withinVariance: number; loss: number } {
  let dd = 0
  let dw = 0
  let ww = 0
  let yd = 0
  let yw = 0
  let yy = 0
  const use = (products: number, scale: number, lag: number, day: number): void => {
    if (scale <= 0) return
    const value = products / scale
    const fade = Math.exp(-lag * lagOverFade)
    dd += scale * day
    dw += scale * day * fade
    ww += scale * fade * fade
    yd += scale * day * value
    yw += scale * fade * value
    yy += scale * value * value
  }
  for (let lag = 1; lag < moments.sameProducts.length; lag++)
    use(at(moments.sameProducts, lag), at(moments.sameScales, lag), lag, 1)
  for (let lag = 1; lag < moments.nextProducts.length / 2; lag++)
    use(at(moments.nextProducts, lag), at(moments.nextScales, lag), lag, 0)
  const determinant = dd * ww - dw * dw
  let dayVariance = determinant > 1e-12 ? (ww * yd - dw * yw) / determinant : 0
  let withinVariance = determinant > 1e-12 ? (dd * yw - dw * yd) / determinant : 0
  if (dayVariance < 0) {
    dayVariance = 0
    withinVariance = ww > 0 ? Math.max(0, yw / ww) : 0
  } else if (withinVariance < 0) {
    withinVariance = 0
    dayVariance = dd > 0 ? Math.max(0, yd / dd) : 0
  }
  const loss =
    yy -
    2 * (dayVariance * yd + withinVariance * yw) +
    dayVariance * dayVariance * dd +
    2 * dayVariance * withinVariance * dw +
    withinVariance * withinVariance * ww
  return { dayVariance, withinVariance, loss }
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
  const used = observations.filter(({ mean, actual }) => mean >= OBSERVED_MEAN_MIN && !Number.isNaN(actual))
  const size = used.length
  const matrix = new Float64Array(size * size)
  const weights = new Float64Array(size)
  used.forEach((one, i) => {
    for (let j = 0; j <= i; j++) {
      const other = used[j] ?? one
      matrix[i * size + j] =
        Math.sqrt(one.mean * other.mean) * covariance(one.minute, other.minute, law) +
        (i === j ? law.noise : 0)
    }
    weights[i] = rootError(one.mean, one.actual)
  })
  choleskyInPlace(matrix, size)
  forwardSolve(matrix, size, weights)
  backwardSolve(matrix, size, weights)
  const column = new Float64Array(size)
  return {
    factorAt(minute) {
      let shift = 0
      for (let i = 0; i < size; i++) {
        const one = used[i]
        if (one !== undefined)
          shift += covariance(minute, one.minute, law) * Math.sqrt(one.mean) * at(weights, i)
      }
      return Math.max(0.05, 1 + shift / 2) ** 2
    },
    variancePlus(minute) {
      used.forEach((one, i) => {
        column[i] = covariance(minute, one.minute, law) * Math.sqrt(one.mean)
      })
      forwardSolve(matrix, size, column)
      let explained = 0
      for (let i = 0; i < size; i++) explained += at(column, i) * at(column, i)
      return Math.max(0, law.dayVariance + law.withinVariance - explained)
    },
  }
}

function covariance(minute: number, other: number, law: IntradayLaw): number {
  const sameDay = minute < 0 === other < 0 ? law.dayVariance : 0
  return sameDay + law.withinVariance * Math.exp(-Math.abs(minute - other) / law.fadeMinutes)
}
