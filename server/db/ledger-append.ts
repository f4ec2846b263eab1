/**
 * Appends a batch to the ledger in one transaction: the first event of each (source, id) is stored, the others are counted.
 *
 * Appends are serialised by a lock that lasts until the commit, so the order of ingest_seq is the order of commits and a
 * reader of the tail never steps over a row that becomes visible later. The rows of a batch go in as one array a column.
 */
import { isDeepStrictEqual } from 'node:util'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { EventData, EventEnvelope, LedgerEvent } from '../domain/event.ts'
import type { AppendResult } from '../ledger/ledger.ts'
import { booleanArray, numberArray, storableText, textArray } from './array-literal.ts'
import { readByKeys } from './ledger-read.ts'
import type { Schema } from './schema.ts'

/** Any number that no other program uses on the same database. */
const APPEND_LOCK = 7_165_843_002
/** Bounds the text of one statement; larger batches take several statements of the same transaction. */
const ROWS_PER_INSERT = 5_000
/** Never inside JSON text: JSON.stringify escapes control characters. Joining is much cheaper than quoting. */
const DATA_SEPARATOR = '\u0001'

const NOTHING: AppendResult = { accepted: 0, duplicates: 0, conflicts: 0, conflictKeys: [], events: [] }

export async function appendEvents(
  kysely: Kysely<Schema>,
  batch: readonly EventEnvelope[],
): Promise<AppendResult> {
  if (batch.length === 0) return NOTHING
  const { first, repeats } = splitRepeats(batch)
  return kysely.transaction().execute(async (transaction) => {
    const baseSeq = await lockAndReadLastSeq(transaction)
    const events = await insertEvents(transaction, first, baseSeq)
    const known = events.length === first.length ? [] : withoutAccepted(first, events)
    const conflicting = await findConflicts(transaction, first, known, repeats)
    const duplicates = [...known, ...repeats]
    await countBySource(transaction, events, duplicates, conflicting)
    return {
      accepted: events.length,
      duplicates: duplicates.length,
      conflicts: conflicting.length,
      conflictKeys: conflicting.map(({ source, id }) => ({ source, id })),
      events,
    }
  })
}

function eventKey({ source, id }: EventEnvelope): string {
  return `${storableText(source)}\0${storableText(id)}`
}

function splitRepeats(batch: readonly EventEnvelope[]): {
  readonly first: readonly EventEnvelope[]
  readonly repeats: readonly EventEnvelope[]
} {
  const seen = new Set<string>()
  const first: EventEnvelope[] = []
  const repeats: EventEnvelope[] = []
  for (const event of batch) {
    const countBefore = seen.size
    const kept = seen.add(eventKey(event)).size > countBefore ? first : repeats
    kept.push(event)
  }
  return { first, repeats }
}

/** Two statements: the second must see what the previous holder of the lock has committed. */
async function lockAndReadLastSeq(transaction: Transaction<Schema>): Promise<number> {
  await sql`select pg_advisory_xact_lock(${sql.lit(APPEND_LOCK)}::bigint)`.execute(transaction)
  return readLastSeq(transaction)
}

export async function readLastSeq(kysely: Kysely<Schema>): Promise<number> {
  const row = await kysely
    .selectFrom('event')
    .select((column) => column.fn.max('ingest_seq').as('last_seq'))
    .executeTakeFirst()
  return Number(row?.last_seq ?? 0)
}

/** Returns the stored ones. Known events leave holes in ingest_seq, which nobody minds. */
async function insertEvents(
  transaction: Transaction<Schema>,
  events: readonly EventEnvelope[],
  baseSeq: number,
): Promise<readonly LedgerEvent[]> {
  const stored: LedgerEvent[] = []
  for (let at = 0; at < events.length; at += ROWS_PER_INSERT) {
    const part = events.slice(at, at + ROWS_PER_INSERT)
    for (const ingestSeq of await insertPart(transaction, part, baseSeq + at)) {
      const event = events[ingestSeq - baseSeq - 1]
      if (event !== undefined) stored.push({ ...event, ingestSeq })
    }
  }
  return stored
}

