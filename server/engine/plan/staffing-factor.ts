/**
 * What a planned agent is worth: agents who really answer ÷ agents of the plan, as a distribution. Lateness, pauses, agents
 * who serve several queues and whatever else the plan leaves out show in the levels of the intervals that are over. The past
 * days give a profile by interval and how far a day strays from it; today's intervals say where today is.
 * Source: MODELS.md, "The rest of the day".
 */
import {
  type IntervalLoad,
  outcomeFraction,
  type PlanningPromise,
  predictInterval,
} from './interval-outcome.ts'

/** One interval that is over: what came, what the plan had, and what was met of what counts. */
export interface PlayedInterval {
  /** Wall-clock slot of the day, by which days are compared. */
  readonly slot: number
  readonly load: IntervalLoad
  readonly agents: number
  readonly met: number
  readonly counted: number
}

/** How likely an interval's level is at each factor: logarithms up to a constant, over the grid of factors. */
export interface Witness {
  readonly slot: number
  readonly logs: Float64Array
  /** What it says of its day as a whole, ÷ what it says of itself. */
  readonly dayShare: number
}

export interface PlayedDay {
  /** Weekends have rosters of their own. */
  readonly weekend: boolean
  readonly witnesses: readonly Witness[]
}

export interface StaffingLesson {
  /** Agents who answer ÷ planned, by slot: what a usual day has. */
  readonly profile: readonly number[]
  /** How far a day strays from the profile as a whole. */
  readonly dayCv: number
}

export interface FactorPosterior {
  readonly mean: number
  readonly cv: number
  /** Equally likely values, in order. */
  readonly values: Float64Array
}

/** Factors step by some per cent, so that multiplying is moving along the grid. */
const LOG_MIN = Math.log(0.25)
const LOG_STEP = 0.04
const GRID_SIZE = 56
const FACTORS = Float64Array.from({ length: GRID_SIZE }, (_, k) => Math.exp(LOG_MIN + k * LOG_STEP))
/** Waits of neighbouring callers go together: so many callers say as much as one alone would. */
const CALLERS_PER_WITNESS = 4
/** A level is never known better than this: the model is not the centre. */
const MODEL_DEVIATION = 0.05
/** Intervals next to each other err together. */
const WITNESS_SHARE = 0.6
/** How far one slot's usual factor may stray from the queue's own. */
const PROFILE_DEVIATION = 0.12
/** Days whose lesson is used: the newest, so that a new roster shows within weeks. */
export const LESSON_DAYS_MAX = 28
/** Of a queue that has taught nothing yet. */
const UNKNOWN_DAY_CV = 0.2
const DAYS_TO_TRUST = 3
const DAY_CV_MIN = 0.04
/** How far the factor of one interval strays from the day's. */
export const STAFFING_WITHIN_CV = 0.16
/** How long it strays on average, as the paths draw it. */
export const STAFFING_FADE_SECONDS = 7_200
const VALUE_COUNT = 100

export const NO_LESSON: StaffingLesson = { profile: [], dayCv: UNKNOWN_DAY_CV }

export function witnessesOf(played: readonly PlayedInterval[], promise: PlanningPromise): readonly Witness[] {
  return played.flatMap((interval) => {
    const { load, agents, met, counted, slot } = interval
    if (counted <= 0 || agents <= 0 || load.contacts <= 0 || load.ahtSeconds <= 0) return []
    const levels = levelsByAgents(load, promise)
    const logs = FACTORS.map((factor) => {
      const share = levels(agents * factor)
      const variance = (share * (1 - share) * CALLERS_PER_WITNESS) / counted + MODEL_DEVIATION ** 2
      const error = met / counted - share
      return (-WITNESS_SHARE * ((error * error) / variance + Math.log(variance))) / 2
    })
    return [{ slot, logs, dayShare: dayShareOf(load.intervalSeconds) }]
  })
}

/**
 * What strays for hours shows in many intervals and is one thing: of n values whose neighbours go together by ρ, a mean
 * is worth n (1 − ρ) ÷ (1 + ρ). Taking each for a witness of its own made good mornings promise good days.
 */
function dayShareOf(intervalSeconds: number): number {
  const together = Math.exp(-intervalSeconds / STAFFING_FADE_SECONDS)
  return Math.min(1, (1 - together) / (1 + together) / WITNESS_SHARE)
}

/** Levels at whole agents are computed once; between them the level is joined linearly. */
function levelsByAgents(load: IntervalLoad, promise: PlanningPromise): (agents: number) => number {
  const known = new Map<number, number>()
  const at = (agents: number) => {
    const before = known.get(agents)
    if (before !== undefined) return before
    const { met, counted } = outcomeFraction(predictInterval(load, agents, promise), promise)
    const share = counted > 0 ? met / counted : 0
    known.set(agents, share)
    return share
  }
  return (agents) => {
    const whole = Math.floor(agents)
    const part = agents - whole
    return part === 0 ? at(whole) : at(whole) * (1 - part) + at(whole + 1) * part
  }
}

