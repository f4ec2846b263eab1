/** What a simulated contact centre is made of, and the checks of it. */
import {
  checkNotEmpty,
  checkNotNegative,
  checkPositive,
  checkSameLength,
  checkWhole,
  refuse,
} from '../input.ts'
import { checkDistribution, type TimeDistribution } from './random.ts'

/** A queue of contacts that ask for one skill. */
interface SimulatedSkill {
  /** Mean contacts of each interval; they arrive as a Poisson process. */
  readonly contacts: readonly number[]
  readonly handling: TimeDistribution
  /** Left out: nobody abandons. */
  readonly patience?: TimeDistribution | undefined
  readonly answerThresholdSeconds: number
}

/** Agents with the same skills. An agent is one person, however many skills he has. */
interface SimulatedGroup {
  /** Agents at work in each interval. */
  readonly agents: readonly number[]
  readonly skills: readonly GroupSkill[]
}

export interface GroupSkill {
  /** Index into `skills`. */
  readonly skill: number
  /** 1 is served first by this group, and this group first by it, where routing is by priority. */
  readonly priority: number
}

export interface SimulationInput {
  readonly intervalSeconds: number
  readonly skills: readonly SimulatedSkill[]
  readonly groups: readonly SimulatedGroup[]
  /** Which idle agent takes a contact, and which waiting contact a free agent; ties go to the longest waiting. */
  readonly routing?: 'longest-idle' | 'priority' | undefined
  /** What agents do whose shift ends during a contact; 'finish' unless given. */
  readonly leaving?: 'finish' | 'return-to-queue' | undefined
  /** Intervals at the start that only fill the centre and are not counted; 0 unless given. */
  readonly warmUpIntervals?: number | undefined
  readonly replications: number
  readonly seed: number
}

export function checkSimulationInput(input: SimulationInput): void {
  checkPositive('intervalSeconds', input.intervalSeconds)
  checkNotEmpty('skills', input.skills)
  checkNotEmpty('groups', input.groups)
  const intervals = input.skills[0]?.contacts.length ?? 0
  input.skills.forEach((skill, index) => {
    checkSkill(`skills/${index}`, skill, intervals)
  })
  input.groups.forEach((group, index) => {
    checkGroup(`groups/${index}`, group, { intervals, skills: input.skills.length })
  })
  checkWhole('replications', input.replications)
  if (input.replications < 2)
    refuse('replications', 'must be at least 2: one run has no interval of confidence')
  checkWhole('warmUpIntervals', input.warmUpIntervals ?? 0)
  if ((input.warmUpIntervals ?? 0) >= intervals) refuse('warmUpIntervals', 'must leave an interval to count')
  if (!Number.isSafeInteger(input.seed)) refuse('seed', 'must be a whole number')
}

function checkSkill(field: string, skill: SimulatedSkill, intervals: number): void {
  checkNotEmpty(`${field}/contacts`, skill.contacts)
  checkSameLength(`${field}/contacts`, skill.contacts, intervals)
  skill.contacts.forEach((count, index) => {
    checkNotNegative(`${field}/contacts/${index}`, count)
  })
  checkDistribution(`${field}/handling`, skill.handling)
  if (skill.patience !== undefined) checkDistribution(`${field}/patience`, skill.patience)
  checkNotNegative(`${field}/answerThresholdSeconds`, skill.answerThresholdSeconds)
}

function checkGroup(
  field: string,
  group: SimulatedGroup,
  { intervals, skills }: { intervals: number; skills: number },
): void {
  checkSameLength(`${field}/agents`, group.agents, intervals)
  group.agents.forEach((agents, index) => {
    checkWhole(`${field}/agents/${index}`, agents)
  })
  checkNotEmpty(`${field}/skills`, group.skills)
  const seen = new Set<number>()
  group.skills.forEach(({ skill, priority }, index) => {
    checkWhole(`${field}/skills/${index}/skill`, skill)
    if (skill >= skills || seen.has(skill)) refuse(`${field}/skills/${index}/skill`, 'must be a skill, once')
    seen.add(skill)
    checkNotNegative(`${field}/skills/${index}/priority`, priority)
  })
}
