/** The ledger's days: partitions by the UTC day of receipt, made ahead by housekeeping and on demand by an append. */
import { type Kysely, sql } from 'kysely'
import type { Schema } from './schema.ts'

const DAY_MS = 86_400_000
/** Any number that no other program uses on the same database: one process makes partitions at a time. */
const PARTITION_LOCK = 7_165_843_002

export const DAY_TABLES = ['event', 'event_raw', 'event_caller'] as const
export type DayTable = (typeof DAY_TABLES)[number]

export function dayNumber(epochMs: number): number {
  return Math.floor(epochMs / DAY_MS)
}

/** `2024-06-03`, from the number of the day. */
export function dayName(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, -14)
}

export function partitionName(table: DayTable, day: number): string {
  return `${table}_p${dayName(day).replaceAll('-', '')}`
}

/** Knows which days are there, so that an append asks the database only about a new one. */
export class LedgerPartitions {
  readonly #kysely: Kysely<Schema>
  readonly #known = new Set<number>()

  constructor(kysely: Kysely<Schema>) {
    this.#kysely = kysely
  }

  /** Before the transaction that writes into them: attaching waits for nobody who reads or writes. */
  async ensure(days: Iterable<number>): Promise<void> {
    for (const day of new Set(days)) {
      if (this.#known.has(day)) continue
      await makeDay(this.#kysely, day)
      this.#known.add(day)
    }
  }

  /** Another process may have dropped one. */
  forget(): void {
    this.#known.clear()
  }
}

async function makeDay(kysely: Kysely<Schema>, day: number): Promise<void> {
  await kysely.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(${sql.lit(PARTITION_LOCK)}::bigint)`.execute(transaction)
    for (const table of DAY_TABLES) {
      const name = partitionName(table, day)
      const { rows } = await sql<{ present: boolean }>`
        select to_regclass(${name}::text) is not null as present`.execute(transaction)
      if (rows[0]?.present === true) continue
      const from = sql.lit(`${dayName(day)} 00:00:00+00`)
      const to = sql.lit(`${dayName(day + 1)} 00:00:00+00`)
      await sql`create table ${sql.table(name)} (like ${sql.table(table)} including defaults including constraints)`.execute(
        transaction,
      )
      await sql`alter table ${sql.table(table)} attach partition ${sql.table(name)} for values from (${from}) to (${to})`.execute(
        transaction,
      )
    }
  })
}

/** The days that a table has, oldest first. */
export async function daysOf(kysely: Kysely<Schema>, table: DayTable): Promise<readonly number[]> {
  const { rows } = await sql<{ name: string }>`
    select child.relname::text as name from pg_inherits
    join pg_class child on child.oid = inhrelid
    where inhparent = ${table}::regclass order by child.relname collate "C"`.execute(kysely)
  return rows.flatMap(({ name }) => {
    const found = /_p(\d+)(\d\d)(\d\d)$/.exec(name)
    return found === null ? [] : [dayNumber(Date.parse(`${found[1]}-${found[2]}-${found[3]}T00:00:00Z`))]
  })
}
