import { describe, expect, it } from 'vitest'
import { prepareRest, projectDay } from '../../../../server/engine/plan/day-projection.ts'

/** Own generator for the brute force, so that the test never depends on the code under test. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (state + 0.5) / 4294967296
  }
}
function normalOf(random: () => number): number {
  return Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random())
}

const level = (factor: number) => ({ met: Math.max(0, Math.min(1, 0.85 - 0.6 * (factor - 1))), counted: 1 })
const intervals = Array.from({ length: 12 }, (_, i) => ({
  contactsMean: 60 + 5 * i,
  rateCv: 0.08,
  sharesAt: level,
}))

describe('projection of the day', () => {
  it('is the counted level when nothing is left', () => {
    const rest = prepareRest(intervals)
    const done = projectDay(rest, 12, { met: 81, counted: 100 }, 0.8)
    expect(done.ratio).toBeCloseTo(0.81, 12)
    expect(done.keepProbability).toBeCloseTo(1, 12)
    expect(projectDay(rest, 12, { met: 79, counted: 100 }, 0.8).keepProbability).toBe(0)
  })

  it('has no level when nothing was counted and nothing is expected', () => {
    expect(projectDay(prepareRest([]), 0, { met: 0, counted: 0 }, 0.8).ratio).toBeNull()
  })

  it('agrees with a brute force over 20 000 days whose rate error lasts the whole day', () => {
    const random = randomOf(7)
    let kept = 0
    let met = 0
    let counted = 0
    const soFar = { met: 300, counted: 380 }
    const days = 20_000
    for (let day = 0; day < days; day += 1) {
      const factor = Math.exp(0.08 * normalOf(random) - 0.0032)
      let dayMet = soFar.met
      let dayCounted = soFar.counted
      for (const interval of intervals) {
        const contacts = interval.contactsMean * factor
        const share = level(factor).met
        dayCounted += contacts
        dayMet += contacts * share + Math.sqrt(4 * contacts * share * (1 - share)) * normalOf(random)
      }
      met += dayMet
      counted += dayCounted
      if (dayMet >= 0.8 * dayCounted) kept += 1
    }
    const projection = projectDay(prepareRest(intervals), 0, soFar, 0.8)
    // The brute force's own standard error of a chance is below 0.0036.
    expect(Math.abs((projection.keepProbability ?? 0) - kept / days)).toBeLessThan(0.02)
    expect(Math.abs((projection.ratio ?? 0) - met / counted)).toBeLessThan(0.003)
  })

  it('gives a higher chance for a lower target, and moves steadily through an interval', () => {
    const rest = prepareRest(intervals)
    const soFar = { met: 300, counted: 380 }
    const chances = [0.9, 0.85, 0.8, 0.75, 0.7].map(
      (target) => projectDay(rest, 3.5, soFar, target).keepProbability ?? 0,
    )
    for (let i = 1; i < chances.length; i += 1) expect(chances[i]).toBeGreaterThanOrEqual(chances[i - 1] ?? 0)
    const expected = [3, 3.25, 3.5, 3.75, 4].map(
      (position) => projectDay(rest, position, soFar, 0.8).expectedRest,
    )
    for (let i = 1; i < expected.length; i += 1) expect(expected[i]).toBeLessThan(expected[i - 1] ?? 0)
  })
})