async function insertPart(
  transaction: Transaction<Schema>,
  events: readonly EventEnvelope[],
  baseSeq: number,
): Promise<readonly number[]> {
  const texts = (pick: (event: EventEnvelope) => string | undefined) =>
    sql`${textArray(events.map(pick))}::text[]`
  const numbers = (pick: (event: EventEnvelope) => number) => sql`${numberArray(events.map(pick))}::float8[]`
  const data = events.map((event) => dataWithoutIds(event.data)).join(DATA_SEPARATOR)
  const { rows } = await sql<{ ingest_seq: number }>`
    insert into event (ingest_seq, source, event_id, type, occurred_at, received_at, time_assumed, sequence,
      contact_id, agent_id, queue_id, is_agent_event, data)
    select ${baseSeq}::bigint + place, source, event_id, type,
      to_timestamp(occurred_ms / 1000), to_timestamp(received_ms / 1000), time_assumed, sequence,
      contact_id, agent_id, queue_id, starts_with(type, 'cc.agent.'), data::json
    from unnest(
      ${texts((event) => event.source)}, ${texts((event) => event.id)}, ${texts((event) => event.type)},
      ${numbers((event) => event.occurredAtMs)}, ${numbers((event) => event.receivedAtMs)},
      ${booleanArray(events.map((event) => event.timeAssumed === true))}::boolean[],
      ${texts((event) => event.sequence)}, ${texts((event) => event.data.contactId)},
      ${texts((event) => event.data.agentId)}, ${texts((event) => event.data.queueId)},
      string_to_array(${data}::text, ${DATA_SEPARATOR}::text, '')
    ) with ordinality as incoming (source, event_id, type, occurred_ms, received_ms, time_assumed, sequence,
      contact_id, agent_id, queue_id, data, place)
    on conflict on constraint event_once do nothing
    returning ingest_seq`.execute(transaction)
  return rows.map((row) => row.ingest_seq).sort((a, b) => a - b)
}

function withoutAccepted(
  events: readonly EventEnvelope[],
  accepted: readonly LedgerEvent[],
): readonly EventEnvelope[] {
  const acceptedKeys = new Set(accepted.map(eventKey))
  return events.filter((event) => !acceptedKeys.has(eventKey(event)))
}

/** The duplicates that say something else than what is stored. Read only when there are duplicates: nothing extra is stored for it. */
async function findConflicts(
  transaction: Transaction<Schema>,
  first: readonly EventEnvelope[],
  known: readonly EventEnvelope[],
  repeats: readonly EventEnvelope[],
): Promise<readonly EventEnvelope[]> {
  if (known.length + repeats.length === 0) return []
  const originals = new Map<string, EventEnvelope>()
  if (repeats.length > 0) for (const event of first) originals.set(eventKey(event), event)
  for (let at = 0; at < known.length; at += ROWS_PER_INSERT) {
    const part = known.slice(at, at + ROWS_PER_INSERT)
    const sources = textArray(part.map((event) => event.source))
    const stored = await readByKeys(transaction, sources, textArray(part.map((event) => event.id)))
    for (const event of stored) originals.set(eventKey(event), event)
  }
  return [...known, ...repeats].filter((event) => {
    const original = originals.get(eventKey(event))
    return original !== undefined && !saysTheSame(original, event)
  })
}

/** The place in the source's order is no part of what an event says: a rotated file numbers its lines anew. */
function saysTheSame(a: EventEnvelope, b: EventEnvelope): boolean {
  const bothTimesAssumed = a.timeAssumed === true && b.timeAssumed === true
  if (a.type !== b.type) return false
  if (!bothTimesAssumed && Math.abs(a.occurredAtMs - b.occurredAtMs) >= 0.001) return false
  return isDeepStrictEqual(plain(a), plain(b))
}

