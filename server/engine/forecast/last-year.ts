// What the same weeks of earlier years had, moved by how far the last weeks stand from those of a year before.

import type { PreparedSeries } from './prepare.ts'
import { at, medianOf } from './vector.ts'

/** 52 weeks: the same weekday, at most two days from the same date. */
const YEAR_WEEKS_DAYS = 364
const YEARS_MAX = 3
/** Weeks to either side that share in a day's figure, with falling weights. */
const NEIGHBOUR_WEEKS = 2
/** Days whose distance from a year before is carried on. */
const RATIO_DAYS = 28
const RATIO_DAYS_MIN = 10

/** ln total of a day as earlier years have it, from days up to `known`; NaN when no earlier year tells. */
export interface LastYears {
  logTotal(day: number, known: number): number
}

/** `movable`: ln effect of the weeks that move with Easter; they are other weeks this year. */
export function lastYears(series: PreparedSeries, movable: Float64Array): LastYears {
  const logs = series.totals.map((total, day) =>
    (series.flags[day] ?? 0) !== 0 || series.closedClass[series.classOf[day] ?? 0]
      ? Number.NaN
      : Math.log(Math.max(total, 0.5)) - at(movable, day),
  )
  // Only the days of the replays are asked for: a median for every day of history would cost more than it gives.
  const shifts = Array.from({ length: YEARS_MAX }, () => new Map<number, number>())
  const shiftAt = (year: number, day: number): number => {
    const known = shifts[year - 1]?.get(day)
    if (known !== undefined) return known
    const made = yearShift(logs, day, year * YEAR_WEEKS_DAYS)
    shifts[year - 1]?.set(day, made)
    return made
  }
  const smooth = logs.map((_, day) => weekSmoothed(logs, day))
  return {
    logTotal(day, known) {
      let sum = 0
      let years = 0
      for (let year = 1; year <= YEARS_MAX; year++) {
        const then = day - year * YEAR_WEEKS_DAYS
        if (then < 0 || then + 7 * NEIGHBOUR_WEEKS > known) continue
        const value = at(smooth, then) + shiftAt(year, known)
        if (Number.isNaN(value)) continue
        sum += value
        years++
      }
      return years === 0 ? Number.NaN : sum / years + at(movable, day)
    },
  }
}

/** Median distance of the last days from the same weekdays `distance` days before. */
function yearShift(logs: Float64Array, day: number, distance: number): number {
  const found: number[] = []
  for (let recent = Math.max(distance, day - RATIO_DAYS + 1); recent <= day; recent++) {
    const shift = at(logs, recent) - at(logs, recent - distance)
    if (!Number.isNaN(shift)) found.push(shift)
  }
  return found.length < RATIO_DAYS_MIN ? Number.NaN : medianOf(found)
}

/** Weighted mean of a day and the same weekday in the weeks around it. */
function weekSmoothed(logs: Float64Array, day: number): number {
  let sum = 0
  let weights = 0
  for (let week = -NEIGHBOUR_WEEKS; week <= NEIGHBOUR_WEEKS; week++) {
    const value = logs[day + 7 * week] ?? Number.NaN
    if (Number.isNaN(value)) continue
    const weight = NEIGHBOUR_WEEKS + 1 - Math.abs(week)
    sum += weight * value
    weights += weight
  }
  return weights === 0 ? Number.NaN : sum / weights
}
