/**
 * mod_callcenter's events as ours. Each stands for itself: its threads race, so nothing is concluded from the order in which
 * they come. Durations are taken from the event's own whole seconds.
 */
import { createHash } from 'node:crypto'
import { type EventData, type EventType, isAgentEvent } from '../../domain/event.ts'
import { canonicalEvent, type MappedMessage, NOTHING_MAPPED } from '../canonical-event.ts'

export type EslFields = ReadonlyMap<string, string>

interface Meaning {
  readonly type: EventType
  readonly data: { readonly [field in keyof EventData]: EventData[field] | undefined }
}

/** Told by the contacts themselves, or of no meaning for any figure. */
const WITHOUT_MEANING =
  /^(members-count|agent-state-change|agent-add|agent-contact-change|agent-max-no-answer|agent-(state|status|type|uuid|contact|ready-time|reject-delay|busy-delay|no-answer-delay|max-no-answer|wrap-up-time)-get)$/

/** Field names in lower case. */
export function mapCallCenterEvent(fields: EslFields, source: string): MappedMessage {
  const action = fields.get('cc-action')
  if (action === undefined)
    return { events: [], unknownVerb: fields.get('event-subclass') ?? '(no CC-Action)' }
  const meaning = meaningOf(action, fields)
  if (meaning === null)
    return WITHOUT_MEANING.test(action) ? NOTHING_MAPPED : { events: [], unknownVerb: action }
  const missing = missingOf(meaning)
  if (missing !== null) return { events: [], rejected: `${action}: no ${missing}` }
  return { events: [canonicalEvent({ id: idOf(fields), source, timeMs: timeOf(fields), ...meaning })] }
}

function meaningOf(action: string, fields: EslFields): Meaning | null {
  const visit = {
    contactId: fields.get('cc-member-session-uuid') ?? fields.get('cc-member-uuid'),
    visitId: fields.get('cc-member-uuid'),
    queueId: fields.get('cc-queue'),
  }
  const agentId = fields.get('cc-agent')
  const joined = 'cc-member-joined-time'
  switch (action) {
    case 'member-queue-start':
    case 'member-queue-resume':
      return {
        type: 'cc.contact.queued.v1',
        data: { ...visit, callerNumber: fields.get('cc-member-cid-number') },
      }
    case 'agent-offering':
      return { type: 'cc.contact.offered.v1', data: { ...visit, agentId } }
    case 'bridge-agent-start': {
      const waitSeconds = between(fields, joined, 'cc-agent-answered-time')
      const ringSeconds = between(fields, 'cc-agent-called-time', 'cc-agent-answered-time')
      const offerId = fields.get('cc-agent-uuid')
      return {
        type: 'cc.contact.answered.v1',
        data: { ...visit, agentId, offerId, waitSeconds, ringSeconds },
      }
    }
    case 'bridge-agent-fail':
      return {
        type: 'cc.contact.offer-ended.v1',
        data: { ...visit, agentId, reason: failureReason(fields.get('cc-hangup-cause')) },
      }
    case 'bridge-agent-end': {
      const talkSeconds = between(fields, 'cc-agent-answered-time', 'cc-bridge-terminated-time')
      return { type: 'cc.contact.ended.v1', data: { ...visit, agentId, talkSeconds } }
    }
    case 'member-queue-end':
      return memberEnd(fields, visit)
    case 'agent-status-change':
      return agentStatus(agentId, fields.get('cc-agent-status'))
    default:
      return null
  }
}

function memberEnd(fields: EslFields, visit: Meaning['data']): Meaning {
  if (fields.get('cc-cause') !== 'Cancel') return { type: 'cc.contact.ended.v1', data: visit }
  const waitSeconds = between(fields, 'cc-member-joined-time', 'cc-member-leaving-time')
  switch (fields.get('cc-cancel-reason')) {
    // The caller hung up.
    case 'BREAK_OUT':
      return { type: 'cc.contact.abandoned.v1', data: { ...visit, waitSeconds } }
    case 'TIMEOUT':
      return { type: 'cc.contact.left-queue.v1', data: { ...visit, reason: 'timeout', waitSeconds } }
    case 'NO_AGENT_TIMEOUT':
      return { type: 'cc.contact.left-queue.v1', data: { ...visit, reason: 'empty', waitSeconds } }
    case 'EXIT_WITH_KEY':
      return { type: 'cc.contact.left-queue.v1', data: { ...visit, reason: 'key', waitSeconds } }
    default:
      return { type: 'cc.contact.left-queue.v1', data: { ...visit, reason: 'other', waitSeconds } }
  }
}

export function agentStatus(agentId: string | undefined, status = ''): Meaning {
  const type = 'cc.agent.state-changed.v1'
  if (status === 'Logged Out') return { type, data: { agentId, state: 'offline' } }
  if (status.startsWith('Available')) return { type, data: { agentId, state: 'ready' } }
  return { type, data: { agentId, state: status === '' ? 'unknown' : 'not-ready', reason: status } }
}

function failureReason(cause = ''): string {
  if (cause === 'NO_ANSWER' || cause === 'ALLOTTED_TIMEOUT') return 'noAnswer'
  if (cause === 'CALL_REJECTED' || cause === 'USER_BUSY') return 'rejected'
  return cause === 'ORIGINATOR_CANCEL' || cause === 'LOSE_RACE' ? 'cancelled' : 'failed'
}

function missingOf({ type, data }: Meaning): string | null {
  if (isAgentEvent(type)) return data.agentId === undefined ? 'agent' : null
  if (data.contactId === undefined) return 'member'
  if (data.queueId === undefined && type !== 'cc.contact.ended.v1') return 'queue'
  const needsAgent = type.includes('offer') || type === 'cc.contact.answered.v1'
  return needsAgent && data.agentId === undefined ? 'agent' : null
}

/** Whole seconds between two instants of the event; undefined where one is missing or not set (0). */
function between(fields: EslFields, from: string, to: string): number | undefined {
  const fromSeconds = Number(fields.get(from))
  const toSeconds = Number(fields.get(to))
  return fromSeconds > 0 && toSeconds > 0 ? Math.max(0, toSeconds - fromSeconds) : undefined
}

function timeOf(fields: EslFields): number | null {
  const microseconds = fields.get('event-date-timestamp')
  return microseconds !== undefined && /^\d{15,17}$/.test(microseconds)
    ? Math.round(Number(microseconds) / 1000)
    : null
}

function idOf(fields: EslFields): string {
  const core = fields.get('core-uuid')
  const sequence = fields.get('event-sequence')
  if (core !== undefined && sequence !== undefined) return `${core}-${sequence}`
  const text = JSON.stringify([...fields].sort(([a], [b]) => (a < b ? -1 : 1)))
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}
