/**
 * The rest of a day, drawn many times: callers one by one, first come first served, who abandon when their patience ends,
 * before agents whose number changes by interval. Rates, handling times and staffing are uncertain, and an error in them
 * lasts; a backlog passes from one interval to the next. Deterministic by seed; the same callers come whatever the
 * staffing is, so two plans are compared on the same days. Source: MODELS.md, "The rest of the day".
 */
import type { PlanningPromise } from './interval-outcome.ts'
import { createConditions, type PathConditions } from './path-conditions.ts'
import { createPathMarks, type PathMarks } from './path-marks.ts'
import { agentsRoom, createWalk } from './path-walk.ts'

export interface PathInterval {
  /** What of it lies ahead: the interval that runs is shorter than the others. */
  readonly seconds: number
  /** Contacts expected in these seconds. */
  readonly contactsMean: number
  readonly rateCv: number
  readonly ahtSeconds: number
  readonly agents: number
}

export interface PathUncertainty {
  /** Share of the rate's variance that stays the whole day; the rest fades over `fadeSeconds`. */
  readonly rateDayShare: number
  readonly fadeSeconds: number
  readonly ahtDayCv: number
  /** Agents who really answer ÷ agents of the plan: equally likely values, in order. */
  readonly staffingFactors: Float64Array
  /** How far the factor of one interval strays from the day's. */
  readonly staffingWithinCv: number
}

export interface DayPathsInput {
  readonly intervals: readonly PathInterval[]
  readonly promise: PlanningPromise
  readonly patienceSecondsMean: number
  readonly uncertainty: PathUncertainty
  /** Now: how long those who wait have waited, longest first, and how many agents are at work on a contact. */
  readonly waitingSeconds: readonly number[]
  readonly busyAgents: number
  readonly paths: number
  readonly seed: number
}

/** What each path still brings, seen from the start of each interval: [path × (intervals + 1) + interval]. */
export interface DayPaths {
  readonly paths: number
  readonly intervals: number
  readonly met: Float32Array
  readonly counted: Float32Array
}

export interface MarkedPaths extends DayPaths {
  readonly marks: PathMarks
  /** Of the marked paths. */
  readonly conditions: PathConditions
}

export function drawDayPaths(input: DayPathsInput): DayPaths {
  const { paths, intervals, met, counted } = drawMarked(input, 0, [])
  return { paths, intervals, met, counted }
}

/** The same paths; of the first `markedPaths` it is kept where they stand at the start of the intervals `at`. */
export function drawMarked(input: DayPathsInput, markedPaths: number, at: readonly number[]): MarkedPaths {
  const { paths } = input
  const count = input.intervals.length
  const met = new Float32Array(paths * (count + 1))
  const counted = new Float32Array(paths * (count + 1))
  const kept = Math.min(paths, markedPaths)
  const marks = createPathMarks({ paths: kept, intervals: count, at, agentsMax: agentsRoom(input) })
  // The others have one row in turn.
  const conditions = createConditions(input, kept + 1)
  const walk = createWalk(input, conditions)
  for (let path = 0; path < paths; path++) {
    const marked = path < kept
    const row = Math.min(path, kept)
    conditions.draw(row, path)
    walk.start(row, path)
    while (walk.interval < count) {
      if (marked) marks.keep(path, walk)
      walk.step()
    }
    walk.end()
    // From "in this interval" to "from this interval on".
    const base = path * (count + 1)
    for (let i = count - 1; i >= 0; i--) {
      met[base + i] = (walk.met[i] ?? 0) + (met[base + i + 1] ?? 0)
      counted[base + i] = (walk.counted[i] ?? 0) + (counted[base + i + 1] ?? 0)
    }
  }
  return { paths, intervals: count, met, counted, marks, conditions }
}

/** The whole rest of the marked paths as it was drawn: one column. */
export function firstPaths({ marks, intervals, met, counted }: MarkedPaths): DayPaths {
  const column = (from: Float32Array) =>
    Float32Array.from({ length: marks.paths }, (_, path) => from[path * (intervals + 1)] ?? 0)
  return { paths: marks.paths, intervals: 0, met: column(met), counted: column(counted) }
}

/**
 * The marked paths once more with other agents in the intervals [from, to): from the mark before the change until every
 * agent is free at the same instant as without it, for from there on nothing differs. One column: the whole rest.
 */
export function retryPaths(
  base: MarkedPaths,
  input: DayPathsInput,
  { from, to }: { readonly from: number; readonly to: number },
): DayPaths {
  const { marks, conditions, intervals: count } = base
  const met = new Float32Array(marks.paths)
  const counted = new Float32Array(marks.paths)
  const walk = createWalk(input, conditions, marks.agentsMax)
  for (let path = 0; path < marks.paths; path++) {
    walk.start(path, path)
    marks.resume(path, from, walk)
    const begin = walk.interval
    while (walk.interval < count && !(walk.interval > to && marks.isAsKept(path, walk))) walk.step()
    const end = walk.interval
    if (end === count) walk.end()
    const row = path * (count + 1)
    let pathMet = (base.met[row] ?? 0) - (base.met[row + begin] ?? 0) + (base.met[row + end] ?? 0)
    let pathCounted =
      (base.counted[row] ?? 0) - (base.counted[row + begin] ?? 0) + (base.counted[row + end] ?? 0)
    for (let i = begin; i < end; i++) {
      pathMet += walk.met[i] ?? 0
      pathCounted += walk.counted[i] ?? 0
    }
    met[path] = pathMet
    counted[path] = pathCounted
  }
  return { paths: marks.paths, intervals: 0, met, counted }
}
