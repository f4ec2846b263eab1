// The kernels against chains that are solved state by state, and against exact rational arithmetic: nothing shared.
import { describe, expect, test } from 'vitest'
import {
  erlangAMetrics,
  erlangBBlockingRatio,
  erlangCMetrics,
  erlangXMetrics,
  finiteLinesAbandonmentMetrics,
  finiteLinesMetrics,
} from '../../../../server/engine/index.ts'
import { inverseErlangB, logConfluent } from '../../../../server/engine/staffing/special-functions.ts'

function expectClose(actual: number | null | undefined, expected: number, relative = 1e-10): void {
  if (expected === 0) expect(actual).toBe(0)
  else expect(Math.abs((actual ?? Number.NaN) / expected - 1)).toBeLessThanOrEqual(relative)
}

/** 10^digits / ErlangB as a whole number: load = tenths / 10, no rounding before the last division. */
function inverseErlangBInFixedPoint(lines: number, tenths: bigint, digits: bigint): bigint {
  const one = 10n ** digits
  let inverse = one
  for (let k = 1n; k <= BigInt(lines); k++) inverse = one + (k * 10n * inverse) / tenths
  return inverse
}

describe('against 60-digit fixed point', () => {
  test.each([
    [1, 5n],
    [39, 400n],
    [40, 400n],
    [41, 310n],
    [100, 1000n],
    [120, 700n],
    [500, 4300n],
    [500, 9000n],
    [2000, 20000n],
    [5000, 49000n],
  ])('Erlang B and C with %i lines at %i tenths of an erlang', (lines, tenths) => {
    const digits = 60n
    const inverse = inverseErlangBInFixedPoint(lines, tenths, digits)
    const load = Number(tenths) / 10
    const exact = Number(`${inverse}e-60`)
    expectClose(inverseErlangB(lines, load), exact, 1e-12)
    expectClose(erlangBBlockingRatio(lines, load), 1 / exact, 1e-12)
    if (lines > load) {
      // Pw = n / ((n - A) R + A), all in tenths.
      const nTenths = BigInt(lines) * 10n
      const scaled =
        (nTenths * 10n ** (2n * digits)) / ((nTenths - tenths) * inverse + tenths * 10n ** digits)
      const { waitProbability } = erlangCMetrics({ offeredErlangs: load, agents: lines })
      expectClose(waitProbability, Number(`${scaled}e-60`), 1e-11)
    }
  })
})

interface ChainCase {
  readonly agents: number
  readonly offeredErlangs: number
  readonly lines: number
  readonly ahtSeconds: number
  readonly patienceSecondsMean: number
  readonly answerThresholdSeconds: number
}

