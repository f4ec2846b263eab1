/**
 * The simulated telephone system's live feed: a Socket.IO server that tells the day's events when the clock passes them.
 *
 * 1. A client connects with `auth: {token, name}`; a wrong token is refused as `unauthorized`.
 * 2. It emits `resume {afterId}` with a callback, answered `{ok, gap, behind}`. Nothing is sent before. `afterId` is the
 *    last event it has stored; null asks for what this name has not acknowledged, or for all that is remembered.
 * 3. The gateway emits `event` with a list of CloudEvents and a callback; the client calls it with `{ok: true}` once they
 *    are durable, or with `{ok: false, retryAfterMs}`. One list is in flight; without an answer it is sent again.
 * 4. A client further behind than the memory is told by a `cc.source.gap.v1` and a `cc.source.snapshot.v1`.
 * 5. `heartbeat {time}` comes at every few seconds, also when nobody calls.
 */
import { timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server, type Socket } from 'socket.io'
import type { Clock } from '../domain/clock.ts'
import { addDays, dayBounds, type SiteDay, siteDayOf } from '../domain/site-calendar.ts'
import type { SimulatedDay } from './contact-centre.ts'
import { toCloudEvent } from './recorder.ts'
import { ReplayLog } from './replay-log.ts'

const TICK_MS = 100
/** Some hundred kilobytes a message: large enough for a night's worth of catching up in seconds. */
const EVENTS_PER_BATCH_MAX = 500
/** About three weekdays of the demo. */
const REPLAY_EVENTS_MAX = 100_000
const ACK_TIMEOUT_MS = 30_000
const RETRY_MS = 1_000
const HEARTBEAT_MS = 5_000
const CLIENT_NAMES_MAX = 100

export interface GatewayOptions {
  readonly centre: { readonly zone: string; simulateDay(day: SiteDay): SimulatedDay }
  readonly clock: Clock
  readonly token: string
  readonly host?: string
  /** 0 takes a free port. */
  readonly port?: number
  /** The first instant whose events are told; default: the clock's now. What came before is history. */
  readonly fromMs?: number
  readonly replayEventsMax?: number
  readonly tickMs?: number
}

export interface Gateway {
  readonly url: string
  /** Looks at the clock at once instead of at the next tick. */
  tick(): void
  /** Cuts every connection, as a failing network would; clients may come back. */
  dropConnections(): void
  close(): Promise<void>
}

export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const http = createServer()
  const io = new Server(http, { serveClient: false, transports: ['websocket', 'polling'] })
  const log = new ReplayLog(options.replayEventsMax ?? REPLAY_EVENTS_MAX)
  const feed = new DayFeed(options, log)
  const sessions = new Set<Session>()
  const acknowledged = new Map<string, number>()

  io.use((socket, next) => {
    next(sameText(authText(socket, 'token'), options.token) ? undefined : new Error('unauthorized'))
  })
  io.on('connection', (socket) => {
    const session = new Session({ socket, log, acknowledged })
    sessions.add(session)
    socket.on('disconnect', () => sessions.delete(session))
  })

  const tick = () => {
    feed.advance()
    for (const session of sessions) session.pump()
  }
  // Whoever connects first finds the past in the memory, whatever the timers do.
  tick()
  await listen(http, options)
  const ticking = setInterval(tick, options.tickMs ?? TICK_MS)
  const beating = setInterval(() => {
    io.emit('heartbeat', { time: new Date(options.clock.nowMs()).toISOString() })
  }, HEARTBEAT_MS)
  const { address, port } = http.address() as AddressInfo
  return {
    url: `http://${address.includes(':') ? `[${address}]` : address}:${port}`,
    tick,
    // The transport is cut without a farewell, so that clients take it for a failure and reconnect.
    dropConnections: () => {
      for (const session of sessions) session.cut()
    },
    close: async () => {
      clearInterval(ticking)
      clearInterval(beating)
      await io.close()
    },
  }
}

function listen(http: ReturnType<typeof createServer>, options: GatewayOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', reject)
    http.listen(options.port ?? 0, options.host ?? '127.0.0.1', () => {
      http.off('error', reject)
      resolve()
    })
  })
}

/** Moves the events of one day after the other into the log as the clock passes them. */
class DayFeed {
  private readonly options: GatewayOptions
  private readonly log: ReplayLog
  private readonly fromMs: number
  private today: SimulatedDay
  private nextIndex = 0

