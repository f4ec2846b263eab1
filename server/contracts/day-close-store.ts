/** Closed days: the frozen report of each site day with a hash over it; a later correction is a new version. */
import type { SiteDay } from '../domain/site-calendar.ts'
import type { DayReport } from '../state/figures.ts'

export interface DayClose {
  readonly day: SiteDay
  readonly version: number
  readonly closedAtMs: number
  /** SHA-256 over the canonical JSON of the report, hex. */
  readonly hash: string
  readonly report: DayReport
}
export interface DayCloseStore {
  addDayClose(close: Omit<DayClose, 'version'>): Promise<DayClose>
  newestDayClose(day: SiteDay): Promise<DayClose | undefined>
  /** Days of [fromDay, toDay] that have a close, without their reports. */
  closedDays(fromDay: SiteDay, toDay: SiteDay): Promise<readonly SiteDay[]>
  dayCloses(fromDay: SiteDay, toDay: SiteDay): Promise<readonly DayClose[]>
}
