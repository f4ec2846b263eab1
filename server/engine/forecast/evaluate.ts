// The rolling evaluation of one queue: every method forecasts the last weeks, and the best one is picked.

import { poissonFloorWape } from './accuracy.ts'
import type { EpochDay, SpecialDay } from './calendar.ts'
import { type ForecastColumns, forecastFrom, learnSeries, type SeriesForecast, withMethod } from './index.ts'
import { METHOD_NAMES, type MethodName } from './methods.ts'
import type { SeriesHistory } from './prepare.ts'
import { at } from './vector.ts'

export interface EvaluationInput {
  readonly history: SeriesHistory
  readonly intervalMinutes: number
  /** First day that is not known: the evaluation ends there. */
  readonly endDay: EpochDay
  /** Days forecast from each origin. */
  readonly leadDays: number
  /** Origins, one a week. */
  readonly weeks: number
  readonly specialDays: readonly SpecialDay[]
  /** Other queues of the same site. */
  readonly siblings?: readonly SeriesHistory[]
}

/** Measures of one method; NaN where nothing could be measured. */
export interface MethodScore {
  readonly method: MethodName
  readonly wape: number
  readonly dayWape: number
  readonly bias: number
  /** Twice the mean pinball loss over 2.5, 10, 50, 90 and 97.5 % ÷ mean. */
  readonly weightedQuantileLoss: number
  readonly coverage80: number
  readonly coverage95: number
  /** WAPE that counting noise alone would leave. */
  readonly poissonFloorWape: number
}

export interface Evaluation {
  readonly origins: number
  readonly scores: readonly MethodScore[]
  /** Undefined when the history is too short to tell. */
  readonly pick: MethodName | undefined
}

/** Fewer days than this before an origin teach no method anything. */
const LEARNED_DAYS_MIN = 21
/** A plain method must be better by this ratio: less is the luck of a few weeks. */
const PICK_MARGIN_RATIO = 0.99

export function evaluateMethods(input: EvaluationInput): Evaluation {
  const sums = new Map(METHOD_NAMES.map((method) => [method, new ScoreSums()]))
  let origins = 0
  for (let week = input.weeks; week >= 1; week--) {
    const originDay = input.endDay - input.leadDays - (week - 1) * 7
    if (originDay - input.history.firstDay < LEARNED_DAYS_MIN) continue
    origins++
    const learned = learnSeries({ ...input, originDay, days: input.leadDays })
    for (const method of METHOD_NAMES) {
      const forecast = forecastFrom(withMethod(learned, method))
      sums.get(method)?.addForecast(forecast, input.history)
    }
  }
  const scores = METHOD_NAMES.map((method) => (sums.get(method) ?? new ScoreSums()).score(method))
  return { origins, scores, pick: pickOf(scores) }
}

function pickOf(scores: readonly MethodScore[]): MethodName | undefined {
  const main = scores[0]
  if (main === undefined || Number.isNaN(main.wape)) return undefined
  let best = main
  for (const score of scores) {
    if (score.wape < (best === main ? PICK_MARGIN_RATIO : 1) * best.wape) best = score
  }
  return best.method
}

/** Intervals with a mean below this are left out of coverage: a count of 0 or 1 fits no band of 80 %. */
const COVERED_MEAN_MIN = 1

/** Running sums of one method's errors. */
class ScoreSums {
  private absolute = 0
  private actual = 0
  private signed = 0
  private dayAbsolute = 0
  private pinball = 0
  private covered = 0
  private inside80 = 0
  private inside95 = 0
  private readonly means: number[] = []

  addForecast(forecast: SeriesForecast, history: SeriesHistory): void {
    const group = forecast.intervalMinutes / history.slotMinutes
    const cells = 1440 / forecast.intervalMinutes
    const from = (forecast.originDay - history.firstDay) * cells * group
    let dayError = 0
    for (let i = 0; i < forecast.intervals.mean.length; i++) {
      const actual = sumSlots(history.counts, from + i * group, group)
      if (!Number.isNaN(actual)) dayError += this.addInterval(forecast.intervals, i, actual)
      if ((i + 1) % cells === 0) {
        this.dayAbsolute += Math.abs(dayError)
        dayError = 0
      }
    }
  }

  private addInterval(columns: ForecastColumns, i: number, actual: number): number {
    const mean = at(columns.mean, i)
    this.absolute += Math.abs(mean - actual)
    this.signed += mean - actual
    this.actual += actual
    this.means.push(mean)
    const quantiles = [
      at(columns.p2_5, i),
      at(columns.p10, i),
      mean,
      at(columns.p90, i),
      at(columns.p97_5, i),
    ]
    PINBALL_LEVELS.forEach((level, k) => {
      const error = actual - at(quantiles, k)
      this.pinball += error >= 0 ? level * error : (level - 1) * error
    })
    if (mean >= COVERED_MEAN_MIN) {
      this.covered++
      if (actual >= at(columns.p10, i) && actual <= at(columns.p90, i)) this.inside80++
      if (actual >= at(columns.p2_5, i) && actual <= at(columns.p97_5, i)) this.inside95++
    }
    return mean - actual
  }

  score(method: MethodName): MethodScore {
    const ratio = (value: number, by: number): number => (by > 0 ? value / by : Number.NaN)
    return {
      method,
      wape: ratio(this.absolute, this.actual),
      dayWape: ratio(this.dayAbsolute, this.actual),
      bias: ratio(this.signed, this.actual),
      weightedQuantileLoss: ratio((2 * this.pinball) / PINBALL_LEVELS.length, this.actual),
      coverage80: ratio(this.inside80, this.covered),
      coverage95: ratio(this.inside95, this.covered),
      poissonFloorWape: poissonFloorWape(Float64Array.from(this.means)),
    }
  }
}

const PINBALL_LEVELS: readonly number[] = [0.025, 0.1, 0.5, 0.9, 0.975]

function sumSlots(counts: Float64Array, from: number, length: number): number {
  let sum = Number.NaN
  for (let slot = from; slot < from + length; slot++) {
    const count = counts[slot] ?? Number.NaN
    if (count >= 0) sum = (Number.isNaN(sum) ? 0 : sum) + count
  }
  return sum
}
