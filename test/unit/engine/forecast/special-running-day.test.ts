// Special days while they run, and how wide their bands are: holidays whose hours stray from what is known of them, at a known rate.
import { describe, expect, it } from 'vitest'
import type { SpecialDay } from '../../../../server/engine/forecast/calendar.ts'
import { weekdayOf } from '../../../../server/engine/forecast/calendar.ts'
import {
  fitSeries,
  forecastFrom,
  runningDayOf,
  type SeriesHistory,
} from '../../../../server/engine/forecast/index.ts'
import { FIRST_DAY, poisson, randomSource, sum } from './synthetic-history.ts'

const HOURS = 24
const DAYS = 420
const HOLIDAYS = Array.from({ length: 26 }, (_, i) => 14 + i * 15)
const SPECIAL_DAYS: readonly SpecialDay[] = HOLIDAYS.map((day) => ({
  day: FIRST_DAY + day,
  kind: 'holiday',
  name: `feast ${day}`,
  treatAsWeekday: weekdayOf(FIRST_DAY + day),
}))

/** Sixty contacts an hour; on holidays times a factor that forgets itself within some hours, of the given spread. */
function historyOf(spread: number, seed: number): SeriesHistory {
  const random = randomSource(seed)
  const normal = (): number => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random())
  const keeps = Math.exp(-1 / 4)
  const counts = new Float64Array(DAYS * HOURS)
  for (let day = 0; day < DAYS; day++) {
    const isHoliday = HOLIDAYS.includes(day)
    let factor = spread * normal()
    for (let hour = 0; hour < HOURS; hour++) {
      counts[day * HOURS + hour] = poisson(60 * Math.exp(isHoliday ? factor : 0), random)
      factor = keeps * factor + spread * Math.sqrt(1 - keeps * keeps) * normal()
    }
  }
  return { slotMinutes: 60, firstDay: FIRST_DAY, counts }
}

function fitOf(history: SeriesHistory, day: number) {
  return fitSeries({
    history,
    intervalMinutes: 60,
    originDay: FIRST_DAY + day,
    days: 1,
    specialDays: SPECIAL_DAYS,
  })
}

describe('a special day', () => {
  it('is followed while it runs, inside bands that hold', () => {
    let before = 0
    let after = 0
    let inside = 0
    let intervals = 0
    for (const seed of [3, 4]) {
      const history = historyOf(0.4, seed)
      for (const day of HOLIDAYS.slice(-10)) {
        const fitted = fitOf(history, day)
        const morning = forecastFrom(fitted).intervals
        const update = forecastFrom(fitted, runningDayOf(history, FIRST_DAY + day, 720)).intervals
        for (let hour = 12; hour < 16; hour++) {
          const actual = Number(history.counts[day * HOURS + hour])
          before += Math.abs(actual - Number(morning.mean[hour]))
          after += Math.abs(actual - Number(update.mean[hour - 12]))
          if (actual >= Number(update.p10[hour - 12]) && actual <= Number(update.p90[hour - 12])) inside++
          intervals++
        }
      }
    }
    expect(after / before).toBeLessThan(0.9)
    expect(inside / intervals).toBeGreaterThan(0.7)
    expect(inside / intervals).toBeLessThan(0.95)
  })

  it('is followed less the further off the hour is', () => {
    const history = historyOf(0.4, 5)
    const day = HOLIDAYS.at(-1) ?? 0
    const counts = history.counts.map((count, i) =>
      Math.floor(i / HOURS) === day && i % HOURS < 12 ? 120 : count,
    )
    const fitted = fitOf(history, day)
    const morning = forecastFrom(fitted).intervals.mean
    const busy = runningDayOf({ ...history, counts }, FIRST_DAY + day, 720)
    const update = forecastFrom(fitted, busy).intervals.mean
    const moved = [12, 15, 18, 23].map((hour) => Number(update[hour - 12]) / Number(morning[hour]))
    expect(moved).toEqual([...moved].sort((a, b) => b - a))
    expect(moved[0]).toBeGreaterThan(1.4)
    expect(moved[3]).toBeLessThan(1.3)
  })

  it('has bands as wide as such days strayed, though each of them has a name of its own', () => {
    const widthOf = (spread: number): number => {
      const { intervals } = forecastFrom(fitOf(historyOf(spread, 6), HOLIDAYS.at(-1) ?? 0))
      return (sum(intervals.p90) - sum(intervals.p10)) / sum(intervals.mean)
    }
    // A normal factor of that spread has 80 % of its draws within ± 1.28 of it.
    expect(widthOf(0.4)).toBeGreaterThan(0.8 * 2.56 * 0.4)
    expect(widthOf(0.4)).toBeLessThan(1.5 * 2.56 * 0.4)
    expect(widthOf(0.1)).toBeLessThan(0.6 * widthOf(0.4))
  })
})
