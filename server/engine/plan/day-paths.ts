/**
 * The rest of a day, drawn many times: callers one by one, first come first served, who abandon when their patience ends,
 * before agents whose number changes by interval. Rates, handling times and staffing are uncertain, and an error in them
 * lasts; a backlog passes from one interval to the next. Deterministic by seed; the same callers come whatever the
 * staffing is, so two plans are compared on the same days. Source: MODELS.md, "The rest of the day".
 */
import { serviceLevelFraction } from '../../domain/service-level.ts'
import type { PlanningPromise } from './interval-outcome.ts'

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

/** Coefficient of variation of one handling time around its mean, and so of what is left of one that runs. */
const HANDLING_CV = 0.8
const RESIDUAL_RATIO = (1 + HANDLING_CV * HANDLING_CV) / 2
/** One random word serves a caller: 11 bits each for the gap before and the handling, 10 for the patience. */
const TABLE_BITS = 11
const PATIENCE_SIZE = 1024
const PATIENCE_MASK = PATIENCE_SIZE - 1
const HANDLING_SHIFT = 21
const TABLE_SIZE = 1 << TABLE_BITS
const TABLE_MASK = TABLE_SIZE - 1
/** Agents whom one path may have: beyond this the look-ahead is a matter for formulas. */
const AGENTS_MAX = 20_000

interface Tables {
  readonly exponential: Float64Array
  readonly patience: Float64Array
  readonly handling: Float64Array
  readonly normal: Float64Array
}
let tables: Tables | undefined

export function drawDayPaths(input: DayPathsInput): DayPaths {
  const count = input.intervals.length
  const met = new Float32Array(input.paths * (count + 1))
  const counted = new Float32Array(input.paths * (count + 1))
  const run = createRun(input)
  for (let path = 0; path < input.paths; path++) {
    run(path, met, counted)
    // From "in this interval" to "from this interval on".
    const base = path * (count + 1)
    for (let i = count - 1; i >= 0; i--) {
      met[base + i] = (met[base + i] ?? 0) + (met[base + i + 1] ?? 0)
      counted[base + i] = (counted[base + i] ?? 0) + (counted[base + i + 1] ?? 0)
    }
  }
  return { paths: input.paths, intervals: count, met, counted }
}

type PathRun = (path: number, met: Float32Array, counted: Float32Array) => void

