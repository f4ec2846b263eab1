/**
 * Reads events in pages by key. A page comes as one JSON text: the embedded database's client decodes field by field,
 * which takes seven times as long as parsing the same page at once; on PostgreSQL both ways are equally fast.
 */
import { CompiledQuery, type Kysely, type RawBuilder, sql } from 'kysely'
import type { EventData, EventType, LedgerEvent } from '../domain/event.ts'
import { storableText } from './array-literal.ts'
import { instant } from './instant.ts'
import type { Schema } from './schema.ts'
import { parseInstant } from './value-parsers.ts'

/** Large enough that the round trip does not count, small enough that a page is a few megabytes. */
const ROWS_PER_PAGE = 10_000

/** The order of `EventRow`. */
const COLUMNS = sql.raw(
  'ingest_seq, source, event.event_id, type, occurred_at, received_at, time_assumed, sequence, contact_id, agent_id, queue_id, data',
)

type EventRow = readonly [
  ingestSeq: number,
  source: string,
  id: string,
  type: EventType,
  occurredAt: string,
  receivedAt: string,
  timeAssumed: boolean,
  sequence: string | null,
  contactId: string | null,
  agentId: string | null,
  queueId: string | null,
  data: Record<string, unknown> | null,
]

/**
 * Pages are read in the order of an index. Without fresh statistics (the embedded database never gathers any by itself)
 * the planner would fetch and sort all the rest for each page.
 */
const IN_INDEX_ORDER = CompiledQuery.raw(
  'set local enable_seqscan = off; set local enable_bitmapscan = off; set local enable_sort = off',
)
/** For looking up many keys at once: one probe of the index each, instead of a scan of the ledger. */
const BY_INDEX = CompiledQuery.raw(
  'set local enable_seqscan = off; set local enable_hashjoin = off; set local enable_mergejoin = off',
)

export async function* readTail(
  kysely: Kysely<Schema>,
  afterSeq: number,
  limit: number,
): AsyncIterable<readonly LedgerEvent[]> {
  let last = afterSeq
  for (let left = limit; left > 0; ) {
    const rows = Math.min(left, ROWS_PER_PAGE)
    const page = await readPage(kysely, sql`ingest_seq > ${last}::bigint`, sql`ingest_seq`, rows)
    if (page.length > 0) yield page
    if (page.length < rows) return
    left -= page.length
    last = page.at(-1)?.ingestSeq ?? last
  }
}

export async function* readByTime(
  kysely: Kysely<Schema>,
  about: 'contact' | 'agent',
  fromMs: number | null,
  toMs: number,
): AsyncIterable<readonly LedgerEvent[]> {
  // Written out so that the planner matches the partial index of either kind.
  const ofKind = about === 'agent' ? sql`is_agent_event` : sql`not is_agent_event`
  let from = fromMs === null ? sql`true` : sql`occurred_at >= ${instant(fromMs)}`
  for (;;) {
    const condition = sql`${ofKind} and ${from} and occurred_at < ${instant(toMs)}`
    const page = await readPage(kysely, condition, sql`occurred_at, ingest_seq`, ROWS_PER_PAGE)
    if (page.length > 0) yield page
    const last = page.at(-1)
    if (last === undefined || page.length < ROWS_PER_PAGE) return
    from = sql`(occurred_at, ingest_seq) > (${instant(last.occurredAtMs)}, ${last.ingestSeq}::bigint)`
  }
}

export async function readOfContact(
  kysely: Kysely<Schema>,
  contactId: string,
): Promise<readonly LedgerEvent[]> {
  const { rows } = await sql<{ page: string | null }>`
    select json_agg(json_build_array(${COLUMNS}) order by ingest_seq)::text as page
    from event where contact_id = ${storableText(contactId)}`.execute(kysely)
  return toEvents(rows[0]?.page)
}

/** The stored events of the given keys, as array literals of sources and ids. */
export async function readByKeys(
  transaction: Kysely<Schema>,
  sources: string,
  ids: string,
): Promise<readonly LedgerEvent[]> {
  await transaction.executeQuery(BY_INDEX)
  const { rows } = await sql<{ page: string | null }>`
    select json_agg(json_build_array(${COLUMNS}))::text as page
    from unnest(${sources}::text[], ${ids}::text[]) as wanted (wanted_source, wanted_id)
    join event on source = wanted_source and event_id = wanted_id`.execute(transaction)
  return toEvents(rows[0]?.page)
}

async function readPage(
  kysely: Kysely<Schema>,
  condition: RawBuilder<unknown>,
  order: RawBuilder<unknown>,
  limit: number,
): Promise<readonly LedgerEvent[]> {
  return kysely.transaction().execute(async (transaction) => {
    await transaction.executeQuery(IN_INDEX_ORDER)
    const { rows } = await sql<{ page: string | null }>`
      select json_agg(json_build_array(${COLUMNS}))::text as page
      from (select * from event where ${condition} order by ${order} limit ${limit}::int) as event`.execute(
      transaction,
    )
    return toEvents(rows[0]?.page)
  })
}

function toEvents(page: string | null | undefined): readonly LedgerEvent[] {
  if (page === null || page === undefined) return []
  return (JSON.parse(page) as readonly EventRow[]).map(toLedgerEvent)
}

function toLedgerEvent(row: EventRow): LedgerEvent {
  const [ingestSeq, source, id, type, occurredAt, receivedAt, timeAssumed, sequence] = row
  return {
    ingestSeq,
    id,
    source,
    type,
    occurredAtMs: parseInstant(occurredAt),
    receivedAtMs: parseInstant(receivedAt),
    ...(timeAssumed ? { timeAssumed } : {}),
    ...(sequence === null ? {} : { sequence }),
    data: toData(row),
  }
}

/** Three ids of the data have columns of their own; the other fields stay together. */
function toData([, , , , , , , , contactId, agentId, queueId, others]: EventRow): EventData {
  const data = others ?? {}
  if (contactId !== null) data.contactId = contactId
  if (queueId !== null) data.queueId = queueId
  if (agentId !== null) data.agentId = agentId
  return data
}
