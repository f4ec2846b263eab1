/** The day optimum, judged by trying every allocation, by the exact single-interval figures, and by greedy steps. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { erlangAMetrics } from '../../../../server/engine/staffing/erlang-a.ts'
import { erlangCMetrics } from '../../../../server/engine/staffing/erlang-c.ts'
import { offeredLoad } from '../../../../server/engine/staffing/load.ts'
import { type DayOptimumInput, dayOptimum } from '../../../../server/engine/staffing-ext/day-optimum.ts'
import { type LevelFormula, levelTable } from '../../../../server/engine/staffing-ext/level-table.ts'

/** Numerator and denominator per contact, from the figures of a single answer. */
function fraction(input: DayOptimumInput, contacts: number, agents: number) {
  const offeredErlangs = (contacts * Number(input.ahtSeconds)) / input.intervalSeconds
  const { answerThresholdSeconds } = input
  if (input.model === 'erlang-c') {
    const level =
      agents > offeredErlangs
        ? erlangCMetrics({
            offeredErlangs,
            agents,
            ahtSeconds: Number(input.ahtSeconds),
            answerThresholdSeconds,
          }).serviceLevelRatio
        : null
    return level === null || level === undefined ? null : { numerator: level, denominator: 1 }
  }
  const a = erlangAMetrics({
    offeredErlangs,
    agents,
    ahtSeconds: Number(input.ahtSeconds),
    patienceSecondsMean: input.patienceSecondsMean ?? 0,
    answerThresholdSeconds,
  })
  const answeredWithin = a.serviceLevelRatios?.SL3 ?? 0
  const abandonedWithin = a.abandonWithinThresholdRatio ?? 0
  const formula: LevelFormula = input.serviceLevelFormula ?? 'SL4'
  if (formula === 'SL1') return { numerator: answeredWithin + abandonedWithin, denominator: 1 }
  if (formula === 'SL2') return { numerator: answeredWithin, denominator: 1 - (a.abandonRatio ?? 0) }
  if (formula === 'SL3') return { numerator: answeredWithin, denominator: 1 }
  return { numerator: answeredWithin, denominator: 1 - abandonedWithin }
}

/** Every allocation up to `agentsMax` an interval: the least total, and the highest level at it. */
function everyAllocation(input: DayOptimumInput, agentsMax: number) {
  let best = { total: Number.POSITIVE_INFINITY, level: 0 }
  const least = input.serviceLevelFormula === 'SL2' ? 1 : 0
  const rows = input.contacts.map((contacts) =>
    Array.from({ length: agentsMax + 1 }, (_, agents) =>
      contacts === 0
        ? agents === 0
          ? { numerator: 0, denominator: 0 }
          : null
        : agents < least
          ? null
          : fraction(input, contacts, agents),
    ),
  )
  const visit = (interval: number, total: number, numerator: number, denominator: number) => {
    if (total > best.total) return
    if (interval === rows.length) {
      const level = numerator / denominator
      if (level < input.serviceLevelRatioMin || denominator === 0) return
      if (total < best.total || level > best.level) best = { total, level }
      return
    }
    rows[interval]?.forEach((row, agents) => {
      if (row === null) return
      const contacts = input.contacts[interval] ?? 0
      visit(
        interval + 1,
        total + agents,
        numerator + contacts * row.numerator,
        denominator + contacts * row.denominator,
      )
    })
  }
  visit(0, 0, 0, 0)
  return best
}

