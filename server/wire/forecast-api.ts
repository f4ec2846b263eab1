/**
 * Bodies of the forecast part of the HTTP API, all under /api/v1. Instants are epoch ms UTC in `…Ms`, days `YYYY-MM-DD` in the
 * queue's zone, ratios 0…1 (impact and change ratios: 1 = as usual), minutes are wall-clock minutes of the day.
 *
 * A forecast has two layers: versions made by a model, never changed; and manual edits that lie over whatever version is
 * newest and so survive a re-run. What plan, requirement and board use is the effective forecast: model ⊕ edits.
 *
 * Rights: administrator and director edit; the supervisor reads and marks one-offs; read tokens read; a client sees none of it.
 */

import type { ForecastSetting, SpecialDayTreatment } from '../domain/settings.ts'

export type ForecastMethod = NonNullable<ForecastSetting['method']>

/** A remark that a forecast makes about itself; the wording is the page's, in the reader's language. */
export interface ForecastNoteBody {
  readonly kind: /** Nothing is known before the origin: the forecast is 0. */
    | 'empty-history'
    /** `usableDays` days: weekdays and the day's shape are learned, seasons and special days are not; bands are wide. */
    | 'short-history'
    /** From `day` on the level is `ratio` times what it was; the forecast follows the new one. */
    | 'level-change'
    /** The day's shape is (partly) that of `queueId`, as long as the queue has few days of its own. */
    | 'borrowed-profile'
    /** The queue that it should borrow from (`queueId`) has no history. */
    | 'borrowed-profile-missing'
    /** The queue has no past at all: its level is that of `queueId` within this queue's opening hours, a guess; very wide bands. */
    | 'borrowed-level'
    /** The queue has no past at all: its level is the `contactsPerDay` of the setting; wide bands. */
    | 'expected-level'
    /** The history is too short to compare methods: the main one is used. */
    | 'no-comparison'
    /** Nothing handled is known: `seconds` is assumed as handling time until something is. */
    | 'assumed-handling-time'
  readonly usableDays?: number
  readonly day?: string
  readonly ratio?: number
  readonly queueId?: string
  readonly contactsPerDay?: number
  readonly seconds?: number
}

/** How a method did in the rolling comparison. Null = nothing to judge. */
export interface MethodScoreBody {
  readonly method: ForecastMethod
  /** Sum of absolute errors ÷ sum of contacts, per interval. */
  readonly wape: number | null
  readonly dayWape: number | null
  /** Sum of errors (forecast − actual) ÷ sum of contacts. */
  readonly bias: number | null
  readonly weightedQuantileLoss: number | null
  readonly coverage80: number | null
  readonly coverage95: number | null
  /** WAPE per interval that a perfect forecast of the rate would still have. */
  readonly poissonFloorWape: number | null
}

/** GET /forecasts/:queueId/methods: the newest rolling comparison. PUT /settings/forecast/:queueId (`ForecastSetting`) pins one. */
export interface MethodChoiceBody {
  readonly queueId: string
  /** What forecasts of this queue are made with now. */
  readonly method: ForecastMethod
  /** pinned: by the director; compared: best of the comparison; default: no comparison was possible yet. */
  readonly reason: 'pinned' | 'compared' | 'default'
  /** Best of the comparison, also when another one is pinned. */
  readonly best: ForecastMethod | null
  readonly comparedAtMs: number | null
  /** First day not known to the comparison. */
  readonly endDay: string | null
  readonly leadDays: number | null
  readonly origins: number | null
  /** Winner and losers, best first. */
  readonly scores: readonly MethodScoreBody[]
}

/** What a version was made from. Null fields: a version made before this was kept. */
export interface ForecastInputsBody {
  readonly historyFromDay: string | null
  readonly historyToDay: string | null
  readonly historyDays: number
  readonly usableDays: number | null
  /** Special days of history and horizon that the model was told of, nearest the forecast day first, at most 20. */
  readonly specialDays: readonly { readonly day: string; readonly kind: string; readonly name: string }[]
  readonly oneOffMarks: number | null
  readonly methodReason: MethodChoiceBody['reason'] | null
  readonly scores: readonly MethodScoreBody[]
  readonly borrowedFrom: string | null
  /** Manual edits that are inside the figures (intraday versions start from the effective forecast); empty otherwise. */
  readonly editIds: readonly string[]
}

