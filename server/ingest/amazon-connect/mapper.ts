/**
 * Amazon Connect's three streams as events of ours: agent events (each carries the state before and after), contact events
 * (unordered, best effort) and contact records (the truth, after the end). Field names are read without case, for the
 * documentation itself writes them in two ways. Each message stands for itself; nothing is remembered.
 */
import type { EventData, EventType } from '../../domain/event.ts'
import { canonicalEvent, isRecord, type MappedMessage, NOTHING_MAPPED, textOf } from '../canonical-event.ts'

type Fields = ReadonlyMap<string, unknown>
type Data = { readonly [field in keyof EventData]: EventData[field] | undefined }
interface Change {
  readonly type: EventType
  readonly timeMs: number | null
  readonly data: Data
}

/** One agent or contact event, one record, or any of them in the envelope of EventBridge. */
export function mapConnectMessage(value: unknown, source: string): MappedMessage {
  if (!isRecord(value)) return { events: [], rejected: 'not a JSON object' }
  const outer = fieldsOf(value)
  const detail = outer.get('detail')
  const fields = isRecord(detail) ? fieldsOf(detail) : outer
  if (fields.has('agentarn') && fields.has('eventid')) return mapAgentEvent(fields, source)
  if (fields.has('lastupdatetimestamp') && fields.has('contactid')) return mapRecord(fields, source)
  if (fields.has('contactid') && fields.has('eventtype')) {
    return mapContactEvent(fields, source, textOf(outer.get('id')))
  }
  return { events: [], rejected: 'neither an agent event nor a contact event nor a contact record' }
}

function mapAgentEvent(fields: Fields, source: string): MappedMessage {
  const id = textOf(fields.get('eventid'))
  const current = nested(fields, 'currentagentsnapshot')
  const agentId = nameOf(fields.get('agentarn'))
  const atMs = timeOf(fields.get('eventtimestamp'))
  if (id === undefined || agentId === undefined)
    return { events: [], rejected: 'an agent event without id or agent' }
  const eventType = textOf(fields.get('eventtype'))
  switch (eventType) {
    case 'HEART_BEAT':
      return toMessage(id, source, [{ type: 'cc.source.heartbeat.v1', timeMs: atMs, data: {} }])
    case 'LOGIN':
      return toMessage(id, source, [
        { type: 'cc.agent.logged-on.v1', timeMs: atMs, data: { agentId } },
        ...statusChanges(agentId, null, current, atMs),
      ])
    case 'LOGOUT':
      return toMessage(id, source, [{ type: 'cc.agent.logged-off.v1', timeMs: atMs, data: { agentId } }])
    case 'STATE_CHANGE': {
      const previous = nested(fields, 'previousagentsnapshot')
      return toMessage(id, source, [
        ...statusChanges(agentId, previous, current, atMs),
        ...contactChanges(agentId, contactsOf(previous), contactsOf(current), atMs),
      ])
    }
    default:
      return { events: [], unknownVerb: eventType ?? '(no EventType)' }
  }
}

/** What the agent set: Available while talking. Whatever is neither Available nor Offline is a not-ready with its name. */
function statusChanges(
  agentId: string,
  previous: Fields | null,
  current: Fields,
  atMs: number | null,
): Change[] {
  const name = textOf(nested(current, 'agentstatus').get('name'))
  if (
    name === undefined ||
    (previous !== null && textOf(nested(previous, 'agentstatus').get('name')) === name)
  )
    return []
  const state = name === 'Available' ? 'ready' : name === 'Offline' ? 'offline' : 'not-ready'
  const timeMs = timeOf(nested(current, 'agentstatus').get('starttimestamp')) ?? atMs
  const reason = state === 'not-ready' ? name : undefined
  return [{ type: 'cc.agent.state-changed.v1', timeMs, data: { agentId, state, reason } }]
}

function contactsOf(snapshot: Fields): ReadonlyMap<string, Fields> {
  const list = snapshot.get('contacts')
  const contacts = new Map<string, Fields>()
  for (const value of Array.isArray(list) ? list : []) {
    const contact = isRecord(value) ? fieldsOf(value) : null
    const contactId = textOf(contact?.get('contactid'))
    if (contact !== null && contactId !== undefined) contacts.set(contactId, contact)
  }
  return contacts
}

