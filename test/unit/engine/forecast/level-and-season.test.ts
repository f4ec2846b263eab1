// Changes of level, growth, and yearly cycles.
import { describe, expect, it } from 'vitest'
import { daysFromEaster, easterOf, epochDayOf } from '../../../../server/engine/forecast/calendar.ts'
import {
  expectSound,
  FIRST_DAY,
  forecastOf,
  historyOf,
  poisson,
  randomSource,
  sum,
  weekly,
} from './synthetic-history.ts'

describe('a change of level', () => {
  it('is said and followed after two weeks', () => {
    const history = historyOf({
      days: 182,
      slotMinutes: 30,
      dayTotal: (day) => weekly(day) * (day < 150 ? 1 : 2.5),
    })
    const forecast = forecastOf(history, 182, 7)
    expect(forecast.notes.map((note) => note.kind)).toContain('level-change')
    const truth = Array.from({ length: 7 }, (_, i) => 2.5 * weekly(182 + i)).reduce((a, b) => a + b, 0)
    expect(sum(forecast.dayTotals.mean) / truth).toBeGreaterThan(0.93)
    expect(sum(forecast.dayTotals.mean) / truth).toBeLessThan(1.07)
  })

  it('follows a queue that grows thirteen-fold', () => {
    const growing = (day: number): number => weekly(day) * 13 ** (day / 364)
    const history = historyOf({ days: 364, slotMinutes: 30, dayTotal: growing })
    const forecast = forecastOf(history, 364, 7)
    expectSound(forecast)
    const truth = Array.from({ length: 7 }, (_, i) => growing(364 + i)).reduce((a, b) => a + b, 0)
    expect(Math.abs(sum(forecast.dayTotals.mean) / truth - 1)).toBeLessThan(0.12)
  })
})

describe('a yearly cycle', () => {
  it('is carried 90 days ahead from three years of days, whatever the level did meanwhile', () => {
    // Summer peak with a corner, a bad second year that comes and goes within months: truth is the rate, noise is Poisson.
    const rate = (day: number): number => {
      const year = (day % 365.2425) / 365.2425
      const peak = Math.max(0, 1 - Math.abs(year - 0.6) / 0.12)
      const level = 1 - 0.3 * Math.exp(-(((day - 500) / 150) ** 2))
      return level * (1500 + 1800 * peak + 500 * Math.sin(2 * Math.PI * year))
    }
    const random = randomSource(5)
    const counts = Float64Array.from({ length: 1100 }, (_, day) => poisson(rate(day), random))
    const history = { slotMinutes: 1440, firstDay: FIRST_DAY, counts }
    for (const origin of [870, 915, 960, 1005]) {
      const forecast = forecastOf(history, origin, 90, 1440)
      let error = 0
      let total = 0
      for (let lead = 0; lead < 90; lead++) {
        error += Math.abs(Number(forecast.dayTotals.mean[lead]) - rate(origin + lead))
        total += rate(origin + lead)
      }
      expect(error / total).toBeLessThan(0.1)
    }
  })
})

describe('a second year like the first', () => {
  // Corners and campaigns that no wave of a half-year history can know; truth is the rate.
  const shape = (day: number): number => {
    const week = Math.floor(day / 7) % 52
    return 1 + (week % 9 < 3 ? 0.5 : 0) + (week > 20 && week < 26 ? 0.6 : 0)
  }
  const errorOf = (second: (day: number) => number): number => {
    const rate = (day: number): number => 900 * (day < 364 ? shape(day) : second(day))
    const random = randomSource(9)
    const counts = Float64Array.from({ length: 640 }, (_, day) => poisson(rate(day), random))
    const history = { slotMinutes: 1440, firstDay: FIRST_DAY, counts }
    let error = 0
    let total = 0
    for (const origin of [500, 521, 542]) {
      const forecast = forecastOf(history, origin, 28, 1440)
      for (let lead = 0; lead < 28; lead++) {
        error += Math.abs(Number(forecast.dayTotals.mean[lead]) - rate(origin + lead))
        total += rate(origin + lead)
      }
    }
    return error / total
  }

  it('is forecast from it, though half of it was a level half as high again', () => {
    expect(errorOf((day) => 1.5 * shape(day))).toBeLessThan(0.12)
  })

  it('is not believed in where the second year went its own way', () => {
    const level = errorOf(() => 1)
    expect(level).toBeLessThan(0.05)
  })
})

describe('the weeks that move with Easter', () => {
  // Whit weeks half as busy again in some queues; 19 000 is a day of January 2022.
  const totalsOf = (whit: number): Float64Array => {
    const random = randomSource(11)
    return Float64Array.from({ length: 1700 }, (_, day) => {
      const since = daysFromEaster(FIRST_DAY + day)
      const season = 1 + 0.3 * Math.sin((2 * Math.PI * day) / 365.2425)
      return poisson(1200 * season * (since >= 46 && since <= 53 ? whit : 1), random)
    })
  }
  /** Whit week of 2026 against the two weeks around it, forecast from the middle of March. */
  const ratioOf = (whit: number): number => {
    const origin = Number(epochDayOf('2026-03-16')) - FIRST_DAY
    const history = { slotMinutes: 1440, firstDay: FIRST_DAY, counts: totalsOf(whit) }
    const { mean } = forecastOf(history, origin, 90, 1440).dayTotals
    const sunday = easterOf(2026) - FIRST_DAY - origin
    const week = (from: number): number => sum(mean.slice(sunday + from, sunday + from + 7))
    return (2 * week(47)) / (week(33) + week(61))
  }

  it('are busy where they were busy, on whatever date Easter falls', () => {
    expect(ratioOf(1.5)).toBeGreaterThan(1.17)
    expect(ratioOf(1.5)).toBeLessThan(1.55)
  })

  it('are weeks like others where they were', () => {
    expect(Math.abs(ratioOf(1) - 1)).toBeLessThan(0.05)
  })
})
