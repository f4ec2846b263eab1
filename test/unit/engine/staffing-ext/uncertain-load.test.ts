/** Uncertain load, judged by published averages, closed forms of the gamma law, and plain sampling sums. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { erlangCMetrics } from '../../../../server/engine/staffing/erlang-c.ts'
import { rateCoefficientOfVariation, rateLaw } from '../../../../server/engine/staffing-ext/rate-law.ts'
import {
  uncertainDayMetrics,
  uncertainDayRequired,
} from '../../../../server/engine/staffing-ext/uncertain-day.ts'
import {
  type UncertainService,
  uncertainIntervalMetrics,
  uncertainRequiredAgents,
} from '../../../../server/engine/staffing-ext/uncertain-load.ts'

const SERVICE: UncertainService = {
  model: 'erlang-c',
  intervalSeconds: 1800,
  ahtSeconds: 300,
  answerThresholdSeconds: 20,
  serviceLevelRatioMin: 0.8,
}

/** The call-weighted level by a fine sum over an unnormalised gamma density. */
function fineSum(meanErlangs: number, cv: number, agents: number): number {
  const k = 1 / cv ** 2
  let [met, all] = [0, 0]
  for (let i = 1; i <= 40_000; i++) {
    const x = (i - 0.5) / 20_000
    const weight = x * Math.exp((k - 1) * Math.log(x) - k * (x - 1))
    const offeredErlangs = meanErlangs * x
    const level = erlangCMetrics({ offeredErlangs, agents, ahtSeconds: 300, answerThresholdSeconds: 20 })
    met += weight * (level.serviceLevelRatio ?? 0)
    all += weight
  }
  return met / all
}

describe('rate laws', () => {
  it('are gamma laws: the exponential one in closed form, a wide one by its mean', () => {
    const exponential = rateLaw({ contactsMean: 100, coefficientOfVariation: 1 })
    expect(exponential.mean).toBeCloseTo(100, 9)
    expect(exponential.quantile(0.5)).toBeCloseTo(100 * Math.LN2, 8)
    expect(exponential.probabilityUpTo(100)).toBeCloseTo(1 - Math.exp(-1), 11)
    expect(rateLaw({ contactsMean: 100, coefficientOfVariation: 2 }).mean).toBeCloseTo(100, 7)
  })

  it('pass through given quantiles', () => {
    const quantiles = [
      { probability: 0.1, contacts: 80 },
      { probability: 0.5, contacts: 100 },
      { probability: 0.9, contacts: 140 },
    ]
    const law = rateLaw({ quantiles })
    for (const { probability, contacts } of quantiles) {
      expect(law.quantile(probability)).toBeCloseTo(contacts, 8)
      expect(law.probabilityUpTo(contacts)).toBeCloseTo(probability, 9)
    }
    expect(() => rateLaw({ quantiles: [...quantiles].reverse() })).toThrow('quantiles/1')
  })

  it('leave the Poisson noise of counts to the queue', () => {
    // FORECASTING.md 4: 1 157 calls with day 3.3 % and within-day 5.5 % have variance ÷ mean 5.8.
    expect(rateCoefficientOfVariation(1157, 1157 * 5.8)).toBeCloseTo(Math.hypot(0.033, 0.055), 3)
    expect(rateCoefficientOfVariation(50, 40)).toBe(0)
  })
})

describe('uncertain interval', () => {
  // FORECASTING.md 4: Erlang C, 80/20, AHT 300 s, gamma rate; two digits, in a coarse quadrature.
  it.each([
    [10, 14, [0.87, 0.86, 0.86, 0.83, 0.79]],
    [30, 36, [0.86, 0.85, 0.83, 0.76, 0.68]],
    [100, 108, [0.81, 0.76, 0.7, 0.6, 0.54]],
    [300, 312, [0.83, 0.69, 0.63, 0.54, 0.52]],
    [1000, 1015, [0.81, 0.57, 0.52, 0.49, 0.48]],
  ])('loses level at %i erlang with %i agents as published', (erlangs, agents, levels) => {
    for (const [index, cv] of [0, 0.03, 0.05, 0.1, 0.15].entries()) {
      const rate = { contactsMean: erlangs * 6, coefficientOfVariation: cv }
      const { serviceLevelRatioExpected } = uncertainIntervalMetrics({ ...SERVICE, rate, agents })
      expect(Math.abs((serviceLevelRatioExpected ?? 0) - (levels[index] ?? 0))).toBeLessThan(0.018)
    }
  })

  it.each([
    [30, 0.1, 36],
    [100, 0.05, 108],
    [300, 0.15, 312],
  ])('is the average over the rate: %f erlang, cv %f', (erlangs, cv, agents) => {
    const rate = { contactsMean: erlangs * 6, coefficientOfVariation: cv }
    const { serviceLevelRatioExpected } = uncertainIntervalMetrics({ ...SERVICE, rate, agents })
    expect(serviceLevelRatioExpected).toBeCloseTo(fineSum(erlangs, cv, agents), 6)
  })

  it('needs the published agents, and no fewer do', () => {
    for (const [erlangs, cv, agents] of [
      [10, 0.05, 14],
      [30, 0.1, 37],
      [300, 0.05, 322],
      [300, 0.1, 336],
    ] as const) {
      const rate = { contactsMean: erlangs * 6, coefficientOfVariation: cv }
      expect(uncertainRequiredAgents({ ...SERVICE, rate })).toEqual({ agents })
      expect(fineSum(erlangs, cv, agents)).toBeGreaterThanOrEqual(0.8)
      expect(fineSum(erlangs, cv, agents - 1)).toBeLessThan(0.8)
    }
  })

  it('meets the target with the probability asked for, and not with one agent less', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 5, max: 3000, noNaN: true }),
        fc.double({ min: 0.01, max: 0.5, noNaN: true }),
        fc.double({ min: 0.05, max: 0.99, noNaN: true }),
        fc.constantFrom('erlang-c' as const, 'erlang-a' as const),
        (contactsMean, coefficientOfVariation, meetsTargetProbabilityMin, model) => {
          const rate = { contactsMean, coefficientOfVariation }
          const service = { ...SERVICE, model, patienceSecondsMean: 150, rate }
          const { agents } = uncertainRequiredAgents({ ...service, meetsTargetProbabilityMin })
          if (agents === null) throw new Error('reachable, but not found')
          const at = (n: number) => uncertainIntervalMetrics({ ...service, agents: n }).meetsTargetProbability
          expect(at(agents)).toBeGreaterThanOrEqual(meetsTargetProbabilityMin - 1e-9)
          if (agents > 1) expect(at(agents - 1)).toBeLessThan(meetsTargetProbabilityMin + 1e-9)
        },
      ),
      { numRuns: 40 },
    )
  })
})

