/**
 * Appends a batch to the ledger, whole or not at all: the first event of each (source, id) is stored, the others are counted.
 *
 * Nearly always all are new and nobody else has appended since: then one statement stores everything, and does nothing at
 * all when the head of the ledger is not where it was left. Else a transaction finds out step by step what is known already.
 * Either way appends wait for each other on the row of `ledger_head` until the commit, so the order of ingest_seq is the
 * order of commits and a reader of the tail never steps over a row that becomes visible later. Uniqueness holds over all
 * days by a table of keys of its own (decision 0004).
 */
import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely'
import type { EventEnvelope, LedgerEvent } from '../domain/event.ts'
import type { CallerSeal } from '../ledger/caller-seal.ts'
import type { AppendResult } from '../ledger/ledger.ts'
import { errorCode } from './database-error.ts'
import { type PreparedEvent, prepareEvent } from './event-identity.ts'
import { insertsOf, keysInsert } from './event-rows.ts'
import { foldPageInsert, insertFoldPage, type NewFoldPage, PAGE_EVENTS_MIN } from './fold-page-store.ts'
import { dayRangesInsert } from './ledger-days.ts'
import { type Batch, findConflicts, insertKeys, ROWS_PER_INSERT, splitRepeats } from './ledger-duplicates.ts'
import { type Head, lockHead, moveHead } from './ledger-head.ts'
import { dayNumber, type LedgerPartitions } from './ledger-partitions.ts'
import type { Schema } from './schema.ts'
import { countBySource, sourceCountsInsert } from './source-counts.ts'

/** No partition for the row: another process has dropped one that was known to be there. */
const NO_PARTITION = '23514'
const NOT_UNIQUE = '23505'
/** So many appends look before they write, once one has found known events or another process at work. */
const CAREFUL_APPENDS = 8

const NOTHING: AppendResult = { accepted: 0, duplicates: 0, conflicts: 0, conflictKeys: [], events: [] }
const ALWAYS = sql`true`

/** Events of this process that are in no page yet: all of (pagedSeq, lastSeq], or none when another process wrote some. */
interface Unpaged extends Head {
  readonly events: readonly LedgerEvent[]
}

/** Prepared anew in the rare case that it is needed twice: while the database writes, it should not be in memory. */
type TakeBatch = () => Batch

export interface AppenderOptions {
  readonly kysely: Kysely<Schema>
  readonly partitions: LedgerPartitions
  readonly seal: CallerSeal
}

export class Appender {
  readonly #options: AppenderOptions
  #unpaged: Unpaged = { lastSeq: -1, pagedSeq: -1, events: [] }
  #carefulLeft = 0
  #lastTurn: Promise<unknown> = Promise.resolve()

  constructor(options: AppenderOptions) {
    this.#options = options
  }

  /** One after the other, in the order of the calls: what can be made ready beforehand is. */
  append(events: readonly EventEnvelope[]): Promise<AppendResult> {
    if (events.length === 0) return Promise.resolve(NOTHING)
    let ready: Batch | undefined = this.#prepare(events)
    const take = (): Batch => {
      const batch = ready ?? this.#prepare(events)
      ready = undefined
      return batch
    }
    const days = new Set(events.map(({ receivedAtMs }) => dayNumber(receivedAtMs)))
    const turn = this.#lastTurn.then(() => this.#append(take, days))
    this.#lastTurn = turn.catch(() => undefined)
    return turn
  }

