// What every forecast promises on any history.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dateOf, easterOf, epochDayOf, weekdayOf } from '../../../../server/engine/forecast/calendar.ts'
import { forecastSeries } from '../../../../server/engine/forecast/index.ts'
import { expectSound, FIRST_DAY, forecastOf, historyOf, sum, weekly } from './synthetic-history.ts'

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
    // Published dates of Easter, the earliest and the latest possible among them.
    for (const date of ['1818-03-22', '1943-04-25', '1999-04-04', '2000-04-23', '2011-04-24', '2025-04-20'])
      expect(dateOf(easterOf(Number(date.slice(0, 4))))).toBe(date)
  })
})
