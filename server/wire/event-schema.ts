/** Which `data` fields each event type needs and how each field is checked. The one table behind HTTP, sockets and files. */
import type { EventType } from '../domain/event.ts'

/** Ids are names in a telephone system, not texts; a longer one is a mistake of the sender. */
export const ID_LENGTH_MAX = 256
export const TEXT_LENGTH_MAX = 512
/** A day in the life of the longest call ever seen, with room: beyond it the unit is wrong (ms for s). */
export const DURATION_SECONDS_MAX = 10_000_000
export const RAW_LENGTH_MAX = 16_384
export const OPEN_CONTACTS_MAX = 100_000
/** An event further ahead than this is a wrong clock or a wrong date: refused, so that it cannot sit in tomorrow's figures. */
export const AHEAD_MS_MAX = 24 * 3_600_000

export type FieldCheck =
  | { readonly kind: 'id' }
  | { readonly kind: 'text' }
  | { readonly kind: 'seconds' }
  | { readonly kind: 'number' }
  | { readonly kind: 'ids' }
  | { readonly kind: 'one-of'; readonly values: readonly string[] }

const OFFER_END_REASONS = ['noAnswer', 'rejected', 'cancelled', 'failed'] as const
export const LEFT_QUEUE_REASONS = [
  'timeout',
  'empty',
  'key',
  'withdrawn',
  'overflow',
  'voicemail',
  'callback',
  'closed',
  'other',
] as const
const AGENT_STATES = [
  'offline',
  'ready',
  'reserved',
  'on-contact',
  'after-contact-work',
  'not-ready',
  'unknown',
] as const

const id: FieldCheck = { kind: 'id' }
const text: FieldCheck = { kind: 'text' }
const seconds: FieldCheck = { kind: 'seconds' }

/** Checks that hold for a field wherever it stands; a field that an event type does not use is checked all the same. */
export const DATA_FIELDS: Readonly<Record<string, FieldCheck>> = {
  contactId: id,
  visitId: id,
  offerId: id,
  queueId: id,
  agentId: id,
  channel: text,
  priority: { kind: 'number' },
  callerNumber: text,
  reason: text,
  state: { kind: 'one-of', values: AGENT_STATES },
  kind: { kind: 'one-of', values: ['blind', 'attended'] },
  toQueueId: id,
  toAgentId: id,
  endedBy: { kind: 'one-of', values: ['agent', 'customer', 'system'] },
  waitSeconds: seconds,
  ringSeconds: seconds,
  talkSeconds: seconds,
  holdSeconds: seconds,
  acwSeconds: seconds,
  openContactIds: { kind: 'ids' },
  aliasIds: { kind: 'ids' },
}

/** Fields that must be there. */
export const REQUIRED_FIELDS: Readonly<Record<EventType, readonly string[]>> = {
  'cc.contact.queued.v1': ['contactId', 'queueId'],
  'cc.contact.offered.v1': ['contactId', 'queueId', 'agentId'],
  'cc.contact.offer-ended.v1': ['contactId', 'queueId', 'agentId', 'reason'],
  'cc.contact.answered.v1': ['contactId', 'queueId', 'agentId'],
  'cc.contact.held.v1': ['contactId', 'agentId'],
  'cc.contact.retrieved.v1': ['contactId', 'agentId'],
  'cc.contact.transferred.v1': ['contactId', 'agentId', 'kind'],
  'cc.contact.ended.v1': ['contactId'],
  'cc.contact.abandoned.v1': ['contactId', 'queueId'],
  'cc.contact.left-queue.v1': ['contactId', 'queueId', 'reason'],
  'cc.contact.merged.v1': ['contactId', 'aliasIds'],
  'cc.callback.requested.v1': ['contactId', 'queueId'],
  'cc.callback.attempted.v1': ['contactId'],
  'cc.callback.closed.v1': ['contactId'],
  'cc.agent.logged-on.v1': ['agentId'],
  'cc.agent.logged-off.v1': ['agentId'],
  'cc.agent.state-changed.v1': ['agentId', 'state'],
  'cc.agent.queue-joined.v1': ['agentId', 'queueId'],
  'cc.agent.queue-left.v1': ['agentId', 'queueId'],
  'cc.queue.configured.v1': ['queueId'],
  'cc.source.started.v1': [],
  'cc.source.heartbeat.v1': [],
  'cc.source.snapshot.v1': [],
  'cc.source.gap.v1': [],
}

/** Where `reason` is a word of ours and not the centre's own text. */
export const REASONS_BY_TYPE: Readonly<Partial<Record<EventType, readonly string[]>>> = {
  'cc.contact.offer-ended.v1': OFFER_END_REASONS,
  'cc.contact.left-queue.v1': LEFT_QUEUE_REASONS,
}
