/** Which days the page shows, and how a step back or forward moves them. Pure. */
import { addDays, type SiteDay, weekdayOf } from '../../../server/domain/site-calendar.ts'
import type { ForecastSpan } from '../shell/route.ts'

const SPAN_DAYS: Readonly<Record<ForecastSpan, number>> = { day: 1, week: 7, 'four-weeks': 28, quarter: 91 }

export interface DayRange {
  readonly fromDay: SiteDay
  /** The last day, included. */
  readonly toDay: SiteDay
  readonly days: number
}

/** The range that holds the day: by itself, or from the Monday of its week. */
export function rangeOf(day: SiteDay, span: ForecastSpan): DayRange {
  const days = SPAN_DAYS[span]
  const fromDay = span === 'day' ? day : addDays(day, -weekdayOf(day))
  return { fromDay, toDay: addDays(fromDay, days - 1), days }
}

/** Intervals of so many days would be too many to read and to send: a longer range is shown by day. */
export function hasIntervals(span: ForecastSpan): boolean {
  return span !== 'quarter'
}
