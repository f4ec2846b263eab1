// Two grids of 3 000 requirements, on which calculators that guess from a normal curve or round the load miss most
// rows. The judges are written here: the one-pass recursion for Erlang C, the chain summed state by state for Erlang A.
import { expect, test } from 'vitest'
import { offeredLoad, requiredAgentsErlangA, requiredAgentsErlangC } from '../../../server/engine/index.ts'

const ROWS = 3000
const INTERVAL_SECONDS = 1800
const TARGETS = [0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99]
const THRESHOLDS = [0, 10, 15, 20, 30, 60]
const PATIENCES = [30, 60, 120, 180, 300, 600]

/** Numerical Recipes' linear congruence: the grid is the same on every machine. */
function grid(seed: number) {
  let state = seed
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  const column = (value: () => number) => Float64Array.from({ length: ROWS }, value)
  const pick = (choices: readonly number[]) => choices[Math.floor(random() * choices.length)] ?? 0
  return {
    contacts: column(() => 1 + Math.floor(random() * 5000)),
    intervalSeconds: INTERVAL_SECONDS,
    ahtSeconds: column(() => 60 + Math.floor(random() * 841)),
    answerThresholdSeconds: column(() => pick(THRESHOLDS)),
    serviceLevelRatioMin: column(() => pick(TARGETS)),
    patienceSecondsMean: column(() => pick(PATIENCES)),
  }
}

/** Erlang C by R_k = 1 + (k/A) R_(k-1), tested at every k above the load. */
function leastAgentsErlangC(load: number, thresholdInServices: number, target: number): number {
  let inverse = 1
  for (let agents = 1; ; agents++) {
    inverse = 1 + (agents / load) * inverse
    if (agents <= load) continue
    const waits = agents / ((agents - load) * inverse + load)
    if (waits * Math.exp(-(agents - load) * thresholdInServices) <= 1 - target) return agents
  }
}

test('Erlang C: 3 000 requirements are those of the recursion', () => {
  const { patienceSecondsMean: _, ...rows } = grid(671)
  const { agents } = requiredAgentsErlangC(rows)
  const wrong: unknown[] = []
  for (let row = 0; row < ROWS; row++) {
    const aht = rows.ahtSeconds[row] ?? 1
    const { offeredErlangs } = offeredLoad(rows.contacts[row] ?? 0, INTERVAL_SECONDS, aht)
    const threshold = (rows.answerThresholdSeconds[row] ?? 0) / aht
    const exact = leastAgentsErlangC(offeredErlangs, threshold, rows.serviceLevelRatioMin[row] ?? 0)
    if (agents[row] !== exact) wrong.push({ row, agents: agents[row], exact })
  }
  expect(wrong).toEqual([])
})

test('a load that rounds up to 671 agents needs 732 for 99.9 % in 10 s', () => {
  const one = { contacts: 5031, intervalSeconds: INTERVAL_SECONDS, ahtSeconds: 240 }
  const goal = { answerThresholdSeconds: 10, serviceLevelRatioMin: 0.999 }
  expect(leastAgentsErlangC((5031 * 240) / INTERVAL_SECONDS, 10 / 240, 0.999)).toBe(732)
  expect(requiredAgentsErlangC({ ...one, ...goal }).agents[0]).toBe(732)
})

interface Patient {
  readonly load: number
  readonly ahtSeconds: number
  readonly patienceSecondsMean: number
  readonly thresholdSeconds: number
}

/** SL3 of M/M/n+M: states counted from "all busy, nobody waits", and for j ahead the chance of an answer in time. */
function levelErlangA(agents: number, { load, ahtSeconds, patienceSecondsMean, thresholdSeconds }: Patient) {
  let free = 0
  for (let busy = agents, weight = 1; busy > 0 && weight > 1e-20 * free; busy--) {
    weight *= busy / load
    free += weight
  }
  const x = (agents * patienceSecondsMean) / ahtSeconds
  const y = (load * patienceSecondsMean) / ahtSeconds
  const threshold = thresholdSeconds / patienceSecondsMean
  const lost = -Math.expm1(-threshold)
  let weight = 1
  let waits = 0
  let inTime = 0
  let term = Math.exp(-(x + 1) * threshold)
  let late = 0
  for (let ahead = 0; ahead < 1e6; ahead++) {
    late += term
    waits += weight
    inTime += weight * (x / (x + ahead + 1)) * Math.max(0, 1 - late)
    weight *= y / (x + ahead + 1)
    term *= (lost * (x + 1 + ahead)) / (ahead + 1)
    if (x + ahead > y && weight < 1e-19 * waits) break
  }
  return (free + inTime) / (free + waits)
}

test('Erlang A: 3 000 requirements reach the level of the chain, and one agent fewer does not', () => {
  const rows = grid(2001)
  const { agents, serviceLevelRatio } = requiredAgentsErlangA({ ...rows, serviceLevelFormula: 'SL3' })
  const wrong: unknown[] = []
  for (let row = 0; row < ROWS; row++) {
    const ahtSeconds = rows.ahtSeconds[row] ?? 1
    const patient = {
      load: offeredLoad(rows.contacts[row] ?? 0, INTERVAL_SECONDS, ahtSeconds).offeredErlangs,
      ahtSeconds,
      patienceSecondsMean: rows.patienceSecondsMean[row] ?? 1,
      thresholdSeconds: rows.answerThresholdSeconds[row] ?? 0,
    }
    const found = agents[row] ?? Number.NaN
    const target = rows.serviceLevelRatioMin[row] ?? 0
    const level = levelErlangA(found, patient)
    const below = found > 1 ? levelErlangA(found - 1, patient) : 0
    const isLevelRight = Math.abs((serviceLevelRatio[row] ?? 0) / level - 1) <= 1e-10
    if (!(level >= target && below < target && isLevelRight)) wrong.push({ row, found, level, below, target })
  }
  expect(wrong).toEqual([])
})

test('4 536 calls of 779 s, 85 % in 15 s, patience 300 s: 1 938 by the chain', () => {
  const patient = {
    load: offeredLoad(4536, INTERVAL_SECONDS, 779).offeredErlangs,
    ahtSeconds: 779,
    patienceSecondsMean: 300,
    thresholdSeconds: 15,
  }
  expect(levelErlangA(1938, patient)).toBeGreaterThanOrEqual(0.85)
  expect(levelErlangA(1937, patient)).toBeLessThan(0.85)
  const { agents } = requiredAgentsErlangA({
    contacts: 4536,
    intervalSeconds: INTERVAL_SECONDS,
    ahtSeconds: 779,
    answerThresholdSeconds: 15,
    serviceLevelRatioMin: 0.85,
    patienceSecondsMean: 300,
    serviceLevelFormula: 'SL3',
  })
  expect(agents[0]).toBe(1938)
})