describe('uncertain day', () => {
  const contacts = [40, 120, 200, 260, 240, 180, 90, 30]
  const agents = [10, 25, 40, 50, 47, 36, 20, 8]

  it('with one certain rate is that day itself', () => {
    const { serviceLevelRatioExpected, meetsTargetProbability } = uncertainDayMetrics({
      ...SERVICE,
      contacts,
      agents,
      dayCoefficientOfVariation: 0,
    })
    let met = 0
    contacts.forEach((count, i) => {
      const input = {
        offeredErlangs: count / 6,
        agents: agents[i] ?? 0,
        ahtSeconds: 300,
        answerThresholdSeconds: 20,
      }
      met += count * (erlangCMetrics(input).serviceLevelRatio ?? 0)
    })
    expect(serviceLevelRatioExpected).toBeCloseTo(met / contacts.reduce((a, b) => a + b, 0), 9)
    expect(meetsTargetProbability).toBe(met >= 0.8 * contacts.reduce((a, b) => a + b, 0) ? 1 : 0)
  })

  it('agrees with ten thousand drawn days', () => {
    const day = {
      ...SERVICE,
      contacts,
      dayCoefficientOfVariation: 0.06,
      intervalCoefficientOfVariation: 0.08,
    }
    const formula = uncertainDayMetrics({ ...day, agents })
    // Gamma factors of so small a spread are all but lognormal with the same cv.
    let state = 12345
    const uniform = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return (state + 0.5) / 2 ** 32
    }
    const factor = (cv: number) => {
      const normal = Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
      const sigma = Math.sqrt(Math.log1p(cv * cv))
      return Math.exp(sigma * normal - (sigma * sigma) / 2)
    }
    let [met, all, days] = [0, 0, 0]
    for (let draw = 0; draw < 10_000; draw++) {
      const shared = factor(0.06)
      let [metToday, allToday] = [0, 0]
      contacts.forEach((count, i) => {
        const rate = count * shared * factor(0.08)
        const input = {
          offeredErlangs: rate / 6,
          agents: agents[i] ?? 0,
          ahtSeconds: 300,
          answerThresholdSeconds: 20,
        }
        metToday += rate * (erlangCMetrics(input).serviceLevelRatio ?? 0)
        allToday += rate
      })
      met += metToday
      all += allToday
      if (metToday >= 0.8 * allToday) days++
    }
    expect(Math.abs((formula.serviceLevelRatioExpected ?? 0) - met / all)).toBeLessThan(0.005)
    expect(Math.abs((formula.meetsTargetProbability ?? 0) - days / 10_000)).toBeLessThan(0.025)
  })

  it('reaches the wanted probability, and more agents than the certain day', () => {
    const day = { ...SERVICE, contacts, dayCoefficientOfVariation: 0.1, intervalCoefficientOfVariation: 0.05 }
    const answer = uncertainDayRequired({ ...day, meetsTargetProbabilityMin: 0.9 })
    const certain = uncertainDayRequired({
      ...day,
      dayCoefficientOfVariation: 0,
      intervalCoefficientOfVariation: 0,
      meetsTargetProbabilityMin: 0.9,
    })
    if (answer.agents === null || certain.agents === null) throw new Error('reachable, but not found')
    expect(
      uncertainDayMetrics({ ...day, agents: answer.agents }).meetsTargetProbability,
    ).toBeGreaterThanOrEqual(0.9)
    expect(answer.agentsTotal).toBeGreaterThan(certain.agentsTotal)
  })
})
