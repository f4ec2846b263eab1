/**
 * Amazon Connect's three streams as events of ours: agent events (each carries the state before and after), contact events
 * (unordered, best effort) and contact records (the truth, after the end). Field names are read without case, for the
 * documentation itself writes them in two ways. Each message stands for itself: what is remembered is only whose queues
 * and which names were told. Every transfer is a contact of its own there: each is a visit here, and the one that they all began with
 * is said to be the same contact.
 */
import { createHash } from 'node:crypto'
import type { EventData, EventType } from '../../domain/event.ts'
import {
  BoundedMap,
  type CanonicalEvent,
  canonicalEvent,
  isRecord,
  type MappedMessage,
  NOTHING_MAPPED,
  textOf,
} from '../canonical-event.ts'

const QUEUES_MAX = 10_000
const AGENTS_MAX = 100_000

type Fields = ReadonlyMap<string, unknown>
type Data = { readonly [field in keyof EventData]: EventData[field] | undefined }
interface Change {
  readonly type: EventType
  readonly timeMs: number | null
  readonly data: Data
}

/** What was told since the start: names of queues, by their ids, and agents whose queues are known. */
export interface ConnectMemory {
  readonly queueNames: BoundedMap<string, string>
  readonly agents: BoundedMap<string, true>
}
export const newConnectMemory = (): ConnectMemory => ({
  queueNames: new BoundedMap(QUEUES_MAX),
  agents: new BoundedMap(AGENTS_MAX),
})

/** One agent or contact event, one record, or any of them in the envelope of EventBridge. */
export function mapConnectMessage(
  value: unknown,
  source: string,
  memory: ConnectMemory = newConnectMemory(),
): MappedMessage {
  if (!isRecord(value)) return { events: [], rejected: 'not a JSON object' }
  const outer = fieldsOf(value)
  const detail = outer.get('detail')
  const fields = isRecord(detail) ? fieldsOf(detail) : outer
  if (fields.has('agentarn') && fields.has('eventid')) {
    const message = mapAgentEvent(fields, source, memory.agents)
    const names = queueNames(fields, source, memory.queueNames)
    return names.length === 0 ? message : { ...message, events: [...message.events, ...names] }
  }
  if (fields.has('lastupdatetimestamp') && fields.has('contactid')) return mapRecord(fields, source)
  if (fields.has('contactid') && fields.has('eventtype')) {
    return mapContactEvent(fields, source, textOf(outer.get('id')))
  }
  return { events: [], rejected: 'neither an agent event nor a contact event nor a contact record' }
}

function mapAgentEvent(fields: Fields, source: string, known: ConnectMemory['agents']): MappedMessage {
  const id = textOf(fields.get('eventid'))
  const current = nested(fields, 'currentagentsnapshot')
  const agentId = nameOf(fields.get('agentarn'))
  const atMs = timeOf(fields.get('eventtimestamp'))
  if (id === undefined || agentId === undefined)
    return { events: [], rejected: 'an agent event without id or agent' }
  const eventType = textOf(fields.get('eventtype'))
  // Heartbeats go on for an hour after the agent has left.
  const isAway = eventType === 'LOGOUT' || textOf(nested(current, 'agentstatus').get('name')) === 'Offline'
  const isFirst = !isAway && !known.has(agentId)
  if (isFirst) known.set(agentId, true)
  // With ids of their own: those of the other events must not depend on what was heard before.
  const memberships = (previous: Fields | null) =>
    membershipChanges(previous, current).map(([what, queueId]) =>
      canonicalEvent({
        id: `${id}-${what}-${queueId}`,
        source,
        type: `cc.agent.queue-${what}.v1`,
        timeMs: atMs,
        data: { agentId, queueId },
      }),
    )
  switch (eventType) {
    case 'HEART_BEAT': {
      const changes: Change[] = [{ type: 'cc.source.heartbeat.v1', timeMs: atMs, data: {} }]
      if (!isFirst) return toMessage(id, source, changes)
      changes.push(...statusChanges(agentId, null, current, atMs))
      return toMessage(id, source, changes, memberships(null))
    }
    case 'LOGIN': {
      const changes: Change[] = [
        { type: 'cc.agent.logged-on.v1', timeMs: atMs, data: { agentId } },
        ...statusChanges(agentId, null, current, atMs),
      ]
      return toMessage(id, source, changes, memberships(null))
    }
    case 'LOGOUT':
      return toMessage(id, source, [{ type: 'cc.agent.logged-off.v1', timeMs: atMs, data: { agentId } }])
    case 'STATE_CHANGE': {
      const previous = nested(fields, 'previousagentsnapshot')
      const changes = [
        ...statusChanges(agentId, previous, current, atMs),
        ...contactChanges(agentId, contactsOf(previous), contactsOf(current), atMs),
      ]
      return toMessage(id, source, changes, memberships(isFirst ? null : previous))
    }
    default:
      return { events: [], unknownVerb: eventType ?? '(no EventType)' }
  }
}

