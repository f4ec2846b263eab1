/** Pages for events that no append has paged: of a ledger from before there were pages, or of several processes in turn. */
import { type Kysely, sql } from 'kysely'
import type { LedgerEvent } from '../domain/event.ts'
import { insertFoldPage, PAGE_EVENTS_MIN } from './fold-page-store.ts'
import { lockHead, readHead } from './ledger-head.ts'
import { readTail } from './ledger-read.ts'
import type { Schema } from './schema.ts'

/** Reading and writing these takes some tens of milliseconds, in which no append goes on. */
const PAGE_EVENTS = 4_000

export async function pageTail(kysely: Kysely<Schema>): Promise<number> {
  const seen = await readHead(kysely)
  if (seen.lastSeq - seen.pagedSeq < PAGE_EVENTS_MIN) return 0
  return kysely.transaction().execute(async (transaction) => {
    const { pagedSeq, lastSeq } = await lockHead(transaction)
    if (lastSeq - pagedSeq < PAGE_EVENTS_MIN) return 0
    const events: LedgerEvent[] = []
    for await (const page of readTail(transaction, pagedSeq, PAGE_EVENTS)) events.push(...page)
    // Fewer than asked for: then there is nothing but holes up to the end.
    const pageEnd = events.length < PAGE_EVENTS ? lastSeq : (events.at(-1)?.ingestSeq ?? lastSeq)
    if (events.length > 0)
      await insertFoldPage(transaction, { events, firstSeq: pagedSeq + 1, lastSeq: pageEnd })
    await sql`update ledger_head set paged_seq = ${pageEnd}::bigint`.execute(transaction)
    return events.length
  })
}
