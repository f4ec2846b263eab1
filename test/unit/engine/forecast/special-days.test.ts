// Holidays, eves, events, and the days around them.
import { describe, expect, it } from 'vitest'
import type { EpochDay, SpecialDay } from '../../../../server/engine/forecast/calendar.ts'
import { easterOf, epochDayOf, weekdayOf } from '../../../../server/engine/forecast/calendar.ts'
import type { SeriesHistory } from '../../../../server/engine/forecast/index.ts'
import { forecastSeries } from '../../../../server/engine/forecast/index.ts'
import { FIRST_DAY, forecastOf, historyOf, sum, weekly } from './synthetic-history.ts'

describe('special days', () => {
  const special = (day: number, kind: 'holiday' | 'event', name?: string) => ({
    day: FIRST_DAY + day,
    kind,
    ...(name !== undefined && { name }),
  })

  it('learns what an event does from earlier events of the same name, and of no other', () => {
    const mailings = [40, 75, 112, 142]
    const history = historyOf({
      days: 182,
      slotMinutes: 30,
      dayTotal: (day) => weekly(day) * (mailings.includes(day) ? 1.6 : 1),
    })
    const total = (name: string): number =>
      sum(
        forecastSeries({
          history,
          intervalMinutes: 30,
          originDay: FIRST_DAY + 182,
          days: 3,
          specialDays: [
            ...mailings.map((day) => special(day, 'event', 'mailing')),
            special(184, 'event', name),
          ],
        }).intervals.mean.slice(96, 144),
      ) / weekly(184)
    expect(total('mailing')).toBeGreaterThan(1.4)
    expect(total('mailing')).toBeLessThan(1.7)
    expect(total('fair')).toBeGreaterThan(0.9)
    expect(total('fair')).toBeLessThan(1.1)
  })

  it('takes a holiday for the quietest day of the week when no holiday was seen yet', () => {
    // A week that rests on Saturday: Friday is short, Sunday is a working day.
    const rests = (day: number): number =>
      [900, 1000, 950, 940, 400, 150, 1100][weekdayOf(FIRST_DAY + day)] ?? 0
    const history = historyOf({ days: 140, slotMinutes: 30, dayTotal: rests })
    const tuesday = 140 + ((8 - weekdayOf(FIRST_DAY + 140)) % 7)
    const forecast = forecastSeries({
      history,
      intervalMinutes: 30,
      originDay: FIRST_DAY + 140,
      days: 8,
      specialDays: [special(tuesday, 'holiday')],
    })
    expect(Number(forecast.dayTotals.mean[tuesday - 140])).toBeGreaterThan(120)
    expect(Number(forecast.dayTotals.mean[tuesday - 140])).toBeLessThan(190)
  })

  const dayRatio = (history: SeriesHistory, specialDays: readonly SpecialDay[], day: number): number => {
    const forecast = forecastSeries({
      history,
      intervalMinutes: 30,
      originDay: FIRST_DAY + day - 2,
      days: 3,
      specialDays,
    })
    return Number(forecast.dayTotals.mean[2]) / weekly(day)
  }
  const weekdayFrom = (day: number, weekday: number): number =>
    day + ((weekday - weekdayOf(FIRST_DAY + day) + 7) % 7)

  it('closes a Friday after a Thursday holiday once such Fridays were closed, and no other Friday', () => {
    const holidays = [40, 75, 110, 145, 187].map((day) => weekdayFrom(day, 3))
    const history = historyOf({
      days: 200,
      slotMinutes: 30,
      dayTotal: (day) => (holidays.includes(day) || holidays.includes(day - 1) ? 0 : weekly(day)),
    })
    const marked = holidays.map((day) => ({ ...special(day, 'holiday'), treatAsWeekday: 6 }))
    const last = (holidays[4] ?? 0) + 1
    expect(dayRatio(history, marked, last)).toBeLessThan(0.2)
    expect(dayRatio(history, marked, last - 7)).toBeGreaterThan(0.9)
    // Where people work on such Fridays nothing changes.
    const worked = historyOf({
      days: 200,
      slotMinutes: 30,
      dayTotal: (day) => (holidays.includes(day) ? 0 : weekly(day)),
    })
    expect(dayRatio(worked, marked, last)).toBeGreaterThan(0.9)
  })

  it('takes an eve without a class for the weekday that earlier eves resembled', () => {
    const eves = [50, 80, 110, 150].map((day) => weekdayFrom(day, 1))
    const history = historyOf({
      days: 170,
      slotMinutes: 30,
      dayTotal: (day) => (eves.includes(day) ? 380 : weekly(day)),
    })
    const marked = eves.map((day) => ({ day: FIRST_DAY + day, kind: 'eve' as const }))
    const ratio = dayRatio(history, marked, eves[3] ?? 0) * weekly(eves[3] ?? 0)
    expect(ratio).toBeGreaterThan(300)
    expect(ratio).toBeLessThan(480)
  })

  it('remembers what a holiday of the same name, date or distance from Easter was like in other years', () => {
    // Six holidays a year of which one is twice as busy as the others.
    const years = [2022, 2023]
    const daysOf = (year: number): { day: EpochDay; busy: boolean }[] => [
      ...[1, 39, 50].map((after) => ({ day: easterOf(year) + after, busy: after === 50 })),
      ...['-05-01', '-08-15', '-11-11'].map((date) => ({ day: epochDayOf(year + date) ?? 0, busy: false })),
    ]
    const all = years.flatMap(daysOf)
    const total = (day: number): number => {
      const found = all.find((holiday) => holiday.day === FIRST_DAY + day)
      return found === undefined ? weekly(day) || 300 : found.busy ? 600 : 300
    }
    const history = historyOf({ days: 900, slotMinutes: 60, dayTotal: total })
    const marked = all.map(({ day }) => ({ day, kind: 'holiday' as const, treatAsWeekday: 6 }))
    const origin = easterOf(2023) + 48
    const forecast = forecastSeries({
      history,
      intervalMinutes: 60,
      originDay: origin,
      days: 3,
      specialDays: marked,
    })
    expect(Number(forecast.dayTotals.mean[2])).toBeGreaterThan(430)
  })

  it('does not take a day of two wrong numbers for a day of the queue', () => {
    const closed = [100, 120, 135]
    const rate = (day: number): number => weekly(day) || 100
    const one = historyOf({ days: 140, slotMinutes: 30, dayTotal: rate })
    const other = { ...one, counts: Float64Array.from(one.counts) }
    for (const day of closed)
      other.counts.fill(0, day * 48, day * 48 + 48).fill(1, day * 48 + 20, day * 48 + 21)
    const mean = (history: SeriesHistory): number => sum(forecastOf(history, 140, 14).dayTotals.mean)
    expect(mean(other) / mean(one)).toBeCloseTo(1, 1)
    expect(Math.abs(mean(other) / mean(one) - 1)).toBeLessThan(0.02)
  })
})