/** The queues of the agent's routing profile; the personal ones, in which nobody waits for the centre, aside. */
function inboundQueues(snapshot: Fields): readonly Fields[] {
  const configuration = nested(snapshot, 'configuration')
  const list =
    nested(configuration, 'routingprofile').get('inboundqueues') ?? configuration.get('inboundqueues')
  return (Array.isArray(list) ? list : []).flatMap((queue: unknown) => {
    const fields = isRecord(queue) ? fieldsOf(queue) : NONE
    return textOf(fields.get('arn'))?.includes('/queue/agent/') === false ? [fields] : []
  })
}

function queuesOf(snapshot: Fields): readonly string[] {
  return [...new Set(inboundQueues(snapshot).flatMap((queue) => nameOf(queue.get('arn')) ?? []))]
}

/** Another routing profile is other queues; `previous` null: all of them are told. */
function membershipChanges(
  previous: Fields | null,
  current: Fields,
): readonly (readonly ['joined' | 'left', string])[] {
  const isKnown = previous === null || (previous.has('configuration') && current.has('configuration'))
  if (!isKnown) return []
  const before = previous === null ? [] : queuesOf(previous)
  const after = queuesOf(current)
  return [
    ...after.filter((id) => !before.includes(id)).map((id) => ['joined', id] as const),
    ...before.filter((id) => !after.includes(id)).map((id) => ['left', id] as const),
  ]
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
    const data = {
      contactId,
      visitId: contactId,
      queueId: nameOf(nested(contact, 'queue').get('arn')),
      agentId,
    }
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
      data: { contactId, visitId: contactId, queueId, agentId, acwSeconds },
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
  const ids = { contactId, visitId: contactId }
  const same = sameContact(fields, source)
  const queue = nested(fields, 'queueinfo')
  const agent = nested(fields, 'agentinfo')
  const queueId = nameOf(queue.get('queuearn'))
  const agentId = nameOf(agent.get('agentarn'))
  const channel = textOf(fields.get('channel'))?.toLowerCase()
  switch (eventType) {
    case 'QUEUED': {
      const timeMs = timeOf(queue.get('enqueuetimestamp'))
      if (queueId === undefined) return { events: [], rejected: 'QUEUED: no queue' }
      return toMessage(
        id,
        source,
        [{ type: 'cc.contact.queued.v1', timeMs, data: { ...ids, queueId, channel } }],
        same,
      )
    }
    case 'CONNECTED_TO_AGENT': {
      if (queueId === undefined || agentId === undefined) return NOTHING_MAPPED
      const timeMs = timeOf(agent.get('connectedtoagenttimestamp'))
      const fromMs = timeOf(queue.get('enqueuetimestamp'))
      const waitSeconds =
        timeMs === null || fromMs === null ? undefined : Math.max(0, (timeMs - fromMs) / 1000)
      const data = { ...ids, queueId, agentId, waitSeconds }
      return toMessage(id, source, [{ type: 'cc.contact.answered.v1', timeMs, data }], same)
    }
    case 'DISCONNECTED': {
      const timeMs = timeOf(fields.get('disconnecttimestamp'))
      if (agentId === undefined && queueId !== undefined)
        return toMessage(
          id,
          source,
          [{ type: 'cc.contact.abandoned.v1', timeMs, data: { ...ids, queueId } }],
          same,
        )
      return toMessage(id, source, [{ type: 'cc.contact.ended.v1', timeMs, data: { ...ids, queueId } }], same)
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
  const ids = { contactId, visitId: contactId }
  const queuedMs = timeOf(queue.get('enqueuetimestamp'))
  const channel = textOf(fields.get('channel'))?.toLowerCase()
  const waitSeconds = secondsOf(queue.get('duration'))
  const changes: Change[] = [
    { type: 'cc.contact.queued.v1', timeMs: queuedMs, data: { ...ids, queueId, channel } },
  ]
  const agentId = nameOf(agent.get('arn'))
  const answeredMs = timeOf(agent.get('connectedtoagenttimestamp'))
  const endedMs = timeOf(fields.get('disconnecttimestamp'))
  if (agentId !== undefined && answeredMs !== null) {
    const data = { ...ids, queueId, agentId }
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
            data: { ...ids, queueId, reason: 'overflow', waitSeconds },
          }
        : { type: 'cc.contact.abandoned.v1', timeMs, data: { ...ids, queueId, waitSeconds } },
    )
  }
  return toMessage(id, source, changes, sameContact(fields, source))
}

