// What a forecast finds of a rate that is known.
import { describe, expect, it } from 'vitest'
import { weekdayOf } from '../../../../server/engine/forecast/calendar.ts'
import {
  fitSeries,
  forecastFrom,
  forecastSeries,
  runningDayOf,
} from '../../../../server/engine/forecast/index.ts'
import {
  FIRST_DAY,
  forecastOf,
  historyOf,
  openShare,
  randomSource,
  type Shape,
  sum,
  trueMean,
  weekly,
} from './synthetic-history.ts'

describe('a history whose rate is known', () => {
  const shape: Shape = { days: 196, slotMinutes: 30, dayTotal: weekly }
  const history = historyOf({ ...shape, days: 210 })

  it('finds the true rate of the next two weeks within the noise of what it learned from', () => {
    const forecast = forecastOf(history, 196, 14)
    let error = 0
    let total = 0
    for (let i = 0; i < forecast.intervals.mean.length; i++) {
      const truth = trueMean(shape, 196 + Math.floor(i / 48), i % 48)
      error += Math.abs(Number(forecast.intervals.mean[i]) - truth)
      total += truth
    }
    expect(error / total).toBeLessThan(0.04)
  })

  it('forecasts nothing for closed hours and closed weekdays', () => {
    const forecast = forecastOf(history, 196, 14)
    for (let i = 0; i < forecast.intervals.mean.length; i++) {
      if (trueMean(shape, 196 + Math.floor(i / 48), i % 48) === 0)
        expect(Number(forecast.intervals.mean[i])).toBe(0)
    }
  })

  it('holds about eighty per cent of what comes inside its 80 % band', () => {
    let inside = 0
    let all = 0
    for (let origin = 140; origin < 203; origin += 7) {
      const forecast = forecastOf(history, origin, 7)
      for (let i = 0; i < forecast.intervals.mean.length; i++) {
        if (Number(forecast.intervals.mean[i]) < 1) continue
        const actual = Number(history.counts[origin * 48 + i])
        all++
        if (actual >= Number(forecast.intervals.p10[i]) && actual <= Number(forecast.intervals.p90[i]))
          inside++
      }
    }
    expect(inside / all).toBeGreaterThan(0.72)
    expect(inside / all).toBeLessThan(0.9)
  })

  it('follows a running day that is half again as busy, and trusts it more as it goes on', () => {
    const busy = { ...history, counts: Float64Array.from(history.counts) }
    for (let i = 198 * 48; i < 199 * 48; i++) busy.counts[i] = Number(busy.counts[i]) * 1.5
    // Days must differ by a factor for a running day to tell anything.
    const random = randomSource(3)
    for (let day = 0; day < 198; day++) {
      const factor = 1 + 0.3 * (random() - 0.5)
      for (let i = day * 48; i < day * 48 + 48; i++)
        busy.counts[i] = Math.round(Number(busy.counts[i]) * factor)
    }
    const fitted = fitSeries({
      history: busy,
      intervalMinutes: 30,
      originDay: FIRST_DAY + 198,
      days: 1,
      specialDays: [],
    })
    const lastHour = (minute: number): number =>
      Number(
        forecastFrom(fitted, runningDayOf(busy, FIRST_DAY + 198, minute)).intervals.mean[39 - minute / 30],
      )
    const before = lastHour(0)
    expect(lastHour(600)).toBeGreaterThan(before * 1.1)
    expect(lastHour(960)).toBeGreaterThan(before * 1.2)
    expect(lastHour(960)).toBeLessThan(before * 1.6)
  })

  it('takes the weekday that a holiday is treated as, and nothing on a closed day', () => {
    const monday = 196 + ((7 - weekdayOf(FIRST_DAY + 196)) % 7)
    const special = (kind: 'holiday' | 'closed') =>
      forecastSeries({
        history,
        intervalMinutes: 30,
        originDay: FIRST_DAY + monday,
        days: 1,
        specialDays: [{ day: FIRST_DAY + monday, kind, treatAsWeekday: 5 }],
      })
    expect(sum(special('holiday').intervals.mean)).toBeGreaterThan(300)
    expect(sum(special('holiday').intervals.mean)).toBeLessThan(500)
    expect(sum(special('closed').intervals.mean)).toBe(0)
  })

  it('multiplies a coming event by its impact and keeps a past one out of the level', () => {
    const plain = sum(forecastOf(history, 196, 1).intervals.mean)
    const event = { day: FIRST_DAY + 195, kind: 'event' as const, lagDays: 1, impactRatio: 2 }
    const doubled = forecastSeries({
      history,
      intervalMinutes: 30,
      originDay: FIRST_DAY + 196,
      days: 1,
      specialDays: [event],
    })
    expect(sum(doubled.intervals.mean)).toBeCloseTo(2 * plain, 6)
  })
})

describe('the shape of another queue', () => {
  const shape: Shape = { days: 63, slotMinutes: 30, dayTotal: () => 40 }
  const history = historyOf(shape)
  const other = Float64Array.from({ length: 48 }, (_, slot) => openShare(slot * 30))
  const sharesOf = (days: number, borrowedShares?: Float64Array): Float64Array => {
    const { mean } = forecastSeries({
      history,
      intervalMinutes: 30,
      originDay: FIRST_DAY + days,
      days: 1,
      specialDays: [],
      ...(borrowedShares && { borrowedShares }),
    }).intervals
    return mean.map((value) => value / sum(mean))
  }
  const distance = (shares: Float64Array): number =>
    shares.reduce((total, share, slot) => total + Math.abs(share - trueMean(shape, 0, slot) / 40), 0)

  it('helps a queue of a few days', () => {
    for (const days of [1, 3, 7])
      expect(distance(sharesOf(days, other))).toBeLessThan(0.6 * distance(sharesOf(days)))
  })

  it('is forgotten by a queue that has a shape of its own', () => {
    const wrong = Float64Array.from(other).reverse().fill(9, 0, 10)
    expect(sharesOf(63, wrong)).toEqual(sharesOf(63))
  })
})
