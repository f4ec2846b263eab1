/**
 * The rest of a day, drawn many times: callers one by one, first come first served, who abandon when their patience ends,
 * before agents whose number changes by interval. Rates, handling times and staffing are uncertain, and an error in them
 * lasts; a backlog passes from one interval to the next. Deterministic by seed; the same callers come whatever the
 * staffing is, so two plans are compared on the same days. Source: MODELS.md, "The rest of the day".
 */
import { serviceLevelFraction } from '../../domain/service-level.ts'
import { pop, push, replaceTop } from './agent-heap.ts'
import type { PlanningPromise } from './interval-outcome.ts'
import {
  drawTables,
  HANDLING_SHIFT,
  next,
  PATIENCE_MASK,
  RESIDUAL_RATIO,
  seedBits,
  TABLE_BITS,
  TABLE_MASK,
} from './path-draws.ts'
import { createPathMarks, type PathMarks } from './path-marks.ts'

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
}

/** Agents whom one path may have: beyond this the look-ahead is a matter for formulas. */
const AGENTS_MAX = 20_000
/** Steps along the golden section: any number of first paths has its staffing factors evenly from all of them. */
const GOLDEN = (Math.sqrt(5) - 1) / 2

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
  const walk = createWalk(input)
  const marks = createPathMarks({
    paths: Math.min(paths, markedPaths),
    intervals: count,
    at,
    agentsMax: walk.agentsMax,
  })
  for (let path = 0; path < paths; path++) {
    const marked = path < marks.paths
    walk.start(path)
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
  return { paths, intervals: count, met, counted, marks }
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
  const { marks, intervals: count } = base
  const met = new Float32Array(marks.paths)
  const counted = new Float32Array(marks.paths)
  const walk = createWalk(input, marks.agentsMax)
  for (let path = 0; path < marks.paths; path++) {
    walk.start(path)
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

/** One path, interval by interval. What it stands on can be kept and put back: see path-marks.ts. */
export interface PathWalk {
  readonly agentsMax: number
  /** Draws the path's conditions, and stands before its first interval. */
  start(path: number): void
  /** Plays the interval that comes next. */
  step(): void
  /** Nobody comes any more: who still waits for agents gives up. */
  end(): void
  /** The interval that comes next, and when it starts. */
  interval: number
  startsAt: number
  /** Agents, and when each is free: a heap. */
  size: number
  readonly freeAt: Float64Array
  readonly bits: { a: number; b: number; c: number; d: number }
  /** Callers who wait although nobody is there. */
  readonly stranded: number[]
  /** By interval of arrival, of the intervals played. */
  readonly met: Float64Array
  readonly counted: Float64Array
}

/** `room`: agents that it must have room for beside its own. */
function createWalk(input: DayPathsInput, room = 0): PathWalk {
  const { intervals, promise, patienceSecondsMean, uncertainty, waitingSeconds, busyAgents, seed } = input
  const { exponential, patience: patienceTable, handling, normal } = drawTables()
  const weights = outcomeWeights(promise)
  const thresholdSeconds = promise.answerThresholdSeconds
  const shortSeconds = promise.shortAbandonSeconds
  const count = intervals.length
  const { staffingFactors } = uncertainty
  const agentsMost = intervals.reduce((most, { agents }) => Math.max(most, agents), 0)
  const factorMost = staffingFactors.at(-1) ?? 1
  const agentsMax = Math.max(room, Math.min(AGENTS_MAX, Math.ceil(agentsMost * factorMost * 2)) + 2)
  const freeAt = new Float64Array(agentsMax)
  const met = new Float64Array(count)
  const counted = new Float64Array(count)
  const rates = new Float64Array(count)
  const heads = new Int32Array(count)
  const bits = { a: 0, b: 0, c: 0, d: 0 }
  /** Who comes while nobody is there waits for the next interval that has agents: arrival, draws, wait so far, interval. */
  const stranded: number[] = []
  /** What is left of the contacts that run now, apart: a plan of more agents must not shift the callers' draws. */
  const residualBits = { a: 0, b: 0, c: 0, d: 0 }
  const offset = ((seed >>> 0) % 1_000) / 1_000
  const keep = Math.exp(-1)
  let ahtFactor = 1

  /** Rates, heads and the handling factor of one path: drawn first, in an order that staffing does not change. */
  function drawConditions(path: number): void {
    const gauss = () => normal[next(bits) & TABLE_MASK] ?? 0
    const daily = Math.sqrt(uncertainty.rateDayShare) * gauss()
    const fading = Math.sqrt(1 - uncertainty.rateDayShare)
    ahtFactor = Math.exp(uncertainty.ahtDayCv * gauss() - uncertainty.ahtDayCv ** 2 / 2)
    const place = (offset + (path + 0.5) * GOLDEN) % 1
    const staffing = staffingFactors[Math.floor(place * staffingFactors.length)] ?? 1
    let level = gauss()
    let stray = gauss()
    for (let i = 0; i < count; i++) {
      const interval = intervals[i]
      if (interval === undefined) break
      const { seconds, contactsMean, rateCv, agents } = interval
      const factor = Math.exp(rateCv * (daily + fading * level) - (rateCv * rateCv) / 2)
      rates[i] = seconds > 0 ? (contactsMean * factor) / seconds : 0
      const wanted = agents * staffing * Math.max(0, 1 + uncertainty.staffingWithinCv * stray)
      const part = (next(bits) >>> 8) / 0x1000000
      heads[i] = Math.min(agentsMax - 1, Math.floor(wanted + part))
      const rho = uncertainty.fadeSeconds > 0 ? keep ** (seconds / uncertainty.fadeSeconds) : 0
      const fresh = Math.sqrt(1 - rho * rho)
      level = rho * level + fresh * gauss()
      stray = rho * stray + fresh * gauss()
    }
  }

  const settle = (index: number, kind: number) => {
    met[index] = (met[index] ?? 0) + (weights.met[kind] ?? 0)
    counted[index] = (counted[index] ?? 0) + (weights.counted[kind] ?? 0)
  }
  const abandonKind = (gone: number) =>
    2 + (gone <= shortSeconds ? 1 : 0) + (gone <= thresholdSeconds ? 2 : 0)

  /** In the order in which they came, from the interval's start on; without agents all of them give up. */
  function takeStranded(startsAt: number, size: number, ahtSeconds: number): void {
    for (let k = 0; k < stranded.length; k += 4) {
      const [at = 0, word = 0, waited = 0, index = 0] = stranded.slice(k, k + 4)
      const patience = (patienceTable[(word >>> TABLE_BITS) & PATIENCE_MASK] ?? 0) * patienceSecondsMean
      const from = size > 0 ? Math.max(freeAt[0] ?? 0, startsAt) : Number.POSITIVE_INFINITY
      if (from - at > patience) {
        settle(index, abandonKind(waited + patience))
        continue
      }
      settle(index, waited + from - at <= thresholdSeconds ? 0 : 1)
      replaceTop(freeAt, size, from + (handling[word >>> HANDLING_SHIFT] ?? 0) * ahtSeconds)
    }
    stranded.length = 0
  }

  /** As many agents as the interval has. Who leaves, leaves free or after the contact that ends first. */
  function staff(index: number, startsAt: number, before: number): number {
    const wanted = heads[index] ?? 0
    let size = before
    if (index === 0) {
      // Agents at work end their contacts one after the other; everybody else is free now.
      const busy = Math.min(wanted, busyAgents)
      const firstAht = (intervals[0]?.ahtSeconds ?? 0) * ahtFactor
      for (let k = 0; k < wanted; k++) {
        const left = (exponential[next(residualBits) & TABLE_MASK] ?? 0) * firstAht * RESIDUAL_RATIO
        size = push(freeAt, size, k < busy ? left : 0)
      }
    }
    while (size < wanted) size = push(freeAt, size, startsAt)
    while (size > wanted) size = pop(freeAt, size)
    return size
  }

  /** Callers of one interval; the hot loop of the look-ahead. */
  function play(index: number, startsAt: number, endsAt: number, ahtSeconds: number, size: number): void {
    let metHere = 0
    let countedHere = 0
    let at = startsAt
    let waited = 0
    let fromBacklog = index === 0 ? waitingSeconds.length : 0
    const rate = rates[index] ?? 0
    for (;;) {
      const word = next(bits)
      if (fromBacklog > 0) {
        waited = waitingSeconds[waitingSeconds.length - fromBacklog] ?? 0
        fromBacklog -= 1
      } else {
        if (rate <= 0) break
        waited = 0
        at += (exponential[word & TABLE_MASK] ?? 0) / rate
        if (at >= endsAt) break
      }
      if (size === 0) {
        stranded.push(at, word, waited, index)
        continue
      }
      const patience = (patienceTable[(word >>> TABLE_BITS) & PATIENCE_MASK] ?? 0) * patienceSecondsMean
      const free = freeAt[0] ?? 0
      const wait = free > at ? free - at : 0
      let kind: number
      if (wait <= patience) {
        kind = waited + wait <= thresholdSeconds ? 0 : 1
        replaceTop(freeAt, size, at + wait + (handling[word >>> HANDLING_SHIFT] ?? 0) * ahtSeconds)
      } else kind = abandonKind(waited + patience)
      metHere += weights.met[kind] ?? 0
      countedHere += weights.counted[kind] ?? 0
    }
    met[index] = metHere
    counted[index] = countedHere
  }

  return {
    agentsMax,
    interval: 0,
    startsAt: 0,
    size: 0,
    freeAt,
    bits,
    stranded,
    met,
    counted,
    start(path) {
      seedBits(bits, seed, path)
      seedBits(residualBits, ~seed, path)
      drawConditions(path)
      stranded.length = 0
      this.interval = 0
      this.startsAt = 0
      this.size = 0
    },
    step() {
      const interval = intervals[this.interval]
      if (interval === undefined) return
      const ahtSeconds = interval.ahtSeconds * ahtFactor
      const endsAt = this.startsAt + interval.seconds
      this.size = staff(this.interval, this.startsAt, this.size)
      if (this.size > 0 && stranded.length > 0) takeStranded(this.startsAt, this.size, ahtSeconds)
      play(this.interval, this.startsAt, endsAt, ahtSeconds, this.size)
      this.interval += 1
      this.startsAt = endsAt
    },
    end: () => takeStranded(0, 0, 0),
  }
}

/** Met and counted of one contact by what became of it: in time, late, then abandoned by short and by within T. */
function outcomeWeights(promise: PlanningPromise) {
  const none = {
    answered: 0,
    answeredWithinThreshold: 0,
    abandoned: 0,
    abandonedWithinThreshold: 0,
    shortAbandons: 0,
    flowedOut: 0,
    callbacksWithinThreshold: 0,
  }
  const abandoned = (short: number, within: number) => ({
    ...none,
    abandoned: 1,
    shortAbandons: short,
    abandonedWithinThreshold: within,
  })
  const kinds = [
    { ...none, answered: 1, answeredWithinThreshold: 1 },
    { ...none, answered: 1 },
    abandoned(0, 0),
    abandoned(1, 0),
    abandoned(0, 1),
    abandoned(1, 1),
  ].map((counts) => serviceLevelFraction(promise.formula, counts))
  return {
    met: Float64Array.from(kinds, ({ numerator }) => numerator),
    counted: Float64Array.from(kinds, ({ denominator }) => denominator),
  }
}
