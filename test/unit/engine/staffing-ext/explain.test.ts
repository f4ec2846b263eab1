/** The explanation, judged by published figures and by the catalogue that has to have every text it names. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { StaffingGoals } from '../../../../server/engine/staffing/goals.ts'
import { STATIONARY_MODELS } from '../../../../server/engine/staffing/models.ts'
import {
  type ExplainStep,
  explainDayOptimum,
  explainRequirement,
} from '../../../../server/engine/staffing-ext/explain.ts'
import { EXPLAIN_MESSAGES, explainMessages } from '../../../../server/messages/explain.ts'

const CLASSIC = {
  settings: { model: 'erlang-c', ahtSeconds: 180, answerThresholdSeconds: 20 },
  contacts: 100,
  intervalSeconds: 1800,
  goals: { serviceLevelRatioMin: 0.8 },
  shrinkageRatios: [0.3],
} as const

function valuesOf(steps: readonly ExplainStep[], step: string, index = 0) {
  return steps.filter((one) => one.step === step)[index]?.values ?? {}
}

/** Every placeholder of the text, in both languages, has its value. */
function expectTold(steps: readonly ExplainStep[]) {
  for (const { step, values } of steps) {
    for (const texts of [explainMessages.en, explainMessages.fr]) {
      const text = Object.entries(texts).find(([key]) => key === step)?.[1]
      if (text === undefined) throw new Error(`no text for ${step}`)
      for (const [, name] of text.matchAll(/\{(\w+)\}/g)) expect(Object.keys(values)).toContain(name)
    }
  }
}

describe('explain this number', () => {
  it('tells the published worked example: 100 calls, 180 s, 80/20, 30 % shrinkage', () => {
    const steps = explainRequirement(CLASSIC)
    expectTold(steps)
    expect(steps.map(({ step }) => step)).toEqual([
      'explain.load',
      'explain.model.erlang-c',
      'explain.stability',
      'explain.goal.serviceLevelRatioMin',
      'explain.figures.waiting',
      'explain.binding.serviceLevelRatioMin',
      'explain.figures.waiting',
      'explain.figures.waiting',
      'explain.required',
      'explain.shrinkage',
      'explain.gross',
    ])
    expect(valuesOf(steps, 'explain.load').offeredErlangs).toBe(10)
    expect(valuesOf(steps, 'explain.stability').agentsMin).toBe(11)
    const at14 = valuesOf(steps, 'explain.figures.waiting', 1)
    expect(at14.agents).toBe(14)
    expect(at14.serviceLevelRatio).toBeCloseTo(0.8883500191794669, 12)
    expect(at14.waitProbability).toBeCloseTo(0.1741319335950498, 12)
    expect(at14.asaSeconds).toBeCloseTo(7.83594, 5)
    expect(valuesOf(steps, 'explain.required').agents).toBe(14)
    expect(valuesOf(steps, 'explain.shrinkage').grossExact).toBe(20)
    expect(valuesOf(steps, 'explain.gross').gross).toBe(20)
  })

  it('names the goal that decides', () => {
    // DOMAIN.md 5: 1 000 calls at 360 s need 211, and 236 with occupancy at most 85 %.
    const busy = { ...CLASSIC, contacts: 1000, settings: { ...CLASSIC.settings, ahtSeconds: 360 } }
    const steps = explainRequirement({
      ...busy,
      goals: { serviceLevelRatioMin: 0.8, occupancyRatioMax: 0.85 },
    })
    expect(valuesOf(steps, 'explain.required').agents).toBe(236)
    expect(steps.filter(({ step }) => step.startsWith('explain.binding.'))).toEqual([
      { step: 'explain.binding.occupancyRatioMax', values: { agents: 235 } },
    ])
    expect(valuesOf(explainRequirement(busy), 'explain.required').agents).toBe(211)
  })

  it('says no contacts, unreachable, and what stability decides', () => {
    expect(
      explainRequirement({ ...CLASSIC, contacts: 0, shrinkageRatios: [] }).map(({ step }) => step),
    ).toEqual(['explain.loadZero', 'explain.goal.serviceLevelRatioMin', 'explain.required'])
    const never = explainRequirement({ ...CLASSIC, goals: { serviceLevelRatioMin: 1 } })
    expect(never.at(-1)?.step).toBe('explain.unreachable')
    const lax = explainRequirement({ ...CLASSIC, goals: { serviceLevelRatioMin: 0.01 } })
    expect(valuesOf(lax, 'explain.binding.stability')).toEqual({ agents: 10 })
  })

  it('has a text in both languages for every step of every model', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...STATIONARY_MODELS),
        fc.double({ min: 0.1, max: 40, noNaN: true }),
        fc.subarray(
          [
            'serviceLevelRatioMin',
            'agentsMin',
            'occupancyRatioMax',
            'abandonRatioMax',
            'waitProbabilityMax',
            'meanWaitSecondsMax',
          ] as const,
          { minLength: 1 },
        ),
        (model, offeredErlangs, names) => {
          const values = {
            serviceLevelRatioMin: 0.7,
            agentsMin: 3,
            occupancyRatioMax: 0.9,
            abandonRatioMax: 0.1,
            waitProbabilityMax: 0.4,
            meanWaitSecondsMax: 30,
          }
          const goals: StaffingGoals =
            model === 'erlang-b'
              ? { blockingRatioMax: 0.02 }
              : Object.fromEntries(names.map((name) => [name, values[name]]))
          const settings = {
            model,
            ahtSeconds: 200,
            answerThresholdSeconds: 20,
            patienceSecondsMean: 150,
            lines: 90,
            redialRatio: 0.4,
          }
          expectTold(explainRequirement({ settings, offeredErlangs, goals, shrinkageRatios: [0.1, 0.2] }))
        },
      ),
      { numRuns: 60 },
    )
  })

  it('has the same placeholders in both languages', () => {
    for (const [key, { en, fr }] of Object.entries(EXPLAIN_MESSAGES)) {
      const names = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort()
      expect(names(fr), key).toEqual(names(en))
    }
  })

  it('tells the saving of a day', () => {
    const steps = explainDayOptimum({
      model: 'erlang-c',
      contacts: [20, 60, 90, 40],
      intervalSeconds: 1800,
      ahtSeconds: 240,
      answerThresholdSeconds: 20,
      serviceLevelRatioMin: 0.8,
    })
    expectTold(steps)
    const total = Number(valuesOf(steps, 'explain.day.optimum').agentsTotal)
    const alone = Number(valuesOf(steps, 'explain.day.byInterval').agentsTotal)
    expect(valuesOf(steps, 'explain.day.saving').agentsSaved).toBe(alone - total)
  })
})
