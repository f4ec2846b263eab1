/**
 * CloudEvent 1.0 in, envelope out, or the pointer of the field that is wrong. Hand-written: it runs once for each event of
 * a feed, allocates the envelope and nothing else, and its answers are made for the person who reads them.
 */
import { type EventData, type EventEnvelope, type EventType, isEventType } from '../domain/event.ts'
import {
  AHEAD_MS_MAX,
  DATA_FIELDS,
  DURATION_SECONDS_MAX,
  type FieldCheck,
  ID_LENGTH_MAX,
  OPEN_CONTACTS_MAX,
  RAW_LENGTH_MAX,
  REASONS_BY_TYPE,
  REQUIRED_FIELDS,
  TEXT_LENGTH_MAX,
} from '../wire/event-schema.ts'

export interface ValidationContext {
  readonly receivedAtMs: number
  /** The server's clock, maybe a scaled one: events far ahead of it are refused. */
  readonly nowMs: number
}

export type Validated =
  | { readonly ok: true; readonly envelope: EventEnvelope }
  | { readonly ok: false; readonly pointer: string; readonly detail: string }

type Refusal = { readonly ok: false; readonly pointer: string; readonly detail: string }
type Fields = Record<string, unknown>

const SEQUENCE_LENGTH_MAX = 64
const RAW_DEPTH_MAX = 64
const SEQUENCE_DIGITS = 20

export function toEnvelope(value: unknown, context: ValidationContext): Validated {
  if (!isRecord(value)) return refuse('', 'an event is a JSON object')
  if (value.specversion !== '1.0') return refuse('/specversion', 'must be "1.0"')
  const idFault = textFault(value.id, ID_LENGTH_MAX)
  if (idFault !== null) return refuse('/id', idFault)
  const sourceFault = textFault(value.source, ID_LENGTH_MAX)
  if (sourceFault !== null) return refuse('/source', sourceFault)
  const typeFault = textFault(value.type, ID_LENGTH_MAX)
  if (typeFault !== null) return refuse('/type', typeFault)
  const type = value.type as string
  if (!isEventType(type)) return refuse('/type', unknownTypeDetail(type))
  const time = readTime(value.time, context)
  if (typeof time === 'string') return refuse('/time', time)
  const sequence = readSequence(value.sequence)
  if (sequence === null) {
    return refuse(
      '/sequence',
      `must be a text of at most ${SEQUENCE_LENGTH_MAX} characters or a whole number`,
    )
  }
  if (value.data_base64 !== undefined) return refuse('/data_base64', 'data must be JSON, not base64')
  if (value.data !== undefined && value.data !== null && !isRecord(value.data)) {
    return refuse('/data', 'must be a JSON object')
  }
  const data = readData(type, isRecord(value.data) ? value.data : {})
  if ('ok' in data) return data
  const { id, source } = value as { readonly id: string; readonly source: string }
  const { receivedAtMs } = context
  const occurredAtMs = time ?? receivedAtMs
  // Written out for each case: spreading what may be absent makes two objects more an event.
  const envelope =
    sequence === undefined
      ? { id, source, type, occurredAtMs, receivedAtMs, data: data.fields }
      : { id, source, type, occurredAtMs, sequence, receivedAtMs, data: data.fields }
  return { ok: true, envelope: time === null ? { ...envelope, timeAssumed: true } : envelope }
}

function unknownTypeDetail(type: string): string {
  return type.startsWith('cc.')
    ? 'unknown type of the cc. family: kept among the refused lines, counted by its name'
    : 'not an event type of this product: cc.NAME.v1 is expected'
}

