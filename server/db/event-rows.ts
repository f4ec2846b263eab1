/**
 * The rows that an append inserts, as statements over one array a column (`unnest`). What all events of a part share (often
 * the source and the time of receipt) is one value, and a column that no event has is an empty array, which PostgreSQL fills
 * up with nulls: both sides write and read less.
 */
import { type RawBuilder, sql } from 'kysely'
import { type EventEnvelope, isAgentEvent } from '../domain/event.ts'
import { type CallerSeal, lastDigits } from '../ledger/caller-seal.ts'
import { booleanArray, numberArray, textArray } from './array-literal.ts'
import type { PreparedEvent } from './event-identity.ts'

/** Never inside JSON text: JSON.stringify escapes control characters. Joining is much cheaper than quoting. */
const DATA_SEPARATOR = '\u0001'

/** Events to be stored: numbered from `firstSeq` on without holes, or each with the number in `seqs`. */
export interface NumberedEvents {
  readonly prepared: readonly PreparedEvent[]
  readonly firstSeq: number
  readonly seqs: readonly number[] | null
}

/** The statements that store the events, but for their keys. Each inserts nothing where `condition` is not met. */
export function insertsOf(
  part: NumberedEvents,
  seal: CallerSeal,
  condition: RawBuilder<unknown>,
): readonly RawBuilder<unknown>[] {
  return [
    insertEvents(part, seal, condition),
    ...insertRaw(part, condition),
    ...insertCallers(part, seal, condition),
  ]
}

/** The insert of their keys, numbered from `firstSeq` on: what is to be done with known ones is for the caller to add. */
export function keysInsert(prepared: readonly PreparedEvent[], firstSeq: number): RawBuilder<unknown> {
  const received = columnOf(
    prepared.map(({ event }) => event),
    ({ receivedAtMs }) => receivedAtMs,
  )
  return sql`
    insert into event_key (key, ingest_seq, received_at, body_hash)
    select key, ${firstSeq - 1}::bigint + place, to_timestamp(coalesce(received_ms, ${received.shared}::float8) / 1000), body_hash
    from unnest(${`{${prepared.map(({ key }) => key).join(',')}}`}::uuid[],
      ${numberArray(prepared.map(({ bodyHash }) => bodyHash))}::bigint[], ${numberArray(received.values)}::float8[]
    ) with ordinality as incoming (key, body_hash, received_ms, place)`
}

function insertEvents(
  { prepared, firstSeq, seqs }: NumberedEvents,
  seal: CallerSeal,
  condition: RawBuilder<unknown>,
): RawBuilder<unknown> {
  const events = prepared.map(({ event }) => event)
  const types = new Map<EventEnvelope['type'], number>()
  const typeNumbers = events.map(({ type }) => numberOf(types, type))
  const source = columnOf(events, (event) => event.source)
  const received = columnOf(events, (event) => event.receivedAtMs)
  const someCallers = events.some(({ data }) => data.callerNumber !== undefined)
  const callerOf = (pick: (callerNumber: string) => string | null) =>
    someCallers
      ? textArray(
          events.map(({ data: { callerNumber } }) =>
            callerNumber === undefined ? null : pick(callerNumber),
          ),
        )
      : '{}'
  const assumed = events.some(({ timeAssumed }) => timeAssumed === true)
    ? booleanArray(events.map(({ timeAssumed }) => timeAssumed === true))
    : '{}'
  const sequences = events.some(({ sequence }) => sequence !== undefined)
    ? textArray(events.map(({ sequence }) => sequence))
    : '{}'
  const data = prepared.map(({ dataText }) => dataText).join(DATA_SEPARATOR)
  return sql`
    insert into event (ingest_seq, source, event_id, type, occurred_at, received_at, time_assumed, sequence,
      contact_id, agent_id, queue_id, is_agent_event, caller_hash, caller_last, data)
    select coalesce(seq, ${firstSeq - 1}::bigint + place), coalesce(source, ${source.shared}::text), event_id,
      (${textArray([...types.keys()])}::text[])[type], to_timestamp(occurred_ms / 1000),
      to_timestamp(coalesce(received_ms, ${received.shared}::float8) / 1000), coalesce(time_assumed, false), sequence,
      contact_id, agent_id, queue_id,
      (${booleanArray([...types.keys()].map(isAgentEvent))}::boolean[])[type], caller_hash, caller_last, data::json
    from unnest(${numberArray(seqs ?? [])}::bigint[], ${textArray(source.values)}::text[],
      ${textArray(events.map(({ id }) => id))}::text[], ${numberArray(typeNumbers)}::int[],
      ${numberArray(events.map(({ occurredAtMs }) => occurredAtMs))}::float8[], ${numberArray(received.values)}::float8[],
      ${assumed}::boolean[], ${sequences}::text[],
      ${textArray(events.map(({ data }) => data.contactId))}::text[],
      ${textArray(events.map(({ data }) => data.agentId))}::text[],
      ${textArray(events.map(({ data }) => data.queueId))}::text[],
      ${callerOf(seal.hash)}::text[], ${callerOf(lastDigits)}::text[],
      string_to_array(${data}::text, ${DATA_SEPARATOR}::text, '')
    ) with ordinality as incoming (seq, source, event_id, type, occurred_ms, received_ms, time_assumed, sequence,
      contact_id, agent_id, queue_id, caller_hash, caller_last, data, place)
    where ${condition}`
}

