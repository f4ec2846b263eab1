/** "Explain this number": the chain of named steps behind a requirement, as data; the texts are messages/explain.ts. */
import type { ExplainMessageKey } from '../../messages/explain.ts'
import type { GoalName, StaffingGoals } from '../staffing/goals.ts'
import { agentsOverLoad, type OfferedLoad, offeredLoad } from '../staffing/load.ts'
import { type ModelFigures, type ModelSettings, solveModel } from '../staffing/models.ts'
import { type Requirement, requiredAgents } from '../staffing/requirement.ts'
import { grossAgents } from '../staffing/shrinkage.ts'
import {
  type DayOptimumInput,
  type DayOptimumReached,
  type DayOptimumUnreachable,
  dayOptimum,
} from './day-optimum.ts'
import { stableAgentsMin } from './level-table.ts'

type ExplainValue = number | string | null

export interface ExplainStep {
  readonly step: ExplainMessageKey
  readonly values: Readonly<Record<string, ExplainValue>>
}

export interface ExplainRequirementInput {
  readonly settings: ModelSettings
  /** Either contacts of an interval (with settings.ahtSeconds), or the load itself. */
  readonly contacts?: number | undefined
  readonly intervalSeconds?: number | undefined
  readonly offeredErlangs?: number | undefined
  readonly goals: StaffingGoals
  /** One after the other; each makes a step. */
  readonly shrinkageRatios?: readonly number[] | undefined
}

interface Case extends ExplainRequirementInput {
  readonly load: OfferedLoad
  readonly requirement: Requirement
}

const UNREACHABLE: ExplainStep = { step: 'explain.unreachable', values: {} }

export function explainRequirement(input: ExplainRequirementInput): ExplainStep[] {
  const load = loadOf(input)
  const requirement = requiredAgents(input.settings, load, input.goals)
  const told: Case = { ...input, load, requirement }
  return [
    explainLoad(told),
    ...(load.offeredErlangs === 0 ? [] : [explainModel(told), ...explainStability(told)]),
    ...explainGoals(told),
    ...(requirement.agents === null
      ? [UNREACHABLE]
      : [...explainNeighbours(told, requirement.agents), ...explainAnswer(told, requirement.agents)]),
  ]
}

function loadOf({
  contacts,
  intervalSeconds,
  offeredErlangs,
  settings,
}: ExplainRequirementInput): OfferedLoad {
  if (offeredErlangs !== undefined) return { offeredErlangs, residueErlangs: 0 }
  return offeredLoad(contacts ?? 0, intervalSeconds ?? 1, settings.ahtSeconds ?? 0)
}

function explainLoad({ contacts, intervalSeconds, settings, load, ...given }: Case): ExplainStep {
  const { offeredErlangs } = load
  if (offeredErlangs === 0) return { step: 'explain.loadZero', values: {} }
  if (given.offeredErlangs !== undefined) return { step: 'explain.loadGiven', values: { offeredErlangs } }
  return {
    step: 'explain.load',
    values: {
      contacts: contacts ?? null,
      ahtSeconds: settings.ahtSeconds ?? null,
      intervalSeconds: intervalSeconds ?? null,
      offeredErlangs,
    },
  }
}

function explainModel({ settings }: Case): ExplainStep {
  const { model, patienceSecondsMean = null, redialRatio = null, lines = null } = settings
  return { step: `explain.model.${model}`, values: { patienceSecondsMean, redialRatio, lines } }
}

function explainStability({ settings, load }: Case): ExplainStep[] {
  if (settings.model !== 'erlang-c') return []
  const values = { offeredErlangs: load.offeredErlangs, agentsMin: stableAgentsMin(load) }
  return [{ step: 'explain.stability', values }]
}

const GOAL_NAMES: readonly GoalName[] = [
  'serviceLevelRatioMin',
  'meanWaitSecondsMax',
  'waitProbabilityMax',
  'abandonRatioMax',
  'blockingRatioMax',
  'occupancyRatioMax',
  'agentsMin',
]

function explainGoals({ goals, settings }: Case): ExplainStep[] {
  return GOAL_NAMES.filter((name) => goals[name] !== undefined).map((name): ExplainStep => {
    const value = goals[name] ?? null
    const step = `explain.goal.${name}` as const
    if (name === 'meanWaitSecondsMax') return { step, values: { goalSeconds: value } }
    if (name === 'agentsMin') return { step, values: { goalAgents: value } }
    if (name !== 'serviceLevelRatioMin') return { step, values: { goalRatio: value } }
    const { serviceLevelFormula: formula = 'SL4' } = goals
    const { answerThresholdSeconds = null } = settings
    return { step, values: { goalRatio: value, answerThresholdSeconds, formula } }
  })
}

/** The figures at n - 1, n and n + 1, and between them what decides. */
function explainNeighbours(told: Case, agents: number): ExplainStep[] {
  if (told.load.offeredErlangs === 0) return []
  const fewer = agents > 1 ? [explainFigures(told, agents - 1)] : []
  return [
    ...fewer,
    ...explainBinding(told, agents - 1),
    explainFigures(told, agents),
    explainFigures(told, agents + 1),
  ]
}