/** Stationary chain of n agents and K lines, and the wait of a caller with j ahead by stepping its own small chain. */
function solveChain(one: ChainCase) {
  const { agents, offeredErlangs, lines, ahtSeconds, patienceSecondsMean, answerThresholdSeconds } = one
  const arrival = offeredErlangs / ahtSeconds
  const abandonRate = Number.isFinite(patienceSecondsMean) ? 1 / patienceSecondsMean : 0
  const weights = [1]
  for (let state = 1; state <= lines; state++) {
    const leave = Math.min(state, agents) / ahtSeconds + Math.max(0, state - agents) * abandonRate
    weights.push(((weights[state - 1] ?? 0) * arrival) / leave)
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const share = (state: number) => (weights[state] ?? 0) / total
  let waits = 0
  let queue = 0
  for (let state = agents; state < lines; state++) waits += share(state)
  for (let state = agents; state <= lines; state++) queue += (state - agents) * share(state)
  const busy = weights.reduce((sum, _, state) => sum + Math.min(state, agents) * share(state), 0)
  const inTime = withinThreshold(one, share, abandonRate, answerThresholdSeconds)
  return { blocked: share(lines), waits, queue, busy, inTime }
}

/** Answered within the threshold: the tagged caller's places ahead, by uniformisation (no closed form in it). */
function withinThreshold(
  { agents, lines, ahtSeconds }: ChainCase,
  share: (state: number) => number,
  abandonRate: number,
  threshold: number,
): number {
  const places = lines - agents
  let noWait = 0
  for (let state = 0; state < agents; state++) noWait += share(state)
  if (places === 0) return noWait
  // State j: j callers ahead, all still there; leaving state 0 by service means answered.
  const rate = agents / ahtSeconds + places * abandonRate
  let at = Array.from({ length: places }, (_, ahead) => share(agents + ahead))
  let answered = 0
  let poisson = Math.exp(-rate * threshold)
  let sum = poisson * answered
  for (let jump = 1; jump < rate * threshold + 12 * Math.sqrt(rate * threshold) + 60; jump++) {
    const next = at.map((mass, ahead) => {
      const above = at[ahead + 1] ?? 0
      const leave = agents / ahtSeconds + (ahead + 1) * abandonRate
      const arrive = agents / ahtSeconds + (ahead + 1) * abandonRate
      return mass * (1 - leave / rate) + above * (arrive / rate)
    })
    answered += (at[0] ?? 0) * (agents / ahtSeconds / rate)
    at = next
    poisson *= (rate * threshold) / jump
    sum += poisson * answered
  }
  return noWait + sum
}

const CASES: readonly ChainCase[] = [
  {
    agents: 12,
    offeredErlangs: 10,
    lines: 90,
    ahtSeconds: 180,
    patienceSecondsMean: 300,
    answerThresholdSeconds: 20,
  },
  {
    agents: 3,
    offeredErlangs: 9,
    lines: 60,
    ahtSeconds: 60,
    patienceSecondsMean: 45,
    answerThresholdSeconds: 30,
  },
  {
    agents: 50,
    offeredErlangs: 48,
    lines: 140,
    ahtSeconds: 60,
    patienceSecondsMean: 120,
    answerThresholdSeconds: 20,
  },
  {
    agents: 1,
    offeredErlangs: 0.01,
    lines: 30,
    ahtSeconds: 100,
    patienceSecondsMean: 1,
    answerThresholdSeconds: 1,
  },
  {
    agents: 20,
    offeredErlangs: 60,
    lines: 120,
    ahtSeconds: 30,
    patienceSecondsMean: 15,
    answerThresholdSeconds: 10,
  },
]

describe('against the chain solved state by state', () => {
  test.each(CASES)('Erlang A: $agents agents, $offeredErlangs erlang', (one) => {
    const chain = solveChain(one)
    const figures = erlangAMetrics(one)
    expectClose(figures.waitProbability, chain.waits)
    expectClose(figures.queueLengthMean, chain.queue)
    expectClose(figures.occupancyRatio, chain.busy / one.agents)
    expectClose(figures.serviceLevelRatios?.SL3, chain.inTime, 1e-9)
  })

  test.each(CASES)('M/M/n/K+M: $agents agents, $offeredErlangs erlang, few places', (one) => {
    const small = { ...one, lines: one.agents + 7 }
    const chain = solveChain(small)
    const figures = finiteLinesAbandonmentMetrics(small)
    expectClose(figures.blockingRatio, chain.blocked)
    expectClose(figures.waitProbabilityOffered, chain.waits)
    expectClose(figures.queueLengthMean, chain.queue)
    expectClose(figures.serviceLevelRatioOffered, chain.inTime, 1e-9)
  })

  test.each(CASES)('M/M/n/K: $agents agents, $offeredErlangs erlang, few places', (one) => {
    const small = { ...one, lines: one.agents + 7, patienceSecondsMean: Number.POSITIVE_INFINITY }
    const chain = solveChain(small)
    const figures = finiteLinesMetrics(small)
    expectClose(figures.blockingRatio, chain.blocked)
    expectClose(figures.waitProbabilityOffered, chain.waits)
    expectClose(figures.queueLengthMean, chain.queue)
    expectClose(figures.serviceLevelRatioOffered, chain.inTime, 1e-9)
  })
})

test('the series of S where everybody can sum it', () => {
  for (const [x, y] of [
    [0.5, 3],
    [10, 40],
    [39.5, 41],
    [60, 50],
    [60, 70],
    [45, 90],
  ] as const) {
    let term = 1
    let sum = 1
    for (let j = 1; j < 2000; j++) {
      term *= y / (x + j)
      sum += term
    }
    expectClose(logConfluent(x, y), Math.log(sum), 1e-13)
  }
})

test('Erlang X feeds back exactly its redials', () => {
  const input = {
    offeredErlangs: 10,
    agents: 9,
    ahtSeconds: 180,
    patienceSecondsMean: 100,
    redialRatio: 0.5,
  }
  const figures = erlangXMetrics(input)
  const total = figures?.totalErlangs ?? 0
  const { abandonRatio } = erlangAMetrics({ ...input, offeredErlangs: total })
  expectClose(total, 10 + 0.5 * (abandonRatio ?? 0) * total, 1e-13)
  expectClose(figures?.lostRatio, (0.5 * (abandonRatio ?? 0) * total) / 10, 1e-12)
  // Whoever is not lost for good is answered in the end.
  expectClose((1 - (figures?.lostRatio ?? 0)) * 10, (figures?.occupancyRatio ?? 0) * 9, 1e-12)
})

test('finite lines end and stay finite where patience dwarfs every other time', () => {
  for (const patienceSecondsMean of [1e-5, 1, 1e6, 1e9]) {
    const figures = finiteLinesAbandonmentMetrics({
      agents: 40,
      offeredErlangs: 400,
      lines: 900,
      ahtSeconds: 60,
      patienceSecondsMean,
      answerThresholdSeconds: 20,
    })
    for (const value of [
      figures.serviceLevelRatioOffered,
      figures.asaAcceptedSeconds,
      figures.blockingRatio,
    ]) {
      expect(Number.isFinite(value)).toBe(true)
    }
  }
})
