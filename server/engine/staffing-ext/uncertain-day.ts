/**
 * A day whose rates move together: rate of an interval = its mean x one factor of the day x a factor of its own.
 * Given the factor of the day, the sum over the intervals of what is met beyond the target is taken as normal
 * (many intervals, each bounded); the factor of the day itself is integrated without that assumption.
 */
import { dayOptimum } from './day-optimum.ts'
import { checkNotEmpty, checkNotNegative, checkRatio, checkSameLength, checkWhole, refuse } from './input.ts'
import { bisect, normalProbability, type RateLaw, rateLaw } from './rate-law.ts'
import { checkUncertainService, levelAtRate, type UncertainService } from './uncertain-load.ts'

export interface DayUncertainty {
  /** Coefficient of variation of the factor that the whole day shares. */
  readonly dayCoefficientOfVariation: number
  /** Of the factor of each interval; 0 unless given. */
  readonly intervalCoefficientOfVariation?: number | undefined
  /** Correlation of that factor from one interval to the next; 0 unless given. */
  readonly intervalCorrelation?: number | undefined
}

export interface UncertainDayInput extends UncertainService, DayUncertainty {
  /** Mean contacts of each interval. */
  readonly contacts: readonly number[]
  readonly agents: readonly number[]
}

export interface UncertainDayMetrics {
  readonly serviceLevelRatioExpected: number | null
  readonly meetsTargetProbability: number | null
}

export type UncertainDayRequired =
  | {
      readonly agents: readonly number[]
      readonly agentsTotal: number
      readonly meetsTargetProbability: number
      /** The day is staffed as if this share of its mean were sure to come. */
      readonly loadFactor: number
    }
  | { readonly agents: null; readonly reason: 'unreachable' }

/** Panels of 8 points: for the factor of the day, and for that of an interval, which is only averaged over. */
const DAY_PANELS = 6
const INTERVAL_PANELS = 3
const LOAD_FACTOR_MAX = 16

interface Sums {
  readonly counted: number
  readonly missed: number
  /** Mean and standard deviation of met - target x counted. */
  readonly gain: number
  readonly gainDeviation: number
}

export function uncertainDayMetrics(input: UncertainDayInput): UncertainDayMetrics {
  checkUncertainDay(input)
  checkSameLength('agents', input.agents, input.contacts.length)
  input.agents.forEach((agents, interval) => {
    checkWhole(`agents/${interval}`, agents)
  })
  return metricsOf(input)
}

/**
 * The agents of the day optimum at the least common load factor for which the wanted probability is reached.
 * The factor is the one free choice: cheaper mixes may exist, and the answer's probability is its own.
 */
export function uncertainDayRequired(
  input: Omit<UncertainDayInput, 'agents'> & { readonly meetsTargetProbabilityMin: number },
): UncertainDayRequired {
  checkUncertainDay(input)
  checkRatio('meetsTargetProbabilityMin', input.meetsTargetProbabilityMin)
  const planFor = (loadFactor: number) =>
    dayOptimum({ ...input, contacts: input.contacts.map((count) => count * loadFactor) })
  const answer = (loadFactor: number) => {
    const plan = planFor(loadFactor)
    if (plan.agents === null) return null
    const { meetsTargetProbability } = metricsOf({ ...input, agents: plan.agents })
    return { plan, meetsTargetProbability: meetsTargetProbability ?? 1 }
  }
  const enough = (loadFactor: number) =>
    (answer(loadFactor)?.meetsTargetProbability ?? 0) >= input.meetsTargetProbabilityMin
  if (!enough(LOAD_FACTOR_MAX)) return { agents: null, reason: 'unreachable' }
  const loadFactor = leastFactor(enough)
  const reached = answer(loadFactor)
  if (reached === null) return { agents: null, reason: 'unreachable' }
  const { agents, agentsTotal } = reached.plan
  return { agents, agentsTotal, meetsTargetProbability: reached.meetsTargetProbability, loadFactor }
}

/** To a thousandth: finer steps do not move whole agents. */
function leastFactor(enough: (loadFactor: number) => boolean): number {
  let low = 0
  let high = 1
  while (!enough(high)) {
    low = high
    high *= 1.5
  }
  while (high - low > 1e-3) {
    const middle = (low + high) / 2
    if (enough(middle)) high = middle
    else low = middle
  }
  return high
}

