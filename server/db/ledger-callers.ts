/** Callers' numbers: read for who may ring back, sealed anew after a change of keys. */
import { type Kysely, sql } from 'kysely'
import type { CallerSeal } from '../ledger/caller-seal.ts'
import type { CallerTrace } from '../ledger/ledger.ts'
import { numberArray, textArray } from './array-literal.ts'
import { instant } from './instant.ts'
import { dayName, daysOf, partitionName } from './ledger-partitions.ts'
import type { Schema } from './schema.ts'

const ROWS_PER_STEP = 2_000

/** Of several numbers of one contact the first counts. */
export async function readCallers(
  kysely: Kysely<Schema>,
  contactIds: readonly string[],
  seal: CallerSeal,
  receivedFromMs?: number,
): Promise<ReadonlyMap<string, CallerTrace>> {
  const found = new Map<string, CallerTrace>()
  if (contactIds.length === 0) return found
  const since =
    receivedFromMs === undefined ? sql`` : sql`and event.received_at >= ${instant(receivedFromMs)}`
  const { rows } = await sql<{
    contact_id: string
    caller_hash: string | null
    caller_last: string | null
    sealed: string | null
  }>`
    select event.contact_id, caller_hash, caller_last, encode(sealed, 'base64') as sealed
    from event left join event_caller on event_caller.ingest_seq = event.ingest_seq
      and event_caller.received_at = event.received_at
    where event.contact_id = any(${textArray(contactIds)}::text[]) and (caller_hash is not null or sealed is not null)
      ${since}
    order by event.ingest_seq`.execute(kysely)
  for (const row of rows) {
    if (found.has(row.contact_id)) continue
    found.set(row.contact_id, {
      callerNumber: row.sealed === null ? null : seal.open(Buffer.from(row.sealed, 'base64')),
      hash: row.caller_hash,
      lastDigits: row.caller_last,
    })
  }
  return found
}

/** Day by day; a day without any such number costs one look. A number that no key opens stays as it is. */
export async function sealCallers(kysely: Kysely<Schema>, seal: CallerSeal): Promise<number> {
  for (const day of await daysOf(kysely, 'event_caller')) {
    const table = sql.table(partitionName('event_caller', day))
    const { rows } = await sql<{ ingest_seq: number; sealed: string }>`
      select ingest_seq, encode(sealed, 'base64') as sealed from ${table}
      where substring(sealed for 5) <> decode(${seal.prefix}, 'hex') order by ingest_seq limit ${sql.lit(ROWS_PER_STEP)}`.execute(
      kysely,
    )
    const readable = rows.flatMap(({ ingest_seq: seq, sealed }) => {
      const callerNumber = seal.open(Buffer.from(sealed, 'base64'))
      return callerNumber === null ? [] : [{ seq, callerNumber }]
    })
    if (readable.length === 0) continue
    const seqs = numberArray(readable.map(({ seq }) => seq))
    const resealed = textArray(readable.map(({ callerNumber }) => seal.seal(callerNumber).toString('base64')))
    const hashes = textArray(readable.map(({ callerNumber }) => seal.hash(callerNumber)))
    await kysely.transaction().execute(async (transaction) => {
      await sql`
        update ${table} as caller set sealed = decode(fresh.sealed, 'base64')
        from unnest(${seqs}::bigint[], ${resealed}::text[]) as fresh (seq, sealed)
        where caller.ingest_seq = fresh.seq`.execute(transaction)
      await sql`
        update event set caller_hash = fresh.hash
        from unnest(${seqs}::bigint[], ${hashes}::text[]) as fresh (seq, hash)
        where event.ingest_seq = fresh.seq and event.received_at >= ${`${dayName(day)} 00:00:00+00`}::timestamptz
          and event.received_at < ${`${dayName(day + 1)} 00:00:00+00`}::timestamptz and caller_hash is null`.execute(
        transaction,
      )
    })
    return readable.length
  }
  return 0
}
