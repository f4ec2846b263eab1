/**
 * M/M/n/K+M: n agents, K lines, exponential patience; a call that finds all lines taken is lost.
 * With j callers ahead, e^(-V / patience) is Beta(x, j + 1) distributed, so that every share is a sum over the waiting
 * places of positive terms that are carried upwards with their own scale. Cost: O(K - n).
 * Source: MODELS.md, "Finite lines with abandonment".
 */
import { ERLANG_FORMULAS, type ErlangFormula } from './erlang-a.ts'
import { agentsOverLoad } from './load.ts'
import { inverseErlangB } from './special-functions.ts'

export interface FiniteLinesAbandonmentInput {
  readonly offeredErlangs: number
  readonly residueErlangs?: number
  readonly agents: number
  readonly lines: number
  readonly ahtSeconds: number
  readonly patienceSecondsMean: number
  readonly answerThresholdSeconds?: number
}

/** Offered: over all callers. Accepted: over those who found a line. null: no load, or nobody of that kind. */
export interface FiniteLinesAbandonmentFigures {
  readonly offeredErlangs: number
  readonly agents: number
  readonly lines: number
  readonly blockingRatio: number | null
  readonly waitProbabilityOffered: number | null
  readonly waitProbabilityAccepted: number | null
  readonly abandonRatioOffered: number | null
  readonly abandonRatioAccepted: number | null
  readonly carriedErlangs: number
  readonly occupancyRatio: number | null
  readonly queueLengthMean: number
  /** Mean time in the queue of the accepted, whether answered or not. */
  readonly asaAcceptedSeconds: number | null
  readonly asaAnsweredSeconds: number | null
  /** Answered within the threshold, over the offered and over the accepted. */
  readonly serviceLevelRatioOffered?: number | null
  readonly serviceLevelRatioAccepted?: number | null
  /** The four formulas over the accepted. */
  readonly serviceLevelRatios?: Readonly<Record<ErlangFormula, number | null>>
  /** Over the accepted: still waiting at the threshold, and lost within it. */
  readonly lateRatio?: number | null
  readonly abandonWithinThresholdRatio?: number | null
}

/** Sums over the waiting places, in units of the probability that all agents are busy and nobody waits. */
interface QueueSums {
  /** All busy and j wait, j = 0 … K - n - 1: the callers who are accepted and wait. */
  waits: number
  /** Those who are answered in the end, and the time they wait (in patiences). */
  answered: number
  answeredTime: number
  abandoned: number
  /** e^-T/patience P(V > T): still waiting at the threshold. */
  late: number
  /** Answered after the threshold. */
  answeredAfter: number
  /** Lost within the threshold. */
  abandonedWithin: number
  /** The full state. */
  blocked: number
  /** Everything above is in units of e^logScale. */
  logScale: number
}

export function finiteLinesAbandonmentMetrics(
  input: FiniteLinesAbandonmentInput,
): FiniteLinesAbandonmentFigures {
  const { offeredErlangs, agents, lines, ahtSeconds, patienceSecondsMean } = input
  if (offeredErlangs === 0) return withoutLoad(input)
  const overLoad = agentsOverLoad(agents, { offeredErlangs, residueErlangs: input.residueErlangs ?? 0 })
  const sums = queueSums(input)
  const below =
    agents === 0 ? 0 : (agents / offeredErlangs) * inverseErlangB(agents - 1, offeredErlangs, overLoad - 1)
  const noWait = Math.exp(Math.log(below) - sums.logScale)
  const noWaitIsAll = noWait === Number.POSITIVE_INFINITY
  const total = noWait + sums.waits + sums.blocked
  const share = (sum: number) => (noWaitIsAll ? 0 : sum / total)
  const noWaitShare = noWaitIsAll ? 1 : noWait / total
  const accepted = noWaitShare + share(sums.waits)
  const answered = noWaitShare + share(sums.answered)
  const abandoned = share(sums.abandoned)
  const perAccepted = (value: number) => (accepted === 0 ? null : value / accepted)
  return {
    offeredErlangs,
    agents,
    lines,
    blockingRatio: share(sums.blocked),
    waitProbabilityOffered: share(sums.waits),
    waitProbabilityAccepted: perAccepted(share(sums.waits)),
    abandonRatioOffered: abandoned,
    abandonRatioAccepted: perAccepted(abandoned),
    carriedErlangs: offeredErlangs * answered,
    occupancyRatio: agents === 0 ? null : Math.min(1, (offeredErlangs * answered) / agents),
    queueLengthMean: (offeredErlangs * abandoned * patienceSecondsMean) / ahtSeconds,
    asaAcceptedSeconds: perAccepted(abandoned * patienceSecondsMean),
    asaAnsweredSeconds: answered === 0 ? null : (share(sums.answeredTime) / answered) * patienceSecondsMean,
    ...(input.answerThresholdSeconds !== undefined &&
      levels(input, share, sums, { noWaitShare, accepted, answered })),
  }
}