/** The contact with which a chain of transfers began is the same contact as each of them. */
function sameContact(fields: Fields, source: string): readonly CanonicalEvent[] {
  const contactId = textOf(fields.get('contactid'))
  const initialId = textOf(fields.get('initialcontactid'))
  if (contactId === undefined || initialId === undefined || initialId === contactId) return []
  // Said once of each contact: told again, it is the same event.
  const timeMs =
    timeOf(fields.get('initiationtimestamp')) ?? timeOf(nested(fields, 'queueinfo').get('enqueuetimestamp'))
  const type = 'cc.contact.merged.v1'
  const data = { contactId: initialId, aliasIds: [contactId] }
  return [canonicalEvent({ id: `same-${contactId}`, source, type, timeMs, data })]
}

/** An ARN says nothing to a person: the names that stand beside it are told of their queues. */
function queueNames(
  fields: Fields,
  source: string,
  told: ConnectMemory['queueNames'],
): readonly CanonicalEvent[] {
  const current = nested(fields, 'currentagentsnapshot')
  const ofContacts = [...contactsOf(current).values()].map((contact) => nested(contact, 'queue'))
  const timeMs = timeOf(fields.get('eventtimestamp'))
  return [...inboundQueues(current), ...ofContacts].flatMap((queue) => {
    const queueId = nameOf(queue.get('arn'))
    const name = textOf(queue.get('name'))
    if (queueId === undefined || name === undefined || told.get(queueId) === name) return []
    told.set(queueId, name)
    const id = `queue-${queueId}-${createHash('sha256').update(name).digest('hex').slice(0, 16)}`
    return [
      canonicalEvent({
        id,
        source,
        type: 'cc.queue.configured.v1',
        timeMs,
        data: { queueId, raw: { name } },
      }),
    ]
  })
}

function toMessage(
  id: string,
  source: string,
  changes: readonly Change[],
  more: readonly CanonicalEvent[] = [],
): MappedMessage {
  const events = changes.map((change, index) =>
    canonicalEvent({ id: index === 0 ? id : `${id}-${index}`, source, ...change }),
  )
  return { events: [...events, ...more] }
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
