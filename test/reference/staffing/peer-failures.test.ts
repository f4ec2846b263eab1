// Inputs on which open calculators were found wrong, with the exact answers (recomputed at 50 digits).
import { describe, expect, test } from 'vitest'
import {
  type ErlangFormula,
  erlangAMetrics,
  erlangCMetrics,
  erlangCWaitProbability,
  finiteLinesMetrics,
  grossAgents,
  offeredLoad,
  requiredAgents,
  requiredAgentsErlangA,
  requiredAgentsErlangC,
} from '../../../server/engine/index.ts'

interface Case {
  readonly contacts: number
  readonly ahtSeconds: number
  readonly serviceLevelRatioMin: number
  readonly answerThresholdSeconds: number
  readonly agents: number
  readonly intervalSeconds?: number
}

function requiredC(one: Case): number | null {
  const load = offeredLoad(one.contacts, one.intervalSeconds ?? 1800, one.ahtSeconds)
  return requiredAgents({ model: 'erlang-c', ...one }, load, one).agents
}

function requiredA(one: Case & { patienceSecondsMean: number }, formula: ErlangFormula): number | null {
  const load = offeredLoad(one.contacts, one.intervalSeconds ?? 1800, one.ahtSeconds)
  const goals = { serviceLevelRatioMin: one.serviceLevelRatioMin, serviceLevelFormula: formula }
  return requiredAgents({ model: 'erlang-a', ...one }, load, goals).agents
}

const erlangC = (
  contacts: number,
  ahtSeconds: number,
  serviceLevelRatioMin: number,
  answerThresholdSeconds: number,
  agents: number,
  intervalSeconds = 1800,
): Case => ({
  contacts,
  ahtSeconds,
  serviceLevelRatioMin,
  answerThresholdSeconds,
  agents,
  intervalSeconds,
})

describe('required agents, Erlang C', () => {
  test.each([
    erlangC(6, 180, 0.5, 600, 1),
    erlangC(96, 180, 0.2, 600, 10),
    erlangC(996, 180, 0.1, 600, 100),
    erlangC(1, 1080, 0.5, 600, 1),
    erlangC(200, 180, 0.999995, 20, 26, 3600),
    erlangC(100, 180, 0.8, 20, 14),
  ])(
    '$contacts calls of $ahtSeconds s, $serviceLevelRatioMin in $answerThresholdSeconds s: $agents',
    (one) => {
      expect(requiredC(one)).toBe(one.agents)
      const { agents: _, ...input } = one
      expect(requiredAgentsErlangC({ intervalSeconds: 1800, ...input }).agents[0]).toBe(one.agents)
    },
  )

  test('no load, a level of 1 and no blocking are answers', () => {
    expect(requiredC(erlangC(0, 180, 0.8, 20, 0))).toBe(0)
    expect(requiredC(erlangC(100, 180, 1, 20, 0))).toBeNull()
    const load = { offeredErlangs: 100, residueErlangs: 0 }
    expect(requiredAgents({ model: 'erlang-b' }, load, { blockingRatioMax: 0 }).agents).toBeNull()
  })

  test('A = 10.5, 80/20 with occupancy .85: 14', () => {
    const load = { offeredErlangs: 10.5, residueErlangs: 0 }
    const settings = { model: 'erlang-c', ahtSeconds: 180, answerThresholdSeconds: 20 } as const
    expect(
      requiredAgents(settings, load, { serviceLevelRatioMin: 0.8, occupancyRatioMax: 0.85 }).agents,
    ).toBe(14)
  })
})

describe('required agents, Erlang A, SL3', () => {
  test.each([
    { ...erlangC(1000, 180, 0.8, 20, 96), patienceSecondsMean: 120 },
    { ...erlangC(1000, 180, 0.5, 20, 76), patienceSecondsMean: 60 },
    { ...erlangC(1000, 180, 0.7, 60, 71), patienceSecondsMean: 60 },
    { ...erlangC(5000, 300, 0.8, 20, 755), patienceSecondsMean: 120 },
    { ...erlangC(200, 300, 0.3, 30, 17), patienceSecondsMean: 45 },
    { ...erlangC(60, 600, 0.25, 10, 7), patienceSecondsMean: 20 },
    { ...erlangC(4536, 779, 0.85, 15, 1938), patienceSecondsMean: 300 },
  ])('$contacts calls of $ahtSeconds s, patience $patienceSecondsMean s: $agents', (one) => {
    expect(requiredA(one, 'SL3')).toBe(one.agents)
    const { agents: _, ...input } = one
    const columns = requiredAgentsErlangA({ intervalSeconds: 1800, ...input, serviceLevelFormula: 'SL3' })
    expect(columns.agents[0]).toBe(one.agents)
  })

  test('SL4 is degenerate for T far above the patience: one agent "meets" 90 % of 800 calls', () => {
    const one = { ...erlangC(800, 120, 0.9, 600, 1, 900), patienceSecondsMean: 90 }
    expect(requiredA(one, 'SL4')).toBe(1)
  })
})

