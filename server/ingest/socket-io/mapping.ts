/**
 * How a Socket.IO feed is spoken to and read: the mapping file's shape, its check, and two profiles. A feed either sends
 * CloudEvents that it wants acknowledged, or snapshots of things without ids, of which only the changes are events.
 */
import type { EventType } from '../../domain/event.ts'
import { isEventType } from '../../domain/event.ts'

/** Where a field's value comes from: a JSON pointer into the item, or the same for all. */
export type ValueRule = { readonly pointer: string } | { readonly const: string | number | boolean }

/** An event is made when the value at `changed` becomes `becomes`. */
export interface ChangeRule {
  readonly changed: string
  readonly becomes: string | number | boolean | null
  /** Whether the first sight of the thing counts as a change; otherwise it is only remembered. */
  readonly onFirst: boolean
  readonly type: EventType
  readonly data: Readonly<Record<string, ValueRule>>
  /** When it happened, if the item says; else when it was received. The first sight is always "now". */
  readonly time?: { readonly pointer: string; readonly unit: 's' | 'ms' }
}

export type EventMapping =
  | { readonly kind: 'cloudevents' }
  | WaitingMapping
  | {
      readonly kind: 'snapshot'
      /** Pointer to the item, or to a list or object of items; '' is the whole message. */
      readonly items: string
      /** Pointers whose values name the thing. */
      readonly key: readonly string[]
      readonly rules: readonly ChangeRule[]
    }

/** A queue told as a whole, with those who wait in it. All but `queue` and `abandonedCount` are within one caller. */
export interface WaitingMapping {
  readonly kind: 'waiting'
  /** Pointers into the message: the queue's id, the list or object of callers, how many have abandoned so far. */
  readonly queue: string
  readonly items: string
  readonly abandonedCount?: string
  /** Pointers into a caller: what names the call, and the number. */
  readonly key: string
  readonly callerNumber?: string
}

/** A message to send. Texts `{token}` and `{name}` are filled in. */
interface OutgoingMessage {
  readonly event: string
  readonly payload: unknown
}

export interface SocketIoMapping {
  readonly transports: readonly ('websocket' | 'polling')[]
  readonly path: string
  /** Handshake `auth`, filled in like a message. */
  readonly auth: Readonly<Record<string, unknown>>
  /** Sent in this order after each connect: log in, subscribe. */
  readonly messages: readonly OutgoingMessage[]
  /** Asks the feed for what was missed, with `{afterId}`. Null: it keeps nothing. */
  readonly resumeEvent: string | null
  readonly heartbeatEvent: string | null
  /** Events of the feed that are known to say nothing of queues and agents; all others are counted as unknown. */
  readonly ignoredEvents: readonly string[]
  readonly events: Readonly<Record<string, EventMapping>>
}

export const GATEWAY_MAPPING: SocketIoMapping = {
  transports: ['websocket'],
  path: '/socket.io',
  auth: { token: '{token}', name: '{name}' },
  messages: [],
  resumeEvent: 'resume',
  heartbeatEvent: 'heartbeat',
  ignoredEvents: [],
  events: { event: { kind: 'cloudevents' } },
}

const MEMBER = { agentId: { pointer: '/member' } } as const
const MEMBER_OF_QUEUE = { ...MEMBER, queueId: { pointer: '/queue' } } as const

/**
 * NethVoice CTI: callers who wait (`queueUpdate`) and queue members (`queueMemberUpdate`), as its server documents them. Who
 * answers whom is in neither: for that, read the queue log or the manager interface of the same machine. The token in
 * `login` is the one its REST service gives for the account `{name}`.
 */