function insertRaw(
  { prepared, firstSeq, seqs }: NumberedEvents,
  condition: RawBuilder<unknown>,
): readonly RawBuilder<unknown>[] {
  const places = placesOf(prepared, ({ rawText }) => rawText !== null)
  if (places.length === 0) return []
  const rows = places.map((place) => prepared[place] as PreparedEvent)
  return [
    sql`
    insert into event_raw (ingest_seq, received_at, raw)
    select ingest_seq, to_timestamp(received_ms / 1000), raw::json
    from unnest(${numberArray(places.map((place) => seqs?.[place] ?? firstSeq + place))}::bigint[],
      ${numberArray(rows.map(({ event }) => event.receivedAtMs))}::float8[],
      string_to_array(${rows.map(({ rawText }) => rawText).join(DATA_SEPARATOR)}::text, ${DATA_SEPARATOR}::text)
    ) as incoming (ingest_seq, received_ms, raw)
    where ${condition}`,
  ]
}

function insertCallers(
  { prepared, firstSeq, seqs }: NumberedEvents,
  seal: CallerSeal,
  condition: RawBuilder<unknown>,
): readonly RawBuilder<unknown>[] {
  const places = placesOf(prepared, ({ event }) => event.data.callerNumber !== undefined)
  if (places.length === 0) return []
  const events = places.map((place) => (prepared[place] as PreparedEvent).event)
  const sealed = events.map(({ data }) => seal.seal(data.callerNumber ?? '').toString('base64'))
  return [
    sql`
    insert into event_caller (ingest_seq, received_at, contact_id, sealed)
    select ingest_seq, to_timestamp(received_ms / 1000), contact_id, decode(sealed, 'base64')
    from unnest(${numberArray(places.map((place) => seqs?.[place] ?? firstSeq + place))}::bigint[],
      ${numberArray(events.map(({ receivedAtMs }) => receivedAtMs))}::float8[],
      ${textArray(events.map(({ data }) => data.contactId))}::text[], ${textArray(sealed)}::text[]
    ) as incoming (ingest_seq, received_ms, contact_id, sealed)
    where ${condition}`,
  ]
}

function placesOf(
  prepared: readonly PreparedEvent[],
  has: (event: PreparedEvent) => boolean,
): readonly number[] {
  const places: number[] = []
  for (let place = 0; place < prepared.length; place += 1)
    if (has(prepared[place] as PreparedEvent)) places.push(place)
  return places
}

interface Column<T> {
  /** Of every event, when they all have the same; then there are no `values`. */
  readonly shared: T | null
  readonly values: readonly T[]
}

function columnOf<T>(events: readonly EventEnvelope[], pick: (event: EventEnvelope) => T): Column<T> {
  const [first] = events
  if (first === undefined) return { shared: null, values: [] }
  const shared = pick(first)
  return events.every((event) => pick(event) === shared)
    ? { shared, values: [] }
    : { shared: null, values: events.map(pick) }
}

function numberOf<T>(numbers: Map<T, number>, value: T): number {
  const known = numbers.get(value)
  if (known !== undefined) return known
  numbers.set(value, numbers.size + 1)
  return numbers.size
}
