/** What planning needs to know of the set-up; `main.ts` passes it in. */
import type { PromiseSetting, QueueSetting, SiteSetting } from '../domain/settings.ts'
import type { SiteDay } from '../domain/site-calendar.ts'

export type PlanningPromise = Pick<
  PromiseSetting,
  'targetRatio' | 'answerThresholdSeconds' | 'shortAbandonSeconds' | 'formula'
>

export interface PlanningSettings {
  site(): SiteSetting
  queueIds(): readonly string[]
  queue(queueId: string): QueueSetting | undefined
  /** The promise in force on that day, or the defaults of the trade. */
  promiseFor(queueId: string, day: SiteDay): PlanningPromise
}