function createRun(input: DayPathsInput): PathRun {
  const { intervals, promise, patienceSecondsMean, uncertainty, waitingSeconds, busyAgents, seed } = input
  tables ??= makeTables()
  const { exponential, patience: patienceTable, handling, normal } = tables
  const weights = outcomeWeights(promise)
  const thresholdSeconds = promise.answerThresholdSeconds
  const shortSeconds = promise.shortAbandonSeconds
  const count = intervals.length
  const agentsMost = intervals.reduce((most, { agents }) => Math.max(most, agents), 0)
  const factorMost = uncertainty.staffingFactors.at(-1) ?? 1
  const freeAt = new Float64Array(Math.min(AGENTS_MAX, Math.ceil(agentsMost * factorMost * 2)) + 2)
  const rates = new Float64Array(count)
  const heads = new Int32Array(count)
  const order = shuffledFactors(uncertainty.staffingFactors, input.paths, seed)
  const bits = { a: 0, b: 0, c: 0, d: 0 }
  /** Who comes while nobody is there waits for the next interval that has agents: arrival, draws, interval of arrival. */
  const stranded: number[] = []
  /** What is left of the contacts that run now, apart: a plan of more agents must not shift the callers' draws. */
  const residualBits = { a: 0, b: 0, c: 0, d: 0 }
  const keep = Math.exp(-1)

  /** Rates, heads and the handling factor of one path: drawn first, in an order that staffing does not change. */
  function drawConditions(path: number): number {
    const gauss = () => normal[next(bits) & TABLE_MASK] ?? 0
    const daily = Math.sqrt(uncertainty.rateDayShare) * gauss()
    const fading = Math.sqrt(1 - uncertainty.rateDayShare)
    const ahtFactor = Math.exp(uncertainty.ahtDayCv * gauss() - uncertainty.ahtDayCv ** 2 / 2)
    const staffing = order[path] ?? 1
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
      heads[i] = Math.min(freeAt.length - 1, Math.floor(wanted + part))
      const rho = uncertainty.fadeSeconds > 0 ? keep ** (seconds / uncertainty.fadeSeconds) : 0
      const fresh = Math.sqrt(1 - rho * rho)
      level = rho * level + fresh * gauss()
      stray = rho * stray + fresh * gauss()
    }
    return ahtFactor
  }

  return (path, met, counted) => {
    seedBits(bits, seed, path)
    seedBits(residualBits, ~seed, path)
    const ahtFactor = drawConditions(path)
    const base = path * (count + 1)
    let size = 0
    let startsAt = 0
    stranded.length = 0
    const settle = (index: number, kind: number) => {
      met[base + index] = (met[base + index] ?? 0) + (weights.met[kind] ?? 0)
      counted[base + index] = (counted[base + index] ?? 0) + (weights.counted[kind] ?? 0)
    }
    const abandonKind = (gone: number) =>
      2 + (gone <= shortSeconds ? 1 : 0) + (gone <= thresholdSeconds ? 2 : 0)
    /** In the order in which they came, from `startsAt` on; without agents all of them give up. */
    const takeStranded = (ahtSeconds: number) => {
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
    const firstAht = (intervals[0]?.ahtSeconds ?? 0) * ahtFactor
    for (let i = 0; i < count; i++) {
      const interval = intervals[i]
      if (interval === undefined) break
      const endsAt = startsAt + interval.seconds
      const ahtSeconds = interval.ahtSeconds * ahtFactor
      const wanted = heads[i] ?? 0
      if (i === 0) {
        // Agents at work end their contacts one after the other; everybody else is free now.
        const busy = Math.min(wanted, busyAgents)
        for (let k = 0; k < wanted; k++) {
          const left = (exponential[next(residualBits) & TABLE_MASK] ?? 0) * firstAht * RESIDUAL_RATIO
          size = push(freeAt, size, k < busy ? left : 0)
        }
      }
      while (size < wanted) size = push(freeAt, size, startsAt)
      // Who leaves, leaves free or after the contact that ends first.
      while (size > wanted) size = pop(freeAt, size)
      if (size > 0 && stranded.length > 0) takeStranded(ahtSeconds)
      let metHere = 0
      let countedHere = 0
      let at = startsAt
      let waited = 0
      let fromBacklog = i === 0 ? waitingSeconds.length : 0
      const rate = rates[i] ?? 0
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
          stranded.push(at, word, waited, i)
          continue
        }
        const patience = (patienceTable[(word >>> TABLE_BITS) & PATIENCE_MASK] ?? 0) * patienceSecondsMean
        const free = freeAt[0] ?? 0
        const wait = free > at ? free - at : 0
        if (wait <= patience) {
          const kind = waited + wait <= thresholdSeconds ? 0 : 1
          metHere += weights.met[kind] ?? 0
          countedHere += weights.counted[kind] ?? 0
          replaceTop(freeAt, size, at + wait + (handling[word >>> HANDLING_SHIFT] ?? 0) * ahtSeconds)
        } else {
          const kind = abandonKind(waited + patience)
          metHere += weights.met[kind] ?? 0
          countedHere += weights.counted[kind] ?? 0
        }
      }
      met[base + i] = metHere
      counted[base + i] = countedHere
      startsAt = endsAt
    }
    takeStranded(0)
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

/** Every factor as often as every other, in an order that has nothing to do with the other draws. */
function shuffledFactors(factors: Float64Array, paths: number, seed: number): Float64Array {
  const drawn = new Float64Array(paths)
  for (let k = 0; k < paths; k++)
    drawn[k] = factors[Math.min(factors.length - 1, Math.floor(((k + 0.5) / paths) * factors.length))] ?? 1
  const bits = { a: 0, b: 0, c: 0, d: 0 }
  seedBits(bits, seed, 0x5f5f5f5f)
  for (let k = paths - 1; k > 0; k--) {
    const other = next(bits) % (k + 1)
    const held = drawn[k] ?? 1
    drawn[k] = drawn[other] ?? 1
    drawn[other] = held
  }
  return drawn
}

