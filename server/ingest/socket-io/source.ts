/**
 * The Socket.IO source: connects out to a feed and hands its events to the ingest path, one batch at a time. A batch is
 * acknowledged only after it is durable; the feed resends what was not. States: connecting → connected ⇄ waiting → closed.
 */
import { io, type Socket } from 'socket.io-client'
import { type Clock, realClock } from '../../domain/clock.ts'
import { type FeedWord, feedWord } from '../../wire/feed-state.ts'
import type { FeedOptions, FeedState } from '../feed-delivery.ts'
import { causeOf } from '../feed-fault.ts'
import { type EventMapping, GATEWAY_MAPPING, isRecord, type SocketIoMapping } from './mapping.ts'
import { SnapshotDiff } from './snapshot-diff.ts'
import { WaitingDiff } from './waiting-diff.ts'

const RECONNECT_MS_MIN = 250
const RECONNECT_MS_MAX = 10_000
const RESUME_TIMEOUT_MS = 10_000
const RETRY_MS = 1_000
/** Batches of a feed that does not wait for acknowledgements; beyond it a gap is noted instead of eating the memory. */
const BATCHES_WAITING_MAX = 1_000
/** Events of a message that is not a list of a sane size are cut into batches of this many. */
const EVENTS_PER_BATCH_MAX = 1_000
const RATE_WINDOW_MS = 10_000

/** What the ingest path answers; throws when nothing was stored (`retryAfterSeconds` on the error is obeyed). */
interface SocketIoIngestReply {
  readonly accepted: number
  readonly duplicates: number
}

export interface SocketIoSourceOptions {
  readonly url: string
  readonly token: string
  /** The source's name in the settings; events that the feed gives no source belong to `/socket-io/<name>`. */
  readonly name: string
  readonly mapping?: SocketIoMapping
  /** Last event of the feed that is stored already; the feed is asked for what came after. */
  readonly afterId?: string | null
  readonly ingest: (events: readonly unknown[]) => Promise<SocketIoIngestReply>
  readonly onState?: (state: FeedState) => void
  /** Events that the mapping does not name. */
  readonly onUnknownVerb?: FeedOptions['onUnknownVerb']
  /** Messages of which nothing could be read, and what was dropped. */
  readonly onRejected?: FeedOptions['onRejected']
  readonly clock?: Clock
}

export interface SocketIoSource {
  state(): FeedState
  /** Stops listening; resolves when the batch in flight has been answered. */
  close(): Promise<void>
}

interface Batch {
  readonly events: readonly unknown[]
  readonly acknowledge: (answer: { readonly ok: boolean; readonly retryAfterMs?: number }) => void
  /** Whether the feed sends the batch again when it is refused; otherwise we keep it and try again ourselves. */
  readonly resent: boolean
}

export function startSocketIoSource(options: SocketIoSourceOptions): SocketIoSource {
  const source = new Source(options)
  return { state: () => source.state(), close: () => source.close() }
}

class Source {
  private readonly options: SocketIoSourceOptions
  private readonly mapping: SocketIoMapping
  private readonly clock: Clock
  private readonly socket: Socket
  private readonly feedSource: string
  private readonly diff: SnapshotDiff
  private readonly waitingDiff: WaitingDiff
  private readonly waiting: Batch[] = []
  private readonly stored: { readonly atMs: number; readonly count: number }[] = []
  private afterId: string | null
  private working: Promise<void> | null = null
  private reconnecting: ReturnType<typeof setTimeout> | undefined
  private reconnectMs = RECONNECT_MS_MIN
  /** Follows a feed that cannot repeat what is missed: what happens after the loss of the connection is. */
  private isFollowing = false
  /** Something was dropped and the ledger has not been told yet. */
  private owesGap = false
  private isClosed = false
  private connected = false
  private sinceMs: number
  private said = feedWord('connecting')
  /** Events dropped since the start. */
  private dropped = 0
  private lastEventMs: number | null = null
  private lastHeardMs: number | null = null

  constructor(options: SocketIoSourceOptions) {
    this.options = options
    this.mapping = options.mapping ?? GATEWAY_MAPPING
    this.clock = options.clock ?? realClock
    this.afterId = options.afterId ?? null
    this.sinceMs = this.clock.nowMs()
    this.feedSource = `/socket-io/${options.name}`
    this.diff = new SnapshotDiff(this.feedSource)
    this.waitingDiff = new WaitingDiff(this.feedSource)
    this.socket = io(options.url, {
      transports: [...this.mapping.transports],
      path: this.mapping.path,
      auth: this.fill(this.mapping.auth) as Record<string, unknown>,
      // The library gives up on refusals and on a server's goodbye; we do not, so the waiting is ours.
      reconnection: false,
      forceNew: true,
    })
    this.listen()
  }