describe('level table', () => {
  it('holds the figures of the single answers, for every formula, from no agents to plenty', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.05, max: 120, noNaN: true }),
        fc.double({ min: 0.02, max: 20, noNaN: true }),
        fc.double({ min: 0, max: 3, noNaN: true }),
        fc.constantFrom<LevelFormula>('SL1', 'SL2', 'SL3', 'SL4'),
        (offeredErlangs, patienceRatio, thresholdRatio, formula) => {
          const ahtSeconds = 200
          const patienceSecondsMean = ahtSeconds * patienceRatio
          const answerThresholdSeconds = patienceSecondsMean * thresholdRatio
          const table = levelTable({
            load: { offeredErlangs, residueErlangs: 0 },
            ahtSeconds,
            answerThresholdSeconds,
            formula,
            patienceSecondsMean,
            agentsMin: 1,
            missedNegligible: 1e-12,
          })
          const step = Math.max(1, Math.floor(table.counted.length / 7))
          for (let row = 0; row < table.counted.length; row += step) {
            const single = erlangAMetrics({
              offeredErlangs,
              agents: table.agentsBase + row,
              ahtSeconds,
              patienceSecondsMean,
              answerThresholdSeconds,
            })
            const level = 1 - (table.missed[row] ?? 0) / (table.counted[row] ?? 0)
            const counted = {
              SL1: 1,
              SL3: 1,
              SL2: 1 - (single.abandonRatio ?? 0),
              SL4: 1 - (single.abandonWithinThresholdRatio ?? 0),
            }[formula]
            expect(Math.abs((table.counted[row] ?? 0) - counted)).toBeLessThan(1e-11)
            expect(Math.abs(level - (single.serviceLevelRatios?.[formula] ?? 0)) * counted).toBeLessThan(
              1e-11,
            )
          }
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('day optimum', () => {
  it('is the least of all allocations, and the best of them (Erlang C)', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 22 }), { minLength: 1, maxLength: 4 }),
        fc.constantFrom(0.3, 0.5, 0.8, 0.9),
        fc.constantFrom(0, 20, 120),
        (contacts, serviceLevelRatioMin, answerThresholdSeconds) => {
          fc.pre(contacts.some((count) => count > 0))
          const input: DayOptimumInput = {
            model: 'erlang-c',
            contacts,
            intervalSeconds: 1800,
            ahtSeconds: 240,
            answerThresholdSeconds,
            serviceLevelRatioMin,
          }
          const truth = everyAllocation(input, 11)
          const found = dayOptimum(input)
          if (found.agents === null) throw new Error('reachable, but not found')
          expect(found.agentsTotal).toBe(truth.total)
          expect(found.serviceLevelRatio).toBeCloseTo(truth.level, 9)
          expect(found.agentsTotal).toBeLessThanOrEqual(found.agentsTotalByInterval)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('is the least of all allocations where the level is S-shaped (Erlang A)', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 4 }),
        fc.constantFrom(0.15, 0.3, 0.5, 0.7, 0.8, 0.9),
        fc.constantFrom(0, 20, 120),
        fc.constantFrom(10, 60, 300, 2000),
        fc.constantFrom<LevelFormula>('SL1', 'SL2', 'SL3', 'SL4'),
        (
          contacts,
          serviceLevelRatioMin,
          answerThresholdSeconds,
          patienceSecondsMean,
          serviceLevelFormula,
        ) => {
          fc.pre(contacts.some((count) => count > 0))
          const input: DayOptimumInput = {
            model: 'erlang-a',
            contacts,
            intervalSeconds: 1800,
            ahtSeconds: 240,
            answerThresholdSeconds,
            serviceLevelRatioMin,
            patienceSecondsMean,
            serviceLevelFormula,
          }
          const truth = everyAllocation(input, 16)
          const found = dayOptimum(input)
          if (found.agents === null) throw new Error('reachable, but not found')
          expect(found.agentsTotal).toBe(truth.total)
          expect(found.serviceLevelRatio).toBeCloseTo(truth.level, 9)
        },
      ),
      { numRuns: 80 },
    )
  })

  it('takes the steepest steps for a long day without abandonment, as greedy allocation does', () => {
    const contacts = Array.from({ length: 48 }, (_, i) => Math.round(220 * Math.exp(-(((i - 22) / 11) ** 2))))
    const input: DayOptimumInput = {
      model: 'erlang-c',
      contacts,
      intervalSeconds: 1800,
      ahtSeconds: 260,
      answerThresholdSeconds: 20,
      serviceLevelRatioMin: 0.8,
    }
    const agents = contacts.map((count) => (count === 0 ? 0 : Math.floor((count * 260) / 1800) + 1))
    const level = (interval: number, n: number) => fraction(input, contacts[interval] ?? 0, n)?.numerator ?? 0
    const total = contacts.reduce((a, b) => a + b, 0)
    let met = contacts.reduce((sum, count, i) => sum + (count > 0 ? count * level(i, agents[i] ?? 0) : 0), 0)
    while (met < 0.8 * total) {
      const gain = contacts.map((count, i) =>
        count === 0 ? 0 : count * (level(i, (agents[i] ?? 0) + 1) - level(i, agents[i] ?? 0)),
      )
      const most = gain.indexOf(Math.max(...gain))
      agents[most] = (agents[most] ?? 0) + 1
      met += gain[most] ?? 0
    }
    const found = dayOptimum(input)
    expect(found.agents === null ? null : found.agentsTotal).toBe(agents.reduce((a, b) => a + b, 0))
    expect(found.agents === null ? null : found.serviceLevelRatio).toBeCloseTo(met / total, 10)
  })

  it('keeps minimum heads and covered hours, and counts a quiet day', () => {
    const input: DayOptimumInput = {
      model: 'erlang-a',
      contacts: [0, 0, 10, 30],
      intervalSeconds: 1800,
      ahtSeconds: 180,
      patienceSecondsMean: 120,
      answerThresholdSeconds: 20,
      serviceLevelRatioMin: 0.8,
      agentsMin: 2,
      mustCover: [false, true, true, true],
    }
    const found = dayOptimum(input)
    expect(found.agents?.slice(0, 3)).toEqual([0, 2, 2])
    expect(dayOptimum({ ...input, contacts: [0, 0, 0, 0], mustCover: [false, false, true, false] })).toEqual({
      agents: [0, 0, 2, 0],
      agentsTotal: 2,
      agentsByInterval: [0, 0, 2, 0],
      agentsTotalByInterval: 2,
      serviceLevelRatio: null,
    })
  })

  it('says that 100 % is unreachable, and names a bad field', () => {
    const input: DayOptimumInput = {
      model: 'erlang-c',
      contacts: [10],
      intervalSeconds: 1800,
      ahtSeconds: 180,
      answerThresholdSeconds: 20,
      serviceLevelRatioMin: 1,
    }
    expect(dayOptimum(input)).toEqual({ agents: null, reason: 'unreachable' })
    expect(() => dayOptimum({ ...input, serviceLevelRatioMin: 1.2 })).toThrow('serviceLevelRatioMin')
    expect(() => dayOptimum({ ...input, contacts: [10, -1] })).toThrow('contacts/1')
    expect(() => dayOptimum({ ...input, model: 'erlang-a', serviceLevelRatioMin: 0.8 })).toThrow('patience')
    expect(offeredLoad(100, 1800, 180).offeredErlangs).toBe(10)
  })
})
