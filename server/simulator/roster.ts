/**
 * Shifts of a day, sized from the expected load by the square-root rule (agents = load + safety × √load per team and
 * half-hour) and filled greedily: the next agent gets the shift that covers most of what is still missing.
 */
import { type SiteDay, wallClockToEpochMs, weekdayOf } from '../domain/site-calendar.ts'
import type { CentrePlan, TeamPlan } from './centre-plan.ts'
import { expectedDemand, SLOT_MINUTES } from './demand.ts'
import type { Agent } from './people.ts'
import { type RandomStream, randomStream } from './random.ts'

export type NotReadyReason = 'break' | 'lunch' | 'training' | 'coaching' | 'personal' | 'missed-call'

export interface Pause {
  readonly atMs: number
  readonly durationMs: number
  readonly reason: NotReadyReason
}

export interface Shift {
  readonly agent: Agent
  /** When the agent really logs on: late arrivals included. */
  readonly startMs: number
  readonly endMs: number
  readonly pauses: readonly Pause[]
}

const MINUTE_MS = 60_000
const SHIFT_SLOTS = [17, 12, 8]
/** Share of a shift that is really spent on the phones: the rest is pauses, lateness and absence. */
const SHIFT_YIELD = 0.84
/** A shift that would be needed for less than this share of its length is not worth sending somebody for. */
const WORTH_RATIO = 0.3
/** Short shifts are for gaps that a long one would fill badly. */
const SHORT_SHIFT_PENALTY = 0.08
/** Redials and transfers come on top of the first calls. */
const REPEAT_UPLIFT = 1.06
const ABSENCE_RATIO = 0.05
const LATE_RATIO = 0.12
const LATE_MINUTES_MEAN = 7
const LATE_MINUTES_MAX = 40
const COACHING_RATIO = 0.08
const PERSONAL_GAP_MINUTES_MEAN = 180
/** Closing time finds the last callers still waiting: the last shifts stay this long for them. */
const CLOSING_MINUTES = 4
/** Days off by week; the patterns move on by one each week, so weekends and the one week of six days are shared. */
const DAYS_OFF: readonly (readonly number[])[] = [[5, 6], [6, 2], [5, 6], [0, 1], [5, 6], [6, 3], [5, 6], [4]]

interface SlotSpan {
  readonly fromSlot: number
  readonly toSlot: number
}

/** The shifts of a day. Sizes depend on the expected demand alone; who is late or away, on the day. */
export function rosterOf(input: {
  readonly plan: CentrePlan
  readonly agents: readonly Agent[]
  readonly seed: number
  readonly zone: string
  readonly day: SiteDay
}): readonly Shift[] {
  const { plan, agents, seed, zone, day } = input
  const loads = new Map(plan.queues.map((queue) => [queue.id, plannedLoad(queue, zone, day)]))
  return plan.teams.flatMap((team) => {
    const present = agents.filter((agent) => agent.teamId === team.id && worksOn(agent, day))
    const spans = sizeShifts(requirement(team, loads, plan.staffingSafety), present.length)
    return spans.flatMap((span, index) => {
      const agent = present[(index + weekNumber(day)) % present.length]
      return agent === undefined ? [] : drawShift({ agent, team, span, seed, zone, day })
    })
  })
}

/** Offered load in erlangs that the shifts are sized for, by half-hour of the day. */
function plannedLoad(queue: CentrePlan['queues'][number], zone: string, day: SiteDay): Float64Array {
  const load = new Float64Array(48)
  const ahtSeconds = queue.talkSecondsMean + queue.acwSecondsMean
  for (const slot of expectedDemand(queue, zone, day)) {
    load[slot.slotIndex] = (slot.expectedContacts * REPEAT_UPLIFT * ahtSeconds) / (SLOT_MINUTES * 60)
  }
  return load
}

function requirement(team: TeamPlan, loads: ReadonlyMap<string, Float64Array>, safety: number): Float64Array {
  const required = new Float64Array(48)
  for (let slot = 0; slot < 48; slot++) {
    let erlangs = 0
    for (const skill of team.skills) erlangs += (loads.get(skill.queueId)?.[slot] ?? 0) * skill.loadShare
    required[slot] = erlangs === 0 ? 0 : erlangs + safety * Math.sqrt(erlangs) + 0.3
  }
  return required
}

function sizeShifts(required: Float64Array, heads: number): readonly SlotSpan[] {
  const missing = Float64Array.from(required)
  const open = [...required.keys()].filter((slot) => (required[slot] ?? 0) > 0)
  const firstSlot = open.at(0)
  const endSlot = (open.at(-1) ?? -1) + 1
  if (firstSlot === undefined) return []
  const spans: SlotSpan[] = []
  while (spans.length < heads) {
    const best = bestSpan({ required, missing, firstSlot, endSlot })
    if (best === undefined) break
    for (let slot = best.fromSlot; slot < best.toSlot; slot++) {
      missing[slot] = (missing[slot] ?? 0) - SHIFT_YIELD
    }
    spans.push(best)
  }
  return spans
}

interface SpanSearch {
  readonly required: Float64Array
  readonly missing: Float64Array
  readonly firstSlot: number
  readonly endSlot: number
}

