/** What each verb of the queue log means in events. Verbs of app_queue.c and app_agent_pool.c, and those that dialplans write by custom. */
import {
  type EventData,
  type EventType,
  type LeftQueueReason,
  LOGOFF_KEEPS_MEMBERSHIP,
  type TransferKind,
} from '../../domain/event.ts'
import { cutText } from '../canonical-event.ts'
import type { QueueLogRow } from './rows.ts'

export interface VerbEvent {
  readonly type: EventType
  readonly data: EventData
  /** Tells two events of one row apart. */
  readonly suffix?: string
}

export type VerbResult =
  | { readonly events: readonly VerbEvent[] }
  | { readonly fault: string }
  | { readonly skipped: string }
  | null

/** Written for other readers, or about things that no figure counts. */
const WITHOUT_MEANING = new Set([
  'PENALTY',
  'RINGINUSE',
  'OUTCALL',
  'PAUSEREASON',
  'CALLSTATUS',
  'DID',
  'RINGING',
  'OUTDIAL',
  'OUTANSWER',
  'JOINEMPTY',
  'JOINUNAVAIL',
  'FULL',
  'CLOSED',
  'INFO',
  'TRANSFERRED',
])

type Reader = (row: QueueLogRow) => readonly VerbEvent[] | string

/** Data fields that a whole row has: a last row without a line end and with fewer is a torn one. */
const DATA_FIELDS_OF_WHOLE: Readonly<Record<string, number>> = {
  ENTERQUEUE: 3,
  CONNECT: 3,
  COMPLETEAGENT: 3,
  COMPLETECALLER: 3,
  ABANDON: 3,
  EXITWITHTIMEOUT: 3,
  EXITEMPTY: 3,
  EXITWITHKEY: 4,
  WITHDRAW: 4,
  BLINDTRANSFER: 5,
  ATTENDEDTRANSFER: 5,
  TRANSFER: 5,
}

/** Whether a row that ends without a line end may be taken as whole. */
export function looksWhole(row: QueueLogRow): boolean {
  const fields = DATA_FIELDS_OF_WHOLE[row.verb]
  if (fields !== undefined) return row.data.length >= fields
  // The last field of these may be cut without a trace, unless the bar after it was written.
  return READERS[row.verb] !== undefined && row.data.at(-1) === ''
}

export function readVerb(row: QueueLogRow): VerbResult {
  const reader = Object.hasOwn(READERS, row.verb) ? READERS[row.verb] : undefined
  if (reader === undefined) return WITHOUT_MEANING.has(row.verb) ? { skipped: row.verb } : null
  const result = reader(row)
  return typeof result === 'string' ? { fault: result } : { events: result }
}

/** Rows of no call and no queue write NONE; management rows name who asked. */
const NO_CALL = new Set(['', 'NONE', 'MANAGER', 'REALTIME', 'CLI'])

export function callIdOf(row: QueueLogRow): string | null {
  return NO_CALL.has(row.callId) ? null : row.callId
}

function queueOf(row: QueueLogRow): string | null {
  return row.queue === '' || row.queue === 'NONE' ? null : row.queue
}

function agentOf(row: QueueLogRow): string | undefined {
  return row.agent === '' || row.agent === 'NONE' ? undefined : row.agent
}

/** A number of the row; absent, empty or no number: undefined. */
function number(row: QueueLogRow, position: number): number | undefined {
  const text = row.data[position - 1]
  if (text === undefined || !/^-?\d+(\.\d+)?$/.test(text)) return undefined
  return Math.max(0, Number(text))
}

const DATA_LENGTH_MAX = 256

function text(row: QueueLogRow, position: number): string | undefined {
  const found = row.data[position - 1] ?? ''
  return found === '' ? undefined : cutText(found, DATA_LENGTH_MAX)
}

/** Leaves out what is undefined: the data of an event holds only what the source gave. */
function compact(data: Record<string, unknown>): EventData {
  const kept: Record<string, unknown> = {}
  for (const name in data) if (data[name] !== undefined) kept[name] = data[name]
  return kept as EventData
}

function contact(type: EventType, extra: (row: QueueLogRow) => Record<string, unknown>): Reader {
  return (row) => {
    const contactId = callIdOf(row)
    const queueId = queueOf(row)
    if (contactId === null) return 'no call id'
    if (queueId === null) return 'no queue'
    return [{ type, data: compact({ contactId, queueId, ...extra(row) }) }]
  }
}

function left(reason: LeftQueueReason, waitPosition: number | null): Reader {
  return contact('cc.contact.left-queue.v1', (row) => ({
    reason,
    waitSeconds: waitPosition === null ? undefined : number(row, waitPosition),
  }))
}

