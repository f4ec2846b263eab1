/** The simulator's own counts, made at the moment things happen. No fold over events has a part in them. */
import { assert } from '../domain/assert.ts'

export interface TruthCounts {
  readonly offered: number
  readonly answered: number
  readonly abandoned: number
  readonly flowedOut: number
  /** Nothing is ever lost here: the simulated telephone system does not restart. */
  readonly lost: number
  readonly answeredWithinThreshold: number
  readonly abandonedWithinThreshold: number
  readonly shortAbandons: number
}

export interface TruthInterval extends TruthCounts {
  readonly startMs: number
  readonly handled: number
  /** Talk, hold and after-call work of the contacts that arrived in the interval. */
  readonly handleSeconds: number
}

export interface QueueTruth extends TruthCounts {
  readonly queueId: string
  /** Where the offered ones came from; the three add up. */
  readonly firstCalls: number
  readonly redials: number
  readonly transfersIn: number
  /** Intervals with contacts, by arrival. */
  readonly intervals: readonly TruthInterval[]
}

export type ContactOrigin = 'firstCalls' | 'redials' | 'transfersIn'

export interface TruthRule {
  readonly queueId: string
  readonly answerThresholdMs: number
  readonly shortAbandonMs: number
  readonly intervalMs: number
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

const NOTHING: TruthCounts = {
  offered: 0,
  answered: 0,
  abandoned: 0,
  flowedOut: 0,
  lost: 0,
  answeredWithinThreshold: 0,
  abandonedWithinThreshold: 0,
  shortAbandons: 0,
}

/** Counts one queue for one day, whose first instant is `dayStartMs`. */
export class QueueCounter {
  private readonly rule: TruthRule
  private readonly dayStartMs: number
  private readonly day: Writable<TruthCounts> = { ...NOTHING }
  private readonly origins: Record<ContactOrigin, number> = { firstCalls: 0, redials: 0, transfersIn: 0 }
  private readonly byInterval = new Map<number, Writable<TruthInterval>>()

  constructor(rule: TruthRule, dayStartMs: number) {
    this.rule = rule
    this.dayStartMs = dayStartMs
  }

  offered(arrivedAtMs: number, origin: ContactOrigin): void {
    this.origins[origin]++
    for (const counts of this.both(arrivedAtMs)) counts.offered++
  }

  answered(arrivedAtMs: number, atMs: number): void {
    const inTime = atMs - arrivedAtMs <= this.rule.answerThresholdMs
    for (const counts of this.both(arrivedAtMs)) {
      counts.answered++
      if (inTime) counts.answeredWithinThreshold++
    }
  }

  abandoned(arrivedAtMs: number, atMs: number): void {
    const waitMs = atMs - arrivedAtMs
    for (const counts of this.both(arrivedAtMs)) {
      counts.abandoned++
      if (waitMs <= this.rule.answerThresholdMs) counts.abandonedWithinThreshold++
      if (waitMs <= this.rule.shortAbandonMs) counts.shortAbandons++
    }
  }

  flowedOut(arrivedAtMs: number): void {
    for (const counts of this.both(arrivedAtMs)) counts.flowedOut++
  }

  handled(arrivedAtMs: number, handleMs: number): void {
    const interval = this.intervalOf(arrivedAtMs)
    interval.handled++
    interval.handleSeconds += handleMs / 1000
  }

  /** The day's counts. Nobody may be waiting any more. */
  close(): QueueTruth {
    const { offered, answered, abandoned, flowedOut, lost } = this.day
    assert(offered === answered + abandoned + flowedOut + lost, `${this.rule.queueId} has lost a contact`)
    const intervals = [...this.byInterval.values()].sort((a, b) => a.startMs - b.startMs)
    return { queueId: this.rule.queueId, ...this.day, ...this.origins, intervals }
  }

  private both(arrivedAtMs: number): readonly Writable<TruthCounts>[] {
    return [this.day, this.intervalOf(arrivedAtMs)]
  }

  private intervalOf(arrivedAtMs: number): Writable<TruthInterval> {
    const index = Math.floor((arrivedAtMs - this.dayStartMs) / this.rule.intervalMs)
    const known = this.byInterval.get(index)
    if (known !== undefined) return known
    const startMs = this.dayStartMs + index * this.rule.intervalMs
    const interval = { startMs, handled: 0, handleSeconds: 0, ...NOTHING }
    this.byInterval.set(index, interval)
    return interval
  }
}
