/**
 * A page of events as the fold reads them: a head of JSON with the texts, then the columns as bytes in base64 (a text column
 * takes no others, and both databases give it out quickest). Nothing personal is in it: no caller's number, no raw text.
 */
import { hash } from 'node:crypto'
import { endianness } from 'node:os'
import { crc32 } from 'node:zlib'
import type { EventData, LedgerEvent } from '../domain/event.ts'
import { sequenceDigits, sequenceNumber, sequencePrefix } from '../domain/sequence.ts'
import { type EventColumns, EventPage, NONE, type ShapeField, type ValueKind } from '../ledger/event-page.ts'
import { decodeJsonPage } from './json-fold-page.ts'
import { type PackedColumn, PackedReader, packNumbers } from './packed-numbers.ts'

/** Another number for another layout: a page of an unknown one is read from the events themselves. */
export const FOLD_PAGE_FORMAT = 2
/** Pages from before there were columns of bytes. */
const JSON_FORMAT = 1
const JSON_CHECKSUM_CHARACTERS = 16
const ID_LENGTH_MAX = 254
const HEAD_END = '\n'
const KINDS: Readonly<Record<string, ValueKind>> = { n: 'number', t: 'text', o: 'other' }

interface Head {
  readonly count: number
  readonly byteOrder: 'LE' | 'BE'
  readonly texts: readonly string[]
  readonly contactIds: readonly string[]
  /** Of each field of a shape its kind and its name. */
  readonly shapes: readonly (readonly string[])[]
  readonly valueCount: number
  readonly others: readonly unknown[]
  readonly oddIds: readonly (readonly [row: number, id: string])[]
  /** Rows whose time was assumed. */
  readonly assumed: readonly number[]
  /** In the order of `COLUMNS`. */
  readonly columns: readonly PackedColumn[]
}

/** Fields with columns of their own, and what a fold has no business with. */
const LEFT_OUT: ReadonlySet<string> = new Set(['contactId', 'queueId', 'agentId', 'raw', 'callerNumber'])

export function encodeFoldPage(events: readonly LedgerEvent[]): string {
  const texts = new Numbering()
  const contacts = new Numbering()
  const shapes = new Numbering()
  const values: number[] = []
  const others: unknown[] = []
  const assumed: number[] = []
  const prefixes: number[] = []
  const numbers: number[] = []
  const shapeOf: number[] = []
  const placed = (kind: ValueKind, value: unknown): number =>
    kind === 'number'
      ? (value as number)
      : kind === 'text'
        ? texts.of(value as string)
        : others.push(value) - 1
  for (let row = 0; row < events.length; row += 1) {
    const { data, timeAssumed, sequence } = events[row] as LedgerEvent
    if (timeAssumed === true) assumed.push(row)
    const digits = sequence === undefined ? 0 : sequenceDigits(sequence)
    prefixes.push(sequence === undefined ? NONE : texts.of(sequencePrefix(sequence, digits)))
    numbers.push(sequence === undefined ? NONE : sequenceNumber(sequence, digits))
    let shape = ''
    for (const name in data) {
      const value = data[name as keyof EventData]
      if (value === undefined || LEFT_OUT.has(name)) continue
      const kind = kindOf(value)
      shape += `${shape === '' ? '' : '\n'}${kind[0]}${name}`
      values.push(placed(kind, value))
    }
    shapeOf.push(shapes.of(shape))
  }
  const textOf = (text: string | undefined) => (text === undefined ? NONE : texts.of(text))
  const ids = packIds(events)
  const columns = [
    events.map(({ ingestSeq }) => ingestSeq),
    events.map(({ occurredAtMs }) => occurredAtMs),
    events.map(({ occurredAtMs, receivedAtMs }) => receivedAtMs - occurredAtMs),
    events.map(({ type }) => texts.of(type)),
    events.map(({ source }) => texts.of(source)),
    events.map(({ data }) => (data.contactId === undefined ? NONE : contacts.of(data.contactId))),
    events.map(({ data }) => textOf(data.queueId)),
    events.map(({ data }) => textOf(data.agentId)),
    prefixes,
    numbers,
    shapeOf,
    values,
    ids.lengths,
  ].map(packNumbers)
  const head: Head = {
    count: events.length,
    byteOrder: endianness(),
    texts: texts.names(),
    contactIds: contacts.names(),
    shapes: shapes.names().map((shape) => (shape === '' ? [] : shape.split('\n'))),
    valueCount: values.length,
    others,
    oddIds: ids.odd,
    assumed,
    columns: columns.map(({ column }) => column),
  }
  const body = Buffer.concat([...columns.map(({ bytes }) => bytes), ids.bytes])
  // PostgreSQL stores every text but U+0000, which JSON spells out.
  return `${JSON.stringify(head)}${HEAD_END}${body.toString('base64')}`
}