/** Newest day last. */
export function learnStaffing(days: readonly PlayedDay[], weekend: boolean): StaffingLesson {
  const usable = days.filter(({ witnesses }) => witnesses.length > 0).slice(-LESSON_DAYS_MAX)
  const alike = usable.filter((day) => day.weekend === weekend)
  const used = (alike.length >= DAYS_TO_TRUST ? alike : usable).map(({ witnesses }) => witnesses)
  if (used.length === 0) return NO_LESSON
  const all = used.flat()
  const usual = summaryOf(gaussianLogs(0, 0.5), all, () => 0)
  const slots = all.reduce((most, { slot }) => Math.max(most, slot), 0) + 1
  const bySlot = Array.from({ length: slots }, (_, slot) => all.filter((witness) => witness.slot === slot))
  const profile = bySlot.map((_, slot) => {
    // A neighbour says half as much about a slot as the slot itself.
    const near = [bySlot[slot - 1] ?? [], bySlot[slot] ?? [], bySlot[slot + 1] ?? []]
    const logs = gaussianLogs(Math.log(usual.mean), PROFILE_DEVIATION)
    near.forEach((witnesses, k) => {
      for (const { logs: more } of witnesses)
        for (let j = 0; j < GRID_SIZE; j++) logs[j] = (logs[j] ?? 0) + (k === 1 ? 1 : 0.5) * (more[j] ?? 0)
    })
    return summaryOf(logs, [], () => 0).mean
  })
  return { profile, dayCv: dayCvOf(used, profile) }
}

/** Spread of the days' own factors beyond what each day's calls leave open. */
function dayCvOf(days: readonly (readonly Witness[])[], profile: readonly number[]): number {
  const daily = days.map((day) =>
    summaryOf(gaussianLogs(0, 0.3), asOneDay(day), (slot) => shiftOf(profile, slot)),
  )
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const centre = mean(daily.map((day) => day.mean))
  const spread = mean(daily.map((day) => (day.mean - centre) ** 2))
  const noise = mean(daily.map((day) => (day.mean * day.cv) ** 2))
  const own = Math.max(DAY_CV_MIN ** 2, spread - noise / 2)
  const trust = days.length / (days.length + DAYS_TO_TRUST)
  return Math.sqrt(trust * own + (1 - trust) * UNKNOWN_DAY_CV ** 2)
}

/** Where today is against its profile, from its intervals that are over. */
export function staffingPosterior(lesson: StaffingLesson, today: readonly Witness[]): FactorPosterior {
  return summaryOf(gaussianLogs(0, lesson.dayCv), asOneDay(today), (slot) => shiftOf(lesson.profile, slot))
}

/** The same witnesses, each with its weight for the day as a whole. */
function asOneDay(witnesses: readonly Witness[]): readonly Witness[] {
  return witnesses.map((witness) => ({
    ...witness,
    logs: witness.logs.map((log) => log * witness.dayShare),
  }))
}

function shiftOf(profile: readonly number[], slot: number): number {
  return Math.log(profile[slot] ?? 1) / LOG_STEP
}

function gaussianLogs(centre: number, deviation: number): Float64Array {
  return FACTORS.map((factor) => -(((Math.log(factor) - centre) / deviation) ** 2) / 2)
}

function summaryOf(
  prior: Float64Array,
  witnesses: readonly Witness[],
  shiftBySlot: (slot: number) => number,
): FactorPosterior {
  const logs = Float64Array.from(prior)
  for (const { slot, logs: more } of witnesses) {
    const shift = shiftBySlot(slot)
    const whole = Math.floor(shift)
    const part = shift - whole
    for (let k = 0; k < GRID_SIZE; k++)
      logs[k] = (logs[k] ?? 0) + gridAt(more, k + whole) * (1 - part) + gridAt(more, k + whole + 1) * part
  }
  const most = logs.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  const masses = logs.map((log) => Math.exp(log - most))
  const whole = masses.reduce((a, b) => a + b, 0)
  let mean = 0
  let square = 0
  masses.forEach((mass, k) => {
    mean += (mass / whole) * (FACTORS[k] ?? 1)
    square += (mass / whole) * (FACTORS[k] ?? 1) ** 2
  })
  const cv = Math.sqrt(Math.max(0, square - mean * mean)) / mean
  return { mean, cv, values: quantilesOf(masses, whole) }
}

function gridAt(logs: Float64Array, index: number): number {
  return logs[Math.min(GRID_SIZE - 1, Math.max(0, index))] ?? 0
}

/** Mass spread evenly over each step of the grid. */
function quantilesOf(masses: Float64Array, whole: number): Float64Array {
  const values = new Float64Array(VALUE_COUNT)
  let k = 0
  let below = 0
  for (let q = 0; q < VALUE_COUNT; q++) {
    const wanted = ((q + 0.5) / VALUE_COUNT) * whole
    while (k < masses.length - 1 && below + (masses[k] ?? 0) < wanted) below += masses[k++] ?? 0
    const part = (masses[k] ?? 0) > 0 ? (wanted - below) / (masses[k] ?? 1) : 0.5
    values[q] = Math.exp(LOG_MIN + (k + part - 0.5) * LOG_STEP)
  }
  return values
}
