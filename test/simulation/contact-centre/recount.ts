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
