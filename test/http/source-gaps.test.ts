/** A source that breaks, through a whole server: the board says since when its figures are stale, and is right again afterwards. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Board, ServerMessage } from '../../server/wire/board.ts'
import { type AmiPeer, block, startAmiPeer } from '../anomaly/feeds/ami-peer.ts'
import { NOW_MS, startTestServer, type TestServer } from './running-server.ts'

const START_SECONDS = NOW_MS / 1000
let nowMs = NOW_MS
let server: TestServer
let peer: AmiPeer
let cookie: string

beforeAll(async () => {
  server = await startTestServer({ sourceSecret: () => 'geheim', clock: { nowMs: () => nowMs, speed: 1 } })
  cookie = await server.cookie('supervisor')
  peer = await startAmiPeer('vigie', 'geheim')
  const body = {
    adapter: 'asterisk-ami',
    url: null,
    options: { host: '127.0.0.1', port: peer.port, username: 'vigie' },
    enabled: true,
  }
  peer.queueRows = [member({ Paused: '0' })]
  await server.data.settings.put({ kind: 'source', id: 'pbx', baseVersion: 0, changedBy: 'test', body })
})
afterAll(async () => {
  await server.close()
  await peer.close()
})

function member(fields: Record<string, string>): string {
  return block({
    Event: 'QueueMember',
    Queue: 'orders',
    Name: 'Anna',
    Location: 'PJSIP/7001',
    Status: '1',
    ...fields,
  }).trimEnd()
}
const join = (id: string, seconds: number) =>
  block({
    Event: 'QueueCallerJoin',
    Timestamp: `${START_SECONDS + seconds}.000000`,
    Queue: 'orders',
    Uniqueid: id,
    Linkedid: id,
    Position: 1,
  })

/** The board as a page has it right after opening. */
async function board(): Promise<Board> {
  let close: () => void = () => undefined
  const found = await new Promise<Board>((resolve, reject) => {
    // Listening before it opens: the snapshot comes with the first bytes.
    const onInit = (socket: { on(name: 'message', listen: (data: Buffer) => void): unknown }) => {
      socket.on('message', (data) => {
        const message = JSON.parse(data.toString()) as ServerMessage
        if (message.type === 'snapshot') resolve(message.board)
      })
    }
    server.app
      .injectWS('/api/v1/live', { headers: { cookie } }, { onInit })
      .then((socket) => {
        close = () => socket.terminate()
      })
      .catch(reject)
  })
  close()
  return found
}
async function boardWhen(isSo: (found: Board) => boolean): Promise<Board> {
  for (;;) {
    const found = await board()
    if (isSo(found)) return found
    await sleep(50)
  }
}
const row = (found: Board, queueId: string) => found.queues.find((one) => one.queueId === queueId)
const pbx = (found: Board) => found.sources.find(({ source }) => source === '/asterisk-ami/pbx')

test('a manager that is gone makes its queues stale since then, and a snapshot makes them right again', async () => {
  await boardWhen((found) => pbx(found)?.connected === true)
  peer.play(join('u1', -60) + join('u2', -30))
  const before = await boardWhen((found) => row(found, 'orders')?.waiting === 2)
  expect(row(before, 'orders')).toMatchObject({ staleSinceMs: null, agentsAvailable: 1 })
  expect(pbx(before)).toMatchObject({ staleSinceMs: null })

  nowMs += 10_000
  const lostMs = nowMs
  // One caller gives up, and the agent takes a break, while nobody listens. Nor does the manager come back at once.
  peer.refuseSignIns = true
  peer.breakConnections()
  const broken = await boardWhen((found) => pbx(found)?.connected === false)
  expect(pbx(broken)).toMatchObject({ staleSinceMs: lostMs })
  expect(row(broken, 'orders')).toMatchObject({ staleSinceMs: lostMs, waiting: 2 })
  // The other queue is fed by nobody who is gone.
  expect(row(broken, 'billing')).toMatchObject({ staleSinceMs: null })
  nowMs += 600_000
  const later = await board()
  expect(row(later, 'orders')).toMatchObject({ staleSinceMs: lostMs })
  const report = await server.app.inject({
    url: '/api/v1/reports/day?date=2026-03-02&queue=orders',
    headers: { cookie },
  })
  const { watermark } = report.json<{ watermark: string }>()
  expect(Date.parse(watermark)).toBeLessThanOrEqual(lostMs)

  peer.queueRows = [
    member({ Paused: '1', PausedReason: '' }),
    block({ Event: 'QueueEntry', Queue: 'orders', Position: '1', Uniqueid: 'u2', Wait: '640' }).trimEnd(),
  ]
  peer.refuseSignIns = false
  const again = await boardWhen((found) => row(found, 'orders')?.staleSinceMs === null)
  expect(pbx(again)).toMatchObject({ connected: true, staleSinceMs: null })
  expect(row(again, 'orders')).toMatchObject({
    offeredToday: 2,
    waiting: 1,
    abandonedToday: 0,
    lostToday: 1,
    longestWaitingSinceMs: NOW_MS - 30_000,
    agentsAvailable: 0,
    agentsNotReady: 1,
  })
  const found: (string | undefined)[] = []
  for await (const page of server.data.ledger.readAgentEvents(nowMs + 86_400_000))
    for (const { data } of page) if (data.state === 'not-ready') found.push(data.reason)
  expect(found).toEqual(['resync'])
  const sources = await server.app.inject({ url: '/api/v1/sources', headers: { cookie } })
  const state = sources.json<{ source: string }[]>().find(({ source }) => source === '/asterisk-ami/pbx')
  expect(state).toMatchObject({ gaps: [{ reason: 'connection', atMs: lostMs }] })
  // In the ledger: the gap, dated when the connection was lost, and the snapshot that ends it.
  const told: (readonly [string, number])[] = []
  for await (const page of server.data.ledger.readContactEvents(0, nowMs + 86_400_000))
    for (const { type, occurredAtMs } of page)
      if (type === 'cc.source.gap.v1') told.push([type, occurredAtMs])
  expect(told).toEqual([['cc.source.gap.v1', lostMs]])
})
