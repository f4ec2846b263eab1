// What a running day's update promises where the truth is known: days with errors of their own, and errors that last for days.
import { describe, expect, it } from 'vitest'
import {
  fitSeries,
  forecastFrom,
  runningDayOf,
  type SeriesHistory,
} from '../../../../server/engine/forecast/index.ts'
import { FIRST_DAY } from './synthetic-history.ts'

const HOURS = 24
const DAYS = 160

/** Hourly counts of 40 by Poisson noise around a rate whose error at each hour is an AR(1) over days. */
function historyOf(options: { persistence: number; spread: number; seed: number }): SeriesHistory {
  let state = options.seed
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state + 0.5) / 4_294_967_296
  }
  const normal = (): number => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random())
  const counts = new Float64Array(DAYS * HOURS)
  const errors = new Float64Array(HOURS / 4)
  const fresh = options.spread * Math.sqrt(1 - options.persistence ** 2)
  for (let day = 0; day < DAYS; day++) {
    for (let block = 0; block < errors.length; block++)
      errors[block] = options.persistence * Number(errors[block]) + fresh * normal()
    for (let hour = 0; hour < HOURS; hour++) {
      const rate = 40 * Math.exp(Number(errors[Math.floor(hour / 4)]))
      counts[day * HOURS + hour] = Math.max(0, Math.round(rate + Math.sqrt(rate) * normal()))
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
    specialDays: [],
  })
}

describe('a running day', () => {
  it('carries errors from the same hours of the day before where they last, and none where they do not', () => {
    const lasting = fitOf(historyOf({ persistence: 0.7, spread: 0.2, seed: 5 }), DAYS - 1).intraday
    const gone = fitOf(historyOf({ persistence: 0, spread: 0.2, seed: 5 }), DAYS - 1).intraday
    expect(lasting.carried).toBeGreaterThan(0.35)
    expect(gone.carried).toBeLessThan(0.15)
  })

  it('hardly moves where days differ by nothing but counting noise', () => {
    const history = historyOf({ persistence: 0, spread: 0, seed: 9 })
    let moved = 0
    for (let day = DAYS - 10; day < DAYS; day++) {
      const fitted = fitOf(history, day)
      const before = forecastFrom(fitted).intervals.mean.slice(12)
      const after = forecastFrom(fitted, runningDayOf(history, FIRST_DAY + day, 720)).intervals.mean
      after.forEach((mean, i) => {
        moved += Math.abs(mean / Number(before[i]) - 1) / (10 * after.length)
      })
    }
    expect(moved).toBeLessThan(0.03)
  })

  it('holds about eighty per cent of the rest of the day inside its 80 % band', () => {
    const history = historyOf({ persistence: 0.3, spread: 0.15, seed: 3 })
    let inside = 0
    let all = 0
    for (let day = DAYS - 40; day < DAYS; day++) {
      const forecast = forecastFrom(fitOf(history, day), runningDayOf(history, FIRST_DAY + day, 600))
      for (let hour = 10; hour < HOURS; hour++) {
        const actual = Number(history.counts[day * HOURS + hour])
        all++
        if (
          actual >= Number(forecast.intervals.p10[hour - 10]) &&
          actual <= Number(forecast.intervals.p90[hour - 10])
        )
          inside++
      }
    }
    expect(inside / all).toBeGreaterThan(0.74)
    expect(inside / all).toBeLessThan(0.88)
  })
})
