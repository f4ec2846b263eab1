/** Erlang A: M/M/n+M, callers whose patience is exponential; stable at any load. Source: MODELS.md, "Erlang A". */
import { percentiles, type WaitPercentiles } from './erlang-c.ts'
import { agentsOverLoad } from './load.ts'
import { inverseErlangB } from './special-functions.ts'
import {
  logScaledIntegral,
  peakOf,
  relativeExponent,
  type WaitingIntegrals,
  type WaitingLaw,
  waitingIntegrals,
} from './waiting-law.ts'

/** The formulas of DOMAIN.md 3 that a stationary model can tell apart (no short abandons, no flow-outs). */
export const ERLANG_FORMULAS = ['SL1', 'SL2', 'SL3', 'SL4'] as const
export type ErlangFormula = (typeof ERLANG_FORMULAS)[number]

export interface ErlangAInput {
  readonly offeredErlangs: number
  /** What the double of the load left out (see load.ts); 0 unless given. */
  readonly residueErlangs?: number
  readonly agents: number
  readonly ahtSeconds: number
  readonly patienceSecondsMean: number
  readonly answerThresholdSeconds?: number
}

/** null: not applicable (no load, or nobody answered). */
export interface ErlangARatios {
  readonly offeredErlangs: number
  readonly agents: number
  readonly waitProbability: number
  readonly abandonRatio: number | null
  readonly asaAllSeconds: number | null
  readonly asaAnsweredSeconds: number | null
  readonly waitOfWaitersSeconds: number | null
  readonly occupancyRatio: number | null
  readonly queueLengthMean: number
  readonly serviceLevelRatios?: Readonly<Record<ErlangFormula, number | null>>
  /** 1 - level of each formula, computed as a tail. */
  readonly missRatios?: Readonly<Record<ErlangFormula, number | null>>
  /** Still waiting at the threshold. */
  readonly lateRatio?: number | null
  readonly abandonWithinThresholdRatio?: number | null
}

export interface ErlangAFigures extends ErlangARatios, WaitPercentiles {}

interface ErlangACore {
  readonly law: WaitingLaw
  /** Waits that would end within the threshold, and after it. */
  readonly within: WaitingIntegrals
  readonly after: WaitingIntegrals
  readonly waits: number
  readonly waitProbability: number
  readonly noWaitProbability: number
}

function solve(input: ErlangAInput): ErlangACore {
  const { agents, offeredErlangs, residueErlangs = 0, ahtSeconds, patienceSecondsMean } = input
  const overLoad = agentsOverLoad(agents, { offeredErlangs, residueErlangs })
  const patienceInServices = patienceSecondsMean / ahtSeconds
  const law: WaitingLaw = {
    x: agents * patienceInServices,
    y: offeredErlangs * patienceInServices,
    xOverY: overLoad * patienceInServices,
  }
  const threshold = (input.answerThresholdSeconds ?? 0) / patienceSecondsMean
  const within = waitingIntegrals(law, 0, threshold)
  const after = waitingIntegrals(law, threshold, Number.POSITIVE_INFINITY)
  const waits = within.waits + after.waits
  // P(no wait) / P(wait) = (R - 1) / S, and R - 1 = (n / A) R_(n-1).
  const inverse = inverseErlangB(agents - 1, offeredErlangs, overLoad - 1)
  const odds = Math.exp(Math.log((agents / offeredErlangs) * inverse) - logScaledIntegral(law, waits))
  const waitProbability = 1 / (1 + odds)
  const noWaitProbability = odds === Number.POSITIVE_INFINITY ? 1 : odds / (1 + odds)
  return { law, within, after, waits, waitProbability, noWaitProbability }
}

export function erlangAMetrics(input: ErlangAInput): ErlangAFigures {
  if (input.offeredErlangs === 0) return withoutLoad(input)
  if (input.agents === 0) return withoutAgents(input)
  const core = solve(input)
  return {
    ...ratiosOf(input, core),
    ...percentiles((lateShare) => waitExceededBy(core, lateShare) * input.patienceSecondsMean),
  }
}

/** The same without the percentiles, which cost most of the time: for searches. */
export function erlangARatios(input: ErlangAInput): ErlangARatios {
  if (input.offeredErlangs === 0) return withoutLoad(input)
  if (input.agents === 0) return withoutAgents(input)
  return ratiosOf(input, solve(input))
}

function ratiosOf(input: ErlangAInput, core: ErlangACore): ErlangARatios {
  const { offeredErlangs, agents, patienceSecondsMean } = input
  const perWait = core.waitProbability / core.waits
  const abandonRatio = perWait * (core.within.abandoned + core.after.abandoned)
  const answeredAfterWait = perWait * (core.within.answered + core.after.answered)
  const answeredRatio = core.noWaitProbability + answeredAfterWait
  const answeredTime = perWait * (core.within.answeredTime + core.after.answeredTime)
  return {
    offeredErlangs,
    agents,
    waitProbability: core.waitProbability,
    abandonRatio,
    asaAllSeconds: abandonRatio * patienceSecondsMean,
    asaAnsweredSeconds: (answeredTime / answeredRatio) * patienceSecondsMean,
    waitOfWaitersSeconds: ((core.within.abandoned + core.after.abandoned) / core.waits) * patienceSecondsMean,
    occupancyRatio: Math.min(1, (offeredErlangs * answeredRatio) / agents),
    queueLengthMean: (offeredErlangs * abandonRatio * patienceSecondsMean) / input.ahtSeconds,
    ...(input.answerThresholdSeconds !== undefined &&
      levels(core, input.answerThresholdSeconds / patienceSecondsMean, abandonRatio, answeredRatio)),
  }
}

