/** One path of a day, interval by interval and caller by caller: the hot loop of the look-ahead. What it stands on can be kept and put back. */
import { serviceLevelFraction } from '../../domain/service-level.ts'
import type { DayPathsInput } from './day-paths.ts'
import type { PlanningPromise } from './interval-outcome.ts'
import { FEW, FLOOR, insertAgent, insertAmongMany } from './path-agents.ts'
import type { PathConditions } from './path-conditions.ts'
import {
  type Bits,
  drawTables,
  HANDLING_SHIFT,
  next,
  PATIENCE_MASK,
  RESIDUAL_RATIO,
  seedBits,
  TABLE_BITS,
  TABLE_MASK,
} from './path-draws.ts'

export interface PathWalk {
  readonly agentsMax: number
  /** Stands before the first interval of the path, whose conditions are in `row`. */
  start(row: number, path: number): void
  /** Plays the interval that comes next. */
  step(): void
  /** Nobody comes any more: who still waits for agents gives up. */
  end(): void
  /** The interval that comes next, and when it starts. */
  interval: number
  startsAt: number
  /** Agents: they are free at freeAt[head, head + size), earliest first. */
  head: number
  size: number
  readonly freeAt: Int32Array
  readonly bits: Bits
  /** Callers who wait although nobody is there. */
  readonly stranded: Stranded[]
  /** By interval of arrival, of the intervals played. */
  readonly met: Float64Array
  readonly counted: Float64Array
}

/** Who came while nobody was there, with the interval of the arrival. */
export interface Stranded {
  readonly at: number
  readonly word: number
  readonly waited: number
  readonly interval: number
}

/** Agents whom one path may have: beyond this the look-ahead is a matter for formulas. */
const AGENTS_MAX = 20_000
/** Callers served before the agents are moved back to the start of their array. */
const DRIFT = 256
/**
 * Instants are whole ticks, because comparing integers costs a third less: what lies ahead has so many, some ten
 * thousand a second. No handling and no patience lasts longer, so that no sum leaves the 32 bits.
 */
const DAY_TICKS = 2 ** 29

/** What became of a caller; the abandoned: in all, of them short, of them within the threshold, both. */
const IN_TIME = 0
const LATE = 1
const ABANDONED = 2
const KINDS = 6

/** Room for the agents of any path. */
export function agentsRoom({ intervals, uncertainty }: DayPathsInput): number {
  const agentsMost = intervals.reduce((most, { agents }) => Math.max(most, agents), 0)
  const factorMost = uncertainty.staffingFactors.at(-1) ?? 1
  return Math.min(AGENTS_MAX, Math.ceil(agentsMost * factorMost * 2)) + 2
}

