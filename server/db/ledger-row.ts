/** Between an event and its row. Three ids of the data have columns of their own; the other fields stay together as JSON text. */
import type { EventData, EventType, LedgerEvent } from '../domain/event.ts'
import type { EventTable } from './schema.ts'

export const EVENT_COLUMNS = [
  'ingest_seq',
  'source',
  'event_id',
  'type',
  'occurred_at',
  'received_at',
  'time_assumed',
  'sequence',
  'contact_id',
  'agent_id',
  'queue_id',
  'data',
] as const

export type EventRow = Pick<EventTable, (typeof EVENT_COLUMNS)[number]>

/** Empty text when nothing is left. */
export function dataWithoutIds(data: EventData): string {
  const { contactId: _contactId, agentId: _agentId, queueId: _queueId, ...others } = data
  const text = JSON.stringify(others)
  return text === '{}' ? '' : text
}

export function toLedgerEvent(row: EventRow): LedgerEvent {
  return {
    ingestSeq: row.ingest_seq,
    id: row.event_id,
    source: row.source,
    type: row.type as EventType,
    occurredAtMs: row.occurred_at,
    receivedAtMs: row.received_at,
    ...(row.time_assumed ? { timeAssumed: true } : {}),
    ...(row.sequence === null ? {} : { sequence: row.sequence }),
    data: toData(row),
  }
}

function toData(row: EventRow): EventData {
  const data: Record<string, unknown> = row.data === null ? {} : JSON.parse(row.data)
  if (row.contact_id !== null) data.contactId = row.contact_id
  if (row.queue_id !== null) data.queueId = row.queue_id
  if (row.agent_id !== null) data.agentId = row.agent_id
  return data
}