/** One stored version without its columns. GET /forecasts/:queueId/days/:day/versions → newest first. */
export interface ForecastVersionBody {
  readonly version: number
  /** A ForecastMethod, with `+intraday` when the running day was known in part. */
  readonly method: string
  readonly intraday: boolean
  readonly author: string
  readonly createdAtMs: number
  /** First instant not known to it. */
  readonly originMs: number
  readonly intervalMinutes: number
  readonly dayMean: number
  readonly dayP10: number
  readonly dayP90: number
  readonly poissonFloorWape: number | null
  readonly notes: readonly ForecastNoteBody[]
  readonly inputs: ForecastInputsBody
}

/** Columns of one day: one entry per interval. Quantiles never cross. */
export interface ForecastColumnsBody {
  readonly contactsMean: readonly number[]
  readonly contactsP2_5: readonly number[]
  readonly contactsP10: readonly number[]
  readonly contactsP90: readonly number[]
  readonly contactsP97_5: readonly number[]
  /** Coefficient of variation of the arrival rate (Poisson noise taken out). */
  readonly rateCv: readonly number[]
  readonly ahtSeconds: readonly number[]
  /** Standard deviation of an interval's mean handling time; null where the history has no handling times. */
  readonly ahtSecondsSd: readonly (number | null)[]
}

/** GET /forecasts/:queueId/days/:day/versions/:version */
export interface ForecastVersionDetailBody extends ForecastVersionBody {
  readonly columns: ForecastColumnsBody
}

/** Errors of a forecast against what came, over intervals that are over. */
export interface AccuracyBody {
  readonly intervals: number
  readonly contacts: number
  readonly forecast: number
  readonly wape: number | null
  readonly bias: number | null
  readonly poissonFloorWape: number | null
  /** Mean absolute error of AHT weighted by contacts ÷ weighted mean AHT. */
  readonly ahtWape: number | null
}

export interface ForecastIntervalBody {
  readonly startMs: number
  /** Wall-clock `HH:MM` in the queue's zone. */
  readonly label: string
  readonly open: boolean
  /** What the model says, without edits. */
  readonly modelContacts: number
  readonly modelAhtSeconds: number
  /** Effective: model ⊕ edits. */
  readonly contactsMean: number
  readonly contactsP2_5: number
  readonly contactsP10: number
  readonly contactsP90: number
  readonly contactsP97_5: number
  readonly rateCv: number
  readonly ahtSeconds: number
  readonly ahtSecondsSd: number | null
  /** Null where the interval is not over or nothing is known of it. */
  readonly actualContacts: number | null
  readonly actualAhtSeconds: number | null
  /** An edit acts here, by measure. */
  readonly editedContacts: boolean
  readonly editedAht: boolean
  /** Marked as one-off: left out of what is learned. */
  readonly oneOff: boolean
}

/** One day of the calendar of special days as the forecast uses it. */
export interface SpecialDayBody {
  readonly day: string
  readonly kind: SpecialDayTreatment
  readonly name: string
  /** 0 = Monday … 6 = Sunday: the weekday it is treated as; null = the model decides. */
  readonly treatAsWeekday: number | null
  readonly impactRatio: number | null
  readonly lagDays: number
  readonly lengthDays: number
  /** calendar: public holiday of the site's region or the eve of one (which bears its name); setting: entered here; both: a holiday that was changed here. */
  readonly origin: 'calendar' | 'setting' | 'both'
  /** Id of the setting `special-day` (to edit with PUT /settings/special-day/:id); null = only in the calendar. */
  readonly settingId: string | null
  readonly settingVersion: number | null
  /** Empty = every queue. */
  readonly queueIds: readonly string[]
}

/** One day of GET /forecasts/:queueId. */
export interface ForecastDayBody {
  readonly day: string
  /** Null: no forecast exists (a past day that was never forecast, or no history). */
  readonly forecast: ForecastVersionBody | null
  /** Effective total of the day with its own quantiles (for today: what was counted plus the rest). */
  readonly dayMean: number | null
  readonly dayP10: number | null
  readonly dayP90: number | null
  /** Total of the model without edits. */
  readonly modelDayMean: number | null
  /** Contacts of the day so far, or of the whole day when it is over; null = nothing known. */
  readonly actualContacts: number | null
  readonly specialDays: readonly SpecialDayBody[]
  readonly editCount: number
  readonly oneOffCount: number
  /** The last forecast made before the day began, with its edits, against what came. Null before anything came. */
  readonly accuracy: AccuracyBody | null
  /** The same without the edits; null when there are none. */
  readonly modelAccuracy: AccuracyBody | null
  /** Only with `detail=intervals`; for days of the past the forecast made before the day, edits included. */
  readonly intervals?: readonly ForecastIntervalBody[]
}

