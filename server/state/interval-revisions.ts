/**
 * When the figures of an interval are final, and how often they changed after that. An interval is provisional until every
 * live source has told of a time beyond its end (the watermark) and all its contacts have ended. What changes it later
 * makes its next revision: a figure that was final never changes in silence.
 */

/** So much may still come late from a source that tells of events as they happen. */
const LIVE_LAG_MS = 120_000
/** Contact records and imports tell of a day afterwards. */
const RECORDS_LAG_MS = 86_400_000
/** A source whose newest word is older than this is no live one: it holds nobody up. */
const SILENT_MS = 86_400_000
/** Whose newest event came so long after it happened delivers records, not events. */
const RECORDS_DELAY_MS = 600_000

export interface SourceProgress {
  readonly newestMs: number
  /** From the newest event to its receipt. */
  readonly delayMs: number
}

/** Before this instant everything has been told; infinite where no source is live. */
export function watermarkMs(sources: Iterable<SourceProgress>, nowMs: number): number {
  let watermark = Number.POSITIVE_INFINITY
  for (const { newestMs, delayMs } of sources) {
    if (nowMs - newestMs > SILENT_MS) continue
    const lagMs = delayMs > RECORDS_DELAY_MS ? RECORDS_LAG_MS : LIVE_LAG_MS
    // A source whose clock is ahead has not told of what is still to come.
    watermark = Math.min(watermark, Math.min(newestMs, nowMs) - lagMs)
  }
  return watermark
}

export interface IntervalKey {
  readonly queueId: string
  readonly startMs: number
}
export interface IntervalRevision extends IntervalKey {
  readonly revision: number
  readonly revisedAtMs: number
  /** The sums that it changed, before and after; null where what was before cannot be told. */
  readonly changes: IntervalChanges | null
}
/** By the name of the sum; null is none, as the longest wait of nobody. */
export type IntervalChanges = Readonly<Record<string, readonly [before: number | null, after: number | null]>>

/** An interval that every source has told of: its sums when it became final, null while a contact still goes on. */
export interface SettledInterval extends IntervalKey {
  readonly endMs: number
  readonly sums: string | null
}

/** What one look at the intervals has changed: written together, so that a restart counts nothing twice. */
export interface SettledChanges {
  readonly revisions: readonly IntervalRevision[]
  readonly settled: readonly SettledInterval[]
  /** Up to here every source has told of everything; null where no source is live. */
  readonly toldToMs: number | null
}

export interface SettledIntervals {
  readonly settled: readonly SettledInterval[]
  readonly toldToMs: number | null
}

export interface RevisionStore {
  /** The newest of each interval that starts in the span, [from, to). */
  revisions(fromMs: number, toMs: number): Promise<readonly IntervalRevision[]>
  /** Every revision of the queue's intervals that start in the span, oldest interval first. */
  revisionHistory(queueId: string, fromMs: number, toMs: number): Promise<readonly IntervalRevision[]>
  /** Of intervals that start at the instant or later. */
  settledIntervals(fromMs: number): Promise<SettledIntervals>
  putSettled(changes: SettledChanges): Promise<void>
  /** Drops what was settled of intervals that start before the instant; their revisions stay. */
  forgetSettled(beforeMs: number): Promise<void>
}

/** An interval as the fold has it now. */
export interface FoldedInterval extends IntervalKey {
  readonly endMs: number
  /** Contacts whose end is still to come. */
  readonly open: number
  /** Every sum of the interval: equal exactly when all figures are. */
  readonly signature: string
}

export interface Settled {
  readonly provisional: boolean
  readonly revision: number
}

export interface AdvanceOptions {
  readonly watermark: number
  readonly nowMs: number
  /** Intervals that start earlier are no longer whole in the fold. */
  readonly fromMs: number
  /** What lies between two signatures; null is an interval without a contact. */
  readonly changesOf: (before: string | null, after: string) => IntervalChanges
}

