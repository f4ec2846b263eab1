/**
 * Twilio TaskRouter's events as ours: callbacks (form fields) and Event Streams (CloudEvents with the same fields written
 * small). Each event stands for itself, for they come in any order or not at all; only the two ends of
 * wrap-up are remembered, and whichever comes last tells its length.
 */
import type { AgentState, EventData, EventType } from '../../domain/event.ts'
import {
  BoundedMap,
  canonicalEvent,
  isRecord,
  type MappedMessage,
  NOTHING_MAPPED,
  textOf,
} from '../canonical-event.ts'

const WRAP_UPS_MAX = 10_000
/** Names of Twilio's own activities, of new workspaces and of old ones; others are not ready, with the name as reason. */
const ACTIVITY_STATES: Readonly<Record<string, AgentState>> = {
  idle: 'ready',
  available: 'ready',
  offline: 'offline',
  reserved: 'reserved',
  busy: 'on-contact',
  wrapup: 'after-contact-work',
}
/** Understood and of no meaning for any figure. */
const WITHOUT_MEANING =
  /^(task\.(created|updated|deleted|system-deleted|wrapup|transfer-.*)|workflow\..*|worker\.(created|deleted|attributes\.update|capacity\.update|channel\.availability\.update)|activity\..*|workspace\..*|task-queue\.(created|updated|deleted|expression\.updated)|task-channel\..*|reservation\.failed)$/

type Fields = Readonly<Record<string, string>>

export interface TwilioMapperOptions {
  readonly source: string
  /** States of the workspace's own activities, by name. */
  readonly activities?: Readonly<Record<string, AgentState>>
}

export class TwilioMapper {
  readonly #source: string
  readonly #activities: Readonly<Record<string, AgentState>>
  readonly #wrapUps = new BoundedMap<string, WrapUp>(WRAP_UPS_MAX)

  constructor({ source, activities = {} }: TwilioMapperOptions) {
    this.#source = source
    const own = Object.entries(activities).map(([name, state]) => [name.toLowerCase(), state] as const)
    this.#activities = { ...ACTIVITY_STATES, ...Object.fromEntries(own) }
  }

  /** A callback's form. */
  mapForm(body: string): MappedMessage {
    return this.#map(Object.fromEntries(new URLSearchParams(body)))
  }

  /** One CloudEvent of Event Streams. */
  mapCloudEvent(value: unknown): MappedMessage {
    if (!isRecord(value) || !isRecord(value.data))
      return { events: [], rejected: 'not a CloudEvent with data' }
    const type = textOf(value.type) ?? ''
    if (!type.startsWith('com.twilio.taskrouter.')) return { events: [], unknownVerb: type || '(no type)' }
    const payload = isRecord(value.data.payload) ? value.data.payload : {}
    const fields: Record<string, string> = {
      EventType: type.slice('com.twilio.taskrouter.'.length),
      // The id of the event is the same one by callback and by stream.
      Sid: textOf(value.data.sid) ?? textOf(value.id) ?? '',
    }
    const timeMs = Date.parse(textOf(value.data.timestamp) ?? textOf(value.time) ?? '')
    if (Number.isFinite(timeMs)) fields.TimestampMs = String(timeMs)
    for (const [name, entry] of Object.entries(payload)) {
      if (typeof entry !== 'string' && typeof entry !== 'number') continue
      fields[pascalCase(name)] ??= String(entry)
    }
    return this.#map(fields)
  }

