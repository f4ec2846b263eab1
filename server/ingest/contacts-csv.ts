/** Contacts as CSV, one row a contact, as events. A map says which column is which, so that a telephone system's call export goes in as it is. */
import type { EventData, EventEnvelope, EventType, LeftQueueReason } from '../domain/event.ts'
import { LEFT_QUEUE_REASONS } from '../wire/event-schema.ts'
import { columnIndexes, readCsvRecords } from './csv-records.ts'
import { type ImportContext, type ImportItem, rejected } from './import-item.ts'
import { LineIdentity } from './line-identity.ts'
import { LocalTimes } from './local-time.ts'
import type { ByteSource } from './text-lines.ts'

const FIELDS = [
  'queue',
  'arrival',
  'wait_seconds',
  'outcome',
  'talk_seconds',
  'acw_seconds',
  'agent',
  'contact_id',
  'reason',
] as const
type Field = (typeof FIELDS)[number]
const NEEDED: readonly Field[] = ['queue', 'arrival', 'outcome']
const FIELD_LENGTH_MAX = 256
const SECONDS_MAX = 10_000_000
/** Who answered where the file does not say; an answer without anybody would be refused on the way through the API. */
const UNKNOWN_AGENT = 'unknown'

interface FieldMap {
  readonly column?: string
  readonly const?: string
  /** Values of the file to ours; a value that is not listed stays as it is. */
  readonly values?: Readonly<Record<string, string>>
  /** Column of seconds added to a time, never below 0. */
  readonly plusSecondsColumn?: string
}

export interface ContactsMap {
  readonly fields: Readonly<Partial<Record<Field, FieldMap>>>
  /** A row is skipped where all pairs of one entry hold. */
  readonly skipWhere: readonly Readonly<Record<string, string>>[]
}

/** Without a map each field is the column of its name. */
export const PLAIN_CONTACTS_MAP: ContactsMap = {
  fields: Object.fromEntries(FIELDS.map((name) => [name, { column: name }])),
  skipWhere: [],
}

export type ParsedMap =
  | { readonly ok: true; readonly map: ContactsMap }
  | { readonly ok: false; readonly pointer: string; readonly detail: string }

/** Checks a mapping file. Fields that it does not name are taken from the column of their name where there is one. */
export function parseContactsMap(value: unknown): ParsedMap {
  if (!isRecord(value)) return { ok: false, pointer: '', detail: 'a map is a JSON object' }
  const fields: Partial<Record<Field, FieldMap>> = {}
  let skipWhere: readonly Readonly<Record<string, string>>[] = []
  for (const [name, entry] of Object.entries(value)) {
    if (name === 'skipWhere') {
      if (!Array.isArray(entry) || !entry.every(isTextRecord)) {
        return { ok: false, pointer: '/skipWhere', detail: 'must be a list of objects of texts' }
      }
      skipWhere = entry
      continue
    }
    const field = FIELDS.find((known) => known === name)
    if (field === undefined) {
      return { ok: false, pointer: `/${name}`, detail: `unknown field; known are ${FIELDS.join(', ')}` }
    }
    const detail = fieldMapFault(entry)
    if (detail !== null) return { ok: false, pointer: `/${name}`, detail }
    fields[field] = entry as FieldMap
  }
  for (const name of FIELDS) fields[name] ??= { column: name }
  return { ok: true, map: { fields, skipWhere } }
}