export const NETHVOICE_MAPPING: SocketIoMapping = {
  transports: ['websocket'],
  path: '/socket.io',
  auth: {},
  messages: [{ event: 'login', payload: { accessKeyId: '{name}', token: '{token}', uaType: 'desktop' } }],
  resumeEvent: null,
  heartbeatEvent: null,
  // Telephones, people's own states, trunks and the server itself.
  ignoredEvents: [
    'authe_ok',
    '401',
    'extenUpdate',
    'extenConnected',
    'extenHangup',
    'userPresenceUpdate',
    'userMainPresenceUpdate',
    'endpointsUpdate',
    'trunkUpdate',
    'parkingUpdate',
    'qmAlarm',
    'serverReloaded',
  ],
  events: {
    queueUpdate: {
      kind: 'waiting',
      queue: '/queue',
      items: '/waitingCallers',
      key: '/channel',
      callerNumber: '/num',
      abandonedCount: '/abandonedCallsCount',
    },
    queueMemberUpdate: {
      kind: 'snapshot',
      items: '',
      key: ['/queue', '/member'],
      rules: [
        {
          changed: '/loggedIn',
          becomes: true,
          onFirst: true,
          type: 'cc.agent.queue-joined.v1',
          data: MEMBER_OF_QUEUE,
        },
        {
          changed: '/loggedIn',
          becomes: false,
          onFirst: false,
          type: 'cc.agent.queue-left.v1',
          data: MEMBER_OF_QUEUE,
        },
        {
          changed: '/paused',
          becomes: true,
          onFirst: true,
          type: 'cc.agent.state-changed.v1',
          data: { ...MEMBER, state: { const: 'not-ready' }, reason: { pointer: '/lastPausedInReason' } },
          time: { pointer: '/lastPausedInTimestamp', unit: 's' },
        },
        {
          changed: '/paused',
          becomes: false,
          // Whoever has joined is ready until told otherwise; of the others it would say too much.
          onFirst: false,
          type: 'cc.agent.state-changed.v1',
          data: { ...MEMBER, state: { const: 'ready' } },
          time: { pointer: '/lastPausedOutTimestamp', unit: 's' },
        },
      ],
    },
  },
}

/** Mappings that a source may name instead of bringing its own. */
export const SOCKET_IO_PROFILES: Readonly<Record<string, SocketIoMapping>> = Object.assign(
  // Without a prototype: a profile named "constructor" does not exist.
  Object.create(null) as Record<string, SocketIoMapping>,
  { gateway: GATEWAY_MAPPING, nethvoice: NETHVOICE_MAPPING },
)

export type MappingCheck =
  | { readonly mapping: SocketIoMapping }
  | { readonly pointer: string; readonly detail: string }

/** Checks a mapping file: the first thing wrong with it, or the mapping with defaults filled in. */
export function checkMapping(value: unknown): MappingCheck {
  if (!isRecord(value)) return { pointer: '', detail: 'must be an object' }
  const { transports = ['websocket'], path = '/socket.io', auth = {}, messages = [] } = value
  const { resumeEvent = null, heartbeatEvent = null, ignoredEvents = [], events } = value
  if (!isListOf(transports, isTransport))
    return { pointer: '/transports', detail: 'must list "websocket" or "polling"' }
  if (typeof path !== 'string') return { pointer: '/path', detail: 'must be a text' }
  if (!isRecord(auth)) return { pointer: '/auth', detail: 'must be an object' }
  if (!isListOf(messages, isOutgoing))
    return { pointer: '/messages', detail: 'must list {"event", "payload"}' }
  if (!isTextOrNull(resumeEvent)) return { pointer: '/resumeEvent', detail: 'must be a text or null' }
  if (!isTextOrNull(heartbeatEvent)) return { pointer: '/heartbeatEvent', detail: 'must be a text or null' }
  if (!isListOf(ignoredEvents, isText))
    return { pointer: '/ignoredEvents', detail: 'must list names of events' }
  if (!isRecord(events)) return { pointer: '/events', detail: 'must be an object' }
  const checked: Record<string, EventMapping> = {}
  for (const [name, entry] of Object.entries(events)) {
    const result = checkEvent(entry)
    if ('detail' in result)
      return { pointer: `/events/${escapeToken(name)}${result.pointer}`, detail: result.detail }
    checked[name] = result.event
  }
  const talk = { auth, messages, resumeEvent, heartbeatEvent }
  return { mapping: { transports, path, ...talk, ignoredEvents, events: checked } }
}

