/** The figures of an agent's day over all queues: contacts by arrival, times by the segments of the day, beside the schedule. */

import { type AgentSegment, agentSegments } from './agent-day.ts'
import type { AgentTimeline, TimeWindow } from './agent-fold.ts'
import type { AgentWork } from './agent-now.ts'
import type { AgentFigures } from './figures.ts'

/** What an agent is scheduled to do. `on-queue`: to be ready for contacts; everything else is paid time away from them. */
export interface ScheduleSegment {
  readonly activity: string
  readonly startMs: number
  readonly endMs: number
}
export const ON_QUEUE = 'on-queue'

export interface AgentFiguresInput {
  readonly agentId: string
  readonly name: string
  readonly teamId: string | null
  readonly timeline: AgentTimeline
  readonly work: AgentWork
  readonly window: TimeWindow
  readonly schedule: readonly ScheduleSegment[]
  /** Newest instant that any source has told of: later parts of the schedule are still to come. */
  readonly knownToMs: number
}

export function agentFigures(input: AgentFiguresInput): AgentFigures {
  const { agentId, name, teamId, timeline, work, window } = input
  const segments = agentSegments(timeline, work, window)
  const times = timesOf(segments)
  const { contacts, talkMs, holdMs, acwMs } = contactSums(work, window)
  const handlingMs = times.onContactMs + times.acwMs
  let ringNoAnswer = 0
  for (const { toMs, isNoAnswer } of work.rung.keys())
    if (isNoAnswer && toMs >= window.fromMs && toMs < window.toMs) ringNoAnswer += 1
  return {
    agent: agentId,
    name,
    team: teamId,
    contacts,
    talkSeconds: talkMs / 1000,
    holdSeconds: holdMs / 1000,
    acwSeconds: acwMs / 1000,
    ringNoAnswer,
    loggedInSeconds: times.loggedInMs / 1000,
    readySeconds: times.readyMs / 1000,
    ringingSeconds: times.ringingMs / 1000,
    notReadySeconds: times.notReadyMs / 1000,
    notReadyByReason: Object.fromEntries(
      [...times.notReadyByReason]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([reason, ms]) => [reason, ms / 1000]),
    ),
    handlingSeconds: handlingMs / 1000,
    occupancyRatio: ratio(handlingMs, handlingMs + times.readyMs),
    ...scheduleFigures(segments, input),
  }
}

function contactSums(work: AgentWork, window: TimeWindow) {
  const sums = { contacts: 0, talkMs: 0, holdMs: 0, acwMs: 0 }
  for (const [part, { queuedAtMs }] of work.answered) {
    if (queuedAtMs < window.fromMs || queuedAtMs >= window.toMs) continue
    sums.contacts += 1
    sums.talkMs += part.talkMs ?? 0
    sums.holdMs += part.holdMs
    sums.acwMs += part.acwMs
  }
  return sums
}

function timesOf(segments: readonly AgentSegment[]) {
  const times = { loggedInMs: 0, readyMs: 0, ringingMs: 0, notReadyMs: 0, onContactMs: 0, acwMs: 0 }
  const notReadyByReason = new Map<string, number>()
  for (const { fromMs, toMs, state, reason } of segments) {
    const ms = toMs - fromMs
    if (state === 'offline') continue
    times.loggedInMs += ms
    if (state === 'ready') times.readyMs += ms
    else if (state === 'reserved') times.ringingMs += ms
    else if (state === 'on-contact') times.onContactMs += ms
    else if (state === 'after-contact-work') times.acwMs += ms
    else if (state === 'not-ready') {
      times.notReadyMs += ms
      notReadyByReason.set(reason ?? '', (notReadyByReason.get(reason ?? '') ?? 0) + ms)
    }
  }
  return { ...times, notReadyByReason }
}

/** On queue: at work on contacts or ready for them. */
function isOnQueue({ state }: AgentSegment): boolean {
  return state === 'ready' || state === 'reserved' || state === 'on-contact' || state === 'after-contact-work'
}

/**
 * Adherence = 1 − exception ÷ scheduled time, not below 0; an exception is time scheduled on queue and not spent so, or
 * scheduled away and spent on queue. Conformance = time on queue ÷ time scheduled so; it may pass 1. Null with no schedule.
 */
function scheduleFigures(
  segments: readonly AgentSegment[],
  { schedule, window, knownToMs }: AgentFiguresInput,
): Pick<AgentFigures, 'scheduledSeconds' | 'adherenceRatio' | 'conformanceRatio'> {
  const onQueue = segments.filter(isOnQueue)
  let scheduledMs = 0
  let scheduledOnQueueMs = 0
  let exceptionMs = 0
  for (const { activity, startMs, endMs } of schedule) {
    const fromMs = Math.max(startMs, window.fromMs)
    const toMs = Math.min(endMs, window.toMs, knownToMs)
    if (toMs <= fromMs) continue
    const spentMs = onQueue.reduce(
      (sum, one) => sum + Math.max(0, Math.min(one.toMs, toMs) - Math.max(one.fromMs, fromMs)),
      0,
    )
    scheduledMs += toMs - fromMs
    if (activity === ON_QUEUE) {
      scheduledOnQueueMs += toMs - fromMs
      exceptionMs += toMs - fromMs - spentMs
    } else exceptionMs += spentMs
  }
  const onQueueMs = onQueue.reduce((sum, one) => sum + one.toMs - one.fromMs, 0)
  return {
    scheduledSeconds: schedule.length === 0 ? null : scheduledMs / 1000,
    adherenceRatio: scheduledMs === 0 ? null : Math.max(0, 1 - exceptionMs / scheduledMs),
    conformanceRatio: ratio(onQueueMs, scheduledOnQueueMs),
  }
}

function ratio(numerator: number, denominator: number): number | null {
  return denominator === 0 ? null : numerator / denominator
}
