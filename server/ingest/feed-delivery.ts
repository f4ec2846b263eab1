/**
 * From a live feed to the ledger: batches in order, one in flight, each tried until it is durable or the feed is closed.
 * Keeps the state that a person sees of the feed. What does not fit in its bound is dropped and told as a gap.
 */
import { type Clock, realClock } from '../domain/clock.ts'
import { type FeedWord, feedWord, isSameWord } from '../wire/feed-state.ts'
import { type CanonicalEvent, canonicalEvent, isRecord } from './canonical-event.ts'
import { causeOf } from './feed-fault.ts'

/** Events that wait while the database is away: some minutes of a busy centre. */
const EVENTS_WAITING_MAX = 50_000
const EVENTS_PER_BATCH_MAX = 1_000
/** Where the transport can wait, it is asked to from here on, and may go on from there: long before anything is dropped. */
const PAUSE_AT = 20_000
const RESUME_AT = 5_000
const RETRY_MS = 1_000
const RATE_WINDOW_MS = 10_000

export interface FeedState {
  readonly connected: boolean
  /** Since when it is so. */
  readonly sinceMs: number
  /** Why not, or what was noticed. */
  readonly said: FeedWord
  /** Time of the newest event stored, by the feed's clock. */
  readonly lastEventMs: number | null
  /** When anything was last heard, by our clock: a heartbeat counts. */
  readonly lastHeardMs: number | null
  /** Events a real second over the last ten seconds. */
  readonly eventsPerSecond: number
}

/** Throws when nothing was stored (`retryAfterSeconds` on the error is obeyed). */
export type FeedIngest = (events: readonly unknown[]) => Promise<unknown>

export interface FeedOptions {
  readonly ingest: FeedIngest
  readonly onState?: ((state: FeedState) => void) | undefined
  /** Verbs that nobody knows: to be counted per source. */
  readonly onUnknownVerb?: ((verb: string) => void) | undefined
  /** What could not be used, and why: for the list of dead letters. */
  readonly onRejected?:
    | ((letter: { readonly place: string; readonly reason: string; readonly excerpt: string }) => void)
    | undefined
  readonly clock?: Clock | undefined
}

/** A transport that can leave what comes with its sender. */
export interface Pausable {
  pause(): void
  resume(): void
}

export interface RunningFeedSource {
  state(): FeedState
  /** Stops listening; resolves when the batch in flight has been answered. */
  close(): Promise<void>
}

export class FeedDelivery {
  readonly #options: FeedOptions
  readonly #source: string
  readonly #clock: Clock
  readonly #transport: Pausable | undefined
  #paused = false
  #waiting: CanonicalEvent[] = []
  readonly #stored: { readonly atMs: number; readonly count: number }[] = []
  #working: Promise<void> | null = null
  #wake: (() => void) | undefined
  /** Something was dropped and the ledger has not been told yet. */
  #owesGap = false
  #gaps = 0
  #dropped = 0
  #closed = false
  #connected = false
  #sinceMs: number
  #said = feedWord('connecting')
  /** What the connection last said of itself, to return to after trouble with the ledger. */
  #saidByItself = feedWord('connecting')
  #lastEventMs: number | null = null
  #lastHeardMs: number | null = null

  constructor(source: string, options: FeedOptions, transport?: Pausable) {
    this.#options = options
    this.#transport = transport
    this.#source = source
    this.#clock = options.clock ?? realClock
    this.#sinceMs = this.#clock.nowMs()
  }

  state(): FeedState {
    return {
      connected: this.#connected,
      sinceMs: this.#sinceMs,
      said: this.#said,
      lastEventMs: this.#lastEventMs,
      lastHeardMs: this.#lastHeardMs,
      eventsPerSecond: this.#eventsPerSecond(),
    }
  }

