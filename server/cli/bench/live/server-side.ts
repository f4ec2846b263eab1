/**
 * The half of the live bench that is measured: the product's server, and the hub beside a bare broadcast. In the full run
 * it has a process of its own, so that its event loop and memory are only its own.
 */
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import { type WebSocket, WebSocketServer } from 'ws'
import type { DataLocation } from '../../../data-services.ts'
import { realClock, scaledClock } from '../../../domain/clock.ts'
import { type RunningServer, startServer } from '../../../main.ts'
import { LiveHub } from '../../../push/live-hub.ts'
import type { LiveSocket, LiveViewer } from '../../../push/live-viewer.ts'
import { sampleBoard } from './sample-board.ts'

export interface StartOptions {
  readonly location: DataLocation
  /** What the server's clock says at its start; it runs at speed 1. */
  readonly clockStartMs: number
}

export interface StartedServer {
  readonly url: string
  readonly ingestToken: string
  readonly readToken: string
  readonly milliseconds: number
}

export interface Usage {
  readonly loopDelayMsP999: number
  readonly loopDelayMsMax: number
  readonly cpuSeconds: number
  readonly residentMegabytes: number
}

export interface Broadcast {
  /** On the clock that both processes share. */
  readonly startedAtMs: number
  readonly bytes: number
}

/** Every method takes one plain value and answers with one: they also travel between processes. */
export interface ServerSide {
  start(options: StartOptions): Promise<StartedServer>
  stop(): Promise<void>
  resetUsage(): Promise<void>
  usage(): Promise<Usage>
  openHub(): Promise<{ readonly url: string }>
  broadcast(way: 'hub' | 'bare'): Promise<Broadcast>
  closeHub(): Promise<void>
}

/** The instant on a clock that all processes of the machine share, finer than a millisecond. */
export function sharedNowMs(): number {
  return performance.timeOrigin + performance.now()
}

/** Finest step of the loop's own timer: a block of 50 ms is seen as 50, not as a share of a coarse step. */
const LOOP_RESOLUTION_MS = 1

export function createServerSide(): ServerSide {
  let server: RunningServer | undefined
  let hub: BroadcastBench | undefined
  let delay: IntervalHistogram | undefined
  let cpuBefore = process.cpuUsage()
  return {
    async start({ location, clockStartMs }) {
      const startedAt = performance.now()
      server = await startServer({
        host: '127.0.0.1',
        port: 0,
        location,
        clock: scaledClock(clockStartMs, 1),
        trustProxy: false,
        migrate: true,
        version: 'bench',
        sourceSecret: () => undefined,
        log: (line) => process.stderr.write(`${line}\n`),
      })
      const milliseconds = performance.now() - startedAt
      const { people } = server.data
      const ingest = await people.createToken({ name: 'bench', role: 'ingest' })
      const read = await people.createToken({ name: 'bench', role: 'read' })
      return { url: server.url, ingestToken: ingest.secret, readToken: read.secret, milliseconds }
    },
    async stop() {
      await server?.stop()
      server = undefined
    },
    async resetUsage() {
      delay?.disable()
      delay = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS })
      delay.enable()
      cpuBefore = process.cpuUsage()
    },
    async usage() {
      const { user, system } = process.cpuUsage(cpuBefore)
      globalThis.gc?.()
      return {
        loopDelayMsP999: (delay?.percentile(99.9) ?? 0) / 1e6,
        loopDelayMsMax: (delay?.max ?? 0) / 1e6,
        cpuSeconds: (user + system) / 1e6,
        residentMegabytes: process.memoryUsage().rss / 1e6,
      }
    },
    async openHub() {
      hub = await openBroadcastBench()
      return { url: hub.url }
    },
    async broadcast(way) {
      if (hub === undefined) throw new Error('the hub is not open')
      return hub.broadcast(way)
    },
    async closeHub() {
      await hub?.close()
      hub = undefined
    },
  }
}

const BENCH_VIEWER: LiveViewer = {
  clientId: null,
  watched: { kind: 'everything', slices: [] },
  agentNames: 'never',
  linkId: null,
  credentialKey: 'bench',
  userId: null,
  resumeSeq: null,
}

interface BroadcastBench {
  readonly url: string
  broadcast(way: 'hub' | 'bare'): Broadcast
  close(): Promise<void>
}

/** One websocket server; its sockets are sent to by the product's hub, or by a loop over `ws.send` with the same bytes. */
async function openBroadcastBench(): Promise<BroadcastBench> {
  const sockets = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
  await new Promise<void>((resolve) => sockets.once('listening', () => resolve()))
  let revision = 0
  let changed: () => void = () => undefined
  const hub = new LiveHub({
    source: {
      board: () => sampleBoard(revision),
      onChange(listener) {
        changed = listener
        return () => undefined
      },
    },
    boards: { find: () => undefined },
    version: 'bench',
    clock: realClock,
    random: Math.random,
    timers: {
      nowMs: () => Date.now(),
      after(delayMs, run) {
        const timer = setTimeout(run, delayMs)
        return () => clearTimeout(timer)
      },
    },
    // No heartbeat between two updates: only the updates are measured.
    limits: { heartbeatMs: 3_600_000 },
  })
  const viewer = BENCH_VIEWER
  const recorder = createRecorder()
  hub.attach(recorder.socket, viewer)
  sockets.on('connection', (socket: WebSocket) => hub.attach(socket, viewer))
  const address = sockets.address()
  const port = address !== null && typeof address === 'object' ? address.port : 0
  return {
    url: `ws://127.0.0.1:${port}`,
    broadcast(way) {
      const startedAtMs = sharedNowMs()
      if (way === 'hub') {
        revision += 1
        changed()
      } else {
        const bytes = recorder.last()
        for (const socket of sockets.clients) socket.send(bytes, { binary: false })
      }
      return { startedAtMs, bytes: recorder.last().length }
    },
    async close() {
      hub.close()
      for (const socket of sockets.clients) socket.terminate()
      await new Promise<void>((resolve) => sockets.close(() => resolve()))
    },
  }
}

/** A viewer that keeps what it was sent: the bytes that the bare broadcast repeats. */
function createRecorder(): { readonly socket: LiveSocket; last(): Buffer } {
  let last = Buffer.alloc(0)
  return {
    socket: {
      bufferedAmount: 0,
      send(data) {
        last = Buffer.from(data)
      },
      close: () => undefined,
      terminate: () => undefined,
      ping: () => undefined,
      on: () => undefined,
    },
    last: () => last,
  }
}
