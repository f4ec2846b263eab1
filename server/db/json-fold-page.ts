/** Pages of the first format, a column a field as JSON: no longer written, read for as long as their days are kept. */
import type { EventData, EventType, LedgerEvent } from '../domain/event.ts'

interface Columns {
  readonly count: number
  /** Texts that columns name by their place. */
  readonly texts: readonly string[]
  readonly seqs: readonly number[]
  readonly types: readonly number[]
  readonly sources: readonly number[]
  readonly ids: readonly string[]
  readonly times: readonly number[]
  readonly received: readonly number[]
  /** Rows whose time was assumed. */
  readonly assumed: readonly number[]
  readonly sequences: readonly (string | null)[]
  readonly contacts: readonly (string | null)[]
  /** -1: none. */
  readonly queues: readonly number[]
  readonly agents: readonly number[]
  /** The names of an event's other fields, each list of names once. */
  readonly shapes: readonly (readonly string[])[]
  readonly shapeOf: readonly number[]
  /** The values of those fields, one after the other. */
  readonly values: readonly unknown[]
}

/** Events with `fromMs <= occurredAt < toMs`. */
export function decodeJsonPage(text: string, fromMs: number, toMs: number): readonly LedgerEvent[] {
  const columns = JSON.parse(text) as Columns
  const { count, texts, shapes, values } = columns
  const assumed = new Set(columns.assumed)
  const events: LedgerEvent[] = []
  let at = 0
  for (let row = 0; row < count; row += 1) {
    const shape = shapes[columns.shapeOf[row] ?? 0] ?? []
    const occurredAtMs = columns.times[row] ?? 0
    if (occurredAtMs < fromMs || occurredAtMs >= toMs) {
      at += shape.length
      continue
    }
    const data: Record<string, unknown> = {}
    const contactId = columns.contacts[row] ?? null
    const queue = columns.queues[row] ?? -1
    const agent = columns.agents[row] ?? -1
    if (contactId !== null) data.contactId = contactId
    if (queue >= 0) data.queueId = texts[queue]
    if (agent >= 0) data.agentId = texts[agent]
    for (const name of shape) data[name] = values[at++]
    const sequence = columns.sequences[row] ?? null
    events.push({
      ingestSeq: columns.seqs[row] ?? 0,
      id: columns.ids[row] ?? '',
      source: texts[columns.sources[row] ?? 0] ?? '',
      type: texts[columns.types[row] ?? 0] as EventType,
      occurredAtMs,
      receivedAtMs: occurredAtMs + (columns.received[row] ?? 0),
      ...(sequence === null ? {} : { sequence }),
      ...(assumed.has(row) ? { timeAssumed: true } : {}),
      data: data as EventData,
    })
  }
  return events
}
