/**
 * Reads events in pages by key. A page comes as one JSON text a column: the embedded database's client decodes field by
 * field, which takes seven times as long, and PostgreSQL makes a list of one column half again as fast as one of rows.
 * The next page is asked for before the last one is given out: the database reads while the caller folds.
 */
import { CompiledQuery, type Kysely, type RawBuilder, sql } from 'kysely'
import type { EventType, LedgerEvent } from '../domain/event.ts'
import type { CallerSeal } from '../ledger/caller-seal.ts'
import { storableText } from './array-literal.ts'
import { type FoldPeriod, readFoldPages } from './fold-page-store.ts'
import { instant } from './instant.ts'
import { readHead } from './ledger-head.ts'
import { dayNumber, daysOf } from './ledger-partitions.ts'
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
/** What has tables of its own, for who needs it: beside `event`, with what is left of the number. */
const PRIVATE_LISTS = sql.raw(
  `json_agg(caller_hash)::text as caller_hashes,
    json_agg((select raw::text from event_raw as line
      where line.ingest_seq = event.ingest_seq and line.received_at = event.received_at))::text as raws,
    json_agg((select encode(sealed, 'base64') from event_caller as caller
      where caller.ingest_seq = event.ingest_seq and caller.received_at = event.received_at))::text as callers`,
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

interface PrivateRow extends PageRow {
  readonly caller_hashes: string
  readonly raws: string
  readonly callers: string
}

/** An event with all that is still stored of it. */
export interface StoredEvent {
  readonly event: LedgerEvent
  /** Its day's raw texts are still kept: none there means that it had none. */
  readonly hasRaw: boolean
  readonly callerHash: string | null
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

/**
 * What a fold reads: the pages that hold events of the period, then the events that are in no page yet. A page that
 * cannot be read is read from its events, and said.
 */
export async function* readForFold(
  kysely: Kysely<Schema>,
  period: Omit<FoldPeriod, 'pagedSeq'>,
  log: (message: string) => void,
): AsyncIterable<Iterable<LedgerEvent>> {
  const { pagedSeq } = await readHead(kysely)
  for await (const { events, firstSeq, lastSeq } of readFoldPages(kysely, { ...period, pagedSeq })) {
    if (events === null) {
      log(`page ${firstSeq} to ${lastSeq} of the ledger cannot be used: its events are read instead`)
      yield* readRows(kysely, period, firstSeq - 1, lastSeq)
    } else yield events
  }
  yield* readRows(kysely, period, pagedSeq, Number.MAX_SAFE_INTEGER)
}

async function* readRows(
  kysely: Kysely<Schema>,
  { about, fromMs, toMs }: Pick<FoldPeriod, 'about' | 'fromMs' | 'toMs'>,
  afterSeq: number,
  lastSeq: number,
): AsyncIterable<readonly LedgerEvent[]> {
  const ofKind = about === 'agent' ? sql`is_agent_event` : sql`not is_agent_event`
  const from = fromMs === null ? sql`true` : sql`occurred_at >= ${instant(fromMs)}`
  for (let last = afterSeq; ; ) {
    const condition = sql`ingest_seq > ${last}::bigint and ingest_seq <= ${lastSeq}::bigint
      and ${ofKind} and ${from} and occurred_at < ${instant(toMs)}`
    const page = await readPage(kysely, condition, sql`ingest_seq`, ROWS_PER_PAGE)
    if (page.length > 0) yield page
    if (page.length < ROWS_PER_PAGE) return
    last = page.at(-1)?.ingestSeq ?? last
  }
}

export async function readOfContact(
  kysely: Kysely<Schema>,
  contactId: string,
  seal: CallerSeal,
): Promise<readonly LedgerEvent[]> {
  const { rows } = await sql<PrivateRow>`
    select ${COLUMN_LISTS}, ${PRIVATE_LISTS}
    from (select * from event where contact_id = ${storableText(contactId)} order by ingest_seq) as event`.execute(
    kysely,
  )
  return toStored(rows[0], new Set(), seal).map(({ event }) => event)
}

/** The stored events of the given keys (an array literal of them). */
export async function readByKeys(
  transaction: Kysely<Schema>,
  keys: string,
  seal: CallerSeal,
): Promise<readonly StoredEvent[]> {
  const rawDays = new Set(await daysOf(transaction, 'event_raw'))
  await transaction.executeQuery(BY_INDEX)
  const { rows } = await sql<PrivateRow>`
    select ${COLUMN_LISTS}, ${PRIVATE_LISTS}
    from event_key join event on event.ingest_seq = event_key.ingest_seq
      and event.received_at = event_key.received_at
    where key = any(${keys}::uuid[])`.execute(transaction)
  return toStored(rows[0], rawDays, seal)
}

async function readPage(
  kysely: Kysely<Schema>,
  condition: RawBuilder<unknown>,
  order: RawBuilder<unknown>,
  limit: number,
): Promise<readonly LedgerEvent[]> {
  const read = async (transaction: Kysely<Schema>): Promise<readonly LedgerEvent[]> => {
    await transaction.executeQuery(IN_INDEX_ORDER)
    const { rows } = await sql<PageRow>`
      select ${COLUMN_LISTS}
      from (select * from event where ${condition} order by ${order} limit ${limit}::int) as event`.execute(
      transaction,
    )
    return toEvents(rows[0])
  }
  return kysely.isTransaction ? read(kysely) : kysely.transaction().execute(read)
}

function toStored(
  page: PrivateRow | undefined,
  rawDays: ReadonlySet<number>,
  seal: CallerSeal,
): readonly StoredEvent[] {
  if (page === undefined || page.ingest_seq === null) return []
  const raws = list<string | null>(page.raws)
  const callers = list<string | null>(page.callers)
  const callerHashes = list<string | null>(page.caller_hashes)
  return toEvents(page).map((event, row) => {
    const raw = raws[row] ?? null
    const sealed = callers[row] ?? null
    const callerNumber = sealed === null ? null : seal.open(Buffer.from(sealed, 'base64'))
    const data = {
      ...event.data,
      ...(raw === null ? {} : { raw: JSON.parse(raw) as unknown }),
      ...(callerNumber === null ? {} : { callerNumber }),
    }
    return {
      event: { ...event, data },
      hasRaw: rawDays.has(dayNumber(event.receivedAtMs)),
      callerHash: callerHashes[row] ?? null,
    }
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
