/**
 * What goes when its days are over: whole partitions, in steps that are short. The keys of a day's events go before the day
 * does, some thousand a step; a step that is interrupted is done again.
 */
import { type Kysely, sql } from 'kysely'
import type { RetentionLimits, RetentionStep } from '../ledger/ledger.ts'
import { instant } from './instant.ts'
import { type DayTable, dayName, daysOf, partitionName } from './ledger-partitions.ts'
import type { Schema } from './schema.ts'

const DAY_MS = 86_400_000
const KEYS_PER_STEP = 20_000
const PAGES_PER_STEP = 200
const LETTERS_PER_STEP = 5_000

export class LedgerRetention {
  readonly #kysely: Kysely<Schema>
  /** Up to where the keys of the oldest day are deleted. */
  #keysOf: { readonly day: number; readonly doneSeq: number } | undefined

  constructor(kysely: Kysely<Schema>) {
    this.#kysely = kysely
  }

  async step(limits: RetentionLimits): Promise<RetentionStep> {
    const raw = await this.#dropDay('event_raw', limits.rawBeforeMs)
    const caller = await this.#dropDay('event_caller', limits.callersBeforeMs)
    const events = await this.#forgetEvents(limits.eventsBeforeMs)
    const deadLetters = await this.#deleteLetters(limits.deadLettersBeforeMs)
    return {
      eventDaysMs: events.daysMs,
      rawDaysMs: raw.daysMs,
      callerDaysMs: caller.daysMs,
      keys: events.keys,
      pages: events.pages,
      deadLetters,
      more: raw.more || caller.more || events.more || deadLetters === LETTERS_PER_STEP,
    }
  }

  /** Days are dropped from the oldest on: what is left is whole. */
  async keptFromMs(): Promise<number | null> {
    const { rows } = await sql<{ dropped_to: number | null }>`
      select dropped_to from ledger_head where only_row`.execute(this.#kysely)
    return rows[0]?.dropped_to ?? null
  }

  /** The oldest day that is over for the table, and whether more are. */
  async #dueDays(table: DayTable, beforeMs: number | null): Promise<readonly number[]> {
    if (beforeMs === null) return []
    return (await daysOf(this.#kysely, table)).filter((day) => (day + 1) * DAY_MS <= beforeMs)
  }

  async #dropDay(table: DayTable, beforeMs: number | null) {
    const [day, ...others] = await this.#dueDays(table, beforeMs)
    if (day === undefined) return { daysMs: [], more: false }
    await sql`drop table ${sql.table(partitionName(table, day))}`.execute(this.#kysely)
    return { daysMs: [day * DAY_MS], more: others.length > 0 }
  }

  async #forgetEvents(beforeMs: number | null) {
    const [day, ...others] = await this.#dueDays('event', beforeMs)
    if (day === undefined) return { daysMs: [], keys: 0, pages: 0, more: false }
    const keys = await this.#deleteKeys(day)
    if (keys > 0) return { daysMs: [], keys, pages: 0, more: true }
    const pages = await this.#deletePages(day)
    if (pages === PAGES_PER_STEP) return { daysMs: [], keys, pages, more: true }
    await this.#kysely.transaction().execute(async (transaction) => {
      const end = sql`${`${dayName(day + 1)} 00:00:00+00`}::timestamptz`
      await sql`update ledger_head set dropped_to = greatest(dropped_to, ${end})`.execute(transaction)
      await sql`delete from ledger_day where day = ${dayName(day)}::date`.execute(transaction)
      for (const table of ['event', 'event_raw', 'event_caller'] as const)
        await sql`drop table if exists ${sql.table(partitionName(table, day))}`.execute(transaction)
    })
    this.#keysOf = undefined
    return { daysMs: [day * DAY_MS], keys, pages, more: others.length > 0 }
  }

  async #deleteKeys(day: number): Promise<number> {
    const doneSeq = this.#keysOf?.day === day ? this.#keysOf.doneSeq : 0
    const { rows } = await sql<{ count: number; last_seq: number | null }>`
      with part as (
        select ingest_seq, source, event_id from ${sql.table(partitionName('event', day))}
        where ingest_seq > ${doneSeq}::bigint order by ingest_seq limit ${sql.lit(KEYS_PER_STEP)}),
      gone as (
        delete from event_key where key = any(array(
          select encode(substring(sha256(convert_to(octet_length(source) || ':' || source || event_id, 'UTF8')) for 16), 'hex')::uuid
          from part)))
      select count(*) as count, max(ingest_seq) as last_seq from part`.execute(this.#kysely)
    const { count = 0, last_seq: lastSeq = null } = rows[0] ?? {}
    if (lastSeq !== null) this.#keysOf = { day, doneSeq: lastSeq }
    return count
  }

  /** A page that also holds events of the next day stays until that day goes. */
  async #deletePages(day: number): Promise<number> {
    const { numAffectedRows } = await sql`
      delete from fold_page where first_seq = any(array(
        select first_seq from fold_page where received_to < ${instant((day + 1) * DAY_MS)}
        limit ${sql.lit(PAGES_PER_STEP)}))`.execute(this.#kysely)
    return Number(numAffectedRows ?? 0)
  }

  async #deleteLetters(beforeMs: number | null): Promise<number> {
    if (beforeMs === null) return 0
    const { numAffectedRows } = await sql`
      delete from dead_letter where letter_seq = any(array(
        select letter_seq from dead_letter where received_at < ${instant(beforeMs)}
        order by letter_seq limit ${sql.lit(LETTERS_PER_STEP)}))`.execute(this.#kysely)
    return Number(numAffectedRows ?? 0)
  }
}
