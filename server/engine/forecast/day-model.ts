// Day totals: ln total = level + calendar effects. Ridge regression for the effects, smoothing for the level, one memory per lead.

import { addEventRatios, effectsOfSpecialDays, leftOutErrors } from './events.ts'
import { believedWeeks } from './movable-weeks.ts'
import type { PreparedSeries } from './prepare.ts'
import {
  applyEffect,
  applyTrend,
  buildDesign,
  isLongHistory,
  leverageOf,
  movableEffect,
  newRidgeSums,
  type RidgeSolution,
  solveRidge,
  specialEffect,
} from './regression.ts'
import { FLAG_EVENT } from './special-days.ts'
import { at, madSigma, medianOf } from './vector.ts'
import { addLastYearsShape, addYearlyDates } from './yearly.ts'

/** Longest lead, in days, of each bucket; beyond the last one the last bucket serves. */
export const LEAD_BUCKET_ENDS: readonly number[] = [2, 7, 14, 28]
/** Leads at which each bucket's memory is judged. */
export const JUDGED_LEADS: readonly (readonly number[])[] = [
  [1, 2],
  [3, 5, 7],
  [8, 11, 14],
  [18, 24],
  [35, 50, 75],
]
const SMOOTHING_CHOICES: readonly number[] = [0.015, 0.03, 0.06, 0.1, 0.15, 0.22, 0.3, 0.45]
const JUDGED_DAYS = 300
const WEIGHT_HALF_LIFE_DAYS = 400
/** Yearly effects are learned from years, so years must count. */
const WEIGHT_HALF_LIFE_LONG_DAYS = 1000
const LEVEL_HALF_WIDTH_DAYS = 150
const PASSES = 4
/** Trend and cycle are solved together there, so only the trust in outliers has to settle. */
const PASSES_LONG = 3
/** Days that tell how far errors usually go; a long history is judged whole, for its seasons differ. */
const SIGMA_DAYS = 400
/** So many innovations in a row far on one side are a new level; a cold spell or a campaign of ten days is not. */
const JUMP_RUN_DAYS = 14
const JUMP_SIGMAS = 3

export interface DayModel {
  /** Calendar effect in ln units for each day of history and horizon. */
  readonly effect: Float64Array
  /** What is left of ln total, NaN where the day teaches nothing. */
  readonly residual: Float64Array
  /** Trust in each history day, 0…1; outliers 0.1. */
  readonly trust: Float64Array
  /** Per lead bucket, the level after each history day. */
  readonly levels: readonly Float64Array[]
  /** Per lead bucket, mean ÷ exp(ln forecast). */
  readonly smearing: readonly number[]
  readonly smoothing: readonly number[]
  readonly sigma: number
  /** Spread of day-to-day steps, beyond which the level follows no further. */
  readonly stepSigma: number
  /** Day index of the last jump of the level; -1 = none. */
  readonly jumpIndex: number
  /** ln size of that jump. */
  readonly jumpSize: number
  /** ln errors of past special days as they would have been, had each of them not been known. */
  readonly leftOut: ReadonlyMap<number, number>
  /** ln effect of the weeks that move with Easter, history and horizon. */
  readonly movable: Float64Array
  /** ln of what past special days had against a plain day of their class. */
  readonly specialEffects: ReadonlyMap<number, number>
}

/** Bucket of a lead in days (1 = the first day not known). */
export function leadBucket(lead: number): number {
  let bucket = 0
  while (bucket < LEAD_BUCKET_ENDS.length && lead > at(LEAD_BUCKET_ENDS, bucket)) bucket++
  return bucket
}

