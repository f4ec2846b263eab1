// The batch solvers against the scalar ones, which share neither their kernels nor their search; and their refusals.
import { describe, expect, test } from 'vitest'
import {
  ERLANG_FORMULAS,
  erlangARatios,
  erlangCMetrics,
  offeredLoad,
  requiredAgents,
  requiredAgentsErlangA,
  requiredAgentsErlangC,
  StaffingInputError,
} from '../../../../server/engine/index.ts'
import {
  erfcx,
  inverseErlangB,
  logExcess,
  uniformRemainder,
} from '../../../../server/engine/staffing/special-functions.ts'
import {
  erfcxOfPositive,
  logExcessNear,
  remainderNear,
  remainderWide,
} from '../../../../server/engine/staffing/unrolled-kernels.ts'

function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const ROWS = 600
const random = randomOf(20_260_301)
const spread = (from: number, to: number) => from * (to / from) ** random()
const contacts = Float64Array.from({ length: ROWS }, () => spread(0.05, 300_000))
const ahtSeconds = Float64Array.from({ length: ROWS }, () => Math.round(spread(10, 1800)))
const answerThresholdSeconds = Float64Array.from({ length: ROWS }, (_, row) =>
  row % 9 === 0 ? 0 : Math.round(spread(1, 600)),
)
const serviceLevelRatioMin = Float64Array.from({ length: ROWS }, () => 0.05 + 0.9499 * random())
const patienceSecondsMean = Float64Array.from({ length: ROWS }, () => Math.round(spread(1, 3600)))
const intervalSeconds = 1800

function at(column: Float64Array, row: number): number {
  return column[row] ?? Number.NaN
}

function relative(actual: number, expected: number): number {
  if (actual === expected || (Number.isNaN(actual) && Number.isNaN(expected))) return 0
  return Math.abs(actual / expected - 1)
}

test('Erlang C columns equal the scalar answers', () => {
  const out = requiredAgentsErlangC({
    contacts,
    intervalSeconds,
    ahtSeconds,
    answerThresholdSeconds,
    serviceLevelRatioMin,
  })
  for (let row = 0; row < ROWS; row++) {
    const load = offeredLoad(at(contacts, row), intervalSeconds, at(ahtSeconds, row))
    const times = { ahtSeconds: at(ahtSeconds, row), answerThresholdSeconds: at(answerThresholdSeconds, row) }
    const goals = { serviceLevelRatioMin: at(serviceLevelRatioMin, row) }
    const { agents } = requiredAgents({ model: 'erlang-c', ...times }, load, goals)
    expect(at(out.agents, row)).toBe(agents)
    const figures = erlangCMetrics({ ...load, ...times, agents: agents ?? 0 })
    expect(relative(at(out.waitProbability, row), figures.waitProbability)).toBeLessThan(1e-10)
    expect(relative(at(out.asaSeconds, row), figures.asaSeconds ?? 0)).toBeLessThan(1e-10)
    expect(relative(at(out.serviceLevelRatio, row), figures.serviceLevelRatio ?? 0)).toBeLessThan(1e-10)
    expect(relative(at(out.occupancyRatio, row), figures.occupancyRatio ?? 0)).toBeLessThan(1e-14)
  }
})

test.each(ERLANG_FORMULAS)('Erlang A columns equal the scalar answers, %s', (serviceLevelFormula) => {
  const out = requiredAgentsErlangA({
    contacts,
    intervalSeconds,
    ahtSeconds,
    answerThresholdSeconds,
    serviceLevelRatioMin,
    patienceSecondsMean,
    serviceLevelFormula,
  })
  for (let row = 0; row < ROWS; row++) {
    const load = offeredLoad(at(contacts, row), intervalSeconds, at(ahtSeconds, row))
    const settings = {
      ahtSeconds: at(ahtSeconds, row),
      answerThresholdSeconds: at(answerThresholdSeconds, row),
      patienceSecondsMean: at(patienceSecondsMean, row),
    }
    const goals = { serviceLevelRatioMin: at(serviceLevelRatioMin, row), serviceLevelFormula }
    const { agents } = requiredAgents({ model: 'erlang-a', ...settings }, load, goals)
    expect(at(out.agents, row)).toBe(agents)
    const figures = erlangARatios({ ...load, ...settings, agents: agents ?? 0 })
    expect(relative(at(out.waitProbability, row), figures.waitProbability)).toBeLessThan(1e-10)
    expect(relative(at(out.abandonRatio, row), figures.abandonRatio ?? 0)).toBeLessThan(1e-9)
    expect(relative(at(out.asaSeconds, row), figures.asaAnsweredSeconds ?? 0)).toBeLessThan(1e-9)
    expect(
      relative(at(out.serviceLevelRatio, row), figures.serviceLevelRatios?.[serviceLevelFormula] ?? 0),
    ).toBeLessThan(1e-9)
  }
})