interface Shares {
  readonly noWaitShare: number
  readonly accepted: number
  readonly answered: number
}

function levels(
  input: FiniteLinesAbandonmentInput,
  share: (sum: number) => number,
  sums: QueueSums,
  shares: Shares,
) {
  const { accepted, answered } = shares
  const rest = share(sums.answered) - share(sums.answeredAfter)
  // A small rest of two large sums is summed for itself.
  const isSmall = rest <= 0.2 * share(sums.answered) && hasShortTail(input)
  const waitedInTime = isSmall ? share(answeredWithin(input, sums.logScale)) : Math.max(0, rest)
  const inTime = shares.noWaitShare + waitedInTime
  const late = share(sums.late)
  const abandonedWithin = share(sums.abandonedWithin)
  const ratio = (numerator: number, denominator: number) =>
    denominator > 0 ? Math.min(1, numerator / denominator) : null
  return {
    serviceLevelRatioOffered: Math.min(1, inTime),
    serviceLevelRatioAccepted: ratio(inTime, accepted),
    serviceLevelRatios: {
      SL1: ratio(inTime + abandonedWithin, accepted),
      SL2: ratio(inTime, answered),
      SL3: ratio(inTime, accepted),
      SL4: ratio(inTime, inTime + late),
    },
    lateRatio: ratio(late, accepted),
    abandonWithinThresholdRatio: ratio(abandonedWithin, accepted),
  }
}

function queueSums(input: FiniteLinesAbandonmentInput): QueueSums {
  const { offeredErlangs, agents, lines, ahtSeconds, patienceSecondsMean } = input
  const x = (agents * patienceSecondsMean) / ahtSeconds
  const y = (offeredErlangs * patienceSecondsMean) / ahtSeconds
  const threshold = (input.answerThresholdSeconds ?? 0) / patienceSecondsMean
  const u = Math.exp(-threshold)
  const lost = -Math.expm1(-threshold)
  const places = lines - agents
  const sums: QueueSums = {
    waits: 0,
    answered: 0,
    answeredTime: 0,
    abandoned: 0,
    late: 0,
    answeredAfter: 0,
    abandonedWithin: 0,
    blocked: 0,
    logScale: 0,
  }
  // q = y^j / prod (x + k). beta = q I_u(x, j+1) and its increment; the same for x + 1. Both in units of u^x.
  let q = 1
  let beta = 1
  let increment = 1
  let betaNext = 1
  let incrementNext = 1
  let harmonic = 0
  // The exponent of the beta sums apart from that of q.
  let betaLogScale = -x * threshold
  const abandonedWithin = abandonedWithinByPlace(x, threshold)
  for (let j = 0; j < places; j++) {
    const served = x / (x + j + 1)
    harmonic += 1 / (x + j + 1)
    sums.waits += q
    sums.answered += q * served
    sums.abandoned += (q * (j + 1)) / (x + j + 1)
    sums.answeredTime += q * served * harmonic
    sums.abandonedWithin += q * abandonedWithin(j)
    const scale = Math.exp(betaLogScale)
    sums.late += u * beta * scale
    sums.answeredAfter += served * u * betaNext * scale
    const step = y / (x + j + 1)
    q *= step
    increment *= (step * lost * (x + j)) / (j + 1)
    incrementNext *= (step * lost * (x + 1 + j)) / (j + 1)
    beta = beta * step + increment
    betaNext = betaNext * step + incrementNext
    if (Math.max(beta, betaNext, increment, incrementNext) > 1e200) {
      betaLogScale += rescaled
      beta /= RESCALE
      betaNext /= RESCALE
      increment /= RESCALE
      incrementNext /= RESCALE
    }
    if (sums.waits > 1e250) {
      rescaleSums(sums)
      q /= RESCALE
      betaLogScale -= rescaled
    }
  }
  sums.blocked = q
  return sums
}

/**
 * P(lost within T | j ahead) for j = 0, 1, … in turn: the integral of e^-t P(V_j > t) up to T. As P(V_j > t) exceeds
 * P(V_(j-1) > t) by the density of V_j over x + j, it grows by P(answered within T | j ahead) / (x + j): positive terms,
 * where abandoned - abandoned after T would lose all digits for T far below the patience.
 */
