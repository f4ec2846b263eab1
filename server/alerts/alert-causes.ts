/** When an alert begins and when it ends: what is measured against a threshold, with a little slack so that it does not flicker. */
import type { AlertCause, AlertThresholds } from '../wire/alerts.ts'

/** What the alerts see of a queue: rows of the board, so that they never disagree with it. */
export interface WatchedQueue {
  readonly queueId: string
  readonly open: boolean
  readonly targetRatio: number
  /** Of the sliding half hour. */
  readonly levelRatio: number | null
  readonly longestWaitingSinceMs: number | null
  readonly staffed: number
  readonly required: number | null
}

export interface WatchedSource {
  readonly source: string
  readonly connected: boolean | null
  readonly newestEventMs: number | null
}

export interface Watched {
  readonly nowMs: number
  readonly queues: readonly WatchedQueue[]
  readonly sources: readonly WatchedSource[]
  /** Whether any queue is open: a source may be silent at night. */
  readonly siteOpen: boolean
}

export interface Condition {
  readonly cause: AlertCause
  readonly subject: string
  readonly measured: number
  readonly threshold: number
  /** Bad enough to raise an alert once it has lasted. */
  readonly begins: boolean
  /** Good enough to end one. Between the two nothing changes. */
  readonly ends: boolean
  /** How long it must have been bad. */
  readonly lastsMs: number
}

/** A level must be this much above the target before its alert ends. */
const LEVEL_SLACK = 0.01
const COVERAGE_SLACK = 0.05
/** The longest wait must fall below this share of the threshold. */
const WAIT_SLACK = 0.75

/** Everything that is watched, whether it is bad or not; a threshold of null is not watched. */
export function conditionsOf(watched: Watched, thresholds: AlertThresholds): readonly Condition[] {
  return [
    ...watched.queues.flatMap((queue) => [
      ...levelOf(queue, thresholds),
      ...waitOf(queue, watched.nowMs, thresholds),
      ...coverageOf(queue, thresholds),
    ]),
    ...watched.sources.flatMap((source) => sourceOf(source, watched, thresholds)),
  ]
}

function levelOf(queue: WatchedQueue, { levelMinutes }: AlertThresholds): readonly Condition[] {
  if (levelMinutes === null) return []
  const { levelRatio, targetRatio, queueId, open } = queue
  return [
    {
      cause: 'level',
      subject: queueId,
      measured: levelRatio ?? 0,
      threshold: targetRatio,
      begins: open && levelRatio !== null && levelRatio < targetRatio,
      // Without calls in half an hour there is no level to be under.
      ends: levelRatio === null || levelRatio >= Math.min(1, targetRatio + LEVEL_SLACK),
      lastsMs: levelMinutes * 60_000,
    },
  ]
}

function waitOf(
  queue: WatchedQueue,
  nowMs: number,
  { longestWaitSeconds }: AlertThresholds,
): readonly Condition[] {
  if (longestWaitSeconds === null) return []
  const since = queue.longestWaitingSinceMs
  const seconds = since === null ? 0 : Math.max(0, (nowMs - since) / 1000)
  return [
    {
      cause: 'longest-wait',
      subject: queue.queueId,
      measured: seconds,
      threshold: longestWaitSeconds,
      begins: seconds > longestWaitSeconds,
      ends: seconds < longestWaitSeconds * WAIT_SLACK,
      lastsMs: 0,
    },
  ]
}

function coverageOf(
  { queueId, staffed, required, open }: WatchedQueue,
  { coverageRatio, coverageMinutes }: AlertThresholds,
): readonly Condition[] {
  if (coverageRatio === null) return []
  const needed = open && required !== null && required > 0
  const ratio = needed ? staffed / required : 1
  return [
    {
      cause: 'coverage',
      subject: queueId,
      measured: ratio,
      threshold: coverageRatio,
      begins: needed && ratio < coverageRatio,
      ends: !needed || ratio >= Math.min(1, coverageRatio + COVERAGE_SLACK),
      lastsMs: coverageMinutes * 60_000,
    },
  ]
}

function sourceOf(
  { source, connected, newestEventMs }: WatchedSource,
  { nowMs, siteOpen }: Watched,
  { silentSourceSeconds }: AlertThresholds,
): readonly Condition[] {
  // Files that were imported once are no feed; a source that never told anything is being set up.
  if (silentSourceSeconds === null || newestEventMs === null || connected === null) return []
  const seconds = Math.max(0, (nowMs - newestEventMs) / 1000)
  const silent = !connected || seconds > silentSourceSeconds
  return [
    {
      cause: 'source',
      subject: source,
      measured: seconds,
      threshold: silentSourceSeconds,
      begins: siteOpen && silent && seconds > silentSourceSeconds,
      ends: !siteOpen || !silent,
      lastsMs: 0,
    },
  ]
}