  state(): FeedState {
    const { connected, sinceMs, said, lastEventMs, lastHeardMs } = this
    return { connected, sinceMs, said, lastEventMs, lastHeardMs, eventsPerSecond: this.eventsPerSecond() }
  }

  async close(): Promise<void> {
    this.isClosed = true
    clearTimeout(this.reconnecting)
    this.socket.disconnect()
    await this.working
    this.change(false, feedWord('closed'))
  }

  private listen(): void {
    const { socket, mapping } = this
    socket.on('connect', () => this.greet())
    socket.on('disconnect', () => this.lose(feedWord('closed-by-peer')))
    // Turned away by the server the socket gives up; it stays active when there was nobody to ask.
    socket.on('connect_error', (error) =>
      this.lose(
        feedWord(socket.active ? 'unreachable' : 'sign-in-refused', {
          cause: causeOf(transportError(error)),
        }),
      ),
    )
    if (mapping.heartbeatEvent !== null) {
      socket.on(mapping.heartbeatEvent, () => {
        this.lastHeardMs = this.clock.nowMs()
        this.tell()
      })
    }
    for (const [eventName, event] of Object.entries(mapping.events)) {
      socket.on(eventName, (...parts: unknown[]) => this.receive(eventName, event, parts))
    }
    // What nobody has mapped is counted by its name, and never passed over in silence.
    const known = new Set([...Object.keys(mapping.events), ...mapping.ignoredEvents, mapping.heartbeatEvent])
    socket.onAny((eventName: string) => {
      this.lastHeardMs = this.clock.nowMs()
      if (!known.has(eventName)) this.options.onUnknownVerb?.(eventName)
    })
  }

  private greet(): void {
    this.reconnectMs = RECONNECT_MS_MIN
    this.lastHeardMs = this.clock.nowMs()
    this.change(true, feedWord('connected'))
    for (const { event, payload } of this.mapping.messages) this.socket.emit(event, this.fill(payload))
    const { resumeEvent } = this.mapping
    if (resumeEvent === null) {
      this.isFollowing = true
      return
    }
    const ask = { afterId: this.afterId }
    this.socket
      .timeout(RESUME_TIMEOUT_MS)
      .emit(resumeEvent, ask, (failure: Error | null, answer: unknown) => {
        if (failure !== null) this.socket.disconnect()
        else if (isRecord(answer) && answer.gap === true) this.change(true, feedWord('missed'))
      })
  }

  private lose(said: FeedWord): void {
    if (this.isClosed) return
    if (this.isFollowing) this.noteGap('connection')
    this.isFollowing = false
    this.change(false, said)
    this.waitingDiff.lost()
    this.diff.lost()
    clearTimeout(this.reconnecting)
    this.reconnecting = setTimeout(() => this.socket.connect(), this.reconnectMs)
    this.reconnectMs = Math.min(this.reconnectMs * 2, RECONNECT_MS_MAX)
  }

  private receive(eventName: string, mapping: EventMapping, parts: readonly unknown[]): void {
    const callback = parts.at(-1)
    const message = parts[0]
    const receivedAtMs = this.clock.nowMs()
    this.lastHeardMs = receivedAtMs
    if (mapping.kind === 'cloudevents') {
      const isAcknowledged = typeof callback === 'function'
      this.enqueue({
        events: Array.isArray(message) ? message : [message],
        acknowledge: (answer) => isAcknowledged && callback(answer),
        resent: isAcknowledged,
      })
      return
    }
    const { events, unusable } =
      mapping.kind === 'waiting'
        ? this.waitingDiff.changes(mapping, message, receivedAtMs)
        : this.diff.changes({ eventName, mapping, message, receivedAtMs })
    for (const reason of unusable) this.reject(eventName, reason, message)
    for (let from = 0; from < events.length; from += EVENTS_PER_BATCH_MAX) {
      const batch = events.slice(from, from + EVENTS_PER_BATCH_MAX)
      this.enqueue({ events: batch, acknowledge: () => undefined, resent: false })
    }
  }