describe('figures', () => {
  const level = (contacts: number, ahtSeconds: number, agents: number) =>
    erlangCMetrics({
      ...offeredLoad(contacts, 1800, ahtSeconds),
      ahtSeconds,
      agents,
      answerThresholdSeconds: 20,
    }).serviceLevelRatio

  test('Erlang C where factorials, powers or floats gave out', () => {
    const levelAt = (offeredErlangs: number, agents: number) =>
      erlangCMetrics({ offeredErlangs, agents, ahtSeconds: 180, answerThresholdSeconds: 20 })
        .serviceLevelRatio
    expect(levelAt(160, 171)).toBeCloseTo(0.914278, 6)
    expect(levelAt(200, 201)).toBeCloseTo(0.180544, 6)
    expect(erlangCWaitProbability(14, 10.5)).toBeCloseTo(0.232594, 6)
    expect(erlangCWaitProbability(1, 0.3)).toBeCloseTo(0.3, 12)
    expect(erlangCWaitProbability(150, 140)).toBeCloseTo(0.303529, 6)
    expect(erlangCWaitProbability(180, 500 / 3)).toBeCloseTo(0.221234, 6)
    expect(erlangCWaitProbability(2050, 2000)).toBeCloseTo(0.183355, 6)
    expect(level(100, 180, 14)).toBeCloseTo(0.88835, 6)
    expect(level(1500, 300, 260)).toBeCloseTo(0.784242, 6)
  })

  test('Erlang C in overload: nobody in time, waits unbounded', () => {
    const figures = erlangCMetrics({
      offeredErlangs: 10,
      agents: 8,
      ahtSeconds: 180,
      answerThresholdSeconds: 20,
    })
    expect(figures).toMatchObject({
      waitProbability: 1,
      serviceLevelRatio: 0,
      asaSeconds: null,
      lateRatio: 1,
    })
  })

  test('Erlang A where e^-rate T underflows, and at the load', () => {
    const busy = erlangAMetrics({
      ...offeredLoad(5400, 1800, 60),
      agents: 180,
      ahtSeconds: 60,
      patienceSecondsMean: 120,
      answerThresholdSeconds: 600,
    })
    expect(busy.serviceLevelRatios?.SL3).toBeCloseTo(0.975374, 6)
    const atLoad = erlangAMetrics({
      offeredErlangs: 100,
      agents: 100,
      ahtSeconds: 300,
      patienceSecondsMean: 60,
      answerThresholdSeconds: 20,
    })
    expect(atLoad.abandonRatio).toBeCloseTo(0.055026, 6)
    expect(atLoad.serviceLevelRatios?.SL3).toBeCloseTo(0.909019, 6)
  })

  test('M/M/1000/1100 at 1 000 erlang, and up to 100 000 lines', () => {
    const figures = finiteLinesMetrics({ offeredErlangs: 1000, agents: 1000, lines: 1100 })
    expect(figures.blockingRatio).toBeCloseTo(0.00712742, 8)
    // With as many agents as erlang every state from n on is equally likely: 1 / (R + K - n).
    for (const [agents, lines] of [
      [1000, 1100],
      [1000, 100_000],
      [100_000, 100_000],
      [100_000, 100_100],
    ] as const) {
      let inverse = 1
      for (let k = 1; k <= agents; k++) inverse = 1 + (k / agents) * inverse
      const { blockingRatio } = finiteLinesMetrics({ offeredErlangs: agents, agents, lines })
      expect(Math.abs((blockingRatio ?? 0) * (inverse + lines - agents) - 1)).toBeLessThan(1e-11)
    }
  })

  test('10 agents at 100 000 erlang: everybody waits, a probability and not 99 981.9', () => {
    expect(erlangCWaitProbability(10, 1e5)).toBe(1)
  })

  test('8 agents at 10 erlang: no negative level, no negative wait; no calls is no error', () => {
    const figures = erlangCMetrics({
      offeredErlangs: 10,
      agents: 8,
      ahtSeconds: 180,
      answerThresholdSeconds: 20,
    })
    expect(figures).toMatchObject({ serviceLevelRatio: 0, asaSeconds: null, waitProbability: 1 })
    const none = erlangCMetrics({
      offeredErlangs: 0,
      agents: 0,
      ahtSeconds: 180,
      answerThresholdSeconds: 20,
    })
    expect(none).toMatchObject({ serviceLevelRatio: null, waitProbability: 0 })
  })

  test('48 a minute, 50 agents of 60 s, patience 120 s: few abandon, and the level counts them', () => {
    const figures = erlangAMetrics({
      ...offeredLoad(48, 60, 60),
      agents: 50,
      ahtSeconds: 60,
      patienceSecondsMean: 120,
      answerThresholdSeconds: 20,
    })
    expect(figures.abandonRatio).toBeCloseTo(0.030912, 6)
    expect(figures.serviceLevelRatios?.SL3).toBeCloseTo(0.943019, 6)
  })

  test('gross-up in exact decimals', () => {
    expect(grossAgents(21, [0.3]).gross).toBe(30)
    expect(grossAgents(33, [0.67]).gross).toBe(100)
    expect(grossAgents(21, [0.1, 0.2]).grossExact).toBeCloseTo(29.1666666666667, 12)
  })
})
