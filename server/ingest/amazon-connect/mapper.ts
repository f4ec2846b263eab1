/**
 * Amazon Connect's three streams as events of ours: agent events (agent-events.ts), contact events (unordered, best effort) and
 * contact records (the truth, after the end). Each message stands for itself. Every transfer is a contact of its own there:
 * each is a visit here, and the one that they all began with is said to be the same contact.
 */
import {
  type CanonicalEvent,
  canonicalEvent,
  isRecord,
  type MappedMessage,
  NOTHING_MAPPED,
  textOf,
} from '../canonical-event.ts'
import { type ConnectMemory, mapAgentMessage, newConnectMemory } from './agent-events.ts'
import { type Change, type Fields, fieldsOf, nameOf, nested, secondsOf, timeOf, toMessage } from './fields.ts'

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
    return mapAgentMessage(fields, source, memory)
  }
  if (fields.has('lastupdatetimestamp') && fields.has('contactid')) return mapRecord(fields, source)
  if (fields.has('contactid') && fields.has('eventtype')) {
    return mapContactEvent(fields, source, textOf(outer.get('id')))
  }
  return { events: [], rejected: 'neither an agent event nor a contact event nor a contact record' }
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
