/**
 * The live connection of a board: opens the socket, checks the sequence, notices silence, reconnects and resumes.
 * Knows no framework, clock or WebSocket: all are passed in. What the numbers and messages mean is in wire/PROTOCOL.md.
 *
 * connecting → live ⇄ stale (gap, silence) → waiting for the next try → connecting …, or refused, which ends it.
 */
import type {
  ClientMessage,
  CompositionMessage,
  HelloMessage,
  PatchMessage,
  ServerMessage,
  SnapshotMessage,
} from '../../../server/wire/board.ts'
import { LIVE_CLOSE_CODES } from '../../../server/wire/close-codes.ts'

export type StaleReason = 'closed' | 'silence' | 'gap'
export type ConnectionState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  | { readonly kind: 'stale'; readonly reason: StaleReason; readonly sinceMs: number }
  | { readonly kind: 'refused'; readonly code: number }

export interface LiveSocket {
  send(text: string): void
  close(): void
}
export interface SocketEvents {
  onText(text: string): void
  onClose(code: number): void
}

export interface ConnectionPorts {
  /** With the last sequence seen, from which the server is to go on; null at first. */
  readonly openSocket: (resumeSeq: number | null, events: SocketEvents) => LiveSocket
  readonly monotonicMs: () => number
  /** Calls back once after the delay; the answer cancels it. */
  readonly after: (delayMs: number, run: () => void) => () => void
  /** 0…1, for spreading the reconnects of many walls. */
  readonly random: () => number
}

export interface ConnectionListener {
  onState(state: ConnectionState): void
  onHello(message: HelloMessage): void
  onComposition(message: CompositionMessage): void
  onSnapshot(message: SnapshotMessage): void
  onPatch(message: PatchMessage): void
  onServerNow(nowMs: number): void
  onRoundTrip(roundTripMs: number): void
}

/** Until hello says otherwise. A board must call itself stale within 3 s. */
const STALE_AFTER_MS_DEFAULT = 2_500
const STALE_AFTER_MS_MAX = 3_000
const CHECK_EVERY_MS = 250
const PING_EVERY_MS = 5_000
/** Silence or an unanswered resume of this length: the socket is given up and opened again. */
const GIVE_UP_AFTER_MS = 6_000
const RETRY_FIRST_MS = 400
const RETRY_MAX_MS = 10_000
const RETRY_FACTOR = 1.7

export class LiveConnection {
  readonly #ports: ConnectionPorts
  readonly #listener: ConnectionListener
  #state: ConnectionState = { kind: 'connecting' }
  #socket: LiveSocket | null = null
  /** Counts sockets, so that events of one that was given up are ignored. */
  #generation = 0
  #seq: number | null = null
  #lastMessageMs = 0
  #lastPingMs = 0
  #gapSinceMs: number | null = null
  #staleAfterMs = STALE_AFTER_MS_DEFAULT
  #retries = 0
  #cancelRetry: (() => void) | null = null
  #cancelCheck: (() => void) | null = null

  constructor(ports: ConnectionPorts, listener: ConnectionListener) {
    this.#ports = ports
    this.#listener = listener
  }

  get state(): ConnectionState {
    return this.#state
  }

  start(): void {
    this.#open()
    this.#scheduleCheck()
  }

  stop(): void {
    this.#generation += 1
    this.#cancelRetry?.()
    this.#cancelCheck?.()
    this.#socket?.close()
    this.#socket = null
  }