export class IntervalRevisions {
  readonly #known = new Map<string, SettledInterval>()
  readonly #revisions = new Map<string, IntervalRevision>()
  /** Length of the intervals that each queue was told of in: an empty one was told of too. */
  readonly #stepMsByQueue = new Map<string, number>()
  /** Up to here every interval was final or waited for a contact's end, also those without any contact. */
  #toldToMs = Number.NEGATIVE_INFINITY

  /** What was written down in an earlier life of the server. Settled with sums `''`: final, its sums to be taken as they are. */
  restore(revisions: Iterable<IntervalRevision>, { settled, toldToMs }: SettledIntervals): void {
    for (const one of revisions) this.#revisions.set(keyOf(one), one)
    for (const one of settled) this.#know(one)
    if (toldToMs !== null) this.#toldToMs = toldToMs
  }

  /** Call now and then with the intervals that changed or have ended: what is new of them, to be written down. */
  advance(
    intervals: Iterable<FoldedInterval>,
    { watermark, nowMs, fromMs, changesOf }: AdvanceOptions,
  ): SettledChanges {
    const revisions: IntervalRevision[] = []
    const settled: SettledInterval[] = []
    const toMs = Math.min(watermark, nowMs)
    const toldToMs = Math.max(toMs, this.#toldToMs)
    for (const interval of intervals) {
      if (interval.startMs < fromMs) continue
      const known = this.#known.get(keyOf(interval))
      const wasFinal = known === undefined ? this.#wasFinalWithoutContacts(interval) : known.sums !== null
      const isFinal = wasFinal || (interval.endMs <= toMs && interval.open === 0)
      const sums = isFinal ? interval.signature : null
      if (wasFinal && known?.sums !== sums && known?.sums !== ADOPTED)
        revisions.push(this.#revise(interval, nowMs, changesOf(known?.sums ?? null, interval.signature)))
      const { queueId, startMs, endMs } = interval
      if (endMs > toldToMs || (known !== undefined && known.sums === sums)) continue
      settled.push({ queueId, startMs, endMs, sums })
    }
    // Only now: the others of this look are as new as the first.
    for (const one of settled) this.#know(one)
    if (Number.isFinite(watermark)) this.#toldToMs = toldToMs
    return { revisions, settled, toldToMs: Number.isFinite(this.#toldToMs) ? this.#toldToMs : null }
  }

  /** Whether the interval is in this tracker's hands: an interval of long ago is not. */
  isFinal(key: IntervalKey): boolean {
    return (this.#known.get(keyOf(key))?.sums ?? null) !== null
  }

  revision(key: IntervalKey): number {
    return this.#revisions.get(keyOf(key))?.revision ?? 1
  }

  forgetBefore(beforeMs: number): void {
    for (const [key, { startMs }] of this.#known) if (startMs < beforeMs) this.#known.delete(key)
    for (const [key, { startMs }] of this.#revisions) if (startMs < beforeMs) this.#revisions.delete(key)
  }

  /** Never heard of until now, and yet everything was told up to its end: it was final with nobody in it. */
  #wasFinalWithoutContacts({ queueId, startMs, endMs }: FoldedInterval): boolean {
    return endMs <= this.#toldToMs && this.#stepMsByQueue.get(queueId) === endMs - startMs
  }

  #know(one: SettledInterval): void {
    this.#known.set(keyOf(one), one)
    this.#stepMsByQueue.set(one.queueId, one.endMs - one.startMs)
  }

  #revise(interval: FoldedInterval, nowMs: number, changes: IntervalChanges): IntervalRevision {
    const { queueId, startMs } = interval
    const next = { queueId, startMs, revision: this.revision(interval) + 1, revisedAtMs: nowMs, changes }
    this.#revisions.set(keyOf(interval), next)
    return next
  }
}

/** Sums of another form than ours: they say that the interval was final, and nothing that could be compared. */
export const ADOPTED = ''

function keyOf({ queueId, startMs }: IntervalKey): string {
  return `${startMs} ${queueId}`
}
