/** One staffing request in, one answer out: which model, which task, and what the answer shows. */
import { StaffingInputError } from '../../engine/staffing/columns.ts'
import { ERLANG_FORMULAS } from '../../engine/staffing/erlang-a.ts'
import { hasGoal, type StaffingGoals } from '../../engine/staffing/goals.ts'
import { type OfferedLoad, offeredLoad } from '../../engine/staffing/load.ts'
import {
  type ModelFigures,
  type ModelSettings,
  STATIONARY_MODELS,
  type StationaryModel,
  solveModel,
} from '../../engine/staffing/models.ts'
import { maximumLoad, requiredAgents, requiredLines } from '../../engine/staffing/requirement.ts'
import { grossAgents } from '../../engine/staffing/shrinkage.ts'
import { dayOptimum } from '../../engine/staffing-ext/day-optimum.ts'
import { priorityMetrics } from '../../engine/staffing-ext/priority.ts'
import { transientMetrics } from '../../engine/staffing-ext/transient.ts'
import {
  BOUNDS,
  missing,
  oneOf,
  optionalList,
  optionalNumber,
  type RequestError,
  type RequestFields,
  RequestRefused,
  requiredNumber,
} from './fields.ts'
import { warningsOf } from './warnings.ts'

const MODELS = [...STATIONARY_MODELS, 'transient', 'priority'] as const
const TASKS = ['metrics', 'required', 'max-load', 'required-lines', 'day-optimum', 'shrinkage'] as const
const DAY_MODELS = ['erlang-c', 'erlang-a'] as const

export type StaffAnswer =
  | { readonly figures: Readonly<Record<string, unknown>>; readonly error?: never }
  | { readonly error: RequestError }

export function answerRequest(request: unknown): StaffAnswer {
  try {
    if (typeof request !== 'object' || request === null || Array.isArray(request)) {
      throw new RequestRefused('not-an-object', '', 'a request is a JSON object')
    }
    const fields = request as RequestFields
    const figures = answer(fields)
    const warnings = warningsOf(fields)
    return { figures: warnings.length === 0 ? figures : { ...figures, warnings } }
  } catch (error) {
    if (error instanceof RequestRefused) return { error: error.error }
    if (error instanceof StaffingInputError) {
      return { error: { type: error.type, detail: error.detail, pointer: error.pointer } }
    }
    throw error
  }
}

function answer(fields: RequestFields): Readonly<Record<string, unknown>> {
  const task = oneOf(fields, 'task', TASKS, 'metrics')
  if (task === 'shrinkage') return answerShrinkage(fields)
  if (task === 'day-optimum') return answerDayOptimum(fields)
  const model = oneOf(fields, 'model', MODELS)
  if (model === 'transient' || model === 'priority') {
    if (task !== 'metrics') {
      throw new RequestRefused('unknown-value', '/task', `${model} has only the task metrics`)
    }
    return model === 'transient' ? answerTransient(fields) : answerPriority(fields)
  }
  checkGiven(fields)
  const settings = readSettings(fields, model)
  switch (task) {
    case 'metrics':
      return answerMetrics(fields, settings)
    case 'required':
      return answerRequired(fields, settings)
    case 'max-load':
      return answerMaxLoad(fields, settings)
    case 'required-lines':
      return answerRequiredLines(fields, settings)
  }
}

/** A wrong value is named before a missing one. */
const SCALAR_BOUNDS = {
  contacts: BOUNDS.contacts,
  intervalSeconds: BOUNDS.secondsAboveZero,
  ahtSeconds: BOUNDS.secondsAboveZero,
  offeredErlangs: BOUNDS.erlangs,
  agents: BOUNDS.agents,
  lines: BOUNDS.agents,
  answerThresholdSeconds: BOUNDS.seconds,
  patienceSecondsMean: BOUNDS.secondsAboveZero,
  redialRatio: BOUNDS.ratio,
  shrinkageRatio: BOUNDS.ratioBelowOne,
  serviceLevelRatioMin: BOUNDS.ratio,
} as const

function checkGiven(fields: RequestFields): void {
  for (const [name, bounds] of Object.entries(SCALAR_BOUNDS)) optionalNumber(fields, name, bounds)
}

