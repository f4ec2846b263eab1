/**
 * Agents per group (people with the same skills) that meet every skill's target at the least cost, by simulation.
 * Every agent is one person in the simulation: with two skills he still takes one contact at a time, so that he is
 * never counted twice. A local search: the answer meets the targets, none of it can be dropped or exchanged for
 * something cheaper one for one, but a better mix may exist. All candidates meet the same callers (common seeds).
 */
import { checkNotEmpty, checkNotNegative, checkPositive, checkRatio, checkWhole, refuse } from './input.ts'
import type { LevelFormula } from './level-table.ts'
import { secondsMeanOf, type TimeDistribution } from './simulation/random.ts'
import { type SimulationMetrics, simulate } from './simulation/simulate.ts'
import type { GroupSkill, SimulationInput } from './simulation/simulation-input.ts'

interface MultiSkillDemand {
  /** Mean contacts an interval, lasting. */
  readonly contacts: number
  readonly handling: TimeDistribution
  readonly patience?: TimeDistribution | undefined
  readonly answerThresholdSeconds: number
  readonly serviceLevelRatioMin: number
  /** SL4 unless given. */
  readonly serviceLevelFormula?: LevelFormula | undefined
}

interface MultiSkillGroup {
  readonly skills: readonly GroupSkill[]
  /** Cost of one agent; 1 unless given. */
  readonly agentCost?: number | undefined
  /** As many as there are; no limit unless given. */
  readonly agentsMax?: number | undefined
}

export interface MultiSkillInput {
  readonly intervalSeconds: number
  readonly skills: readonly MultiSkillDemand[]
  readonly groups: readonly MultiSkillGroup[]
  readonly routing?: SimulationInput['routing']
  readonly seed: number
  /** Contacts in each trial; 30 000 unless given. More narrows the intervals of the levels. */
  readonly contactsPerTrial?: number | undefined
}

export type MultiSkillAnswer =
  | {
      readonly agents: readonly number[]
      readonly agentsTotal: number
      readonly cost: number
      /** Simulated level of each skill with the half-width of its 95 % interval. */
      readonly levels: readonly { readonly value: number | null; readonly halfWidth: number | null }[]
      readonly trials: number
    }
  | { readonly agents: null; readonly reason: 'unreachable'; readonly trials: number }

interface Search {
  readonly input: MultiSkillInput
  readonly known: Map<string, Trial>
}

interface Trial {
  readonly metrics: SimulationMetrics
  /** Contacts short of the targets, over all skills; 0 when every target is met. */
  readonly shortage: number
}

const CONTACTS_PER_TRIAL = 30_000
const REPLICATIONS = 10
/** A search that needs more is a centre whose parts should be planned one by one. */
const TRIALS_MAX = 3000

export function multiSkillStaffing(input: MultiSkillInput): MultiSkillAnswer {
  checkMultiSkillInput(input)
  const search: Search = { input, known: new Map() }
  // A finite simulation can show 100 %; no number of agents promises it.
  const promised = input.skills.every(
    ({ contacts, serviceLevelRatioMin }) => contacts === 0 || serviceLevelRatioMin < 1,
  )
  const reached = promised ? climb(search, startingAgents(input)) : null
  const trials = () => search.known.size
  if (reached === null) return { agents: null, reason: 'unreachable', trials: trials() }
  const agents = tighten(search, reached)
  const { metrics } = tryAgents(search, agents)
  return {
    agents,
    agentsTotal: agents.reduce((sum, count) => sum + count, 0),
    cost: costOf(input, agents),
    levels: input.skills.map((skill, index) => levelOfSkill(metrics, skill, index)),
    trials: trials(),
  }
}

/** The bare load, shared by those who have the skill; too few, so that the climb begins below the answer. */
function startingAgents({ skills, groups, intervalSeconds }: MultiSkillInput): number[] {
  const erlangs = groups.map(() => 0)
  skills.forEach(({ contacts, handling }, skill) => {
    const able = groups.flatMap((group, index) =>
      group.skills.some((own) => own.skill === skill) ? [index] : [],
    )
    for (const group of able) {
      erlangs[group] =
        (erlangs[group] ?? 0) + (contacts * secondsMeanOf(handling)) / intervalSeconds / able.length
    }
  })
  return groups.map(({ agentsMax = Number.POSITIVE_INFINITY }, index) =>
    Math.min(agentsMax, Math.floor(0.8 * (erlangs[index] ?? 0))),
  )
}

/** Adds agents where they close most of the shortage per cost, in strides that shorten; null when nothing helps. */
function climb(search: Search, start: readonly number[]): readonly number[] | null {
  let agents = start
  let stride = Math.max(1, Math.floor(start.reduce((sum, count) => sum + count, 0) / 16))
  while (tryAgents(search, agents).shortage > 0) {
    if (search.known.size > TRIALS_MAX) return null
    const { shortage } = tryAgents(search, agents)
    const best = bestAddition(search, agents, stride)
    if (best !== null && best.shortage < shortage) agents = best.agents
    else if (stride < 4096) stride *= 2
    else return null
    if (best !== null && best.shortage < shortage / 2) stride = Math.max(1, Math.floor(stride / 2))
  }
  return agents
}

