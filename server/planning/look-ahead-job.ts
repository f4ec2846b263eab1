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
  type StaffingLesson,
  staffingPosterior,
  type Witness,
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

/** Keeps what it has learned: from one look-ahead to the next only a queue's newest interval is new. */
export class LookAheadWork {
  readonly #learned = new Map<string, PlayedDay>()
  /** By the array of the days, weekdays and weekends apart. */
  readonly #lessons = new WeakMap<readonly LessonDay[], Map<boolean, StaffingLesson>>()
  /** Of each queue's last look-ahead. */
  readonly #witnesses = new Map<string, ReadonlyMap<string, readonly Witness[]>>()

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
    const lesson = this.#lessonOf(queueId, lessons, weekend)
    const rest: RestOfDayInput = {
      ...known,
      today: this.#witnessesOf(queueId, played, known.promise),
      lesson,
    }
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
      tried: new Map(),
    }
    const startPart = known.position - firstInterval
    return {
      queue,
      answer: {
        queueId,
        paths,
        firstInterval,
        startPart,
        staffing,
        lessonDays: Math.min(lessons.length, LESSON_DAYS_MAX),
      },
    }
  }

  #lessonOf(queueId: string, lessons: readonly LessonDay[], weekend: boolean): StaffingLesson {
    const byWeekend = this.#lessons.get(lessons) ?? new Map<boolean, StaffingLesson>()
    this.#lessons.set(lessons, byWeekend)
    const known = byWeekend.get(weekend)
    if (known !== undefined) return known
    const days = lessons.slice(-LESSON_DAYS_MAX).map((day) => this.#day(queueId, day))
    const fresh = learnStaffing(days, weekend)
    byWeekend.set(weekend, fresh)
    return fresh
  }

  #witnessesOf(queueId: string, played: readonly PlayedInterval[], promise: PlanningPromise) {
    const before = this.#witnesses.get(queueId)
    const named = played.map((interval) => {
      const name = JSON.stringify([interval, promise])
      return [name, before?.get(name) ?? witnessesOf([interval], promise)] as const
    })
    this.#witnesses.set(queueId, new Map(named))
    return named.flatMap(([, witnesses]) => witnesses)
  }

  #day(queueId: string, { key, weekend, promise, intervals }: LessonDay): PlayedDay {
    const name = `${queueId} ${key}`
    const known = this.#learned.get(name)
    if (known !== undefined) return known
    if (this.#learned.size >= LESSONS_MAX) this.#learned.clear()
    const fresh = { weekend, witnesses: witnessesOf(intervals, promise) }
    this.#learned.set(name, fresh)
    return fresh
  }
}
