/**
 * Appends a batch to the ledger in one transaction: the first event of each (source, id) is stored, the others are counted.
 *
 * Appends wait for each other on the row of `ledger_head` until the commit, so the order of ingest_seq is the order of commits
 * and a reader of the tail never steps over a row that becomes visible later. Uniqueness holds over all days by a table of
 * keys of its own (decision 0004). The rows of a batch go in as one array a column.
 */
import { isDeepStrictEqual } from 'node:util'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { EventEnvelope, LedgerEvent } from '../domain/event.ts'
import type { CallerSeal } from '../ledger/caller-seal.ts'
import { lastDigits } from '../ledger/caller-seal.ts'
import type { AppendResult } from '../ledger/ledger.ts'
import { booleanArray, numberArray, storableText, textArray } from './array-literal.ts'
import { dataText, eventKey, type PreparedEvent, prepareEvent } from './event-identity.ts'
import { insertFoldPage, PAGE_EVENTS_MIN } from './fold-page-store.ts'
import { type Head, lockHead } from './ledger-head.ts'
import { dayNumber, type LedgerPartitions } from './ledger-partitions.ts'
import { readByKeys, type StoredEvent } from './ledger-read.ts'
import type { Schema } from './schema.ts'
import { addToSources, countBySource } from './source-counts.ts'

/** Bounds the text of one statement; larger batches take several statements of the same transaction. */
const ROWS_PER_INSERT = 5_000
/** Never inside JSON text: JSON.stringify escapes control characters. Joining is much cheaper than quoting. */
const DATA_SEPARATOR = '\u0001'
/** No partition for the row: another process has dropped one that was known to be there. */
const NO_PARTITION = '23514'

const NOTHING: AppendResult = { accepted: 0, duplicates: 0, conflicts: 0, conflictKeys: [], events: [] }

/** Events of this process that are in no page yet: all of (pagedSeq, lastSeq]. */
interface Unpaged extends Head {
  readonly events: readonly LedgerEvent[]
}

export interface AppenderOptions {
  readonly kysely: Kysely<Schema>
  readonly partitions: LedgerPartitions
  readonly seal: CallerSeal
}

export class Appender {
  readonly #options: AppenderOptions
  #unpaged: Unpaged = { lastSeq: -1, pagedSeq: -1, events: [] }

  constructor(options: AppenderOptions) {
    this.#options = options
  }

  async append(batch: readonly EventEnvelope[]): Promise<AppendResult> {
    if (batch.length === 0) return NOTHING
    const prepared = batch.map((event) => prepareEvent(event, this.#options.seal))
    const days = new Set(batch.map(({ receivedAtMs }) => dayNumber(receivedAtMs)))
    for (let attempt = 1; ; attempt += 1) {
      await this.#options.partitions.ensure(days)
      try {
        return await this.#write(prepared)
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? error.code : undefined
        if (code !== NO_PARTITION || attempt > 1) throw error
        this.#options.partitions.forget()
      }
    }
  }

  async #write(batch: readonly PreparedEvent[]): Promise<AppendResult> {
    const { kysely, seal } = this.#options
    const { first, repeats } = splitRepeats(batch)
    const written = await kysely.transaction().execute(async (transaction) => {
      const head = await lockHead(transaction)
      const { fresh, known } = await insertKeys(transaction, first, head.lastSeq)
      await insertEvents(transaction, fresh, seal)
      const conflicting = await findConflicts(transaction, { first, known, repeats, seal })
      const events = fresh.map(({ prepared, ingestSeq }) => ({ ...prepared.event, ingestSeq }))
      const unpaged = await this.#page(transaction, head, events)
      const duplicates = [...known, ...repeats].map(({ event }) => event)
      const counts = countBySource(events, duplicates, conflicting)
      await addToSources(transaction, counts, unpaged)
      const result: AppendResult = {
        accepted: events.length,
        duplicates: duplicates.length,
        conflicts: conflicting.length,
        conflictKeys: conflicting.map(({ source, id }) => ({ source, id })),
        events,
      }
      return { result, unpaged }
    })
    // Only now: what was rolled back is no event.
    this.#unpaged = written.unpaged
    return written.result
  }

  /** Writes a page as soon as there are enough events for one; few events a commit are gathered over several commits. */
  async #page(
    transaction: Transaction<Schema>,
    head: Head,
    events: readonly LedgerEvent[],
  ): Promise<Unpaged> {
    const lastSeq = events.at(-1)?.ingestSeq ?? head.lastSeq
    const before = this.#unpaged
    const continued = before.lastSeq === head.lastSeq && before.pagedSeq === head.pagedSeq
    // Another process has appended in between: its events are paged by `pageTail`, from the table.
    if (!continued && head.pagedSeq !== head.lastSeq) return { lastSeq, pagedSeq: head.pagedSeq, events: [] }
    const all = continued ? [...before.events, ...events] : events
    if (continued && before.events.length === 0 && head.pagedSeq !== head.lastSeq)
      return { lastSeq, pagedSeq: head.pagedSeq, events: [] }
    if (all.length < PAGE_EVENTS_MIN) return { lastSeq, pagedSeq: head.pagedSeq, events: all }
    await insertFoldPage(transaction, { events: all, firstSeq: head.pagedSeq + 1, lastSeq })
    return { lastSeq, pagedSeq: lastSeq, events: [] }
  }
}

