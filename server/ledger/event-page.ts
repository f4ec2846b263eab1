/**
 * A page of events as columns: numbers in typed arrays, texts that repeat by their place in a list. Who folds a million of
 * them takes the columns as they are; who wants events goes through the page.
 */
import type { EventData, EventType, LedgerEvent } from '../domain/event.ts'
import { sequenceOf } from '../domain/sequence.ts'

export const NONE = -1

/** How a value of a shape is kept: as it is, by its place among the texts, or by its place among the others. */
export type ValueKind = 'number' | 'text' | 'other'

export interface ShapeField {
  readonly name: string
  readonly kind: ValueKind
}

export interface EventColumns {
  readonly count: number
  readonly texts: readonly string[]
  readonly contactIds: readonly string[]
  readonly seqs: Float64Array
  readonly times: Float64Array
  /** From the event to its receipt. */
  readonly delays: Float64Array
  /** Places of texts; the last three -1 for none. */
  readonly types: Int32Array
  readonly sources: Int32Array
  readonly queues: Int32Array
  readonly agents: Int32Array
  /** Of a sequence as `domain/sequence.ts` takes it apart. */
  readonly prefixes: Int32Array
  readonly sequenceNumbers: Float64Array
  /** Places of contact ids; -1 for none. */
  readonly contacts: Int32Array
  /** The fields that an event has beside its ids, each list of them once. */
  readonly shapes: readonly (readonly ShapeField[])[]
  readonly shapeOf: Int32Array
  /** The values of those fields, event after event, and where each event's begin. */
  readonly values: Float64Array
  readonly valueStarts: Int32Array
  readonly others: readonly unknown[]
  /** Ids one after the other, a byte a character. */
  readonly idBytes: Uint8Array
  readonly idStarts: Int32Array
  readonly idLengths: Uint8Array
  /** Ids that are longer, or need more than a byte a character. */
  readonly oddIds: ReadonlyMap<number, string>
  readonly assumed: ReadonlySet<number>
}

/** The events of a page with `fromMs <= occurredAt < toMs`. */
export class EventPage implements Iterable<LedgerEvent> {
  readonly columns: EventColumns
  readonly #fromMs: number
  readonly #toMs: number
  #ids: string | undefined

  constructor(columns: EventColumns, fromMs: number, toMs: number) {
    this.columns = columns
    this.#fromMs = fromMs
    this.#toMs = toMs
  }

  has(row: number): boolean {
    const atMs = this.columns.times[row] as number
    return atMs >= this.#fromMs && atMs < this.#toMs
  }

  /** No event of the page was written after that one. */
  endsBy(lastSeq: number): boolean {
    const { seqs, count } = this.columns
    return count === 0 || (seqs[count - 1] as number) <= lastSeq
  }

  *[Symbol.iterator](): Generator<LedgerEvent> {
    for (let row = 0; row < this.columns.count; row += 1) if (this.has(row)) yield this.event(row)
  }

  event(row: number): LedgerEvent {
    const { columns } = this
    const { texts, seqs, times, delays, types, sources } = columns
    const occurredAtMs = times[row] as number
    const sequence = this.sequence(row)
    return {
      ingestSeq: seqs[row] as number,
      id: this.#id(row),
      source: texts[sources[row] as number] as string,
      type: texts[types[row] as number] as EventType,
      occurredAtMs,
      receivedAtMs: occurredAtMs + (delays[row] as number),
      ...(columns.assumed.has(row) ? { timeAssumed: true } : {}),
      ...(sequence === undefined ? {} : { sequence }),
      data: this.#data(row),
    }
  }

  sequence(row: number): string | undefined {
    const { texts, prefixes, sequenceNumbers } = this.columns
    const prefix = texts[prefixes[row] as number]
    return prefix === undefined ? undefined : sequenceOf(prefix, sequenceNumbers[row] as number)
  }

  #data(row: number): EventData {
    const { columns } = this
    const { texts, contacts, queues, agents, values } = columns
    const data: Record<string, unknown> = {}
    const contact = contacts[row] as number
    const queue = queues[row] as number
    const agent = agents[row] as number
    if (contact !== NONE) data.contactId = columns.contactIds[contact]
    if (queue !== NONE) data.queueId = texts[queue]
    if (agent !== NONE) data.agentId = texts[agent]
    let at = columns.valueStarts[row] as number
    for (const { name, kind } of columns.shapes[columns.shapeOf[row] as number] ?? []) {
      const value = values[at] as number
      data[name] = kind === 'number' ? value : kind === 'text' ? texts[value] : columns.others[value]
      at += 1
    }
    return data as EventData
  }

  #id(row: number): string {
    const { idBytes, idStarts, idLengths, oddIds } = this.columns
    const odd = oddIds.size === 0 ? undefined : oddIds.get(row)
    if (odd !== undefined) return odd
    this.#ids ??= Buffer.from(idBytes.buffer, idBytes.byteOffset, idBytes.length).toString('latin1')
    const start = idStarts[row] as number
    return this.#ids.slice(start, start + (idLengths[row] as number))
  }
}
