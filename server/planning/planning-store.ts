/** Forecast versions and plan versions: the store that planning needs. Versions are kept for ever; a published plan never changes. */
import type { SiteDay } from '../domain/site-calendar.ts'

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
  readonly dayMean: number
  readonly dayP10: number
  readonly dayP90: number
  readonly historyDays: number
  readonly poissonFloorWape: number | null
  readonly notes: readonly string[]
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

export interface PlanningStore {
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
