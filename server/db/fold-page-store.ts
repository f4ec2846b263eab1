/** Pages in the database: written with the events that they hold, read instead of them by whoever folds. */
import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely'
import { isAgentEvent, type LedgerEvent } from '../domain/event.ts'
import { decodeFoldPage, encodeFoldPage, FOLD_PAGE_FORMAT, foldPageChecksum } from './fold-page.ts'
import { instantOrNull } from './instant.ts'
import type { Schema } from './schema.ts'

/** Fewer are not worth a page of their own yet. */
export const PAGE_EVENTS_MIN = 2_000
/** Pages fetched at once: some megabytes of text. */
const PAGES_PER_READ = 4

export interface NewFoldPage {
  readonly events: readonly LedgerEvent[]
  /** The page stands for every event of [firstSeq, lastSeq]; numbers that no event has may lie between. */
  readonly firstSeq: number
  readonly lastSeq: number
}

export async function insertFoldPage(transaction: Transaction<Schema>, page: NewFoldPage): Promise<void> {
  await foldPageInsert(page, sql`true`).execute(transaction)
}

/** The statement that writes a page; nothing where `condition` is not met. */
export function foldPageInsert(
  { events, firstSeq, lastSeq }: NewFoldPage,
  condition: RawBuilder<unknown>,
): RawBuilder<unknown> {
  const agent = events.filter(({ type }) => isAgentEvent(type))
  const contact = agent.length === 0 ? events : events.filter(({ type }) => !isAgentEvent(type))
  const contactEvents = contact.length === 0 ? null : encodeFoldPage(contact)
  const agentEvents = agent.length === 0 ? null : encodeFoldPage(agent)
  const receivedTo = events.reduce((newest, event) => Math.max(newest, event.receivedAtMs), 0)
  const contactSpan = spanOf(contact)
  return sql`
    insert into fold_page (first_seq, last_seq, format, received_to, contact_from, contact_to, agent_from,
      contact_events, contact_checksum, agent_events, agent_checksum)
    select ${firstSeq}::bigint, ${lastSeq}::bigint, ${FOLD_PAGE_FORMAT}::int, ${instantOrNull(receivedTo)},
      ${instantOrNull(contactSpan.fromMs)}, ${instantOrNull(contactSpan.toMs)}, ${instantOrNull(spanOf(agent).fromMs)},
      ${contactEvents}::text, ${foldPageChecksum(contactEvents)}::text,
      ${agentEvents}::text, ${foldPageChecksum(agentEvents)}::text
    where ${condition}`
}

function spanOf(events: readonly LedgerEvent[]): {
  readonly fromMs: number | null
  readonly toMs: number | null
} {
  let fromMs: number | null = null
  let toMs: number | null = null
  for (const { occurredAtMs } of events) {
    if (fromMs === null || occurredAtMs < fromMs) fromMs = occurredAtMs
    if (toMs === null || occurredAtMs > toMs) toMs = occurredAtMs
  }
  return { fromMs, toMs }
}

export interface PageRead {
  readonly firstSeq: number
  readonly lastSeq: number
  /** Null: the page cannot be read (another format, or damaged), its events must be read themselves. */
  readonly events: Iterable<LedgerEvent> | null
}

export interface FoldPeriod {
  readonly about: 'contact' | 'agent'
  readonly fromMs: number | null
  readonly toMs: number
  /** Pages up to this event. */
  readonly pagedSeq: number
}

export async function* readFoldPages(kysely: Kysely<Schema>, period: FoldPeriod): AsyncIterable<PageRead> {
  const seqs = await pagesOf(kysely, period)
  const chunks: (readonly number[])[] = []
  for (let at = 0; at < seqs.length; at += PAGES_PER_READ) chunks.push(seqs.slice(at, at + PAGES_PER_READ))
  // The next pages are asked for before the last ones are given out: the database reads while the caller folds.
  let reading = chunks[0] === undefined ? undefined : readChunk(kysely, period.about, chunks[0])
  for (let next = 1; reading !== undefined; next += 1) {
    const rows = await reading
    const chunk = chunks[next]
    reading = chunk === undefined ? undefined : readChunk(kysely, period.about, chunk)
    reading?.catch(() => undefined)
    for (const row of rows) yield decoded(row, period)
  }
}

async function pagesOf(kysely: Kysely<Schema>, period: FoldPeriod): Promise<readonly number[]> {
  const { about, fromMs, toMs, pagedSeq } = period
  const from = fromMs === null ? sql`'-infinity'` : instantOrNull(fromMs)
  const ofPeriod =
    about === 'agent'
      ? sql`agent_events is not null and agent_from < ${instantOrNull(toMs)}`
      : sql`contact_events is not null and contact_to >= ${from} and contact_from < ${instantOrNull(toMs)}`
  const { rows } = await sql<{ seqs: string | null }>`
    select json_agg(first_seq order by first_seq)::text as seqs from fold_page
    where ${ofPeriod} and last_seq <= ${pagedSeq}::bigint`.execute(kysely)
  return JSON.parse(rows[0]?.seqs ?? '[]') as number[]
}

interface PageRow {
  readonly first_seq: number
  readonly last_seq: number
  readonly format: number
  readonly events: string | null
  readonly checksum: string | null
}

async function readChunk(
  kysely: Kysely<Schema>,
  about: FoldPeriod['about'],
  seqs: readonly number[],
): Promise<readonly PageRow[]> {
  const events = sql.ref(`${about}_events`)
  const checksum = sql.ref(`${about}_checksum`)
  const { rows } = await sql<PageRow>`
    select first_seq, last_seq, format, ${events} as events, ${checksum} as checksum from fold_page
    where first_seq = any(${`{${seqs.join(',')}}`}::bigint[]) order by first_seq`.execute(kysely)
  return rows
}

function decoded(row: PageRow, { fromMs, toMs }: FoldPeriod): PageRead {
  const { first_seq: firstSeq, last_seq: lastSeq, format, events: text, checksum } = row
  if (text === null || checksum !== foldPageChecksum(text, format)) return { firstSeq, lastSeq, events: null }
  const period = { fromMs: fromMs ?? Number.NEGATIVE_INFINITY, toMs }
  return { firstSeq, lastSeq, events: decodeFoldPage(text, format, period) }
}