function fieldMapFault(entry: unknown): string | null {
  if (!isRecord(entry)) return 'must be an object'
  for (const [key, value] of Object.entries(entry)) {
    if (key === 'values') {
      if (!isTextRecord(value)) return 'values must be an object of texts'
    } else if (key !== 'column' && key !== 'const' && key !== 'plusSecondsColumn')
      return `unknown key ${key.slice(0, 80)}`
    else if (typeof value !== 'string') return `${key} must be a text`
  }
  return entry.column === undefined && entry.const === undefined ? 'needs "column" or "const"' : null
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isTextRecord(value: unknown): value is Record<string, string> {
  return isRecord(value) && Object.values(value).every((entry) => typeof entry === 'string')
}

export async function* readContactsCsv(
  file: ByteSource,
  map: ContactsMap,
  context: ImportContext,
): AsyncGenerator<ImportItem> {
  let rows: ContactRows | null = null
  for await (const records of readCsvRecords(file)) {
    for (const record of records) {
      if (record.fault !== null) yield rejected(record.line, record.fault, record.text)
      else if (rows === null) {
        rows = new ContactRows(columnIndexes(record.fields), map, context)
        if (rows.fault === null) continue
        yield rejected(record.line, rows.fault, record.text)
        return
      } else if (!record.terminated && record.fields.length < rows.width) {
        yield rejected(record.line, 'torn: the last row is not whole', record.text)
      } else yield* rows.read(record.fields, record.line, record.text)
    }
  }
}

interface Contact {
  readonly queueId: string
  readonly arrivalMs: number
  readonly waitSeconds: number
  readonly talkSeconds: number | undefined
  readonly acwSeconds: number | undefined
  readonly outcome: string
  readonly agentId: string
  readonly contactId: string
  readonly reason: string
}

class ContactRows {
  readonly fault: string | null
  readonly width: number
  readonly #columns: ReadonlyMap<string, number>
  readonly #map: ContactsMap
  readonly #context: ImportContext
  readonly #identity = new LineIdentity()
  readonly #times: LocalTimes

  constructor(columns: ReadonlyMap<string, number>, map: ContactsMap, context: ImportContext) {
    this.#columns = columns
    this.#map = map
    this.#context = context
    this.#times = new LocalTimes(context.zone)
    this.width = columns.size
    this.fault = this.#missingColumn()
  }

  #missingColumn(): string | null {
    const missing = (name: string | undefined) => name !== undefined && this.#at(name) === undefined
    for (const field of FIELDS) {
      const entry = this.#map.fields[field]
      const named = entry?.const === undefined && missing(entry?.column)
      // A field that need not be there may lack its plain column, but not one that the map names.
      if (named && (NEEDED.includes(field) || entry?.column !== field)) {
        return `no column ${entry?.column} for ${field}`
      }
      if (missing(entry?.plusSecondsColumn)) return `no column ${entry?.plusSecondsColumn} for ${field}`
    }
    for (const entry of this.#map.skipWhere) {
      for (const name of Object.keys(entry)) if (missing(name)) return `no column ${name} for skipWhere`
    }
    return null
  }

  *read(fields: readonly string[], line: number, text: string): Generator<ImportItem> {
    for (const entry of this.#map.skipWhere) {
      const holds = Object.entries(entry).every(([name, value]) => this.#cell(fields, name) === value)
      if (!holds) continue
      const why = Object.entries(entry)
        .map(([name, value]) => `${name}=${value}`)
        .join(' ')
      yield { kind: 'skipped', line, why }
      return
    }
    const contact = this.#contact(fields, text)
    if (typeof contact === 'string') {
      yield rejected(line, contact, text)
      return
    }
    const verb = contact.outcome
    for (const envelope of contactEvents(contact, this.#context))
      yield { kind: 'event', line, verb, envelope }
  }

  #contact(fields: readonly string[], text: string): Contact | string {
    const queueId = this.#value(fields, 'queue')
    if (queueId === '') return 'no queue'
    const arrivalMs = this.#arrival(fields)
    if (!(arrivalMs >= 0)) return 'no usable arrival'
    const outcome = this.#value(fields, 'outcome')
    if (outcome !== 'answered' && outcome !== 'abandoned' && outcome !== 'left') {
      return `outcome ${outcome.slice(0, 40) || 'empty'}: answered, abandoned or left is expected`
    }
    const waitSeconds = this.#seconds(fields, 'wait_seconds')
    const talkSeconds = this.#seconds(fields, 'talk_seconds')
    const acwSeconds = this.#seconds(fields, 'acw_seconds')
    if (Number.isNaN(waitSeconds)) return 'wait_seconds is no number'
    if (Number.isNaN(talkSeconds)) return 'talk_seconds is no number'
    if (Number.isNaN(acwSeconds)) return 'acw_seconds is no number'
    const agentId = this.#value(fields, 'agent') || UNKNOWN_AGENT
    const contactId = this.#value(fields, 'contact_id') || this.#identity.idOf(text, arrivalMs)
    if ([queueId, agentId, contactId].some((id) => id.length > FIELD_LENGTH_MAX || id.includes('\u0000'))) {
      return `an id longer than ${FIELD_LENGTH_MAX} characters`
    }
    const reason = this.#value(fields, 'reason')
    return {
      queueId,
      arrivalMs,
      waitSeconds: waitSeconds ?? 0,
      talkSeconds,
      acwSeconds,
      outcome,
      agentId,
      contactId,
      reason,
    }
  }

  #at(column: string): number | undefined {
    return this.#columns.get(column.trim().toLowerCase())
  }

  #cell(fields: readonly string[], column: string): string {
    const at = this.#at(column)
    return at === undefined ? '' : (fields[at] ?? '').trim()
  }

  #value(fields: readonly string[], field: Field): string {
    const entry = this.#map.fields[field]
    if (entry === undefined) return ''
    const value = entry.const ?? this.#cell(fields, entry.column ?? field)
    const values = entry.values
    return values !== undefined && Object.hasOwn(values, value) ? (values[value] ?? value) : value
  }

  #arrival(fields: readonly string[]): number {
    const atMs = this.#times.parse(this.#value(fields, 'arrival'))
    const plus = this.#map.fields.arrival?.plusSecondsColumn
    if (plus === undefined) return atMs
    const seconds = readSeconds(this.#cell(fields, plus))
    return atMs + Math.max(0, seconds ?? 0) * 1000
  }

  /** Undefined when empty, NaN when no number. A wait below 0 is a clock that went back: 0. */
  #seconds(fields: readonly string[], field: Field): number | undefined {
    const seconds = readSeconds(this.#value(fields, field))
    return seconds === undefined ? undefined : Math.max(0, seconds)
  }
}

