// What a young queue learns of holidays from the older queues of its site.
import { describe, expect, it } from 'vitest'
import type { SpecialDay } from '../../../../server/engine/forecast/calendar.ts'
import { weekdayOf } from '../../../../server/engine/forecast/calendar.ts'
import { forecastSeries, type SeriesHistory } from '../../../../server/engine/forecast/index.ts'
import { FIRST_DAY, historyOf, weekly } from './synthetic-history.ts'

const ORIGIN = 520
/** Tuesdays and Wednesdays of the last weeks and years, so that no weekday explains them. */
const FOUNDING = [130, 130 + 364, 525].map(midweek)
const HARVEST = [60, 60 + 364].map(midweek)

function midweek(day: number): number {
  return day + ((1 - weekdayOf(FIRST_DAY + day) + 7) % 7)
}

function named(days: readonly number[], name: string): SpecialDay[] {
  return days.map((day) => ({
    day: FIRST_DAY + day,
    kind: 'holiday',
    name,
    treatAsWeekday: weekdayOf(FIRST_DAY + day),
  }))
}

const SPECIAL_DAYS = [...named(FOUNDING, 'Founding day'), ...named(HARVEST, 'Harvest')]

function queue(seed: number, scale: number, founding: number): SeriesHistory {
  return historyOf({
    days: 540,
    slotMinutes: 60,
    seed,
    dayTotal: (day) =>
      scale * weekly(day) * (FOUNDING.includes(day) ? founding : HARVEST.includes(day) ? 1.3 : 1),
  })
}

/** The queue as if it had begun later. */
function since(history: SeriesHistory, day: number): SeriesHistory {
  const slots = 1440 / history.slotMinutes
  return { ...history, firstDay: history.firstDay + day, counts: history.counts.slice(day * slots) }
}

function holidayRatio(history: SeriesHistory, siblings?: readonly SeriesHistory[]): number {
  const day = FOUNDING[2] ?? 0
  const forecast = forecastSeries({
    history,
    intervalMinutes: 60,
    originDay: FIRST_DAY + ORIGIN,
    days: 20,
    specialDays: SPECIAL_DAYS,
    ...(siblings !== undefined && { siblings }),
  })
  return Number(forecast.dayTotals.mean[day - ORIGIN]) / Number(forecast.dayTotals.mean[day - ORIGIN + 7])
}

describe('a young queue and the older ones of its site', () => {
  const own = queue(3, 1, 0.5)
  const older = [queue(4, 2, 0.5), queue(5, 0.6, 0.55)]
  // It began after the second founding day, so it never had one.
  const young = since(own, 505)

  it('expects of a first holiday most of what the others had on it', () => {
    const alone = holidayRatio(young)
    const advised = holidayRatio(young, older)
    expect(alone).toBeGreaterThan(0.9)
    expect(advised).toBeLessThan(0.8)
    expect(advised).toBeGreaterThan(0.45)
  })

  it('learns nothing from queues no older than itself, and keeps to its own past once it has had the day', () => {
    expect(holidayRatio(young, [since(queue(4, 2, 0.5), 490)])).toBe(holidayRatio(young))
    const experienced = since(own, 400)
    expect(holidayRatio(experienced, older)).toBe(holidayRatio(experienced))
    expect(holidayRatio(experienced)).toBeLessThan(0.85)
  })

  it('reads nothing of the others at or after the origin', () => {
    const changed = older.map((history) => ({
      ...history,
      counts: history.counts.map((count, i) => (Math.floor(i / 24) >= ORIGIN ? 999 : count)),
    }))
    expect(holidayRatio(young, changed)).toBe(holidayRatio(young, older))
  })
})
