// The forecasting engine on histories whose truth is known, and its promises on any history.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dateOf, epochDayOf, weekdayOf } from '../../../../server/engine/forecast/calendar.ts'
import {
  fitSeries,
  forecastFrom,
  forecastSeries,
  runningDayOf,
  type SeriesForecast,
  type SeriesHistory,
} from '../../../../server/engine/forecast/index.ts'

const FIRST_DAY = 19_000

/** A small generator with a seed: the same history in every run. */
function randomSource(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state + 0.5) / 4_294_967_296
  }
}

function poisson(mean: number, random: () => number): number {
  if (mean > 60) {
    const normal = Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random())
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal))
  }
  let count = -1
  for (let product = 1; product > Math.exp(-mean); product *= random()) count++
  return Math.max(0, count)
}

interface Shape {
  readonly days: number
  readonly slotMinutes: number
  readonly dayTotal: (day: number) => number
  readonly seed?: number
  readonly noise?: boolean
}

/** Open 08:00–20:00, a hump at noon. */
function openShare(minute: number): number {
  return minute < 480 || minute >= 1200 ? 0 : 1 + Math.sin(((minute - 480) / 720) * Math.PI)
}

function trueMean(shape: Shape, day: number, slot: number): number {
  const slots = 1440 / shape.slotMinutes
  let sum = 0
  for (let s = 0; s < slots; s++) sum += openShare(s * shape.slotMinutes)
  return (shape.dayTotal(day) * openShare(slot * shape.slotMinutes)) / sum
}

function historyOf(shape: Shape): SeriesHistory {
  const slots = 1440 / shape.slotMinutes
  const random = randomSource(shape.seed ?? 7)
  const counts = new Float64Array(shape.days * slots)
  for (let i = 0; i < counts.length; i++) {
    const mean = trueMean(shape, Math.floor(i / slots), i % slots)
    counts[i] = mean === 0 ? 0 : shape.noise === false ? mean : poisson(mean, random)
  }
  return { slotMinutes: shape.slotMinutes, firstDay: FIRST_DAY, counts }
}

const weekly = (day: number): number => [1200, 1000, 950, 940, 1100, 400, 0][weekdayOf(FIRST_DAY + day)] ?? 0

function forecastOf(
  history: SeriesHistory,
  originIndex: number,
  days: number,
  intervalMinutes = 30,
  originMinute = 0,
): SeriesForecast {
  return forecastSeries({
    history,
    intervalMinutes,
    originDay: FIRST_DAY + originIndex,
    originMinute,
    days,
    specialDays: [],
  })
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0)
}

function expectSound(forecast: SeriesForecast): void {
  for (const columns of [forecast.intervals, forecast.dayTotals]) {
    for (let i = 0; i < columns.mean.length; i++) {
      const row = [columns.p2_5[i], columns.p10[i], columns.p90[i], columns.p97_5[i]].map(Number)
      expect(row.every((value) => Number.isFinite(value) && value >= 0)).toBe(true)
      expect(row).toEqual([...row].sort((a, b) => a - b))
      expect(Number.isFinite(columns.mean[i]) && Number(columns.mean[i]) >= 0).toBe(true)
    }
  }
}

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

