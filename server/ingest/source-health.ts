/**
 * What can be told of each source from its events alone: how many a second, how late they come, how its clock stands to
 * ours, and when that clock jumps or numbers are missing. In memory: it describes now, and the ledger keeps the gaps.
 */
import type { LedgerEvent } from '../domain/event.ts'

const MINUTE_MS = 60_000
/** The clock's offset is the smallest delay of so many minutes: delays come and go, the offset stays. */
const OFFSET_MINUTES = 10
const RATE_SLOT_MS = 5_000
const RATE_SLOTS = 12
/** A clock may run ahead of ours by so much without being worth a word. */
const AHEAD_MS = 2_000
const JUMP_MS = 30_000
/** Fewer events in a minute say nothing of its clock. */
const EVENTS_OF_A_MINUTE_MIN = 5
/** Sources remembered; a sender that invents names must not fill the memory. */
const SOURCES_MAX = 10_000
/** Missing numbers that may still come: out of order is no hole. */
const HOLE_PATIENCE_MS = 30_000
const HOLES_MAX = 1_000

export interface SourceHealth {
  /** Events a real second over the last minute. */
  readonly eventsPerSecond: number
  /** Receive time less event time of the newest event. Null before the first since the start. */
  readonly lagMs: number | null
  /** The smallest receive time less event time of ten minutes: below 0 its clock is ahead of ours. Null when silent. */
  readonly clockOffsetMs: number | null
  readonly lastReceivedMs: number | null
  /** Events dated more than 2 s ahead of their receipt, since the start. */
  readonly aheadCount: number
  readonly clockJumps: number
  readonly sequenceHoles: number
}

/** Something that the ledger should know of a source. */
export interface SourceGap {
  readonly source: string
  readonly reason: 'clock' | 'sequence'
  /** What it was seen by: the same finding has the same id. */
  readonly seenBy: string
  readonly detail: string
  /** The same for a page in any language. */
  readonly params: Readonly<Record<string, number>>
}

interface Watched {
  readonly rateSlots: Map<number, number>
  /** Smallest delay of each minute, and of how many events. */
  readonly minutes: Map<number, { delayMs: number; count: number }>
  newestMs: number
  newestSequence: string
  lagMs: number | null
  lastReceivedMs: number | null
  aheadCount: number
  clockJumps: number
  isAhead: boolean
  sequenceHoles: number
  nextNumber: bigint | null
  readonly holes: Map<bigint, number>
}

export interface SourceHealthOptions {
  readonly nowMs: () => number
  /** How fast the site's clock runs: tolerances are of real time. */
  readonly speed?: number
  /** Sources whose sequence numbers every event, one after the other. */
  readonly isNumbered?: (source: string) => boolean
  /** Sources that write events down as they happen, such as a log: what comes later happened later. */
  readonly isLog?: (source: string) => boolean
}

export class SourceHealthWatch {
  readonly #options: SourceHealthOptions
  /** Tolerances and windows are of real time. */
  readonly #speed: number
  readonly #watched = new Map<string, Watched>()

  constructor(options: SourceHealthOptions) {
    this.#options = options
    this.#speed = Math.max(1, options.speed ?? 1)
  }

  /** Events in the order in which they were received. */
  note(events: readonly LedgerEvent[]): readonly SourceGap[] {
    const gaps: SourceGap[] = []
    for (const event of events) {
      // What is said of a source is no sign of life of it.
      if (event.type === 'cc.source.gap.v1') continue
      const watched = this.#watch(event.source)
      this.#count(watched, event.receivedAtMs)
      const hole = this.#options.isNumbered?.(event.source) === true ? this.#number(watched, event) : null
      if (hole !== null) gaps.push(hole)
      if (event.timeAssumed === true) continue
      const jump = this.#clock(watched, event)
      if (jump !== null) gaps.push(jump)
    }
    return gaps
  }

  /** Holes that nothing has filled in time. Call now and then. */
  overdue(): readonly SourceGap[] {
    const beforeMs = this.#options.nowMs() - HOLE_PATIENCE_MS * this.#speed
    const gaps: SourceGap[] = []
    for (const [source, watched] of this.#watched) {
      const missing = [...watched.holes]
        .filter(([, sinceMs]) => sinceMs <= beforeMs)
        .map(([number]) => number)
      const first = missing[0]
      if (first === undefined) continue
      for (const number of missing) watched.holes.delete(number)
      watched.sequenceHoles += missing.length
      gaps.push({
        source,
        reason: 'sequence',
        seenBy: String(first),
        detail: `${missing.length} numbers are missing from ${first} on`,
        params: { count: missing.length, first: Number(first) },
      })
    }
    return gaps
  }