function splitRepeats(batch: readonly PreparedEvent[]): {
  readonly first: readonly PreparedEvent[]
  readonly repeats: readonly PreparedEvent[]
} {
  const seen = new Set<string>()
  const first: PreparedEvent[] = []
  const repeats: PreparedEvent[] = []
  for (const prepared of batch) {
    const countBefore = seen.size
    const kept = seen.add(prepared.key).size > countBefore ? first : repeats
    kept.push(prepared)
  }
  return { first, repeats }
}

interface Fresh {
  readonly prepared: PreparedEvent
  readonly ingestSeq: number
}

/** Known events leave holes in ingest_seq, which nobody minds. */
async function insertKeys(
  transaction: Transaction<Schema>,
  batch: readonly PreparedEvent[],
  lastSeq: number,
): Promise<{ readonly fresh: readonly Fresh[]; readonly known: readonly PreparedEvent[] }> {
  const fresh: Fresh[] = []
  const known: PreparedEvent[] = []
  for (let at = 0; at < batch.length; at += ROWS_PER_INSERT) {
    const part = batch.slice(at, at + ROWS_PER_INSERT)
    const baseSeq = lastSeq + at
    const { rows } = await sql<{ seqs: string | null }>`
      with stored as (
        insert into event_key (key, ingest_seq, received_at, body_hash)
        select key, ${baseSeq}::bigint + place, to_timestamp(received_ms / 1000), body_hash
        from unnest(${`{${part.map(({ key }) => key).join(',')}}`}::uuid[],
          ${numberArray(part.map(({ event }) => event.receivedAtMs))}::float8[],
          ${numberArray(part.map(({ bodyHash }) => bodyHash))}::bigint[]
        ) with ordinality as incoming (key, received_ms, body_hash, place)
        on conflict (key) do nothing
        returning ingest_seq)
      select case when count(*) < ${part.length}::int then coalesce(json_agg(ingest_seq), '[]') end::text as seqs
      from stored`.execute(transaction)
    // All new, as nearly always: then their numbers need not be told.
    const seqs = rows[0]?.seqs ?? null
    const stored = seqs === null ? null : new Set(JSON.parse(seqs) as number[])
    for (const [place, prepared] of part.entries()) {
      const ingestSeq = baseSeq + place + 1
      if (stored === null || stored.has(ingestSeq)) fresh.push({ prepared, ingestSeq })
      else known.push(prepared)
    }
  }
  return { fresh, known }
}

async function insertEvents(
  transaction: Transaction<Schema>,
  fresh: readonly Fresh[],
  seal: CallerSeal,
): Promise<void> {
  for (let at = 0; at < fresh.length; at += ROWS_PER_INSERT) {
    const part = fresh.slice(at, at + ROWS_PER_INSERT)
    await insertPart(transaction, part, seal)
    await insertRaw(transaction, part)
    await insertCallers(transaction, part, seal)
  }
}