function refuse(pointer: string, detail: string): Refusal {
  return { ok: false, pointer, detail }
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textFault(value: unknown, lengthMax: number): string | null {
  if (value === undefined || value === null) return 'is missing'
  if (typeof value !== 'string') return 'must be a text'
  if (value.length === 0) return 'must not be empty'
  if (value.length > lengthMax) return `is longer than ${lengthMax} characters`
  // PostgreSQL stores no NUL, and no id has a reason to hold one.
  if (value.includes('\u0000')) return 'holds a NUL character'
  // As bytes it would be another text: two ids would become one, and the live state would differ from a replay.
  if (!isWellFormed(value)) return 'holds half of a surrogate pair'
  return null
}

const HALF_PAIR = /\p{Cs}/u
const EVERY_HALF_PAIR = /\p{Cs}/gu

/** With a mark in the place of what no encoding can write. */
export function wellFormed(text: string): string {
  return text.replace(EVERY_HALF_PAIR, '\ufffd')
}

/** False for a text that no encoding can write. The expression sees whole pairs as one character. */
function isWellFormed(text: string): boolean {
  return !HALF_PAIR.test(text)
}

const TIME = /^(\d{4})-(\d{2})-(\d{2})[Tt ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:[Zz]|[+-]\d{2}:?\d{2})$/

/** Epoch ms of an RFC 3339 time with an offset, NaN for anything else, a day that does not exist included. */
export function parseInstant(text: string): number {
  const plainMs = plainInstant(text)
  if (plainMs !== null) return plainMs
  const match = TIME.exec(text)
  if (match === null) return Number.NaN
  const day = Number(match[3])
  if (day > 28 && day > new Date(Date.UTC(Number(match[1]), Number(match[2]), 0)).getUTCDate())
    return Number.NaN
  return Date.parse(
    text
      .replace(' ', 'T')
      .replace(',', '.')
      .replace(/([+-]\d{2})(\d{2})$/, '$1:$2')
      .toUpperCase(),
  )
}

const PLAIN_LENGTH = '2024-06-03T06:47:51.123Z'.length
const DAY_LENGTH = '2024-06-03'.length
const DAYS_KEPT_MAX = 1_000
const dayStarts = new Map<string, number>()

/** As most programs write an instant, read by its digits: a fifth of the time. Null: anything else. */
function plainInstant(text: string): number | null {
  if (text.length !== PLAIN_LENGTH || text[10] !== 'T' || text[23] !== 'Z') return null
  if (text[13] !== ':' || text[16] !== ':' || text[19] !== '.') return null
  const hours = twoDigits(text, 11)
  const minutes = twoDigits(text, 14)
  const seconds = twoDigits(text, 17)
  const tens = twoDigits(text, 20)
  const ones = digit(text, 22)
  if (!(hours < 24 && minutes < 60 && seconds < 60 && tens >= 0 && ones >= 0)) return null
  const startMs = dayStart(text.slice(0, DAY_LENGTH))
  return Number.isNaN(startMs)
    ? null
    : startMs + ((hours * 60 + minutes) * 60 + seconds) * 1000 + tens * 10 + ones
}

function dayStart(day: string): number {
  const known = dayStarts.get(day)
  if (known !== undefined) return known
  if (dayStarts.size >= DAYS_KEPT_MAX) dayStarts.clear()
  const startMs = parseInstant(`${day}T00:00:00Z`)
  dayStarts.set(day, startMs)
  return startMs
}

/** NaN for what is no digit: it compares with nothing. */
function digit(text: string, at: number): number {
  const value = text.charCodeAt(at) - 48
  return value >= 0 && value <= 9 ? value : Number.NaN
}

function twoDigits(text: string, at: number): number {
  return digit(text, at) * 10 + digit(text, at + 1)
}

/** The instant, null when the source gives none, or what is wrong with it. */
function readTime(value: unknown, context: ValidationContext): number | null | string {
  if (value === undefined || value === null) return null
  if (typeof value !== 'string') return 'must be an RFC 3339 text'
  const atMs = value.length > 40 ? Number.NaN : parseInstant(value)
  if (!Number.isFinite(atMs)) return 'must be an RFC 3339 time with an offset, as in 2024-06-03T06:47:51Z'
  if (atMs < 0) return 'is before 1970'
  if (atMs > context.nowMs + AHEAD_MS_MAX) return 'is more than 24 hours ahead of this server'
  return atMs
}

/** Numbers are padded, so that comparing texts compares numbers. Null = unusable. */
function readSequence(value: unknown): string | undefined | null {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) && value >= 0 ? String(value).padStart(SEQUENCE_DIGITS, '0') : null
  }
  if (textFault(value, SEQUENCE_LENGTH_MAX) !== null) return null
  const text = value as string
  return /^\d+$/.test(text) ? text.padStart(SEQUENCE_DIGITS, '0') : text
}

