/** Trying another staffing from a mark on: exactly what drawing the whole day again gives, whatever is changed where. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type DayPathsInput,
  drawDayPaths,
  drawMarked,
  firstPaths,
  retryPaths,
} from '../../../../server/engine/plan/day-paths.ts'

const PATHS = 40
const INTERVALS = 12

function day(agents: readonly number[], contacts: number, seed: number): DayPathsInput {
  return {
    intervals: agents.map((count) => ({
      seconds: 1_800,
      contactsMean: contacts,
      rateCv: 0.1,
      ahtSeconds: 220,
      agents: count,
    })),
    promise: { targetRatio: 0.8, answerThresholdSeconds: 20, shortAbandonSeconds: 5, formula: 'SL4' },
    patienceSecondsMean: 180,
    uncertainty: {
      rateDayShare: 0.5,
      fadeSeconds: 7_200,
      ahtDayCv: 0.03,
      staffingFactors: Float64Array.of(0.9, 1, 1.1),
      staffingWithinCv: 0.1,
    },
    waitingSeconds: [30, 4],
    busyAgents: 5,
    paths: PATHS * 2,
    seed,
  }
}

describe('a staffing tried from a mark on', () => {
  const agents = fc.array(fc.integer({ min: 0, max: 11 }), { minLength: INTERVALS, maxLength: INTERVALS })
  const place = fc.integer({ min: 0, max: INTERVALS - 1 })

  it('ends every path where drawing it again from its start ends it', () => {
    fc.assert(
      fc.property(
        agents,
        place,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: -3, max: 6 }),
        fc.integer({ min: 10, max: 70 }),
        fc.integer(),
        (before, from, length, more, contacts, seed) => {
          const to = Math.min(INTERVALS, from + length)
          const after = before.map((count, index) =>
            index >= from && index < to ? Math.max(0, count + more) : count,
          )
          const base = drawMarked(day(before, contacts, seed), PATHS, [from])
          const tried = retryPaths(base, day(after, contacts, seed), { from, to })
          const again = drawDayPaths(day(after, contacts, seed))
          for (let path = 0; path < PATHS; path++) {
            expect(tried.met[path]).toBe(again.met[path * (INTERVALS + 1)])
            expect(tried.counted[path]).toBe(again.counted[path * (INTERVALS + 1)])
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  it('starts from the same paths as the look-ahead itself', () => {
    const input = day(
      Array.from({ length: INTERVALS }, () => 8),
      60,
      3,
    )
    const base = drawMarked(input, PATHS, [4])
    const all = drawDayPaths(input)
    expect(base.met).toEqual(all.met)
    const first = firstPaths(base)
    expect(first.met[7]).toBe(all.met[7 * (INTERVALS + 1)])
    // Whatever the number of paths, a path is the same, its staffing factor too.
    expect(drawDayPaths({ ...input, paths: 5 }).met).toEqual(all.met.slice(0, 5 * (INTERVALS + 1)))
  })
})
