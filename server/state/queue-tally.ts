/** What a live queue keeps: its visits by minute of arrival, totals by interval, and who waits. Every visit can be taken out again. */
import type { IntervalView } from '../domain/service-level.ts'
import { dayBounds, siteDayOf } from '../domain/site-calendar.ts'
import type { FoldedInterval } from './interval-revisions.ts'
import { countedAtMs } from './period-tally.ts'
import { type CountingRules, promisedFor, type SettingsView } from './settings-view.ts'
import { addTotals, addVisit, emptyTotals, type Totals } from './totals.ts'
import type { Visit } from './visit.ts'

const MINUTE_MS = 60_000

interface DayRules extends CountingRules {
  readonly view: IntervalView
  readonly startMs: number
  readonly endMs: number
}

interface IntervalTally {
  readonly totals: Totals
  /** The longest wait was taken out: it must be looked for among those left. */
  maxStale: boolean
  /** Contacts whose end is still to come. */
  open: number
}

export interface IntervalTotals {
  readonly startMs: number
  readonly totals: Totals
}

export class QueueTally {
  readonly queueId: string
  readonly waiting = new Set<Visit>()
  readonly talking = new Set<Visit>()
  readonly #byMinute = new Map<number, Set<Visit>>()
  readonly #byInterval = new Map<number, IntervalTally>()
  /** Starts of intervals that changed since they were last settled. */
  readonly #unsettled = new Set<number>()
  readonly #settings: SettingsView
  readonly #zone: string
  readonly #stepMs: number
  #days: DayRules[] = []

  constructor(queueId: string, settings: SettingsView) {
    this.queueId = queueId
    this.#settings = settings
    const { zone, intervalMinutes } = settings.queue(queueId)
    this.#zone = zone
    this.#stepMs = intervalMinutes * MINUTE_MS
  }

  get empty(): boolean {
    return this.#byMinute.size === 0
  }

  add(visit: Visit): void {
    const minute = Math.floor(visit.queuedAtMs / MINUTE_MS)
    const bucket = this.#byMinute.get(minute)
    if (bucket === undefined) this.#byMinute.set(minute, new Set([visit]))
    else bucket.add(visit)
    if (visit.outcome === 'waiting') this.waiting.add(visit)
    else if (!visit.closed) this.talking.add(visit)
    const day = this.#dayOf(visit.queuedAtMs)
    const start = this.#intervalStartOf(visit, day)
    let interval = this.#byInterval.get(start)
    if (interval === undefined) {
      interval = { totals: emptyTotals(), maxStale: false, open: 0 }
      this.#byInterval.set(start, interval)
    }
    if (!visit.closed) interval.open += 1
    addVisit(interval.totals, visit, day, 1)
    this.#unsettled.add(start)
  }

  remove(visit: Visit): void {
    const minute = Math.floor(visit.queuedAtMs / MINUTE_MS)
    const bucket = this.#byMinute.get(minute)
    bucket?.delete(visit)
    if (bucket?.size === 0) this.#byMinute.delete(minute)
    this.waiting.delete(visit)
    this.talking.delete(visit)
    const day = this.#dayOf(visit.queuedAtMs)
    const start = this.#intervalStartOf(visit, day)
    const interval = this.#byInterval.get(start)
    if (interval === undefined) return
    if (!visit.closed) interval.open -= 1
    this.#unsettled.add(start)
    if (addVisit(interval.totals, visit, day, -1)) interval.maxStale = true
    if (interval.totals.offered === 0) this.#byInterval.delete(start)
  }

