/** Tells of every interval whether its figures are final and how often they changed since: kept beside the live fold, written down. */
import { hash } from 'node:crypto'
import { addDays, dayBounds, siteDayOf } from './domain/site-calendar.ts'
import type { LedgerStore } from './ledger/ledger.ts'
import type { DayReport, IntervalFigures } from './state/figures.ts'
import {
  ADOPTED,
  type FoldedInterval,
  type IntervalChanges,
  IntervalRevisions,
  type RevisionStore,
  type Settled,
  type SettledChanges,
  type SettledIntervals,
  type SourceProgress,
  watermarkMs,
} from './state/interval-revisions.ts'
import type { LiveState } from './state/live-state.ts'
import type { SettingsView } from './state/settings-view.ts'
import { emptyTotals } from './state/totals.ts'

export interface IntervalSettlingOptions {
  readonly state: LiveState
  readonly settings: SettingsView
  readonly store: RevisionStore
  readonly nowMs: () => number
  readonly onError: (message: string, error: unknown) => void
}

/** Yesterday is whole in the live fold in every zone, and so the day of the site before it: older ones go in parts. */
const KEPT_DAYS = 2
/** No interval is shorter: what has been told is written down this often even when nothing else has changed. */
const TOLD_STEP_MS = 5 * 60_000
/** Rows of one write: some ten milliseconds of this thread. */
const SETTLED_ROWS_MAX = 5_000
/** Which sums there are: those of another release cannot be compared with ours. */
const SUM_NAMES = Object.keys(emptyTotals())
const SUMS_FORM = hash('sha256', SUM_NAMES.join(' '), 'base64url').slice(0, 6)
const NO_SUMS = `${SUMS_FORM} ${Object.values(emptyTotals()).join(' ')}`

export type IntervalSettling = Awaited<ReturnType<typeof createIntervalSettling>>

export async function createIntervalSettling(options: IntervalSettlingOptions) {
  const { state, settings, store, nowMs, onError } = options
  const revisions = new IntervalRevisions()
  const keptFromMs = () =>
    dayBounds(settings.siteZone, addDays(siteDayOf(settings.siteZone, nowMs()), -KEPT_DAYS)).startMs
  revisions.restore(
    await store.revisions(keptFromMs(), Number.MAX_SAFE_INTEGER / 2),
    ofOurForm(await store.settledIntervals(keptFromMs())),
  )
  let writing: Promise<void> = Promise.resolve()
  /** Not written yet: a database that is away for a while loses nothing. */
  let unwritten: SettledChanges = { revisions: [], settled: [], toldToMs: null }
  let writtenToMs = Number.NEGATIVE_INFINITY
  let forgottenToMs = Number.NEGATIVE_INFINITY
  /** As of the last tick: a board asks for hundreds of intervals at once. */
  let watermark = Number.NEGATIVE_INFINITY

  /** Looks at what changed and what has ended since the last call. */
  function tick(): void {
    watermark = watermarkMs(state.sourceProgress(nowMs()), nowMs())
    const fromMs = keptFromMs()
    const changed = [...state.unsettledIntervals()]
    const made = revisions.advance(changed.map(withForm), {
      watermark,
      nowMs: nowMs(),
      fromMs,
      changesOf,
    })
    for (const interval of changed)
      if (interval.startMs < fromMs || revisions.isFinal(interval)) state.settle(interval)
    unwritten = {
      revisions: [...unwritten.revisions, ...made.revisions],
      settled: [...unwritten.settled, ...made.settled],
      toldToMs: made.toldToMs,
    }
    const toldMore = (made.toldToMs ?? Number.NEGATIVE_INFINITY) >= writtenToMs + TOLD_STEP_MS
    if (toldMore || unwritten.revisions.length + unwritten.settled.length > 0) write()
  }

  function write(): void {
    writing = writing.then(async () => {
      const taken = unwritten
      unwritten = { revisions: [], settled: [], toldToMs: null }
      for (const part of partsOf(taken)) {
        try {
          await store.putSettled(part)
          writtenToMs = part.toldToMs ?? writtenToMs
        } catch (error) {
          unwritten = {
            // A part that was written is written again: that changes nothing.
            revisions: [...taken.revisions, ...unwritten.revisions],
            settled: [...taken.settled, ...unwritten.settled],
            toldToMs: unwritten.toldToMs ?? taken.toldToMs,
          }
          onError('revisions of intervals could not be written', error)
          return
        }
      }
    })
  }

  return {
    tick,
    forgetOld() {
      const beforeMs = keptFromMs()
      revisions.forgetBefore(beforeMs)
      if (beforeMs <= forgottenToMs) return
      forgottenToMs = beforeMs
      writing = writing
        .then(() => store.forgetSettled(beforeMs))
        .catch((error: unknown) => onError('settled intervals could not be let go', error))
    },
    /** Waits until every revision made so far is written. */
    idle: () => writing,

    /** Of an interval of the queue's own length. */
    settled(queueId: string, startMs: number): Settled {
      const endMs = startMs + settings.queue(queueId).intervalMinutes * 60_000
      return {
        provisional: endMs > watermark || endMs > nowMs() || state.hasOpenIn(queueId, startMs, endMs),
        revision: revisions.revision({ queueId, startMs }),
      }
    },
  }
}

