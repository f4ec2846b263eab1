/** What the fold says of a queue's day at an instant, for the look-ahead: counted so far, waiting, at work. */
import { serviceLevelFraction } from '../domain/service-level.ts'
import type { SiteDay } from '../domain/site-calendar.ts'
import type { SoFar } from '../engine/plan/day-projection.ts'
import type { PlanningPromise } from '../engine/plan/interval-outcome.ts'
import type { LiveState } from '../state/live-state.ts'
import { addVisit, emptyTotals, type Totals } from '../state/totals.ts'
import type { EndedContact } from './lost-since.ts'

export type DayObserver = Pick<LiveState, 'dayTotals' | 'dayIntervals' | 'visits'>

/** Of a process that folds no live day. */
export const NOTHING_SEEN: DayObserver = {
  dayTotals: () => emptyTotals(),
  dayIntervals: () => [],
  visits: () => [],
}

export interface QueueObservation {
  readonly soFar: SoFar
  /** By start; intervals without contacts are missing. */
  readonly intervals: ReadonlyMap<number, Totals>
  /** Longest first. */
  readonly waitingSeconds: readonly number[]
  readonly busyAgents: number
  readonly ended: readonly EndedContact[]
}

/** A contact that has waited or talked longer than this was rather lost than open. */
const OPEN_MS_MAX = 4 * 3_600_000

export function observeQueue(
  observer: DayObserver,
  {
    queueId,
    day,
    promise,
    nowMs,
  }: {
    readonly queueId: string
    readonly day: SiteDay
    readonly promise: PlanningPromise
    readonly nowMs: number
  },
): QueueObservation {
  const sums = serviceLevelFraction(promise.formula, observer.dayTotals(queueId, day))
  const intervals = observer.dayIntervals(queueId, day)
  const [first] = intervals
  const visits = observer.visits(queueId, Math.min(first?.startMs ?? nowMs, nowMs - OPEN_MS_MAX), nowMs + 1)
  const waitingSeconds: number[] = []
  const ended: EndedContact[] = []
  let busyAgents = 0
  for (const visit of visits) {
    const young = nowMs - visit.queuedAtMs <= OPEN_MS_MAX
    if (visit.outcome === 'waiting' && young) waitingSeconds.push((nowMs - visit.queuedAtMs) / 1000)
    if (visit.outcome === 'answered' && !visit.closed && young) busyAgents += 1
    if (visit.waitEndMs === null || visit.outcome === 'waiting' || visit.outcome === 'lost') continue
    if (first === undefined || visit.queuedAtMs < first.startMs) continue
    const totals = emptyTotals()
    addVisit(totals, visit, promise, 1)
    const { numerator, denominator } = serviceLevelFraction(promise.formula, totals)
    ended.push({ endedAtMs: visit.waitEndMs, met: numerator, counted: denominator })
  }
  return {
    soFar: { met: sums.numerator, counted: sums.denominator },
    intervals: new Map(intervals.map(({ startMs, totals }) => [startMs, totals])),
    waitingSeconds,
    busyAgents,
    ended,
  }
}
