/**
 * Agent events: each carries the agent's state before and after, and stands for itself. What is remembered is only whose queues
 * and which names of queues were told.
 */
import { createHash } from 'node:crypto'
import {
  BoundedMap,
  type CanonicalEvent,
  canonicalEvent,
  isRecord,
  type MappedMessage,
  textOf,
} from '../canonical-event.ts'
import {
  type Change,
  type Data,
  type Fields,
  fieldsOf,
  NONE,
  nameOf,
  nested,
  timeOf,
  toMessage,
} from './fields.ts'

const QUEUES_MAX = 10_000
const AGENTS_MAX = 100_000

/** What was told since the start: names of queues, by their ids, and agents whose queues are known. */
export interface ConnectMemory {
  readonly queueNames: BoundedMap<string, string>
  readonly agents: BoundedMap<string, true>
}
export const newConnectMemory = (): ConnectMemory => ({
  queueNames: new BoundedMap(QUEUES_MAX),
  agents: new BoundedMap(AGENTS_MAX),
})

/** An agent event, with the names of the queues that stand in it. */
export function mapAgentMessage(fields: Fields, source: string, memory: ConnectMemory): MappedMessage {
  const message = mapAgentEvent(fields, source, memory.agents)
  const names = queueNames(fields, source, memory.queueNames)
  return names.length === 0 ? message : { ...message, events: [...message.events, ...names] }
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
