/** The board as the page shows it: rows replaced per message, the server's clock ticking, and how fresh it all is. */
import type { Board } from '../../../server/wire/board.ts'
import { applyPatch } from './apply-patch.ts'
import { type ConnectionState, LiveConnection, type LiveSocket, type SocketEvents } from './connection.ts'
import { ServerClock } from './server-clock.ts'

/** Waits count up by themselves; four times a second keeps a second from being skipped. */
const TICK_MS = 250
const RELOADED_KEY = 'vigie.reloaded-for'

export class BoardState {
  board = $state.raw<Board | null>(null)
  connection = $state.raw<ConnectionState>({ kind: 'connecting' })
  nowMs = $state(0)
  /** Server time of the newest figures on the page. */
  figuresAtMs = $state<number | null>(null)
  roundTripMs = $state<number | null>(null)
  monotonicMs = $state(performance.now())
  clockSpeed = $state(1)
  readonly #clock = new ServerClock(() => performance.now())
  #version: string | null = null
  #live: LiveConnection | null = null
  #timer: ReturnType<typeof setInterval> | undefined

  get stale(): boolean {
    return this.connection.kind === 'stale' || this.connection.kind === 'refused'
  }

  start(): void {
    this.#live = new LiveConnection(
      {
        openSocket: openBrowserSocket,
        monotonicMs: () => performance.now(),
        after: (delayMs, run) => {
          const timer = setTimeout(run, delayMs)
          return () => clearTimeout(timer)
        },
        random: Math.random,
      },
      {
        onState: (state) => {
          this.connection = state
        },
        onHello: (hello) => {
          this.#clock.set(hello.nowMs, hello.clockSpeed)
          this.clockSpeed = hello.clockSpeed
          this.#noticeVersion(hello.version)
        },
        onSnapshot: (message) => {
          this.board = message.board
          this.figuresAtMs = message.nowMs
          this.#tick()
        },
        onPatch: (message) => {
          if (this.board !== null) this.board = applyPatch(this.board, message)
          this.figuresAtMs = message.nowMs
        },
        onServerNow: (nowMs) => {
          this.#clock.set(nowMs)
          if (this.connection.kind === 'live') this.figuresAtMs = nowMs
        },
        onRoundTrip: (roundTripMs) => {
          this.roundTripMs = roundTripMs
        },
      },
    )
    this.#live.start()
    this.#timer = setInterval(() => this.#tick(), TICK_MS)
    window.addEventListener('online', this.#wake)
    document.addEventListener('visibilitychange', this.#wake)
  }

  stop(): void {
    this.#live?.stop()
    clearInterval(this.#timer)
    window.removeEventListener('online', this.#wake)
    document.removeEventListener('visibilitychange', this.#wake)
  }

  readonly #wake = () => {
    if (document.visibilityState === 'visible') this.#live?.wake()
  }

  #tick(): void {
    this.monotonicMs = performance.now()
    // A stale board's clock stands still with its figures: a wait that counts on would look alive.
    if (!this.stale) this.nowMs = this.#clock.nowMs()
  }

  /** A board that hangs for months gets the new page by itself, once per version. */
  #noticeVersion(version: string): void {
    if (this.#version === null) this.#version = version
    if (this.#version === version) return
    try {
      if (sessionStorage.getItem(RELOADED_KEY) === version) return
      sessionStorage.setItem(RELOADED_KEY, version)
    } catch {
      return
    }
    location.reload()
  }
}

function openBrowserSocket(resumeSeq: number | null, events: SocketEvents): LiveSocket {
  const url = new URL('/api/v1/live', location.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  if (resumeSeq !== null) url.searchParams.set('resume', String(resumeSeq))
  const socket = new WebSocket(url)
  socket.onmessage = (event) => events.onText(String(event.data))
  socket.onclose = (event) => events.onClose(event.code)
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text)
    },
    close: () => socket.close(),
  }
}
