/** What planning needs to know of the set-up; `main.ts` passes it in. */
import type { ForecastSetting, QueueSetting, SiteSetting } from '../domain/settings.ts'
import type { SiteDay } from '../domain/site-calendar.ts'
import type { PlanningPromise } from '../engine/plan/interval-outcome.ts'
import type { SpecialDayEntry } from './special-days.ts'

export interface PlanningSettings {
  site(): SiteSetting
  queueIds(): readonly string[]
  queue(queueId: string): QueueSetting | undefined
  /** The promise in force on that day, or the defaults of the trade. */
  promiseFor(queueId: string, day: SiteDay): PlanningPromise
  specialDayEntries(): readonly SpecialDayEntry[]
  /** Undefined: nobody has said how the queue is to be forecast. */
  forecastSetting(queueId: string): ForecastSetting | undefined
}