  constructor(options: GatewayOptions, log: ReplayLog) {
    this.options = options
    this.log = log
    this.fromMs = options.fromMs ?? options.clock.nowMs()
    this.today = options.centre.simulateDay(siteDayOf(options.centre.zone, this.fromMs))
  }

  advance(): void {
    const nowMs = this.options.clock.nowMs()
    for (;;) {
      this.tellUntil(nowMs)
      if (nowMs < dayBounds(this.options.centre.zone, this.today.day).endMs) return
      this.today = this.options.centre.simulateDay(addDays(this.today.day, 1))
      this.nextIndex = 0
    }
  }

  private tellUntil(nowMs: number): void {
    const { events } = this.today
    for (
      let event = events[this.nextIndex];
      event !== undefined && event.occurredAtMs <= nowMs;
      event = events[++this.nextIndex]
    ) {
      if (event.occurredAtMs >= this.fromMs) this.log.push(event)
    }
  }
}

interface SessionInput {
  readonly socket: Socket
  readonly log: ReplayLog
  /** Place that each client name has acknowledged, over its connections. */
  readonly acknowledged: Map<string, number>
}

/** One connected client. */
class Session {
  private readonly input: SessionInput
  private readonly name: string
  /** Next place to send; null before `resume`. */
  private place: number | null = null
  private inFlight = false
  /** Tells answers to an earlier `resume` of this connection apart. */
  private epoch = 0

  constructor(input: SessionInput) {
    this.input = input
    this.name = authText(input.socket, 'name').slice(0, 100)
    input.socket.on('resume', (request: unknown, reply: unknown) => this.resume(request, reply))
  }

  cut(): void {
    this.input.socket.conn.close()
  }

  pump(): void {
    const { log, socket } = this.input
    if (this.place === null || this.inFlight || !socket.connected || this.place >= log.end) return
    const gap = this.place < log.start ? log.gapEvents() : []
    const from = Math.max(this.place, log.start)
    const events = log.slice(from, EVENTS_PER_BATCH_MAX)
    const batch = [...gap, ...events].map((event) => toCloudEvent(event))
    this.inFlight = true
    const epoch = this.epoch
    socket.timeout(ACK_TIMEOUT_MS).emit('event', batch, (failure: Error | null, answer: unknown) => {
      if (epoch === this.epoch) this.answered(failure === null ? answer : null, from + events.length)
    })
  }

  private answered(answer: unknown, nextPlace: number): void {
    if (isRecord(answer) && answer.ok === true) {
      this.inFlight = false
      this.place = nextPlace
      this.remember(nextPlace)
      this.pump()
      return
    }
    const asked = isRecord(answer) ? Number(answer.retryAfterMs) : Number.NaN
    const epoch = this.epoch
    setTimeout(
      () => {
        if (epoch !== this.epoch) return
        this.inFlight = false
        this.pump()
      },
      Number.isFinite(asked) ? Math.min(Math.max(asked, 0), ACK_TIMEOUT_MS) : RETRY_MS,
    ).unref()
  }

  private remember(place: number): void {
    const { acknowledged } = this.input
    acknowledged.delete(this.name)
    acknowledged.set(this.name, place)
    const [oldest] = acknowledged.keys()
    if (acknowledged.size > CLIENT_NAMES_MAX && oldest !== undefined) acknowledged.delete(oldest)
  }

  private resume(request: unknown, reply: unknown): void {
    const { log, acknowledged } = this.input
    const afterId = isRecord(request) && typeof request.afterId === 'string' ? request.afterId : null
    const found = afterId === null ? null : log.placeAfter(afterId)
    this.epoch++
    this.inFlight = false
    // An event that is not remembered was forgotten, if anything was: whoever stored it last has missed some.
    const fallback = afterId === null ? log.start : 0
    this.place = found ?? acknowledged.get(this.name) ?? fallback
    if (typeof reply === 'function') {
      const behind = log.end - Math.max(this.place, log.start)
      reply({ ok: true, gap: this.place < log.start, behind })
    }
    this.pump()
  }
}

function authText(socket: Socket, field: string): string {
  const auth: unknown = socket.handshake.auth
  const value = isRecord(auth) ? auth[field] : undefined
  return typeof value === 'string' ? value : ''
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