function readData(type: EventType, source: Fields): { readonly fields: EventData } | Refusal {
  const required = REQUIRED_FIELDS[type]
  for (const name of required) {
    if (source[name] === undefined || source[name] === null) return refuse(`/data/${name}`, 'is missing')
  }
  // As it came, unless something of it must go elsewhere: nearly always there is nothing to copy.
  let isClean = true
  for (const name of Object.keys(source)) {
    const value = source[name]
    const check = Object.hasOwn(DATA_FIELDS, name) ? DATA_FIELDS[name] : undefined
    if (value === undefined || value === null || check === undefined) {
      isClean = false
      continue
    }
    const fault = fieldFault(check, value)
    if (fault !== null) return refuse(`/data/${escapePointer(name)}`, fault)
    if (isNegativeDuration(check, value)) isClean = false
  }
  const { fields, extra } = isClean ? { fields: source, extra: null } : sortFields(source)
  const reasons = REASONS_BY_TYPE[type]
  if (reasons !== undefined && !reasons.includes(fields.reason as string)) {
    return refuse('/data/reason', `must be one of ${reasons.join(', ')}`)
  }
  if (extra !== null) {
    // A lone `raw` is the sender's own; other unknown fields are kept beside it under their names.
    const raw = Object.keys(extra).length === 1 && extra.raw !== undefined ? extra.raw : extra
    if (isDeeperThan(raw, RAW_DEPTH_MAX)) {
      return refuse('/data', `is nested deeper than ${RAW_DEPTH_MAX} levels`)
    }
    if (JSON.stringify(raw).length > RAW_LENGTH_MAX) {
      return refuse(
        `/data/${escapePointer(longestName(extra))}`,
        `fields of our own aside, data is longer than ${RAW_LENGTH_MAX} characters`,
      )
    }
    fields.raw = raw
  }
  return { fields: fields as EventData }
}

/** What is ours, and what is the sender's own. */
function sortFields(source: Fields): { readonly fields: Fields; readonly extra: Fields | null } {
  const fields: Fields = {}
  let extra: Fields | null = null
  for (const name of Object.keys(source)) {
    const value = source[name]
    if (value === undefined || value === null) continue
    const check = Object.hasOwn(DATA_FIELDS, name) ? DATA_FIELDS[name] : undefined
    if (check !== undefined && !isNegativeDuration(check, value)) {
      fields[name] = value
      continue
    }
    extra ??= {}
    extra[name] = value
    // A clock that went back: the duration is nothing, what was sent stays readable.
    if (check !== undefined) fields[name] = 0
  }
  return { fields, extra }
}

function isNegativeDuration(check: FieldCheck, value: unknown): boolean {
  return check.kind === 'seconds' && (value as number) < 0
}

function fieldFault(check: FieldCheck, value: unknown): string | null {
  switch (check.kind) {
    case 'id':
      return textFault(value, ID_LENGTH_MAX)
    case 'text':
      // An empty reason or number says nothing and harms nothing.
      return value === '' ? null : textFault(value, TEXT_LENGTH_MAX)
    case 'seconds':
      if (typeof value !== 'number' || !Number.isFinite(value)) return 'must be a number of seconds'
      return Math.abs(value) > DURATION_SECONDS_MAX ? `is beyond ${DURATION_SECONDS_MAX} seconds` : null
    case 'number':
      return typeof value === 'number' && Number.isFinite(value) ? null : 'must be a number'
    case 'one-of':
      return typeof value === 'string' && check.values.includes(value)
        ? null
        : `must be one of ${check.values.join(', ')}`
    case 'ids':
      if (!Array.isArray(value) || value.length > OPEN_CONTACTS_MAX) {
        return `must be a list of at most ${OPEN_CONTACTS_MAX} ids`
      }
      return value.every((id) => textFault(id, ID_LENGTH_MAX) === null) ? null : 'must be a list of ids'
  }
}

/** What is nested beyond all reason is more than JSON, databases and readers can take. */
function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((entry) => isDeeperThan(entry, levels - 1))
}

function longestName(fields: Fields): string {
  let longest = 'raw'
  let length = -1
  for (const [name, value] of Object.entries(fields)) {
    const size = JSON.stringify(value).length
    if (size > length) [longest, length] = [name, size]
  }
  return longest
}

/** RFC 6901. Long names are cut: the pointer goes back to the sender. */
function escapePointer(name: string): string {
  return name.slice(0, 80).replaceAll('~', '~0').replaceAll('/', '~1')
}