async function insertPart(
  transaction: Transaction<Schema>,
  part: readonly Fresh[],
  seal: CallerSeal,
): Promise<void> {
  const events = part.map(({ prepared }) => prepared.event)
  const texts = (pick: (event: EventEnvelope) => string | null | undefined) =>
    sql`${textArray(events.map(pick))}::text[]`
  const numbers = (pick: (event: EventEnvelope) => number) => sql`${numberArray(events.map(pick))}::float8[]`
  const data = part.map(({ prepared }) => prepared.dataText).join(DATA_SEPARATOR)
  const callerOf = (pick: (callerNumber: string) => string | null) =>
    texts(({ data: { callerNumber } }) => (callerNumber === undefined ? null : pick(callerNumber)))
  await sql`
    insert into event (ingest_seq, source, event_id, type, occurred_at, received_at, time_assumed, sequence,
      contact_id, agent_id, queue_id, is_agent_event, caller_hash, caller_last, data)
    select ingest_seq, source, event_id, type,
      to_timestamp(occurred_ms / 1000), to_timestamp(received_ms / 1000), time_assumed, sequence,
      contact_id, agent_id, queue_id, starts_with(type, 'cc.agent.'), caller_hash, caller_last, data::json
    from unnest(${numberArray(part.map(({ ingestSeq }) => ingestSeq))}::bigint[],
      ${texts((event) => event.source)}, ${texts((event) => event.id)}, ${texts((event) => event.type)},
      ${numbers((event) => event.occurredAtMs)}, ${numbers((event) => event.receivedAtMs)},
      ${booleanArray(events.map((event) => event.timeAssumed === true))}::boolean[],
      ${texts((event) => event.sequence)}, ${texts((event) => event.data.contactId)},
      ${texts((event) => event.data.agentId)}, ${texts((event) => event.data.queueId)},
      ${callerOf(seal.hash)}, ${callerOf(lastDigits)},
      string_to_array(${data}::text, ${DATA_SEPARATOR}::text, '')
    ) as incoming (ingest_seq, source, event_id, type, occurred_ms, received_ms, time_assumed, sequence,
      contact_id, agent_id, queue_id, caller_hash, caller_last, data)`.execute(transaction)
}

async function insertRaw(transaction: Transaction<Schema>, part: readonly Fresh[]): Promise<void> {
  const rows = part.filter(({ prepared }) => prepared.rawText !== null)
  if (rows.length === 0) return
  await sql`
    insert into event_raw (ingest_seq, received_at, raw)
    select ingest_seq, to_timestamp(received_ms / 1000), raw::json
    from unnest(${numberArray(rows.map(({ ingestSeq }) => ingestSeq))}::bigint[],
      ${numberArray(rows.map(({ prepared }) => prepared.event.receivedAtMs))}::float8[],
      string_to_array(${rows.map(({ prepared }) => prepared.rawText).join(DATA_SEPARATOR)}::text, ${DATA_SEPARATOR}::text)
    ) as incoming (ingest_seq, received_ms, raw)`.execute(transaction)
}

async function insertCallers(
  transaction: Transaction<Schema>,
  part: readonly Fresh[],
  seal: CallerSeal,
): Promise<void> {
  const rows = part.flatMap(({ prepared: { event }, ingestSeq }) =>
    event.data.callerNumber === undefined
      ? []
      : [{ event, ingestSeq, sealed: seal.seal(event.data.callerNumber).toString('base64') }],
  )
  if (rows.length === 0) return
  await sql`
    insert into event_caller (ingest_seq, received_at, contact_id, sealed)
    select ingest_seq, to_timestamp(received_ms / 1000), contact_id, decode(sealed, 'base64')
    from unnest(${numberArray(rows.map(({ ingestSeq }) => ingestSeq))}::bigint[],
      ${numberArray(rows.map(({ event }) => event.receivedAtMs))}::float8[],
      ${textArray(rows.map(({ event }) => event.data.contactId))}::text[],
      ${textArray(rows.map(({ sealed }) => sealed))}::text[]
    ) as incoming (ingest_seq, received_ms, contact_id, sealed)`.execute(transaction)
}