function explainBinding({ settings, load, requirement }: Case, agents: number): ExplainStep[] {
  const values = { agents }
  if (settings.model === 'erlang-c' && agentsOverLoad(agents, load) <= 0) {
    return [{ step: 'explain.binding.stability', values }]
  }
  if (requirement.bindingGoals.length === 0) return [{ step: 'explain.binding.fewest', values }]
  return requirement.bindingGoals.map((goal) => ({ step: `explain.binding.${goal}`, values }))
}

function explainFigures({ settings, load, goals }: Case, agents: number): ExplainStep {
  const { offeredErlangs } = load
  if (settings.model === 'erlang-c' && agentsOverLoad(agents, load) <= 0) {
    return { step: 'explain.figures.overloaded', values: { agents, offeredErlangs } }
  }
  const linesReached =
    settings.lines !== undefined && settings.model !== 'erlang-b' && agents > settings.lines
  const figures = linesReached ? null : solveModel(settings, load, agents).figures
  if (figures === null) return { step: 'explain.figures.none', values: { agents } }
  return { step: figuresStep(settings), values: { agents, ...pickFigures(figures, goals) } }
}

function figuresStep({ model }: ModelSettings): ExplainMessageKey {
  if (model === 'erlang-b') return 'explain.figures.blocking'
  if (model === 'erlang-c') return 'explain.figures.waiting'
  return model.startsWith('finite-lines') ? 'explain.figures.lines' : 'explain.figures.abandonment'
}

/** The models name their figures by whom they are about; the text needs the one that fits. */
function pickFigures(figures: ModelFigures, goals: StaffingGoals): Record<string, ExplainValue> {
  const all: Readonly<Record<string, unknown>> = { ...figures }
  const first = (...names: readonly string[]) => {
    const found = names.map((name) => all[name]).find((value) => typeof value === 'number')
    return typeof found === 'number' ? found : null
  }
  const levels = 'serviceLevelRatios' in figures ? figures.serviceLevelRatios : undefined
  return {
    // With finite lines the goal is over all callers, which is the figure of that name.
    serviceLevelRatio:
      first('serviceLevelRatio', 'serviceLevelRatioOffered') ??
      levels?.[goals.serviceLevelFormula ?? 'SL4'] ??
      null,
    waitProbability: first('waitProbability', 'waitProbabilityOffered'),
    asaSeconds: first('asaSeconds', 'asaAnsweredSeconds', 'asaAcceptedSeconds'),
    abandonRatio: first('abandonRatio', 'abandonRatioOffered'),
    blockingRatio: first('blockingRatio'),
    occupancyRatio: first('occupancyRatio'),
  }
}

function explainAnswer({ shrinkageRatios = [] }: Case, agents: number): ExplainStep[] {
  const steps: ExplainStep[] = [{ step: 'explain.required', values: { agents } }]
  shrinkageRatios.forEach((shrinkageRatio, index) => {
    const before = grossAgents(agents, shrinkageRatios.slice(0, index)).grossExact
    const { grossExact } = grossAgents(agents, shrinkageRatios.slice(0, index + 1))
    steps.push({ step: 'explain.shrinkage', values: { agents: before, shrinkageRatio, grossExact } })
  })
  if (shrinkageRatios.length > 0) {
    steps.push({ step: 'explain.gross', values: { gross: grossAgents(agents, shrinkageRatios).gross } })
  }
  return steps
}

export function explainDayOptimum(
  input: DayOptimumInput,
  answer: DayOptimumReached | DayOptimumUnreachable = dayOptimum(input),
): ExplainStep[] {
  const contacts = input.contacts.reduce((sum, count) => sum + count, 0)
  const goal: ExplainStep = {
    step: 'explain.day.goal',
    values: {
      contacts,
      goalRatio: input.serviceLevelRatioMin,
      answerThresholdSeconds: input.answerThresholdSeconds,
      formula: input.serviceLevelFormula ?? 'SL4',
    },
  }
  if (contacts === 0) return [{ step: 'explain.loadZero', values: {} }]
  if (answer.agents === null) return [goal, UNREACHABLE]
  const { agentsTotal, agentsTotalByInterval, serviceLevelRatio } = answer
  const agentsSaved = agentsTotalByInterval - agentsTotal
  const intervalCount = input.contacts.filter((count, i) => count > 0 && answer.agents[i] === 0).length
  const unanswered: ExplainStep = { step: 'explain.day.withoutAgents', values: { intervalCount } }
  return [
    goal,
    { step: 'explain.day.byInterval', values: { agentsTotal: agentsTotalByInterval } },
    { step: 'explain.day.optimum', values: { agentsTotal, serviceLevelRatio } },
    { step: 'explain.day.saving', values: { agentsSaved, savedRatio: agentsSaved / agentsTotalByInterval } },
    ...(intervalCount === 0 ? [] : [unanswered]),
  ]
}