function contactChanges(
  agentId: string,
  before: ReadonlyMap<string, Fields>,
  after: ReadonlyMap<string, Fields>,
  atMs: number | null,
): Change[] {
  const changes: Change[] = []
  for (const [contactId, contact] of after) {
    const was = textOf(before.get(contactId)?.get('state'))
    const state = textOf(contact.get('state')) ?? ''
    if (was === state) continue
    const timeMs = timeOf(contact.get('statestarttimestamp')) ?? atMs
    const data = { contactId, queueId: nameOf(nested(contact, 'queue').get('arn')), agentId }
    const change = contactState(state, was, data, timeMs)
    if (change !== null) changes.push(change)
  }
  for (const [contactId, contact] of before) {
    // No event tells after-contact work: it runs from ENDED until the contact leaves the list.
    if (after.has(contactId) || textOf(contact.get('state')) !== 'ENDED') continue
    const endedMs = timeOf(contact.get('statestarttimestamp'))
    const acwSeconds = endedMs === null || atMs === null ? undefined : Math.max(0, (atMs - endedMs) / 1000)
    const queueId = nameOf(nested(contact, 'queue').get('arn'))
    changes.push({
      type: 'cc.contact.ended.v1',
      timeMs: atMs,
      data: { contactId, queueId, agentId, acwSeconds },
    })
  }
  return changes
}

function contactState(
  state: string,
  was: string | undefined,
  data: Data,
  timeMs: number | null,
): Change | null {
  // An outbound call has no queue of waiting callers: nothing of it is a visit.
  const inQueue = data.queueId !== undefined
  const offerEnded = (reason: string): Change | null =>
    inQueue ? { type: 'cc.contact.offer-ended.v1', timeMs, data: { ...data, reason } } : null
  switch (state) {
    case 'CONNECTING':
      return inQueue ? { type: 'cc.contact.offered.v1', timeMs, data } : null
    case 'CONNECTED':
      if (was === 'CONNECTED_ONHOLD') return { type: 'cc.contact.retrieved.v1', timeMs, data }
      return inQueue ? { type: 'cc.contact.answered.v1', timeMs, data } : null
    case 'CONNECTED_ONHOLD':
      return { type: 'cc.contact.held.v1', timeMs, data }
    case 'MISSED':
      return offerEnded('noAnswer')
    case 'REJECTED':
      return offerEnded('rejected')
    case 'ERROR':
      return offerEnded('failed')
    case 'ENDED':
      // Never connected: how it ended in the queue is told by the contact's own events.
      return was?.startsWith('CONNECTED') === true ? { type: 'cc.contact.ended.v1', timeMs, data } : null
    default:
      return null
  }
}

const CONTACT_EVENTS_WITHOUT_MEANING = new Set(
  'INITIATED CONNECTED_TO_SYSTEM CONTACT_DATA_UPDATED COMPLETED AMD_DISABLED WEAK_NOTIFICATION'.split(' '),
)

function mapContactEvent(fields: Fields, source: string, envelopeId: string | undefined): MappedMessage {
  const contactId = textOf(fields.get('contactid'))
  const eventType = textOf(fields.get('eventtype')) ?? ''
  if (contactId === undefined) return { events: [], rejected: `${eventType}: no contact` }
  // One contact has one event of each of these kinds: every transfer is a new contact.
  const id = envelopeId ?? `contact-${contactId}-${eventType}`
  const queue = nested(fields, 'queueinfo')
  const agent = nested(fields, 'agentinfo')
  const queueId = nameOf(queue.get('queuearn'))
  const agentId = nameOf(agent.get('agentarn'))
  const channel = textOf(fields.get('channel'))?.toLowerCase()
  switch (eventType) {
    case 'QUEUED': {
      const timeMs = timeOf(queue.get('enqueuetimestamp'))
      if (queueId === undefined) return { events: [], rejected: 'QUEUED: no queue' }
      return toMessage(id, source, [
        { type: 'cc.contact.queued.v1', timeMs, data: { contactId, queueId, channel } },
      ])
    }
    case 'CONNECTED_TO_AGENT': {
      if (queueId === undefined || agentId === undefined) return NOTHING_MAPPED
      const timeMs = timeOf(agent.get('connectedtoagenttimestamp'))
      const fromMs = timeOf(queue.get('enqueuetimestamp'))
      const waitSeconds =
        timeMs === null || fromMs === null ? undefined : Math.max(0, (timeMs - fromMs) / 1000)
      const data = { contactId, queueId, agentId, waitSeconds }
      return toMessage(id, source, [{ type: 'cc.contact.answered.v1', timeMs, data }])
    }
    case 'DISCONNECTED': {
      const timeMs = timeOf(fields.get('disconnecttimestamp'))
      if (agentId === undefined && queueId !== undefined)
        return toMessage(id, source, [
          { type: 'cc.contact.abandoned.v1', timeMs, data: { contactId, queueId } },
        ])
      return toMessage(id, source, [{ type: 'cc.contact.ended.v1', timeMs, data: { contactId, queueId } }])
    }
    default:
      return CONTACT_EVENTS_WITHOUT_MEANING.has(eventType)
        ? NOTHING_MAPPED
        : { events: [], unknownVerb: eventType }
  }
}

