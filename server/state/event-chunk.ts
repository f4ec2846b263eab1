/**
 * Rows of events as typed columns, some thousand in a chunk, and the events made of them again. Texts that repeat are
 * numbers; texts of events' ids lie in the chunk as bytes.
 */
import { EVENT_TYPES, type EventType } from '../domain/event.ts'
import { sequenceOf } from '../domain/sequence.ts'
import type { EventColumns } from '../ledger/event-page.ts'
import { type FoldDetail, type FoldEvent, NO_DETAIL } from './fold-event.ts'

export const TYPES = Object.keys(EVENT_TYPES) as readonly EventType[]

export const CHUNK_BITS = 12
export const CHUNK_ROWS = 1 << CHUNK_BITS
export const CHUNK_MASK = CHUNK_ROWS - 1
/** To begin with; both grow as they are used. */
const TEXT_BYTES_PER_ROW = 40
const VALUES_PER_ROW = 1
/** Names beyond this many stay with their events: a feed may invent some without end. */
const NAMES_MAX = 200_000
export const NO_ROW = -1

/** Which fields a detail has, a bit each. */
export const REASON = 1
export const STATE = 2
export const ENDED_BY = 4
export const WAIT = 8
export const TALK = 16
export const HOLD = 32
export const ACW = 64

type TakenColumns = Pick<EventColumns, 'times' | 'sequenceNumbers' | 'idStarts' | 'idLengths' | 'idBytes'>
const NO_LENGTHS = new Uint8Array(CHUNK_ROWS)

export class Chunk {
  used = 0
  /** Rows that a contact still holds. */
  held = 0
  readonly types: Uint8Array
  readonly sources: Int32Array
  readonly queues: Int32Array
  readonly agents: Int32Array
  readonly times: Float64Array
  readonly sequenceNumbers: Float64Array
  readonly prefixes: Int32Array
  readonly next: Int32Array
  /** Of the id, then of a sequence that does not end in digits. */
  readonly textStarts: Int32Array
  readonly idLengths: Uint8Array
  /** One more than the length; 0 for no text. */
  readonly sequenceLengths: Uint8Array
  texts: Uint8Array
  textEnd = 0
  readonly details: Uint8Array
  readonly valueStarts: Int32Array
  values: Float64Array
  valueEnd = 0
  /** Events that the columns cannot say: texts that are long or need more than a byte a character, names past the bound. */
  odd: Map<number, FoldEvent> | null = null

  /** Of a page, the columns that stay as they are are taken. */
  constructor(taken: TakenColumns | null = null, rows = CHUNK_ROWS) {
    this.types = new Uint8Array(rows)
    this.sources = new Int32Array(rows)
    this.queues = new Int32Array(rows)
    this.agents = new Int32Array(rows)
    this.times = taken?.times ?? new Float64Array(rows)
    this.sequenceNumbers = taken?.sequenceNumbers ?? new Float64Array(rows)
    this.prefixes = new Int32Array(rows)
    this.next = new Int32Array(rows).fill(NO_ROW)
    this.textStarts = taken?.idStarts ?? new Int32Array(rows)
    this.idLengths = taken?.idLengths ?? new Uint8Array(rows)
    this.sequenceLengths = taken === null ? new Uint8Array(rows) : NO_LENGTHS
    this.texts = taken?.idBytes ?? new Uint8Array(rows * TEXT_BYTES_PER_ROW)
    this.textEnd = taken?.idBytes.length ?? 0
    this.details = new Uint8Array(rows)
    this.valueStarts = new Int32Array(rows)
    this.values = new Float64Array(rows * VALUES_PER_ROW)
  }

  makeRoom(bytes: number): void {
    if (this.textEnd + bytes <= this.texts.length) return
    const wider = new Uint8Array(Math.max(this.texts.length * 2, this.textEnd + bytes))
    wider.set(this.texts)
    this.texts = wider
  }

  /** No row comes any more: the room for more is given back. */
  trim(): void {
    this.texts = this.texts.slice(0, this.textEnd)
    this.values = this.values.slice(0, this.valueEnd)
  }