function readSettings(fields: RequestFields, model: StationaryModel): ModelSettings {
  const withPatience = model === 'erlang-a' || model === 'erlang-x' || model === 'finite-lines-abandonment'
  const ahtSeconds = withPatience
    ? requiredNumber(fields, 'ahtSeconds', BOUNDS.secondsAboveZero)
    : optionalNumber(fields, 'ahtSeconds', BOUNDS.secondsAboveZero)
  const answerThresholdSeconds = optionalNumber(fields, 'answerThresholdSeconds', BOUNDS.seconds)
  const lines = optionalNumber(fields, 'lines', BOUNDS.agents)
  return {
    model,
    ...(ahtSeconds !== undefined && { ahtSeconds }),
    ...(answerThresholdSeconds !== undefined && { answerThresholdSeconds }),
    ...(withPatience && {
      patienceSecondsMean: requiredNumber(fields, 'patienceSecondsMean', BOUNDS.secondsAboveZero),
    }),
    ...(lines !== undefined && { lines }),
    ...(model === 'erlang-x' && { redialRatio: requiredNumber(fields, 'redialRatio', BOUNDS.ratio) }),
  }
}

function readLoad(fields: RequestFields): OfferedLoad {
  const erlangs = optionalNumber(fields, 'offeredErlangs', BOUNDS.erlangs)
  const contacts = optionalNumber(fields, 'contacts', BOUNDS.contacts)
  if (contacts === undefined) {
    if (erlangs === undefined) throw missing('contacts')
    return { offeredErlangs: erlangs, residueErlangs: 0 }
  }
  const intervalSeconds = requiredNumber(fields, 'intervalSeconds', BOUNDS.secondsAboveZero)
  const ahtSeconds = requiredNumber(fields, 'ahtSeconds', BOUNDS.secondsAboveZero)
  const load = offeredLoad(contacts, intervalSeconds, ahtSeconds)
  if (load.offeredErlangs > BOUNDS.erlangs.max) {
    throw new RequestRefused(
      'out-of-range',
      '/contacts',
      `contacts make more than ${BOUNDS.erlangs.max} erlang`,
    )
  }
  if (erlangs !== undefined && Math.abs(erlangs - load.offeredErlangs) > 1e-9 * erlangs) {
    throw new RequestRefused(
      'contradiction',
      '/offeredErlangs',
      'offeredErlangs is not contacts x AHT / interval',
    )
  }
  return load
}

function readGoals(fields: RequestFields): StaffingGoals {
  const read = {
    serviceLevelRatioMin: optionalNumber(fields, 'serviceLevelRatioMin', BOUNDS.ratio),
    meanWaitSecondsMax: optionalNumber(fields, 'meanWaitSecondsMax', BOUNDS.seconds),
    agentsMin: optionalNumber(fields, 'agentsMin', BOUNDS.agents),
    waitProbabilityMax: optionalNumber(fields, 'waitProbabilityMax', BOUNDS.ratio),
    abandonRatioMax: optionalNumber(fields, 'abandonRatioMax', BOUNDS.ratio),
    occupancyRatioMax: optionalNumber(fields, 'occupancyRatioMax', BOUNDS.ratio),
    blockingRatioMax: optionalNumber(fields, 'blockingRatioMax', BOUNDS.ratio),
  }
  const given = Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined))
  const isNamed = fields.serviceLevelFormula !== undefined && fields.serviceLevelFormula !== null
  const goals: StaffingGoals = {
    ...given,
    ...(isNamed && { serviceLevelFormula: oneOf(fields, 'serviceLevelFormula', ERLANG_FORMULAS) }),
  }
  if (!hasGoal(goals)) {
    throw new RequestRefused('missing-field', '/serviceLevelRatioMin', 'at least one goal is needed')
  }
  return goals
}

/** A level needs its threshold, and a goal in seconds needs the AHT, whatever the model. */
function checkGoalInputs(settings: ModelSettings, goals: StaffingGoals): void {
  const { ahtSeconds, answerThresholdSeconds } = settings
  if (settings.model === 'erlang-b') return
  if (goals.serviceLevelRatioMin !== undefined) {
    if (answerThresholdSeconds === undefined) throw missing('answerThresholdSeconds')
    if (ahtSeconds === undefined && answerThresholdSeconds > 0) throw missing('ahtSeconds')
  }
  if (goals.meanWaitSecondsMax !== undefined && ahtSeconds === undefined) throw missing('ahtSeconds')
}

/** A threshold in seconds says nothing while the handling time is unknown. */
function checkThreshold({ model, ahtSeconds, answerThresholdSeconds = 0 }: ModelSettings): void {
  if (model !== 'erlang-b' && answerThresholdSeconds > 0 && ahtSeconds === undefined)
    throw missing('ahtSeconds')
}

