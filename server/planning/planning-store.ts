/**
 * Forecast versions and plan versions: the store that planning needs. Versions are kept for ever, but for the updates of a running
 * day, of which old days keep one a stretch; a published plan never changes.
 */
import type { SiteDay } from '../domain/site-calendar.ts'
import type { ForecastInputsBody, ForecastNoteBody, MethodScoreBody } from '../wire/forecast-api.ts'

/** One queue and day of a forecast version; columns have one entry per interval of the day. */
export interface ForecastDay {
  readonly queueId: string
  readonly day: SiteDay
  readonly version: number
  readonly method: string
  readonly author: string
  readonly createdAtMs: number
  /** First instant not known to the forecast. */
  readonly originMs: number
  readonly intervalMinutes: number
  readonly contactsMean: readonly number[]
  readonly contactsP2_5: readonly number[]
  readonly contactsP10: readonly number[]
  readonly contactsP90: readonly number[]
  readonly contactsP97_5: readonly number[]
  readonly rateCv: readonly number[]
  readonly ahtSeconds: readonly number[]
  /** Standard deviation of an interval's mean handling time; empty when the history has none. */
  readonly ahtSecondsSd: readonly number[]
  readonly dayMean: number
  readonly dayP10: number
  readonly dayP90: number
  readonly historyDays: number
  readonly poissonFloorWape: number | null
  readonly notes: readonly ForecastNoteBody[]
  /** The running day was known in part: manual edits are inside the figures then, since it started from them. */
  readonly intraday: boolean
  /** Null for versions from before inputs were kept. */
  readonly inputs: ForecastInputs | null
}

export type ForecastInputs = ForecastInputsBody

/** A manual edit over the model, kept for ever; a removed one no longer acts. Of one queue, applied in the order of ids. */
export interface ForecastEdit {
  /** Rises with time. */
  readonly id: string
  readonly queueId: string
  readonly author: string
  readonly createdAtMs: number
  readonly reason: string
  readonly measure: 'contacts' | 'aht'
  readonly operation: 'set' | 'add' | 'percent' | 'min' | 'max' | 'smooth' | 'cells'
  readonly fromDay: SiteDay
  readonly toDay: SiteDay
  /** Wall-clock minutes of the day, [from, to). */
  readonly fromMinute: number
  readonly toMinute: number
  /** 0 = Monday; null = every weekday. */
  readonly weekdays: readonly number[] | null
  /** Null for cells. */
  readonly amount: number | null
  readonly spread: 'each' | 'shape'
  /** The queue's interval when the edit was made. */
  readonly intervalMinutes: number
  readonly cells: readonly { readonly startMs: number; readonly value: number }[]
  readonly removedAtMs: number | null
  readonly removedBy: string | null
}

/** A stretch of a day that will not come again: nothing is learned from it. */
export interface OneOffMark {
  readonly id: string
  readonly queueId: string
  readonly day: SiteDay
  readonly fromMinute: number
  readonly toMinute: number
  readonly reason: string
  readonly author: string
  readonly createdAtMs: number
  readonly removedAtMs: number | null
  readonly removedBy: string | null
}

/** One rolling comparison of the methods on the past of a queue. */
export interface MethodComparison {
  readonly queueId: string
  readonly comparedAtMs: number
  /** First day not known to it. */
  readonly endDay: SiteDay
  readonly leadDays: number
  readonly origins: number
  /** Null: the history was too short to tell. */
  readonly pick: MethodScoreBody['method'] | null
  readonly scores: readonly MethodScoreBody[]
}

type NotRemoved<T> = Omit<T, 'id' | 'removedAtMs' | 'removedBy'>
export interface Removal {
  readonly queueId: string
  readonly id: string
  /** Null = put back. */
  readonly removed: { readonly atMs: number; readonly by: string } | null
}

/** What lies beside the forecast versions: edits, one-off marks, comparisons of methods. */
export interface ForecastLayerStore {
  /** Newest version of each day of the span; `intraday: false` leaves intraday versions out. */
  newestForecastsOf(span: QueueSpan & { readonly intraday: boolean }): Promise<readonly ForecastDay[]>
  /** Stores all or none. */
  addForecastEdits(edits: readonly NotRemoved<ForecastEdit>[]): Promise<readonly ForecastEdit[]>
  /** Edits that touch the span, by id, removed ones included. */
  forecastEdits(span: QueueSpan): Promise<readonly ForecastEdit[]>
  /** Undefined when there is no such edit, or it is as asked for already. */
  changeForecastEdit(change: Removal): Promise<ForecastEdit | undefined>
  addOneOff(mark: NotRemoved<OneOffMark>): Promise<OneOffMark>
  /** By day and id, removed ones included. */
  oneOffs(span: QueueSpan): Promise<readonly OneOffMark[]>
  changeOneOff(change: Removal): Promise<OneOffMark | undefined>
  /** First day that any forecast is of. */
  oldestForecastDay(): Promise<SiteDay | undefined>
  /**
   * Removes at most `limit` updates of the running day from a past day, of every queue, and tells how many: those after which
   * another one came in the same stretch of `stretchMinutes`. What a plan was made from stays.
   */
  thinIntraday(day: SiteDay, stretchMinutes: number, limit: number): Promise<number>
  addComparison(comparison: MethodComparison): Promise<void>
  newestComparison(queueId: string): Promise<MethodComparison | undefined>
}

/** Days of one queue, both ends included. */
export interface QueueSpan {
  readonly queueId: string
  readonly fromDay: SiteDay
  readonly toDay: SiteDay
}

export interface PlanVersion {
  readonly queueId: string
  readonly day: SiteDay
  readonly version: number
  readonly state: 'draft' | 'published'
  readonly author: string
  readonly createdAtMs: number
  readonly publishedAtMs: number | null
  readonly forecastVersion: number | null
  readonly intervalMinutes: number
  readonly agents: readonly number[]
}

export interface PlanningStore extends ForecastLayerStore {
  /** Stores the days of one run; the store gives each queue and day its next version number. */
  addForecast(days: readonly Omit<ForecastDay, 'version'>[]): Promise<readonly ForecastDay[]>
  newestForecast(queueId: string, day: SiteDay): Promise<ForecastDay | undefined>
  forecastVersions(queueId: string, day: SiteDay): Promise<readonly ForecastDay[]>
  newestForecasts(day: SiteDay): Promise<readonly ForecastDay[]>
  newestPlan(queueId: string, day: SiteDay): Promise<PlanVersion | undefined>
  publishedPlan(queueId: string, day: SiteDay): Promise<PlanVersion | undefined>
  publishedPlans(day: SiteDay): Promise<readonly PlanVersion[]>
  planVersions(queueId: string, day: SiteDay): Promise<readonly PlanVersion[]>
  /** Writes version `baseVersion + 1`; undefined when `baseVersion` is no longer the newest. */
  addPlan(
    plan: Omit<PlanVersion, 'version'> & { readonly baseVersion: number },
  ): Promise<PlanVersion | undefined>
}