/**
 * A revision and the sums that it left are written together. All intervals of a large site at its first start are not: in
 * parts nobody else waits for them, and that they were told of is written last.
 */
function partsOf({ revisions, settled, toldToMs }: SettledChanges): readonly SettledChanges[] {
  const isSmall = settled.length <= SETTLED_ROWS_MAX || revisions.length > 0
  if (isSmall) return toldToMs === null && settled.length === 0 ? [] : [{ revisions, settled, toldToMs }]
  const parts: SettledChanges[] = []
  for (let at = 0; at < settled.length; at += SETTLED_ROWS_MAX) {
    const isLast = at + SETTLED_ROWS_MAX >= settled.length
    const rows = settled.slice(at, at + SETTLED_ROWS_MAX)
    parts.push({ revisions, settled: rows, toldToMs: isLast ? toldToMs : null })
  }
  return parts
}

function withForm(interval: FoldedInterval): FoldedInterval {
  return { ...interval, signature: `${SUMS_FORM} ${interval.signature}` }
}

function changesOf(before: string | null, after: string): IntervalChanges {
  const [, ...sumsBefore] = (before ?? NO_SUMS).split(' ').map(Number)
  const [, ...sumsAfter] = after.split(' ').map(Number)
  // Below zero is none: the longest wait of nobody.
  const orNull = (sum = -1) => (sum < 0 ? null : sum)
  return Object.fromEntries(
    SUM_NAMES.flatMap((name, index) => {
      const change = [orNull(sumsBefore[index]), orNull(sumsAfter[index])] as const
      return change[0] === change[1] ? [] : [[name, change] as const]
    }),
  )
}

function ofOurForm({ settled, toldToMs }: SettledIntervals): SettledIntervals {
  const isForeign = (sums: string | null) => sums !== null && !sums.startsWith(`${SUMS_FORM} `)
  return { settled: settled.map((one) => (isForeign(one.sums) ? { ...one, sums: ADOPTED } : one)), toldToMs }
}

/** The store for readers: what the intervals in memory say is written before it is read. */
export function readAfterWriting<T extends RevisionStore>(store: T, written: () => Promise<void>): T {
  return {
    ...store,
    async revisions(fromMs: number, toMs: number) {
      await written()
      return store.revisions(fromMs, toMs)
    },
    async revisionHistory(queueId: string, fromMs: number, toMs: number) {
      await written()
      return store.revisionHistory(queueId, fromMs, toMs)
    },
  }
}

/** What a report says beside its figures: until when everything has been told, and of each interval whether it is final. */
export async function settleReport(
  report: DayReport,
  options: {
    readonly settings: SettingsView
    readonly store: RevisionStore
    readonly progress: readonly SourceProgress[]
    readonly nowMs: number
    readonly intervalMinutes: number | null
  },
): Promise<DayReport> {
  const { settings, store, progress, nowMs } = options
  const watermark = Math.min(watermarkMs(progress, nowMs), nowMs)
  const starts = report.queues.flatMap(({ intervals }) => intervals.map(({ start }) => Date.parse(start)))
  if (starts.length === 0) return report
  const fromMs = Math.min(...starts)
  const written = await store.revisions(fromMs, Math.max(...starts) + 1)
  const byKey = new Map(written.map((one) => [`${one.startMs} ${one.queueId}`, one.revision]))
  let lastEndMs = fromMs
  const queues = report.queues.map((queue) => {
    const own = settings.queue(queue.queue).intervalMinutes
    const minutes = options.intervalMinutes ?? own
    const settle = (interval: IntervalFigures): IntervalFigures => {
      const startMs = Date.parse(interval.start)
      const endMs = startMs + minutes * 60_000
      lastEndMs = Math.max(lastEndMs, endMs)
      let revision = 1
      // Shown in other steps than those that revisions are kept in: the highest of the parts.
      for (let at = startMs - (startMs % (own * 60_000)); at < endMs; at += own * 60_000)
        revision = Math.max(revision, byKey.get(`${at} ${queue.queue}`) ?? 1)
      return { ...interval, provisional: endMs > watermark || interval.waiting > 0, revision }
    }
    return { ...queue, intervals: queue.intervals.map(settle) }
  })
  // Not beyond the day: the report of a day that is told is the same whenever it is asked for.
  return { ...report, watermark: new Date(Math.min(watermark, lastEndMs)).toISOString(), queues }
}

/** Progress of the sources by what the ledger says of them: for a program without a live fold. */
export async function ledgerProgress(ledger: LedgerStore): Promise<readonly SourceProgress[]> {
  return (await ledger.sourceStatuses()).flatMap(({ lastOccurredAtMs, lastReceivedAtMs }) =>
    lastOccurredAtMs === null
      ? []
      : [{ newestMs: lastOccurredAtMs, delayMs: (lastReceivedAtMs ?? lastOccurredAtMs) - lastOccurredAtMs }],
  )
}
