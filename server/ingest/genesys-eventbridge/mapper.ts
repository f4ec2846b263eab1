/**
 * Genesys Cloud's events, as EventBridge delivers them, as events of ours: detail events of conversations, and presence and
 * routing status of users. At least once and in no order, so each message stands for itself; the envelope's id names it.
 * Only that presences come at all is remembered, because "off queue" alone does not say why.
 */
import type { EventData, EventType } from '../../domain/event.ts'
import { canonicalEvent, isRecord, type MappedMessage, NOTHING_MAPPED, textOf } from '../canonical-event.ts'

type Fields = Readonly<Record<string, unknown>>
type Data = { readonly [field in keyof EventData]: EventData[field] | undefined }
interface Meaning {
  readonly type: EventType
  readonly data: Data
}
/** What a message means: events, nothing at all, or why it cannot be used. */
type Reading = readonly Meaning[] | { readonly rejected: string }

const CONVERSATION_TOPIC = /^v2\.detail\.events\.conversation\.[^.]+\.(.+)$/
const USER_TOPIC = /^v2\.(?:detail\.events\.user|users)\.([^.]+)\.(presence|routingstatus)$/i
const AUDIT_TOPIC = /^v2\.audits\.entitytype\.([^.]+)\.entityid\.(.+)$/

/** Understood, and told by other events: the visit ends with its queue (acd.end) and with its agent (user.end). */
const WITHOUT_MEANING = new Set(
  'customer.start customer.end contact attributes flow.start flow.end flow.outcome voicemail.start voicemail.end'.split(
    ' ',
  ),
)

export class GenesysMapper {
  readonly #source: string
  /** The feed brings presences: what they say of being off the queue says more, and knows those who are gone. */
  #hasPresences = false

  constructor(source: string) {
    this.#source = source
  }

  /** One envelope of EventBridge. */
  map(value: unknown): MappedMessage {
    if (!isRecord(value)) return { events: [], rejected: 'not a JSON object' }
    const detail = isRecord(value.detail) ? value.detail : null
    const body = detail !== null && isRecord(detail.eventBody) ? detail.eventBody : null
    const id = textOf(value.id)
    if (id === undefined || detail === null || body === null)
      return {
        events: [],
        rejected: 'not an event of EventBridge: id, detail and detail.eventBody are needed',
      }
    const topic = textOf(detail.topicName) ?? textOf(value['detail-type']) ?? ''
    const reading = this.#read(topic, body)
    if (reading === null) return { events: [], unknownVerb: verbOf(topic) }
    if ('rejected' in reading) return { events: [], rejected: `${verbOf(topic)}: ${reading.rejected}` }
    if (reading.length === 0) return NOTHING_MAPPED
    const timeMs = timeOf(body.eventTime) ?? timeOf(detail.timestamp) ?? timeOf(value.time)
    return {
      events: reading.map(({ type, data }, index) =>
        canonicalEvent({ id: index === 0 ? id : `${id}-${index}`, source: this.#source, type, timeMs, data }),
      ),
    }
  }

  #read(topic: string, body: Fields): Reading | null {
    const conversation = CONVERSATION_TOPIC.exec(topic)
    if (conversation !== null) return conversationEvent(conversation[1] ?? '', body)
    const user = USER_TOPIC.exec(topic)
    if (user !== null) {
      const agentId = textOf(body.userId) ?? user[1]
      if (agentId === undefined) return { rejected: 'no user' }
      return user[2]?.toLowerCase() === 'presence'
        ? this.#presence(agentId, presenceOf(body))
        : this.#routingStatus(agentId, routingStatusOf(body))
    }
    const audit = AUDIT_TOPIC.exec(topic)
    if (audit?.[1] !== 'UserPresence') return null
    const agentId = textOf(isRecord(body.entity) ? body.entity.id : undefined) ?? audit[2]
    return agentId === undefined ? { rejected: 'no user' } : this.#presence(agentId, auditedPresence(body))
  }

  /** What a person set. "Available" is off the queue: only "On Queue" takes contacts. */
  #presence(agentId: string, presence: string | undefined): Reading {
    if (presence === undefined) return { rejected: 'no presence' }
    this.#hasPresences = true
    const type = 'cc.agent.state-changed.v1'
    const name = presence.toLowerCase().replaceAll(/[^a-z]/g, '')
    if (name === 'onqueue') return [{ type, data: { agentId, state: 'ready' } }]
    if (name === 'offline') return [{ type, data: { agentId, state: 'offline' } }]
    return [{ type, data: { agentId, state: 'not-ready', reason: presence } }]
  }

  #routingStatus(agentId: string, status: string | undefined): Reading | null {
    const type = 'cc.agent.state-changed.v1'
    switch (status) {
      case 'IDLE':
        return [{ type, data: { agentId, state: 'ready' } }]
      case 'INTERACTING':
      case 'COMMUNICATING':
        return [{ type, data: { agentId, state: 'on-contact' } }]
      case 'NOT_RESPONDING':
        return [{ type, data: { agentId, state: 'not-ready', reason: status } }]
      case 'OFF_QUEUE': {
        if (this.#hasPresences) return []
        return [{ type, data: { agentId, state: 'not-ready', reason: status } }]
      }
      default:
        return status === undefined ? { rejected: 'no routing status' } : null
    }
  }
}

