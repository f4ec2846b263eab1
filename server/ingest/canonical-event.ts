/** What an adapter hands to the ingest path: a CloudEvent of ours as a plain object, and what it could not map. */
import type { EventData, EventType } from '../domain/event.ts'
import { TEXT_LENGTH_MAX } from '../wire/event-schema.ts'

export interface CanonicalEvent {
  readonly specversion: '1.0'
  readonly id: string
  readonly source: string
  readonly type: EventType
  readonly time?: string
  readonly sequence?: string
  readonly data: EventData
}

/** One message of a feed, understood. Nothing is dropped in silence: each message gives events or a reason. */
export interface MappedMessage {
  readonly events: readonly CanonicalEvent[]
  /** A verb or type that nobody knows: to be counted per source. */
  readonly unknownVerb?: string
  /** Not usable, in words for the person who looks after the feed. */
  readonly rejected?: string
}

export const NOTHING_MAPPED: MappedMessage = { events: [] }

export interface EventParts {
  readonly id: string
  readonly source: string
  readonly type: EventType
  readonly timeMs: number | null
  readonly sequence?: string | undefined
  readonly data: { readonly [field in keyof EventData]: EventData[field] | undefined }
}

/** Leaves out what is undefined and cuts texts to what the ledger takes. */
export function canonicalEvent({ id, source, type, timeMs, sequence, data }: EventParts): CanonicalEvent {
  const kept: Record<string, unknown> = {}
  for (const [field, value] of Object.entries(data)) {
    if (value === undefined || value === '') continue
    // Ids are left as they are: cut, two of them could become one. The door refuses what it cannot take, with the reason.
    kept[field] = typeof value === 'string' && !field.endsWith('Id') ? storable(value) : value
  }
  return {
    specversion: '1.0',
    id,
    source,
    type,
    ...(timeMs === null ? {} : { time: new Date(timeMs).toISOString() }),
    ...(sequence === undefined ? {} : { sequence }),
    data: kept as EventData,
  }
}

function storable(text: string): string {
  return cutText(text.replaceAll('\u0000', ''), TEXT_LENGTH_MAX)
}

const HALF_PAIR_AT_END = /[\ud800-\udbff]$/

/** The beginning of a text, and never half of its last character. */
export function cutText(text: string, lengthMax: number): string {
  return text.length <= lengthMax ? text : text.slice(0, lengthMax).replace(HALF_PAIR_AT_END, '')
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A non-empty text, or undefined. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** A map that forgets its oldest entry when it is full: what never ends must not pile up. */
export class BoundedMap<K, V> {
  readonly #entries = new Map<K, V>()
  readonly #sizeMax: number

  constructor(sizeMax: number) {
    this.#sizeMax = sizeMax
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: K): V | undefined {
    return this.#entries.get(key)
  }

  has(key: K): boolean {
    return this.#entries.has(key)
  }

  set(key: K, value: V): void {
    this.#entries.delete(key)
    if (this.#entries.size >= this.#sizeMax) {
      for (const oldest of this.#entries.keys()) {
        this.#entries.delete(oldest)
        break
      }
    }
    this.#entries.set(key, value)
  }

  delete(key: K): boolean {
    return this.#entries.delete(key)
  }

  entries(): [K, V][] {
    return [...this.#entries]
  }

  clear(): void {
    this.#entries.clear()
  }
}
