// What goes into a forecast, what is learned on the way, and what comes out.

import type { AhtModel } from './aht.ts'
import type { EpochDay, SpecialDay } from './calendar.ts'
import type { DayForecaster } from './day-forecaster.ts'
import type { DayModel } from './day-model.ts'
import type { IntradayLaw } from './intraday.ts'
import type { MeanSource } from './mean-source.ts'
import type { MethodName } from './methods.ts'
import type { ForecastNote } from './notes.ts'
import type { PreparedSeries, SeriesHistory } from './prepare.ts'
import type { ProfileBook } from './profile.ts'
import type { LawBook } from './replay.ts'
import type { SpecialLaw } from './special-law.ts'

/** What a fit needs. Rows at or after `originDay` are never read by the fit. */
export interface SeriesInput {
  readonly history: SeriesHistory
  /** Length of the intervals asked for; a multiple of the history's slots. */
  readonly intervalMinutes: number
  /** The first day that is not fully known. */
  readonly originDay: EpochDay
  /** Days to forecast, the origin's day included; 13 months is 396. */
  readonly days: number
  readonly specialDays: readonly SpecialDay[]
  /** 'main' if absent. */
  readonly method?: MethodName
  /** Shape of another queue, one share per slot of the history's grid: it fades as this queue gets days of its own. */
  readonly borrowedShares?: Float64Array
  /** Other queues of the same site: what older ones saw on holidays is expected where this one has not had them yet. */
  readonly siblings?: readonly SeriesHistory[]
}

/** What is known of the running day. */
export interface RunningDay {
  /** Minutes of the day that are over; rows from there on are not read. */
  readonly knownMinutes: number
  /** Counts of the day on the history's grid; NaN = unknown, or marked as one-off and to be left out. */
  readonly counts: Float64Array
  readonly handleSeconds?: Float64Array
  readonly handled?: Float64Array
}

/** Everything learned at the origin; made once a night, used at every interval end. */
export interface FittedSeries {
  readonly input: SeriesInput
  readonly series: PreparedSeries
  readonly model: DayModel
  readonly source: MeanSource
  readonly laws: LawBook
  readonly intraday: IntradayLaw
  readonly special: SpecialLaw
  readonly aht: AhtModel
  readonly notes: readonly ForecastNote[]
}

/** Columns of a forecast. Quantiles never cross; all are finite and at least 0. */
export interface ForecastColumns {
  readonly mean: Float64Array
  readonly p2_5: Float64Array
  readonly p10: Float64Array
  readonly p90: Float64Array
  readonly p97_5: Float64Array
}

export interface SeriesForecast {
  readonly method: MethodName
  readonly originDay: EpochDay
  readonly intervalMinutes: number
  /** First minute of the origin's day that is forecast. */
  readonly originMinute: number
  /** One value per interval, from the origin to the end of the last day. */
  readonly intervals: ForecastColumns & {
    /** Quantiles of the rate without counting noise: what staffing averages over. */
    readonly rateP10: Float64Array
    readonly rateP90: Float64Array
    /** Coefficient of variation of the rate. */
    readonly rateCv: Float64Array
    /** Mean handling seconds; NaN when the history has none. */
    readonly ahtSeconds: Float64Array
    /** Standard deviation of an interval's mean handling time. */
    readonly ahtSecondsSd: Float64Array
  }
  /** One value per day; the running day holds what is known plus what is forecast. */
  readonly dayTotals: ForecastColumns
  readonly notes: readonly ForecastNote[]
  /** WAPE per interval that a perfect forecast of the rate would still have. */
  readonly poissonFloorWape: number
}
/** What all methods share: the prepared history, the day model, the profiles, the handling times. */
export interface LearnedSeries {
  readonly input: SeriesInput
  readonly series: PreparedSeries
  readonly model: DayModel
  readonly forecaster: DayForecaster
  readonly profiles: ProfileBook
  readonly aht: AhtModel
}
