/** The arithmetic of a look-ahead, done in a thread of its own: paths, staffing lessons, and what would help. */
import type { SoFar } from '../engine/plan/day-projection.ts'
import {
  drawForHelp,
  type Help,
  type HelpCosts,
  type HelpQueue,
  type Training,
  whatWouldHelp,
} from '../engine/plan/help.ts'
import type { PlanningPromise } from '../engine/plan/interval-outcome.ts'
import { projectPaths } from '../engine/plan/path-projection.ts'
import type { RestOfDay, RestOfDayInput } from '../engine/plan/rest-of-day.ts'
import {
  LESSON_DAYS_MAX,
  learnStaffing,
  type PlayedDay,
  type PlayedInterval,
  staffingPosterior,
  witnessesOf,
} from '../engine/plan/staffing-factor.ts'

/** A day that is over. `key` names its contents: what was learned from them is kept under it. */
export interface LessonDay {
  readonly key: string
  readonly weekend: boolean
  readonly promise: PlanningPromise
  readonly intervals: readonly PlayedInterval[]
}

export interface QueueJob {
  readonly queueId: string
  readonly rest: Omit<RestOfDayInput, 'today' | 'lesson'>
  readonly played: readonly PlayedInterval[]
  readonly lessons: readonly LessonDay[]
  readonly weekend: boolean
  readonly soFar: SoFar
}

export interface LookAheadJob {
  readonly queues: readonly QueueJob[]
  readonly trainings: readonly Training[]
  readonly costs: HelpCosts
  /** Also say what would help: it costs as much again. */
  readonly help: boolean
}

export interface QueueAnswer extends RestOfDay {
  readonly queueId: string
  readonly lessonDays: number
  readonly help: readonly Help[]
}

/** Days learned of all queues together: 28 each for some hundred. */
const LESSONS_MAX = 4_096

export class LookAheadWork {
  readonly #learned = new Map<string, PlayedDay>()

  run({ queues, trainings, costs, help }: LookAheadJob): readonly QueueAnswer[] {
    const solved = queues.map((job) => this.#solve(job, help ? trainings : undefined))
    return solved.map(({ answer, queue }) => ({
      ...answer,
      help: help
        ? whatWouldHelp(
            queue,
            solved.map((other) => other.queue),
            trainings,
            costs,
          )
        : [],
    }))
  }

  /** `trainings`: to be tried with what else would help; undefined = nothing is tried. */
  #solve(
    { queueId, rest: known, played, lessons, weekend, soFar }: QueueJob,
    trainings: readonly Training[] | undefined,
  ) {
    const days = lessons.slice(-LESSON_DAYS_MAX).map((day) => this.#lesson(queueId, day))
    const lesson = learnStaffing(days, weekend)
    const rest: RestOfDayInput = { ...known, today: witnessesOf(played, known.promise), lesson }
    const staffing = staffingPosterior(lesson, rest.today)
    const base = drawForHelp(rest, staffing, trainings)
    const paths = { paths: base.paths, intervals: base.intervals, met: base.met, counted: base.counted }
    const { targetRatio } = known.promise
    const firstInterval = Math.max(0, Math.floor(known.position))
    const queue: HelpQueue = {
      queueId,
      rest,
      staffing,
      soFar,
      targetRatio,
      base,
      chance: projectPaths(paths, 0, soFar, targetRatio).keepProbability ?? 1,
    }
    const startPart = known.position - firstInterval
    return { queue, answer: { queueId, paths, firstInterval, startPart, staffing, lessonDays: days.length } }
  }

  #lesson(queueId: string, { key, weekend, promise, intervals }: LessonDay): PlayedDay {
    const name = `${queueId} ${key}`
    const known = this.#learned.get(name)
    if (known !== undefined) return known
    if (this.#learned.size >= LESSONS_MAX) this.#learned.clear()
    const fresh = { weekend, witnesses: witnessesOf(intervals, promise) }
    this.#learned.set(name, fresh)
    return fresh
  }
}
