// Day totals: ln total = level + calendar effects. Ridge regression for the effects, smoothing for the level, one memory per lead.

import { dateOf, dayOfMonth } from './calendar.ts'
import {
  CLASS_COUNT,
  FLAG_AFTER_CLOSURE,
  FLAG_EVE,
  FLAG_EVENT,
  FLAG_HOLIDAY,
  type PreparedSeries,
} from './prepare.ts'
import { add, at, backwardSolve, choleskyInPlace, forwardSolve, madSigma, medianOf } from './vector.ts'

/** Longest lead, in days, of each bucket; beyond the last one the last bucket serves. */
export const LEAD_BUCKET_ENDS: readonly number[] = [2, 7, 14, 28]
export const LEAD_BUCKET_COUNT = LEAD_BUCKET_ENDS.length + 1
/** Leads at which each bucket's memory is judged. */
const JUDGED_LEADS: readonly (readonly number[])[] = [
  [1, 2],
  [3, 5, 7],
  [8, 11, 14],
  [18, 24],
  [35, 50, 75],
]
const SMOOTHING_CHOICES: readonly number[] = [0.015, 0.03, 0.06, 0.1, 0.15, 0.22, 0.3, 0.45]
const JUDGED_DAYS = 300
const WEIGHT_HALF_LIFE_DAYS = 250
/** Yearly effects are learned from years, so years must count. */
const WEIGHT_HALF_LIFE_LONG_DAYS = 1000
const LONG_HISTORY_DAYS = 694
const LEVEL_HALF_WIDTH_DAYS = 150
const PASSES = 4
const SHORT_HISTORY_DAYS = 56
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
  /** Day index of the last jump of the level; -1 = none. */
  readonly jumpIndex: number
  /** ln size of that jump. */
  readonly jumpSize: number
}

/** Bucket of a lead in days (1 = the first day not known). */
export function leadBucket(lead: number): number {
  let bucket = 0
  while (bucket < LEAD_BUCKET_ENDS.length && lead > at(LEAD_BUCKET_ENDS, bucket)) bucket++
  return bucket
}

export function fitDayModel(series: PreparedSeries): DayModel {
  const logTotals = usableLogs(series)
  const design = buildDesign(series)
  const trust = new Float64Array(series.originIndex)
  const level = new Float64Array(series.originIndex)
  const effect = new Float64Array(series.originIndex + series.horizonDays)
  let residual = logTotals
  let sigma = 0.1
  if (series.usableDays > 0) {
    smoothLevel(logTotals, baseTrust(series), level)
    for (let pass = 0; pass < PASSES; pass++) {
      setTrust(series, residual, level, sigma, pass, trust)
      const beta = solveRidge(design, logTotals, level, trust)
      applyDesign(design, beta, effect)
      residual = logTotals.map((value, day) => value - at(effect, day))
      smoothLevel(residual, trust, level)
      sigma = residualSigma(residual, level)
    }
    residual = addYearlyDates(series, residual, level, sigma, effect)
  }
  return { effect, residual, trust, sigma, ...chooseLevels(series, residual, effect, sigma) }
}

function usableLogs(series: PreparedSeries): Float64Array {
  return series.totals.map((total, day) => {
    const ratio = at(series.impactRatios, day)
    if (series.closedClass[series.classOf[day] ?? 0] || ratio <= 0) return Number.NaN
    return Math.log(Math.max(total, 0.5) / ratio)
  })
}

/** A year seen once may be a drift; seen twice and more it may have corners. */
function yearlyPairs(years: number): number {
  return years < 1.9 ? 2 : years < 2.4 ? 5 : 8
}

interface Design {
  readonly rows: Float64Array
  readonly width: number
  readonly penalties: Float64Array
}

const MONTH_POSITIONS: readonly (readonly [number, number])[] = [
  [1, 1],
  [2, 3],
  [4, 5],
  [14, 16],
  [25, 27],
  [28, 31],
]

function buildDesign(series: PreparedSeries): Design {
  const days = series.originIndex + series.horizonDays
  const short = series.originIndex < SHORT_HISTORY_DAYS
  const years = series.originIndex / 365.25
  const pairs = short ? 0 : yearlyPairs(years)
  const penalties = [
    ...Array<number>(CLASS_COUNT).fill(0.5),
    ...Array<number>(short ? 0 : MONTH_POSITIONS.length).fill(4),
    ...[0.7, 0.7, 0.7],
    ...Array<number>(pairs * 2).fill(years > 1.9 ? 5 : 40),
  ]
  const width = penalties.length
  const rows = new Float64Array(days * width)
  for (let day = 0; day < days; day++) fillDesignRow(rows, day * width, series, day, { short, pairs })
  return { rows, width, penalties: Float64Array.from(penalties) }
}

function fillDesignRow(
  rows: Float64Array,
  from: number,
  series: PreparedSeries,
  day: number,
  shape: { short: boolean; pairs: number },
): void {
  const flags = series.flags[day] ?? 0
  const epochDay = series.firstDay + day
  rows[from + (series.classOf[day] ?? 0)] = 1
  let column = from + CLASS_COUNT
  if (!shape.short) {
    const date = dayOfMonth(epochDay)
    for (const [first, last] of MONTH_POSITIONS) rows[column++] = date >= first && date <= last ? 1 : 0
  }
  for (const flag of [FLAG_HOLIDAY, FLAG_EVE, FLAG_AFTER_CLOSURE])
    rows[column++] = (flags & flag) !== 0 ? 1 : 0
  for (let pair = 1; pair <= shape.pairs; pair++) {
    const angle = (2 * Math.PI * pair * epochDay) / 365.2425
    rows[column++] = Math.sin(angle)
    rows[column++] = Math.cos(angle)
  }
}

