// Handling times: level, shape, and the running day.
import { describe, expect, it } from 'vitest'
import { forecastOf, historyOf, weekly } from './synthetic-history.ts'

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