function metricsOf(input: UncertainDayInput): UncertainDayMetrics {
  if (input.contacts.every((count) => count === 0)) {
    return { serviceLevelRatioExpected: null, meetsTargetProbability: null }
  }
  const dayLaw = factorLaw(input.dayCoefficientOfVariation)
  const intervalLaw = factorLaw(input.intervalCoefficientOfVariation ?? 0)
  const turn = turningFactor(input, intervalLaw)
  const { rates, weights } = dayLaw.nodes([turn], DAY_PANELS)
  let counted = 0
  let missed = 0
  let probability = 0
  for (let i = 0; i < rates.length; i++) {
    const sums = sumsAt(input, intervalLaw, rates[i] ?? 0)
    const weight = weights[i] ?? 0
    counted += weight * sums.counted
    missed += weight * sums.missed
    probability += weight * meetsProbability(sums)
  }
  // Without factors of the intervals the day is met up to one factor, and not beyond.
  const certain = (input.intervalCoefficientOfVariation ?? 0) === 0
  return {
    serviceLevelRatioExpected: counted === 0 ? null : (counted - missed) / counted,
    meetsTargetProbability: certain ? dayLaw.probabilityUpTo(turn) : Math.min(1, probability),
  }
}

function factorLaw(coefficientOfVariation: number): RateLaw {
  return rateLaw({ contactsMean: 1, coefficientOfVariation })
}

function meetsProbability({ gain, gainDeviation }: Sums): number {
  if (gainDeviation === 0) return gain >= 0 ? 1 : 0
  return normalProbability(gain / gainDeviation)
}

/** The factor of the day at which the day is just met on average. */
function turningFactor(input: UncertainDayInput, intervalLaw: RateLaw): number {
  const missesAt = (factor: number) => sumsAt(input, intervalLaw, factor).gain < 0
  return missesAt(LOAD_FACTOR_MAX) ? bisect(0, LOAD_FACTOR_MAX, missesAt) : LOAD_FACTOR_MAX
}

function sumsAt(input: UncertainDayInput, intervalLaw: RateLaw, dayFactor: number): Sums {
  const { contacts, agents, serviceLevelRatioMin, intervalCorrelation = 0 } = input
  const { rates, weights } = intervalLaw.nodes([], INTERVAL_PANELS)
  let [counted, missed, gain, variance, carriedDeviation] = [0, 0, 0, 0, 0]
  contacts.forEach((mean, interval) => {
    let [countedHere, missedHere, squares] = [0, 0, 0]
    for (let i = 0; i < rates.length; i++) {
      const rate = mean * dayFactor * (rates[i] ?? 0)
      const level = levelAtRate(input, rate, agents[interval] ?? 0)
      const weight = weights[i] ?? 0
      countedHere += weight * rate * level.counted
      missedHere += weight * rate * level.missed
      squares += weight * (rate * ((1 - serviceLevelRatioMin) * level.counted - level.missed)) ** 2
    }
    const gainHere = (1 - serviceLevelRatioMin) * countedHere - missedHere
    const deviation = rates.length === 1 ? 0 : Math.sqrt(Math.max(0, squares - gainHere ** 2))
    // Var of a sum with correlations c^|i-j|, carried from interval to interval.
    variance += deviation ** 2 + 2 * intervalCorrelation * deviation * carriedDeviation
    carriedDeviation = deviation + intervalCorrelation * carriedDeviation
    counted += countedHere
    missed += missedHere
    gain += gainHere
  })
  return { counted, missed, gain, gainDeviation: Math.sqrt(variance) }
}

function checkUncertainDay(input: Omit<UncertainDayInput, 'agents'>): void {
  checkUncertainService(input)
  checkNotEmpty('contacts', input.contacts)
  input.contacts.forEach((count, interval) => {
    checkNotNegative(`contacts/${interval}`, count)
  })
  const correlation = input.intervalCorrelation ?? 0
  if (!(correlation >= 0 && correlation < 1)) refuse('intervalCorrelation', 'must be at least 0 and below 1')
  for (const name of ['dayCoefficientOfVariation', 'intervalCoefficientOfVariation'] as const) {
    const value = input[name] ?? 0
    if (!(value >= 0 && value <= 2)) refuse(name, 'must be between 0 and 2')
  }
}
