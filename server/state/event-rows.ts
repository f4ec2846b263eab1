/**
 * The events of contacts as the live state keeps them: a row of numbers each in typed columns, some eighty bytes with the
 * text of its id. A million objects would take five times that, and every collection of garbage would walk over them.
 * Rows of one contact are chained; a fold takes them out as events for as long as it works.
 */
import { EVENT_TYPES, type EventType } from '../domain/event.ts'
import {
  type FoldDetail,
  type FoldEvent,
  sequenceDigits,
  sequenceNumber,
  sequenceOf,
  sequencePrefix,
} from './fold-event.ts'

const TYPES = Object.keys(EVENT_TYPES) as readonly EventType[]
const TYPE_NUMBERS: ReadonlyMap<string, number> = new Map(TYPES.map((type, index) => [type, index]))

const CHUNK_BITS = 12
const CHUNK_ROWS = 1 << CHUNK_BITS
const CHUNK_MASK = CHUNK_ROWS - 1
/** To begin with; both grow as they are used. */
const TEXT_BYTES_PER_ROW = 40
const VALUES_PER_ROW = 1
/** A byte says the length. */
const TEXT_LENGTH_MAX = 254
/** Names beyond this many stay with their events: a feed may invent some without end. */
const NAMES_MAX = 200_000
const NO_ROW = -1

/** Which fields a detail has, a bit each. */
const REASON = 1
const STATE = 2
const ENDED_BY = 4
const WAIT = 8
const TALK = 16
const HOLD = 32
const ACW = 64

class Chunk {
  used = 0
  /** Rows that a contact still holds. */
  held = 0
  readonly types = new Uint8Array(CHUNK_ROWS)
  readonly sources = new Int32Array(CHUNK_ROWS)
  readonly queues = new Int32Array(CHUNK_ROWS)
  readonly agents = new Int32Array(CHUNK_ROWS)
  readonly times = new Float64Array(CHUNK_ROWS)
  readonly sequenceNumbers = new Float64Array(CHUNK_ROWS)
  readonly prefixes = new Int32Array(CHUNK_ROWS)
  readonly next = new Int32Array(CHUNK_ROWS).fill(NO_ROW)
  /** Of the id, then of a sequence that does not end in digits. */
  readonly textStarts = new Int32Array(CHUNK_ROWS)
  readonly idLengths = new Uint8Array(CHUNK_ROWS)
  /** One more than the length; 0 for no text. */
  readonly sequenceLengths = new Uint8Array(CHUNK_ROWS)
  texts = new Uint8Array(CHUNK_ROWS * TEXT_BYTES_PER_ROW)
  textEnd = 0
  readonly details = new Uint8Array(CHUNK_ROWS)
  readonly valueStarts = new Int32Array(CHUNK_ROWS)
  values = new Float64Array(CHUNK_ROWS * VALUES_PER_ROW)
  valueEnd = 0
  /** Events that the columns cannot say: texts that are long or need more than a byte a character, names past the bound. */
  odd: Map<number, FoldEvent> | null = null

