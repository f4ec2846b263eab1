/**
 * M/M/n/K: n agents, K lines (agents and waiting places together), endless patience, a call that finds all lines
 * taken is lost. Stable at any load. Sums over the waiting places carry their own scale, so that neither e^-n tau nor
 * (A/n)^K leaves the doubles. Source: MODELS.md, "Finite lines".
 */
import { agentsOverLoad } from './load.ts'
import { inverseErlangB, logConfluent, logPoissonProbability } from './special-functions.ts'

export interface FiniteLinesInput {
  readonly offeredErlangs: number
  readonly residueErlangs?: number
  readonly agents: number
  readonly lines: number
  readonly ahtSeconds?: number
  readonly answerThresholdSeconds?: number
}

/** Offered: over all callers. Accepted: over those who found a line. null: no load. */
export interface FiniteLinesFigures {
  readonly offeredErlangs: number
  readonly agents: number
  readonly lines: number
  readonly blockingRatio: number | null
  readonly waitProbabilityOffered: number | null
  readonly waitProbabilityAccepted: number | null
  readonly carriedErlangs: number
  readonly occupancyRatio: number | null
  readonly queueLengthMean: number
  readonly asaAcceptedSeconds?: number | null
  readonly serviceLevelRatioOffered?: number | null
  readonly serviceLevelRatioAccepted?: number | null
  /** Over the accepted: P(W > T), computed as a tail. */
  readonly lateRatio?: number | null
}

/** The chain, in units of e^-logScale: probability that exactly all agents are busy and nobody waits. */
interface Chain {
  readonly waitingPlaces: number
  readonly ratio: number
  readonly logRatio: number
  readonly logAllBusy: number
  readonly blockingRatio: number
  readonly waitProbability: number
  readonly noWaitProbability: number
  readonly queueLengthMean: number
}

export function finiteLinesMetrics(input: FiniteLinesInput): FiniteLinesFigures {
  const { offeredErlangs, agents, lines, ahtSeconds, answerThresholdSeconds } = input
  if (offeredErlangs === 0) return withoutLoad(input)
  const chain = solve(input)
  // Accepted calls either wait or not: no 1 - blocking, which cancels in overload.
  const accepted = chain.waitProbability + chain.noWaitProbability
  const hasLevel =
    answerThresholdSeconds !== undefined && (ahtSeconds !== undefined || answerThresholdSeconds === 0)
  const level = hasLevel ? levelOf(chain, (agents * answerThresholdSeconds) / (ahtSeconds ?? 1)) : undefined
  return {
    offeredErlangs,
    agents,
    lines,
    blockingRatio: chain.blockingRatio,
    waitProbabilityOffered: chain.waitProbability,
    waitProbabilityAccepted: chain.waitProbability / accepted,
    carriedErlangs: offeredErlangs * accepted,
    occupancyRatio: agents === 0 ? null : Math.min(1, (offeredErlangs * accepted) / agents),
    queueLengthMean: chain.queueLengthMean,
    ...(ahtSeconds !== undefined && {
      asaAcceptedSeconds: (chain.queueLengthMean * ahtSeconds) / (offeredErlangs * accepted),
    }),
    ...(level !== undefined && {
      serviceLevelRatioOffered: Math.min(1, level.inTime),
      serviceLevelRatioAccepted: Math.min(1, level.inTime / accepted),
      lateRatio: Math.min(1, level.late / accepted),
    }),
  }
}

/** sum of e^(logRatio j), j = 0 … count - 1, for logRatio <= 0. */
function geometricSum(logRatio: number, count: number): number {
  if (logRatio === 0) return count
  return Math.expm1(count * logRatio) / Math.expm1(logRatio)
}

/** sum of j e^(logRatio j), j = 0 … count - 1, for logRatio <= 0. */
function geometricMoment(logRatio: number, count: number): number {
  if (-logRatio * count < 0.01 || count < 64) {
    let sum = 0
    let term = 1
    const ratio = Math.exp(logRatio)
    for (let j = 1; j < count; j++) {
      term *= ratio
      sum += j * term
      if (j * term < sum * 1e-18) break
    }
    return sum
  }
  const ratio = Math.exp(logRatio)
  const complement = -Math.expm1(logRatio)
  return (ratio * geometricSum(logRatio, count - 1) - (count - 1) * Math.exp(count * logRatio)) / complement
}