/**
 * A record tells the whole contact and is sent again when it changes; each version has its own id, and at equal
 * times ids decide the order, so that the version changed last stands.
 */
function mapRecord(fields: Fields, source: string): MappedMessage {
  const contactId = textOf(fields.get('contactid'))
  const updated = textOf(fields.get('lastupdatetimestamp'))
  const queue = nested(fields, 'queue')
  const agent = nested(fields, 'agent')
  const queueId = nameOf(queue.get('arn'))
  if (contactId === undefined || updated === undefined)
    return { events: [], rejected: 'a record without id or time' }
  // Never in a queue: an outbound call, or a caller who hung up in the menu.
  if (queueId === undefined) return NOTHING_MAPPED
  const id = `record-${contactId}-${updated}`
  const queuedMs = timeOf(queue.get('enqueuetimestamp'))
  const channel = textOf(fields.get('channel'))?.toLowerCase()
  const waitSeconds = secondsOf(queue.get('duration'))
  const changes: Change[] = [
    { type: 'cc.contact.queued.v1', timeMs: queuedMs, data: { contactId, queueId, channel } },
  ]
  const agentId = nameOf(agent.get('arn'))
  const answeredMs = timeOf(agent.get('connectedtoagenttimestamp'))
  const endedMs = timeOf(fields.get('disconnecttimestamp'))
  if (agentId !== undefined && answeredMs !== null) {
    const data = { contactId, queueId, agentId }
    changes.push({ type: 'cc.contact.answered.v1', timeMs: answeredMs, data: { ...data, waitSeconds } })
    changes.push({
      type: 'cc.contact.ended.v1',
      timeMs: endedMs ?? timeOf(updated),
      data: {
        ...data,
        talkSeconds: secondsOf(agent.get('agentinteractionduration')),
        holdSeconds: secondsOf(agent.get('customerholdduration')),
        acwSeconds: secondsOf(agent.get('aftercontactworkduration')),
      },
    })
  } else {
    const timeMs = timeOf(queue.get('dequeuetimestamp')) ?? endedMs
    // Out of the queue with the call going on is a flow-out; out of it with the call, an abandon.
    const goesOn = textOf(fields.get('nextcontactid')) !== undefined
    changes.push(
      goesOn
        ? {
            type: 'cc.contact.left-queue.v1',
            timeMs,
            data: { contactId, queueId, reason: 'overflow', waitSeconds },
          }
        : { type: 'cc.contact.abandoned.v1', timeMs, data: { contactId, queueId, waitSeconds } },
    )
  }
  return toMessage(id, source, changes)
}

function toMessage(id: string, source: string, changes: readonly Change[]): MappedMessage {
  const events = changes.map((change, index) =>
    canonicalEvent({ id: index === 0 ? id : `${id}-${index}`, source, ...change }),
  )
  return { events }
}

function fieldsOf(value: Readonly<Record<string, unknown>>): Fields {
  return new Map(Object.entries(value).map(([name, entry]) => [name.toLowerCase(), entry]))
}

const NONE: Fields = new Map()

function nested(fields: Fields, name: string): Fields {
  const value = fields.get(name)
  return isRecord(value) ? fieldsOf(value) : NONE
}

/** The last part of an ARN: the id that every stream gives, with a name or without one. */
function nameOf(arn: unknown): string | undefined {
  return textOf(arn)?.split('/').at(-1) || undefined
}

function timeOf(value: unknown): number | null {
  const atMs = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isFinite(atMs) && atMs >= 0 ? atMs : null
}

function secondsOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}
