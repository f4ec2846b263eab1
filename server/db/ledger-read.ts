/**
 * Reads events in pages by key. A page comes as one JSON text a column: the embedded database's client decodes field by
 * field, which takes seven times as long, and PostgreSQL makes a list of one column half again as fast as one of rows.
 * The next page is asked for before the last one is given out: the database reads while the caller folds.
 */
import { CompiledQuery, type Kysely, type RawBuilder, sql } from 'kysely'
import type { EventType, LedgerEvent } from '../domain/event.ts'
import { storableText } from './array-literal.ts'
import { instant } from './instant.ts'
import type { Schema } from './schema.ts'
import { parseInstant } from './value-parsers.ts'

/** Large enough that the round trip does not count, small enough that a page is a few megabytes. */
const ROWS_PER_PAGE = 10_000

/** Each column of a page as a list, in the order of the rows. */
const COLUMN_LISTS = sql.raw(
  [
    'ingest_seq',
    'source',
    'event_id',
    'type',
    'occurred_at',
    'received_at',
    'time_assumed',
    'sequence',
    'contact_id',
    'agent_id',
    'queue_id',
    'data',
  ]
    .map((column) => `json_agg(event.${column})::text as ${column}`)
    .join(', '),
)

/** JSON texts; all null when there is no row. */
interface PageRow {
  readonly ingest_seq: string | null
  readonly source: string
  readonly event_id: string
  readonly type: string
  readonly occurred_at: string
  readonly received_at: string
  readonly time_assumed: string
  readonly sequence: string
  readonly contact_id: string
  readonly agent_id: string
  readonly queue_id: string
  readonly data: string
}

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
  const pageFrom = (from: RawBuilder<unknown>) => {
    const condition = sql`${ofKind} and ${from} and occurred_at < ${instant(toMs)}`
    return readPage(kysely, condition, sql`occurred_at, ingest_seq`, ROWS_PER_PAGE)
  }
  let reading = pageFrom(fromMs === null ? sql`true` : sql`occurred_at >= ${instant(fromMs)}`)
  for (;;) {
    const page = await reading
    const last = page.at(-1)
    if (last === undefined) return
    if (page.length < ROWS_PER_PAGE) {
      yield page
      return
    }
    reading = pageFrom(
      sql`(occurred_at, ingest_seq) > (${instant(last.occurredAtMs)}, ${last.ingestSeq}::bigint)`,
    )
    // A caller that stops early never asks for this page; its failure is then nobody's.
    reading.catch(() => undefined)
    yield page
  }
}

export async function readOfContact(
  kysely: Kysely<Schema>,
  contactId: string,
): Promise<readonly LedgerEvent[]> {
  const { rows } = await sql<PageRow>`
    select ${COLUMN_LISTS}
    from (select * from event where contact_id = ${storableText(contactId)} order by ingest_seq) as event`.execute(
    kysely,
  )
  return toEvents(rows[0])
}

/** The stored events of the given keys, as array literals of sources and ids. */
export async function readByKeys(
  transaction: Kysely<Schema>,
  sources: string,
  ids: string,
): Promise<readonly LedgerEvent[]> {
  await transaction.executeQuery(BY_INDEX)
  const { rows } = await sql<PageRow>`
    select ${COLUMN_LISTS}
    from unnest(${sources}::text[], ${ids}::text[]) as wanted (wanted_source, wanted_id)
    join event on source = wanted_source and event_id = wanted_id`.execute(transaction)
  return toEvents(rows[0])
}

async function readPage(
  kysely: Kysely<Schema>,
  condition: RawBuilder<unknown>,
  order: RawBuilder<unknown>,
  limit: number,
): Promise<readonly LedgerEvent[]> {
  return kysely.transaction().execute(async (transaction) => {
    await transaction.executeQuery(IN_INDEX_ORDER)
    const { rows } = await sql<PageRow>`
      select ${COLUMN_LISTS}
      from (select * from event where ${condition} order by ${order} limit ${limit}::int) as event`.execute(
      transaction,
    )
    return toEvents(rows[0])
  })
}

function toEvents(page: PageRow | undefined): readonly LedgerEvent[] {
  if (page === undefined || page.ingest_seq === null) return []
  const sources = list<string>(page.source)
  const ids = list<string>(page.event_id)
  const types = list<EventType>(page.type)
  const occurred = list<string>(page.occurred_at)
  const received = list<string>(page.received_at)
  const timesAssumed = list<boolean>(page.time_assumed)
  const sequences = list<string | null>(page.sequence)
  const contactIds = list<string | null>(page.contact_id)
  const agentIds = list<string | null>(page.agent_id)
  const queueIds = list<string | null>(page.queue_id)
  const others = list<Record<string, unknown> | null>(page.data)
  return list<number>(page.ingest_seq).map((ingestSeq, row): LedgerEvent => {
    const sequence = sequences[row] ?? null
    // Three ids of the data have columns of their own; the other fields stay together.
    const data: Record<string, unknown> = others[row] ?? {}
    const contactId = contactIds[row] ?? null
    const queueId = queueIds[row] ?? null
    const agentId = agentIds[row] ?? null
    if (contactId !== null) data.contactId = contactId
    if (queueId !== null) data.queueId = queueId
    if (agentId !== null) data.agentId = agentId
    return {
      ingestSeq,
      id: ids[row] ?? '',
      source: sources[row] ?? '',
      type: types[row] ?? 'cc.source.heartbeat.v1',
      occurredAtMs: parseInstant(occurred[row] ?? ''),
      receivedAtMs: parseInstant(received[row] ?? ''),
      ...(timesAssumed[row] === true ? { timeAssumed: true } : {}),
      ...(sequence === null ? {} : { sequence }),
      data,
    }
  })
}

function list<T>(text: string): readonly T[] {
  return JSON.parse(text) as readonly T[]
}