  /** Takes events without waiting; beyond the bound they are dropped and a gap is owed. */
  push(events: readonly CanonicalEvent[]): void {
    if (events.length === 0 || this.#closed) return
    if (this.#waiting.length + events.length > EVENTS_WAITING_MAX) {
      this.#owesGap = true
      this.#dropped += events.length
      this.#say(feedWord('overload', { count: this.#dropped }))
      return
    }
    for (const event of events) this.#waiting.push(event)
    if (!this.#paused && this.#waiting.length >= PAUSE_AT) {
      this.#paused = true
      this.#transport?.pause()
    }
    this.#working ??= this.#work()
  }

  /** The transport was asked to wait: silence is ours then, not the sender's. */
  get isPaused(): boolean {
    return this.#paused
  }

  /** Resolves to true when the events are durable, to false when the feed was closed before. */
  async store(events: readonly CanonicalEvent[]): Promise<boolean> {
    while (!this.#closed) {
      try {
        await this.#options.ingest(events)
        this.#noteStored(events)
        return true
      } catch (error) {
        this.#say(feedWord('not-stored', { cause: causeOf(error) }))
        if (this.#closed) return false
        await this.#sleep(retryMsOf(error))
      }
    }
    return false
  }

  /** A hole that the feed cannot fill again. */
  gap(reason: string, raw?: Readonly<Record<string, number>>): CanonicalEvent {
    const atMs = this.#clock.nowMs()
    this.#gaps += 1
    return canonicalEvent({
      id: `gap-${reason}-${atMs}-${this.#gaps}`,
      source: this.#source,
      type: 'cc.source.gap.v1',
      timeMs: atMs,
      data: { reason, raw },
    })
  }

  heard(): void {
    this.#lastHeardMs = this.#clock.nowMs()
  }

  change(connected: boolean, said: FeedWord): void {
    if (connected !== this.#connected) this.#sinceMs = this.#clock.nowMs()
    const isNews = connected !== this.#connected || !isSameWord(said, this.#said)
    this.#connected = connected
    this.#saidByItself = said
    this.#said = said
    if (isNews) this.#tell()
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#wake?.()
    await this.#working
    this.change(false, feedWord('closed'))
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#closed) {
      const batch = this.#waiting.slice(0, EVENTS_PER_BATCH_MAX)
      if (!(await this.store(batch))) break
      this.#waiting = this.#waiting.slice(batch.length)
      if (this.#paused && this.#waiting.length <= RESUME_AT) {
        this.#paused = false
        this.#transport?.resume()
      }
      if (this.#owesGap && this.#waiting.length < EVENTS_WAITING_MAX - EVENTS_PER_BATCH_MAX) {
        this.#owesGap = false
        this.#waiting.push(this.gap('overload', { dropped: this.#dropped }))
      }
    }
    this.#working = null
  }

  async #sleep(delayMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, delayMs)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = undefined
  }

  #noteStored(events: readonly CanonicalEvent[]): void {
    for (const { time } of events) {
      const atMs = time === undefined ? Number.NaN : Date.parse(time)
      if (Number.isFinite(atMs)) this.#lastEventMs = Math.max(atMs, this.#lastEventMs ?? atMs)
    }
    this.#stored.push({ atMs: this.#clock.nowMs(), count: events.length })
    if (this.#said.code === 'not-stored' || this.#said.code === 'overload') this.#say(this.#saidByItself)
    else this.#tell()
  }

  #eventsPerSecond(): number {
    const fromMs = this.#clock.nowMs() - RATE_WINDOW_MS * this.#clock.speed
    while ((this.#stored[0]?.atMs ?? Number.POSITIVE_INFINITY) < fromMs) this.#stored.shift()
    return this.#stored.reduce((sum, { count }) => sum + count, 0) / (RATE_WINDOW_MS / 1000)
  }

  #say(said: FeedWord): void {
    if (isSameWord(said, this.#said)) return
    this.#said = said
    this.#tell()
  }

  #tell(): void {
    this.#options.onState?.(this.state())
  }
}

function retryMsOf(error: unknown): number {
  const seconds = isRecord(error) ? Number(error.retryAfterSeconds) : Number.NaN
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : RETRY_MS
}
