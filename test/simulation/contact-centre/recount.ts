/** Counts a day's events the plain way, without the product's fold: one pass over what each contact went through. */
import type { SimulatedEvent } from '../../../server/simulator/recorder.ts'

export interface Recount {
  offered: number
  answered: number
  abandoned: number
  flowedOut: number
  answeredWithinThreshold: number
  abandonedWithinThreshold: number
  shortAbandons: number
}

export interface RecountInput {
  readonly events: readonly SimulatedEvent[]
  readonly queueId: string
  readonly thresholdSeconds: number
  readonly shortAbandonSeconds: number
  /** Only contacts that arrived in [from, to). */
  readonly fromMs?: number
  readonly toMs?: number
}

/** Waits are differences of the events' own times, not the durations that the source states. */
export function recount(input: RecountInput): Recount {
  const { events, queueId, thresholdSeconds, shortAbandonSeconds } = input
  const { fromMs = Number.NEGATIVE_INFINITY, toMs = Number.POSITIVE_INFINITY } = input
  const arrivedAt = new Map<string, number>()
  const counts: Recount = {
    offered: 0,
    answered: 0,
    abandoned: 0,
    flowedOut: 0,
    answeredWithinThreshold: 0,
    abandonedWithinThreshold: 0,
    shortAbandons: 0,
  }
  for (const { type, occurredAtMs, data } of events) {
    if (data.queueId !== queueId || data.contactId === undefined) continue
    if (type === 'cc.contact.queued.v1') {
      if (occurredAtMs < fromMs || occurredAtMs >= toMs) continue
      arrivedAt.set(data.contactId, occurredAtMs)
      counts.offered++
    }
    const waitMs = occurredAtMs - (arrivedAt.get(data.contactId) ?? Number.NaN)
    if (Number.isNaN(waitMs)) continue
    if (type === 'cc.contact.answered.v1') {
      counts.answered++
      if (waitMs <= thresholdSeconds * 1000) counts.answeredWithinThreshold++
    } else if (type === 'cc.contact.abandoned.v1') {
      counts.abandoned++
      if (waitMs <= thresholdSeconds * 1000) counts.abandonedWithinThreshold++
      if (waitMs <= shortAbandonSeconds * 1000) counts.shortAbandons++
    } else if (type === 'cc.contact.left-queue.v1') counts.flowedOut++
  }
  return counts
}

/** What is known of a queue at the last of the events, by arrival. */
export interface RecountNow {
  waiting: number
  /** When the one who waits longest arrived. */
  waitingSinceMs: number | null
  answeredWaitMs: number
  handled: number
  /** Talk, hold and after-call work of what was handled. */
  handlingMs: number
}

export function recountNow(events: readonly SimulatedEvent[], queueId: string): RecountNow {
  const arrivedAt = new Map<string, number>()
  const answeredAt = new Map<string, number>()
  const now: RecountNow = {
    waiting: 0,
    waitingSinceMs: null,
    answeredWaitMs: 0,
    handled: 0,
    handlingMs: 0,
  }
  for (const { type, occurredAtMs, data } of events) {
    const contactId = data.contactId ?? ''
    // That a conversation ended is told of the contact, not of the queue.
    const talkedSinceMs = answeredAt.get(contactId)
    if (type === 'cc.contact.ended.v1' && talkedSinceMs !== undefined) {
      now.handled++
      now.handlingMs += occurredAtMs - talkedSinceMs + (data.acwSeconds ?? 0) * 1000
      answeredAt.delete(contactId)
    }
    if (data.queueId !== queueId) continue
    if (type === 'cc.contact.queued.v1') arrivedAt.set(contactId, occurredAtMs)
    if (type === 'cc.contact.answered.v1') {
      now.answeredWaitMs += occurredAtMs - (arrivedAt.get(contactId) ?? Number.NaN)
      answeredAt.set(contactId, occurredAtMs)
    }
    if (LEAVES_THE_QUEUE.has(type)) arrivedAt.delete(contactId)
  }
  now.waiting = arrivedAt.size
  now.waitingSinceMs = arrivedAt.size === 0 ? null : Math.min(...arrivedAt.values())
  return now
}

const LEAVES_THE_QUEUE: ReadonlySet<string> = new Set([
  'cc.contact.answered.v1',
  'cc.contact.abandoned.v1',
  'cc.contact.left-queue.v1',
])

export interface RecountAgent {
  state: string
  readonly queueIds: Set<string>
}

/** What every agent who is there does after the last of the events: on a call, called, or as was last set. */
export function recountAgents(events: readonly SimulatedEvent[]): ReadonlyMap<string, RecountAgent> {
  const agents = new Map<string, RecountAgent & { onCall: Set<string>; called: Set<string>; set: string }>()
  for (const { type, data } of events) {
    const { agentId, contactId = '', offerId = '', queueId = '' } = data
    if (agentId === undefined) continue
    if (type === 'cc.agent.logged-on.v1')
      agents.set(agentId, {
        state: '',
        set: 'unknown',
        queueIds: new Set(),
        onCall: new Set(),
        called: new Set(),
      })
    const agent = agents.get(agentId)
    if (agent === undefined) continue
    if (type === 'cc.agent.logged-off.v1') agents.delete(agentId)
    if (type === 'cc.agent.queue-joined.v1') agent.queueIds.add(queueId)
    if (type === 'cc.agent.queue-left.v1') agent.queueIds.delete(queueId)
    if (type === 'cc.agent.state-changed.v1') agent.set = data.state ?? 'unknown'
    if (type === 'cc.contact.offered.v1') agent.called.add(offerId)
    if (type === 'cc.contact.offer-ended.v1') agent.called.delete(offerId)
    if (type === 'cc.contact.answered.v1') {
      agent.called.clear()
      agent.onCall.add(contactId)
    }
    if (type === 'cc.contact.ended.v1') agent.onCall.delete(contactId)
    agent.state = agent.onCall.size > 0 ? 'on-contact' : agent.called.size > 0 ? 'reserved' : agent.set
  }
  return agents
}
