/** Intervals of one queue and day: instants, wall-clock labels, and whether the queue is open. */
import type { QueueSetting } from '../domain/settings.ts'
import { epochMsToWallClock, intervalStarts, type SiteDay, weekdayOf } from '../domain/site-calendar.ts'

export interface GridInterval {
  readonly startMs: number
  /** `HH:MM` in the queue's zone. */
  readonly label: string
  /** Wall-clock slot of the day: a repeated hour has the same slots twice. */
  readonly slot: number
  readonly open: boolean
}

export function dayGrid(queue: QueueSetting, day: SiteDay): readonly GridInterval[] {
  const hours = queue.openingHours[weekdayOf(day)] ?? []
  return intervalStarts(queue.zone, day, queue.intervalMinutes).map((startMs) => {
    const label = new Date(epochMsToWallClock(queue.zone, startMs)).toISOString().slice(11, 16)
    const minute = Number(label.slice(0, 2)) * 60 + Number(label.slice(3, 5))
    const open = hours.some(([from, to]) => minute + queue.intervalMinutes > from && minute < to)
    return { startMs, label, slot: Math.floor(minute / queue.intervalMinutes), open }
  })
}