  #map(fields: Fields): MappedMessage {
    const { EventType: name = '', Sid: id = '' } = fields
    if (name === '' || id === '') return { events: [], rejected: 'EventType or Sid is missing' }
    const timeMs = timeOf(fields)
    const found = this.#meaning(name, fields, timeMs)
    if (found === null) return WITHOUT_MEANING.test(name) ? NOTHING_MAPPED : { events: [], unknownVerb: name }
    if (typeof found === 'string') return { events: [], rejected: `${name}: ${found}` }
    return { events: [canonicalEvent({ id, source: this.#source, timeMs, ...found })] }
  }

  #meaning(name: string, fields: Fields, timeMs: number | null): Meaning | string | null {
    if (name === 'worker.activity.update') return this.#activity(fields)
    const toContact = CONTACT_EVENTS[name]
    if (toContact === undefined) return null
    const contactId = fields.TaskSid || undefined
    const queueId = fields.TaskQueueName || fields.TaskQueueSid || undefined
    const agentId = agentOf(fields)
    if (contactId === undefined) return 'no task'
    const meaning = toContact(fields)
    if (meaning.needs !== 'contact' && queueId === undefined) return 'no task queue'
    if (meaning.needs === 'agent' && agentId === undefined) return 'no worker'
    const data: Meaning['data'] = {
      contactId,
      queueId,
      ...(meaning.needs === 'agent' || name.startsWith('reservation.') ? { agentId } : {}),
      ...meaning.data,
      acwSeconds: this.#wrapUpSeconds(name, fields.ReservationSid, timeMs),
    }
    return { type: meaning.type, data }
  }

  /** From wrap-up to completion of one reservation, as soon as both were heard. */
  #wrapUpSeconds(name: string, reservation: string | undefined, timeMs: number | null): number | undefined {
    const isEnd = name === 'reservation.completed'
    if (reservation === undefined || timeMs === null || !(isEnd || name === 'reservation.wrapup'))
      return undefined
    const known = this.#wrapUps.get(reservation)
    const wrapUp = { ...known, ...(isEnd ? { endMs: timeMs } : { startMs: timeMs }) }
    this.#wrapUps.set(reservation, wrapUp)
    const { startMs, endMs } = wrapUp
    return startMs === undefined || endMs === undefined || startMs > endMs
      ? undefined
      : (endMs - startMs) / 1000
  }

  #activity(fields: Fields): Meaning | string {
    const agentId = agentOf(fields)
    const name = fields.WorkerActivityName
    if (agentId === undefined) return 'no worker'
    if (name === undefined || name === '') return 'no activity'
    const state = this.#activities[name.toLowerCase()] ?? 'not-ready'
    const reason = state === 'not-ready' ? name : undefined
    return { type: 'cc.agent.state-changed.v1', data: { agentId, state, reason } }
  }
}

interface WrapUp {
  readonly startMs?: number
  readonly endMs?: number
}

interface Meaning {
  readonly type: EventType
  readonly data: { readonly [field in keyof EventData]: EventData[field] | undefined }
}
type ContactMeaning = Meaning & { readonly needs: 'contact' | 'queue' | 'agent' }

const offerEnded = (reason: string) => (): ContactMeaning => ({
  type: 'cc.contact.offer-ended.v1',
  needs: 'agent',
  data: { reason },
})
const leftQueue = (reason: string) => (): ContactMeaning => ({
  type: 'cc.contact.left-queue.v1',
  needs: 'queue',
  data: { reason },
})
const ended = (): ContactMeaning => ({ type: 'cc.contact.ended.v1', needs: 'contact', data: {} })

const CONTACT_EVENTS: Readonly<Record<string, (fields: Fields) => ContactMeaning>> = {
  'task-queue.entered': (fields) => ({
    type: 'cc.contact.queued.v1',
    needs: 'queue',
    data: {
      channel: fields.TaskChannelUniqueName,
      priority: priorityOf(fields),
      callerNumber: callerOf(fields),
    },
  }),
  'reservation.created': (fields) => ({
    type: 'cc.contact.offered.v1',
    needs: 'agent',
    data: { offerId: fields.ReservationSid },
  }),
  'reservation.accepted': (fields) => ({
    type: 'cc.contact.answered.v1',
    needs: 'agent',
    data: { offerId: fields.ReservationSid },
  }),
  'reservation.rejected': offerEnded('rejected'),
  'reservation.timeout': offerEnded('noAnswer'),
  'reservation.rescinded': offerEnded('cancelled'),
  'reservation.canceled': offerEnded('cancelled'),
  'reservation.wrapup': ended,
  'reservation.completed': ended,
  'task.completed': ended,
  // Twilio's own time limit is no decision of the caller's.
  'task.canceled': (fields) =>
    /ttl|time[d ]*out/i.test(fields.TaskCanceledReason ?? '')
      ? leftQueue('timeout')()
      : { type: 'cc.contact.abandoned.v1', needs: 'queue', data: {} },
  'task-queue.timeout': leftQueue('timeout'),
  'task-queue.moved': leftQueue('overflow'),
}

function agentOf(fields: Fields): string | undefined {
  return fields.WorkerName || fields.WorkerSid || undefined
}

function timeOf({ TimestampMs, Timestamp }: Fields): number | null {
  if (TimestampMs !== undefined && /^\d{12,14}$/.test(TimestampMs)) return Number(TimestampMs)
  return Timestamp !== undefined && /^\d{9,11}$/.test(Timestamp) ? Number(Timestamp) * 1000 : null
}

function priorityOf({ TaskPriority }: Fields): number | undefined {
  return TaskPriority !== undefined && /^\d{1,10}$/.test(TaskPriority) ? Number(TaskPriority) : undefined
}

/** The task's own attributes are the customer's; a number stands under these names by Twilio's habit. */
function callerOf({ TaskAttributes }: Fields): string | undefined {
  try {
    const attributes: unknown = JSON.parse(TaskAttributes ?? '{}')
    return isRecord(attributes) ? (textOf(attributes.from) ?? textOf(attributes.caller)) : undefined
  } catch {
    return undefined
  }
}

function pascalCase(name: string): string {
  return name.replace(/(?:^|_)([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase())
}
