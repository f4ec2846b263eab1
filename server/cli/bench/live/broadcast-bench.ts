/** One update to many viewers: the product's hub beside a bare `ws` broadcast of the same bytes, on the same sockets. */
import { type ServerSide, sharedNowMs } from './server-side.ts'
import { Viewers } from './viewers.ts'

export interface BroadcastFigures {
  readonly viewers: number
  readonly bytes: number
  readonly rounds: number
  /** Until the last viewer has it; medians. */
  readonly hubMs: number
  readonly bareMs: number
  readonly ratio: number
  /** Messages of the measured rounds, all viewers together. */
  readonly received: number
}

const WARM_UP_ROUNDS = 3
/** Longer than the hub's batch period: each update is a first change and goes out at once. */
const PAUSE_MS = 150

export async function measureBroadcast(
  side: ServerSide,
  { viewers: count, rounds }: { readonly viewers: number; readonly rounds: number },
): Promise<BroadcastFigures> {
  const { url } = await side.openHub()
  const viewers = new Viewers()
  try {
    await viewers.open(url, count, {})
    const times = { hub: [] as number[], bare: [] as number[] }
    let bytes = 0
    let received = 0
    for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
      // Taking turns at being first: a slow moment of the machine hits both ways alike.
      for (const way of round % 2 === 0 ? (['hub', 'bare'] as const) : (['bare', 'hub'] as const)) {
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
        const update = await broadcastOnce(side, viewers, way, count)
        if (round < 0) continue
        times[way].push(update.milliseconds)
        bytes = update.bytes
        received += update.received
      }
    }
    const hubMs = median(times.hub)
    const bareMs = median(times.bare)
    return { viewers: count, bytes, rounds, hubMs, bareMs, ratio: hubMs / bareMs, received }
  } finally {
    viewers.close()
    await side.closeHub()
  }
}

async function broadcastOnce(side: ServerSide, viewers: Viewers, way: 'hub' | 'bare', count: number) {
  const before = viewers.received
  let lastAtMs = 0
  const all = new Promise<void>((resolve) => {
    viewers.onMessage = () => {
      if (viewers.received - before < count) return
      lastAtMs = sharedNowMs()
      resolve()
    }
  })
  const { startedAtMs, bytes } = await side.broadcast(way)
  await all
  viewers.onMessage = undefined
  return { milliseconds: lastAtMs - startedAtMs, bytes, received: viewers.received - before }
}

function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[sorted.length >> 1] ?? Number.NaN
}