type EventCheck = { readonly event: EventMapping } | { readonly pointer: string; readonly detail: string }

function checkEvent(value: unknown): EventCheck {
  if (!isRecord(value)) return { pointer: '', detail: 'must be an object' }
  if (value.kind === 'cloudevents') return { event: { kind: 'cloudevents' } }
  if (value.kind === 'waiting') return checkWaiting(value)
  if (value.kind !== 'snapshot')
    return { pointer: '/kind', detail: 'must be "cloudevents", "snapshot" or "waiting"' }
  const { items = '', key, rules } = value
  if (!isPointer(items)) return { pointer: '/items', detail: 'must be a JSON pointer' }
  if (!isListOf(key, isPointer) || key.length === 0)
    return { pointer: '/key', detail: 'must list JSON pointers' }
  if (!Array.isArray(rules)) return { pointer: '/rules', detail: 'must be a list' }
  const checked: ChangeRule[] = []
  for (const [index, entry] of rules.entries()) {
    const rule: unknown = isRecord(entry) ? { onFirst: true, ...entry } : entry
    if (!isChangeRule(rule))
      return {
        pointer: `/rules/${index}`,
        detail: 'must have "changed", "becomes", a known "type" and "data"',
      }
    checked.push(rule)
  }
  return { event: { kind: 'snapshot', items, key, rules: checked } }
}

function checkWaiting(value: Readonly<Record<string, unknown>>): EventCheck {
  const { queue, items, key, callerNumber, abandonedCount } = value
  const wrong = Object.entries({ queue, items, key }).find(([, pointer]) => !isPointer(pointer))
  const odd = Object.entries({ callerNumber, abandonedCount }).find(
    ([, pointer]) => pointer !== undefined && !isPointer(pointer),
  )
  const [name] = wrong ?? odd ?? []
  if (name !== undefined) return { pointer: `/${name}`, detail: 'must be a JSON pointer' }
  return {
    event: {
      kind: 'waiting',
      queue: String(queue),
      items: String(items),
      key: String(key),
      ...(isPointer(callerNumber) ? { callerNumber } : {}),
      ...(isPointer(abandonedCount) ? { abandonedCount } : {}),
    },
  }
}

function isChangeRule(value: unknown): value is ChangeRule {
  if (!isRecord(value)) return false
  const { changed, becomes, onFirst, type, data, time } = value
  return (
    isPointer(changed) &&
    (isPlain(becomes) || becomes === null) &&
    typeof onFirst === 'boolean' &&
    typeof type === 'string' &&
    isEventType(type) &&
    isRecord(data) &&
    Object.values(data).every(isValueRule) &&
    (time === undefined ||
      (isRecord(time) && isPointer(time.pointer) && ['s', 'ms'].includes(String(time.unit))))
  )
}

function isValueRule(value: unknown): value is ValueRule {
  return isRecord(value) && (isPointer(value.pointer) || isPlain(value.const))
}

function isPlain(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value)
}

function isPointer(value: unknown): value is string {
  return typeof value === 'string' && (value === '' || value.startsWith('/'))
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string'
}

function isTransport(value: unknown): value is 'websocket' | 'polling' {
  return value === 'websocket' || value === 'polling'
}

function isOutgoing(value: unknown): value is OutgoingMessage {
  return isRecord(value) && typeof value.event === 'string' && 'payload' in value
}

function isListOf<T>(value: unknown, isItem: (item: unknown) => item is T): value is readonly T[] {
  return Array.isArray(value) && value.every(isItem)
}

function escapeToken(text: string): string {
  return text.replaceAll('~', '~0').replaceAll('/', '~1')
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
