/** What a page says of its sources, in one go: how far each has come, when it was last heard, which queues it tells of. */
import { sequenceOf } from '../domain/sequence.ts'
import { type EventPage, NONE } from '../ledger/event-page.ts'

export interface SourceNotes {
  readonly source: string
  newestMs: number
  /** From the newest event to its receipt. */
  delayMs: number
  lastReceivedMs: number
  /** Newest event without a sequence. */
  lastTimedMs: number
  /** Greatest sequence; empty for none. */
  lastSequence: string
  /** Newest contact that entered each queue, by the queue's id in the source. */
  readonly queues: Map<string, number>
}

interface Noting extends SourceNotes {
  readonly numberOfPrefix: Greatest
  readonly timeOfQueue: Greatest
}

/** The greatest number of each key. Rows of one key come one after the other as a rule. */
class Greatest {
  readonly #byKey = new Map<number, number>()
  #key = NONE
  #value = 0

  note(key: number, value: number): void {
    if (key === this.#key) {
      if (value > this.#value) this.#value = value
      return
    }
    this.#keep()
    this.#key = key
    this.#value = Math.max(value, this.#byKey.get(key) ?? value)
  }

  entries(): Iterable<readonly [number, number]> {
    this.#keep()
    return this.#byKey
  }

  #keep(): void {
    if (this.#key !== NONE) this.#byKey.set(this.#key, this.#value)
  }
}

/** Of the rows from one on that are marked. */
export function sourceNotes(page: EventPage, from: number, marked: Uint8Array): readonly SourceNotes[] {
  const { columns } = page
  const { texts, times, delays, sources, queues, types, prefixes, sequenceNumbers } = columns
  const queuedType = texts.indexOf('cc.contact.queued.v1')
  const bySource: (Noting | undefined)[] = new Array(texts.length)
  const found: Noting[] = []
  for (let at = 0; at < marked.length; at += 1) {
    if (marked[at] === 0) continue
    const row = from + at
    const place = sources[row] as number
    let notes = bySource[place]
    if (notes === undefined) {
      notes = emptyNotes(texts[place] as string)
      bySource[place] = notes
      found.push(notes)
    }
    const atMs = times[row] as number
    const delayMs = delays[row] as number
    const receivedMs = atMs + delayMs
    if (atMs > notes.newestMs) {
      notes.newestMs = atMs
      notes.delayMs = delayMs
    } else if (atMs === notes.newestMs && delayMs > notes.delayMs) notes.delayMs = delayMs
    if (receivedMs > notes.lastReceivedMs) notes.lastReceivedMs = receivedMs
    const prefix = prefixes[row] as number
    if (prefix !== NONE) notes.numberOfPrefix.note(prefix, sequenceNumbers[row] as number)
    else if (atMs > notes.lastTimedMs) notes.lastTimedMs = atMs
    const queue = queues[row] as number
    if (types[row] === queuedType && queue !== NONE) notes.timeOfQueue.note(queue, atMs)
  }
  for (const notes of found) finish(notes, texts)
  return found
}

function emptyNotes(source: string): Noting {
  const never = Number.NEGATIVE_INFINITY
  return {
    source,
    newestMs: never,
    delayMs: 0,
    lastReceivedMs: never,
    lastTimedMs: never,
    lastSequence: '',
    queues: new Map(),
    numberOfPrefix: new Greatest(),
    timeOfQueue: new Greatest(),
  }
}

function finish(notes: Noting, texts: readonly string[]): void {
  for (const [prefix, number] of notes.numberOfPrefix.entries()) {
    const sequence = sequenceOf(texts[prefix] as string, number)
    if (sequence > notes.lastSequence) notes.lastSequence = sequence
  }
  for (const [queue, newestMs] of notes.timeOfQueue.entries())
    notes.queues.set(texts[queue] as string, newestMs)
}
