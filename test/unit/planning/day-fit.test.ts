/** What is kept of a fit for the running day: the same figures, and nothing of the history behind it. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import {
  type FittedSeries,
  fitSeries,
  forecastFrom,
  runningDayOf,
} from '../../../server/engine/forecast/index.ts'
import { dayFit } from '../../../server/planning/day-fit.ts'

const FIRST_DAY = 20_000
const SLOTS = 48

function history(days: number) {
  const counts = Float64Array.from({ length: days * SLOTS }, (_, at) => {
    const slot = at % SLOTS
    const day = Math.floor(at / SLOTS)
    const level = 20 * (1 + 0.2 * Math.sin(day * 1.7)) * (day % 7 < 5 ? 1 : 0.4)
    return slot < 14 || slot >= 40
      ? 0
      : Math.round(level * (1 + Math.sin((slot - 14) / 8)) + ((at * 7919) % 5))
  })
  const handleSeconds = counts.map((count, at) => count * (200 + (at % 7)))
  return { slotMinutes: 30, firstDay: FIRST_DAY, counts, handleSeconds, handled: counts }
}

const fitOf = (days: number): FittedSeries =>
  fitSeries({
    history: history(days + 1),
    intervalMinutes: 30,
    originDay: FIRST_DAY + days,
    days: 14,
    specialDays: [{ day: FIRST_DAY + days, kind: 'event', impactRatio: 1.5, name: 'sale' }],
  })

describe('the fit of the running day', () => {
  for (const days of [3, 15, 40, 400])
    it(`gives the figures of the whole fit after ${days} days, at every hour`, () => {
      const whole = fitOf(days)
      const kept = dayFit(whole)
      for (let minute = 0; minute < 1440; minute += 120) {
        const running = runningDayOf(history(days + 1), FIRST_DAY + days, minute)
        const expected = forecastFrom(whole, running)
        const update = forecastFrom(kept, running)
        const columns = Object.keys(update.intervals) as (keyof typeof update.intervals)[]
        for (const column of columns) {
          const values = update.intervals[column]
          expect(values, column).toEqual(expected.intervals[column].slice(0, values.length))
        }
        expect(update.intervals.mean).toHaveLength(SLOTS - minute / 30)
        for (const column of ['mean', 'p10', 'p90', 'p2_5', 'p97_5'] as const)
          expect(update.dayTotals[column][0]).toBe(expected.dayTotals[column][0])
      }
    })

  it('holds nothing of the history', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const { kept, held } = (() => {
      const whole = fitOf(400)
      const held = [whole.input.history.counts, whole.series.counts, whole.model.residual, whole.laws].map(
        (one) => new WeakRef<object>(one),
      )
      return { kept: dayFit(whole), held }
    })()
    for (let turn = 0; turn < 5; turn += 1) {
      await new Promise((done) => setTimeout(done, 20))
      collect()
    }
    // The laws are part of what is kept: they show that the references tell one from the other.
    expect(held.map((one) => one.deref() !== undefined)).toEqual([false, false, false, true])
    expect(kept.series.originIndex).toBe(15)
  })
})