/** Empty text when nothing is left beside the ids that have columns of their own. */
function dataWithoutIds(data: EventData): string {
  const { contactId: _contactId, agentId: _agentId, queueId: _queueId, ...others } = data
  const text = JSON.stringify(others)
  return text === '{}' ? '' : text
}

/** As it reads after a journey through JSON and the columns: no undefined fields, no U+0000 in ids. */
function plain({ data }: EventEnvelope): unknown {
  const { contactId, agentId, queueId } = data
  const ids = [contactId, agentId, queueId].map((id) => (id === undefined ? null : storableText(id)))
  return [ids, JSON.parse(dataWithoutIds(data) || '{}')]
}

interface SourceCount {
  accepted: number
  duplicates: number
  conflicts: number
  firstOccurredMs: number | null
  lastOccurredMs: number | null
  lastReceivedMs: number | null
}

async function countBySource(
  transaction: Transaction<Schema>,
  accepted: readonly EventEnvelope[],
  duplicates: readonly EventEnvelope[],
  conflicts: readonly EventEnvelope[],
): Promise<void> {
  const counts = new Map<string, SourceCount>()
  const countOf = (source: string): SourceCount => {
    const key = storableText(source)
    const known = counts.get(key)
    if (known !== undefined) return known
    const fresh: SourceCount = {
      accepted: 0,
      duplicates: 0,
      conflicts: 0,
      firstOccurredMs: null,
      lastOccurredMs: null,
      lastReceivedMs: null,
    }
    counts.set(key, fresh)
    return fresh
  }
  for (const { source, occurredAtMs, receivedAtMs } of accepted) {
    const count = countOf(source)
    count.accepted++
    count.firstOccurredMs = Math.min(count.firstOccurredMs ?? occurredAtMs, occurredAtMs)
    count.lastOccurredMs = Math.max(count.lastOccurredMs ?? occurredAtMs, occurredAtMs)
    count.lastReceivedMs = Math.max(count.lastReceivedMs ?? receivedAtMs, receivedAtMs)
  }
  for (const { source, receivedAtMs } of duplicates) {
    const count = countOf(source)
    count.duplicates++
    count.lastReceivedMs = Math.max(count.lastReceivedMs ?? receivedAtMs, receivedAtMs)
  }
  for (const { source } of conflicts) countOf(source).conflicts++
  await addToSources(transaction, counts)
}

async function addToSources(
  transaction: Transaction<Schema>,
  counts: ReadonlyMap<string, SourceCount>,
): Promise<void> {
  const rows = [...counts.values()]
  const numbers = (pick: (count: SourceCount) => number | null) =>
    sql`${numberArray(rows.map(pick))}::float8[]`
  // least and greatest step over nulls.
  await sql`
    insert into source (source, accepted, duplicates, conflicts, first_occurred_at, last_occurred_at, last_received_at)
    select source, accepted, duplicates, conflicts, to_timestamp(first_occurred_ms / 1000),
      to_timestamp(last_occurred_ms / 1000), to_timestamp(last_received_ms / 1000)
    from unnest(${textArray([...counts.keys()])}::text[], ${numbers((count) => count.accepted)},
      ${numbers((count) => count.duplicates)}, ${numbers((count) => count.conflicts)},
      ${numbers((count) => count.firstOccurredMs)}, ${numbers((count) => count.lastOccurredMs)},
      ${numbers((count) => count.lastReceivedMs)}
    ) as counted (source, accepted, duplicates, conflicts, first_occurred_ms, last_occurred_ms, last_received_ms)
    on conflict (source) do update set
      accepted = source.accepted + excluded.accepted,
      duplicates = source.duplicates + excluded.duplicates,
      conflicts = source.conflicts + excluded.conflicts,
      first_occurred_at = least(source.first_occurred_at, excluded.first_occurred_at),
      last_occurred_at = greatest(source.last_occurred_at, excluded.last_occurred_at),
      last_received_at = greatest(source.last_received_at, excluded.last_received_at)`.execute(transaction)
}
