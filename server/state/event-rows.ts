/**
 * The events of contacts as the live state keeps them: a row of numbers each in typed columns, some eighty bytes with the
 * text of its id. A million objects would take five times that, and every collection of garbage would walk over them.
 * Rows of one contact are chained; a fold takes them out as events for as long as it works.
 */
import { sequenceDigits, sequenceNumber, sequencePrefix } from '../domain/sequence.ts'
import type { EventPage } from '../ledger/event-page.ts'
import {
  ACW,
  CHUNK_BITS,
  CHUNK_MASK,
  CHUNK_ROWS,
  Chunk,
  ENDED_BY,
  HOLD,
  Names,
  NO_ROW,
  REASON,
  STATE,
  StoredEvent,
  TALK,
  TYPES,
  WAIT,
} from './event-chunk.ts'
import type { FoldDetail, FoldEvent, IdAliases } from './fold-event.ts'
import { PageTaking } from './page-rows.ts'

const TYPE_NUMBERS: ReadonlyMap<string, number> = new Map(TYPES.map((type, index) => [type, index]))
/** Nearly every contact has fewer events; what a longer one needs beyond is made for it. */
const LENT_MAX = 256
/** A byte says the length. */
const TEXT_LENGTH_MAX = 254

export type NewEvent = Omit<FoldEvent, 'sequenceNumber' | 'sequencePrefix'>

/** Some rows of a page, taken in. */
export interface TakenRows {
  readonly firstRow: number
  readonly count: number
  /** 1 where the row holds its event; the others are for `add`. */
  readonly direct: Uint8Array
}

export class EventRows {
  readonly #chunks: (Chunk | undefined)[] = []
  readonly #freeChunks: number[] = []
  readonly #names = new Names()
  readonly #lentEvents: StoredEvent[] = []
  #open = NO_ROW
  /** Of the last event: a source numbers under one prefix for long. */
  #lastPrefix = { text: '', digits: -1, number: 0 }

  /** The row of the event, which follows on no other yet. */
  add(event: NewEvent): number {
    let chunk = this.#chunks[this.#open]
    if (chunk === undefined || chunk.used === CHUNK_ROWS) {
      chunk?.trim()
      chunk = new Chunk()
      this.#open = this.#place(chunk)
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

  /** Rows of a page from one on, as many as a chunk has: a chunk of its own, no event made. */
  take(page: EventPage, from: number, aliases: IdAliases): TakenRows {
    const count = Math.min(CHUNK_ROWS, page.columns.count - from)
    const direct = new Uint8Array(count)
    const { times, sequenceNumbers, idStarts, idLengths, idBytes } = page.columns
    const end = from + count
    const taken = {
      times: times.subarray(from, end),
      sequenceNumbers: sequenceNumbers.subarray(from, end),
      idStarts: idStarts.subarray(from, end),
      idLengths: idLengths.subarray(from, end),
      idBytes,
    }
    const chunk = new Chunk(taken, count)
    const taking = new PageTaking(page, this.#names, aliases)
    for (let at = 0; at < count; at += 1) {
      if (!taking.put(chunk, at, from + at)) continue
      direct[at] = 1
      chunk.held += 1
    }
    // Nothing is added to it: it goes when the last of its rows does.
    chunk.used = CHUNK_ROWS
    return { firstRow: chunk.held === 0 ? NO_ROW : this.#place(chunk) << CHUNK_BITS, count, direct }
  }

  #place(chunk: Chunk): number {
    const index = this.#freeChunks.pop() ?? this.#chunks.length
    this.#chunks[index] = chunk
    return index
  }

  /** Puts a row (and what follows on it) behind another. */
  link(row: number, next: number): void {
    const chunk = this.#chunks[row >> CHUNK_BITS] as Chunk
    chunk.next[row & CHUNK_MASK] = next
  }

  /** The events of a chain, in the order in which they were added to it; lent until the next chain is asked for. */
  chain(first: number, count: number): FoldEvent[] {
    const events: FoldEvent[] = new Array(count)
    let row = first
    for (let index = 0; index < count; index += 1) {
      const chunk = this.#chunks[row >> CHUNK_BITS] as Chunk
      const at = row & CHUNK_MASK
      events[index] = chunk.odd?.get(at) ?? this.#lent(index).read(chunk, at, this.#names)
      row = chunk.next[at] as number
    }
    return events
  }

  #lent(index: number): StoredEvent {
    const known = this.#lentEvents[index]
    if (known !== undefined) return known
    const fresh = new StoredEvent()
    if (index < LENT_MAX) this.#lentEvents[index] = fresh
    return fresh
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
