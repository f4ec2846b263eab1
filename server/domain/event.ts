/** The canonical event: types, data fields, and the stored form that every figure is folded from. */

/** Life-cycle rank breaks ties of time: a contact is queued before it is answered, whatever order the lines came in. */
export const EVENT_TYPES = {
  'cc.source.started.v1': { rank: 0 },
  'cc.source.snapshot.v1': { rank: 0 },
  'cc.source.gap.v1': { rank: 0 },
  'cc.source.heartbeat.v1': { rank: 9 },
  'cc.queue.configured.v1': { rank: 0 },
  'cc.agent.logged-on.v1': { rank: 0 },
  'cc.agent.queue-joined.v1': { rank: 1 },
  'cc.agent.state-changed.v1': { rank: 2 },
  'cc.agent.queue-left.v1': { rank: 3 },
  'cc.agent.logged-off.v1': { rank: 4 },
  'cc.contact.merged.v1': { rank: 0 },
  'cc.contact.queued.v1': { rank: 1 },
  'cc.contact.offered.v1': { rank: 2 },
  'cc.contact.offer-ended.v1': { rank: 3 },
  'cc.contact.answered.v1': { rank: 4 },
  'cc.contact.held.v1': { rank: 5 },
  'cc.contact.retrieved.v1': { rank: 5 },
  'cc.contact.transferred.v1': { rank: 6 },
  'cc.contact.ended.v1': { rank: 7 },
  'cc.contact.left-queue.v1': { rank: 7 },
  'cc.contact.abandoned.v1': { rank: 8 },
  'cc.callback.requested.v1': { rank: 7 },
  'cc.callback.attempted.v1': { rank: 7 },
  'cc.callback.closed.v1': { rank: 7 },
} as const

export type EventType = keyof typeof EVENT_TYPES

export type OfferEndReason = 'noAnswer' | 'rejected' | 'cancelled' | 'failed'
export type LeftQueueReason =
  | 'timeout'
  | 'empty'
  | 'key'
  | 'withdrawn'
  | 'overflow'
  | 'voicemail'
  | 'callback'
  | 'closed'
  | 'other'
export type EndedBy = 'agent' | 'customer' | 'system'
export type TransferKind = 'blind' | 'attended'
/** What an agent set or does; the displayed state is derived from both axes. */
export type AgentState =
  | 'offline'
  | 'ready'
  | 'reserved'
  | 'on-contact'
  | 'after-contact-work'
  | 'not-ready'
  | 'unknown'

/**
 * `reason` of a log-off that leaves the memberships of queues as they are: in Asterisk a member of a queue stays one,
 * whoever is logged in. Elsewhere logging off ends them.
 */
export const LOGOFF_KEEPS_MEMBERSHIP = 'membership-kept'

/** `data` of an event. One flat shape: which fields an event type needs is in wire/event-schema.ts. Durations in seconds. */
export interface EventData {
  readonly contactId?: string
  readonly visitId?: string
  readonly offerId?: string
  readonly queueId?: string
  readonly agentId?: string
  readonly channel?: string
  readonly priority?: number
  readonly callerNumber?: string
  readonly reason?: string
  readonly state?: AgentState
  readonly kind?: TransferKind
  readonly toQueueId?: string
  readonly toAgentId?: string
  readonly endedBy?: EndedBy
  readonly waitSeconds?: number
  readonly ringSeconds?: number
  readonly talkSeconds?: number
  readonly holdSeconds?: number
  readonly acwSeconds?: number
  /** A snapshot's open contacts and agent states, after a reconnect: contacts not listed are lost. */
  readonly openContactIds?: readonly string[]
  /** Other ids of the same contact, found out later. */
  readonly aliasIds?: readonly string[]
  readonly raw?: unknown
}

/** An accepted event before it is stored. Instants are epoch milliseconds UTC. */
export interface EventEnvelope {
  readonly id: string
  readonly source: string
  readonly type: EventType
  /** The source's clock. When the source gave none it is `receivedAtMs` and `timeAssumed` is true. */
  readonly occurredAtMs: number
  readonly timeAssumed?: boolean
  /** Order within the source where the source has one (a file: segment and line). Compared as text, so padded. */
  readonly sequence?: string
  readonly receivedAtMs: number
  readonly data: EventData
}

/** An event as the ledger keeps it. `ingestSeq` is the order in which it was written; it never decides a figure. */
export interface LedgerEvent extends EventEnvelope {
  readonly ingestSeq: number
}

/** About an agent rather than a contact, a queue or the source itself. */
export function isAgentEvent(type: EventType): boolean {
  return type.startsWith('cc.agent.')
}

export function isEventType(text: string): text is EventType {
  return Object.hasOwn(EVENT_TYPES, text)
}
