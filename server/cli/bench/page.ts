/**
 * `npm run bench -- page`: the built board in a real browser, fed by a socket here: 200 tiles, ten updates a second. What the
 * browser's main thread spends on an update, its longest frame, and whether memory stays flat over an hour's updates.
 * Needs the browser of the tests (VIGIE_CHROMIUM, or the one that npm brings); it is no part of the product.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type WebSocket, WebSocketServer } from 'ws'
import type { BoardComposition, BoardTile, FigureMeasure } from '../../wire/board-composition.ts'
import { programVersion } from '../version.ts'
import { sampleBoard } from './live/sample-board.ts'
import { machineFacts } from './machine.ts'
import { type FrameCost, readTrace, TRACE_CATEGORIES, type TraceEvent, UPDATE_MARK } from './page-trace.ts'

const TILES = 200
const UPDATES_PER_SECOND = 10
const FRAME_SECONDS = 15
const WARM_UP_UPDATES = 20
/** An hour at ten a second, sent as fast as the page draws them. */
const MEMORY_UPDATES = 36_000
const WEB_DIR = fileURLToPath(new URL('../../../dist/web', import.meta.url))
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}
const MEASURES: readonly FigureMeasure[] = ['level-half-hour', 'arrivals', 'asa', 'waiting', 'staffed']

export async function run(options: { readonly json?: string; readonly events?: number }): Promise<void> {
  const result = await measurePage(options.events ?? MEMORY_UPDATES)
  process.stdout.write(
    [
      `page: ${TILES} tiles, ${UPDATES_PER_SECOND} updates a second, each changes a row that every tile reads`,
      `  message to frame   ${words(result.updateProcessorMs)} of the main thread's processor time (at 60 Hz a frame has 16.7)`,
      `    of that          script ${result.scriptMs.toFixed(1)}, style and layout ${result.styleAndLayoutMs.toFixed(1)}, paint records ${result.paintMs.toFixed(1)} on average`,
      `    by the clock     ${words(result.updateMs)}: with what else ran on the machine`,
      `  every frame        ${words(result.frameProcessorMs)}; ${result.frames} frames for ${result.updates} updates`,
      `  bitmaps            ${result.rasterMsPerUpdate.toFixed(1)} ms an update, on other threads: this browser paints without a graphics card`,
      `  memory             ${result.heapMegabytesBefore.toFixed(1)} MB before, ${result.heapMegabytesAfter.toFixed(1)} MB after ${result.memoryUpdates} updates`,
      `  ${JSON.stringify(machineFacts())}`,
      '',
    ].join('\n'),
  )
  if (options.json !== undefined) await writeFile(options.json, JSON.stringify(result, null, 2))
}

function words({ p50, p99, max }: Spread): string {
  return `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, longest ${max.toFixed(1)} ms`
}

export async function measurePage(memoryUpdates: number, frameSeconds = FRAME_SECONDS) {
  const { chromium } = await import('playwright-core')
  const feed = await startFeed()
  const browser = await chromium.launch({
    executablePath: await executablePath(),
    args: ['--no-sandbox', '--disable-gpu'],
  })
  try {
    const page = await browser.newPage({ viewport: { width: 1920, height: 1080 }, locale: 'en-GB' })
    await page.addInitScript(UPDATE_METER)
    await page.goto(`${feed.url}/#/screen`)
    await page.waitForFunction(`document.querySelectorAll('[data-tile]').length === ${TILES}`)
    const session = await page.context().newCDPSession(page)
    const heapMegabytes = async () => {
      await session.send('HeapProfiler.collectGarbage')
      const { usedSize } = await session.send('Runtime.getHeapUsage')
      return usedSize / 1e6
    }
    const updates = frameSeconds * UPDATES_PER_SECOND
    // The first updates compile the page's code.
    for (let update = 0; update < WARM_UP_UPDATES; update += 1) {
      feed.update()
      await sleep(1000 / UPDATES_PER_SECOND)
    }
    await browser.startTracing(page, { categories: TRACE_CATEGORIES })
    for (let update = 0; update < updates; update += 1) {
      feed.update()
      await sleep(1000 / UPDATES_PER_SECOND)
    }
    const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as {
      traceEvents: TraceEvent[]
    }
    const heapMegabytesBefore = await heapMegabytes()
    for (let update = 0; update < memoryUpdates; update += 1) {
      feed.update()
      // As fast as the page draws: each batch waits until the page has shown it.
      if (update % 10 === 9) await page.evaluate('new Promise((done) => requestAnimationFrame(() => done()))')
    }
    const { updates: costs, frameMs, frameProcessorMs, rasterMs } = readTrace(traceEvents)
    const partMs = (part: keyof FrameCost['parts']) => mean(costs.map(({ parts }) => parts[part]))
    return {
      tiles: TILES,
      updates: costs.length,
      updateMs: spread(costs.map(({ milliseconds }) => milliseconds)),
      updateProcessorMs: spread(costs.map(({ processorMs }) => processorMs)),
      scriptMs: partMs('script'),
      styleAndLayoutMs: partMs('styleAndLayout'),
      paintMs: partMs('paint'),
      frames: frameMs.length,
      frameMs: spread(frameMs),
      frameProcessorMs: spread(frameProcessorMs),
      rasterMsPerUpdate: rasterMs / Math.max(1, costs.length),
      heapMegabytesBefore,
      heapMegabytesAfter: await heapMegabytes(),
      memoryUpdates,
      machine: machineFacts(),
    }
  } finally {
    await browser.close()
    await feed.stop()
  }
}