export function fitDayModel(
  series: PreparedSeries,
  seasonal: boolean = isLongHistory(series.originIndex),
): DayModel {
  const logTotals = usableLogs(series)
  const design = buildDesign(series, seasonal)
  const sums = newRidgeSums(design, series.originIndex)
  const trust = new Float64Array(series.originIndex)
  const level = new Float64Array(series.originIndex)
  const effect = new Float64Array(series.originIndex + series.horizonDays)
  let residual = logTotals
  let movable: Float64Array = new Float64Array(effect.length)
  let sigma = 0.1
  let leftOut: ReadonlyMap<number, number> = new Map()
  let specialEffects: ReadonlyMap<number, number> = new Map()
  if (series.usableDays > 0) {
    let solution: RidgeSolution | undefined
    if (!design.hasTrend) smoothLevel(logTotals, baseTrust(series, seasonal), level)
    for (let pass = 0; pass < (design.hasTrend ? PASSES_LONG : PASSES); pass++) {
      setTrust(series, { residual, level, sigma, pass, seasonal }, trust)
      solution = solveRidge(design, logTotals, design.hasTrend ? undefined : level, trust, sums)
      applyEffect(design, solution.beta, effect)
      residual = logTotals.map((value, day) => value - at(effect, day))
      if (design.hasTrend) applyTrend(design, solution.beta, level)
      else smoothLevel(residual, trust, level)
      sigma = residualSigma(residual, level, seasonal)
    }
    if (design.hasTrend) {
      const fitted = movableEffect(design, solution, effect.length)
      movable = believedWeeks(fitted, effect, { residual, level })
      residual = logTotals.map((value, day) => value - at(effect, day))
    }
    const leverage = (day: number): number => leverageOf(design, solution, day, at(trust, day))
    leftOut = leftOutErrors(series, residual, level, leverage)
    const kind = (day: number): number => specialEffect(design, solution, day)
    specialEffects = effectsOfSpecialDays(series, residual, level, kind)
    residual = addEventRatios(series, residual, level, effect)
    if (design.hasTrend) {
      residual = addYearlyDates(series, residual, level, sigma, effect)
      residual = addLastYearsShape(residual, level, sigma, effect)
    }
  }
  const levels = chooseLevels(series, residual, effect, { sigma, seasonal })
  return {
    effect,
    residual,
    trust,
    sigma,
    ...levels,
    leftOut,
    movable,
    specialEffects,
  }
}

function usableLogs(series: PreparedSeries): Float64Array {
  return series.totals.map((total, day) => {
    const ratio = at(series.impactRatios, day)
    if (series.closedClass[series.classOf[day] ?? 0] || ratio <= 0) return Number.NaN
    return Math.log(Math.max(total, 0.5) / ratio)
  })
}

/** Half-life of the weights of days in the regression. */
export function trustHalfLifeDays(seasonal: boolean): number {
  return seasonal ? WEIGHT_HALF_LIFE_LONG_DAYS : WEIGHT_HALF_LIFE_DAYS
}

/** Trust before any residual is known: age, and events whose size nobody stated. */
function baseTrust(series: PreparedSeries, seasonal: boolean): Float64Array {
  const halfLife = trustHalfLifeDays(seasonal)
  return Float64Array.from({ length: series.originIndex }, (_, day) => {
    const unknownEvent = ((series.flags[day] ?? 0) & FLAG_EVENT) !== 0 && at(series.impactRatios, day) === 1
    return unknownEvent ? 0 : 0.5 ** ((series.originIndex - 1 - day) / halfLife)
  })
}

/** Trust in a day so many sigmas off: in short histories a cliff, in long ones a slope, where no single day may decide. */
function outlierTrust(sigmas: number, long: boolean): number {
  const far = Math.abs(sigmas)
  if (long) return Math.min(1, 3 / far)
  return far > 4 ? 0.1 : 1
}

interface PassState {
  readonly residual: Float64Array
  readonly level: Float64Array
  readonly sigma: number
  readonly pass: number
  readonly seasonal: boolean
}

function setTrust(series: PreparedSeries, state: PassState, trust: Float64Array): void {
  const { residual, level, sigma, pass, seasonal } = state
  trust.set(baseTrust(series, seasonal))
  for (let day = 0; day < trust.length; day++) {
    if (Number.isNaN(at(residual, day))) trust[day] = 0
    else if (pass > 0) {
      const sigmas = (at(residual, day) - at(level, day)) / sigma
      trust[day] = at(trust, day) * outlierTrust(sigmas, seasonal)
    }
  }
}

