/** The engine's answers in the planner's terms: what a number of agents gives by the promise's formula, and how many are required. */
import { serviceLevelFraction } from '../../domain/service-level.ts'
import type { PromiseSetting } from '../../domain/settings.ts'
import { erlangARatios } from '../staffing/erlang-a.ts'

/** What of a promise decides a plan's figures. */
export type PlanningPromise = Pick<
  PromiseSetting,
  'targetRatio' | 'answerThresholdSeconds' | 'shortAbandonSeconds' | 'formula'
>

export interface IntervalLoad {
  readonly contacts: number
  readonly intervalSeconds: number
  readonly ahtSeconds: number
  readonly patienceSecondsMean: number
}

/** Shares of the interval's contacts, 0…1. */
export interface IntervalOutcome {
  readonly answeredWithin: number
  readonly abandonedWithin: number
  readonly shortAbandons: number
  readonly abandoned: number
  /** Has to wait at all. */
  readonly waiting: number
  readonly occupancyRatio: number
}

/** Erlang A in steady state. Without agents everybody abandons; without contacts nothing happens. */
export function predictInterval(
  load: IntervalLoad,
  agents: number,
  promise: PlanningPromise,
): IntervalOutcome {
  const { contacts, intervalSeconds, ahtSeconds, patienceSecondsMean } = load
  const within = (seconds: number) => 1 - Math.exp(-seconds / patienceSecondsMean)
  if (contacts <= 0 || ahtSeconds <= 0)
    return {
      answeredWithin: 1,
      abandonedWithin: 0,
      shortAbandons: 0,
      abandoned: 0,
      waiting: 0,
      occupancyRatio: 0,
    }
  if (agents <= 0)
    return {
      answeredWithin: 0,
      abandonedWithin: within(promise.answerThresholdSeconds),
      shortAbandons: within(promise.shortAbandonSeconds),
      abandoned: 1,
      waiting: 1,
      occupancyRatio: 0,
    }
  const offeredErlangs = (contacts * ahtSeconds) / intervalSeconds
  const base = { offeredErlangs, agents, ahtSeconds, patienceSecondsMean }
  const figures = erlangARatios({ ...base, answerThresholdSeconds: promise.answerThresholdSeconds })
  const counted = promise.formula === 'SL5' || promise.formula === 'SL6'
  const short = counted
    ? (erlangARatios({ ...base, answerThresholdSeconds: promise.shortAbandonSeconds })
        .abandonWithinThresholdRatio ?? 0)
    : 0
  return {
    answeredWithin: figures.serviceLevelRatios?.SL3 ?? 0,
    abandonedWithin: figures.abandonWithinThresholdRatio ?? 0,
    shortAbandons: short,
    abandoned: figures.abandonRatio ?? 0,
    waiting: figures.waitProbability,
    occupancyRatio: figures.occupancyRatio ?? 0,
  }
}

/** Met and counted shares by the promise's formula; the model knows no flow-outs, so SL7 is SL3 and SL8 is SL1 here. */
export function outcomeFraction(outcome: IntervalOutcome, promise: PlanningPromise) {
  const { numerator, denominator } = serviceLevelFraction(promise.formula, {
    answered: 1 - outcome.abandoned,
    answeredWithinThreshold: outcome.answeredWithin,
    abandoned: outcome.abandoned,
    abandonedWithinThreshold: outcome.abandonedWithin,
    shortAbandons: outcome.shortAbandons,
    flowedOut: 0,
    callbacksWithinThreshold: 0,
  })
  return { met: numerator, counted: denominator }
}

const AGENTS_MAX = 200_000

/**
 * Least agents whose predicted level reaches the target; null when no number does.
 * The level of every formula grows with the agents once half the load is covered, so the search is a bisection.
 */
export function requiredAgents(load: IntervalLoad, promise: PlanningPromise): number | null {
  if (load.contacts <= 0 || load.ahtSeconds <= 0) return 0
  if (promise.targetRatio >= 1) return null
  const reaches = (agents: number) => {
    const { met, counted } = outcomeFraction(predictInterval(load, agents, promise), promise)
    return counted > 0 && met / counted >= promise.targetRatio
  }
  const offeredErlangs = (load.contacts * load.ahtSeconds) / load.intervalSeconds
  let high = Math.max(1, Math.ceil(offeredErlangs))
  while (!reaches(high)) {
    high *= 2
    if (high > AGENTS_MAX) return null
  }
  let low = 0
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (reaches(middle)) high = middle
    else low = middle
  }
  return high
}