function bestAddition(search: Search, agents: readonly number[], stride: number) {
  const { shortage } = tryAgents(search, agents)
  let best: { agents: readonly number[]; shortage: number; worth: number } | null = null
  for (let group = 0; group < agents.length; group++) {
    const { agentsMax = Number.POSITIVE_INFINITY, agentCost = 1 } = search.input.groups[group] ?? {}
    const added = Math.min(stride, agentsMax - (agents[group] ?? 0))
    if (added <= 0) continue
    const next = changed(agents, group, added)
    const trial = tryAgents(search, next)
    const worth = (shortage - trial.shortage) / (added * agentCost)
    if (best === null || worth > best.worth) best = { agents: next, shortage: trial.shortage, worth }
  }
  return best
}

/** Drops agents, the dearest first and in halving strides, then exchanges one for a cheaper one, until neither works. */
function tighten(search: Search, start: readonly number[]): readonly number[] {
  let agents = start
  for (;;) {
    const better = dropped(search, agents) ?? exchanged(search, agents)
    if (better === null || search.known.size > TRIALS_MAX) return agents
    agents = better
  }
}

function dropped(search: Search, agents: readonly number[]): readonly number[] | null {
  const groups = agents.map((_, group) => group)
  const cost = (group: number) => search.input.groups[group]?.agentCost ?? 1
  groups.sort((a, b) => cost(b) - cost(a))
  for (let stride = 8; stride >= 1; stride /= 2) {
    for (const group of groups) {
      if ((agents[group] ?? 0) < stride) continue
      const fewer = changed(agents, group, -stride)
      if (tryAgents(search, fewer).shortage === 0) return fewer
    }
  }
  return null
}

/** One agent less here and one there, if that is cheaper; or two less for one more. */
function exchanged(search: Search, agents: readonly number[]): readonly number[] | null {
  const { input } = search
  const candidates: (readonly number[])[] = []
  for (let out = 0; out < agents.length; out++) {
    for (let into = 0; into < agents.length; into++) {
      const { agentsMax = Number.POSITIVE_INFINITY } = input.groups[into] ?? {}
      if (out === into || (agents[into] ?? 0) + 1 > agentsMax) continue
      for (const fewer of [1, 2]) {
        if ((agents[out] ?? 0) >= fewer) candidates.push(changed(changed(agents, out, -fewer), into, 1))
      }
      for (let other = out + 1; other < agents.length; other++) {
        const both = (agents[out] ?? 0) >= 1 && (agents[other] ?? 0) >= 1
        if (other !== into && both)
          candidates.push(changed(changed(changed(agents, out, -1), other, -1), into, 1))
      }
    }
  }
  const now = costOf(input, agents)
  for (const candidate of candidates) {
    if (costOf(input, candidate) < now - 1e-9 && tryAgents(search, candidate).shortage === 0) return candidate
  }
  return null
}

function changed(agents: readonly number[], group: number, by: number): readonly number[] {
  return agents.map((count, index) => (index === group ? count + by : count))
}

function costOf({ groups }: MultiSkillInput, agents: readonly number[]): number {
  return agents.reduce((sum, count, group) => sum + count * (groups[group]?.agentCost ?? 1), 0)
}

function tryAgents({ input, known }: Search, agents: readonly number[]): Trial {
  const key = agents.join()
  const before = known.get(key)
  if (before !== undefined) return before
  const metrics = simulate(simulationOf(input, agents))
  let shortage = 0
  input.skills.forEach((skill, index) => {
    const level = levelOfSkill(metrics, skill, index).value ?? (skill.contacts === 0 ? 1 : 0)
    shortage += skill.contacts * Math.max(0, skill.serviceLevelRatioMin - level)
  })
  const trial = { metrics, shortage }
  known.set(key, trial)
  return trial
}

function levelOfSkill(metrics: SimulationMetrics, skill: MultiSkillDemand, index: number) {
  const levels = metrics.skills[index]?.serviceLevelRatios
  return levels?.[skill.serviceLevelFormula ?? 'SL4'] ?? { value: null, halfWidth: null }
}

/** One interval to fill the centre, and as many as it takes for the contacts of a trial. */
function simulationOf(input: MultiSkillInput, agents: readonly number[]): SimulationInput {
  const contacts = input.skills.reduce((sum, skill) => sum + skill.contacts, 0)
  const wanted = (input.contactsPerTrial ?? CONTACTS_PER_TRIAL) / REPLICATIONS
  const intervals = 1 + Math.min(1000, Math.max(1, Math.ceil(wanted / Math.max(1, contacts))))
  const lasting = (value: number) => new Array<number>(intervals).fill(value)
  return {
    intervalSeconds: input.intervalSeconds,
    skills: input.skills.map((skill) => ({ ...skill, contacts: lasting(skill.contacts) })),
    groups: input.groups.map(({ skills }, group) => ({ skills, agents: lasting(agents[group] ?? 0) })),
    routing: input.routing,
    warmUpIntervals: 1,
    replications: REPLICATIONS,
    seed: input.seed,
  }
}

function checkMultiSkillInput(input: MultiSkillInput): void {
  checkPositive('intervalSeconds', input.intervalSeconds)
  checkNotEmpty('skills', input.skills)
  checkNotEmpty('groups', input.groups)
  input.skills.forEach((skill, index) => {
    checkNotNegative(`skills/${index}/contacts`, skill.contacts)
    checkRatio(`skills/${index}/serviceLevelRatioMin`, skill.serviceLevelRatioMin)
    if (!input.groups.some((group) => group.skills.some((own) => own.skill === index))) {
      refuse(`skills/${index}`, 'must be a skill of some group')
    }
  })
  input.groups.forEach(({ agentCost = 1, agentsMax }, index) => {
    checkPositive(`groups/${index}/agentCost`, agentCost)
    if (agentsMax !== undefined) checkWhole(`groups/${index}/agentsMax`, agentsMax)
  })
}