function readServers(fields: RequestFields, settings: ModelSettings): number {
  if (settings.model === 'erlang-b') {
    return (
      settings.lines ??
      requiredNumber(fields, fields.agents === undefined ? 'lines' : 'agents', BOUNDS.agents)
    )
  }
  const agents = requiredNumber(fields, 'agents', BOUNDS.agents)
  checkLines(settings)
  if (settings.lines !== undefined && hasLines(settings) && settings.lines < agents) {
    throw new RequestRefused('out-of-range', '/lines', 'lines must be at least as many as agents')
  }
  return agents
}

function hasLines(settings: ModelSettings): boolean {
  return settings.model === 'finite-lines' || settings.model === 'finite-lines-abandonment'
}

function checkLines(settings: ModelSettings): void {
  if (hasLines(settings) && settings.lines === undefined) throw missing('lines')
}

function answerMetrics(fields: RequestFields, settings: ModelSettings) {
  const load = readLoad(fields)
  const agents = readServers(fields, settings)
  checkThreshold(settings)
  const { figures } = solveModel(settings, load, agents)
  return {
    ...shown(figures, fields, load),
    ...(figures === null && { reason: 'unbounded' }),
    ...grossOf(fields, agents),
  }
}

function answerRequired(fields: RequestFields, settings: ModelSettings) {
  const load = readLoad(fields)
  const goals = readGoals(fields)
  checkGoalInputs(settings, goals)
  checkLines(settings)
  const name = settings.model === 'erlang-b' ? 'lines' : 'agents'
  const requirement = requiredAgents(settings, load, goals)
  if (requirement.agents === null) {
    return { offeredErlangs: load.offeredErlangs, [name]: null, reason: 'unreachable' }
  }
  const { oneFewer } = requirement
  return {
    ...shown(requirement.figures, fields, load),
    [name]: requirement.agents,
    ...grossOf(fields, requirement.agents),
    bindingGoals: requirement.bindingGoals,
    ...(oneFewer !== null && { oneFewer: shown(oneFewer.figures, fields, load) }),
  }
}

function answerMaxLoad(fields: RequestFields, settings: ModelSettings) {
  const agents = readServers(fields, settings)
  const goals = readGoals(fields)
  checkGoalInputs(settings, goals)
  const most = maximumLoad(settings, agents, goals)
  const servers = settings.model === 'erlang-b' ? { lines: agents } : { agents }
  if (typeof most === 'string') return { ...servers, offeredErlangs: null, reason: most }
  const intervalSeconds = optionalNumber(fields, 'intervalSeconds', BOUNDS.secondsAboveZero)
  const { ahtSeconds } = settings
  return {
    ...servers,
    offeredErlangs: most,
    ...(intervalSeconds !== undefined &&
      ahtSeconds !== undefined && { contacts: (most * intervalSeconds) / ahtSeconds }),
  }
}

function answerRequiredLines(fields: RequestFields, settings: ModelSettings) {
  const load = readLoad(fields)
  const blockingRatioMax = requiredNumber(fields, 'blockingRatioMax', BOUNDS.ratio)
  if (settings.model === 'erlang-b') return answerRequired(fields, settings)
  const agents = requiredNumber(fields, 'agents', BOUNDS.agents)
  const lines = requiredLines(settings, load, agents, blockingRatioMax)
  if (lines === null) return { offeredErlangs: load.offeredErlangs, agents, lines, reason: 'unreachable' }
  const patient = settings.patienceSecondsMean !== undefined
  const model = patient ? 'finite-lines-abandonment' : 'finite-lines'
  const { figures } = solveModel({ ...settings, model, lines }, load, agents)
  return { ...shown(figures, fields, load), lines }
}

/** The figures of the interface; the load of first calls and, for redials, the attempts of the interval. */
function shown(
  figures: ModelFigures | null,
  fields: RequestFields,
  load: OfferedLoad,
): Readonly<Record<string, unknown>> {
  if (figures === null) return { offeredErlangs: load.offeredErlangs, totalErlangs: null, lostRatio: null }
  const { missRatios: _, ...rest } = figures as ModelFigures & { missRatios?: unknown }
  if (!('totalErlangs' in rest)) return rest
  const contacts = optionalNumber(fields, 'contacts', BOUNDS.contacts)
  const totalContacts = totalContactsOf(fields, contacts, rest.totalErlangs)
  return { ...rest, ...(totalContacts !== undefined && { totalContacts }) }
}

function totalContactsOf(
  fields: RequestFields,
  contacts: number | undefined,
  totalErlangs: number,
): number | undefined {
  if (contacts === 0) return 0
  const intervalSeconds = optionalNumber(fields, 'intervalSeconds', BOUNDS.secondsAboveZero)
  const ahtSeconds = optionalNumber(fields, 'ahtSeconds', BOUNDS.secondsAboveZero)
  if (intervalSeconds === undefined || ahtSeconds === undefined) return undefined
  return (totalErlangs * intervalSeconds) / ahtSeconds
}

