// The methods that stand beside each other: the main model and plain ones, each as a source of means.

import type { DayForecaster } from './day-forecaster.ts'
import { isShut, type MeanSource, mainSource } from './mean-source.ts'
import type { PreparedSeries } from './prepare.ts'
import type { ProfileBook } from './profile.ts'
import { FLAG_AFTER_CLOSURE } from './special-days.ts'
import { add, at, sumOf } from './vector.ts'

/** Every method, the main one first. */
export const METHOD_NAMES = ['main', 'same-weekday', 'seasonal-naive', 'smoothing', 'blend'] as const
export type MethodName = (typeof METHOD_NAMES)[number]

export function isMethodName(text: string): text is MethodName {
  return (METHOD_NAMES as readonly string[]).includes(text)
}

export interface MethodParts {
  readonly series: PreparedSeries
  readonly forecaster: DayForecaster
  readonly profiles: ProfileBook
}

export function methodSource(name: MethodName, parts: MethodParts): MeanSource {
  switch (name) {
    case 'main':
      return mainSource(parts.series, parts.forecaster, parts.profiles)
    case 'same-weekday':
      return recentDaysSource(parts.series, SAME_WEEKDAY_WEEKS)
    case 'seasonal-naive':
      return recentDaysSource(parts.series, 1)
    case 'smoothing':
      return smoothingSource(parts.series, parts.profiles)
    case 'blend':
      return blendSource(
        (['main', 'same-weekday', 'smoothing'] as const).map((method) => methodSource(method, parts)),
      )
  }
}

const SAME_WEEKDAY_WEEKS = 6
/** Days further back than this are not "the last weeks" any more. */
const LOOK_BACK_DAYS = 182

/** Mean of the last days of the same class, slot by slot. */
function recentDaysSource(series: PreparedSeries, weeks: number): MeanSource {
  const cache = new Map<string, { total: number; shares: Float64Array }>()
  const recent = (day: number, lead: number): { total: number; shares: Float64Array } => {
    const known = Math.min(day - lead, series.originIndex - 1)
    const group = series.classOf[day] ?? 0
    const key = `${known} ${group}`
    const made = cache.get(key) ?? meanOfDays(series, lastDaysOfClass(series, known, group, weeks))
    cache.set(key, made)
    return made
  }
  return {
    dayMean: (day, lead) =>
      isShut(series, day) ? 0 : recent(day, lead).total * at(series.impactRatios, day),
    shares: (day, lead) => recent(day, lead).shares,
  }
}

function lastDaysOfClass(series: PreparedSeries, known: number, group: number, count: number): number[] {
  const days: number[] = []
  for (let day = known; day >= Math.max(0, known - LOOK_BACK_DAYS) && days.length < count; day--) {
    const plain = ((series.flags[day] ?? 0) & ~FLAG_AFTER_CLOSURE) === 0
    if (plain && series.classOf[day] === group && !Number.isNaN(at(series.totals, day))) days.push(day)
  }
  return days
}

function meanOfDays(
  series: PreparedSeries,
  days: readonly number[],
): { total: number; shares: Float64Array } {
  const shares = new Float64Array(series.slots)
  let total = 0
  for (const day of days) {
    total += at(series.totals, day) / days.length
    for (let slot = 0; slot < series.slots; slot++) {
      const count = at(series.counts, day * series.slots + slot)
      if (count > 0) add(shares, slot, count)
    }
  }
  const sum = sumOf(shares)
  return { total, shares: sum > 0 ? shares.map((share) => share / sum) : shares }
}

const SMOOTHING_CHOICES: readonly number[] = [0.02, 0.05, 0.1, 0.2, 0.35]

/** Simple exponential smoothing of day totals divided by their weekday's index, spread by the profile. */
function smoothingSource(series: PreparedSeries, profiles: ProfileBook): MeanSource {
  const index = weekdayIndex(series)
  let best: SmoothedTotals = { level: new Float64Array(0), loss: Number.POSITIVE_INFINITY }
  for (const smoothing of SMOOTHING_CHOICES) {
    const path = smoothTotals(series, index, smoothing)
    if (path.loss < best.loss || best.level.length === 0) best = path
  }
  return {
    dayMean(day, lead) {
      const known = Math.min(day - lead, series.originIndex - 1)
      if (known < 0 || isShut(series, day)) return 0
      return at(best.level, known) * at(index, series.classOf[day] ?? 0) * at(series.impactRatios, day)
    },
    shares: (day, lead) => profiles.shares(series.classOf[day] ?? 0, day - lead + 1),
  }
}

/** Mean total of each class over half a year ÷ the mean of all classes. */
function weekdayIndex(series: PreparedSeries): Float64Array {
  const groups = Array.from({ length: 7 }, (_, group) => {
    const days = lastDaysOfClass(series, series.originIndex - 1, group, 26)
    return days.length === 0 ? 0 : days.reduce((sum, day) => sum + at(series.totals, day), 0) / days.length
  })
  const mean = groups.reduce((sum, value) => sum + value, 0) / 7
  return Float64Array.from(groups, (value) => (mean > 0 ? value / mean : 0))
}

interface SmoothedTotals {
  readonly level: Float64Array
  readonly loss: number
}

function smoothTotals(series: PreparedSeries, index: Float64Array, smoothing: number): SmoothedTotals {
  const level = new Float64Array(series.originIndex)
  let current = Number.NaN
  let loss = 0
  for (let day = 0; day < series.originIndex; day++) {
    const share = at(index, series.classOf[day] ?? 0)
    const total = at(series.totals, day)
    if (share > 0.06 && !Number.isNaN(total) && (series.flags[day] ?? 0) === 0) {
      const value = total / share
      if (Number.isNaN(current)) current = value
      if (day > series.originIndex - 200) loss += share * Math.abs(value - current)
      current += smoothing * Math.min(1, share) * (value - current)
    }
    level[day] = Number.isNaN(current) ? 0 : current
  }
  return { level, loss }
}

/** Geometric mean of day totals, plain mean of shapes. */
function blendSource(sources: readonly MeanSource[]): MeanSource {
  return {
    dayMean(day, lead) {
      let logs = 0
      for (const source of sources) logs += Math.log(Math.max(1e-9, source.dayMean(day, lead)))
      const mean = Math.exp(logs / sources.length)
      return mean < 1e-3 ? 0 : mean
    },
    shares(day, lead) {
      const parts = sources.map((source) => source.shares(day, lead)).filter((shares) => sumOf(shares) > 0)
      const first = parts[0]
      if (first === undefined) return sources[0]?.shares(day, lead) ?? new Float64Array(0)
      return first.map((_, slot) => parts.reduce((sum, shares) => sum + at(shares, slot), 0) / parts.length)
    },
  }
}