/** Texts and numbers are nearly all that there is. */
function kindOf(value: unknown): ValueKind {
  if (typeof value === 'number') return Number.isFinite(value) ? 'number' : 'other'
  return typeof value === 'string' ? 'text' : 'other'
}

function packIds(events: readonly LedgerEvent[]): {
  readonly lengths: readonly number[]
  readonly bytes: Buffer
  readonly odd: readonly (readonly [number, string])[]
} {
  const odd: (readonly [number, string])[] = []
  const lengths: number[] = []
  let joined = ''
  for (let row = 0; row < events.length; row += 1) {
    const { id } = events[row] as LedgerEvent
    const isOdd = id.length > ID_LENGTH_MAX || /[^\0-\xff]/.test(id)
    if (isOdd) odd.push([row, id])
    else joined += id
    lengths.push(isOdd ? 0 : id.length)
  }
  return { lengths, bytes: Buffer.from(joined, 'latin1'), odd }
}

/** The events of the page that lie in the period; null where the page cannot be read. */
export function decodeFoldPage(
  text: string,
  format: number,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): Iterable<LedgerEvent> | null {
  if (format === JSON_FORMAT) return decodeJsonPage(text, fromMs, toMs)
  if (format !== FOLD_PAGE_FORMAT) return null
  const columns = readColumns(text)
  return columns === null ? null : new EventPage(columns, fromMs, toMs)
}

function readColumns(text: string): EventColumns | null {
  const headEnd = text.indexOf(HEAD_END)
  const head = JSON.parse(text.slice(0, headEnd)) as Head
  // Written by a machine that counts its bytes from the other end.
  if (head.byteOrder !== endianness()) return null
  const { count, columns } = head
  const reader = new PackedReader(Buffer.from(text.slice(headEnd + 1), 'base64'))
  let next = 0
  const column = () => columns[next++] as PackedColumn
  const exact = () => reader.numbers(column(), new Float64Array(count))
  const places = () => reader.numbers(column(), new Int32Array(count))
  const seqs = exact()
  const times = exact()
  const delays = exact()
  const types = places()
  const sources = places()
  const contacts = places()
  const queues = places()
  const agents = places()
  const prefixes = places()
  const sequenceNumbers = exact()
  const shapeOf = places()
  const values = reader.numbers(column(), new Float64Array(head.valueCount))
  const idLengths = reader.numbers(column(), new Uint8Array(count))
  const shapes = head.shapes.map((shape) => shape.map(shapeField))
  const idStarts = runningSum(count, (row) => idLengths[row] as number)
  const idBytes = reader.bytes(
    count === 0 ? 0 : (idStarts[count - 1] as number) + (idLengths[count - 1] as number),
  )
  return {
    count,
    texts: head.texts,
    contactIds: head.contactIds,
    seqs,
    times,
    delays,
    types,
    sources,
    contacts,
    queues,
    agents,
    prefixes,
    sequenceNumbers,
    shapes,
    shapeOf,
    values,
    valueStarts: runningSum(count, (row) => shapes[shapeOf[row] as number]?.length ?? 0),
    others: head.others,
    idBytes,
    idStarts,
    idLengths,
    oddIds: new Map(head.oddIds),
    assumed: new Set(head.assumed),
  }
}

function shapeField(text: string): ShapeField {
  return { kind: KINDS[text[0] ?? ''] ?? 'other', name: text.slice(1) }
}

/** Where each row's part begins. */
function runningSum(count: number, lengthOf: (row: number) => number): Int32Array {
  const starts = new Int32Array(count)
  let sum = 0
  for (let row = 0; row < count; row += 1) {
    starts[row] = sum
    sum += lengthOf(row)
  }
  return starts
}

/** Against damage, not against malice. */
export function foldPageChecksum(text: string | null, format: number = FOLD_PAGE_FORMAT): string | null {
  if (text === null) return null
  return format === JSON_FORMAT
    ? hash('sha256', text, 'base64').slice(0, JSON_CHECKSUM_CHARACTERS)
    : crc32(text).toString(16)
}

class Numbering {
  readonly #numbers = new Map<string, number>()

  of(text: string): number {
    const known = this.#numbers.get(text)
    if (known !== undefined) return known
    const number = this.#numbers.size
    this.#numbers.set(text, number)
    return number
  }

  names(): readonly string[] {
    return [...this.#numbers.keys()]
  }
}
