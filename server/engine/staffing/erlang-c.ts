/** Erlang C: M/M/n, Poisson arrivals, endless patience. Source: MODELS.md, "Erlang C". */
import { agentsOverLoad } from './load.ts'
import { inverseErlangB } from './special-functions.ts'

export interface ErlangCInput {
  readonly offeredErlangs: number
  /** What the double of the load left out (see load.ts); 0 unless given. */
  readonly residueErlangs?: number
  readonly agents: number
  /** Without it the figures in seconds are left out. */
  readonly ahtSeconds?: number
  /** Without it the level is left out. */
  readonly answerThresholdSeconds?: number
}

export interface WaitPercentiles {
  readonly waitSecondsP50: number | null
  readonly waitSecondsP80: number | null
  readonly waitSecondsP90: number | null
  readonly waitSecondsP95: number | null
  readonly waitSecondsP99: number | null
}

/** null: not applicable (no load) or unbounded (agents not above the load). */
export interface ErlangCFigures extends Partial<WaitPercentiles> {
  readonly offeredErlangs: number
  readonly agents: number
  readonly waitProbability: number
  readonly occupancyRatio: number | null
  readonly queueLengthMean: number | null
  readonly serviceLevelRatio?: number | null
  readonly lateRatio?: number | null
  readonly asaSeconds?: number | null
  readonly waitOfWaitersSeconds?: number | null
}

/**
 * Erlang C: probability that an arriving call has to wait; 1 when the load reaches the agents.
 * Whole or fractional agents. Cost does not grow with the load.
 */
export function erlangCWaitProbability(
  agents: number,
  offeredErlangs: number,
  overLoad = agents - offeredErlangs,
): number {
  if (offeredErlangs === 0) return 0
  if (overLoad <= 0) return 1
  return agents / (overLoad * inverseErlangB(agents, offeredErlangs, overLoad) + offeredErlangs)
}

/** P(W > T): computed as a tail, never as 1 - level. */
export function erlangCLateRatio(input: ErlangCInput): number {
  const { agents, offeredErlangs, residueErlangs = 0, ahtSeconds = 1, answerThresholdSeconds = 0 } = input
  const overLoad = agentsOverLoad(agents, { offeredErlangs, residueErlangs })
  if (offeredErlangs === 0) return 0
  if (overLoad <= 0) return 1
  const decay = Math.exp((-overLoad * answerThresholdSeconds) / ahtSeconds)
  return erlangCWaitProbability(agents, offeredErlangs, overLoad) * decay
}

export function erlangCMetrics(input: ErlangCInput): ErlangCFigures {
  const { offeredErlangs, residueErlangs = 0, agents, ahtSeconds, answerThresholdSeconds } = input
  const hasLevel =
    answerThresholdSeconds !== undefined && (ahtSeconds !== undefined || answerThresholdSeconds === 0)
  if (offeredErlangs === 0) return withoutLoad(agents, ahtSeconds !== undefined, hasLevel)
  const overLoad = agentsOverLoad(agents, { offeredErlangs, residueErlangs })
  const waitProbability = erlangCWaitProbability(agents, offeredErlangs, overLoad)
  const stable = overLoad > 0
  const lateRatio = hasLevel ? erlangCLateRatio(input) : 0
  return {
    offeredErlangs,
    agents,
    waitProbability,
    occupancyRatio: agents === 0 ? null : stable ? offeredErlangs / agents : 1,
    queueLengthMean: stable ? (waitProbability * offeredErlangs) / overLoad : null,
    ...(hasLevel && { serviceLevelRatio: 1 - lateRatio, lateRatio }),
    ...(ahtSeconds !== undefined && {
      asaSeconds: stable ? (waitProbability * ahtSeconds) / overLoad : null,
      waitOfWaitersSeconds: stable ? ahtSeconds / overLoad : null,
      ...percentiles((lateShare) => {
        if (!stable) return null
        return Math.max(0, (ahtSeconds / overLoad) * Math.log(waitProbability / lateShare))
      }),
    }),
  }
}

/** The five percentiles of the wait, from the share of callers that may wait longer. */
export function percentiles(waitExceededBy: (lateShare: number) => number | null): WaitPercentiles {
  return {
    waitSecondsP50: waitExceededBy(0.5),
    waitSecondsP80: waitExceededBy(0.2),
    waitSecondsP90: waitExceededBy(0.1),
    waitSecondsP95: waitExceededBy(0.05),
    waitSecondsP99: waitExceededBy(0.01),
  }
}

function withoutLoad(agents: number, hasSeconds: boolean, hasLevel: boolean): ErlangCFigures {
  return {
    offeredErlangs: 0,
    agents,
    waitProbability: 0,
    occupancyRatio: null,
    queueLengthMean: 0,
    ...(hasLevel && { serviceLevelRatio: null, lateRatio: null }),
    ...(hasSeconds && { asaSeconds: null, waitOfWaitersSeconds: null, ...percentiles(() => null) }),
  }
}
