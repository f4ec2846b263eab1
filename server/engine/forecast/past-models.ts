// The day model as it would have been fitted earlier: a replay must not know effects that were learned from the days it replays.

import { type DayModel, fitDayModel, followLevels } from './day-model.ts'
import type { PreparedSeries } from './prepare.ts'
import { isLongHistory } from './regression.ts'

/** Days before the origin at which the model is fitted again; between them the level alone is carried on. */
const REFIT_AGES_DAYS: readonly number[] = [14, 42, 84, 140, 210, 308]
/** The seasonal model costs most and changes least. */
const REFIT_AGES_SEASONAL_DAYS: readonly number[] = [56, 196]
/** In a history of weeks every week teaches. */
const REFIT_AGES_SHORT_DAYS: readonly number[] = [7, 14, 21, 28, 35, 42, 49, 56, 63, 70, 84, 98]
const SHORT_HISTORY_DAYS = 112
/** A model of less than this part of the history knows too little to be judged in place of the one that knows all of it. */
const FITTED_PART_MIN = 0.5
/** Less than this teaches no weekday. */
const FITTED_DAYS_MIN = 14

/** Day models by the day at which they were fitted, the newest first. */
export interface PastModels {
  /** The newest model that was fitted on days before `knownDays` alone; the oldest when all are newer. */
  knownAt(knownDays: number): DayModel
}

/** Fits `model` again on earlier days; `seasonal` says which of the two designs it has. */
export function fitPastModels(series: PreparedSeries, model: DayModel, seasonal: boolean): PastModels {
  const models: { readonly fittedDays: number; readonly model: DayModel }[] = [
    { fittedDays: series.originIndex, model },
  ]
  const young = series.originIndex < SHORT_HISTORY_DAYS
  const ages = seasonal ? REFIT_AGES_SEASONAL_DAYS : young ? REFIT_AGES_SHORT_DAYS : REFIT_AGES_DAYS
  for (const age of ages) {
    const fittedDays = series.originIndex - age
    // Before years came back the model was another one, and its errors say nothing of this one's.
    if (
      fittedDays < Math.max(FITTED_DAYS_MIN, FITTED_PART_MIN * series.originIndex) ||
      (seasonal && !isLongHistory(fittedDays))
    )
      break
    models.push({
      fittedDays,
      model: followLevels(fitDayModel(truncated(series, fittedDays), seasonal), series),
    })
  }
  const oldest = models.at(-1)?.model ?? model
  return {
    knownAt: (knownDays) => models.find(({ fittedDays }) => fittedDays <= knownDays)?.model ?? oldest,
  }
}

/** The series as if its history ended after `days`; the calendar is known in advance. */
function truncated(series: PreparedSeries, days: number): PreparedSeries {
  let usableDays = 0
  for (let day = 0; day < days; day++) if (!Number.isNaN(series.totals[day] ?? Number.NaN)) usableDays++
  return {
    ...series,
    originIndex: days,
    horizonDays: series.originIndex + series.horizonDays - days,
    counts: series.counts.subarray(0, days * series.slots),
    totals: series.totals.subarray(0, days),
    usableDays,
  }
}