describe('promises', () => {
  const history = historyOf({ days: 130, slotMinutes: 5, dayTotal: (day) => 3 * weekly(day) })

  it('5-minute forecasts add up to 15- and 30-minute ones, inside a day too', () => {
    for (const originMinute of [0, 630]) {
      const fine = forecastOf(history, 120, 3, 5, originMinute).intervals.mean
      for (const minutes of [15, 30]) {
        const coarse = forecastOf(history, 120, 3, minutes, originMinute).intervals.mean
        for (let i = 0; i < coarse.length; i++) {
          const group = minutes / 5
          expect(sum(fine.slice(i * group, (i + 1) * group))).toBeCloseTo(Number(coarse[i]), 6)
        }
      }
    }
  })

  it('reads nothing at or after the origin', () => {
    for (const originMinute of [0, 600]) {
      const changed = { ...history, counts: Float64Array.from(history.counts) }
      changed.counts.fill(9999, 120 * 288 + originMinute / 5)
      expect(forecastOf(changed, 120, 5, 15, originMinute)).toEqual(
        forecastOf(history, 120, 5, 15, originMinute),
      )
    }
  })

  it('gives the same answer twice', () => {
    expect(forecastOf(history, 125, 10)).toEqual(forecastOf(history, 125, 10))
  })

  it('a ten times larger queue has a ten times larger forecast', () => {
    const smooth = historyOf({ days: 140, slotMinutes: 30, dayTotal: weekly, noise: false })
    const larger = { ...smooth, counts: smooth.counts.map((count) => count * 10) }
    const one = forecastOf(smooth, 140, 14).intervals.mean
    const ten = forecastOf(larger, 140, 14).intervals.mean
    for (let i = 0; i < one.length; i++) expect(Number(ten[i])).toBeCloseTo(10 * Number(one[i]), 3)
  })

  it('stays finite and ordered on any history', () => {
    const cell = fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: 0, max: 40 }) },
      { weight: 2, arbitrary: fc.constant(0) },
      { weight: 2, arbitrary: fc.constant(Number.NaN) },
      { weight: 1, arbitrary: fc.constantFrom(1e6, -5, Number.POSITIVE_INFINITY, 0.5) },
    )
    fc.assert(
      fc.property(
        fc.array(cell, { maxLength: 24 * 40 }),
        fc.integer({ min: -3, max: 60 }),
        fc.integer({ min: 0, max: 23 }),
        (counts, origin, hour) => {
          const random = { slotMinutes: 60, firstDay: FIRST_DAY, counts: Float64Array.from(counts) }
          for (const method of ['main', 'blend', 'seasonal-naive'] as const) {
            expectSound(
              forecastSeries({
                history: random,
                intervalMinutes: 60,
                originDay: FIRST_DAY + origin,
                originMinute: hour * 60,
                days: 40,
                specialDays: [],
                method,
              }),
            )
          }
        },
      ),
      { numRuns: 40, seed: 11 },
    )
  })

  it('answers an empty, a one-week, an all-zero and a holed history, and says what it lacks', () => {
    const empty = forecastOf({ slotMinutes: 30, firstDay: FIRST_DAY, counts: new Float64Array(0) }, 0, 14)
    expect(sum(empty.intervals.mean)).toBe(0)
    expect(empty.notes.map((note) => note.kind)).toEqual(['empty-history'])
    const week = forecastOf(historyOf({ days: 7, slotMinutes: 30, dayTotal: weekly }), 7, 14)
    expectSound(week)
    expect(week.notes.map((note) => note.kind)).toContain('short-history')
    expect(sum(week.dayTotals.mean) / 14 / (5590 / 7)).toBeGreaterThan(0.6)
    expect(
      sum(forecastOf(historyOf({ days: 90, slotMinutes: 30, dayTotal: () => 0 }), 90, 14).intervals.mean),
    ).toBe(0)
    const holed = historyOf({ days: 120, slotMinutes: 30, dayTotal: weekly })
    for (let day = 0; day < 120; day++)
      if (day % 5 === 2) holed.counts.fill(Number.NaN, day * 48, day * 48 + 48)
    for (let i = 90 * 48; i < 100 * 48; i += 7) holed.counts[i] = Number.NaN
    const whole = forecastOf(historyOf({ days: 120, slotMinutes: 30, dayTotal: weekly }), 120, 14)
    expect(sum(forecastOf(holed, 120, 14).intervals.mean) / sum(whole.intervals.mean)).toBeCloseTo(1, 1)
  })

  it('reads and writes calendar days', () => {
    expect(epochDayOf('2003-02-29')).toBeUndefined()
    expect(dateOf(epochDayOf('2004-02-29') ?? 0)).toBe('2004-02-29')
    expect(weekdayOf(epochDayOf('2003-09-01') ?? 0)).toBe(0)
  })
})

describe('handling time', () => {
  it('finds the level and the shape, weighted by contacts, and follows the running day', () => {
    const base = historyOf({ days: 120, slotMinutes: 30, dayTotal: weekly })
    const seconds = (slot: number): number => (slot < 24 ? 200 : 260)
    const handleSeconds = base.counts.map((count, i) => (count > 0 ? count * seconds(i % 48) : Number.NaN))
    const history = { ...base, handleSeconds }
    const forecast = forecastOf(history, 114, 7)
    expect(Number(forecast.intervals.ahtSeconds[20])).toBeCloseTo(200, -1)
    expect(Number(forecast.intervals.ahtSeconds[30])).toBeCloseTo(260, -1)
    const longer = {
      ...history,
      handleSeconds: handleSeconds.map((value, i) => (i >= 114 * 48 ? value * 1.5 : value)),
    }
    const running = forecastOf(longer, 114, 1, 30, 960)
    expect(Number(running.intervals.ahtSeconds[2])).toBeGreaterThan(262)
  })
})
