// What comes back every year beyond smooth waves: dates that stand out, and the shape that last year had of its own.

import { dateOf } from './calendar.ts'
import type { PreparedSeries } from './prepare.ts'
import { add, at } from './vector.ts'

/** How far a yearly date must stand out, every time it came, to be believed. */
const YEARLY_DATE_SIGMAS = 2
const YEARLY_DATE_SHRINKAGE = 0.5

/** Fixed dates that stood out the same way at least twice (year's end, a yearly closing) get an effect of their own. */
export function addYearlyDates(
  series: PreparedSeries,
  residual: Float64Array,
  level: Float64Array,
  sigma: number,
  effect: Float64Array,
): Float64Array {
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

/** 52 weeks: the same weekday, at most two days from the same date. */
const YEAR_WEEKS_DAYS = 364
const CARRIED_RATIO = 0.4
const CARRIED_SIGMA_DAYS = 4
const CARRIED_HALF_WIDTH_DAYS = 14

/** Part of what last year's same weeks left over comes again: campaigns and school holidays have about the same weeks. */
export function addLastYearsShape(
  residual: Float64Array,
  level: Float64Array,
  sigma: number,
  effect: Float64Array,
): Float64Array {
  const days = residual.length
  const smooth = smoothedErrors(residual, level, 3 * sigma)
  const added = new Float64Array(effect.length)
  for (let day = YEAR_WEEKS_DAYS; day < effect.length; day++) {
    let before = day - YEAR_WEEKS_DAYS
    while (before >= days) before -= YEAR_WEEKS_DAYS
    added[day] = CARRIED_RATIO * at(smooth, before)
    add(effect, day, at(added, day))
  }
  return residual.map((value, day) => value - at(added, day))
}

/** Gaussian mean of the clipped errors around each day of history. */
function smoothedErrors(residual: Float64Array, level: Float64Array, most: number): Float64Array {
  const weights = Float64Array.from({ length: CARRIED_HALF_WIDTH_DAYS + 1 }, (_, step) =>
    Math.exp(-0.5 * (step / CARRIED_SIGMA_DAYS) ** 2),
  )
  const errors = residual.map((value, day) => Math.max(-most, Math.min(most, value - at(level, day))))
  return errors.map((_, day) => {
    let sum = 0
    let weight = 0
    const last = Math.min(errors.length - 1, day + CARRIED_HALF_WIDTH_DAYS)
    for (let other = Math.max(0, day - CARRIED_HALF_WIDTH_DAYS); other <= last; other++) {
      const error = at(errors, other)
      if (Number.isNaN(error)) continue
      const part = at(weights, Math.abs(other - day))
      sum += part * error
      weight += part
    }
    return weight > 0 ? sum / weight : 0
  })
}
