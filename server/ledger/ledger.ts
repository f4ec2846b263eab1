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

/** What is left of the caller of a contact. */
export interface CallerTrace {
  /** Null once its days are over, and where no key opens it. */
  readonly callerNumber: string | null
  /** Tells two callers apart for as long as the event is kept. */
  readonly hash: string | null
  readonly lastDigits: string | null
}

/** What is received before these instants goes. Null: it stays. */
export interface RetentionLimits {
  readonly eventsBeforeMs: number | null
  readonly rawBeforeMs: number | null
  readonly callersBeforeMs: number | null
  readonly deadLettersBeforeMs: number | null
}

/** Counts of one bounded step. */
export interface RetentionStep {
  /** Days of events, of raw texts and of callers' numbers that were dropped as a whole: the first instant of each. */
  readonly eventDaysMs: readonly number[]
  readonly rawDaysMs: readonly number[]
  readonly callerDaysMs: readonly number[]
  readonly keys: number
  readonly pages: number
  readonly deadLetters: number
  /** There is more to do: come again. */
  readonly more: boolean
}

export interface LedgerStore {
  /** One transaction; throws when the database is away, and then nothing of the batch is stored. */
  append(batch: readonly EventEnvelope[]): Promise<AppendResult>
  /** Events with ingestSeq above `afterSeq`, in that order, at most `limit`; without raw texts and callers' numbers. */
  readAfter(afterSeq: number, limit: number): Promise<readonly LedgerEvent[]>
  /**
   * Events of contacts and sources with `from <= occurredAt < to`, as a fold needs them: each once, in no order to rely on,
   * without raw texts and callers' numbers. Appends may go on meanwhile: who needs them too takes `lastIngestSeq()` first
   * and continues with `readAfter` from there.
   */
  readContactEvents(fromMs: number, toMs: number): AsyncIterable<readonly LedgerEvent[]>
  /** Agent events before `to`, likewise: all of them, or those from an instant on. */
  readAgentEvents(toMs: number, fromMs?: number): AsyncIterable<readonly LedgerEvent[]>
  /** The same as they lie there, in pages (`EventPage`) and rows: for who folds a million of them and keeps none. */
  lendContactEvents(fromMs: number, toMs: number): AsyncIterable<Iterable<LedgerEvent>>
  lendAgentEvents(toMs: number, fromMs?: number): AsyncIterable<Iterable<LedgerEvent>>
  /** Every event of one contact, by ingestSeq, for drill-down: with all that is still kept of it. */
  readContact(contactId: string): Promise<readonly LedgerEvent[]>
  /** `receivedFromMs`: who knows that nothing was received before it saves the look through older days. */
  callers(contactIds: readonly string[], receivedFromMs?: number): Promise<ReadonlyMap<string, CallerTrace>>
  lastIngestSeq(): Promise<number>
  /** Puts events that are in no page yet into one, at most one page a call; returns how many. */
  pageTail(): Promise<number>
  /** Seals numbers anew that are not sealed by the newest key, some thousand a call; returns how many. */
  sealCallers(): Promise<number>
  /** One step of at most a fraction of a second. */
  forget(limits: RetentionLimits): Promise<RetentionStep>
  /** The first instant from which every event received is still kept; null when none was ever dropped or none is there. */
  keptFromMs(): Promise<number | null>
  /** Makes the partitions of the instants' days, ahead of their events. */
  prepareDays(instantsMs: readonly number[]): Promise<void>
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
