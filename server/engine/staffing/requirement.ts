/** The least number of agents that meets every goal, the largest load that given agents carry, and required lines. */
import { type GoalName, hasGoal, isUnreachable, type StaffingGoals, unmetGoals } from './goals.ts'
import type { OfferedLoad } from './load.ts'
import { type ModelFigures, type ModelSettings, solveModel } from './models.ts'

/** More agents than any goal within reason can need; beyond it the answer is "unreachable". */
const AGENTS_MAX = 2 ** 31
const LOAD_ERLANGS_MAX = 1e9

export interface Requirement {
  /** Lines for Erlang B. null: unreachable. */
  readonly agents: number | null
  /** At the required agents. */
  readonly figures: ModelFigures | null
  /** With one agent fewer: which goals that breaks, and its figures. */
  readonly oneFewer: { readonly agents: number; readonly figures: ModelFigures | null } | null
  readonly bindingGoals: readonly GoalName[]
}

const UNREACHABLE: Requirement = { agents: null, figures: null, oneFewer: null, bindingGoals: [] }

/**
 * Every figure of every model improves with each agent, so the answer is the first whole number that meets all goals.
 * The one exception: callers who hang up sooner than they would be served free their line, so that more agents block
 * more. Then the fewest agents of the other goals are the only candidate.
 */
export function requiredAgents(
  settings: ModelSettings,
  load: OfferedLoad,
  goals: StaffingGoals,
): Requirement {
  const { blockingRatioMax, ...others } = goals
  if (blockingRatioMax === undefined || !blocksMoreWithAgents(settings)) {
    return leastAgents(settings, load, goals)
  }
  const least = leastAgents(settings, load, others)
  if (least.agents === null || load.offeredErlangs === 0) return least
  const unmet = unmetGoals(goals, solveModel(settings, load, least.agents, 'search').goals, least.agents)
  return unmet.length === 0 ? least : UNREACHABLE
}

function blocksMoreWithAgents({ model, ahtSeconds = 1, patienceSecondsMean = 1 }: ModelSettings): boolean {
  return model === 'finite-lines-abandonment' && patienceSecondsMean < ahtSeconds
}

function leastAgents(settings: ModelSettings, load: OfferedLoad, goals: StaffingGoals): Requirement {
  if (load.offeredErlangs === 0) return withoutLoad(settings, load, goals)
  if (isUnreachable(goals)) return UNREACHABLE
  const unmetAt = (agents: number) =>
    unmetGoals(goals, solveModel(settings, load, agents, 'search').goals, agents)
  const lowest = leastCandidate(settings, load, goals)
  const highest = hasLines(settings) ? (settings.lines ?? 0) : AGENTS_MAX
  const agents = firstThat((count) => unmetAt(count).length === 0, {
    lowest,
    highest,
    guess: Math.ceil(load.offeredErlangs),
  })
  if (agents === null) return UNREACHABLE
  return {
    agents,
    figures: solveModel(settings, load, agents).figures,
    oneFewer: { agents: agents - 1, figures: solveModel(settings, load, agents - 1).figures },
    bindingGoals: unmetAt(agents - 1),
  }
}

function hasLines(settings: ModelSettings): boolean {
  return settings.model === 'finite-lines' || settings.model === 'finite-lines-abandonment'
}

/** Erlang C has an answer only above the load; the others from one agent on. */
function leastCandidate(settings: ModelSettings, load: OfferedLoad, goals: StaffingGoals): number {
  const least = Math.max(1, goals.agentsMin ?? 0)
  if (settings.model !== 'erlang-c') return least
  const floor = Math.floor(load.offeredErlangs)
  const stable = floor - load.offeredErlangs - load.residueErlangs > 0 ? floor : floor + 1
  return Math.max(least, stable - load.offeredErlangs - load.residueErlangs > 0 ? stable : stable + 1)
}

function withoutLoad(settings: ModelSettings, load: OfferedLoad, goals: StaffingGoals): Requirement {
  const agents = goals.agentsMin ?? 0
  if (hasLines(settings) && agents > (settings.lines ?? 0)) return UNREACHABLE
  return { agents, figures: solveModel(settings, load, agents).figures, oneFewer: null, bindingGoals: [] }
}

interface Search {
  readonly lowest: number
  readonly highest: number
  readonly guess: number
}

/** The first whole number that a rising yes/no function says yes to: doubling steps from a guess, then halving. */
function firstThat(holds: (count: number) => boolean, { lowest, highest, guess }: Search): number | null {
  if (lowest > highest) return null
  let step = 1
  let good: number
  let bad: number
  const start = Math.min(Math.max(guess, lowest), highest)
  if (holds(start)) {
    good = start
    bad = start - step
    while (bad >= lowest && holds(bad)) {
      good = bad
      step *= 2
      bad = good - step
    }
    bad = Math.max(bad, lowest - 1)
  } else {
    bad = start
    good = Math.min(highest, start + step)
    while (!holds(good)) {
      if (good >= highest) return null
      bad = good
      step *= 2
      good = Math.min(highest, good + step)
    }
  }
  while (good - bad > 1) {
    const middle = bad + Math.floor((good - bad) / 2)
    if (holds(middle)) good = middle
    else bad = middle
  }
  return good
}

/** The largest load that `agents` carry within the goals: a number, 'unreachable', or 'unbounded'. */
export function maximumLoad(
  settings: ModelSettings,
  agents: number,
  goals: StaffingGoals,
): number | 'unreachable' | 'unbounded' {
  if (!hasGoal(goals) || (goals.agentsMin ?? 0) > agents || isUnreachable(goals)) return 'unreachable'
  const meets = (offeredErlangs: number) => {
    const answer = solveModel(settings, { offeredErlangs, residueErlangs: 0 }, agents, 'search')
    return unmetGoals(goals, answer.goals, agents, 0).length === 0
  }
  let low = 0
  let high = Math.max(agents, 1)
  if (settings.model === 'erlang-c') {
    if (meets(high * (1 - 2 ** -52))) return high
  } else {
    while (meets(high)) {
      if (high > LOAD_ERLANGS_MAX) return 'unbounded'
      low = high
      high *= 2
    }
  }
  for (let iteration = 0; iteration < 1100; iteration++) {
    const middle = low > 0 ? low + (high - low) / 2 : high / 2 ** 8
    if (middle === low || middle === high || high < 1e-300) break
    if (meets(middle)) low = middle
    else high = middle
  }
  return low > 0 ? low : 'unreachable'
}

/** The least lines (agents and waiting places) with which no more than the given share is blocked; null: unreachable. */
export function requiredLines(
  settings: ModelSettings,
  load: OfferedLoad,
  agents: number,
  blockingRatioMax: number,
): number | null {
  if (load.offeredErlangs === 0) return agents
  if (blockingRatioMax === 0) return null
  const model = settings.patienceSecondsMean === undefined ? 'finite-lines' : 'finite-lines-abandonment'
  // Without patience the blocked share never falls below what the agents cannot carry.
  const uncarried = 1 - agents / load.offeredErlangs
  if (model === 'finite-lines' && uncarried > 0 && blockingRatioMax <= uncarried) return null
  const { answerThresholdSeconds: _, ...untimed } = settings
  return firstThat(
    (lines) => {
      const answer = solveModel({ ...untimed, model, lines }, load, agents)
      return answer.goals.blockingRatio <= blockingRatioMax * (1 + 2e-13)
    },
    { lowest: agents, highest: LINES_MAX, guess: agents },
  )
}

/** The sums over waiting places take time in proportion to them. */
const LINES_MAX = 2 ** 24
