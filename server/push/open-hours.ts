/** Whether a queue is open at an instant, by the wall clock of its zone. */
import type { OpeningHours } from '../domain/settings.ts'
import { epochMsToWallClock, weekdayOf } from '../domain/site-calendar.ts'

export function isOpenAt(hours: OpeningHours, zone: string, atMs: number): boolean {
  const wallMs = epochMsToWallClock(zone, atMs)
  const day = new Date(wallMs).toISOString().slice(0, 10)
  const minute = (wallMs - Date.parse(`${day}T00:00:00Z`)) / 60_000
  return (hours[weekdayOf(day)] ?? []).some(([from, to]) => minute >= from && minute < to)
}