/**
 * GET /forecasts/:queueId?from=DAY&to=DAY[&detail=intervals]: `to` is the last day, at most 400 days (35 with intervals).
 * Coming days that were never forecast are forecast first.
 */
export interface ForecastRangeBody {
  readonly queueId: string
  readonly queueName: string
  readonly zone: string
  readonly intervalMinutes: number
  readonly today: string
  readonly nowMs: number
  readonly method: MethodChoiceBody
  readonly days: readonly ForecastDayBody[]
  /** Over all days of the range that have both. */
  readonly accuracy: AccuracyBody | null
  readonly modelAccuracy: AccuracyBody | null
}
export const FORECAST_RANGE_DAYS_MAX = 400
export const FORECAST_INTERVAL_DAYS_MAX = 35

/** GET /forecasts/:queueId/days/:day: one day with intervals, its edits and marks. */
export interface ForecastDayDetailBody extends ForecastDayBody {
  readonly queueId: string
  readonly queueName: string
  readonly zone: string
  readonly intervalMinutes: number
  readonly nowMs: number
  readonly intervals: readonly ForecastIntervalBody[]
  readonly edits: readonly ForecastEditBody[]
  readonly oneOffs: readonly OneOffBody[]
}

/**
 * GET /forecasts/:queueId/days/:day/compare?left=SIDE&right=SIDE, SIDE one of: a version number, `model` (newest without
 * edits), `effective`, `actuals`. 404 when a side does not exist.
 */
export interface ForecastComparisonBody {
  readonly queueId: string
  readonly day: string
  readonly left: ComparedSideBody
  readonly right: ComparedSideBody
  readonly intervals: readonly {
    readonly startMs: number
    readonly label: string
    readonly open: boolean
    readonly left: number | null
    readonly right: number | null
    /** right − left */
    readonly difference: number | null
    readonly leftAhtSeconds: number | null
    readonly rightAhtSeconds: number | null
    readonly actual: number | null
  }[]
  /** Over intervals where both are known. */
  readonly total: {
    readonly left: number
    readonly right: number
    readonly difference: number
    /** Sum of absolute differences ÷ sum of the left side; null when that is 0. */
    readonly differenceRatio: number | null
  }
}
export interface ComparedSideBody {
  /** As asked for. */
  readonly side: string
  readonly version: ForecastVersionBody | null
  /** Against the actuals; null for the actuals themselves and when nothing is known yet. */
  readonly accuracy: AccuracyBody | null
}

/** Manual edits. Each lies over the model in the order in which they were made. */
export type ForecastEditMeasure = 'contacts' | 'aht'
export type ForecastEditOperation =
  /** Every interval of the range becomes `amount`; with `spread: 'shape'` the range of each day adds up to it. */
  | 'set'
  /** `amount` (may be negative) is added to every interval; with `spread: 'shape'` to the range of each day, by its shape. */
  | 'add'
  /** `amount` per cent on top: 10 = a tenth more, −100 = nothing. */
  | 'percent'
  /** At least `amount` per interval. */
  | 'min'
  /** At most `amount` per interval. */
  | 'max'
  /** Moving mean over `amount` (odd, 3…25) intervals inside the range; a day's part keeps its total. */
  | 'smooth'
  /** The listed cells become their values (grid, dragging, CSV). */
  | 'cells'

/** POST /forecasts/:queueId/edits → 201 ForecastEditBody; 422 `invalid-forecast-edit` with pointers, nothing stored. */
export interface NewForecastEditBody {
  readonly measure: ForecastEditMeasure
  readonly operation: ForecastEditOperation
  /** First and last day. Not for `cells`. */
  readonly fromDay?: string
  readonly toDay?: string
  /** Wall-clock minutes of the day, [from, to); 0 and 1440 if absent. On the queue's interval grid. Not for `cells`. */
  readonly fromMinute?: number
  readonly toMinute?: number
  /** 0 = Monday … 6 = Sunday; only these weekdays of the range; absent = all. */
  readonly weekdays?: readonly number[]
  /** Not for `cells`. */
  readonly amount?: number
  /** `set` and `add` of contacts only; 'each' if absent. */
  readonly spread?: 'each' | 'shape'
  /** Only for `cells`; interval starts of the queue's grid. At most 50 000. */
  readonly cells?: readonly { readonly startMs: number; readonly value: number }[]
  /** Why; 1 to 500 characters. */
  readonly reason: string
}
export interface ForecastEditBody extends Omit<NewForecastEditBody, 'cells'> {
  readonly id: string
  readonly queueId: string
  readonly author: string
  readonly createdAtMs: number
  readonly fromDay: string
  readonly toDay: string
  /** Of `cells`: how many; the values stand in the intervals. */
  readonly cellCount: number | null
  readonly removedAtMs: number | null
  readonly removedBy: string | null
}
/**
 * GET /forecasts/:queueId/edits?from&to[&removed=true]: newest first. DELETE /forecasts/:queueId/edits/:editId takes one back
 * (it stays in the list as removed): 200 ForecastEditBody. POST /forecasts/:queueId/edits/:editId/restore puts it back.
 */