  #prepare(events: readonly EventEnvelope[]): Batch {
    return splitRepeats(events.map((event) => prepareEvent(event, this.#options.seal)))
  }

  async #append(take: TakeBatch, days: ReadonlySet<number>): Promise<AppendResult> {
    for (let attempt = 1; ; attempt += 1) {
      await this.#options.partitions.ensure(days)
      try {
        return (await this.#writeNew(take)) ?? (await this.#writeCarefully(take()))
      } catch (error) {
        if (errorCode(error) !== NO_PARTITION || attempt > 1) throw error
        this.#options.partitions.forget()
      }
    }
  }

  /** All in one statement, as if every event were new; null when that is not so, and then nothing of it is stored. */
  async #writeNew(take: TakeBatch): Promise<AppendResult | null> {
    if (this.#carefulLeft > 0 || this.#unpaged.lastSeq < 0) return null
    const ready = this.#newEvents(take())
    if (ready === null) return null
    const { events, unpaged, statement } = ready
    try {
      const { rows } = await statement.execute(this.#options.kysely)
      if (rows[0]?.moved === true) {
        this.#unpaged = unpaged
        return { ...NOTHING, accepted: events.length, events }
      }
    } catch (error) {
      if (errorCode(error) !== NOT_UNIQUE) throw error
    }
    this.#carefulLeft = CAREFUL_APPENDS
    return null
  }

  #newEvents({ first, repeats }: Batch) {
    if (repeats.length > 0 || first.length > ROWS_PER_INSERT) return null
    const head = this.#unpaged
    const firstSeq = head.lastSeq + 1
    const events = first.map(({ event }, place) => ({ ...event, ingestSeq: firstSeq + place }))
    const { unpaged, page } = this.#pageAfter(head, events)
    const statement = newEventsStatement(
      { head, unpaged, page, events },
      insertsOf({ prepared: first, firstSeq, seqs: null }, this.#options.seal, HEAD_MOVED),
      // In the order of the keys: neighbours share pages of the index.
      sql`${keysInsert(first, firstSeq)}
        where ${HEAD_MOVED} order by key`,
    )
    return { events, unpaged, statement }
  }

  async #writeCarefully(batch: Batch): Promise<AppendResult> {
    const { kysely, seal } = this.#options
    const { first, repeats } = batch
    const written = await kysely.transaction().execute(async (transaction) => {
      const head = await lockHead(transaction)
      const { fresh, known } = await insertKeys(transaction, first, head.lastSeq)
      await insertFresh(transaction, fresh, seal)
      const conflicting = await findConflicts(transaction, { first, known, repeats, seal })
      const events = fresh.prepared.map(({ event }, place) => ({
        ...event,
        ingestSeq: fresh.seqs[place] ?? 0,
      }))
      const { unpaged, page } = this.#pageAfter(head, events)
      if (page !== null) await insertFoldPage(transaction, page)
      const duplicates = [...known, ...repeats].map(({ event }) => event)
      for (const statement of dayRangesInsert(events, ALWAYS)) await statement.execute(transaction)
      await sourceCountsInsert(countBySource(events, duplicates, conflicting), ALWAYS).execute(transaction)
      await moveHead(transaction, unpaged)
      const result: AppendResult = {
        accepted: events.length,
        duplicates: duplicates.length,
        conflicts: conflicting.length,
        conflictKeys: conflicting.map(({ source, id }) => ({ source, id })),
        events,
      }
      return { result, unpaged }
    })
    // Only now: what was rolled back is no event.
    this.#unpaged = written.unpaged
    this.#carefulLeft = Math.max(written.result.duplicates > 0 ? 1 : 0, this.#carefulLeft - 1)
    return written.result
  }

  /** A page as soon as there are enough events for one; few events a commit are gathered over several commits. */
  #pageAfter(
    head: Head,
    events: readonly LedgerEvent[],
  ): { readonly unpaged: Unpaged; readonly page: NewFoldPage | null } {
    const lastSeq = events.at(-1)?.ingestSeq ?? head.lastSeq
    const before = this.#unpaged
    const continued = before.lastSeq === head.lastSeq && before.pagedSeq === head.pagedSeq
    const allPaged = head.pagedSeq === head.lastSeq
    // Another process has appended in between: its events are paged by `pageTail`, from the table.
    if (!allPaged && (!continued || before.events.length === 0))
      return { unpaged: { lastSeq, pagedSeq: head.pagedSeq, events: [] }, page: null }
    const all = continued && before.events.length > 0 ? [...before.events, ...events] : events
    if (all.length < PAGE_EVENTS_MIN)
      return { unpaged: { lastSeq, pagedSeq: head.pagedSeq, events: all }, page: null }
    return {
      unpaged: { lastSeq, pagedSeq: lastSeq, events: [] },
      page: { events: all, firstSeq: head.pagedSeq + 1, lastSeq },
    }
  }
}

const HEAD_MOVED = sql`exists (select from head)`

interface NewEvents {
  readonly head: Head
  readonly unpaged: Head
  readonly page: NewFoldPage | null
  readonly events: readonly LedgerEvent[]
}

/** The row of the head is locked before anything is inserted, for every insert asks whether it has moved. */
function newEventsStatement(
  { head, unpaged, page, events }: NewEvents,
  inserts: readonly RawBuilder<unknown>[],
  keys: RawBuilder<unknown>,
): RawBuilder<{ readonly moved: boolean }> {
  const parts = [
    ...inserts,
    ...(page === null ? [] : [foldPageInsert(page, HEAD_MOVED)]),
    ...dayRangesInsert(events, HEAD_MOVED),
    sourceCountsInsert(countBySource(events, [], []), HEAD_MOVED),
    keys,
  ].map((insert, place) => sql`${sql.ref(`part_${place}`)} as (${insert})`)
  return sql`
    with head as (
      update ledger_head set last_seq = ${unpaged.lastSeq}::bigint, paged_seq = ${unpaged.pagedSeq}::bigint
      where only_row and last_seq = ${head.lastSeq}::bigint and paged_seq = ${head.pagedSeq}::bigint
      returning last_seq),
    ${sql.join(parts)}
    select ${HEAD_MOVED} as moved`
}

async function insertFresh(
  transaction: Transaction<Schema>,
  fresh: { readonly prepared: readonly PreparedEvent[]; readonly seqs: readonly number[] },
  seal: CallerSeal,
): Promise<void> {
  for (let at = 0; at < fresh.prepared.length; at += ROWS_PER_INSERT) {
    const prepared = fresh.prepared.slice(at, at + ROWS_PER_INSERT)
    const seqs = fresh.seqs.slice(at, at + ROWS_PER_INSERT)
    for (const insert of insertsOf({ prepared, firstSeq: 0, seqs }, seal, ALWAYS))
      await insert.execute(transaction)
  }
}
