/** Multi-skill staffing, judged by the formulas where they apply and by a longer simulation of other callers. */
import { describe, expect, it } from 'vitest'
import { erlangAMetrics } from '../../../server/engine/staffing/erlang-a.ts'
import { type MultiSkillInput, multiSkillStaffing } from '../../../server/engine/staffing-ext/multi-skill.ts'
import { simulate } from '../../../server/engine/staffing-ext/simulation/simulate.ts'

const demand = (contacts: number, secondsMean: number) => ({
  contacts,
  handling: { kind: 'exponential', secondsMean } as const,
  patience: { kind: 'exponential', secondsMean: 180 } as const,
  answerThresholdSeconds: 20,
  serviceLevelRatioMin: 0.8,
  serviceLevelFormula: 'SL3' as const,
})

/** Agents whose level is surely short of the target, and surely past it, by the formula. */
function erlangAgents(offeredErlangs: number, ahtSeconds: number, level: number): number {
  for (let agents = 1; ; agents++) {
    const { serviceLevelRatios } = erlangAMetrics({
      offeredErlangs,
      agents,
      ahtSeconds,
      patienceSecondsMean: 180,
      answerThresholdSeconds: 20,
    })
    if ((serviceLevelRatios?.SL3 ?? 0) >= level) return agents
  }
}

const own = (skill: number, priority = 1) => ({ skill, priority })

describe('multi-skill staffing', () => {
  it('is Erlang A for one skill', () => {
    const input: MultiSkillInput = {
      intervalSeconds: 1800,
      skills: [demand(150, 240)],
      groups: [{ skills: [own(0)] }],
      seed: 3,
    }
    const answer = multiSkillStaffing(input)
    if (answer.agents === null) throw new Error('reachable, but not found')
    expect(answer.agentsTotal).toBeGreaterThanOrEqual(erlangAgents(20, 240, 0.78))
    expect(answer.agentsTotal).toBeLessThanOrEqual(erlangAgents(20, 240, 0.82))
  })

  it('counts an agent with two skills once, and gains by sharing', () => {
    const skills = [demand(75, 240), demand(75, 240)]
    const apart = 2 * erlangAgents(10, 240, 0.8)
    const pooled = multiSkillStaffing({
      intervalSeconds: 1800,
      skills,
      groups: [{ skills: [own(0), own(1)] }],
      seed: 4,
    })
    if (pooled.agents === null) throw new Error('reachable, but not found')
    expect(pooled.agentsTotal).toBeGreaterThanOrEqual(erlangAgents(20, 240, 0.78))
    expect(pooled.agentsTotal).toBeLessThanOrEqual(erlangAgents(20, 240, 0.82))
    expect(pooled.agentsTotal).toBeLessThan(apart)
  })

  it('meets every target with specialists and generalists, for other callers too', () => {
    const input: MultiSkillInput = {
      intervalSeconds: 1800,
      skills: [demand(75, 240), demand(60, 300)],
      groups: [
        { skills: [own(0)], agentCost: 1 },
        { skills: [own(1)], agentCost: 1 },
        { skills: [own(0, 2), own(1, 2)], agentCost: 1.15 },
      ],
      routing: 'priority',
      seed: 8,
    }
    const answer = multiSkillStaffing(input)
    if (answer.agents === null) throw new Error('reachable, but not found')
    expect(answer.cost).toBeLessThanOrEqual(erlangAgents(10, 240, 0.8) + erlangAgents(10, 300, 0.8))
    for (const { value, halfWidth } of answer.levels) {
      expect(value).toBeGreaterThanOrEqual(0.8)
      expect(halfWidth).toBeLessThan(0.03)
    }
    // The same people before other callers, and more of them: short by no more than the noise of the search.
    const lasting = (value: number) => new Array<number>(60).fill(value)
    const { skills } = simulate({
      intervalSeconds: 1800,
      skills: input.skills.map((skill) => ({ ...skill, contacts: lasting(skill.contacts) })),
      groups: input.groups.map((group, index) => ({
        skills: group.skills,
        agents: lasting(answer.agents[index] ?? 0),
      })),
      routing: 'priority',
      warmUpIntervals: 1,
      replications: 20,
      seed: 99,
    })
    for (const figures of skills) expect(figures.serviceLevelRatios.SL3.value).toBeGreaterThan(0.775)
  })

  it('says when the people there are cannot do it, and when nobody has a skill', () => {
    const input: MultiSkillInput = {
      intervalSeconds: 1800,
      skills: [demand(75, 240)],
      groups: [{ skills: [own(0)], agentsMax: 5 }],
      contactsPerTrial: 2000,
      seed: 1,
    }
    expect(multiSkillStaffing(input)).toMatchObject({ agents: null, reason: 'unreachable' })
    expect(() => multiSkillStaffing({ ...input, skills: [demand(1, 60), demand(1, 60)] })).toThrow('skills/1')
  })
})
