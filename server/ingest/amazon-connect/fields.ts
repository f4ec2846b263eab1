/** Messages of Amazon Connect as fields read without case, for the documentation itself writes them in two ways; and events made of them. */
import type { EventData, EventType } from '../../domain/event.ts'
import {
  type CanonicalEvent,
  canonicalEvent,
  isRecord,
  type MappedMessage,
  textOf,
} from '../canonical-event.ts'

export type Fields = ReadonlyMap<string, unknown>
export type Data = { readonly [field in keyof EventData]: EventData[field] | undefined }
export interface Change {
  readonly type: EventType
  readonly timeMs: number | null
  readonly data: Data
}

export function toMessage(
  id: string,
  source: string,
  changes: readonly Change[],
  more: readonly CanonicalEvent[] = [],
): MappedMessage {
  const events = changes.map((change, index) =>
    canonicalEvent({ id: index === 0 ? id : `${id}-${index}`, source, ...change }),
  )
  return { events: [...events, ...more] }
}

export function fieldsOf(value: Readonly<Record<string, unknown>>): Fields {
  return new Map(Object.entries(value).map(([name, entry]) => [name.toLowerCase(), entry]))
}

export const NONE: Fields = new Map()

export function nested(fields: Fields, name: string): Fields {
  const value = fields.get(name)
  return isRecord(value) ? fieldsOf(value) : NONE
}

/** The last part of an ARN: the id that every stream gives, with a name or without one. */
export function nameOf(arn: unknown): string | undefined {
  return textOf(arn)?.split('/').at(-1) || undefined
}

export function timeOf(value: unknown): number | null {
  const atMs = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isFinite(atMs) && atMs >= 0 ? atMs : null
}

export function secondsOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}
