/** Versions are added, never changed: the number of the next one, and the test that it is still free. */
import { type RawBuilder, sql } from 'kysely'

/** The columns by which a thing with versions is known. */
interface Versioned {
  readonly table: 'alert_threshold' | 'number_right' | 'ring_back' | 'time_note'
  readonly key: 'scope' | 'user_id' | 'contact_id' | 'note_id'
  readonly id: string
}

/** One more than the newest version stored, 1 for the first. */
export function nextVersion({ table, key, id }: Versioned): RawBuilder<number> {
  return sql`1 + coalesce(
          (select max(version) from ${sql.table(table)} where ${sql.ref(key)} = ${id}::text), 0)`
}

/** Whether nobody has added this version or a later one; of two at the same time the primary key refuses one. */
export function isNextVersion(thing: Versioned, version: number): RawBuilder<boolean> {
  return sql`${version}::int = ${nextVersion(thing)}`
}
