/**
 * Agents per interval that reach the day's service level with the fewest agent-intervals, beside the
 * interval-by-interval rule. The day's level is that of the summed numerators and denominators.
 */
import { offeredLoad } from '../staffing/load.ts'
import { cheapestAllocation, type GainTable } from './cheapest-allocation.ts'
import {
  checkNotEmpty,
  checkNotNegative,
  checkPositive,
  checkRatio,
  checkSameLength,
  checkWhole,
  refuse,
} from './input.ts'
import { type LevelFormula, type LevelTable, levelTable } from './level-table.ts'

export interface DayOptimumInput {
  readonly model: 'erlang-c' | 'erlang-a'
  /** Contacts of each interval of the day. */
  readonly contacts: readonly number[]
  readonly intervalSeconds: number
  /** One for the day, or one per interval. */
  readonly ahtSeconds: number | readonly number[]
  readonly answerThresholdSeconds: number
  readonly serviceLevelRatioMin: number
  /** SL4 unless given; all are one for Erlang C. */
  readonly serviceLevelFormula?: LevelFormula | undefined
  readonly patienceSecondsMean?: number | undefined
  /** Least heads of every interval; with `mustCover` only of those that have contacts or must be covered. */
  readonly agentsMin?: number | readonly number[] | undefined
  /** Intervals that need somebody (at least one) even without contacts. */
  readonly mustCover?: readonly boolean[] | undefined
}

export interface DayOptimumReached {
  readonly agents: readonly number[]
  readonly agentsTotal: number
  /** The least agents that reach the target in each interval alone. */
  readonly agentsByInterval: readonly number[]
  readonly agentsTotalByInterval: number
  /** The most that this total reaches; null without contacts. */
  readonly serviceLevelRatio: number | null
}

export interface DayOptimumUnreachable {
  readonly agents: null
  readonly reason: 'unreachable'
}

/** For these formulas every contact counts, so that the level rises with the sum of the gains. */
const COUNT_ALL: readonly LevelFormula[] = ['SL1', 'SL3']
/** Ratios of sums are improved by raising the target to the level reached; this ends after two or three rounds. */
const IMPROVEMENT_ROUNDS_MAX = 20

export function dayOptimum(input: DayOptimumInput): DayOptimumReached | DayOptimumUnreachable {
  checkDayOptimumInput(input)
  const { contacts, serviceLevelRatioMin } = input
  const contactsTotal = contacts.reduce((sum, count) => sum + count, 0)
  const floors = contacts.map((_, interval) => agentsFloor(input, interval))
  if (contactsTotal === 0) return withoutContacts(floors)
  if (serviceLevelRatioMin === 1) return { agents: null, reason: 'unreachable' }
  const tables = levelTables(input, floors)
  const gains = gainTables(tables, contacts, serviceLevelRatioMin)
  const first = cheapestAllocation(gains, contactsTotal)
  const agentsByInterval = gains.map((table, interval) => leastAgents(table, contacts[interval] ?? 0))
  if (first === null || agentsByInterval.includes(Number.NaN)) return { agents: null, reason: 'unreachable' }
  const countsAll = input.model === 'erlang-c' || COUNT_ALL.includes(input.serviceLevelFormula ?? 'SL4')
  const agents = countsAll ? first : bestOfTotal({ tables, contacts, contactsTotal }, first)
  return {
    agents,
    agentsTotal: sumOf(agents),
    agentsByInterval,
    agentsTotalByInterval: sumOf(agentsByInterval),
    serviceLevelRatio: dayLevel(tables, contacts, agents),
  }
}

function agentsFloor(input: DayOptimumInput, interval: number): number {
  const { contacts, agentsMin, mustCover, serviceLevelFormula } = input
  const covered = mustCover?.[interval] === true
  if (contacts[interval] === 0 && mustCover !== undefined && !covered) return 0
  const least = typeof agentsMin === 'number' ? agentsMin : (agentsMin?.[interval] ?? 0)
  // SL2 looks at the answered alone: without this, answering nobody in all intervals but one would be the best day.
  const mustAnswer = serviceLevelFormula === 'SL2' && contacts[interval] !== 0
  return covered || mustAnswer ? Math.max(1, least) : least
}

function withoutContacts(agents: readonly number[]): DayOptimumReached {
  const agentsTotal = sumOf(agents)
  return {
    agents,
    agentsTotal,
    agentsByInterval: agents,
    agentsTotalByInterval: agentsTotal,
    serviceLevelRatio: null,
  }
}

function levelTables(input: DayOptimumInput, floors: readonly number[]): LevelTable[] {
  const known = new Map<string, LevelTable>()
  return input.contacts.map((contacts, interval) => {
    const ahtSeconds = ahtOf(input, interval)
    const agentsMin = floors[interval] ?? 0
    const key = `${contacts}/${ahtSeconds}/${agentsMin}`
    const table = known.get(key) ?? tableOf(input, { contacts, ahtSeconds, agentsMin })
    known.set(key, table)
    return table
  })
}

interface IntervalNeed {
  readonly contacts: number
  readonly ahtSeconds: number
  readonly agentsMin: number
}