/** Equally likely values of the laws, middle of each slice, scaled to the law's own mean: a draw is one look-up. */
function makeTables(): Tables {
  const exponential = new Float64Array(TABLE_SIZE)
  const patience = new Float64Array(PATIENCE_SIZE)
  const handling = new Float64Array(TABLE_SIZE)
  const normal = new Float64Array(TABLE_SIZE)
  for (let k = 0; k < TABLE_SIZE; k++) exponential[k] = -Math.log(1 - (k + 0.5) / TABLE_SIZE)
  for (let k = 0; k < PATIENCE_SIZE; k++) patience[k] = -Math.log(1 - (k + 0.5) / PATIENCE_SIZE)
  let share = 0
  let filled = 0
  const step = 1 / 4096
  for (let z = -8; filled < TABLE_SIZE && z < 8; z += step) {
    share += (Math.exp(-((z + step / 2) ** 2) / 2) / Math.sqrt(2 * Math.PI)) * step
    while (filled < TABLE_SIZE && share >= (filled + 0.5) / TABLE_SIZE) normal[filled++] = z + step
  }
  const deviation = Math.sqrt(Math.log(1 + HANDLING_CV * HANDLING_CV))
  for (let k = 0; k < TABLE_SIZE; k++) handling[k] = Math.exp(deviation * (normal[k] ?? 0))
  for (const table of [exponential, patience, handling]) {
    const mean = table.reduce((sum, value) => sum + value, 0) / table.length
    for (let k = 0; k < table.length; k++) table[k] = (table[k] ?? 0) / mean
  }
  return { exponential, patience, handling, normal }
}

interface Bits {
  a: number
  b: number
  c: number
  d: number
}

/** Every path has a stream of its own, so that a path is the same however many others there are. */
function seedBits(bits: Bits, seed: number, path: number): void {
  let state = (seed ^ Math.imul(path + 1, 0x9e3779b1)) | 0
  const mixed = () => {
    state = (state + 0x6d2b79f5) | 0
    let word = Math.imul(state ^ (state >>> 15), state | 1)
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61)
    return word ^ (word >>> 14)
  }
  bits.a = mixed()
  bits.b = mixed()
  bits.c = mixed()
  bits.d = mixed() | 1
}

/** Blackman and Vigna's xoshiro128**. */
function next(bits: Bits): number {
  const product = Math.imul(bits.b, 5)
  const result = Math.imul((product << 7) | (product >>> 25), 9)
  const shifted = bits.b << 9
  bits.c ^= bits.a
  bits.d ^= bits.b
  bits.b ^= bits.c
  bits.a ^= bits.d
  bits.c ^= shifted
  bits.d = (bits.d << 11) | (bits.d >>> 21)
  return result >>> 0
}

/** A heap of the instants at which agents are free; the earliest is on top. */
function push(heap: Float64Array, size: number, value: number): number {
  let index = size
  while (index > 0) {
    const parent = (index - 1) >> 1
    const above = heap[parent] ?? 0
    if (above <= value) break
    heap[index] = above
    index = parent
  }
  heap[index] = value
  return size + 1
}

function pop(heap: Float64Array, size: number): number {
  const last = heap[size - 1] ?? 0
  replaceTop(heap, size - 1, last)
  return size - 1
}

function replaceTop(heap: Float64Array, size: number, value: number): void {
  let index = 0
  for (;;) {
    let child = 2 * index + 1
    if (child >= size) break
    const right = child + 1
    if (right < size && (heap[right] ?? 0) < (heap[child] ?? 0)) child = right
    const least = heap[child] ?? 0
    if (least >= value) break
    heap[index] = least
    index = child
  }
  heap[index] = value
}
