// What every method answers: the mean total of a day and its shares, from what was known `lead` days before.

import type { DayModel } from './day-model.ts'
import { leadBucket } from './day-model.ts'
import type { PreparedSeries } from './prepare.ts'
import { FLAG_CLOSED } from './prepare.ts'
import type { ProfileBook } from './profile.ts'
import { at } from './vector.ts'

/** A method's means. `lead` 1 = the day before was the last one known. Only days up to `day − lead` are read. */
export interface MeanSource {
  dayMean(day: number, lead: number): number
  shares(day: number, lead: number): Float64Array
}

/** The main model: level of the lead's memory, calendar effects, recent profile. */
export function mainSource(series: PreparedSeries, model: DayModel, profiles: ProfileBook): MeanSource {
  return {
    dayMean(day, lead) {
      const group = series.classOf[day] ?? 0
      if (isShut(series, day)) return 0
      const known = Math.min(day - lead, series.originIndex - 1)
      const impact = at(series.impactRatios, day)
      if (series.closedClass[group]) return at(series.closedClassMean, group) * impact
      if (known < 0 || series.usableDays === 0) return 0
      const bucket = leadBucket(lead)
      const level = at(model.levels[bucket] ?? [], known)
      return Math.exp(Math.min(25, level + at(model.effect, day))) * (model.smearing[bucket] ?? 1) * impact
    },
    shares: (day, lead) => profiles.shares(series.classOf[day] ?? 0, day - lead + 1),
  }
}

/** Marked closed: nothing is forecast. */
export function isShut(series: PreparedSeries, day: number): boolean {
  return ((series.flags[day] ?? 0) & FLAG_CLOSED) !== 0
}
