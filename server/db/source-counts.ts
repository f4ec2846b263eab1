/** What each source has sent so far: changed in the transaction of the batch that it counts. */
import { type RawBuilder, sql } from 'kysely'
import type { EventEnvelope } from '../domain/event.ts'
import { numberArray, storableText, textArray } from './array-literal.ts'

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

/** The statement that adds them; nothing where `condition` is not met. */
export function sourceCountsInsert(
  counts: ReadonlyMap<string, SourceCount>,
  condition: RawBuilder<unknown>,
): RawBuilder<unknown> {
  const rows = [...counts.values()]
  const numbers = (pick: (count: SourceCount) => number | null) =>
    sql`${numberArray(rows.map(pick))}::float8[]`
  // least and greatest step over nulls.
  return sql`
    insert into source (source, accepted, duplicates, conflicts, first_occurred_at, last_occurred_at, last_received_at)
    select source, accepted, duplicates, conflicts, to_timestamp(first_occurred_ms / 1000),
      to_timestamp(last_occurred_ms / 1000), to_timestamp(last_received_ms / 1000)
    from unnest(${textArray([...counts.keys()])}::text[], ${numbers((count) => count.accepted)},
      ${numbers((count) => count.duplicates)}, ${numbers((count) => count.conflicts)},
      ${numbers((count) => count.firstOccurredMs)}, ${numbers((count) => count.lastOccurredMs)},
      ${numbers((count) => count.lastReceivedMs)}
    ) as counted (source, accepted, duplicates, conflicts, first_occurred_ms, last_occurred_ms, last_received_ms)
    where ${condition}
    on conflict (source) do update set
      accepted = source.accepted + excluded.accepted,
      duplicates = source.duplicates + excluded.duplicates,
      conflicts = source.conflicts + excluded.conflicts,
      first_occurred_at = least(source.first_occurred_at, excluded.first_occurred_at),
      last_occurred_at = greatest(source.last_occurred_at, excluded.last_occurred_at),
      last_received_at = greatest(source.last_received_at, excluded.last_received_at)`
}