function readSeconds(text: string): number | undefined {
  if (text === '') return undefined
  const seconds = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  return Math.abs(seconds) <= SECONDS_MAX ? seconds : Number.NaN
}

/** Ids are the contact's with the step: the same file read again gives the same. */
function contactEvents(contact: Contact, context: ImportContext): EventEnvelope[] {
  const { contactId, queueId, agentId, waitSeconds, talkSeconds, acwSeconds, arrivalMs } = contact
  const waitEndMs = arrivalMs + Math.round(waitSeconds * 1000)
  const event = (step: string, type: EventType, occurredAtMs: number, data: EventData): EventEnvelope => ({
    id: `${contactId}-${step}`,
    source: context.source,
    type,
    occurredAtMs,
    receivedAtMs: context.nowMs,
    data,
  })
  const queued = event('queued', 'cc.contact.queued.v1', arrivalMs, { contactId, queueId })
  if (contact.outcome === 'abandoned') {
    const data = { contactId, queueId, waitSeconds }
    return [queued, event('abandoned', 'cc.contact.abandoned.v1', waitEndMs, data)]
  }
  if (contact.outcome === 'left') {
    const reason = LEFT_QUEUE_REASONS.find((known: LeftQueueReason) => known === contact.reason) ?? 'other'
    return [
      queued,
      event('left', 'cc.contact.left-queue.v1', waitEndMs, { contactId, queueId, waitSeconds, reason }),
    ]
  }
  const answered = event('answered', 'cc.contact.answered.v1', waitEndMs, {
    contactId,
    queueId,
    agentId,
    waitSeconds,
  })
  if (talkSeconds === undefined) return [queued, answered]
  const ended = event('ended', 'cc.contact.ended.v1', waitEndMs + Math.round(talkSeconds * 1000), {
    contactId,
    queueId,
    agentId,
    talkSeconds,
    ...(acwSeconds === undefined ? {} : { acwSeconds }),
  })
  return [queued, answered, ended]
}