function tableOf(input: DayOptimumInput, { contacts, ahtSeconds, agentsMin }: IntervalNeed): LevelTable {
  if (contacts === 0) {
    return { agentsBase: agentsMin, counted: new Float64Array(1), missed: new Float64Array(1) }
  }
  return levelTable({
    load: offeredLoad(contacts, input.intervalSeconds, ahtSeconds),
    ahtSeconds,
    answerThresholdSeconds: input.answerThresholdSeconds,
    formula: input.serviceLevelFormula ?? 'SL4',
    patienceSecondsMean: input.model === 'erlang-a' ? input.patienceSecondsMean : undefined,
    agentsMin,
    missedNegligible: 1e-12 * (1 - input.serviceLevelRatioMin),
  })
}

function ahtOf({ ahtSeconds }: DayOptimumInput, interval: number): number {
  return typeof ahtSeconds === 'number' ? ahtSeconds : (ahtSeconds[interval] ?? 0)
}

/** A level that was copied from an answer must be met by that answer's agents: the room that single requirements have. */
const ROUNDING_ROOM = 2e-13

/** Contacts met beyond what the target asks: numerator - target x denominator, in terms of the missed. */
function gainTables(tables: readonly LevelTable[], contacts: readonly number[], target: number): GainTable[] {
  const missShare = (1 - target) * (1 + ROUNDING_ROOM)
  return tables.map(({ agentsBase, counted, missed }, interval) => {
    const gains = new Float64Array(counted.length)
    for (let row = 0; row < gains.length; row++) {
      gains[row] = (contacts[interval] ?? 0) * (missShare * (counted[row] ?? 0) - (missed[row] ?? 0))
    }
    return { agentsBase, gains }
  })
}

/** Whoever has contacts has at least one agent by this rule, as a requirement of one interval has. */
function leastAgents({ agentsBase, gains }: GainTable, contacts: number): number {
  const row = gains.findIndex((gain, index) => gain >= 0 && (contacts === 0 || agentsBase + index > 0))
  return row < 0 ? Number.NaN : agentsBase + row
}

interface Day {
  readonly tables: readonly LevelTable[]
  readonly contacts: readonly number[]
  readonly contactsTotal: number
}

/** Of all choices with this total the one with the highest level (Dinkelbach 1967: it matters where counts differ). */
function bestOfTotal({ tables, contacts, contactsTotal }: Day, first: readonly number[]): readonly number[] {
  let agents = first
  for (let round = 0; round < IMPROVEMENT_ROUNDS_MAX; round++) {
    const level = dayLevel(tables, contacts, agents)
    if (level === null) return agents
    const better = cheapestAllocation(gainTables(tables, contacts, level), contactsTotal)
    if (better === null || sumOf(better) > sumOf(first)) return agents
    if ((dayLevel(tables, contacts, better) ?? 0) <= level) return agents
    agents = better
  }
  return agents
}

function dayLevel(
  tables: readonly LevelTable[],
  contacts: readonly number[],
  agents: readonly number[],
): number | null {
  let counted = 0
  let missed = 0
  tables.forEach((table, interval) => {
    const row = (agents[interval] ?? 0) - table.agentsBase
    counted += (contacts[interval] ?? 0) * (table.counted[row] ?? 0)
    missed += (contacts[interval] ?? 0) * (table.missed[row] ?? 0)
  })
  return counted === 0 ? null : (counted - missed) / counted
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, value) => sum + value, 0)
}

function checkDayOptimumInput(input: DayOptimumInput): void {
  const { contacts, model, ahtSeconds, agentsMin, mustCover } = input
  if (model !== 'erlang-c' && model !== 'erlang-a')
    refuse('model', 'must be erlang-c or erlang-a', 'unknown-value')
  checkNotEmpty('contacts', contacts)
  contacts.forEach((count, interval) => {
    checkNotNegative(`contacts/${interval}`, count)
  })
  checkPositive('intervalSeconds', input.intervalSeconds)
  if (typeof ahtSeconds !== 'number') checkSameLength('ahtSeconds', ahtSeconds, contacts.length)
  contacts.forEach((_, interval) => {
    checkPositive('ahtSeconds', ahtOf(input, interval))
  })
  checkNotNegative('answerThresholdSeconds', input.answerThresholdSeconds)
  checkRatio('serviceLevelRatioMin', input.serviceLevelRatioMin)
  if (!['SL1', 'SL2', 'SL3', 'SL4'].includes(input.serviceLevelFormula ?? 'SL4')) {
    refuse('serviceLevelFormula', 'must be SL1, SL2, SL3 or SL4', 'unknown-value')
  }
  if (model === 'erlang-a') checkPositive('patienceSecondsMean', input.patienceSecondsMean ?? Number.NaN)
  if (typeof agentsMin === 'number') checkWhole('agentsMin', agentsMin)
  else if (agentsMin !== undefined) {
    checkSameLength('agentsMin', agentsMin, contacts.length)
    agentsMin.forEach((agents, interval) => {
      checkWhole(`agentsMin/${interval}`, agents)
    })
  }
  if (mustCover !== undefined) checkSameLength('mustCover', mustCover, contacts.length)
}
