/** Instants in SQL: epoch milliseconds in, `timestamptz` stored. */
import { type RawBuilder, sql } from 'kysely'

export function instant(epochMs: number): RawBuilder<number> {
  return sql<number>`to_timestamp(${epochMs}::float8 / 1000)`
}

export function instantOrNull(epochMs: number | null): RawBuilder<number | null> {
  return epochMs === null ? sql<null>`null::timestamptz` : instant(epochMs)
}
