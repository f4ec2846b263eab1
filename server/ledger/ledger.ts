/** The ledger: append-only, idempotent by (source, id), durable before it answers. Declares the store that it needs. */
import type { EventEnvelope, LedgerEvent } from '../domain/event.ts'

export interface AppendResult {
  readonly accepted: number
  /** Same (source, id) as a stored event, or as an earlier one of the same batch. */
  readonly duplicates: number
  /** Of the duplicates, those whose body differs: the first stays. */
  readonly conflicts: number
  /** Which ones differ (one entry a conflict): a commit shared by several requests is told apart by them. */
  readonly conflictKeys: readonly { readonly source: string; readonly id: string }[]
  /** The accepted ones, in `ingestSeq` order. */
  readonly events: readonly LedgerEvent[]
}

export interface DeadLetter {
  readonly source: string
  readonly receivedAtMs: number
  /** Where: a line number, an index in a batch, or a JSON pointer. */
  readonly place: string
  readonly reason: string
  /** The offending text, cut to a bounded length. */
  readonly excerpt: string
}

/** Imported interval totals: history without single contacts. Times are instants; counts may be fractional never negative. */
export interface IntervalTotal {
  readonly queueId: string
  readonly source: string
  readonly startMs: number
  readonly intervalMinutes: number
  readonly contacts: number
  readonly handled: number
  readonly handleSeconds: number
}

export interface SourceStatus {
  readonly source: string
  /** Null as long as nothing of the source was accepted. */
  readonly firstOccurredAtMs: number | null
  readonly lastOccurredAtMs: number | null
  readonly lastReceivedAtMs: number | null
  readonly accepted: number
  readonly duplicates: number
  readonly conflicts: number
  readonly rejected: number
  readonly unknownVerbs: Readonly<Record<string, number>>
}

export interface LedgerStore {
  /** One transaction; throws when the database is away, and then nothing of the batch is stored. */
  append(batch: readonly EventEnvelope[]): Promise<AppendResult>
  /** Events with ingestSeq above `afterSeq`, in that order, at most `limit`. */
  readAfter(afterSeq: number, limit: number): Promise<readonly LedgerEvent[]>
  /**
   * Events of contacts and sources with `from <= occurredAt < to`, in pages by (occurredAt, ingestSeq). Appends may go on
   * meanwhile: who needs them too takes `lastIngestSeq()` first and continues with `readAfter` from there.
   */
  readContactEvents(fromMs: number, toMs: number): AsyncIterable<readonly LedgerEvent[]>
  /** All agent events before `to`, in pages by (occurredAt, ingestSeq). */
  readAgentEvents(toMs: number): AsyncIterable<readonly LedgerEvent[]>
  /** Every event of one contact, by ingestSeq, for drill-down. */
  readContact(contactId: string): Promise<readonly LedgerEvent[]>
  lastIngestSeq(): Promise<number>
  /** First and last instants of contact and agent events; null when there are none. */
  timeRange(): Promise<{ readonly firstMs: number; readonly lastMs: number } | null>
  recordDeadLetters(letters: readonly DeadLetter[]): Promise<void>
  /** Newest first. The store keeps the newest 10 000 of each source; `rejected` counts them all. */
  deadLetters(source: string | null, limit: number): Promise<readonly DeadLetter[]>
  recordUnknownVerbs(source: string, counts: Readonly<Record<string, number>>): Promise<void>
  sourceStatuses(): Promise<readonly SourceStatus[]>
  putIntervalTotals(totals: readonly IntervalTotal[]): Promise<{ readonly stored: number }>
  intervalTotals(queueId: string, fromMs: number, toMs: number): Promise<readonly IntervalTotal[]>
}