  /** Visits by arrival, from <= queuedAt < to, in that order. */
  visits(fromMs: number, toMs: number): Visit[] {
    const found: Visit[] = []
    const first = Math.floor(fromMs / MINUTE_MS)
    const last = Math.floor((toMs - 1) / MINUTE_MS)
    if (last - first > this.#byMinute.size) {
      for (const bucket of this.#byMinute.values()) collect(bucket, fromMs, toMs, found)
    } else {
      for (let minute = first; minute <= last; minute += 1) {
        const bucket = this.#byMinute.get(minute)
        if (bucket !== undefined) collect(bucket, fromMs, toMs, found)
      }
    }
    return found.sort(compareArrival)
  }

  /** Intervals of the day that have contacts, in order. */
  intervals(day: string): IntervalTotals[] {
    const { startMs, endMs } = dayBounds(this.#zone, day)
    const found: IntervalTotals[] = []
    for (let start = startMs; start < endMs; start += this.#stepMs) {
      const interval = this.#byInterval.get(start)
      if (interval !== undefined) found.push({ startMs: start, totals: this.#freshTotals(start, interval) })
    }
    return found
  }

  dayTotals(day: string): Totals {
    const sum = emptyTotals()
    for (const { totals } of this.intervals(day)) addTotals(sum, totals)
    return sum
  }

  /** Intervals that changed since they were settled, as they are now. */
  *unsettled(): Generator<FoldedInterval> {
    for (const startMs of this.#unsettled) {
      const interval = this.#byInterval.get(startMs)
      const totals = interval === undefined ? emptyTotals() : this.#freshTotals(startMs, interval)
      yield {
        queueId: this.queueId,
        startMs,
        endMs: startMs + this.#stepMs,
        open: interval?.open ?? 0,
        signature: Object.values(totals).join(' '),
      }
    }
  }

  hasOpen(fromMs: number, toMs: number): boolean {
    for (const open of [this.waiting, this.talking]) {
      for (const { queuedAtMs } of open) if (queuedAtMs >= fromMs && queuedAtMs < toMs) return true
    }
    return false
  }

  settle(startMs: number): void {
    this.#unsettled.delete(startMs)
  }

  /** Contacts that arrived in the last `windowMs`, the instant included. */
  slidingTotals(nowMs: number, windowMs: number): Totals {
    const sum = emptyTotals()
    for (const visit of this.visits(nowMs - windowMs + 1, nowMs + 1)) {
      addVisit(sum, visit, this.#dayOf(visit.queuedAtMs), 1)
    }
    return sum
  }

  rulesAt(atMs: number): CountingRules {
    return this.#dayOf(atMs)
  }

  #freshTotals(start: number, interval: IntervalTally): Totals {
    if (!interval.maxStale) return interval.totals
    let longestMs = -1
    const { answerThresholdSeconds } = this.#dayOf(start)
    for (const visit of this.visits(start - answerThresholdSeconds * 1000, start + this.#stepMs)) {
      const { waitMs } = visit
      if (this.#intervalStartOf(visit, this.#dayOf(visit.queuedAtMs)) !== start) continue
      if (waitMs !== null && waitMs > longestMs) longestMs = waitMs
    }
    interval.totals.waitMsMax = longestMs
    interval.maxStale = false
    return interval.totals
  }

  #intervalStart(day: DayRules, atMs: number): number {
    return day.startMs + Math.floor((atMs - day.startMs) / this.#stepMs) * this.#stepMs
  }

  /** In the view of the promise: the board's percentage of the day is the client's. */
  #intervalStartOf(visit: Visit, day: DayRules): number {
    const atMs = countedAtMs(visit, day.view, day.answerThresholdSeconds)
    return this.#intervalStart(atMs < day.endMs ? day : this.#dayOf(atMs), atMs)
  }

  /** Cached: the calendar is exact and slow, and nearly all contacts are of few days. */
  #dayOf(atMs: number): DayRules {
    for (const day of this.#days) if (atMs >= day.startMs && atMs < day.endMs) return day
    const day = siteDayOf(this.#zone, atMs)
    const bounds = dayBounds(this.#zone, day)
    const promised = promisedFor(this.#settings, this.queueId, day)
    const { view, answerThresholdSeconds, shortAbandonSeconds } = promised
    const rules = { ...bounds, view, answerThresholdSeconds, shortAbandonSeconds }
    this.#days = [rules, ...this.#days.slice(0, 7)]
    return rules
  }
}

function collect(bucket: ReadonlySet<Visit>, fromMs: number, toMs: number, into: Visit[]): void {
  for (const visit of bucket) if (visit.queuedAtMs >= fromMs && visit.queuedAtMs < toMs) into.push(visit)
}

function compareArrival(a: Visit, b: Visit): number {
  return a.queuedAtMs - b.queuedAtMs || (a.visitId < b.visitId ? -1 : a.visitId > b.visitId ? 1 : 0)
}
