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
}

export interface RevisionStore {
  /** Of intervals that start in the span, [from, to). */
  revisions(fromMs: number, toMs: number): Promise<readonly IntervalRevision[]>
  putRevisions(revisions: readonly IntervalRevision[]): Promise<void>
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

interface Known {
  readonly interval: FoldedInterval
  signature: string
}

export class IntervalRevisions {
  readonly #finals = new Map<string, Known>()
  readonly #revisions = new Map<string, IntervalRevision>()

  /** What was written down in an earlier life of the server. */
  restore(revisions: Iterable<IntervalRevision>): void {
    for (const one of revisions) this.#revisions.set(keyOf(one), one)
  }

  /** Call now and then with the intervals that changed or have ended: the new revisions, to be written down. */
  advance(
    intervals: Iterable<FoldedInterval>,
    watermark: number,
    nowMs: number,
  ): readonly IntervalRevision[] {
    const made: IntervalRevision[] = []
    for (const interval of intervals) {
      const key = keyOf(interval)
      const final = this.#finals.get(key)
      if (final === undefined) {
        if (interval.endMs <= watermark && interval.open === 0)
          this.#finals.set(key, { interval, signature: interval.signature })
        continue
      }
      if (final.signature === interval.signature) continue
      final.signature = interval.signature
      const { queueId, startMs } = interval
      const next = { queueId, startMs, revision: this.#revisionOf(key) + 1, revisedAtMs: nowMs }
      this.#revisions.set(key, next)
      made.push(next)
    }
    return made
  }

  /** Whether the interval is in this tracker's hands: an interval of long ago is not. */
  isFinal(key: IntervalKey): boolean {
    return this.#finals.has(keyOf(key))
  }

  revision(key: IntervalKey): number {
    return this.#revisionOf(keyOf(key))
  }

  forgetBefore(beforeMs: number): void {
    for (const [key, { interval }] of this.#finals) if (interval.endMs <= beforeMs) this.#finals.delete(key)
    for (const [key, { startMs }] of this.#revisions) if (startMs < beforeMs) this.#revisions.delete(key)
  }

  #revisionOf(key: string): number {
    return this.#revisions.get(key)?.revision ?? 1
  }
}

function keyOf({ queueId, startMs }: IntervalKey): string {
  return `${startMs} ${queueId}`
}
