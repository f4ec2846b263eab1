/**
 * `npm run bench -- viewers`: the hub's viewers: what one that never reads costs the others, and what idle ones cost in memory.
 * The server side has a process of its own.
 */
import { writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { type ServerSide, sharedNowMs } from './live/server-side.ts'
import { startServerProcess } from './live/side-process.ts'
import { Viewers } from './live/viewers.ts'
import { machineFacts } from './machine.ts'

const VIEWERS = 1_000
const IDLE_VIEWERS = 10_000
const ROUNDS = 60
const WARM_UP_ROUNDS = 5
const PAUSE_MS = 120

export async function run(options: { readonly json?: string; readonly viewers?: number }): Promise<void> {
  const process_ = startServerProcess()
  try {
    const slow = await measureSlow(process_.side, options.viewers ?? VIEWERS)
    const idle = await measureIdle(process_.side, (options.viewers ?? VIEWERS) * (IDLE_VIEWERS / VIEWERS))
    process.stdout.write(
      [
        `viewers: one that never reads among ${slow.viewers}, ${ROUNDS} updates each way, taking turns`,
        `  p99 without it  ${slow.p99MsAlone.toFixed(1)} ms`,
        `  p99 with it     ${slow.p99MsWithSlow.toFixed(1)} ms (${(100 * (slow.p99MsWithSlow / slow.p99MsAlone - 1)).toFixed(1)} %)`,
        `  ${idle.viewers} idle viewers add ${idle.addedMegabytes.toFixed(0)} MB to the server (${idle.kilobytesEach.toFixed(1)} kB each)`,
        `  ${JSON.stringify(machineFacts())}`,
        '',
      ].join('\n'),
    )
    if (options.json !== undefined) await writeFile(options.json, JSON.stringify({ slow, idle }, null, 2))
  } finally {
    await process_.end()
  }
}

export async function measureSlow(side: ServerSide, count: number, rounds = ROUNDS) {
  const { url } = await side.openHub()
  const viewers = new Viewers()
  let lazy: Socket | undefined
  try {
    await viewers.open(url, count, {})
    const delays = { alone: [] as number[], withSlow: [] as number[] }
    // In turns of a few rounds, so that a slow minute of the machine hits both alike.
    for (let round = -WARM_UP_ROUNDS; round < rounds * 2; round += 1) {
      const withSlow = round >= 0 && Math.floor(round / 10) % 2 === 1
      if (withSlow && lazy === undefined) lazy = await openLazy(url)
      if (!withSlow && lazy !== undefined) {
        lazy.destroy()
        lazy = undefined
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
      const found = await delaysOfOne(side, viewers, count)
      if (round >= 0) (withSlow ? delays.withSlow : delays.alone).push(...found)
    }
    return { viewers: count, p99MsAlone: p99(delays.alone), p99MsWithSlow: p99(delays.withSlow) }
  } finally {
    lazy?.destroy()
    viewers.close()
    await side.closeHub()
  }
}

async function delaysOfOne(side: ServerSide, viewers: Viewers, count: number): Promise<readonly number[]> {
  const before = viewers.received
  const arrivals: number[] = []
  const all = new Promise<void>((resolve) => {
    viewers.onMessage = () => {
      arrivals.push(sharedNowMs())
      if (viewers.received - before >= count) resolve()
    }
  })
  const { startedAtMs } = await side.broadcast('hub')
  await all
  viewers.onMessage = undefined
  return arrivals.map((atMs) => atMs - startedAtMs)
}

/** Opens the socket, and then takes nothing from it any more. */
function openLazy(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(
        `GET / HTTP/1.1\r\nHost: ${hostname}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dmlnaWUtYmVuY2gtbGF6eQ==\r\n\r\n`,
      )
      socket.once('data', () => {
        socket.pause()
        resolve(socket)
      })
    })
    socket.on('error', reject)
  })
}

export async function measureIdle(side: ServerSide, count: number) {
  const { url } = await side.openHub()
  const viewers = new Viewers()
  try {
    await viewers.open(url, 1, {})
    const before = (await side.usage()).residentMegabytes
    await viewers.open(url, count, {})
    const addedMegabytes = (await side.usage()).residentMegabytes - before
    return { viewers: count, addedMegabytes, kilobytesEach: (addedMegabytes * 1000) / count }
  } finally {
    viewers.close()
    await side.closeHub()
  }
}

function p99(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN
}
