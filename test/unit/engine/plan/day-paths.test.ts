/** Paths of the rest of a day: against the stationary formulas where those hold, and by properties where they do not. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DayPathsInput, drawDayPaths } from '../../../../server/engine/plan/day-paths.ts'
import { outcomeFraction, predictInterval } from '../../../../server/engine/plan/interval-outcome.ts'
import { projectPaths } from '../../../../server/engine/plan/path-projection.ts'

const PROMISE = {
  targetRatio: 0.8,
  answerThresholdSeconds: 20,
  shortAbandonSeconds: 5,
  formula: 'SL4',
} as const
const CERTAIN = {
  rateDayShare: 0.5,
  fadeSeconds: 7_200,
  ahtDayCv: 0,
  staffingFactors: Float64Array.of(1),
  staffingWithinCv: 0,
}
const UNCERTAIN = {
  ...CERTAIN,
  ahtDayCv: 0.03,
  staffingFactors: Float64Array.of(0.9, 1, 1.1),
  staffingWithinCv: 0.1,
}

function day(change: Partial<DayPathsInput> & { agents?: number; contacts?: number } = {}): DayPathsInput {
  const { agents = 8, contacts = 60, ...rest } = change
  return {
    intervals: Array.from({ length: 16 }, () => ({
      seconds: 1_800,
      contactsMean: contacts,
      rateCv: 0,
      ahtSeconds: 220,
      agents,
    })),
    promise: PROMISE,
    patienceSecondsMean: 180,
    uncertainty: CERTAIN,
    waitingSeconds: [],
    busyAgents: 7,
    paths: 400,
    seed: 11,
    ...rest,
  }
}
const sums = (input: DayPathsInput) => {
  const { met, counted, intervals } = drawDayPaths(input)
  let [m, c] = [0, 0]
  for (let path = 0; path < input.paths; path++) {
    m += met[path * (intervals + 1)] ?? 0
    c += counted[path * (intervals + 1)] ?? 0
  }
  return { level: m / c, counted: c / input.paths }
}

describe('paths of the rest of a day', () => {
  it.each([
    [60, 8],
    [60, 10],
    [30, 5],
    [90, 11],
  ])('agree with Erlang A where nothing is uncertain: %i contacts, %i agents', (contacts, agents) => {
    const seen = sums(day({ contacts, agents }))
    const outcome = predictInterval(
      { contacts, intervalSeconds: 1_800, ahtSeconds: 220, patienceSecondsMean: 180 },
      agents,
      PROMISE,
    )
    const { met, counted } = outcomeFraction(outcome, PROMISE)
    // Handling times are not exponential here, and the day begins as it is: two points apart at most.
    expect(Math.abs(seen.level - met / counted)).toBeLessThan(0.02)
    expect(seen.counted / 16 / contacts).toBeCloseTo(counted, 1)
  })

  it('are the same for the same seed, and a path is the same however many others there are', () => {
    const few = drawDayPaths(day({ paths: 5, uncertainty: CERTAIN }))
    const many = drawDayPaths(day({ paths: 20, uncertainty: CERTAIN }))
    expect(many.met.slice(0, few.met.length)).toEqual(few.met)
    expect(drawDayPaths(day({ uncertainty: UNCERTAIN }))).toEqual(
      drawDayPaths(day({ uncertainty: UNCERTAIN })),
    )
    expect(drawDayPaths(day({ seed: 12 })).met).not.toEqual(drawDayPaths(day()).met)
  })

  it('bring the same callers whatever the staffing, and more agents never make a day unlikelier', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 12 }), fc.integer({ min: 1, max: 4 }), (agents, more) => {
        const chance = (n: number) =>
          projectPaths(drawDayPaths(day({ agents: n, paths: 60 })), 0, { met: 0, counted: 0 }, 0.8)
            .keepProbability ?? 0
        expect(chance(agents + more)).toBeGreaterThanOrEqual(chance(agents) - 1e-9)
      }),
      { numRuns: 20 },
    )
  })

  it('pass a backlog on: an hour without agents is felt in the next one', () => {
    const intervals = [0, 10, 10, 10].map((agents) => ({
      seconds: 1_800,
      contactsMean: 60,
      rateCv: 0,
      ahtSeconds: 220,
      agents,
    }))
    const patient = { patienceSecondsMean: 3_600, busyAgents: 0 }
    const { met, counted, intervals: count } = drawDayPaths(day({ ...patient, intervals, paths: 50 }))
    const levelOf = (index: number) => {
      let [m, c] = [0, 0]
      for (let path = 0; path < 50; path++) {
        const at = path * (count + 1) + index
        m += (met[at] ?? 0) - (met[at + 1] ?? 0)
        c += (counted[at] ?? 0) - (counted[at + 1] ?? 0)
      }
      return m / c
    }
    expect(levelOf(0)).toBeLessThan(0.02)
    expect(levelOf(1)).toBeLessThan(0.2)
    expect(levelOf(3)).toBeGreaterThan(levelOf(1))
  })

  it('count who waits now by how long they have waited already', () => {
    const closed = {
      intervals: [{ seconds: 600, contactsMean: 0, rateCv: 0, ahtSeconds: 220, agents: 3 }],
      paths: 20,
    }
    const seen = sums(day({ ...closed, busyAgents: 0, waitingSeconds: [19, 25, 0] }))
    expect(seen).toEqual({ level: 2 / 3, counted: 3 })
  })

  it('say nothing of a day that is over, and are decided by what is counted', () => {
    const over = drawDayPaths(day({ intervals: [], paths: 10 }))
    expect(projectPaths(over, 0, { met: 0, counted: 0 }, 0.8)).toMatchObject({
      ratio: null,
      keepProbability: null,
    })
    expect(projectPaths(over, 0, { met: 8, counted: 10 }, 0.8)).toMatchObject({
      ratio: 0.8,
      keepProbability: 1,
    })
    expect(projectPaths(over, 3, { met: 7, counted: 10 }, 0.8)).toMatchObject({
      ratio: 0.7,
      keepProbability: 0,
    })
  })
})
