// Forecast of one series: means, count quantiles and rate quantiles per interval and day, from what was known at the origin.

import { poissonFloorWape } from './accuracy.ts'
import { fitAht } from './aht.ts'
import type { EpochDay } from './calendar.ts'
import { dayForecaster } from './day-forecaster.ts'
import { fitDayModel } from './day-model.ts'
import { type DayState, fillAht, forecastDay, newColumns } from './forecast-day.ts'
import type {
  FittedSeries,
  LearnedSeries,
  RunningDay,
  SeriesForecast,
  SeriesInput,
} from './forecast-types.ts'
import { conditionOn, type IntradayLaw } from './intraday.ts'
import { fitIntradayLaw } from './intraday-law.ts'
import { type MethodName, methodSource } from './methods.ts'
import { notesOf } from './notes.ts'
import { observationSlots, observationsOf } from './observations.ts'
import { prepareSeries, type SeriesHistory } from './prepare.ts'
import { buildProfiles, chooseProfileOptions } from './profile.ts'
import { fitLaws, PROFILE_WEEKS, replayLead } from './replay.ts'
import { withSiteLessons } from './site-lessons.ts'
import { isSpecial } from './special-days.ts'
import { specialLaw } from './special-law.ts'

export type { EpochDay, SpecialDay, SpecialDayKind } from './calendar.ts'
export type {
  FittedSeries,
  ForecastColumns,
  LearnedSeries,
  RunningDay,
  SeriesForecast,
  SeriesInput,
} from './forecast-types.ts'
export type { MethodName } from './methods.ts'
export type { ForecastNote } from './notes.ts'
export type { SeriesHistory } from './prepare.ts'

/** Days of one-day-ahead errors that tell how errors hang together within a day. */
const INTRADAY_REPLAY_DAYS = 112

/** Learns from the days before the origin what every method needs. */
export function learnSeries(input: SeriesInput): LearnedSeries {
  const series = withSiteLessons(prepareSeries(input.history, input), input.siblings ?? [], input)
  const model = fitDayModel(series)
  const options = chooseProfileOptions(series, model.trust)
  const profiles = buildProfiles(series, model.trust, PROFILE_WEEKS, options, input.borrowedShares)
  return {
    input,
    series,
    model,
    forecaster: dayForecaster(series, model),
    profiles,
    aht: fitAht(input.history, series),
  }
}

/** Adds one method and its replayed error laws. */
export function withMethod(learned: LearnedSeries, method: MethodName): FittedSeries {
  const { input, series, model, aht } = learned
  const source = methodSource(method, learned)
  const group = input.intervalMinutes / series.slotMinutes
  const laws = fitLaws(series, source, group)
  const replayed = (slots: number) => replayLead(series, source, 1, INTRADAY_REPLAY_DAYS, slots)
  // Learned on one grid whatever the interval asked for: so 5-minute forecasts add up to 30-minute ones inside the day too.
  const intraday = fitIntradayLaw(replayed(observationSlots(series)), replayed(group))
  return {
    input: { ...input, method },
    series,
    model,
    source,
    laws,
    intraday,
    special: specialLaw(series, model, source, laws.intervals[0]?.rate ?? 0),
    aht,
    notes: notesOf(series, model),
  }
}

/** Learns everything from the days before the origin, for the method asked for. */
export function fitSeries(input: SeriesInput): FittedSeries {
  return withMethod(learnSeries(input), input.method ?? 'main')
}

/** Forecast from the start of the origin's day, or from inside it with what is known of the running day. */
export function forecastFrom(fitted: FittedSeries, running?: RunningDay): SeriesForecast {
  const { series, input } = fitted
  const group = input.intervalMinutes / series.slotMinutes
  const cells = series.slots / group
  const originMinute =
    running === undefined
      ? 0
      : Math.floor(running.knownMinutes / input.intervalMinutes) * input.intervalMinutes
  const firstCell = originMinute / input.intervalMinutes
  const out = newColumns(cells * input.days - firstCell, input.days)
  const update = conditionOn(observationsOf(fitted, running), lawOfDay(fitted))
  for (let offset = 0; offset < input.days; offset++) {
    const state: DayState = {
      fitted,
      out,
      offset,
      group,
      firstCell,
      update: offset === 0 || isCarriedTo(fitted, offset) ? update : undefined,
      running,
    }
    forecastDay(state)
  }
  fillAht(fitted, out, firstCell, running)
  return {
    method: input.method ?? 'main',
    originDay: input.originDay,
    intervalMinutes: input.intervalMinutes,
    originMinute,
    ...out,
    notes: fitted.notes,
    poissonFloorWape: poissonFloorWape(out.intervals.mean),
  }
}

/** After so many days nothing is left of what is carried from day to day. */
const CARRIED_DAYS = 7

/** What was off yesterday at some time of day is off a little on the plain days that follow. */
function isCarriedTo({ series }: FittedSeries, offset: number): boolean {
  return offset < CARRIED_DAYS && series.flags[series.originIndex + offset] === 0
}

/** A special day is off for some hours rather than all day; the plain day before it says nothing of it. */
function lawOfDay({ series, special, intraday }: FittedSeries): IntradayLaw {
  if (!isSpecial(series.flags[series.originIndex] ?? 0)) return intraday
  const { remaining } = intraday
  const plain = intraday.dayVariance + intraday.withinVariance
  // What plain days leave over against their law says nothing of what special days stray more.
  const rateRatio = (remaining.rateRatio * plain + special.interval) / (plain + special.interval)
  return {
    ...intraday,
    withinVariance: intraday.withinVariance + special.interval,
    carried: 0,
    remaining: { ...remaining, rateRatio },
  }
}

/** Fit and forecast in one; a `originMinute` above 0 reads that day's earlier rows from the history. */
export function forecastSeries(input: SeriesInput & { readonly originMinute?: number }): SeriesForecast {
  const fitted = fitSeries(input)
  return forecastFrom(fitted, runningDayOf(input.history, input.originDay, input.originMinute ?? 0))
}

/** The rows of the origin's day before `originMinute`, or undefined when the day has not begun. */
export function runningDayOf(
  history: SeriesHistory,
  originDay: EpochDay,
  originMinute: number,
): RunningDay | undefined {
  if (originMinute <= 0) return undefined
  const slots = 1440 / history.slotMinutes
  const from = (originDay - history.firstDay) * slots
  const cut = (column: Float64Array): Float64Array =>
    Float64Array.from({ length: slots }, (_, slot) =>
      slot * history.slotMinutes < originMinute && from + slot >= 0
        ? (column[from + slot] ?? Number.NaN)
        : Number.NaN,
    )
  return {
    knownMinutes: originMinute,
    counts: cut(history.counts),
    ...(history.handleSeconds && { handleSeconds: cut(history.handleSeconds) }),
    ...(history.handled && { handled: cut(history.handled) }),
  }
}