describe('conventions', () => {
  const one = {
    intervalSeconds: 1800,
    ahtSeconds: 180,
    answerThresholdSeconds: 20,
    serviceLevelRatioMin: 0.8,
  }

  test('zero load needs nobody and has no level; a level of 1 is unreachable', () => {
    const out = requiredAgentsErlangC({
      ...one,
      contacts: Float64Array.of(0, 100),
      serviceLevelRatioMin: Float64Array.of(0.8, 1),
    })
    expect([...out.agents]).toEqual([0, Number.POSITIVE_INFINITY])
    expect(out.serviceLevelRatio[0]).toBeNaN()
    const patient = requiredAgentsErlangA({ ...one, contacts: 0, patienceSecondsMean: 60 })
    expect([patient.agents[0], patient.abandonRatio[0]]).toEqual([0, Number.NaN])
  })

  test('output columns of the caller are filled and given back', () => {
    const agents = new Float64Array(2)
    const out = requiredAgentsErlangC({ ...one, contacts: Float64Array.of(100, 200) }, { agents })
    expect(out.agents).toBe(agents)
    expect(agents[0]).toBe(14)
  })
})

describe('bad input names the field and the row', () => {
  const good = {
    contacts: Float64Array.of(10, 20, 30),
    intervalSeconds: 1800,
    ahtSeconds: 180,
    answerThresholdSeconds: 20,
    serviceLevelRatioMin: 0.8,
    patienceSecondsMean: 60,
  }
  test.each([
    [{ contacts: Float64Array.of(1, Number.NaN, 3) }, '/contacts/1'],
    [{ contacts: Float64Array.of(1, 2, -3) }, '/contacts/2'],
    [{ contacts: Float64Array.of(1e12, 2, 3) }, '/contacts/0'],
    [{ contacts: new Float64Array(0) }, '/contacts'],
    [{ ahtSeconds: Float64Array.of(1, 2) }, '/ahtSeconds'],
    [{ ahtSeconds: 0 }, '/ahtSeconds'],
    [{ intervalSeconds: Number.POSITIVE_INFINITY }, '/intervalSeconds'],
    [{ answerThresholdSeconds: -1 }, '/answerThresholdSeconds'],
    [{ serviceLevelRatioMin: Float64Array.of(0.8, 80, 0.8) }, '/serviceLevelRatioMin/1'],
    [{ patienceSecondsMean: Number.NaN }, '/patienceSecondsMean'],
  ])('%o', (wrong, pointer) => {
    const solve = () => requiredAgentsErlangA({ ...good, ...wrong })
    expect(solve).toThrow(StaffingInputError)
    expect(solve).toThrow(expect.objectContaining({ pointer }))
    if (!('patienceSecondsMean' in wrong)) {
      expect(() => requiredAgentsErlangC({ ...good, ...wrong })).toThrow(expect.objectContaining({ pointer }))
    }
  })
})

test('the unrolled kernels are the loops they came from', () => {
  for (let step = 0; step <= 400; step++) {
    const mu = -0.3 + (0.6 * step) / 400
    expect(relative(logExcessNear(mu), logExcess(mu))).toBeLessThan(1e-14)
    expect(relative(erfcxOfPositive(step / 10), erfcx(step / 10))).toBeLessThan(1e-14)
    const eta = Math.sign(mu) * Math.sqrt(2 * logExcess(mu))
    for (const a of [40, 300, 5000]) {
      expect(relative(remainderWide(eta, 1 / a), uniformRemainder(eta, a))).toBeLessThan(1e-14)
      if (a >= 300 && Math.abs(eta) <= 0.2) {
        expect(relative(remainderNear(eta, 1 / a), uniformRemainder(eta, a))).toBeLessThan(1e-14)
      }
    }
  }
  // Across the seam between recurrence and expansion.
  expect(relative(1 + (40 / 38) * inverseErlangB(39, 38), inverseErlangB(40, 38))).toBeLessThan(1e-14)
})
