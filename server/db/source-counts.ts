/** What each source has sent so far: changed in the transaction of the batch that it counts. */
import { sql, type Transaction } from 'kysely'
import type { EventEnvelope } from '../domain/event.ts'
import { numberArray, storableText, textArray } from './array-literal.ts'
import type { Schema } from './schema.ts'

export interface SourceCount {
  accepted: number
  duplicates: number
  conflicts: number
  firstOccurredMs: number | null
  lastOccurredMs: number | null
  lastReceivedMs: number | null
}

export function countBySource(
  accepted: readonly EventEnvelope[],
  duplicates: readonly EventEnvelope[],
  conflicts: readonly EventEnvelope[],
): ReadonlyMap<string, SourceCount> {
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
  return counts
}

/** And moves the head of the ledger: one statement less in every append. */
export async function addToSources(
  transaction: Transaction<Schema>,
  counts: ReadonlyMap<string, SourceCount>,
  head: { readonly lastSeq: number; readonly pagedSeq: number },
): Promise<void> {
  const rows = [...counts.values()]
  const numbers = (pick: (count: SourceCount) => number | null) =>
    sql`${numberArray(rows.map(pick))}::float8[]`
  // least and greatest step over nulls.
  await sql`
    with moved as (update ledger_head set last_seq = ${head.lastSeq}::bigint, paged_seq = ${head.pagedSeq}::bigint)
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