export type ForecastEditsBody = readonly ForecastEditBody[]

/**
 * GET /forecasts/:queueId/csv?from&to → text/csv `day,time,contacts,aht_seconds` of the effective forecast, open intervals.
 * POST /forecasts/:queueId/edits/csv?reason=… with the same columns (day,time and contacts or aht_seconds or both; BOM, `;`,
 * tabs, decimal comma are understood; an empty cell is left as it is) as text/csv, at most 8 MiB → 201 { edits } (one a
 * measure). Anything wrong: 422 `invalid-forecast-csv`, `errors` with pointer `/line/N`, nothing stored.
 */
export interface ForecastCsvUploadBody {
  readonly edits: readonly ForecastEditBody[]
}
export const FORECAST_CSV_BYTES_MAX = 8_388_608

/** GET /forecasts/:queueId/one-offs?from&to; POST → 201; DELETE /forecasts/:queueId/one-offs/:id → 200. Supervisors too. */
export interface NewOneOffBody {
  readonly day: string
  /** Wall-clock minutes of the day, [from, to), on the queue's interval grid. Nothing after now. */
  readonly fromMinute: number
  readonly toMinute: number
  readonly reason: string
}
export interface OneOffBody extends NewOneOffBody {
  readonly id: string
  readonly queueId: string
  readonly author: string
  readonly createdAtMs: number
  readonly removedAtMs: number | null
  readonly removedBy: string | null
}

/** GET /forecasts/special-days?from&to[&queueId] → holidays of the region, their eves, and what was entered, by day. */
export type SpecialDaysBody = readonly SpecialDayBody[]

/**
 * Special days are settings: PUT /settings/special-day/:id with { version, body: SpecialDaySetting | null } (null removes it:
 * a holiday of the calendar comes back). GET /settings/special-day/:id/history has every version with author and time.
 * How a queue is forecast is the setting `forecast`, its id the queue's: { method: ForecastMethod | null, borrowProfileFrom:
 * queueId | null, expectedContactsPerDay?: number | null }. Both types are in server/domain/settings.ts.
 */

/** A forecast run over many queues, with progress. */
export interface ForecastRunBody {
  readonly id: string
  readonly kind: 'nightly' | 'on-demand'
  readonly state: 'running' | 'done' | 'failed'
  readonly author: string
  readonly startedAtMs: number
  readonly finishedAtMs: number | null
  readonly queuesTotal: number
  /** Of this step: a nightly run forecasts every queue first and then compares methods where that is due (once a week). */
  readonly queuesDone: number
  /** What is worked at; null when it is over. */
  readonly currentQueueId: string | null
  readonly currentQueueName: string | null
  readonly step: 'comparing' | 'forecasting' | null
  /** Queues that have a new forecast. */
  readonly forecastQueueIds: readonly string[]
  /** Queues without any history, of their own or lent. */
  readonly queuesWithoutHistory: readonly string[]
  /** Queues whose run failed; the log has the cause. */
  readonly failedQueueIds: readonly string[]
}
/** The run under way or the last one; idle when there was none since the server started. */
export type CurrentRunBody = ForecastRunBody | { readonly state: 'idle' }
/**
 * POST /forecasts/runs {queueIds?, days?, compare?} → 202 ForecastRunBody. While one is running: 409 `forecast-running`.
 * GET /forecasts/runs/current → CurrentRunBody.
 */
export interface NewForecastRunBody {
  /** All queues if absent. */
  readonly queueIds?: readonly string[]
  /** Days to forecast from today, 1…396; 14 if absent. */
  readonly days?: number
  /** Compare the methods again first; true if absent. */
  readonly compare?: boolean
}