  /** False when a character needs more than a byte. */
  write(text: string): boolean {
    const { texts } = this
    let end = this.textEnd
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at)
      if (code > 0xff) return false
      texts[end] = code
      end += 1
    }
    this.textEnd = end
    return true
  }

  /** The bit where there is a value. */
  putValue(bit: number, value: number | undefined): number {
    if (value === undefined) return 0
    if (this.valueEnd === this.values.length) {
      const wider = new Float64Array(this.values.length * 2)
      wider.set(this.values)
      this.values = wider
    }
    this.values[this.valueEnd] = value
    this.valueEnd += 1
    return bit
  }
}

/** Numbers for names, from 1; 0 is none, -1 one too many. Kept as long as the state: queues, agents and sources are few. */
export class Names {
  readonly #numbers = new Map<string, number>()
  readonly #names: (string | undefined)[] = [undefined]

  numberOf(name: string | undefined): number {
    if (name === undefined) return 0
    const known = this.#numbers.get(name)
    if (known !== undefined) return known
    if (this.#names.length > NAMES_MAX) return -1
    this.#numbers.set(name, this.#names.length)
    return this.#names.push(name) - 1
  }

  nameOf(number: number): string | undefined {
    return this.#names[number]
  }
}

/** An event taken out of its row. Its texts are asked for seldom: where two events have the same place in the order. */
export class StoredEvent implements FoldEvent {
  type: EventType = 'cc.contact.queued.v1'
  source = ''
  occurredAtMs = 0.5
  sequenceNumber = 0.5
  sequencePrefix = ''
  queueId: string | undefined
  agentId: string | undefined
  detail: FoldDetail | undefined
  readonly #ownDetail: Kept = { ...NO_DETAIL }
  #chunk: Chunk | null = null
  #at = 0

  /** Becomes the event of another row. */
  read(chunk: Chunk, at: number, names: Names): this {
    this.type = TYPES[chunk.types[at] as number] as EventType
    this.source = names.nameOf(chunk.sources[at] as number) ?? ''
    this.occurredAtMs = chunk.times[at] as number
    this.sequenceNumber = chunk.sequenceNumbers[at] as number
    this.sequencePrefix = names.nameOf(chunk.prefixes[at] as number) ?? ''
    this.queueId = names.nameOf(chunk.queues[at] as number)
    this.agentId = names.nameOf(chunk.agents[at] as number)
    this.detail = chunk.details[at] === 0 ? undefined : readDetail(this.#ownDetail, chunk, at, names)
    this.#chunk = chunk
    this.#at = at
    return this
  }

  get id(): string {
    return this.#chunk === null ? '' : this.#text(this.#chunk, 0, this.#chunk.idLengths[this.#at] as number)
  }

  get sequence(): string | undefined {
    if (this.sequenceNumber >= 0) return sequenceOf(this.sequencePrefix, this.sequenceNumber)
    const chunk = this.#chunk
    const length = chunk === null ? 0 : (chunk.sequenceLengths[this.#at] as number)
    if (chunk === null || length === 0) return undefined
    return this.#text(chunk, chunk.idLengths[this.#at] as number, length - 1)
  }

  #text(chunk: Chunk, from: number, length: number): string {
    const start = (chunk.textStarts[this.#at] as number) + from
    const bytes = chunk.texts.subarray(start, start + length)
    return String.fromCharCode.apply(null, bytes as unknown as number[])
  }
}

type Kept = { -readonly [field in keyof FoldDetail]: FoldDetail[field] }

function readDetail(into: Kept, chunk: Chunk, at: number, names: Names): FoldDetail {
  const mask = chunk.details[at] as number
  const { values } = chunk
  let place = chunk.valueStarts[at] as number
  // In the order in which they were put.
  into.reason = names.nameOf((mask & REASON) === 0 ? 0 : (values[place++] as number))
  into.state = names.nameOf((mask & STATE) === 0 ? 0 : (values[place++] as number)) as FoldDetail['state']
  into.endedBy = names.nameOf((mask & ENDED_BY) === 0 ? 0 : (values[place++] as number)) as Kept['endedBy']
  into.waitSeconds = (mask & WAIT) === 0 ? undefined : values[place++]
  into.talkSeconds = (mask & TALK) === 0 ? undefined : values[place++]
  into.holdSeconds = (mask & HOLD) === 0 ? undefined : values[place++]
  into.acwSeconds = (mask & ACW) === 0 ? undefined : values[place++]
  return into
}