/** Centred weighted mean over ± LEVEL_HALF_WIDTH_DAYS, by running sums; where nothing is near, the nearest value. */
function smoothLevel(residual: Float64Array, trust: Float64Array, level: Float64Array): void {
  const days = residual.length
  const weights = new Float64Array(days + 1)
  const sums = new Float64Array(days + 1)
  for (let day = 0; day < days; day++) {
    const weight = Number.isNaN(at(residual, day)) ? 0 : at(trust, day)
    weights[day + 1] = at(weights, day) + weight
    sums[day + 1] = at(sums, day) + (weight === 0 ? 0 : weight * at(residual, day))
  }
  let last = at(weights, days) > 0 ? at(sums, days) / at(weights, days) : 0
  for (let day = 0; day < days; day++) {
    const from = Math.max(0, day - LEVEL_HALF_WIDTH_DAYS)
    const to = Math.min(days, day + LEVEL_HALF_WIDTH_DAYS + 1)
    const weight = at(weights, to) - at(weights, from)
    if (weight > 1e-9) last = (at(sums, to) - at(sums, from)) / weight
    level[day] = last
  }
}

function residualSigma(residual: Float64Array, level: Float64Array, seasonal: boolean): number {
  const errors: number[] = []
  const from = seasonal ? 0 : Math.max(0, residual.length - SIGMA_DAYS)
  for (let day = from; day < residual.length; day++) {
    const error = at(residual, day) - at(level, day)
    if (!Number.isNaN(error)) errors.push(error)
  }
  return errors.length < 3 ? 0.2 : Math.max(0.01, madSigma(errors, medianOf(errors)))
}

type Levels = Pick<DayModel, 'levels' | 'smearing' | 'smoothing' | 'stepSigma' | 'jumpIndex' | 'jumpSize'>

/** The same effects and memories on a longer history: only the levels go on. */
export function followLevels(model: DayModel, series: PreparedSeries): DayModel {
  const residual = usableLogs(series).map((value, day) => value - at(model.effect, day))
  const volume = volumeWeights(series, model.effect)
  const paths = new Map<number, Float64Array>()
  const levels = model.smoothing.map((smoothing) => {
    const level = paths.get(smoothing) ?? filterLevel(residual, volume, smoothing, model.stepSigma).level
    paths.set(smoothing, level)
    return level
  })
  return { ...model, residual, levels }
}

/** Runs the filter for every memory and keeps, per lead bucket, the one that would have forecast best. */
function chooseLevels(
  series: PreparedSeries,
  residual: Float64Array,
  effect: Float64Array,
  { sigma, seasonal }: { readonly sigma: number; readonly seasonal: boolean },
): Levels {
  const volume = volumeWeights(series, effect)
  const innovationSigma = stepSigma(residual, sigma)
  const paths = SMOOTHING_CHOICES.map((smoothing) =>
    filterLevel(residual, volume, smoothing, innovationSigma),
  )
  const chosen = JUDGED_LEADS.map((leads) => {
    const losses = paths.map((path) => levelLoss(residual, volume, path.level, leads))
    return losses.indexOf(Math.min(...losses))
  })
  const levels = chosen.map((choice) => paths[choice]?.level ?? residual)
  const fast = paths[4]
  return {
    levels,
    smoothing: chosen.map((choice) => at(SMOOTHING_CHOICES, choice)),
    stepSigma: innovationSigma,
    smearing: levels.map((level, bucket) =>
      smearingOf({ residual, volume, level, seasonal }, JUDGED_LEADS[bucket] ?? [1]),
    ),
    jumpIndex: fast?.jumpIndex ?? -1,
    jumpSize: fast?.jumpSize ?? 0,
  }
}

/** Expected volume ÷ its median, at most 1: quiet days are noisy in logs and move the level little. */
function volumeWeights(series: PreparedSeries, effect: Float64Array): Float64Array {
  const expected = Float64Array.from({ length: series.originIndex }, (_, day) => Math.exp(at(effect, day)))
  const known = expected.filter(
    (_, day) => !Number.isNaN(at(series.totals, day)) && !series.closedClass[series.classOf[day] ?? 0],
  )
  const median = known.length === 0 ? 1 : medianOf(known)
  return expected.map((value) => Math.min(1, value / median))
}

