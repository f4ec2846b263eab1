/**
 * Who calls when. Doubly stochastic: a Poisson process whose rate is the expected shape times a gamma factor of the day
 * (one shared by all queues, one of the queue's own) times a within-day factor that half-hours next to each other share.
 */
import type { EndedBy } from '../domain/event.ts'
import { type SiteDay, wallClockToEpochMs, weekdayOf } from '../domain/site-calendar.ts'
import type { QueuePlan } from './centre-plan.ts'
import { type RandomStream, randomStream } from './random.ts'

export const SLOT_MINUTES = 30
const SLOTS_PER_DAY = 48
const SHARED_DAY_VARIATION = 0.05
const OWN_DAY_VARIATION = 0.07
const WITHIN_DAY_DEVIATION = 0.09
const WITHIN_DAY_CORRELATION = 0.8
/** Quiet hours still bring a third of a bump's height. */
const FLAT_DEMAND = 0.35
/** Longest talk: keeps the last call of an evening inside its day. */
const TALK_SECONDS_MAX = 3_600
const HOLD_RATIO = 0.08
const HOLD_SECONDS_MEAN = 40
const NO_ACW_RATIO = 0.1
const ENDED_BY_AGENT_RATIO = 0.42

/** A half-hour of the local day in which the queue is open. */
export interface DemandSlot {
  readonly slotIndex: number
  readonly startMs: number
  readonly endMs: number
  readonly expectedContacts: number
}

/** Everything about a caller that does not depend on who answers: drawn on arrival, so staffing never changes demand. */
export interface Caller {
  readonly patienceMs: number
  readonly talkMs: number
  readonly holdMs: number
  readonly acwMs: number
  readonly endedBy: EndedBy
  readonly transfers: boolean
}

export interface Arrival {
  readonly queueId: string
  readonly atMs: number
  readonly caller: Caller
}

/** The expected first calls of a day by half-hour; they add up to the day's expectation. Empty when closed. */
export function expectedDemand(queue: QueuePlan, zone: string, day: SiteDay): readonly DemandSlot[] {
  const weekday = weekdayOf(day)
  const open = queue.openingHours[weekday] ?? []
  const midnight = Date.parse(`${day}T00:00:00Z`)
  const slots: { slotIndex: number; weight: number }[] = []
  for (let slotIndex = 0; slotIndex < SLOTS_PER_DAY; slotIndex++) {
    const minute = slotIndex * SLOT_MINUTES
    if (open.some(([from, to]) => minute >= from && minute < to)) {
      slots.push({ slotIndex, weight: shapeAt(queue, (minute + SLOT_MINUTES / 2) / 60) })
    }
  }
  const weightTotal = slots.reduce((sum, slot) => sum + slot.weight, 0)
  const dayTotal = queue.contactsPerDay * (queue.weekdayFactors[weekday] ?? 0)
  const instant = (slotIndex: number) =>
    wallClockToEpochMs(zone, midnight + slotIndex * SLOT_MINUTES * 60_000)
  return slots.map(({ slotIndex, weight }) => ({
    slotIndex,
    startMs: instant(slotIndex),
    endMs: instant(slotIndex + 1),
    expectedContacts: (dayTotal * weight) / weightTotal,
  }))
}

function shapeAt(queue: QueuePlan, hour: number): number {
  return queue.bumps.reduce(
    (sum, bump) => sum + bump.height * Math.exp(-0.5 * ((hour - bump.atHour) / bump.widthHours) ** 2),
    FLAT_DEMAND,
  )
}

/** The first calls of one queue and day, in order of time. */
export function drawArrivals(seed: number, queue: QueuePlan, zone: string, day: SiteDay): readonly Arrival[] {
  const shared = randomStream(seed, day, 'day-factor').gammaFactor(SHARED_DAY_VARIATION)
  const levels = randomStream(seed, day, 'level', queue.id)
  const times = randomStream(seed, day, 'arrivals', queue.id)
  const callers = randomStream(seed, day, 'callers', queue.id)
  const dayFactor = shared * levels.gammaFactor(OWN_DAY_VARIATION)
  let level = levels.normal()
  const arrivals: Arrival[] = []
  for (const slot of expectedDemand(queue, zone, day)) {
    // exp(s·x − s²/2) has mean 1, so the shape stays what was configured.
    const within = Math.exp(WITHIN_DAY_DEVIATION * level - WITHIN_DAY_DEVIATION ** 2 / 2)
    const gapMsMean = (slot.endMs - slot.startMs) / (slot.expectedContacts * dayFactor * within)
    for (let at = slot.startMs + times.exponential(gapMsMean); at < slot.endMs; ) {
      arrivals.push({ queueId: queue.id, atMs: Math.floor(at), caller: drawCaller(callers, queue) })
      at += times.exponential(gapMsMean)
    }
    level = WITHIN_DAY_CORRELATION * level + Math.sqrt(1 - WITHIN_DAY_CORRELATION ** 2) * levels.normal()
  }
  return arrivals
}

export function drawCaller(random: RandomStream, queue: QueuePlan): Caller {
  const talkSeconds = random.lognormal(queue.talkSecondsMean, queue.talkVariationRatio)
  const patienceSeconds = random.exponential(queue.patienceSecondsMean)
  // Some need no after-call work; the others a little more, so that the mean is the configured one.
  const acwSeconds = random.lognormal(queue.acwSecondsMean / (1 - NO_ACW_RATIO), 0.7)
  const holdSeconds = 5 + random.exponential(HOLD_SECONDS_MEAN - 5)
  return {
    talkMs: Math.max(1_000, Math.round(Math.min(talkSeconds, TALK_SECONDS_MAX) * 1000)),
    patienceMs: Math.max(1, Math.round(patienceSeconds * 1000)),
    acwMs: random.chance(NO_ACW_RATIO) ? 0 : Math.round(acwSeconds * 1000),
    holdMs: random.chance(HOLD_RATIO) ? Math.round(holdSeconds * 1000) : 0,
    endedBy: random.chance(ENDED_BY_AGENT_RATIO) ? 'agent' : 'customer',
    transfers: random.chance(queue.transferRatio),
  }
}
