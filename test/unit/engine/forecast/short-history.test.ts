// Bands of queues that are weeks old, against simulated queues whose days and hours differ as those of real ones do.
import { describe, expect, it } from 'vitest'
import { weekdayOf } from '../../../../server/engine/forecast/calendar.ts'
import { FIRST_DAY, forecastOf, openShare, poisson, randomSource } from './synthetic-history.ts'

interface Queue {
  readonly dayTotal: number
  /** Coefficients of variation of the day's factor and of the factor within the day. */
  readonly dayCv: number
  readonly withinCv: number
  readonly seed: number
}

const SLOTS = 48
const WEEKS_AHEAD = 2

/** Counts of Poisson arrivals whose rate has a weekday, a drifting level, a day factor, and a factor that fades within two hours. */
function countsOf(queue: Queue, days: number): Float64Array {
  const random = randomSource(queue.seed)
  const normal = (): number => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random())
  const weekdays = [1.2, 1, 0.95, 0.94, 1.1, 0.4, 0]
  const whole = Array.from({ length: SLOTS }, (_, slot) => openShare(slot * 30)).reduce((a, b) => a + b)
  const counts = new Float64Array(days * SLOTS)
  let level = 0
  let within = normal()
  const fade = Math.exp(-30 / 120)
  for (let day = 0; day < days; day++) {
    level += 0.15 * queue.dayCv * normal()
    const factor = Math.exp(level + queue.dayCv * normal()) * (weekdays[weekdayOf(FIRST_DAY + day)] ?? 0)
    for (let slot = 0; slot < SLOTS; slot++) {
      within = fade * within + Math.sqrt(1 - fade * fade) * normal()
      const rate = (queue.dayTotal * factor * openShare(slot * 30)) / whole
      counts[day * SLOTS + slot] = poisson(rate * Math.exp(queue.withinCv * within), random)
    }
  }
  return counts
}

interface Coverage {
  intervals: number
  inside80: number
  inside95: number
  days: number
  daysInside80: number
}

function addCoverage(found: Coverage, queue: Queue, weeks: number): void {
  const days = (weeks + WEEKS_AHEAD) * 7
  const history = { slotMinutes: 30, firstDay: FIRST_DAY, counts: countsOf(queue, days) }
  const forecast = forecastOf(history, weeks * 7, WEEKS_AHEAD * 7)
  const { mean, p2_5, p10, p90, p97_5 } = forecast.intervals
  for (let day = 0; day < WEEKS_AHEAD * 7; day++) {
    let total = 0
    for (let i = day * SLOTS; i < (day + 1) * SLOTS; i++) {
      const actual = Number(history.counts[weeks * 7 * SLOTS + i])
      total += actual
      if (Number(mean[i]) < 1) continue
      found.intervals++
      if (actual >= Number(p10[i]) && actual <= Number(p90[i])) found.inside80++
      if (actual >= Number(p2_5[i]) && actual <= Number(p97_5[i])) found.inside95++
    }
    if (total === 0) continue
    found.days++
    const totals = forecast.dayTotals
    if (total >= Number(totals.p10[day]) && total <= Number(totals.p90[day])) found.daysInside80++
  }
}

describe('bands of a queue that is weeks old', () => {
  it.each([2, 4, 6, 8])('hold what they say after %i weeks', (weeks) => {
    const found: Coverage = { intervals: 0, inside80: 0, inside95: 0, days: 0, daysInside80: 0 }
    for (let seed = 1; seed <= 12; seed++)
      for (const [dayCv, withinCv] of [
        [0.04, 0.06],
        [0.13, 0.2],
      ] as const)
        for (const dayTotal of [150, 3000]) addCoverage(found, { dayTotal, dayCv, withinCv, seed }, weeks)
    expect(found.inside80 / found.intervals).toBeGreaterThan(0.74)
    expect(found.inside80 / found.intervals).toBeLessThan(0.9)
    expect(found.inside95 / found.intervals).toBeGreaterThan(0.91)
    expect(found.daysInside80 / found.days).toBeGreaterThan(0.74)
    expect(found.daysInside80 / found.days).toBeLessThan(0.94)
  })
})