function levels(core: ErlangACore, threshold: number, abandonRatio: number, answeredRatio: number) {
  const perWait = core.waitProbability / core.waits
  const stillWaiting = perWait * Math.exp(-threshold) * core.after.waits
  const abandonedWithin = perWait * (core.within.abandoned - Math.expm1(-threshold) * core.after.waits)
  const answeredWithin = core.noWaitProbability + perWait * core.within.answered
  const answeredAfter = perWait * core.after.answered
  const notAbandonedWithin = answeredWithin + stillWaiting
  return {
    serviceLevelRatios: {
      SL1: Math.min(1, answeredWithin + abandonedWithin),
      SL2: Math.min(1, answeredWithin / answeredRatio),
      SL3: Math.min(1, answeredWithin),
      SL4: Math.min(1, answeredWithin / notAbandonedWithin),
    },
    missRatios: {
      SL1: stillWaiting,
      SL2: answeredAfter / answeredRatio,
      SL3: abandonRatio + answeredAfter,
      SL4: stillWaiting / notAbandonedWithin,
    },
    lateRatio: stillWaiting,
    abandonWithinThresholdRatio: abandonedWithin,
  }
}

/**
 * Least v with P(still waiting at v) <= lateShare over all callers, in units of the mean patience.
 * ln of the tail is concave, so Newton's steps converge from any start (from the left the first lands on the right).
 */
function waitExceededBy(core: ErlangACore, lateShare: number): number {
  if (core.waitProbability <= lateShare) return 0
  const target = Math.log(lateShare / core.waitProbability) + Math.log(core.waits)
  let v = 0
  for (let iteration = 0; iteration < 200; iteration++) {
    const log = logTail(core.law, v)
    const step = (log.value - v - target) / (1 + log.hazard)
    v = Math.max(0, v + step)
    if (Math.abs(step) <= 1e-14 * v) break
  }
  return v
}

/** ln of the integral of phi from v on (in units of the peak), and its fall per unit of v. */
function logTail(law: WaitingLaw, v: number): { value: number; hazard: number } {
  const exponent = relativeExponent(law, v)
  if (v > peakOf(law) && exponent < -600) {
    // Beyond the doubles: the tail of phi is a plain exponential there.
    const hazard = law.xOverY - law.y * Math.expm1(-v)
    return { value: exponent - Math.log(hazard), hazard }
  }
  const tail = waitingIntegrals(law, v, Number.POSITIVE_INFINITY).waits
  return { value: Math.log(tail), hazard: Math.exp(exponent) / tail }
}

const NO_WAITS: WaitPercentiles = percentiles(() => null)
const NO_LEVELS = { SL1: null, SL2: null, SL3: null, SL4: null } as const

function withoutLoad(input: ErlangAInput): ErlangAFigures {
  return {
    offeredErlangs: 0,
    agents: input.agents,
    waitProbability: 0,
    abandonRatio: null,
    asaAllSeconds: null,
    asaAnsweredSeconds: null,
    waitOfWaitersSeconds: null,
    occupancyRatio: null,
    queueLengthMean: 0,
    ...(input.answerThresholdSeconds !== undefined && {
      serviceLevelRatios: NO_LEVELS,
      missRatios: NO_LEVELS,
      lateRatio: null,
      abandonWithinThresholdRatio: null,
    }),
    ...NO_WAITS,
  }
}

/** Nobody answers: everybody waits out his patience. */
function withoutAgents(input: ErlangAInput): ErlangAFigures {
  const { patienceSecondsMean, answerThresholdSeconds } = input
  const threshold = (answerThresholdSeconds ?? 0) / patienceSecondsMean
  return {
    offeredErlangs: input.offeredErlangs,
    agents: 0,
    waitProbability: 1,
    abandonRatio: 1,
    asaAllSeconds: patienceSecondsMean,
    asaAnsweredSeconds: null,
    waitOfWaitersSeconds: patienceSecondsMean,
    occupancyRatio: null,
    queueLengthMean: (input.offeredErlangs * patienceSecondsMean) / input.ahtSeconds,
    ...(answerThresholdSeconds !== undefined && {
      serviceLevelRatios: { SL1: -Math.expm1(-threshold), SL2: null, SL3: 0, SL4: 0 },
      missRatios: { SL1: Math.exp(-threshold), SL2: null, SL3: 1, SL4: 1 },
      lateRatio: Math.exp(-threshold),
      abandonWithinThresholdRatio: -Math.expm1(-threshold),
    }),
    ...percentiles((lateShare) => -Math.log(lateShare) * patienceSecondsMean),
  }
}