  /** The machine woke up or the network is back: look now instead of at the next tick. */
  wake(): void {
    if (this.#state.kind === 'refused') return
    if (this.#cancelRetry !== null) {
      this.#cancelRetry()
      this.#cancelRetry = null
      this.#open()
    } else this.#check()
  }

  #open(): void {
    this.#generation += 1
    const generation = this.#generation
    this.#lastMessageMs = this.#ports.monotonicMs()
    this.#gapSinceMs = null
    this.#socket = this.#ports.openSocket(this.#seq, {
      onText: (text) => generation === this.#generation && this.#receive(text),
      onClose: (code) => generation === this.#generation && this.#closed(code),
    })
  }

  #send(message: ClientMessage): void {
    this.#socket?.send(JSON.stringify(message))
  }

  #receive(text: string): void {
    const message = parseMessage(text)
    if (message === null) return
    this.#lastMessageMs = this.#ports.monotonicMs()
    this.#listener.onServerNow(message.nowMs)
    switch (message.type) {
      case 'hello':
        this.#staleAfterMs = Math.min(message.staleAfterMs, STALE_AFTER_MS_MAX)
        this.#listener.onHello(message)
        this.#ping()
        return
      case 'composition':
        this.#listener.onComposition(message)
        return
      case 'snapshot':
        this.#seq = message.seq
        this.#listener.onSnapshot(message)
        this.#current()
        return
      case 'patch':
        this.#patch(message)
        return
      case 'heartbeat':
        if (this.#seq === null) return
        if (message.seq > this.#seq) this.#gap()
        else if (message.seq === this.#seq) this.#current()
        return
      case 'pong':
        this.#listener.onRoundTrip(this.#lastMessageMs - message.sentAt)
    }
  }

  #patch(message: PatchMessage): void {
    if (this.#seq !== null && message.seq <= this.#seq) return
    if (message.seq !== (this.#seq ?? -1) + 1) {
      this.#gap()
      return
    }
    this.#seq = message.seq
    this.#listener.onPatch(message)
    this.#current()
  }

  /** Everything up to the newest message is on the board. */
  #current(): void {
    this.#gapSinceMs = null
    this.#retries = 0
    if (this.#state.kind !== 'live') this.#enter({ kind: 'live' })
  }

  #gap(): void {
    if (this.#gapSinceMs !== null) return
    this.#gapSinceMs = this.#ports.monotonicMs()
    this.#stale('gap')
    this.#send({ type: 'resume', seq: this.#seq ?? 0 })
  }

  #stale(reason: StaleReason, sinceMs = this.#ports.monotonicMs()): void {
    // The first reason stays: "lost 40 s ago" must not start again at every failed attempt.
    if (this.#state.kind === 'stale') return
    this.#enter({ kind: 'stale', reason, sinceMs })
  }

  #closed(code: number): void {
    this.#socket = null
    if (code === LIVE_CLOSE_CODES.rightsEnded.code || code === LIVE_CLOSE_CODES.linkRevoked.code) {
      this.stop()
      this.#enter({ kind: 'refused', code })
      return
    }
    this.#stale('closed')
    const ceiling = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * RETRY_FACTOR ** this.#retries)
    this.#retries += 1
    const delayMs = ceiling * (0.5 + 0.5 * this.#ports.random())
    this.#cancelRetry = this.#ports.after(delayMs, () => {
      this.#cancelRetry = null
      this.#open()
    })
  }

  #scheduleCheck(): void {
    this.#cancelCheck = this.#ports.after(CHECK_EVERY_MS, () => {
      this.#check()
      if (this.#state.kind !== 'refused') this.#scheduleCheck()
    })
  }

  #check(): void {
    if (this.#socket === null) return
    const nowMs = this.#ports.monotonicMs()
    const silentMs = nowMs - this.#lastMessageMs
    if (silentMs > this.#staleAfterMs) this.#stale('silence', this.#lastMessageMs)
    const gapMs = this.#gapSinceMs === null ? 0 : nowMs - this.#gapSinceMs
    if (silentMs > GIVE_UP_AFTER_MS || gapMs > GIVE_UP_AFTER_MS) {
      const dead = this.#socket
      this.#generation += 1
      dead.close()
      this.#closed(0)
      return
    }
    if (this.#state.kind !== 'connecting' && nowMs - this.#lastPingMs >= PING_EVERY_MS) this.#ping()
  }

  #ping(): void {
    this.#lastPingMs = this.#ports.monotonicMs()
    this.#send({ type: 'ping', sentAt: this.#lastPingMs })
  }

  #enter(state: ConnectionState): void {
    this.#state = state
    this.#listener.onState(state)
  }
}

const MESSAGE_TYPES: ReadonlySet<string> = new Set([
  'hello',
  'composition',
  'snapshot',
  'patch',
  'heartbeat',
  'pong',
])

/** Null for what is no message of ours: it is dropped, and if it stood for something the sequence will show the gap. */
function parseMessage(text: string): ServerMessage | null {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || !('type' in value)) return null
    return MESSAGE_TYPES.has(String(value.type)) ? (value as ServerMessage) : null
  } catch {
    return null
  }
}
