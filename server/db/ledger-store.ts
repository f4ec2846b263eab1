/** The ledger in the database: append, reading in pages by key, and what is counted beside the events. */
import { type Kysely, sql } from 'kysely'
import type { LedgerEvent } from '../domain/event.ts'
import { type CallerSeal, ephemeralCallerSeal } from '../ledger/caller-seal.ts'
import type { DeadLetter, IntervalTotal, LedgerStore, SourceStatus } from '../ledger/ledger.ts'
import { numberArray, storableText, textArray } from './array-literal.ts'
import { instant } from './instant.ts'
import { Appender } from './ledger-append.ts'
import { readCallers, sealCallers } from './ledger-callers.ts'
import { readHead } from './ledger-head.ts'
import { dayNumber, LedgerPartitions } from './ledger-partitions.ts'
import { readForFold, readOfContact, readTail } from './ledger-read.ts'
import { LedgerRetention } from './ledger-retention.ts'
import type { Database } from './open-database.ts'
import { pageTail } from './page-tail.ts'
import type { Schema } from './schema.ts'

/** Bounds the text of one statement. */
const ROWS_PER_INSERT = 10_000
/** Enough to see what a source does wrong; a source that sends nothing else must not fill the disk. */
const DEAD_LETTERS_PER_SOURCE_MAX = 10_000
const EXCERPT_CHARACTERS_MAX = 500
const VERB_CHARACTERS_MAX = 100

export interface LedgerStoreOptions {
  /** Of callers' numbers; without one they can be read by this process only. */
  readonly seal?: CallerSeal
  readonly log?: (message: string) => void
}

export function createLedgerStore({ kysely }: Database, options: LedgerStoreOptions = {}): LedgerStore {
  const seal = options.seal ?? ephemeralCallerSeal()
  const log = options.log ?? (() => undefined)
  const partitions = new LedgerPartitions(kysely)
  const appender = new Appender({ kysely, partitions, seal })
  const retention = new LedgerRetention(kysely)
  return {
    append: (batch) => appender.append(batch),
    async readAfter(afterSeq, limit) {
      const events: LedgerEvent[] = []
      for await (const page of readTail(kysely, afterSeq, limit)) for (const event of page) events.push(event)
      return events
    },
    readContactEvents: (fromMs, toMs) => kept(readForFold(kysely, { about: 'contact', fromMs, toMs }, log)),
    readAgentEvents: (toMs, fromMs) =>
      kept(readForFold(kysely, { about: 'agent', fromMs: fromMs ?? null, toMs }, log)),
    lendContactEvents: (fromMs, toMs) => readForFold(kysely, { about: 'contact', fromMs, toMs }, log),
    lendAgentEvents: (toMs, fromMs) =>
      readForFold(kysely, { about: 'agent', fromMs: fromMs ?? null, toMs }, log),
    readContact: (contactId) => readOfContact(kysely, contactId, seal),
    callers: (contactIds, receivedFromMs) => readCallers(kysely, contactIds, seal, receivedFromMs),
    lastIngestSeq: async () => (await readHead(kysely)).lastSeq,
    pageTail: () => pageTail(kysely),
    sealCallers: () => sealCallers(kysely, seal),
    async forget(limits) {
      const step = await retention.step(limits)
      if (step.eventDaysMs.length + step.rawDaysMs.length + step.callerDaysMs.length > 0) partitions.forget()
      return step
    },
    keptFromMs: () => retention.keptFromMs(),
    prepareDays: (instantsMs) => partitions.ensure(instantsMs.map(dayNumber)),
    timeRange: () => readTimeRange(kysely),
    recordDeadLetters: (letters) => insertDeadLetters(kysely, letters),
    async deadLetters(source, limit) {
      const newest = kysely
        .selectFrom('dead_letter')
        .select(['source', 'received_at', 'place', 'reason', 'excerpt'])
        .orderBy('letter_seq', 'desc')
        .limit(limit)
      const rows = await (source === null ? newest : newest.where('source', '=', source)).execute()
      return rows.map(({ received_at, ...letter }) => ({ ...letter, receivedAtMs: received_at }))
    },
    recordUnknownVerbs: (source, counts) => addUnknownVerbs(kysely, source, counts),
    sourceStatuses: () => readSourceStatuses(kysely),
    putIntervalTotals: (totals) => upsertIntervalTotals(kysely, totals),
    async intervalTotals(queueId, fromMs, toMs) {
      const rows = await kysely
        .selectFrom('interval_total')
        .selectAll()
        .where('queue_id', '=', queueId)
        .where('start_at', '>=', instant(fromMs))
        .where('start_at', '<', instant(toMs))
        .orderBy('start_at')
        .orderBy('source')
        .execute()
      return rows.map((row) => ({
        queueId: row.queue_id,
        source: row.source,
        startMs: row.start_at,
        intervalMinutes: row.interval_minutes,
        contacts: row.contacts,
        handled: row.handled,
        handleSeconds: row.handle_seconds,
      }))
    },
  }
}

async function* kept(pages: AsyncIterable<Iterable<LedgerEvent>>): AsyncGenerator<readonly LedgerEvent[]> {
  for await (const page of pages) {
    const events = Array.isArray(page) ? (page as readonly LedgerEvent[]) : [...page]
    if (events.length > 0) yield events
  }
}

async function readTimeRange(
  kysely: Kysely<Schema>,
): Promise<{ readonly firstMs: number; readonly lastMs: number } | null> {
  const { rows } = await sql<{ first_at: number | null; last_at: number | null }>`
    select min(first_occurred_at) as first_at, max(last_occurred_at) as last_at from ledger_day`.execute(
    kysely,
  )
  const { first_at: firstMs = null, last_at: lastMs = null } = rows[0] ?? {}
  return firstMs === null || lastMs === null ? null : { firstMs, lastMs }
}