  of(source: string): SourceHealth {
    const watched = this.#watched.get(source)
    if (watched === undefined) return NOTHING_KNOWN
    const nowMs = this.#options.nowMs()
    const fromMinute = Math.floor(nowMs / (MINUTE_MS * this.#speed)) - OFFSET_MINUTES
    const delays = [...watched.minutes].flatMap(([at, { delayMs }]) => (at > fromMinute ? [delayMs] : []))
    const fromSlot = Math.floor(nowMs / (RATE_SLOT_MS * this.#speed)) - RATE_SLOTS
    const counted = [...watched.rateSlots].filter(([slot]) => slot > fromSlot)
    const events = counted.reduce((sum, [, count]) => sum + count, 0)
    return {
      eventsPerSecond: events / ((RATE_SLOT_MS * RATE_SLOTS) / 1000),
      lagMs: watched.lagMs,
      clockOffsetMs: delays.length === 0 ? null : Math.min(...delays),
      lastReceivedMs: watched.lastReceivedMs,
      aheadCount: watched.aheadCount,
      clockJumps: watched.clockJumps,
      sequenceHoles: watched.sequenceHoles,
    }
  }

  #watch(source: string): Watched {
    const known = this.#watched.get(source)
    if (known !== undefined) return known
    if (this.#watched.size >= SOURCES_MAX) {
      const [oldest] = this.#watched.keys()
      if (oldest !== undefined) this.#watched.delete(oldest)
    }
    const watched: Watched = {
      rateSlots: new Map(),
      minutes: new Map(),
      newestMs: Number.NEGATIVE_INFINITY,
      newestSequence: '',
      lagMs: null,
      lastReceivedMs: null,
      aheadCount: 0,
      clockJumps: 0,
      isAhead: false,
      sequenceHoles: 0,
      nextNumber: null,
      holes: new Map(),
    }
    this.#watched.set(source, watched)
    return watched
  }

  /**
   * A jump is told from a delay in three cases: a log goes on at an earlier time; events are suddenly dated half a minute
   * after their receipt; or no event of a whole minute came as soon as all minutes before allowed.
   */
  #clock(watched: Watched, event: LedgerEvent): SourceGap | null {
    const { occurredAtMs, receivedAtMs, sequence, source, id } = event
    const delayMs = receivedAtMs - occurredAtMs
    if (delayMs < -AHEAD_MS * this.#speed) watched.aheadCount += 1
    const isAhead = delayMs < -JUMP_MS * this.#speed
    const stepMs =
      isAhead && !watched.isAhead
        ? -delayMs
        : -Math.max(this.#backInLog(watched, event), this.#slower(watched, event))
    watched.isAhead = isAhead
    const isNewest =
      sequence === undefined ? occurredAtMs >= watched.newestMs : sequence > watched.newestSequence
    if (isNewest) {
      watched.newestMs = occurredAtMs
      watched.newestSequence = sequence ?? watched.newestSequence
      watched.lagMs = delayMs
    }
    if (Math.abs(stepMs) <= JUMP_MS) return null
    watched.clockJumps += 1
    const seconds = Math.round(Math.abs(stepMs) / 1000)
    const detail = stepMs < 0 ? `the clock went back by ${seconds} s` : `the clock is ahead by ${seconds} s`
    const params: Record<string, number> = stepMs < 0 ? { back: seconds } : { ahead: seconds }
    return { source, reason: 'clock', seenBy: id, detail, params }
  }

  /** By how much a log goes on at an earlier time. */
  #backInLog(watched: Watched, { source, sequence, occurredAtMs }: LedgerEvent): number {
    if (sequence === undefined || watched.newestSequence === '' || sequence <= watched.newestSequence)
      return 0
    return this.#options.isLog?.(source) === true ? Math.max(0, watched.newestMs - occurredAtMs) : 0
  }

  /** By how much the minute that has just ended was later, at its best, than those before at theirs. */
  #slower(watched: Watched, { occurredAtMs, receivedAtMs }: LedgerEvent): number {
    const delayMs = receivedAtMs - occurredAtMs
    const minute = Math.floor(receivedAtMs / (MINUTE_MS * this.#speed))
    const current = watched.minutes.get(minute)
    if (current !== undefined) {
      current.delayMs = Math.min(current.delayMs, delayMs)
      current.count += 1
      return 0
    }
    forget(watched.minutes, minute - OFFSET_MINUTES)
    const [last, ...before] = [...watched.minutes].sort(([a], [b]) => b - a)
    watched.minutes.set(minute, { delayMs, count: 1 })
    if (last === undefined || before.length === 0 || last[1].count < EVENTS_OF_A_MINUTE_MIN) return 0
    const slowerMs = last[1].delayMs - Math.min(...before.map(([, one]) => one.delayMs))
    if (slowerMs <= JUMP_MS * this.#speed) return 0
    // From here on the new clock is the one to compare with.
    for (const [at] of before) watched.minutes.delete(at)
    return slowerMs
  }

  #count(watched: Watched, receivedAtMs: number): void {
    watched.lastReceivedMs = receivedAtMs
    const slot = Math.floor(receivedAtMs / (RATE_SLOT_MS * this.#speed))
    const count = watched.rateSlots.get(slot)
    watched.rateSlots.set(slot, (count ?? 0) + 1)
    if (count === undefined) forget(watched.rateSlots, slot - RATE_SLOTS)
  }

  #number(watched: Watched, event: LedgerEvent): SourceGap | null {
    const { sequence, receivedAtMs, source } = event
    if (sequence === undefined || !/^\d{1,40}$/.test(sequence)) return null
    const number = BigInt(sequence)
    watched.holes.delete(number)
    const next = watched.nextNumber
    if (next === null || number === next) watched.nextNumber = number + 1n
    if (next === null || number <= next) return null
    watched.nextNumber = number + 1n
    const missing = number - next
    if (missing + BigInt(watched.holes.size) <= BigInt(HOLES_MAX)) {
      for (let at = next; at < number; at += 1n) watched.holes.set(at, receivedAtMs)
      return null
    }
    watched.sequenceHoles += Number(missing)
    const detail = `${missing} numbers are missing from ${next} on`
    const params = { count: Number(missing), first: Number(next) }
    return { source, reason: 'sequence', seenBy: String(next), detail, params }
  }
}

const NOTHING_KNOWN: SourceHealth = {
  eventsPerSecond: 0,
  lagMs: null,
  clockOffsetMs: null,
  lastReceivedMs: null,
  aheadCount: 0,
  clockJumps: 0,
  sequenceHoles: 0,
}

function forget(byAge: Map<number, unknown>, upTo: number): void {
  for (const at of byAge.keys()) if (at <= upTo) byAge.delete(at)
}
