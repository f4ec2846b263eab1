/** Spans of days in planning. */
import type { SiteDay } from '../domain/site-calendar.ts'

const DAY_MS = 86_400_000

export function daysBetween(fromDay: SiteDay, toDay: SiteDay): number {
  return Math.round((Date.parse(toDay) - Date.parse(fromDay)) / DAY_MS)
}