interface Duplicates {
  readonly first: readonly PreparedEvent[]
  readonly known: readonly PreparedEvent[]
  readonly repeats: readonly PreparedEvent[]
  readonly seal: CallerSeal
}

/** The duplicates that say something else than what is stored. The stored event is read only where the hashes differ. */
async function findConflicts(
  transaction: Transaction<Schema>,
  { first, known, repeats, seal }: Duplicates,
): Promise<readonly EventEnvelope[]> {
  const stored = await storedHashes(transaction, [...known, ...repeats])
  const suspects = [...known, ...repeats].filter(({ key, bodyHash }) => stored.get(key) !== bodyHash)
  if (suspects.length === 0) return []
  const originals = new Map<string, StoredEvent>()
  const knownKeys = new Set(known.map(({ key }) => key))
  for (const { key, event } of first) {
    if (!knownKeys.has(key))
      originals.set(key, { event: { ...event, ingestSeq: 0 }, hasRaw: true, callerHash: null })
  }
  const unread = [...new Set(suspects.map(({ key }) => key))].filter((key) => !originals.has(key))
  for (let at = 0; at < unread.length; at += ROWS_PER_INSERT) {
    const part = await readByKeys(transaction, `{${unread.slice(at, at + ROWS_PER_INSERT).join(',')}}`, seal)
    for (const original of part) originals.set(eventKey(original.event), original)
  }
  return suspects.flatMap(({ key, event }) => {
    const original = originals.get(key)
    return original === undefined || saysTheSame(original, event, seal) ? [] : [event]
  })
}

async function storedHashes(
  transaction: Transaction<Schema>,
  duplicates: readonly PreparedEvent[],
): Promise<ReadonlyMap<string, number | null>> {
  const found = new Map<string, number | null>()
  for (let at = 0; at < duplicates.length; at += ROWS_PER_INSERT) {
    const keys = duplicates.slice(at, at + ROWS_PER_INSERT).map(({ key }) => key)
    const { rows } = await sql<{ keys: string | null; hashes: string | null }>`
      select json_agg(key)::text as keys, json_agg(body_hash)::text as hashes
      from event_key where key = any(${`{${keys.join(',')}}`}::uuid[])`.execute(transaction)
    const hashes = JSON.parse(rows[0]?.hashes ?? '[]') as (number | null)[]
    for (const [index, key] of (JSON.parse(rows[0]?.keys ?? '[]') as string[]).entries())
      found.set(key.replaceAll('-', ''), hashes[index] ?? null)
  }
  return found
}

/** The place in the source's order is no part of what an event says: a rotated file numbers its lines anew. */
function saysTheSame(original: StoredEvent, event: EventEnvelope, seal: CallerSeal): boolean {
  const { event: stored } = original
  const bothTimesAssumed = stored.timeAssumed === true && event.timeAssumed === true
  if (stored.type !== event.type) return false
  if (!bothTimesAssumed && Math.abs(stored.occurredAtMs - event.occurredAtMs) >= 0.001) return false
  if (!sameCaller(original, event.data.callerNumber, seal)) return false
  // What retention has taken away cannot be compared.
  if (original.hasRaw && !isDeepStrictEqual(plainRaw(stored), plainRaw(event))) return false
  return isDeepStrictEqual(plain(stored), plain(event))
}

function sameCaller(original: StoredEvent, callerNumber: string | undefined, seal: CallerSeal): boolean {
  const stored = original.event.data.callerNumber
  if (stored !== undefined) return stored === callerNumber
  if (callerNumber === undefined) return original.callerHash === null
  return original.callerHash === seal.hash(callerNumber)
}

function plainRaw({ data }: EventEnvelope): unknown {
  return data.raw === undefined ? undefined : JSON.parse(JSON.stringify(data.raw) ?? 'null')
}

/** As it reads after a journey through JSON and the columns: no undefined fields, no U+0000 in ids. */
function plain({ data }: EventEnvelope): unknown {
  const { contactId, agentId, queueId } = data
  const ids = [contactId, agentId, queueId].map((id) => (id === undefined ? null : storableText(id)))
  return [ids, JSON.parse(dataText(data) || '{}')]
}
