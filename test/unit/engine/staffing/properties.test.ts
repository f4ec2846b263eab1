// What must hold for any input: monotone in the agents, B <= C, A tends to C, conservation, knife edges.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  ERLANG_FORMULAS,
  erlangAMetrics,
  erlangARatios,
  erlangBBlockingRatio,
  erlangCMetrics,
  erlangCWaitProbability,
  fractionalAgentsErlangC,
  grossAgents,
  maximumLoad,
  requiredAgents,
} from '../../../../server/engine/index.ts'

const logUniform = (from: number, to: number) =>
  fc.double({ min: Math.log(from), max: Math.log(to), noNaN: true }).map(Math.exp)
const load = logUniform(0.01, 100_000)
const situation = fc.record({
  offeredErlangs: load,
  staffing: logUniform(0.3, 2),
  ahtSeconds: logUniform(10, 3600),
  patienceSecondsMean: logUniform(1, 3600),
  answerThresholdSeconds: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 600, noNaN: true })),
})
const agentsOf = (one: { offeredErlangs: number; staffing: number }) =>
  Math.max(1, Math.round(one.offeredErlangs * one.staffing))
const ROUNDING = 1 + 1e-11

describe('more agents never make it worse', () => {
  test('Erlang C', () => {
    fc.assert(
      fc.property(situation, (one) => {
        const agents = agentsOf(one)
        const fewer = erlangCMetrics({ ...one, agents })
        const more = erlangCMetrics({ ...one, agents: agents + 1 })
        expect(more.lateRatio ?? 1).toBeLessThanOrEqual((fewer.lateRatio ?? 1) * ROUNDING)
        expect(more.waitProbability).toBeLessThanOrEqual(fewer.waitProbability * ROUNDING)
      }),
      { numRuns: 300 },
    )
  })

  test('Erlang A, by every formula', () => {
    fc.assert(
      fc.property(situation, (one) => {
        const agents = agentsOf(one)
        const fewer = erlangARatios({ ...one, agents })
        const more = erlangARatios({ ...one, agents: agents + 1 })
        for (const formula of ERLANG_FORMULAS) {
          expect(more.missRatios?.[formula] ?? 1).toBeLessThanOrEqual(
            (fewer.missRatios?.[formula] ?? 1) * ROUNDING + 1e-300,
          )
        }
        expect(more.abandonRatio ?? 1).toBeLessThanOrEqual((fewer.abandonRatio ?? 1) * ROUNDING)
      }),
      { numRuns: 200 },
    )
  })
})

test('Erlang B <= Erlang C, and both are probabilities', () => {
  fc.assert(
    fc.property(situation, (one) => {
      const agents = agentsOf(one)
      const blocked = erlangBBlockingRatio(agents, one.offeredErlangs)
      const waits = erlangCWaitProbability(agents, one.offeredErlangs)
      expect(blocked).toBeGreaterThanOrEqual(0)
      expect(blocked).toBeLessThanOrEqual(waits * ROUNDING)
      expect(waits).toBeLessThanOrEqual(1)
    }),
    { numRuns: 500 },
  )
})

test('Erlang A: every figure is finite, shares are shares, and callers are conserved', () => {
  fc.assert(
    fc.property(situation, (one) => {
      const agents = agentsOf(one)
      const figures = erlangAMetrics({ ...one, agents })
      const levels = figures.serviceLevelRatios
      const inTime = levels?.SL3 ?? Number.NaN
      for (const value of [figures.asaAllSeconds, figures.asaAnsweredSeconds, figures.waitSecondsP99]) {
        expect(Number.isFinite(value)).toBe(true)
      }
      // In time, lost in time, and still waiting are all there is.
      expect(inTime + (figures.abandonWithinThresholdRatio ?? 0) + (figures.lateRatio ?? 0)).toBeCloseTo(
        1,
        11,
      )
      expect(figures.occupancyRatio).toBeLessThanOrEqual(1 + 1e-12)
      // Carried load: offered less abandoned.
      const carried = (figures.occupancyRatio ?? 0) * agents
      expect(carried / one.offeredErlangs + (figures.abandonRatio ?? 0)).toBeCloseTo(1, 11)
    }),
    { numRuns: 200 },
  )
})

test('Erlang A tends to Erlang C as patience grows', () => {
  fc.assert(
    fc.property(logUniform(1, 5000), fc.double({ min: 0.3, max: 3, noNaN: true }), (offeredErlangs, b) => {
      const agents = Math.ceil(offeredErlangs + b * Math.sqrt(offeredErlangs) + 0.5)
      const common = { offeredErlangs, agents, ahtSeconds: 180, answerThresholdSeconds: 20 }
      const patient = erlangAMetrics({ ...common, patienceSecondsMean: 1e9 })
      const endless = erlangCMetrics(common)
      expect(Math.abs(patient.waitProbability / endless.waitProbability - 1)).toBeLessThan(1e-3)
      expect(patient.serviceLevelRatios?.SL4).toBeCloseTo(endless.serviceLevelRatio ?? 0, 4)
      expect(Math.abs((patient.asaAllSeconds ?? 0) / (endless.asaSeconds ?? 1) - 1)).toBeLessThan(2e-3)
    }),
    { numRuns: 100 },
  )
})

