/** From what is known of a queue's day at an instant to the paths of its rest: one description for the server and the calibration. */
import { type DayPaths, type DayPathsInput, drawDayPaths, type PathInterval } from './day-paths.ts'
import type { PlanningPromise } from './interval-outcome.ts'
import {
  type FactorPosterior,
  STAFFING_FADE_SECONDS,
  STAFFING_WITHIN_CV,
  type StaffingLesson,
  staffingPosterior,
  type Witness,
} from './staffing-factor.ts'

export interface RestOfDayInput {
  readonly promise: PlanningPromise
  readonly patienceSecondsMean: number
  readonly intervalSeconds: number
  /** Intervals since the day's start, the part of the running one included: 20.5. */
  readonly position: number
  /** By interval of the day. */
  readonly contactsMean: readonly number[]
  readonly rateCv: readonly number[]
  readonly ahtSeconds: readonly number[]
  readonly agents: readonly number[]
  /** Wall-clock slot of each interval. */
  readonly slots: readonly number[]
  /** What today's intervals that are over say of the staffing. */
  readonly today: readonly Witness[]
  readonly lesson: StaffingLesson
  readonly waitingSeconds: readonly number[]
  readonly busyAgents: number
  readonly paths: number
  readonly seed: number
}

export interface RestOfDay {
  /** Paths from the running interval on: their interval 0 is the day's interval `firstInterval`, from now to its end. */
  readonly paths: DayPaths
  readonly firstInterval: number
  /** Share of the first interval that was over at the start. */
  readonly startPart: number
  readonly staffing: FactorPosterior
}

/** Of the rate's variance: half is a day that is busier throughout, half fades as the staffing's own straying does. */
const RATE_DAY_SHARE = 0.5
const AHT_DAY_CV = 0.03

export function pathsInput(input: RestOfDayInput, staffing: FactorPosterior): DayPathsInput {
  const first = Math.max(0, Math.floor(input.position))
  const startPart = input.position - first
  const intervals: PathInterval[] = []
  for (let i = first; i < input.contactsMean.length; i++) {
    const part = i === first ? 1 - startPart : 1
    intervals.push({
      seconds: input.intervalSeconds * part,
      contactsMean: (input.contactsMean[i] ?? 0) * part,
      rateCv: input.rateCv[i] ?? 0,
      ahtSeconds: input.ahtSeconds[i] ?? 0,
      agents: (input.agents[i] ?? 0) * (input.lesson.profile[input.slots[i] ?? 0] ?? 1),
    })
  }
  return {
    intervals,
    promise: input.promise,
    patienceSecondsMean: input.patienceSecondsMean,
    uncertainty: {
      rateDayShare: RATE_DAY_SHARE,
      fadeSeconds: STAFFING_FADE_SECONDS,
      ahtDayCv: AHT_DAY_CV,
      staffingFactors: staffing.values,
      staffingWithinCv: STAFFING_WITHIN_CV,
    },
    waitingSeconds: input.waitingSeconds,
    busyAgents: input.busyAgents,
    paths: input.paths,
    seed: input.seed,
  }
}

export function restOfDay(input: RestOfDayInput): RestOfDay {
  const staffing = staffingPosterior(input.lesson, input.today)
  const firstInterval = Math.max(0, Math.floor(input.position))
  return {
    paths: drawDayPaths(pathsInput(input, staffing)),
    firstInterval,
    startPart: input.position - firstInterval,
    staffing,
  }
}