function readShrinkage(fields: RequestFields): readonly number[] | undefined {
  const several = optionalList(fields, 'shrinkageRatios', BOUNDS.ratioBelowOne)
  const one = optionalNumber(fields, 'shrinkageRatio', BOUNDS.ratioBelowOne)
  return several ?? (one === undefined ? undefined : [one])
}

function grossOf(fields: RequestFields, agents: number) {
  const ratios = readShrinkage(fields)
  return ratios === undefined ? {} : grossAgents(agents, ratios)
}

function answerShrinkage(fields: RequestFields) {
  // Fractional agents are welcome here: rounding comes last.
  const agents = requiredNumber(fields, 'agents', { ...BOUNDS.agents, whole: false })
  const ratios = readShrinkage(fields)
  if (ratios === undefined) throw missing('shrinkageRatio')
  return { agents, ...grossAgents(agents, ratios) }
}

function answerDayOptimum(fields: RequestFields) {
  const model = oneOf(fields, 'model', DAY_MODELS)
  const contacts = optionalList(fields, 'contacts', BOUNDS.contacts)
  if (contacts === undefined) throw missing('contacts')
  const ahtList = Array.isArray(fields.ahtSeconds)
    ? optionalList(fields, 'ahtSeconds', BOUNDS.secondsAboveZero)
    : undefined
  const agentsMin = Array.isArray(fields.agentsMin)
    ? optionalList(fields, 'agentsMin', BOUNDS.agents)
    : optionalNumber(fields, 'agentsMin', BOUNDS.agents)
  const optimum = dayOptimum({
    model,
    contacts,
    intervalSeconds: requiredNumber(fields, 'intervalSeconds', BOUNDS.secondsAboveZero),
    ahtSeconds: ahtList ?? requiredNumber(fields, 'ahtSeconds', BOUNDS.secondsAboveZero),
    answerThresholdSeconds: requiredNumber(fields, 'answerThresholdSeconds', BOUNDS.seconds),
    serviceLevelRatioMin: requiredNumber(fields, 'serviceLevelRatioMin', BOUNDS.ratio),
    serviceLevelFormula: oneOf(fields, 'serviceLevelFormula', ERLANG_FORMULAS, 'SL4'),
    ...(model === 'erlang-a' && {
      patienceSecondsMean: requiredNumber(fields, 'patienceSecondsMean', BOUNDS.secondsAboveZero),
    }),
    ...(agentsMin !== undefined && { agentsMin }),
    ...(Array.isArray(fields.mustCover) && {
      mustCover: fields.mustCover.map((covered) => covered === true),
    }),
  })
  return { ...optimum }
}

function answerTransient(fields: RequestFields) {
  const intervals = fields.intervals
  if (!Array.isArray(intervals)) throw missing('intervals')
  const patienceSecondsMean = optionalNumber(fields, 'patienceSecondsMean', BOUNDS.secondsAboveZero)
  const metrics = transientMetrics({
    intervals: intervals.map((interval: unknown, index) => readInterval(interval, index)),
    ahtSeconds: requiredNumber(fields, 'ahtSeconds', BOUNDS.secondsAboveZero),
    ...(patienceSecondsMean !== undefined && { patienceSecondsMean }),
  })
  return { ...metrics }
}

function readInterval(interval: unknown, index: number) {
  const pointer = `/intervals/${index}`
  if (typeof interval !== 'object' || interval === null) {
    throw new RequestRefused('not-an-object', pointer, `interval ${index} must be an object`)
  }
  const fields = interval as RequestFields
  try {
    return {
      intervalSeconds: requiredNumber(fields, 'intervalSeconds', BOUNDS.secondsAboveZero),
      contacts: requiredNumber(fields, 'contacts', BOUNDS.contacts),
      agents: requiredNumber(fields, 'agents', BOUNDS.agents),
    }
  } catch (error) {
    if (!(error instanceof RequestRefused)) throw error
    throw new RequestRefused(error.error.type, pointer + error.error.pointer, error.error.detail)
  }
}

function answerPriority(fields: RequestFields) {
  const offeredErlangsByClass = optionalList(fields, 'offeredErlangsByClass', BOUNDS.erlangs)
  if (offeredErlangsByClass === undefined) throw missing('offeredErlangsByClass')
  return {
    ...priorityMetrics({
      offeredErlangsByClass,
      agents: requiredNumber(fields, 'agents', BOUNDS.agents),
      ahtSeconds: requiredNumber(fields, 'ahtSeconds', BOUNDS.secondsAboveZero),
    }),
  }
}