/** Spread of day-to-day steps, which a slow drift of the level does not inflate. */
function stepSigma(residual: Float64Array, sigma: number): number {
  const steps: number[] = []
  let last = Number.NaN
  for (let day = Math.max(0, residual.length - 400); day < residual.length; day++) {
    const value = at(residual, day)
    if (Number.isNaN(value)) continue
    if (!Number.isNaN(last)) steps.push((value - last) / Math.SQRT2)
    last = value
  }
  return steps.length < 6 ? sigma : Math.max(0.02, Math.min(sigma, madSigma(steps, 0)))
}

interface LevelPath {
  readonly level: Float64Array
  readonly jumpIndex: number
  readonly jumpSize: number
}

/** Exponential smoothing with clipped innovations; a run of clipped ones on one side restarts the level there. */
function filterLevel(
  residual: Float64Array,
  volume: Float64Array,
  smoothing: number,
  sigma: number,
): LevelPath {
  const level = new Float64Array(residual.length)
  const first: number[] = []
  for (let day = 0; day < residual.length && first.length < 14; day++)
    if (!Number.isNaN(at(residual, day))) first.push(at(residual, day))
  let current = first.length === 0 ? 0 : medianOf(first)
  let jumpIndex = -1
  let jumpSize = 0
  let run: number[] = []
  for (let day = 0; day < residual.length; day++) {
    const innovation = at(residual, day) - current
    if (!Number.isNaN(innovation)) {
      const far = Math.abs(innovation) > JUMP_SIGMAS * sigma
      run =
        far && (run.length === 0 || Math.sign((run[0] ?? 0) - current) === Math.sign(innovation))
          ? [...run, at(residual, day)]
          : far
            ? [at(residual, day)]
            : []
      current += smoothing * at(volume, day) * Math.max(-3 * sigma, Math.min(3 * sigma, innovation))
      if (run.length >= JUMP_RUN_DAYS) {
        jumpSize = medianOf(run) - current
        current = medianOf(run)
        jumpIndex = day - JUMP_RUN_DAYS + 1
        run = []
      }
    }
    level[day] = current
  }
  return { level, jumpIndex, jumpSize }
}

function levelLoss(
  residual: Float64Array,
  volume: Float64Array,
  level: Float64Array,
  leads: readonly number[],
): number {
  let loss = 0
  let weights = 0
  for (const lead of leads) {
    for (let day = Math.max(lead + 14, residual.length - JUDGED_DAYS); day < residual.length; day++) {
      const error = at(residual, day) - at(level, day - lead)
      if (Number.isNaN(error)) continue
      loss += at(volume, day) * Math.abs(error)
      weights += at(volume, day)
    }
  }
  return weights === 0 ? 0 : loss / weights
}

/** Part of a long history's mean error that is made good; in a shorter one a season looks the same. */
const DRIFT_CARRIED_RATIO = 0.5

interface Smeared {
  readonly residual: Float64Array
  readonly volume: Float64Array
  readonly level: Float64Array
  readonly seasonal: boolean
}

/** Mean of exp(error) around its own centre: what a forecast of logs loses to the mean. */
function smearingOf({ residual, volume, level, seasonal }: Smeared, leads: readonly number[]): number {
  let weights = 0
  let sum = 0
  let sumExp = 0
  for (const lead of leads) {
    for (let day = Math.max(lead + 14, residual.length - JUDGED_DAYS); day < residual.length; day++) {
      const error = at(residual, day) - at(level, day - lead)
      if (Number.isNaN(error) || Math.abs(error) > 1.5) continue
      weights += at(volume, day)
      sum += at(volume, day) * error
      sumExp += at(volume, day) * Math.exp(error)
    }
  }
  if (weights < 5) return 1
  const drift = sum / weights
  const carried = seasonal ? DRIFT_CARRIED_RATIO : 0
  return Math.min(1.25, Math.max(0.8, (sumExp / weights) * Math.exp((carried - 1) * drift)))
}
