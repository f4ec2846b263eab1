/** Events that are stored already, or twice in a batch: told from new ones by their keys, and from conflicts by what they say. */
import { isDeepStrictEqual } from 'node:util'
import { sql, type Transaction } from 'kysely'
import type { EventEnvelope } from '../domain/event.ts'
import type { CallerSeal } from '../ledger/caller-seal.ts'
import { storableText } from './array-literal.ts'
import { dataText, eventKey, type PreparedEvent } from './event-identity.ts'
import { keysInsert } from './event-rows.ts'
import { readByKeys, type StoredEvent } from './ledger-read.ts'
import type { Schema } from './schema.ts'

/** Bounds the text of one statement; larger batches take several statements of the same transaction. */
export const ROWS_PER_INSERT = 5_000

export interface Batch {
  readonly first: readonly PreparedEvent[]
  /** The same keys again, within the batch. */
  readonly repeats: readonly PreparedEvent[]
}

export function splitRepeats(batch: readonly PreparedEvent[]): Batch {
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

export interface Fresh {
  readonly prepared: readonly PreparedEvent[]
  readonly seqs: readonly number[]
}

/** Known events leave holes in ingest_seq, which nobody minds. */
export async function insertKeys(
  transaction: Transaction<Schema>,
  batch: readonly PreparedEvent[],
  lastSeq: number,
): Promise<{ readonly fresh: Fresh; readonly known: readonly PreparedEvent[] }> {
  const fresh: PreparedEvent[] = []
  const freshSeqs: number[] = []
  const known: PreparedEvent[] = []
  for (let at = 0; at < batch.length; at += ROWS_PER_INSERT) {
    const part = batch.slice(at, at + ROWS_PER_INSERT)
    const baseSeq = lastSeq + at
    const { rows } = await sql<{ seqs: string | null }>`
      with stored as (${keysInsert(part, baseSeq + 1)}
        on conflict (key) do nothing
        returning ingest_seq)
      select case when count(*) < ${part.length}::int then coalesce(json_agg(ingest_seq), '[]') end::text as seqs
      from stored`.execute(transaction)
    // All new, as nearly always: then their numbers need not be told.
    const seqs = rows[0]?.seqs ?? null
    const stored = seqs === null ? null : new Set(JSON.parse(seqs) as number[])
    for (const [place, prepared] of part.entries()) {
      const ingestSeq = baseSeq + place + 1
      if (stored === null || stored.has(ingestSeq)) {
        fresh.push(prepared)
        freshSeqs.push(ingestSeq)
      } else known.push(prepared)
    }
  }
  return { fresh: { prepared: fresh, seqs: freshSeqs }, known }
}

interface Duplicates {
  readonly first: readonly PreparedEvent[]
  readonly known: readonly PreparedEvent[]
  readonly repeats: readonly PreparedEvent[]
  readonly seal: CallerSeal
}

/** The duplicates that say something else than what is stored. The stored event is read only where the hashes differ. */
export async function findConflicts(
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
