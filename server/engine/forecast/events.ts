// Events whose size nobody stated: what earlier events of the same name did to the volume.

import type { PreparedSeries } from './prepare.ts'
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