async function insertDeadLetters(kysely: Kysely<Schema>, letters: readonly DeadLetter[]): Promise<void> {
  if (letters.length === 0) return
  const texts = (pick: (letter: DeadLetter) => string) => sql`${textArray(letters.map(pick))}::text[]`
  const sources = [...new Set(letters.map((letter) => storableText(letter.source)))]
  await kysely.transaction().execute(async (transaction) => {
    await sql`
      insert into dead_letter (source, received_at, place, reason, excerpt)
      select source, to_timestamp(received_ms / 1000), place, reason, excerpt
      from unnest(${texts((letter) => letter.source)},
        ${numberArray(letters.map((letter) => letter.receivedAtMs))}::float8[],
        ${texts((letter) => letter.place)}, ${texts((letter) => letter.reason)},
        ${texts((letter) => letter.excerpt.slice(0, EXCERPT_CHARACTERS_MAX))}
      ) as incoming (source, received_ms, place, reason, excerpt)`.execute(transaction)
    for (const source of sources) {
      const rejected = letters.filter((letter) => storableText(letter.source) === source).length
      await sql`
        insert into source (source, rejected) values (${source}, ${rejected}::bigint)
        on conflict (source) do update set rejected = source.rejected + excluded.rejected`.execute(
        transaction,
      )
      await sql`
        delete from dead_letter where source = ${source} and letter_seq <= (
          select letter_seq from dead_letter where source = ${source}
          order by letter_seq desc offset ${sql.lit(DEAD_LETTERS_PER_SOURCE_MAX)} limit 1)`.execute(
        transaction,
      )
    }
  })
}

async function addUnknownVerbs(
  kysely: Kysely<Schema>,
  source: string,
  counts: Readonly<Record<string, number>>,
): Promise<void> {
  const shortened = new Map<string, number>()
  for (const [verb, count] of Object.entries(counts)) {
    const key = storableText(verb).slice(0, VERB_CHARACTERS_MAX)
    shortened.set(key, (shortened.get(key) ?? 0) + count)
  }
  if (shortened.size === 0) return
  await kysely.transaction().execute(async (transaction) => {
    await sql`insert into source (source) values (${source}) on conflict do nothing`.execute(transaction)
    await sql`
      insert into unknown_verb (source, verb, count)
      select ${source}::text, verb, count
      from unnest(${textArray([...shortened.keys()])}::text[],
        ${numberArray([...shortened.values()])}::float8[]) as incoming (verb, count)
      on conflict (source, verb) do update set count = unknown_verb.count + excluded.count`.execute(
      transaction,
    )
  })
}

async function readSourceStatuses(kysely: Kysely<Schema>): Promise<readonly SourceStatus[]> {
  const sources = await kysely.selectFrom('source').selectAll().orderBy('source').execute()
  const verbs = await kysely
    .selectFrom('unknown_verb')
    .selectAll()
    .orderBy('source')
    .orderBy('verb')
    .execute()
  return sources.map((row) => ({
    source: row.source,
    firstOccurredAtMs: row.first_occurred_at,
    lastOccurredAtMs: row.last_occurred_at,
    lastReceivedAtMs: row.last_received_at,
    accepted: row.accepted,
    duplicates: row.duplicates,
    conflicts: row.conflicts,
    rejected: row.rejected,
    unknownVerbs: Object.fromEntries(
      verbs.filter(({ source }) => source === row.source).map(({ verb, count }) => [verb, count]),
    ),
  }))
}

async function upsertIntervalTotals(
  kysely: Kysely<Schema>,
  totals: readonly IntervalTotal[],
): Promise<{ readonly stored: number }> {
  // One statement may not touch a row twice: of equal keys the last counts, as it would row by row.
  const byKey = new Map(
    totals.map((total) => [JSON.stringify([total.queueId, total.startMs, total.source]), total]),
  )
  const rows = [...byKey.values()]
  await kysely.transaction().execute(async (transaction) => {
    for (let at = 0; at < rows.length; at += ROWS_PER_INSERT) {
      await upsertIntervalPart(transaction, rows.slice(at, at + ROWS_PER_INSERT))
    }
  })
  return { stored: rows.length }
}

async function upsertIntervalPart(kysely: Kysely<Schema>, totals: readonly IntervalTotal[]): Promise<void> {
  const numbers = (pick: (total: IntervalTotal) => number) => sql`${numberArray(totals.map(pick))}::float8[]`
  await sql`
    insert into interval_total (queue_id, source, start_at, interval_minutes, contacts, handled, handle_seconds)
    select queue_id, source, to_timestamp(start_ms / 1000), interval_minutes, contacts, handled, handle_seconds
    from unnest(${textArray(totals.map((total) => total.queueId))}::text[],
      ${textArray(totals.map((total) => total.source))}::text[], ${numbers((total) => total.startMs)},
      ${numbers((total) => total.intervalMinutes)}, ${numbers((total) => total.contacts)},
      ${numbers((total) => total.handled)}, ${numbers((total) => total.handleSeconds)}
    ) as incoming (queue_id, source, start_ms, interval_minutes, contacts, handled, handle_seconds)
    on conflict (queue_id, start_at, source) do update set
      interval_minutes = excluded.interval_minutes, contacts = excluded.contacts,
      handled = excluded.handled, handle_seconds = excluded.handle_seconds`.execute(kysely)
}
