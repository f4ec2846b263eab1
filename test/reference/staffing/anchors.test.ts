// Published figures of the trade, with their sources; the digits beyond the print were recomputed at 50 digits.
import { describe, expect, test } from 'vitest'
import {
  erlangAMetrics,
  erlangBMetrics,
  erlangCMetrics,
  erlangCWaitProbability,
  finiteLinesMetrics,
  grossAgents,
  maximumLoad,
  offeredLoad,
  requiredAgents,
} from '../../../server/engine/index.ts'

function close(actual: number | null | undefined, expected: number, relative = 1e-9): void {
  expect(Math.abs((actual ?? Number.NaN) / expected - 1)).toBeLessThanOrEqual(relative)
}

const hundredCalls = offeredLoad(100, 1800, 180)

describe('Erlang C', () => {
  test('100 calls in 30 minutes, 180 s: callcentrehelper worked example, pyworkforce README', () => {
    const figures = erlangCMetrics({
      ...hundredCalls,
      agents: 14,
      ahtSeconds: 180,
      answerThresholdSeconds: 20,
    })
    close(figures.waitProbability, 0.1741319335950498, 1e-12)
    close(figures.serviceLevelRatio, 0.8883500191794669, 1e-12)
    close(figures.asaSeconds, 7.83594, 1e-5)
    close(figures.occupancyRatio, 0.714285714285714, 1e-12)
    const settings = { model: 'erlang-c', ahtSeconds: 180, answerThresholdSeconds: 20 } as const
    expect(requiredAgents(settings, hundredCalls, { serviceLevelRatioMin: 0.8 }).agents).toBe(14)
    expect(grossAgents(14, [0.3]).gross).toBe(20)
  })

  test('with maximum occupancy .70 and T = 19.8: pyworkforce tests', () => {
    const settings = { model: 'erlang-c', ahtSeconds: 180, answerThresholdSeconds: 19.8 } as const
    const goals = { serviceLevelRatioMin: 0.8, occupancyRatioMax: 0.7 }
    const { agents, figures } = requiredAgents(settings, hundredCalls, goals)
    expect(agents).toBe(15)
    expect(grossAgents(15, [0.3]).gross).toBe(22)
    expect(figures).toMatchObject({ waitProbability: expect.closeTo(0.102, 3) })
    expect(figures).toMatchObject({ serviceLevelRatio: expect.closeTo(0.941, 3) })
  })

  test('48 a minute, 50 agents: Garnett, Mandelbaum & Reiman 2002', () => {
    const figures = erlangCMetrics({ offeredErlangs: 48, agents: 50, ahtSeconds: 60 })
    close(figures.asaSeconds, 20.8337, 3e-6)
    close(figures.waitSecondsP90, 58.1387, 2e-6)
    close(figures.queueLengthMean, 16.67, 3e-4)
    const thinned = erlangCMetrics({ offeredErlangs: 48 * (1 - 0.031), agents: 50, ahtSeconds: 60 })
    close(thinned.asaSeconds, 8.813, 1e-4)
  })

  test('360 in 30 minutes, 240 s, 55 agents: mitan.co.uk', () => {
    const figures = erlangCMetrics({
      ...offeredLoad(360, 1800, 240),
      agents: 55,
      ahtSeconds: 240,
      answerThresholdSeconds: 15,
    })
    close(figures.waitProbability, 0.238701, 3e-6)
    close(figures.asaSeconds, 8.184, 1e-4)
    close(figures.serviceLevelRatio, 0.845883, 1e-6)
  })

  test('600 an hour, 120 s: 26 lines, 3 s; 30 give 2.5 % (telefonica.terra.es)', () => {
    const load = offeredLoad(600, 3600, 120)
    const { agents, figures } = requiredAgents({ model: 'erlang-c', ahtSeconds: 120 }, load, {
      waitProbabilityMax: 0.15,
    })
    expect(agents).toBe(26)
    expect(figures).toMatchObject({ asaSeconds: expect.closeTo(3, 0) })
    expect(erlangCWaitProbability(30, load.offeredErlangs)).toBeCloseTo(0.025, 3)
  })

  test('1 000 calls of 360 s: 211; with occupancy at most 85 %: 236', () => {
    const load = offeredLoad(1000, 1800, 360)
    const settings = { model: 'erlang-c', ahtSeconds: 360, answerThresholdSeconds: 20 } as const
    expect(requiredAgents(settings, load, { serviceLevelRatioMin: 0.8 }).agents).toBe(211)
    const goals = { serviceLevelRatioMin: 0.8, occupancyRatioMax: 0.85 }
    expect(requiredAgents(settings, load, goals).agents).toBe(236)
  })

  test('Halfin-Whitt at 100 000 erlang, 100 300 agents', () => {
    close(erlangCWaitProbability(100_300, 100_000), 0.24493, 2e-5)
  })
})