  makeRoom(bytes: number): void {
    if (this.textEnd + bytes <= this.texts.length) return
    const wider = new Uint8Array(Math.max(this.texts.length * 2, this.textEnd + bytes))
    wider.set(this.texts)
    this.texts = wider
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
class Names {
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
class StoredEvent implements FoldEvent {
  readonly type: EventType
  readonly source: string
  readonly occurredAtMs: number
  readonly sequenceNumber: number
  readonly sequencePrefix: string
  readonly queueId: string | undefined
  readonly agentId: string | undefined
  readonly detail: FoldDetail | undefined
  readonly #chunk: Chunk
  readonly #at: number

  constructor(chunk: Chunk, at: number, names: Names) {
    this.type = TYPES[chunk.types[at] as number] as EventType
    this.source = names.nameOf(chunk.sources[at] as number) ?? ''
    this.occurredAtMs = chunk.times[at] as number
    this.sequenceNumber = chunk.sequenceNumbers[at] as number
    this.sequencePrefix = names.nameOf(chunk.prefixes[at] as number) ?? ''
    this.queueId = names.nameOf(chunk.queues[at] as number)
    this.agentId = names.nameOf(chunk.agents[at] as number)
    this.detail = chunk.details[at] === 0 ? undefined : detailOf(chunk, at, names)
    this.#chunk = chunk
    this.#at = at
  }

  get id(): string {
    return this.#text(0, this.#chunk.idLengths[this.#at] as number)
  }

  get sequence(): string | undefined {
    if (this.sequenceNumber >= 0) return sequenceOf(this.sequencePrefix, this.sequenceNumber)
    const length = this.#chunk.sequenceLengths[this.#at] as number
    return length === 0 ? undefined : this.#text(this.#chunk.idLengths[this.#at] as number, length - 1)
  }

  #text(from: number, length: number): string {
    const start = (this.#chunk.textStarts[this.#at] as number) + from
    const bytes = this.#chunk.texts.subarray(start, start + length)
    return String.fromCharCode.apply(null, bytes as unknown as number[])
  }
}

export type NewEvent = Omit<FoldEvent, 'sequenceNumber' | 'sequencePrefix'>

export class EventRows {
  readonly #chunks: (Chunk | undefined)[] = []
  readonly #freeChunks: number[] = []
  readonly #names = new Names()
  #open = NO_ROW
  /** Of the last event: a source numbers under one prefix for long. */
  #lastPrefix = { text: '', digits: -1, number: 0 }

  /** The row of the event, which follows on no other yet. */
  add(event: NewEvent): number {
    let chunk = this.#chunks[this.#open]
    if (chunk === undefined || chunk.used === CHUNK_ROWS) {
      chunk = new Chunk()
      this.#open = this.#freeChunks.pop() ?? this.#chunks.length
      this.#chunks[this.#open] = chunk
    }
    const at = chunk.used
    chunk.used += 1
    chunk.held += 1
    if (!this.#put(chunk, at, event)) {
      chunk.odd ??= new Map()
      chunk.odd.set(at, wholeEvent(event))
    }
    return (this.#open << CHUNK_BITS) | at
  }

  /** Puts a row (and what follows on it) behind another. */
  link(row: number, next: number): void {
    const chunk = this.#chunks[row >> CHUNK_BITS] as Chunk
    chunk.next[row & CHUNK_MASK] = next
  }

  /** The events of a chain, in the order in which they were added to it. */
  chain(first: number, count: number): FoldEvent[] {
    const events: FoldEvent[] = new Array(count)
    let row = first
    for (let index = 0; index < count; index += 1) {
      const chunk = this.#chunks[row >> CHUNK_BITS] as Chunk
      const at = row & CHUNK_MASK
      events[index] = chunk.odd?.get(at) ?? new StoredEvent(chunk, at, this.#names)
      row = chunk.next[at] as number
    }
    return events
  }

  /** The rows of a chain are needed no more. A chunk goes when its last row does. */
  free(first: number): void {
    for (let row = first; row !== NO_ROW; ) {
      const index = row >> CHUNK_BITS
      const chunk = this.#chunks[index] as Chunk
      row = chunk.next[row & CHUNK_MASK] as number
      chunk.held -= 1
      if (chunk.held > 0 || chunk.used < CHUNK_ROWS) continue
      this.#chunks[index] = undefined
      this.#freeChunks.push(index)
    }
  }

  /** False where the columns cannot hold the event. */
  #put(chunk: Chunk, at: number, event: NewEvent): boolean {
    const { sequence, detail } = event
    const digits = sequence === undefined ? 0 : sequenceDigits(sequence)
    const prefix = sequence === undefined || digits === 0 ? 0 : this.#prefixOf(sequence, digits)
    const source = this.#names.numberOf(event.source)
    const queue = this.#names.numberOf(event.queueId)
    const agent = this.#names.numberOf(event.agentId)
    if (source < 0 || queue < 0 || agent < 0 || prefix < 0) return false
    chunk.types[at] = TYPE_NUMBERS.get(event.type) ?? 0
    chunk.sources[at] = source
    chunk.queues[at] = queue
    chunk.agents[at] = agent
    chunk.times[at] = event.occurredAtMs
    chunk.prefixes[at] = prefix
    chunk.sequenceNumbers[at] = sequence === undefined ? -1 : sequenceNumber(sequence, digits)
    if (!putTexts(chunk, at, event.id, digits > 0 ? undefined : sequence)) return false
    return detail === undefined || putDetail(chunk, at, detail, this.#names)
  }

  #prefixOf(sequence: string, digits: number): number {
    const last = this.#lastPrefix
    const { length } = last.text
    if (last.digits === digits && sequence.length === length + digits && sequence.startsWith(last.text))
      return last.number
    const number = this.#names.numberOf(sequencePrefix(sequence, digits))
    this.#lastPrefix = { text: sequence.slice(0, sequence.length - digits), digits, number }
    return number
  }
}

function wholeEvent(event: NewEvent): FoldEvent {
  const { sequence } = event
  if (sequence === undefined) return { ...event, sequenceNumber: -1, sequencePrefix: '' }
  const digits = sequenceDigits(sequence)
  return {
    ...event,
    sequenceNumber: sequenceNumber(sequence, digits),
    sequencePrefix: sequencePrefix(sequence, digits),
  }
}

function putTexts(chunk: Chunk, at: number, id: string, sequence: string | undefined): boolean {
  if (id.length > TEXT_LENGTH_MAX || (sequence !== undefined && sequence.length > TEXT_LENGTH_MAX))
    return false
  const start = chunk.textEnd
  chunk.makeRoom(id.length + (sequence?.length ?? 0))
  if (!chunk.write(id) || (sequence !== undefined && !chunk.write(sequence))) {
    chunk.textEnd = start
    return false
  }
  chunk.textStarts[at] = start
  chunk.idLengths[at] = id.length
  chunk.sequenceLengths[at] = sequence === undefined ? 0 : sequence.length + 1
  return true
}

function putDetail(chunk: Chunk, at: number, detail: FoldDetail, names: Names): boolean {
  const { reason, state, endedBy, waitSeconds, talkSeconds, holdSeconds, acwSeconds } = detail
  const reasonNumber = names.numberOf(reason)
  // Every stay has another.
  if (detail.visitId !== undefined || reasonNumber < 0) return false
  chunk.valueStarts[at] = chunk.valueEnd
  chunk.details[at] =
    chunk.putValue(REASON, reason === undefined ? undefined : reasonNumber) |
    chunk.putValue(STATE, state === undefined ? undefined : names.numberOf(state)) |
    chunk.putValue(ENDED_BY, endedBy === undefined ? undefined : names.numberOf(endedBy)) |
    chunk.putValue(WAIT, waitSeconds) |
    chunk.putValue(TALK, talkSeconds) |
    chunk.putValue(HOLD, holdSeconds) |
    chunk.putValue(ACW, acwSeconds)
  return true
}

function detailOf(chunk: Chunk, at: number, names: Names): FoldDetail {
  const mask = chunk.details[at] as number
  const { values } = chunk
  let place = chunk.valueStarts[at] as number
  // In the order in which they were put.
  const reason = (mask & REASON) === 0 ? 0 : (values[place++] as number)
  const state = (mask & STATE) === 0 ? 0 : (values[place++] as number)
  const endedBy = (mask & ENDED_BY) === 0 ? 0 : (values[place++] as number)
  return {
    visitId: undefined,
    reason: names.nameOf(reason),
    state: names.nameOf(state) as FoldDetail['state'],
    endedBy: names.nameOf(endedBy) as FoldDetail['endedBy'],
    waitSeconds: (mask & WAIT) === 0 ? undefined : values[place++],
    talkSeconds: (mask & TALK) === 0 ? undefined : values[place++],
    holdSeconds: (mask & HOLD) === 0 ? undefined : values[place++],
    acwSeconds: (mask & ACW) === 0 ? undefined : values[place++],
  }
}
