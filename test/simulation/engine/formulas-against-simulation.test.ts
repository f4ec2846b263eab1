/** The formulas within the simulator's intervals, and the simulator against results it shares nothing with. */
import { describe, expect, it } from 'vitest'
import { erlangAMetrics } from '../../../server/engine/staffing/erlang-a.ts'
import { erlangCMetrics } from '../../../server/engine/staffing/erlang-c.ts'
import { priorityMetrics } from '../../../server/engine/staffing-ext/priority.ts'
import { type Estimate, simulate } from '../../../server/engine/staffing-ext/simulation/simulate.ts'
import type { SimulationInput } from '../../../server/engine/staffing-ext/simulation/simulation-input.ts'
import { transientMetrics } from '../../../server/engine/staffing-ext/transient.ts'

/** 1.8 half-widths: with some hundred comparisons of fixed seeds a 95 % interval alone would be crossed by chance. */
function expectInside(estimate: Estimate | undefined, truth: number | null | undefined) {
  if (estimate?.value == null || estimate.halfWidth === null || truth == null)
    throw new Error('nothing to compare')
  expect(Math.abs(estimate.value - truth)).toBeLessThanOrEqual(1.8 * estimate.halfWidth + 1e-12)
  // An interval so wide that anything fits would prove nothing.
  expect(estimate.halfWidth).toBeLessThan(0.25 * Math.abs(truth) + 0.02)
}

const exponential = (secondsMean: number) => ({ kind: 'exponential', secondsMean }) as const

/** One queue in steady state: an hour to fill up, then a hundred. */
function oneQueue(
  contactsPerHour: number,
  agents: number,
  handlingSeconds: number,
  patienceSeconds?: number,
) {
  const input: SimulationInput = {
    intervalSeconds: 36_000,
    skills: [
      {
        contacts: [contactsPerHour * 10, contactsPerHour * 10, contactsPerHour * 10, contactsPerHour * 10],
        handling: exponential(handlingSeconds),
        patience: patienceSeconds === undefined ? undefined : exponential(patienceSeconds),
        answerThresholdSeconds: 20,
      },
    ],
    groups: [{ agents: [agents, agents, agents, agents], skills: [{ skill: 0, priority: 1 }] }],
    warmUpIntervals: 1,
    replications: 24,
    seed: 20260101,
  }
  return simulate(input)
}

describe('Erlang against simulation', () => {
  it.each([
    [40, 3, 180],
    [200, 12, 180],
    [720, 52, 240],
  ])('Erlang C: %i contacts an hour, %i agents, %i s', (contacts, agents, ahtSeconds) => {
    const truth = erlangCMetrics({
      offeredErlangs: (contacts * ahtSeconds) / 3600,
      agents,
      ahtSeconds,
      answerThresholdSeconds: 20,
    })
    const { all, groups } = oneQueue(contacts, agents, ahtSeconds)
    expectInside(all.waitProbability, truth.waitProbability)
    for (const formula of ['SL1', 'SL2', 'SL3', 'SL4'] as const) {
      expectInside(all.serviceLevelRatios[formula], truth.serviceLevelRatio)
    }
    expectInside(all.asaAnsweredSeconds, truth.asaSeconds)
    expectInside(all.queueLengthMean, truth.queueLengthMean)
    expectInside(groups[0]?.occupancyRatio, truth.occupancyRatio)
  })

  it.each([
    [200, 9, 180, 60],
    [200, 10, 180, 300],
    [720, 48, 240, 120],
    [600, 40, 300, 90],
  ])(
    'Erlang A: %i contacts an hour, %i agents, %i s, patience %i s',
    (contacts, agents, ahtSeconds, patience) => {
      const truth = erlangAMetrics({
        offeredErlangs: (contacts * ahtSeconds) / 3600,
        agents,
        ahtSeconds,
        patienceSecondsMean: patience,
        answerThresholdSeconds: 20,
      })
      const { all, groups } = oneQueue(contacts, agents, ahtSeconds, patience)
      expectInside(all.waitProbability, truth.waitProbability)
      expectInside(all.abandonRatio, truth.abandonRatio)
      for (const formula of ['SL1', 'SL2', 'SL3', 'SL4'] as const) {
        expectInside(all.serviceLevelRatios[formula], truth.serviceLevelRatios?.[formula])
      }
      expectInside(all.asaAnsweredSeconds, truth.asaAnsweredSeconds)
      expectInside(all.asaAllSeconds, truth.asaAllSeconds)
      expectInside(groups[0]?.occupancyRatio, truth.occupancyRatio)
    },
  )

  it('the transient chain: agents come and go, callers abandon', () => {
    const contacts = [50, 90, 50, 30]
    const agents = [10, 12, 8, 11]
    const truth = transientMetrics({
      intervals: contacts.map((count, i) => ({
        intervalSeconds: 1800,
        contacts: count,
        agents: agents[i] ?? 0,
      })),
      ahtSeconds: 240,
      patienceSecondsMean: 180,
    })
    const { intervals } = simulate({
      intervalSeconds: 1800,
      skills: [
        { contacts, handling: exponential(240), patience: exponential(180), answerThresholdSeconds: 20 },
      ],
      groups: [{ agents, skills: [{ skill: 0, priority: 1 }] }],
      leaving: 'return-to-queue',
      replications: 6000,
      seed: 11,
    })
    truth.intervals.forEach((metrics, interval) => {
      expectInside(intervals[0]?.[interval]?.waitProbability, metrics.waitProbability)
      expectInside(intervals[0]?.[interval]?.queueLengthMean, metrics.queueLengthMean)
    })
  })

  it('priority classes in one pool', () => {
    const truth = priorityMetrics({ offeredErlangsByClass: [3, 4], agents: 9, ahtSeconds: 180 })
    const perInterval = (erlangs: number) => Array.from({ length: 3 }, () => (erlangs * 36_000) / 180)
    const skill = (erlangs: number) => ({
      contacts: perInterval(erlangs),
      handling: exponential(180),
      answerThresholdSeconds: 20,
    })
    const { skills } = simulate({
      intervalSeconds: 36_000,
      skills: [skill(3), skill(4)],
      groups: [
        {
          agents: [9, 9, 9],
          skills: [
            { skill: 0, priority: 1 },
            { skill: 1, priority: 2 },
          ],
        },
      ],
      routing: 'priority',
      warmUpIntervals: 1,
      replications: 60,
      seed: 5,
    })
    expectInside(skills[0]?.asaAllSeconds, truth.asaSecondsByClass[0])
    expectInside(skills[1]?.asaAllSeconds, truth.asaSecondsByClass[1])
  })
})