function bestSpan({ required, missing, firstSlot, endSlot }: SpanSearch): SlotSpan | undefined {
  let best: SlotSpan | undefined
  let bestScore = Number.NEGATIVE_INFINITY
  for (const lengthSlots of SHIFT_SLOTS) {
    const lastStart = Math.max(firstSlot, endSlot - lengthSlots)
    for (let fromSlot = firstSlot; fromSlot <= lastStart; fromSlot++) {
      const toSlot = Math.min(fromSlot + lengthSlots, endSlot)
      let used = 0
      let relief = 0
      for (let slot = fromSlot; slot < toSlot; slot++) {
        const gap = Math.max(0, missing[slot] ?? 0)
        used += Math.min(1, gap / SHIFT_YIELD)
        relief += gap / Math.max(1, required[slot] ?? 0)
      }
      const lengthRun = toSlot - fromSlot
      // Relief is relative, so that a short-handed team is short by the same share at noon and in the evening.
      const score = relief / lengthRun - (lengthSlots === SHIFT_SLOTS[0] ? 0 : SHORT_SHIFT_PENALTY)
      if (used / lengthRun > WORTH_RATIO && score > bestScore) {
        best = { fromSlot, toSlot }
        bestScore = score
      }
    }
  }
  return best
}

interface ShiftInput {
  readonly agent: Agent
  readonly team: TeamPlan
  readonly span: SlotSpan
  readonly seed: number
  readonly zone: string
  readonly day: SiteDay
}

/** Somebody's real day within the planned span; none when absent. */
function drawShift(input: ShiftInput): readonly Shift[] {
  const { agent, span, seed, zone, day } = input
  const random = randomStream(seed, day, 'shift', agent.id)
  if (random.chance(ABSENCE_RATIO)) return []
  const late = random.chance(LATE_RATIO)
    ? Math.min(random.exponential(LATE_MINUTES_MEAN), LATE_MINUTES_MAX)
    : -2 * random.uniform()
  const plannedStartMs = localInstant(zone, day, span.fromSlot * SLOT_MINUTES)
  const startMs = Math.round(plannedStartMs + late * MINUTE_MS)
  const closing = random.uniform() * CLOSING_MINUTES
  const endMs = Math.round(localInstant(zone, day, span.toSlot * SLOT_MINUTES) + closing * MINUTE_MS)
  const lengthMinutes = (span.toSlot - span.fromSlot) * SLOT_MINUTES
  const pauses = [
    ...drawBreaks({ random, memberIndex: agent.memberIndex, plannedStartMs, lengthMinutes }),
    ...trainingOf(input),
    ...drawPersonal({ random, plannedStartMs, lengthMinutes }),
  ]
  return [{ agent, startMs, endMs, pauses: pauses.filter(({ atMs }) => atMs > startMs && atMs < endMs) }]
}

interface BreakInput {
  readonly random: RandomStream
  readonly memberIndex: number
  readonly plannedStartMs: number
  readonly lengthMinutes: number
}

function drawBreaks({ random, memberIndex, plannedStartMs, lengthMinutes }: BreakInput): readonly Pause[] {
  // Staggered by place in the team: a team does not go to lunch together.
  const staggerRatio = ((memberIndex % 7) / 6 - 0.5) * 0.22
  const pause = (atRatio: number, minutes: number, reason: NotReadyReason): Pause => {
    const jitterRatio = (random.uniform() - 0.5) * 0.04
    return {
      reason,
      atMs: Math.round(plannedStartMs + (atRatio + staggerRatio + jitterRatio) * lengthMinutes * MINUTE_MS),
      durationMs: Math.round(minutes * (0.9 + 0.3 * random.uniform()) * MINUTE_MS),
    }
  }
  return [
    ...(lengthMinutes > 120 ? [pause(0.25, 12, 'break')] : []),
    ...(lengthMinutes > 360 ? [pause(0.5, 40, 'lunch')] : []),
    ...(lengthMinutes > 240 ? [pause(0.76, 12, 'break')] : []),
    ...(random.chance(COACHING_RATIO) ? [pause(0.62, 30, 'coaching')] : []),
  ]
}

function trainingOf({ agent, team, zone, day }: ShiftInput): readonly Pause[] {
  const { training } = team
  if (training === null || weekdayOf(day) > 4 || agent.memberIndex % training.everyNthMember !== 0) return []
  const atMs = localInstant(zone, day, training.fromMinute)
  return [{ reason: 'training', atMs, durationMs: training.minutes * MINUTE_MS }]
}

function drawPersonal(input: Omit<BreakInput, 'memberIndex'>): readonly Pause[] {
  const { random, plannedStartMs, lengthMinutes } = input
  const pauses: Pause[] = []
  for (let minutes = random.exponential(PERSONAL_GAP_MINUTES_MEAN); minutes < lengthMinutes; ) {
    pauses.push({
      reason: 'personal',
      atMs: Math.round(plannedStartMs + minutes * MINUTE_MS),
      durationMs: Math.round((1 + random.exponential(2)) * MINUTE_MS),
    })
    minutes += random.exponential(PERSONAL_GAP_MINUTES_MEAN)
  }
  return pauses
}

function localInstant(zone: string, day: SiteDay, minute: number): number {
  return wallClockToEpochMs(zone, Date.parse(`${day}T00:00:00Z`) + minute * MINUTE_MS)
}

function worksOn(agent: Agent, day: SiteDay): boolean {
  const pattern = DAYS_OFF[(agent.memberIndex + weekNumber(day)) % DAYS_OFF.length] ?? []
  return !pattern.includes(weekdayOf(day))
}

/** Weeks since Monday 5 January 1970. */
function weekNumber(day: SiteDay): number {
  return Math.floor((Date.parse(`${day}T00:00:00Z`) / 86_400_000 - 4) / 7)
}