/** Half-life of the weights of days in the regression. */
export function trustHalfLifeDays(historyDays: number): number {
  return historyDays > LONG_HISTORY_DAYS ? WEIGHT_HALF_LIFE_LONG_DAYS : WEIGHT_HALF_LIFE_DAYS
}

/** Trust before any residual is known: age, and events whose size nobody stated. */
function baseTrust(series: PreparedSeries): Float64Array {
  const halfLife = trustHalfLifeDays(series.originIndex)
  return Float64Array.from({ length: series.originIndex }, (_, day) => {
    const unknownEvent = ((series.flags[day] ?? 0) & FLAG_EVENT) !== 0 && at(series.impactRatios, day) === 1
    return unknownEvent ? 0 : 0.5 ** ((series.originIndex - 1 - day) / halfLife)
  })
}

function setTrust(
  series: PreparedSeries,
  residual: Float64Array,
  level: Float64Array,
  sigma: number,
  pass: number,
  trust: Float64Array,
): void {
  trust.set(baseTrust(series))
  for (let day = 0; day < trust.length; day++) {
    if (Number.isNaN(at(residual, day))) trust[day] = 0
    else if (pass > 0 && Math.abs(at(residual, day) - at(level, day)) > 4 * sigma)
      trust[day] = 0.1 * at(trust, day)
  }
}

function solveRidge(
  design: Design,
  logTotals: Float64Array,
  level: Float64Array,
  trust: Float64Array,
): Float64Array {
  const { rows, width, penalties } = design
  const normal = new Float64Array(width * width)
  const beta = new Float64Array(width)
  const active = new Int32Array(width)
  for (let day = 0; day < logTotals.length; day++) {
    const weight = at(trust, day)
    if (weight === 0) continue
    const target = weight * (at(logTotals, day) - at(level, day))
    let used = 0
    for (let i = 0; i < width; i++) if (at(rows, day * width + i) !== 0) active[used++] = i
    for (let a = 0; a < used; a++) {
      const i = active[a] ?? 0
      const value = at(rows, day * width + i)
      add(beta, i, value * target)
      for (let b = 0; b <= a; b++)
        add(normal, i * width + (active[b] ?? 0), weight * value * at(rows, day * width + (active[b] ?? 0)))
    }
  }
  for (let i = 0; i < width; i++) add(normal, i * width + i, at(penalties, i))
  choleskyInPlace(normal, width)
  forwardSolve(normal, width, beta)
  backwardSolve(normal, width, beta)
  return beta
}

function applyDesign(design: Design, beta: Float64Array, effect: Float64Array): void {
  for (let day = 0; day < effect.length; day++) {
    let sum = 0
    for (let i = 0; i < design.width; i++) sum += at(design.rows, day * design.width + i) * at(beta, i)
    effect[day] = sum
  }
}

/** How far a yearly date must stand out, every time it came, to be believed. */
const YEARLY_DATE_SIGMAS = 2
const YEARLY_DATE_SHRINKAGE = 0.5

/** Fixed dates that stood out the same way at least twice (year's end, a yearly closing) get an effect of their own. */
function addYearlyDates(
  series: PreparedSeries,
  residual: Float64Array,
  level: Float64Array,
  sigma: number,
  effect: Float64Array,
): Float64Array {
  if (series.originIndex <= LONG_HISTORY_DAYS) return residual
  const byDate = new Map<string, number[]>()
  const dateKey = (day: number): string => dateOf(series.firstDay + day).slice(5)
  for (let day = 0; day < residual.length; day++) {
    const error = at(residual, day) - at(level, day)
    if (Number.isNaN(error) || series.flags[day] !== 0) continue
    const key = dateKey(day)
    const known = byDate.get(key)
    if (known === undefined) byDate.set(key, [error])
    else known.push(error)
  }
  const added = new Float64Array(effect.length)
  for (let day = 0; day < effect.length; day++) {
    const errors = byDate.get(dateKey(day)) ?? []
    const sign = Math.sign(errors[0] ?? 0)
    if (
      errors.length < 2 ||
      series.flags[day] !== 0 ||
      errors.some((error) => sign * error < YEARLY_DATE_SIGMAS * sigma)
    )
      continue
    added[day] = errors.reduce((sum, error) => sum + error, 0) / (errors.length + YEARLY_DATE_SHRINKAGE)
    add(effect, day, at(added, day))
  }
  return residual.map((value, day) => value - at(added, day))
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

function residualSigma(residual: Float64Array, level: Float64Array): number {
  const errors: number[] = []
  for (let day = Math.max(0, residual.length - 400); day < residual.length; day++) {
    const error = at(residual, day) - at(level, day)
    if (!Number.isNaN(error)) errors.push(error)
  }
  return errors.length < 3 ? 0.2 : Math.max(0.01, madSigma(errors, medianOf(errors)))
}

type Levels = Pick<DayModel, 'levels' | 'smearing' | 'smoothing' | 'jumpIndex' | 'jumpSize'>

/** Runs the filter for every memory and keeps, per lead bucket, the one that would have forecast best. */
function chooseLevels(
  series: PreparedSeries,
  residual: Float64Array,
  effect: Float64Array,
  sigma: number,
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
    smearing: levels.map((level, bucket) => smearingOf(residual, volume, level, JUDGED_LEADS[bucket] ?? [1])),
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

/** Mean of exp(error) around its own centre: what a forecast of logs loses to the mean. */
function smearingOf(
  residual: Float64Array,
  volume: Float64Array,
  level: Float64Array,
  leads: readonly number[],
): number {
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
  return weights < 5 ? 1 : Math.min(1.25, sumExp / weights / Math.exp(sum / weights))
}
