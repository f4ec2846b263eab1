/** The goals of a requirement, and whether figures meet them. All that are given must hold. */
import type { ErlangFormula } from './erlang-a.ts'

export interface StaffingGoals {
  readonly serviceLevelRatioMin?: number
  /** Default SL4; one and the same where nobody abandons. */
  readonly serviceLevelFormula?: ErlangFormula
  /** Over all callers, answered or not. */
  readonly meanWaitSecondsMax?: number
  readonly agentsMin?: number
  readonly waitProbabilityMax?: number
  readonly abandonRatioMax?: number
  readonly occupancyRatioMax?: number
  readonly blockingRatioMax?: number
}

/** The figures that goals look at. Infinity: unbounded. */
export interface GoalFigures {
  /** The miss that a level without a named formula looks at; SL4 unless given. */
  readonly unnamedMissRatio?: number
  /** 1 - level by formula, computed as a tail. */
  readonly missRatios: Readonly<Record<ErlangFormula, number>>
  readonly meanWaitSeconds: number
  readonly waitProbability: number
  readonly abandonRatio: number
  readonly occupancyRatio: number
  readonly blockingRatio: number
}

export type GoalName = Exclude<keyof StaffingGoals, 'serviceLevelFormula'>

/**
 * Relative room for the rounding of a figure that equals its goal: the kernels hold 1e-13, and a level that was
 * copied from an answer must be met by that answer's agents. Knife edges of 1e-9 are far outside.
 */
const ROUNDING_ROOM = 2e-13
/** The level is a double near 1: its last place, and that of 1 - level. */
const LEVEL_LAST_PLACE = 1.2e-16

/** The share of missed calls that a wanted level allows, with the room for rounding; also for the batch solvers. */
export function allowedMissRatio(serviceLevelRatioMin: number): number {
  return (1 - serviceLevelRatioMin) * (1 + ROUNDING_ROOM) + LEVEL_LAST_PLACE
}

export function unmetGoals(
  goals: StaffingGoals,
  figures: GoalFigures,
  agents: number,
  room = ROUNDING_ROOM,
): GoalName[] {
  const unmet: GoalName[] = []
  const check = (name: GoalName, value: number, max: number | undefined) => {
    if (max !== undefined && !(value <= max * (1 + room))) unmet.push(name)
  }
  if (goals.serviceLevelRatioMin !== undefined) {
    const formula = goals.serviceLevelFormula
    const miss =
      formula === undefined
        ? (figures.unnamedMissRatio ?? figures.missRatios.SL4)
        : figures.missRatios[formula]
    const allowed = room === 0 ? 1 - goals.serviceLevelRatioMin : allowedMissRatio(goals.serviceLevelRatioMin)
    if (!(miss <= allowed)) unmet.push('serviceLevelRatioMin')
  }
  check('meanWaitSecondsMax', figures.meanWaitSeconds, goals.meanWaitSecondsMax)
  if (goals.agentsMin !== undefined && agents < goals.agentsMin) unmet.push('agentsMin')
  check('waitProbabilityMax', figures.waitProbability, goals.waitProbabilityMax)
  check('abandonRatioMax', figures.abandonRatio, goals.abandonRatioMax)
  check('occupancyRatioMax', figures.occupancyRatio, goals.occupancyRatioMax)
  check('blockingRatioMax', figures.blockingRatio, goals.blockingRatioMax)
  return unmet
}

/** A goal that no finite number of agents can meet while there are calls. */
export function isUnreachable(goals: StaffingGoals): boolean {
  return (
    (goals.serviceLevelRatioMin ?? 0) >= 1 ||
    goals.meanWaitSecondsMax === 0 ||
    goals.waitProbabilityMax === 0 ||
    goals.abandonRatioMax === 0 ||
    goals.occupancyRatioMax === 0 ||
    goals.blockingRatioMax === 0
  )
}

export function hasGoal(goals: StaffingGoals): boolean {
  return Object.entries(goals).some(([name, value]) => name !== 'serviceLevelFormula' && value !== undefined)
}