  private reject(place: string, reason: string, message: unknown): void {
    // A message of a socket has been parsed from JSON, or is bytes: neither has circles.
    this.options.onRejected?.({ place, reason, excerpt: JSON.stringify(message) ?? '' })
  }

  private enqueue(batch: Batch): void {
    if (this.waiting.length >= BATCHES_WAITING_MAX) {
      batch.acknowledge({ ok: false, retryAfterMs: RETRY_MS })
      // What the feed sends again is not lost.
      if (batch.resent) return
      this.owesGap = true
      this.dropped += batch.events.length
      this.change(this.connected, feedWord('overload', { count: this.dropped }))
      return
    }
    this.waiting.push(batch)
    this.working ??= this.work()
  }

  /** Drains the waiting batches, one in flight. */
  private async work(): Promise<void> {
    for (let batch = this.waiting.shift(); batch !== undefined; batch = this.waiting.shift()) {
      await this.store(batch)
      if (this.owesGap && this.waiting.length < BATCHES_WAITING_MAX) {
        this.owesGap = false
        this.noteGap('overload')
      }
    }
    this.working = null
  }

  /** A feed that cannot repeat what was missed leaves a hole; the ledger says so. */
  private noteGap(reason: 'connection' | 'overload'): void {
    const receivedAtMs = this.clock.nowMs()
    const gap = {
      specversion: '1.0',
      id: `gap-${reason}-${receivedAtMs}`,
      source: this.feedSource,
      type: 'cc.source.gap.v1',
      time: new Date(receivedAtMs).toISOString(),
      data: reason === 'overload' ? { reason, raw: { dropped: this.dropped } } : { reason },
    }
    this.enqueue({ events: [gap], acknowledge: () => undefined, resent: false })
  }

  private async store(batch: Batch): Promise<void> {
    for (;;) {
      try {
        await this.options.ingest(batch.events)
        this.noteStored(batch.events)
        batch.acknowledge({ ok: true })
        return
      } catch (error) {
        const retryAfterMs = retryMsOf(error)
        this.change(this.connected, feedWord('not-stored', { cause: causeOf(error) }))
        batch.acknowledge({ ok: false, retryAfterMs })
        if (batch.resent || this.isClosed) return
        await new Promise((resolve) => setTimeout(resolve, retryAfterMs))
      }
    }
  }

  private noteStored(events: readonly unknown[]): void {
    const last = events.at(-1)
    if (isRecord(last)) {
      if (typeof last.id === 'string') this.afterId = last.id
      const atMs = typeof last.time === 'string' ? Date.parse(last.time) : Number.NaN
      if (Number.isFinite(atMs)) this.lastEventMs = Math.max(atMs, this.lastEventMs ?? atMs)
    }
    this.stored.push({ atMs: this.clock.nowMs(), count: events.length })
    const isOver = this.said.code === 'not-stored' || this.said.code === 'overload'
    if (isOver && this.connected) this.change(true, feedWord('connected'))
    else this.tell()
  }

  private eventsPerSecond(): number {
    // On a scaled clock the window is as long for the person who looks at it.
    const fromMs = this.clock.nowMs() - RATE_WINDOW_MS * this.clock.speed
    while ((this.stored[0]?.atMs ?? Number.POSITIVE_INFINITY) < fromMs) this.stored.shift()
    return this.stored.reduce((sum, { count }) => sum + count, 0) / (RATE_WINDOW_MS / 1000)
  }

  private change(connected: boolean, said: FeedWord): void {
    if (connected !== this.connected) this.sinceMs = this.clock.nowMs()
    this.connected = connected
    this.said = said
    this.tell()
  }

  private tell(): void {
    this.options.onState?.(this.state())
  }

  /** `{token}` and `{name}` in every text of a message. */
  private fill(value: unknown): unknown {
    if (typeof value === 'string') {
      return value
        .replaceAll('{token}', () => this.options.token)
        .replaceAll('{name}', () => this.options.name)
    }
    if (Array.isArray(value)) return value.map((entry) => this.fill(entry))
    if (!isRecord(value)) return value
    return Object.fromEntries(Object.entries(value).map(([field, entry]) => [field, this.fill(entry)]))
  }
}

/** "websocket error" says little: what the transport met is inside. */
function transportError(error: Error): unknown {
  const described =
    'description' in error && isRecord(error.description) ? error.description.error : undefined
  return described instanceof Error ? described : error
}

function retryMsOf(error: unknown): number {
  const seconds = isRecord(error) ? Number(error.retryAfterSeconds) : Number.NaN
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : RETRY_MS
}
