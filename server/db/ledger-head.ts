/** The one row that says how far the ledger is; who locks it appends alone. */
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Schema } from './schema.ts'

export interface Head {
  readonly lastSeq: number
  /** Every event up to here is in a page. */
  readonly pagedSeq: number
}

export async function lockHead(transaction: Transaction<Schema>): Promise<Head> {
  for (;;) {
    const { rows } = await sql<{ last_seq: number; paged_seq: number }>`
      select last_seq, paged_seq from ledger_head where only_row for update`.execute(transaction)
    const [row] = rows
    if (row !== undefined) return { lastSeq: row.last_seq, pagedSeq: row.paged_seq }
    await sql`insert into ledger_head (only_row, last_seq, paged_seq) values (true, 0, 0) on conflict do nothing`.execute(
      transaction,
    )
  }
}

export async function readHead(kysely: Kysely<Schema>): Promise<Head> {
  const row = await kysely.selectFrom('ledger_head').select(['last_seq', 'paged_seq']).executeTakeFirst()
  return { lastSeq: row?.last_seq ?? 0, pagedSeq: row?.paged_seq ?? 0 }
}

export async function moveHead(transaction: Transaction<Schema>, { lastSeq, pagedSeq }: Head): Promise<void> {
  await sql`update ledger_head set last_seq = ${lastSeq}::bigint, paged_seq = ${pagedSeq}::bigint`.execute(
    transaction,
  )
}