describe('Erlang A', () => {
  const patient = { ahtSeconds: 180, patienceSecondsMean: 300, answerThresholdSeconds: 20 }

  test('100 calls, 14 agents, patience 300 s: pyworkforce tests (exact chain)', () => {
    const figures = erlangAMetrics({ ...hundredCalls, agents: 14, ...patient })
    close(figures.waitProbability, 0.145260114, 4e-9)
    close(figures.abandonRatio, 0.0139837441, 2e-9)
    close(figures.occupancyRatio, 0.704297326, 2e-9)
    close((figures.asaAllSeconds ?? 0) / 60, 0.0699187206, 2e-9)
    close(figures.serviceLevelRatios?.SL3, 0.916792092, 2e-9)
  })

  test('12 and 13 agents: the anchors of the domain', () => {
    const twelve = erlangAMetrics({ ...hundredCalls, agents: 12, ...patient })
    expect(twelve.serviceLevelRatios?.SL3).toBeCloseTo(0.7723, 4)
    expect(twelve.serviceLevelRatios?.SL4).toBeCloseTo(0.7863, 4)
    const thirteen = erlangAMetrics({ ...hundredCalls, agents: 13, ...patient })
    expect(thirteen.serviceLevelRatios?.SL3).toBeCloseTo(0.8582, 4)
    expect(thirteen.serviceLevelRatios?.SL4).toBeCloseTo(0.8683, 4)
    expect(thirteen.abandonRatio).toBeCloseTo(0.025, 4)
  })

  test('48 a minute, 50 agents, patience 2 minutes: Garnett, Mandelbaum & Reiman 2002', () => {
    const figures = erlangAMetrics({
      offeredErlangs: 48,
      agents: 50,
      ahtSeconds: 60,
      patienceSecondsMean: 120,
      answerThresholdSeconds: 20,
    })
    close(figures.abandonRatio, 0.0309122, 2e-6)
    close(figures.asaAllSeconds, 3.70947, 2e-6)
    close(figures.queueLengthMean, 2.9676, 2e-5)
    close(figures.occupancyRatio, 0.930324, 1e-6)
    close(figures.serviceLevelRatios?.SL3, 0.943019, 1e-6)
  })
})

/** B_k = A B_(k-1) / (k + A B_(k-1)), Erlang's own form. */
function blockingByRecursion(lines: number, load: number): number {
  let blocking = 1
  for (let k = 1; k <= lines; k++) blocking = (load * blocking) / (k + load * blocking)
  return blocking
}

describe('Erlang B', () => {
  test('tables: 15 lines 1 % (erlang.com); ITU style, Collins app. A', () => {
    const carries = (agents: number, blockingRatioMax: number) =>
      maximumLoad({ model: 'erlang-b' }, agents, { blockingRatioMax })
    close(carries(15, 0.01) as number, 8.108043, 1e-7)
    const table: readonly (readonly [number, number, number, number])[] = [
      [1, 0.01, 0.0101, 0.00005],
      [2, 0.01, 0.153, 0.0005],
      [5, 0.01, 1.36, 0.005],
      [10, 0.01, 4.46, 0.005],
      [20, 0.01, 12.0, 0.05],
      [30, 0.01, 20.3, 0.05],
      [50, 0.01, 37.9, 0.05],
      [100, 0.01, 84.1, 0.05],
      [1, 0.02, 0.0204, 0.00005],
      [5, 0.02, 1.66, 0.005],
      [10, 0.02, 5.08, 0.005],
      [20, 0.02, 13.2, 0.05],
      [30, 0.02, 21.9, 0.05],
      [50, 0.02, 40.3, 0.05],
      [100, 0.02, 88.0, 0.05],
      [10, 0.05, 6.22, 0.005],
      [20, 0.05, 15.2, 0.05],
      [50, 0.05, 44.5, 0.05],
    ]
    for (const [lines, blocking, print, halfUnit] of table) {
      const load = carries(lines, blocking) as number
      expect(Math.abs(load - print)).toBeLessThanOrEqual(halfUnit)
      // And by the recursion, to all digits.
      close(blockingByRecursion(lines, load), blocking, 1e-11)
    }
  })

  test('180 erlang: 200 lines lose 1.03 %, 201 lose .916 %, 196 lose 1.6 % (worked exercise)', () => {
    const few = erlangBMetrics({ offeredErlangs: 180, lines: 196 }).blockingRatio
    expect(few).toBeCloseTo(0.016, 3)
    close(few, blockingByRecursion(196, 180), 1e-12)
    close(erlangBMetrics({ offeredErlangs: 180, lines: 200 }).blockingRatio, 0.010325, 1e-6)
    close(erlangBMetrics({ offeredErlangs: 180, lines: 201 }).blockingRatio, 0.00916155, 1e-6)
    const load = { offeredErlangs: 180, residueErlangs: 0 }
    expect(requiredAgents({ model: 'erlang-b' }, load, { blockingRatioMax: 0.01 }).agents).toBe(201)
  })
})

test('M/M/3/7 at 6 erlang: Gross & Harris', () => {
  const figures = finiteLinesMetrics({ offeredErlangs: 6, agents: 3, lines: 7 })
  close(figures.queueLengthMean, 3.09202, 2e-6)
  close((figures.blockingRatio ?? 0) * 60, 30.289, 1e-5)
})