function conversationEvent(verb: string, body: Fields): Reading | null {
  if (WITHOUT_MEANING.has(verb)) return []
  const contactId = textOf(body.conversationId)
  const queueId = textOf(body.queueId)
  const agentId = textOf(body.userId)
  const known = ['acd.start', 'acd.end', 'user.start', 'user.end', 'acw', 'wrapup']
  if (!known.includes(verb)) return null
  if (contactId === undefined) return { rejected: 'no conversation' }
  if (verb.startsWith('acd.')) {
    if (queueId === undefined) return { rejected: 'no queue' }
    return verb === 'acd.start' ? [queued(contactId, queueId, body)] : queueLeft(contactId, queueId, body)
  }
  // Calls of a user that came through no queue are no visits.
  if (queueId === undefined) return []
  if (agentId === undefined) return { rejected: 'no user' }
  const ids = { contactId, queueId, agentId }
  if (verb === 'user.start')
    return [{ type: 'cc.contact.offered.v1', data: { ...ids, offerId: textOf(body.sessionId) } }]
  if (verb === 'user.end') return [userLeft(ids, body)]
  const acwSeconds = secondsOf(body.wrapupDurationMs)
  return acwSeconds === undefined ? [] : [{ type: 'cc.contact.ended.v1', data: { ...ids, acwSeconds } }]
}

function queued(contactId: string, queueId: string, body: Fields): Meaning {
  const channel = textOf(body.mediaType)?.toLowerCase()
  const callerNumber = textOf(body.ani)?.replace(/^tel:/i, '')
  const priority = typeof body.routingPriority === 'number' ? body.routingPriority : undefined
  return { type: 'cc.contact.queued.v1', data: { contactId, queueId, channel, callerNumber, priority } }
}

/** Nothing is concluded: only the outcome that Genesys states makes an answer or an abandon. */
function queueLeft(contactId: string, queueId: string, body: Fields): Reading {
  const waitSeconds = secondsOf(body.connectedDurationMs)
  const agentId = textOf(body.answeredUserId) ?? textOf(body.userId)
  switch (body.acdOutcome) {
    case 'ANSWERED':
      if (agentId === undefined) return { rejected: 'answered, by nobody' }
      return [{ type: 'cc.contact.answered.v1', data: { contactId, queueId, agentId, waitSeconds } }]
    case 'ABANDON':
      return [{ type: 'cc.contact.abandoned.v1', data: { contactId, queueId, waitSeconds } }]
    case 'FLOW_OUT':
      return [
        { type: 'cc.contact.left-queue.v1', data: { contactId, queueId, reason: 'overflow', waitSeconds } },
      ]
    default:
      return { rejected: `no outcome that is known: ${String(body.acdOutcome).slice(0, 40)}` }
  }
}

/** A user who never interacted was only offered the contact. */
function userLeft(
  ids: { readonly contactId: string; readonly queueId: string; readonly agentId: string },
  body: Fields,
): Meaning {
  const disconnect = textOf(body.disconnectType) ?? 'UNKNOWN'
  const talkSeconds = secondsOf(body.interactingDurationMs) ?? 0
  const holdSeconds = secondsOf(body.heldDurationMs)
  if (talkSeconds === 0 && (holdSeconds ?? 0) === 0) {
    const ringSeconds = secondsOf(body.alertingDurationMs)
    return {
      type: 'cc.contact.offer-ended.v1',
      data: { ...ids, reason: offerEndReason(disconnect), ringSeconds },
    }
  }
  if (disconnect.endsWith('TRANSFER')) {
    const kind = disconnect === 'CONSULT_TRANSFER' ? 'attended' : 'blind'
    return { type: 'cc.contact.transferred.v1', data: { ...ids, kind, talkSeconds, holdSeconds } }
  }
  const endedBy =
    disconnect === 'CLIENT' || disconnect === 'ENDPOINT'
      ? 'agent'
      : disconnect === 'PEER'
        ? 'customer'
        : disconnect === 'SYSTEM'
          ? 'system'
          : undefined
  return { type: 'cc.contact.ended.v1', data: { ...ids, talkSeconds, holdSeconds, endedBy } }
}

function offerEndReason(disconnect: string): string {
  if (disconnect === 'PEER') return 'cancelled'
  if (['CLIENT', 'ENDPOINT', 'DND_ENDPOINT', 'DND_TRANSFER'].includes(disconnect)) return 'rejected'
  if (['ERROR', 'TRANSPORT_FAILURE', 'UNCALLABLE'].includes(disconnect)) return 'failed'
  return 'noAnswer'
}

function presenceOf(body: Fields): string | undefined {
  const definition = isRecord(body.presenceDefinition) ? body.presenceDefinition : body
  return textOf(definition.systemPresence) ?? textOf(body.presence)
}

function routingStatusOf(body: Fields): string | undefined {
  const status = isRecord(body.routingStatus)
    ? body.routingStatus.status
    : (body.routingStatus ?? body.status)
  return textOf(status)?.toUpperCase()
}

function auditedPresence(body: Fields): string | undefined {
  const changes: readonly unknown[] = Array.isArray(body.propertyChanges) ? body.propertyChanges : []
  for (const change of changes) {
    if (!isRecord(change) || change.property !== 'PRESENCE' || !Array.isArray(change.newValues)) continue
    return textOf(change.newValues[0])
  }
  return undefined
}

/** `v2.detail.events.conversation.<id>.acd.start` is counted as `acd.start`: ids would make every one another verb. */
function verbOf(topic: string): string {
  const conversation = CONVERSATION_TOPIC.exec(topic)?.[1]
  if (conversation !== undefined) return conversation
  return topic.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/gi, '{id}').slice(0, 120) || '(no topic)'
}

/** Milliseconds since 1970, or a text. */
function timeOf(value: unknown): number | null {
  const atMs = typeof value === 'number' ? value : typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isFinite(atMs) && atMs > 0 ? Math.round(atMs) : null
}

function secondsOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? Math.max(0, value / 1000) : undefined
}