describe('simulation against queueing results of its own', () => {
  // Pollaczek and Khinchine: mean wait = rho / (1 - rho) x (1 + SCV) / 2 x mean handling, one agent.
  it.each([
    ['deterministic', { kind: 'deterministic', seconds: 60 } as const, 0],
    ['lognormal', { kind: 'lognormal', secondsMean: 60, coefficientOfVariation: 1.3 } as const, 1.69],
    ['empirical', { kind: 'empirical', seconds: [20, 20, 20, 180] } as const, 4800 / 3600],
  ])('M/G/1 with %s handling', (_name, handling, scv) => {
    const { all } = simulate({
      intervalSeconds: 100_000,
      skills: [{ contacts: [1000, 1000, 1000, 1000], handling, answerThresholdSeconds: 20 }],
      groups: [{ agents: [1, 1, 1, 1], skills: [{ skill: 0, priority: 1 }] }],
      warmUpIntervals: 1,
      replications: 120,
      seed: 3,
    })
    expectInside(all.asaAllSeconds, (0.6 / 0.4) * ((1 + scv) / 2) * 60)
    expectInside(all.waitProbability, 0.6)
  })

  it('pools exactly where every agent has every skill', () => {
    const skill = { contacts: [1000, 1000, 1000], handling: exponential(180), answerThresholdSeconds: 20 }
    const both = [
      { skill: 0, priority: 1 },
      { skill: 1, priority: 1 },
    ]
    const { all } = simulate({
      intervalSeconds: 18_000,
      skills: [skill, skill],
      groups: [
        { agents: [12, 12, 12], skills: both },
        { agents: [11, 11, 11], skills: both },
      ],
      warmUpIntervals: 1,
      replications: 80,
      seed: 9,
    })
    const truth = erlangCMetrics({
      offeredErlangs: 20,
      agents: 23,
      ahtSeconds: 180,
      answerThresholdSeconds: 20,
    })
    expectInside(all.waitProbability, truth.waitProbability)
    expectInside(all.serviceLevelRatios.SL3, truth.serviceLevelRatio)
  })
})

describe('a simulated day', () => {
  const day: SimulationInput = {
    intervalSeconds: 1800,
    skills: [
      {
        contacts: [30, 60, 20, 0],
        handling: { kind: 'lognormal', secondsMean: 200, coefficientOfVariation: 1.2 },
        patience: exponential(120),
        answerThresholdSeconds: 20,
      },
      { contacts: [10, 0, 40, 5], handling: exponential(300), answerThresholdSeconds: 60 },
    ],
    groups: [
      { agents: [3, 5, 2, 1], skills: [{ skill: 0, priority: 1 }] },
      {
        agents: [2, 3, 9, 1],
        skills: [
          { skill: 1, priority: 1 },
          { skill: 0, priority: 2 },
        ],
      },
    ],
    routing: 'priority',
    replications: 40,
    seed: 1,
  }

  it('is the same again from the same seed, and another from another', () => {
    expect(simulate(day)).toEqual(simulate(day))
    expect(simulate({ ...day, seed: 2 }).all.contacts).not.toEqual(simulate(day).all.contacts)
  })

  it('loses nobody: who came was answered or gave up, however the shifts end', () => {
    for (const leaving of ['finish', 'return-to-queue'] as const) {
      const { skills, groups } = simulate({ ...day, leaving })
      for (const figures of skills) {
        const { SL2, SL3 } = figures.serviceLevelRatios
        const answeredRatio = (SL3.value ?? 0) / (SL2.value ?? 1)
        expect(answeredRatio + (figures.abandonRatio.value ?? 0)).toBeCloseTo(1, 12)
      }
      for (const group of groups) expect(group.occupancyRatio.value).toBeLessThanOrEqual(1)
    }
  })

  it('refuses what it cannot simulate, by the name of the field', () => {
    expect(() => simulate({ ...day, replications: 1 })).toThrow('replications')
    expect(() =>
      simulate({ ...day, groups: [{ agents: [1], skills: [{ skill: 0, priority: 1 }] }] }),
    ).toThrow('groups/0/agents')
    expect(() =>
      simulate({ ...day, groups: [{ agents: [1, 1, 1, 1], skills: [{ skill: 7, priority: 1 }] }] }),
    ).toThrow('groups/0/skills/0/skill')
  })
})
