import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  outcomeFraction,
  predictInterval,
  requiredAgents,
} from '../../../../server/engine/plan/interval-outcome.ts'

const promise = {
  targetRatio: 0.8,
  answerThresholdSeconds: 20,
  shortAbandonSeconds: 5,
  formula: 'SL3',
} as const
const anchor = { contacts: 100, intervalSeconds: 1800, ahtSeconds: 180, patienceSecondsMean: 300 }

describe('requirement of an interval', () => {
  it('meets the published anchor: 100 calls of 180 s in half an hour, patience 300 s', () => {
    expect(requiredAgents(anchor, promise)).toBe(13)
    const twelve = predictInterval(anchor, 12, promise)
    expect(twelve.answeredWithin).toBeCloseTo(0.7723, 4)
    const sl4 = outcomeFraction(twelve, { ...promise, formula: 'SL4' })
    expect(sl4.met / sl4.counted).toBeCloseTo(0.7863, 4)
    const thirteen = predictInterval(anchor, 13, promise)
    expect(thirteen.answeredWithin).toBeCloseTo(0.8582, 4)
    expect(thirteen.abandoned).toBeCloseTo(0.025, 4)
  })

  it('needs nobody without calls, and no number reaches 100 %', () => {
    expect(requiredAgents({ ...anchor, contacts: 0 }, promise)).toBe(0)
    expect(requiredAgents(anchor, { ...promise, targetRatio: 1 })).toBeNull()
  })

  it('is the least number that reaches the target, by every formula', () => {
    const formulas = ['SL1', 'SL2', 'SL3', 'SL4', 'SL5', 'SL6', 'SL7', 'SL8'] as const
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 600 }),
        fc.integer({ min: 60, max: 600 }),
        fc.constantFrom(...formulas),
        (contacts, ahtSeconds, formula) => {
          const load = { ...anchor, contacts, ahtSeconds }
          const wanted = { ...promise, formula }
          const agents = requiredAgents(load, wanted)
          if (agents === null || agents === 0) throw new Error('a number is expected')
          const level = (n: number) => {
            const { met, counted } = outcomeFraction(predictInterval(load, n, wanted), wanted)
            return met / counted
          }
          expect(level(agents)).toBeGreaterThanOrEqual(0.8)
          if (agents > 1) expect(level(agents - 1)).toBeLessThan(0.8)
        },
      ),
      { numRuns: 40, seed: 5 },
    )
  })
})
