// Events whose size nobody stated: what earlier events of the same name did to the volume.

import type { PreparedSeries } from './prepare.ts'
import { add, at } from './vector.ts'

/** So many days of no effect are believed before any was seen. */
const EVENT_SHRINKAGE_DAYS = 0.5

/** Adds the learned ln ratio of every named event to its days, past and coming; returns what then is left over. */
export function addEventRatios(
  series: PreparedSeries,
  residual: Float64Array,
  level: Float64Array,
  effect: Float64Array,
): Float64Array {
  if (series.namedEvents.size === 0) return residual
  const sums = new Map<string, { sum: number; days: number }>()
  for (const [day, name] of series.namedEvents) {
    const error = day < residual.length ? at(residual, day) - at(level, day) : Number.NaN
    if (Number.isNaN(error)) continue
    const known = sums.get(name) ?? { sum: 0, days: 0 }
    sums.set(name, { sum: known.sum + error, days: known.days + 1 })
  }
  const cleaned = Float64Array.from(residual)
  for (const [day, name] of series.namedEvents) {
    const { sum, days } = sums.get(name) ?? { sum: 0, days: 0 }
    const ratio = sum / (days + EVENT_SHRINKAGE_DAYS)
    add(effect, day, ratio)
    if (day < cleaned.length) add(cleaned, day, -ratio)
  }
  return cleaned
}
