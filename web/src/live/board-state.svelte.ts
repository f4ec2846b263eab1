/** The board as the page shows it: rows replaced per message, the server's clock ticking, and how fresh it all is. */
import type { Board, CompositionMessage } from '../../../server/wire/board.ts'
import { applyPatch } from './apply-patch.ts'
import { type ConnectionState, LiveConnection, type LiveSocket, type SocketEvents } from './connection.ts'
import { ServerClock } from './server-clock.ts'

/** Waits count up by themselves; four times a second keeps a second from being skipped. */
const TICK_MS = 250
const RELOADED_KEY = 'vigie.reloaded-for'

/** Which board: the site's, a composed one, or the one of this screen's link. */
export type BoardAddress =
  | { readonly kind: 'site'; readonly slices: readonly string[] }
  | { readonly kind: 'board'; readonly boardId: string }
  | { readonly kind: 'screen' }

export class BoardState {
  /** What is shown, where somebody composed it; `body` null: it was deleted. */
  composition = $state.raw<CompositionMessage | null>(null)
  board = $state.raw<Board | null>(null)
  connection = $state.raw<ConnectionState>({ kind: 'connecting' })
  nowMs = $state(0)
  /** Server time of the newest figures on the page. */
  figuresAtMs = $state<number | null>(null)
  roundTripMs = $state<number | null>(null)
  monotonicMs = $state(performance.now())
  clockSpeed = $state(1)
  readonly #clock = new ServerClock(() => performance.now())
  readonly #address: BoardAddress
  readonly #version: string

  constructor(address: BoardAddress = { kind: 'site', slices: [] }, version: string = __APP_VERSION__) {
    this.#address = address
    this.#version = version
  }
  #live: LiveConnection | null = null
  /** With every patch applied; shown with the next frame. */
  #newest: Board | null = null
  #frame: number | null = null
  #timer: ReturnType<typeof setInterval> | undefined

  get stale(): boolean {
    return this.connection.kind === 'stale' || this.connection.kind === 'refused'
  }

  start(): void {
    this.#live = new LiveConnection(
      {
        openSocket: (resumeSeq, events) => openBrowserSocket(this.#address, resumeSeq, events),
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
        onComposition: (message) => {
          this.composition = message
        },
        onSnapshot: (message) => {
          this.#newest = message.board
          this.figuresAtMs = message.nowMs
          this.#show()
          this.#tick()
        },
        onPatch: (message) => {
          if (this.#newest !== null) this.#newest = applyPatch(this.#newest, message)
          this.figuresAtMs = message.nowMs
          this.#showWithFrame()
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
    if (this.#frame !== null) cancelAnimationFrame(this.#frame)
    clearInterval(this.#timer)
    window.removeEventListener('online', this.#wake)
    document.removeEventListener('visibilitychange', this.#wake)
  }

  /** Once a frame, however many patches a busy browser finds waiting. A hidden page has no frames: it is kept up at once. */
  #showWithFrame(): void {
    if (document.visibilityState === 'hidden') this.#show()
    else this.#frame ??= requestAnimationFrame(() => this.#show())
  }

  #show(): void {
    if (this.#frame !== null) cancelAnimationFrame(this.#frame)
    this.#frame = null
    this.board = this.#newest
  }

  readonly #wake = () => {
    // Frames stop when the page is hidden: what waits for one is shown now.
    if (this.#frame !== null) this.#show()
    if (document.visibilityState === 'visible') this.#live?.wake()
  }

  #tick(): void {
    this.monotonicMs = performance.now()
    // A stale board's clock stands still with its figures: a wait that counts on would look alive.
    if (!this.stale) this.nowMs = this.#clock.nowMs()
  }

  /** A board that hangs for months gets the new page by itself, once per version. */
  #noticeVersion(version: string): void {
    if (version === this.#version) return
    try {
      // Every version once: two servers of different versions behind one address must not make it a loop.
      const done = (sessionStorage.getItem(RELOADED_KEY) ?? '').split(' ')
      if (done.includes(version)) return
      sessionStorage.setItem(RELOADED_KEY, [...done, version].join(' '))
    } catch {
      return
    }
    location.reload()
  }
}

function openBrowserSocket(
  address: BoardAddress,
  resumeSeq: number | null,
  events: SocketEvents,
): LiveSocket {
  const url = new URL(address.kind === 'screen' ? '/api/v1/shared-board/live' : '/api/v1/live', location.href)
  if (address.kind === 'board') url.searchParams.set('board', address.boardId)
  if (address.kind === 'site' && address.slices.length > 0)
    url.searchParams.set('slices', address.slices.join(','))
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  if (resumeSeq !== null) url.searchParams.set('resume', String(resumeSeq))
  const socket = new WebSocket(url)
  socket.onmessage = (event) => events.onText(String(event.data))
  socket.onclose = (event) => events.onClose(event.code)
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text)
    },
    // A socket that is closed while it opens is a warning on the console; it is let open, and closed then.
    close: () => {
      if (socket.readyState === WebSocket.CONNECTING) socket.onopen = () => socket.close()
      else socket.close()
    },
  }
}
