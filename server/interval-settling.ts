/** Tells of every interval whether its figures are final and how often they changed since: kept beside the live fold, written down. */
import { addDays, dayBounds, siteDayOf } from './domain/site-calendar.ts'
import type { LedgerStore } from './ledger/ledger.ts'
import type { DayReport, IntervalFigures } from './state/figures.ts'
import {
  IntervalRevisions,
  type RevisionStore,
  type Settled,
  type SourceProgress,
  watermarkMs,
} from './state/interval-revisions.ts'
import type { LiveState } from './state/live-state.ts'
import type { SettingsView } from './state/settings-view.ts'

export interface IntervalSettlingOptions {
  readonly state: LiveState
  readonly settings: SettingsView
  readonly store: RevisionStore
  readonly nowMs: () => number
  readonly onError: (message: string, error: unknown) => void
}

/** Today and yesterday are in the live fold, in every zone. */
const KEPT_DAYS = 3

export type IntervalSettling = Awaited<ReturnType<typeof createIntervalSettling>>

export async function createIntervalSettling(options: IntervalSettlingOptions) {
  const { state, settings, store, nowMs, onError } = options
  const revisions = new IntervalRevisions()
  const keptFromMs = () =>
    dayBounds(settings.siteZone, addDays(siteDayOf(settings.siteZone, nowMs()), -KEPT_DAYS)).startMs
  revisions.restore(await store.revisions(keptFromMs(), Number.MAX_SAFE_INTEGER / 2))
  let writing: Promise<void> = Promise.resolve()
  /** As of the last tick: a board asks for hundreds of intervals at once. */
  let watermark = Number.NEGATIVE_INFINITY

  /** Looks at what changed and what has ended since the last call. */
  function tick(): void {
    watermark = watermarkMs(state.sourceProgress(nowMs()), nowMs())
    const changed = [...state.unsettledIntervals()]
    const made = revisions.advance(changed, watermark, nowMs())
    for (const interval of changed) if (revisions.isFinal(interval)) state.settle(interval)
    if (made.length === 0) return
    writing = writing
      .then(() => store.putRevisions(made))
      .catch((error: unknown) => onError('revisions of intervals could not be written', error))
  }

  return {
    tick,
    forgetOld: () => revisions.forgetBefore(keptFromMs()),
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
