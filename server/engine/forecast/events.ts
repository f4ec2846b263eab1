// Events whose size nobody stated: what earlier events of the same name did to the volume.

import type { PreparedSeries } from './prepare.ts'
import { isSpecial } from './special-days.ts'
import { add, at } from './vector.ts'

/** So many days of no effect are believed before any was seen. */
const EVENT_SHRINKAGE_DAYS = 0.5
const HOLIDAY_SHRINKAGE_DAYS = 1
/** A holiday on which the queue was shut for once says little of the next one. */
const HOLIDAY_RATIO_MAX = 0.7

/** Adds the learned ln ratio of every named event to its days, past and coming; returns what then is left over. */
export function addEventRatios(
  series: PreparedSeries,
  residual: Float64Array,
  level: Float64Array,
  effect: Float64Array,
): Float64Array {
  const events = addRatios(series.namedEvents, EVENT_SHRINKAGE_DAYS, Number.POSITIVE_INFINITY)
  const holidays = addRatios(series.yearlyNames, HOLIDAY_SHRINKAGE_DAYS, HOLIDAY_RATIO_MAX)
  return holidays(events(residual, level, effect), level, effect)
}

type AddRatios = (residual: Float64Array, level: Float64Array, effect: Float64Array) => Float64Array

/** What days of one name had in common beyond the calendar's effects, less where few were seen, is expected of them again. */
function addRatios(names: ReadonlyMap<number, string>, shrinkageDays: number, most: number): AddRatios {
  return (residual, level, effect) => {
    if (names.size === 0) return residual
    const sums = new Map<string, { sum: number; days: number }>()
    for (const [day, name] of names) {
      const error = day < residual.length ? at(residual, day) - at(level, day) : Number.NaN
      if (Number.isNaN(error)) continue
      const known = sums.get(name) ?? { sum: 0, days: 0 }
      sums.set(name, { sum: known.sum + Math.max(-most, Math.min(most, error)), days: known.days + 1 })
    }
    const cleaned = Float64Array.from(residual)
    for (const [day, name] of names) {
      const { sum, days } = sums.get(name) ?? { sum: 0, days: 0 }
      const ratio = sum / (days + shrinkageDays)
      add(effect, day, ratio)
      if (day < cleaned.length) add(cleaned, day, -ratio)
    }
    return cleaned
  }
}

/**
 * ln errors of the special days as they would have been had each of them not been known: neither to the regression
 * (`leverageOf` says how much it follows a day) nor among the days of its name.
 */
export function leftOutErrors(
  series: PreparedSeries,
  residual: Float64Array,
  level: Float64Array,
  leverageOf: (day: number) => number,
): Map<number, number> {
  const found = new Map<number, number>()
  for (let day = 0; day < residual.length; day++) {
    const error = at(residual, day) - at(level, day)
    if (isSpecial(series.flags[day] ?? 0) && !Number.isNaN(error)) found.set(day, error)
  }
  const sums = sumsByName(series, found)
  for (const [day, error] of found) {
    const others = sums(day)
    const ratio = (others.sum - others.own) / (others.days + HOLIDAY_SHRINKAGE_DAYS)
    found.set(day, error / (1 - leverageOf(day)) - ratio)
  }
  return found
}

/** ln of what every special day had against a plain day of its class: its kind's effect (`kindEffect`) and what it left over. */
export function effectsOfSpecialDays(
  series: PreparedSeries,
  residual: Float64Array,
  level: Float64Array,
  kindEffect: (day: number) => number,
): Map<number, number> {
  const found = new Map<number, number>()
  for (let day = 0; day < residual.length; day++) {
    const error = at(residual, day) - at(level, day)
    if (isSpecial(series.flags[day] ?? 0) && !Number.isNaN(error)) found.set(day, error + kindEffect(day))
  }
  return found
}

/** Of each day's name: the clipped errors of all its days, the day's own, and the number of the others. */
function sumsByName(
  series: PreparedSeries,
  errors: ReadonlyMap<number, number>,
): (day: number) => { readonly sum: number; readonly own: number; readonly days: number } {
  const nameOf = (day: number): string =>
    series.namedEvents.get(day) ?? series.yearlyNames.get(day) ?? `${day}`
  const clipped = (error: number): number => Math.max(-HOLIDAY_RATIO_MAX, Math.min(HOLIDAY_RATIO_MAX, error))
  const sums = new Map<string, { sum: number; days: number }>()
  const own = new Map<number, number>()
  for (const [day, error] of errors) {
    const { sum, days } = sums.get(nameOf(day)) ?? { sum: 0, days: 0 }
    sums.set(nameOf(day), { sum: sum + clipped(error), days: days + 1 })
    own.set(day, clipped(error))
  }
  return (day) => {
    const { sum, days } = sums.get(nameOf(day)) ?? { sum: 0, days: 1 }
    return { sum, own: own.get(day) ?? 0, days: days - 1 }
  }
}