interface Spread {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

function spread(values: readonly number[]): Spread {
  const sorted = Float64Array.from(values).sort()
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
  return { p50: at(0.5), p99: at(0.99), max: at(1) }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}

/** Marks the trace where the page is handed an update. */
const UPDATE_METER = `
  const descriptor = Object.getOwnPropertyDescriptor(WebSocket.prototype, 'onmessage')
  Object.defineProperty(WebSocket.prototype, 'onmessage', {
    ...descriptor,
    set(handler) {
      descriptor.set.call(this, (event) => {
        performance.mark('${UPDATE_MARK}')
        performance.clearMarks()
        handler(event)
      })
    },
  })
`

async function executablePath(): Promise<string> {
  if (process.env.VIGIE_CHROMIUM !== undefined) return process.env.VIGIE_CHROMIUM
  // The package unpacks its own copies of the system libraries only when it believes to be in this runtime.
  process.env.AWS_EXECUTION_ENV ??= 'AWS_Lambda_nodejs22.x'
  process.env.AWS_LAMBDA_JS_RUNTIME ??= 'nodejs22.x'
  const { default: packaged } = await import('@sparticuz/chromium')
  return packaged.executablePath()
}

/** The built page, and one socket that says what the product's would. */
async function startFeed() {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://feed')
    if (pathname === '/api/v1/shared-board') {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"label":"bench"}')
      return
    }
    const file = pathname === '/' ? 'index.html' : normalize(pathname)
    readFile(join(WEB_DIR, file)).then(
      (content) =>
        response
          .writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' })
          .end(content),
      () => response.writeHead(404).end(),
    )
  })
  const sockets = new WebSocketServer({ server, path: '/api/v1/shared-board/live' })
  let revision = 0
  const say = (socket: WebSocket, message: object) =>
    socket.send(JSON.stringify({ nowMs: Date.now(), ...message }))
  sockets.on('connection', (socket) => {
    const hello = {
      protocol: 1,
      version: programVersion(),
      heartbeatMs: 1000,
      staleAfterMs: 60_000,
      clockSpeed: 1,
    }
    say(socket, { type: 'hello', ...hello })
    say(socket, { type: 'composition', boardId: 'bench', version: 1, body: benchBoard() })
    say(socket, { type: 'snapshot', seq: revision, board: sampleBoard(revision) })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    update() {
      revision += 1
      const { queues } = sampleBoard(revision)
      for (const socket of sockets.clients) say(socket, { type: 'patch', seq: revision, queues })
    },
    async stop() {
      for (const socket of sockets.clients) socket.terminate()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function benchBoard(): BoardComposition {
  const tiles = Array.from(
    { length: TILES },
    (_, index): BoardTile => ({
      id: `t${index}`,
      kind: 'figure',
      measure: MEASURES[index % MEASURES.length] ?? 'waiting',
      title: '',
      scope: { kind: 'all' },
      thresholds: null,
      columns: 1,
      rows: 1,
    }),
  )
  return {
    name: 'Bench',
    theme: 'dark',
    locale: 'en',
    size: 'room',
    rotationSeconds: 0,
    namesOnLinks: false,
    pages: [{ id: 'p', title: '', tiles }],
  }
}