describe('required agents', () => {
  const settings = (one: {
    ahtSeconds: number
    answerThresholdSeconds: number
    patienceSecondsMean: number
  }) =>
    ({
      model: 'erlang-a',
      ahtSeconds: one.ahtSeconds,
      answerThresholdSeconds: one.answerThresholdSeconds,
      patienceSecondsMean: one.patienceSecondsMean,
    }) as const

  test('knife edges: a target 1e-9 below the level reached keeps n, 1e-9 above needs one more', () => {
    fc.assert(
      fc.property(
        logUniform(1, 20_000),
        fc.double({ min: 0.2, max: 2, noNaN: true }),
        (offeredErlangs, b) => {
          const agents = Math.ceil(offeredErlangs + b * Math.sqrt(offeredErlangs) + 0.01)
          const times = { ahtSeconds: 180, answerThresholdSeconds: 20 }
          const level = erlangCMetrics({ offeredErlangs, agents, ...times }).serviceLevelRatio ?? 0
          fc.pre(level > 0.01 && level < 1 - 1e-6)
          const required = (serviceLevelRatioMin: number) =>
            requiredAgents(
              { model: 'erlang-c', ...times },
              { offeredErlangs, residueErlangs: 0 },
              { serviceLevelRatioMin },
            ).agents
          expect(required(level)).toBe(agents)
          expect(required(level - 1e-9)).toBe(agents)
          expect(required(level + 1e-9)).toBe(agents + 1)
        },
      ),
      { numRuns: 200 },
    )
  })

  test('Erlang A: the goals hold at n and not at n - 1', () => {
    fc.assert(
      fc.property(
        situation,
        fc.constantFrom(...ERLANG_FORMULAS),
        fc.double({ min: 0.2, max: 0.999, noNaN: true }),
        (one, serviceLevelFormula, serviceLevelRatioMin) => {
          const exact = { offeredErlangs: one.offeredErlangs, residueErlangs: 0 }
          const goals = { serviceLevelRatioMin, serviceLevelFormula, abandonRatioMax: 0.3 }
          const { agents } = requiredAgents(settings(one), exact, goals)
          const meets = (count: number) => {
            const figures = erlangARatios({ ...one, agents: count })
            return (
              (figures.missRatios?.[serviceLevelFormula] ?? 1) <= (1 - serviceLevelRatioMin) * (1 + 1e-12) &&
              (figures.abandonRatio ?? 1) <= 0.3 * (1 + 1e-12)
            )
          }
          expect(meets(agents ?? 0)).toBe(true)
          if ((agents ?? 0) > 1) expect(meets((agents ?? 0) - 1)).toBe(false)
        },
      ),
      { numRuns: 60 },
    )
  })

  test('the maximum load of n agents needs exactly n', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), (agents) => {
        const times = { model: 'erlang-c', ahtSeconds: 240, answerThresholdSeconds: 30 } as const
        const most = maximumLoad(times, agents, { serviceLevelRatioMin: 0.8 })
        const needed = (offeredErlangs: number) =>
          requiredAgents(times, { offeredErlangs, residueErlangs: 0 }, { serviceLevelRatioMin: 0.8 }).agents
        expect(needed((most as number) * (1 - 1e-11))).toBe(agents)
        expect(needed((most as number) * (1 + 1e-11))).toBe(agents + 1)
      }),
      { numRuns: 60 },
    )
  })

  test('fractional agents lie within the last whole one', () => {
    fc.assert(
      fc.property(logUniform(0.05, 5000), (offeredErlangs) => {
        const input = {
          offeredErlangs,
          ahtSeconds: 180,
          answerThresholdSeconds: 20,
          serviceLevelRatioMin: 0.8,
        }
        const fraction = fractionalAgentsErlangC(input) ?? 0
        const { agents } = requiredAgents(
          { model: 'erlang-c', ...input },
          { offeredErlangs, residueErlangs: 0 },
          { serviceLevelRatioMin: 0.8 },
        )
        expect(fraction).toBeLessThanOrEqual((agents ?? 0) * ROUNDING)
        expect(fraction).toBeGreaterThan(Math.max(offeredErlangs, (agents ?? 0) - 1))
      }),
      { numRuns: 100 },
    )
  })
})

test('gross-up: the least whole number whose present share covers the agents', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 99 }), (agents, perCent) => {
      const { gross } = grossAgents(agents, [perCent / 100])
      expect(gross * (100 - perCent)).toBeGreaterThanOrEqual(agents * 100)
      if (gross > 0) expect((gross - 1) * (100 - perCent)).toBeLessThan(agents * 100)
    }),
  )
})