function solve(input: FiniteLinesInput): Chain {
  const { offeredErlangs, agents, lines, residueErlangs = 0 } = input
  const overLoad = agentsOverLoad(agents, { offeredErlangs, residueErlangs })
  const inverse = inverseErlangB(agents, offeredErlangs, overLoad)
  const inverseBelow = (agents / offeredErlangs) * inverseErlangB(agents - 1, offeredErlangs, overLoad - 1)
  const waitingPlaces = lines - agents
  const logRatio = Math.log1p(-overLoad / agents)
  const ratio = offeredErlangs / agents
  if (logRatio <= 0) {
    // Counted from "all busy, nobody waits" upwards.
    const waits = geometricSum(logRatio, waitingPlaces)
    const last = Math.exp(waitingPlaces * logRatio)
    const total = inverseBelow + waits + last
    return {
      waitingPlaces,
      ratio,
      logRatio,
      logAllBusy: -Math.log(total),
      blockingRatio: waitingPlaces === 0 ? 1 / inverse : last / total,
      waitProbability: waits / total,
      noWaitProbability: inverse === Number.POSITIVE_INFINITY ? 1 : inverseBelow / total,
      queueLengthMean: (geometricMoment(logRatio, waitingPlaces) + waitingPlaces * last) / total,
    }
  }
  // Overload: counted from the full state downwards.
  const waits = Math.exp(-logRatio) * geometricSum(-logRatio, waitingPlaces)
  const below = Math.exp(Math.log(inverseBelow) - waitingPlaces * logRatio)
  const total = below + waits + 1
  const fromTop = geometricMoment(-logRatio, waitingPlaces + 1)
  return {
    waitingPlaces,
    ratio,
    logRatio,
    logAllBusy: -waitingPlaces * logRatio - Math.log(total),
    blockingRatio: 1 / total,
    waitProbability: waits / total,
    noWaitProbability: below / total,
    queueLengthMean: (waitingPlaces * (1 + waits) - fromTop) / total,
  }
}

interface Level {
  /** Accepted and answered within the threshold, over all callers. */
  readonly inTime: number
  readonly late: number
}

function levelOf(chain: Chain, servicesWithin: number): Level {
  if (servicesWithin === 0) return { inTime: chain.noWaitProbability, late: chain.waitProbability }
  const late = lateShare(chain, servicesWithin)
  const waitedInTime = chain.waitProbability - late
  // The smaller part is summed for itself, so that neither loses its digits.
  if (waitedInTime > 0.5 * chain.waitProbability) {
    return { inTime: chain.noWaitProbability + waitedInTime, late }
  }
  return { inTime: chain.noWaitProbability + inTimeShare(chain, servicesWithin), late }
}

/** sum over j of p_(n+j) P(Poisson(n tau) <= j): both factors run upwards together. */
function lateShare(chain: Chain, servicesWithin: number): number {
  let logScale = -servicesWithin
  let probability = 1
  let cumulative = 1
  let sum = chain.waitingPlaces > 0 ? 1 : 0
  for (let j = 1; j < chain.waitingPlaces; j++) {
    probability *= (chain.ratio * servicesWithin) / j
    cumulative = chain.ratio * cumulative + probability
    sum += cumulative
    if (sum > 1e250) {
      logScale += Math.log(sum)
      probability /= sum
      cumulative /= sum
      sum = 1
    }
    if (j > servicesWithin && cumulative < sum * 1e-19 && chain.ratio < 1) break
  }
  return Math.exp(chain.logAllBusy + logScale + Math.log(sum))
}

/** sum over j of p_(n+j) P(Poisson(n tau) > j), downwards from the last waiting place. */
function inTimeShare(chain: Chain, servicesWithin: number): number {
  const top = chain.waitingPlaces
  if (top === 0) return 0
  // At j = top: rho^top P(Poisson = top) times (1, and the tail from top on, S = 1 + theta/(top+1) + …).
  const logTailFactor = logConfluent(top, servicesWithin)
  let logScale = logPoissonProbability(top, servicesWithin) + top * chain.logRatio + logTailFactor
  let probability = Math.exp(-logTailFactor)
  let tail = 1
  let sum = 0
  for (let j = top - 1; j >= 0; j--) {
    // `tail` is rho^(j+1) P(Poisson >= j+1); one caller fewer in the queue divides by rho.
    tail /= chain.ratio
    sum += tail
    probability *= (j + 1) / servicesWithin / chain.ratio
    tail += probability
    const largest = Math.max(sum, tail)
    if (largest > 1e250) {
      logScale += Math.log(largest)
      sum /= largest
      tail /= largest
      probability /= largest
    }
  }
  return Math.exp(chain.logAllBusy + logScale + Math.log(sum))
}

function withoutLoad(input: FiniteLinesInput): FiniteLinesFigures {
  return {
    offeredErlangs: 0,
    agents: input.agents,
    lines: input.lines,
    blockingRatio: null,
    waitProbabilityOffered: 0,
    waitProbabilityAccepted: 0,
    carriedErlangs: 0,
    occupancyRatio: null,
    queueLengthMean: 0,
    ...(input.ahtSeconds !== undefined && { asaAcceptedSeconds: null }),
    ...(input.answerThresholdSeconds !== undefined && {
      serviceLevelRatioOffered: null,
      serviceLevelRatioAccepted: null,
      lateRatio: null,
    }),
  }
}