/** `room`: agents that it must have room for beside its own. */
export function createWalk(input: DayPathsInput, conditions: PathConditions, room = 0): PathWalk {
  const { intervals, promise, patienceSecondsMean, waitingSeconds, busyAgents, seed } = input
  const { exponential, patience, handling } = drawTables()
  const { rates, worths, parts, ahtFactors, words } = conditions
  const weights = outcomeWeights(promise)
  const count = intervals.length
  const ticksPerSecond = DAY_TICKS / Math.max(1, secondsOf(intervals))
  const ticks = (seconds: number) => Math.floor(Math.min(DAY_TICKS, seconds * ticksPerSecond))
  const patiences = Int32Array.from(patience, (ratio) => ticks(ratio * patienceSecondsMean))
  const handlingMost = handling.at(-1) ?? 1
  const threshold = ticks(promise.answerThresholdSeconds)
  const short = ticks(promise.shortAbandonSeconds)
  const agentsMax = Math.max(room, agentsRoom(input))
  const freeAt = new Int32Array(FLOOR + agentsMax + DRIFT)
  const endMax = freeAt.length
  const kinds = new Int32Array(KINDS)
  const bits: Bits = { a: 0, b: 0, c: 0, d: 0 }
  /** What is left of the contacts that run now, apart: a plan of more agents must not shift the callers' draws. */
  const residualBits: Bits = { a: 0, b: 0, c: 0, d: 0 }
  let row = 0

  const ahtTicksOf = (index: number) => {
    const seconds = (intervals[index]?.ahtSeconds ?? 0) * (ahtFactors[row] ?? 1)
    return Math.min(seconds * ticksPerSecond, DAY_TICKS / handlingMost)
  }
  const gapTicksOf = (index: number) => ticksPerSecond / (rates[row * count + index] ?? 0)
  const abandonKind = (gone: number) => ABANDONED + (gone <= short ? 1 : 0) + (gone <= threshold ? 2 : 0)

  function moveBack(): void {
    freeAt.copyWithin(FLOOR, walk.head, walk.head + walk.size)
    freeAt.fill(-1, 0, FLOOR)
    walk.head = FLOOR
  }

  /** There must be room, and before the head nothing later. */
  function addAgent(instant: number): void {
    insertAmongMany(freeAt, walk.head, walk.head + walk.size, instant)
    walk.size += 1
  }

  /** A caller who is looked at alone: who waits now, or came while nobody was there. Agents begin at `from`. */
  function serve({ at, word, waited, interval }: Stranded, from: number, ahtTicks: number): void {
    const patient = patiences[(word >>> TABLE_BITS) & PATIENCE_MASK] ?? 0
    const free = walk.size > 0 ? Math.max(freeAt[walk.head] ?? 0, from) : Number.POSITIVE_INFINITY
    const left = free - at > patient
    const kind = left ? abandonKind(waited + patient) : waited + free - at <= threshold ? IN_TIME : LATE
    walk.met[interval] = (walk.met[interval] ?? 0) + (weights.met[kind] ?? 0)
    walk.counted[interval] = (walk.counted[interval] ?? 0) + (weights.counted[kind] ?? 0)
    if (left) return
    walk.head += 1
    walk.size -= 1
    addAgent(Math.floor(free + (handling[word >>> HANDLING_SHIFT] ?? 0) * ahtTicks))
    if (walk.head + walk.size === endMax) moveBack()
  }

  /** As many agents as the interval has. Who leaves, leaves free or after the contact that ends first. */
  function staff(index: number): void {
    const at = row * count + index
    const agents = intervals[index]?.agents ?? 0
    const wanted = Math.min(agentsMax - 1, Math.floor(agents * (worths[at] ?? 0) + (parts[at] ?? 0)))
    if (walk.head + Math.max(wanted, walk.size) >= endMax) moveBack()
    // Nobody is free before, who comes now least of all.
    for (let k = 1; k <= FLOOR; k++) freeAt[walk.head - k] = -1
    if (index === 0) {
      // Agents at work end their contacts one after the other; everybody else is free now.
      const busy = Math.min(wanted, busyAgents)
      const residualTicks = ahtTicksOf(0) * RESIDUAL_RATIO
      for (let k = 0; k < wanted; k++) {
        const left = (exponential[next(residualBits) & TABLE_MASK] ?? 0) * residualTicks
        addAgent(k < busy ? Math.floor(left) : 0)
      }
    }
    while (walk.size < wanted) addAgent(walk.startsAt)
    if (walk.size > wanted) {
      walk.head += walk.size - wanted
      walk.size = wanted
    }
  }

  /** Those who wait at the start, longest first. */
  function playBacklog(ahtTicks: number): void {
    for (const seconds of waitingSeconds) {
      const caller = { at: 0, word: next(bits), waited: ticks(seconds), interval: 0 }
      if (walk.size === 0) walk.stranded.push(caller)
      else serve(caller, 0, ahtTicks)
    }
  }

  /** Callers of an interval without agents. */
  function strand(index: number, endsAt: number): void {
    const gapTicks = gapTicksOf(index)
    for (let at = walk.startsAt; ; ) {
      const word = next(bits)
      at += (exponential[word & TABLE_MASK] ?? 0) * gapTicks
      if (!(at < endsAt)) return
      walk.stranded.push({ at: Math.floor(at), word, waited: 0, interval: index })
    }
  }

  /** Callers of one interval with agents. The stream of random words is `next` written out, its state in locals. */
  function play(index: number, endsAt: number, ahtTicks: number): void {
    const gapTicks = gapTicksOf(index)
    // In locals, imported names above all: the compiler looks up anew at every caller what other modules could in theory change.
    const gaps = exponential
    const gapMask = TABLE_MASK
    const patient = patiences
    const patienceShift = TABLE_BITS
    const patienceMask = PATIENCE_MASK
    const lasting = handling
    const lastingShift = HANDLING_SHIFT
    const free = freeAt
    const few = FEW
    const soon = threshold
    let { a, b, c, d } = bits
    let head = walk.head
    let end = head + walk.size
    let arrival: number = walk.startsAt
    let served = 0
    let late = 0
    for (;;) {
      const product = Math.imul(b, 5)
      const word = Math.imul((product << 7) | (product >>> 25), 9)
      const shifted = b << 9
      c ^= a
      d ^= b
      b ^= c
      a ^= d
      c ^= shifted
      d = (d << 11) | (d >>> 21)
      arrival += (gaps[word & gapMask] ?? 0) * gapTicks
      // Where nobody comes the gap has no end.
      if (!(arrival < endsAt)) break
      const at = arrival | 0
      // Without branches, which could not be foreseen: the wait is 0 where the difference is negative.
      const difference = ((free[head] ?? 0) - at) | 0
      const wait = difference & ~(difference >> 31)
      const patience = patient[(word >>> patienceShift) & patienceMask] ?? 0
      if (wait > patience) {
        const kind = abandonKind(patience)
        kinds[kind] = (kinds[kind] ?? 0) + 1
        continue
      }
      late -= (soon - wait) >> 31
      served += 1
      head += 1
      const until = (at + wait + (lasting[word >>> lastingShift] ?? 0) * ahtTicks) | 0
      if (end - head < few) insertAgent(free, end, until)
      else insertAmongMany(free, head, end, until)
      end += 1
      if (end === endMax) {
        walk.head = head
        moveBack()
        head = FLOOR
        end = FLOOR + walk.size
      }
    }
    bits.a = a
    bits.b = b
    bits.c = c
    bits.d = d
    walk.head = head
    kinds[IN_TIME] = served - late
    kinds[LATE] = late
    let metHere = 0
    let countedHere = 0
    for (let kind = 0; kind < KINDS; kind++) {
      const callers = kinds[kind] ?? 0
      kinds[kind] = 0
      metHere += callers * (weights.met[kind] ?? 0)
      countedHere += callers * (weights.counted[kind] ?? 0)
    }
    walk.met[index] = (walk.met[index] ?? 0) + metHere
    walk.counted[index] = (walk.counted[index] ?? 0) + countedHere
  }

  const walk: PathWalk = {
    agentsMax,
    interval: 0,
    startsAt: 0,
    head: FLOOR,
    size: 0,
    freeAt,
    bits,
    stranded: [],
    met: new Float64Array(count),
    counted: new Float64Array(count),
    start(from, path) {
      row = from
      bits.a = words[row * 4] ?? 0
      bits.b = words[row * 4 + 1] ?? 0
      bits.c = words[row * 4 + 2] ?? 0
      bits.d = words[row * 4 + 3] ?? 0
      seedBits(residualBits, ~seed, path)
      walk.stranded.length = 0
      walk.interval = 0
      walk.startsAt = 0
      walk.head = FLOOR
      walk.size = 0
    },
    step() {
      const index = walk.interval
      const interval = intervals[index]
      if (interval === undefined) return
      const ahtTicks = ahtTicksOf(index)
      const endsAt = walk.startsAt + ticks(interval.seconds)
      walk.met[index] = 0
      walk.counted[index] = 0
      staff(index)
      if (walk.size > 0 && walk.stranded.length > 0) {
        for (const caller of walk.stranded) serve(caller, walk.startsAt, ahtTicks)
        walk.stranded.length = 0
      }
      if (index === 0) playBacklog(ahtTicks)
      if (walk.size > 0) play(index, endsAt, ahtTicks)
      else strand(index, endsAt)
      walk.interval = index + 1
      walk.startsAt = endsAt
    },
    end() {
      for (const caller of walk.stranded) serve(caller, 0, 0)
      walk.stranded.length = 0
    },
  }
  return walk
}

function secondsOf(intervals: DayPathsInput['intervals']): number {
  return intervals.reduce((sum, { seconds }) => sum + seconds, 0)
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
