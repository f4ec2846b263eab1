/**
 * Staffing when the rate itself is uncertain: expected service level, probability of meeting the target, and the
 * agents for a wanted probability. Deterministic quadrature over the rate; nothing is drawn at random.
 * Source: MODELS.md, "Uncertain load".
 */
import { offeredLoad } from '../staffing/load.ts'
import { checkNotNegative, checkPositive, checkRatio, checkWhole, refuse } from './input.ts'
import { type LevelFormula, levelOf } from './level-table.ts'
import { bisect, type RateDistribution, type RateLaw, rateLaw } from './rate-law.ts'

/** How calls are answered, whatever their number. */
export interface UncertainService {
  readonly model: 'erlang-c' | 'erlang-a'
  readonly intervalSeconds: number
  readonly ahtSeconds: number
  readonly answerThresholdSeconds: number
  readonly serviceLevelRatioMin: number
  /** SL4 unless given; all are one for Erlang C. */
  readonly serviceLevelFormula?: LevelFormula | undefined
  readonly patienceSecondsMean?: number | undefined
}

export interface UncertainIntervalInput extends UncertainService {
  /** Contacts of the interval, as a distribution of their rate. */
  readonly rate: RateDistribution
  readonly agents: number
}

export interface UncertainIntervalMetrics {
  /** Met ÷ counted, both expected over the rate: busy days weigh by their calls. null without contacts. */
  readonly serviceLevelRatioExpected: number | null
  /** Probability of a rate at which these agents reach the target. */
  readonly meetsTargetProbability: number
  /** The highest rate at which they do. */
  readonly contactsAtTarget: number
}

export type AgentsAnswer =
  | { readonly agents: number }
  | { readonly agents: null; readonly reason: 'unreachable' }

export interface UncertainRequiredInput extends UncertainService {
  readonly rate: RateDistribution
  /** Given: the target is to be met with this probability. Left out: the expected level is to reach the target. */
  readonly meetsTargetProbabilityMin?: number | undefined
}

const CONTACTS_MAX = 1e9

export function uncertainIntervalMetrics(input: UncertainIntervalInput): UncertainIntervalMetrics {
  checkUncertainService(input)
  checkWhole('agents', input.agents)
  const law = rateLaw(input.rate)
  const contactsAtTarget = contactsWithinTarget(input, input.agents)
  return {
    serviceLevelRatioExpected: expectedLevel(input, law, input.agents),
    meetsTargetProbability: law.probabilityUpTo(contactsAtTarget),
    contactsAtTarget,
  }
}

/** The least agents; more agents never lower either figure, so that halving finds them. */
export function uncertainRequiredAgents(input: UncertainRequiredInput): AgentsAnswer {
  checkUncertainService(input)
  const { meetsTargetProbabilityMin, serviceLevelRatioMin } = input
  const law = rateLaw(input.rate)
  if (law.mean === 0) return { agents: 0 }
  if (serviceLevelRatioMin === 1) return { agents: null, reason: 'unreachable' }
  if (meetsTargetProbabilityMin === undefined) {
    return leastAgents((agents) => (expectedLevel(input, law, agents) ?? 0) >= serviceLevelRatioMin)
  }
  checkRatio('meetsTargetProbabilityMin', meetsTargetProbabilityMin)
  if (meetsTargetProbabilityMin === 1) return { agents: null, reason: 'unreachable' }
  const contacts = law.quantile(meetsTargetProbabilityMin)
  return leastAgents((agents) => targetGain(input, contacts, agents) >= 0)
}

/** Least n from 0 on for a condition that stays true once it is true. */
function leastAgents(holds: (agents: number) => boolean): AgentsAnswer {
  if (holds(0)) return { agents: 0 }
  let low = 0
  let high = 1
  while (!holds(high)) {
    low = high
    high *= 2
    if (high > CONTACTS_MAX) return { agents: null, reason: 'unreachable' }
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (holds(middle)) high = middle
    else low = middle
  }
  return { agents: high }
}

export function levelAtRate(service: UncertainService, contacts: number, agents: number) {
  const { model, ahtSeconds, answerThresholdSeconds, patienceSecondsMean } = service
  return levelOf(
    {
      load: offeredLoad(contacts, service.intervalSeconds, ahtSeconds),
      ahtSeconds,
      answerThresholdSeconds,
      formula: service.serviceLevelFormula ?? 'SL4',
      patienceSecondsMean: model === 'erlang-a' ? patienceSecondsMean : undefined,
    },
    agents,
  )
}

/** Per contact: met beyond what the target asks. Falls as the rate grows. */
function targetGain(service: UncertainService, contacts: number, agents: number): number {
  const { counted, missed } = levelAtRate(service, contacts, agents)
  if (counted === 0) return Number.NEGATIVE_INFINITY
  return (1 - service.serviceLevelRatioMin) * counted - missed
}

/** The load that these agents carry within the target; Infinity where even no agents would do. */
function contactsWithinTarget(service: UncertainService, agents: number): number {
  const { intervalSeconds, ahtSeconds } = service
  let high = (Math.max(1, agents) * intervalSeconds) / ahtSeconds
  while (targetGain(service, high, agents) >= 0) {
    high *= 2
    if (high > CONTACTS_MAX) return Number.POSITIVE_INFINITY
  }
  return bisect(0, high, (contacts) => targetGain(service, contacts, agents) < 0)
}

/** The rate at which the agents are just loaded: the level turns there. */
function turningRate({ intervalSeconds, ahtSeconds }: UncertainService, agents: number): number {
  return (agents * intervalSeconds) / ahtSeconds
}

function expectedLevel(service: UncertainService, law: RateLaw, agents: number): number | null {
  const { rates, weights } = law.nodes([turningRate(service, agents)])
  let counted = 0
  let missed = 0
  for (let i = 0; i < rates.length; i++) {
    const contacts = rates[i] ?? 0
    const level = levelAtRate(service, contacts, agents)
    counted += (weights[i] ?? 0) * contacts * level.counted
    missed += (weights[i] ?? 0) * contacts * level.missed
  }
  return counted === 0 ? null : (counted - missed) / counted
}

export function checkUncertainService(service: UncertainService): void {
  const { model, serviceLevelFormula } = service
  if (model !== 'erlang-c' && model !== 'erlang-a')
    refuse('model', 'must be erlang-c or erlang-a', 'unknown-value')
  checkPositive('intervalSeconds', service.intervalSeconds)
  checkPositive('ahtSeconds', service.ahtSeconds)
  checkNotNegative('answerThresholdSeconds', service.answerThresholdSeconds)
  checkRatio('serviceLevelRatioMin', service.serviceLevelRatioMin)
  if (model === 'erlang-a') checkPositive('patienceSecondsMean', service.patienceSecondsMean ?? Number.NaN)
  if (!['SL1', 'SL2', 'SL3', 'SL4'].includes(serviceLevelFormula ?? 'SL4')) {
    refuse('serviceLevelFormula', 'must be SL1, SL2, SL3 or SL4', 'unknown-value')
  }
}