function completed(endedBy: 'agent' | 'customer'): Reader {
  return contact('cc.contact.ended.v1', (row) => ({
    agentId: agentOf(row),
    endedBy,
    talkSeconds: number(row, 2),
  }))
}

function transferred(kind: TransferKind, talkPosition: (row: QueueLogRow) => number): Reader {
  return contact('cc.contact.transferred.v1', (row) => ({
    agentId: agentOf(row),
    kind,
    talkSeconds: number(row, talkPosition(row)),
  }))
}

function offerEnded(reason: 'noAnswer' | 'cancelled' | 'failed'): Reader {
  return contact('cc.contact.offer-ended.v1', (row) => {
    const milliseconds = number(row, 1)
    return {
      agentId: agentOf(row),
      reason,
      ringSeconds: milliseconds === undefined ? undefined : milliseconds / 1000,
    }
  })
}

function agent(type: EventType, data: Record<string, unknown>, reasonPosition?: number): Reader {
  return (row) => {
    const agentId = agentOf(row)
    if (agentId === undefined) return 'no agent'
    const reason = reasonPosition === undefined ? undefined : text(row, reasonPosition)
    return [{ type, data: compact({ agentId, queueId: queueOf(row) ?? undefined, reason, ...data }) }]
  }
}

function joined(row: QueueLogRow): readonly VerbEvent[] | string {
  const agentId = agentOf(row)
  const queueId = queueOf(row)
  if (agentId === undefined) return 'no agent'
  if (queueId === null) return 'no queue'
  const events: VerbEvent[] = [{ type: 'cc.agent.queue-joined.v1', data: { agentId, queueId } }]
  if (row.data[0] === 'PAUSED') {
    const data: EventData = { agentId, queueId, state: 'not-ready' }
    events.push({ type: 'cc.agent.state-changed.v1', data, suffix: '-paused' })
  }
  return events
}

function leftQueue(row: QueueLogRow): readonly VerbEvent[] | string {
  const agentId = agentOf(row)
  const queueId = queueOf(row)
  if (agentId === undefined) return 'no agent'
  if (queueId === null) return 'no queue'
  return [{ type: 'cc.agent.queue-left.v1', data: { agentId, queueId } }]
}

/** PAUSEALL has no queue and sets all; the rows of the single queues that follow set the same again and add nothing. */
const paused = agent('cc.agent.state-changed.v1', { state: 'not-ready' }, 1)
const unpaused = agent('cc.agent.state-changed.v1', { state: 'ready' })
const loggedOn = agent('cc.agent.logged-on.v1', {})
const loggedOff = agent('cc.agent.logged-off.v1', { reason: LOGOFF_KEEPS_MEMBERSHIP })

const READERS: Readonly<Record<string, Reader>> = {
  QUEUESTART: () => [{ type: 'cc.source.started.v1', data: {} }],
  // A sign of life and no more: the logger read its configuration again.
  CONFIGRELOAD: () => [{ type: 'cc.source.heartbeat.v1', data: {} }],
  ENTERQUEUE: contact('cc.contact.queued.v1', (row) => ({ callerNumber: text(row, 2) })),
  CONNECT: contact('cc.contact.answered.v1', (row) => ({
    agentId: agentOf(row),
    offerId: text(row, 2),
    waitSeconds: number(row, 1),
    ringSeconds: number(row, 3),
  })),
  COMPLETEAGENT: completed('agent'),
  COMPLETECALLER: completed('customer'),
  ABANDON: contact('cc.contact.abandoned.v1', (row) => ({ waitSeconds: number(row, 3) })),
  EXITWITHTIMEOUT: left('timeout', 3),
  EXITEMPTY: left('empty', 3),
  EXITWITHKEY: left('key', 4),
  WITHDRAW: left('withdrawn', 3),
  // The codecs did not fit and the caller was dropped; no ABANDON row follows.
  SYSCOMPAT: left('other', null),
  RINGNOANSWER: offerEnded('noAnswer'),
  RINGCANCELED: offerEnded('cancelled'),
  // The agent hung up in the announcement; the caller goes on waiting.
  AGENTDUMP: offerEnded('failed'),
  BLINDTRANSFER: transferred('blind', () => 4),
  TRANSFER: transferred('blind', () => 4),
  // LINK names two channels, so its talk stands one field later.
  ATTENDEDTRANSFER: transferred('attended', (row) => (row.data[0] === 'LINK' ? 5 : 4)),
  ADDMEMBER: joined,
  REMOVEMEMBER: leftQueue,
  PAUSE: paused,
  UNPAUSE: unpaused,
  PAUSEALL: paused,
  UNPAUSEALL: unpaused,
  AGENTLOGIN: loggedOn,
  AGENTLOGOFF: loggedOff,
  AGENTCALLBACKLOGIN: loggedOn,
  AGENTCALLBACKLOGOFF: loggedOff,
}
