// The main model as a source of means that the replay, the forecast and the plain methods share.

import type { DayForecaster } from './day-forecaster.ts'
import type { PreparedSeries } from './prepare.ts'
import type { ProfileBook } from './profile.ts'
import { FLAG_CLOSED } from './special-days.ts'
import { at } from './vector.ts'

/** A method's means. `lead` 1 = the day before was the last one known. Only days up to `day − lead` are read. */
export interface MeanSource {
  dayMean(day: number, lead: number): number
  shares(day: number, lead: number): Float64Array
}

/** The main model: day totals of the mixed day models, spread by the recent profile. */
export function mainSource(
  series: PreparedSeries,
  forecaster: DayForecaster,
  profiles: ProfileBook,
): MeanSource {
  return {
    dayMean(day, lead) {
      const group = series.classOf[day] ?? 0
      if (isShut(series, day)) return 0
      const known = Math.min(day - lead, series.originIndex - 1)
      const impact = at(series.impactRatios, day)
      if (series.closedClass[group]) return at(series.closedClassMean, group) * impact
      if (known < 0 || series.usableDays === 0) return 0
      return Math.exp(Math.min(25, forecaster.logTotal(day, known, lead))) * impact
    },
    shares: (day, lead) => profiles.shares(series.classOf[day] ?? 0, day - lead + 1),
  }
}

/** Marked closed: nothing is forecast. */
export function isShut(series: PreparedSeries, day: number): boolean {
  return ((series.flags[day] ?? 0) & FLAG_CLOSED) !== 0
}