function abandonedWithinByPlace(x: number, threshold: number): (j: number) => number {
  const logLost = Math.log(-Math.expm1(-threshold))
  // P(Beta(x + 1, j + 1) > u), downwards from j = 0: rounding stays relative to the first.
  const first = -Math.expm1(-(x + 1) * threshold)
  let inTime = first
  let logStep = -(x + 1) * threshold
  let sum = 0
  return (j) => {
    if (inTime === 0) return sum
    if (j > 0) {
      logStep += logLost + Math.log1p(x / j)
      inTime -= Math.exp(logStep)
      if (inTime < 1e-15 * first) inTime = 0
    }
    sum += (x / (x + j + 1)) * (inTime / (x + j))
    return sum
  }
}

/** Whether the rest of the binomial series beyond the last place is short; where it is long, nearly all are in time. */
function hasShortTail(input: FiniteLinesAbandonmentInput): boolean {
  const x = (input.agents * input.patienceSecondsMean) / input.ahtSeconds
  const threshold = (input.answerThresholdSeconds ?? 0) / input.patienceSecondsMean
  const turn = x * Math.expm1(threshold)
  return threshold < 7 && turn < 10 * (input.lines - input.agents) + 1000
}

/** Answered after a wait within the threshold: sum of q_j x/(x+j+1) P(Beta(x+1, j+1) > u), from the last place down. */
function answeredWithin(input: FiniteLinesAbandonmentInput, unitLogScale: number): number {
  const x = (input.agents * input.patienceSecondsMean) / input.ahtSeconds
  const y = (input.offeredErlangs * input.patienceSecondsMean) / input.ahtSeconds
  const threshold = (input.answerThresholdSeconds ?? 0) / input.patienceSecondsMean
  const lost = -Math.expm1(-threshold)
  const places = input.lines - input.agents
  if (places === 0 || lost === 0) return 0
  let logIncrement = -(x + 1) * threshold
  for (let j = 0; j < places; j++) {
    logIncrement += Math.log(((y / (x + j + 1)) * lost * (x + 1 + j)) / (j + 1))
  }
  // Beyond the last place: the rest of the binomial series.
  let increment = 1
  let tail = 0
  let term = 1
  for (let k = places; term > 1e-18 * (1 + tail); k++) {
    term *= (lost * (x + 1 + k)) / (k + 1)
    tail += term
  }
  let sum = 0
  let logScale = logIncrement
  for (let j = places - 1; j >= 0; j--) {
    const step = y / (x + j + 1)
    tail = (tail + increment) / step
    increment /= (step * lost * (x + 1 + j)) / (j + 1)
    sum += (tail * x) / (x + j + 1)
    const largest = Math.max(sum, tail, increment)
    if (largest > 1e250) {
      logScale += Math.log(largest)
      sum /= largest
      tail /= largest
      increment /= largest
    }
  }
  return Math.exp(logScale - unitLogScale + Math.log(sum))
}

const RESCALE = 2 ** 600
const rescaled = 600 * Math.LN2

function rescaleSums(sums: QueueSums): void {
  sums.logScale += rescaled
  sums.waits /= RESCALE
  sums.answered /= RESCALE
  sums.answeredTime /= RESCALE
  sums.abandoned /= RESCALE
  sums.late /= RESCALE
  sums.answeredAfter /= RESCALE
  sums.abandonedWithin /= RESCALE
}

function withoutLoad(input: FiniteLinesAbandonmentInput): FiniteLinesAbandonmentFigures {
  const none = Object.fromEntries(ERLANG_FORMULAS.map((formula) => [formula, null])) as Record<
    ErlangFormula,
    null
  >
  return {
    offeredErlangs: 0,
    agents: input.agents,
    lines: input.lines,
    blockingRatio: null,
    waitProbabilityOffered: 0,
    waitProbabilityAccepted: 0,
    abandonRatioOffered: null,
    abandonRatioAccepted: null,
    carriedErlangs: 0,
    occupancyRatio: null,
    queueLengthMean: 0,
    asaAcceptedSeconds: null,
    asaAnsweredSeconds: null,
    ...(input.answerThresholdSeconds !== undefined && {
      serviceLevelRatioOffered: null,
      serviceLevelRatioAccepted: null,
      serviceLevelRatios: none,
      lateRatio: null,
      abandonWithinThresholdRatio: null,
    }),
  }
}
