/**
 * The service level of one interval for every number of agents, as the sums that a day adds up: counted and missed
 * calls per call offered. Columns over n by recurrence; a search over a day needs thousands of neighbours at once.
 */
import { erlangCWaitProbability } from '../staffing/erlang-c.ts'
import { agentsOverLoad, type OfferedLoad } from '../staffing/load.ts'
import { inverseErlangB, logConfluent } from '../staffing/special-functions.ts'

export type LevelFormula = 'SL1' | 'SL2' | 'SL3' | 'SL4'

/** Row i is for agentsBase + i agents. Level = 1 - missed ÷ counted. */
export interface LevelTable {
  readonly agentsBase: number
  readonly counted: Float64Array
  readonly missed: Float64Array
}

export interface LevelInput {
  readonly load: OfferedLoad
  readonly ahtSeconds: number
  readonly answerThresholdSeconds: number
  readonly formula: LevelFormula
  /** Left out: nobody abandons (Erlang C, where the table begins above the load). */
  readonly patienceSecondsMean?: number | undefined
}

export interface LevelTableInput extends LevelInput {
  readonly agentsMin: number
  /** The table ends once so few are missed. */
  readonly missedNegligible: number
}

/** Far above every load at which a target can still be missed by more than rounding. */
function agentsMaxOf(offeredErlangs: number): number {
  return Math.ceil(offeredErlangs + 40 * Math.sqrt(offeredErlangs) + 60)
}

export function levelTable(input: LevelTableInput): LevelTable {
  return input.patienceSecondsMean === undefined
    ? tableWithoutPatience(input)
    : tableWithPatience(input, input.patienceSecondsMean)
}

/** One row of the table; without patience an overloaded interval misses every call. */
export function levelOf(input: LevelInput, agents: number): { counted: number; missed: number } {
  if (input.load.offeredErlangs === 0) return { counted: 1, missed: 0 }
  if (input.patienceSecondsMean !== undefined) {
    return levelWithPatience(input, input.patienceSecondsMean, agents)
  }
  const overLoad = agentsOverLoad(agents, input.load)
  if (overLoad <= 0) return { counted: 1, missed: 1 }
  const decay = Math.exp((-overLoad * input.answerThresholdSeconds) / input.ahtSeconds)
  return { counted: 1, missed: erlangCWaitProbability(agents, input.load.offeredErlangs, overLoad) * decay }
}

/** The least whole number of agents above the load. */
export function stableAgentsMin(load: OfferedLoad): number {
  const agents = Math.floor(load.offeredErlangs)
  return agentsOverLoad(agents, load) > 0 ? agents : agents + 1
}

function tableWithoutPatience(input: LevelTableInput): LevelTable {
  const { load } = input
  const agentsBase = Math.max(input.agentsMin, stableAgentsMin(load))
  const agentsMax = Math.max(agentsBase, agentsMaxOf(load.offeredErlangs))
  const missed: number[] = []
  for (let agents = agentsBase; agents <= agentsMax; agents++) {
    missed.push(levelOf(input, agents).missed)
    if ((missed.at(-1) ?? 0) <= input.missedNegligible) break
  }
  return { agentsBase, counted: new Float64Array(missed.length).fill(1), missed: Float64Array.from(missed) }
}

function tableWithPatience(input: LevelTableInput, patienceSecondsMean: number): LevelTable {
  const { offeredErlangs } = input.load
  const agentsMax = Math.max(input.agentsMin, agentsMaxOf(offeredErlangs))
  const counted: number[] = []
  const missed: number[] = []
  for (let agents = input.agentsMin; agents <= agentsMax; agents++) {
    const row = levelWithPatience(input, patienceSecondsMean, agents)
    counted.push(row.counted)
    missed.push(row.missed)
    if (agents > offeredErlangs && row.missed <= input.missedNegligible) break
  }
  return {
    agentsBase: input.agentsMin,
    counted: Float64Array.from(counted),
    missed: Float64Array.from(missed),
  }
}

/**
 * The closed forms of STAFFING formulas in R and S, exact to some 1e-14 of the calls (not of a tiny tail:
 * the figures of a single answer come from erlangAMetrics).
 */
function levelWithPatience(
  { load, ahtSeconds, answerThresholdSeconds, formula }: LevelInput,
  patienceSecondsMean: number,
  agents: number,
): { counted: number; missed: number } {
  const threshold = answerThresholdSeconds / patienceSecondsMean
  if (agents === 0) return levelWithoutAgents(formula, threshold)
  const patienceRatio = patienceSecondsMean / ahtSeconds
  const x = agents * patienceRatio
  const y = load.offeredErlangs * patienceRatio
  const z = y * Math.exp(-threshold)
  const logWaits = logConfluent(x, y)
  const inverse = inverseErlangB(agents, load.offeredErlangs)
  const waitProbability = 1 / (1 + (inverse - 1) * Math.exp(-logWaits))
  const logScale = -y * Math.expm1(-threshold) - (agents * answerThresholdSeconds) / ahtSeconds - logWaits
  const logLater = logConfluent(x, z)
  const stillWaiting = waitProbability * Math.exp(logLater + logScale - threshold)
  // The share of P(V > T) that is answered: (x / z)(S - 1) = x/(x+1) S(x+1, z).
  const logServed =
    z < 0.5 * x ? Math.log(x / (x + 1)) + logConfluent(x + 1, z) : Math.log(x / z) + logMinusOne(logLater)
  const answeredAfter = waitProbability * Math.exp(logServed + logScale - threshold)
  const answeredShare = (x / y) * -Math.expm1(-logWaits)
  const abandoned = waitProbability * Math.max(0, 1 - answeredShare)
  if (formula === 'SL1') return { counted: 1, missed: stillWaiting }
  if (formula === 'SL2') return { counted: 1 - abandoned, missed: answeredAfter }
  if (formula === 'SL3') return { counted: 1, missed: abandoned + answeredAfter }
  return { counted: 1 - abandoned - answeredAfter + stillWaiting, missed: stillWaiting }
}

/** ln(e^a - 1) for a > 0. */
function logMinusOne(a: number): number {
  return a > 40 ? a : Math.log(Math.expm1(a))
}

/** Everybody waits out his patience. */
function levelWithoutAgents(formula: LevelFormula, threshold: number): { counted: number; missed: number } {
  const stillWaiting = Math.exp(-threshold)
  if (formula === 'SL1') return { counted: 1, missed: stillWaiting }
  if (formula === 'SL2') return { counted: 0, missed: 0 }
  if (formula === 'SL3') return { counted: 1, missed: 1 }
  return { counted: stillWaiting, missed: stillWaiting }
}
