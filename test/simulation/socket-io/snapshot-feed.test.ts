/** A feed that only sends snapshots and keeps nothing, as NethVoice CTI does, over a real Socket.IO connection. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server } from 'socket.io'
import { afterEach, expect, it } from 'vitest'
import { NETHVOICE_MAPPING } from '../../../server/ingest/socket-io/mapping.ts'
import { type SocketIoState, startSocketIoSource } from '../../../server/ingest/socket-io/source.ts'

interface Told {
  readonly type: string
  readonly source: string
  readonly data: Readonly<Record<string, unknown>>
}

const started: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of started.splice(0).reverse()) await close()
})

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** Says the state of two members to whoever logs in, as the telephone system would after each change. */
async function startExchange() {
  const http = createServer()
  const io = new Server(http, { transports: ['websocket'] })
  const logins: unknown[] = []
  const members = new Map([
    ['214', { queue: '401', member: '214', loggedIn: true, paused: false }],
    ['215', { queue: '401', member: '215', loggedIn: false, paused: false }],
  ])
  io.on('connection', (socket) => {
    socket.on('login', (payload: unknown) => {
      logins.push(payload)
      for (const member of members.values()) socket.emit('queueMemberUpdate', member)
    })
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  started.push(() => io.close())
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    logins,
    update: (member: string, change: Record<string, unknown>) => {
      const next = { queue: '401', member, loggedIn: true, paused: false, ...members.get(member), ...change }
      members.set(member, next)
      io.emit('queueMemberUpdate', next)
    },
    drop: () => {
      for (const socket of io.sockets.sockets.values()) socket.conn.close()
    },
  }
}

it('logs in, tells changes once, and after a lost connection the gap and what changed meanwhile', async () => {
  const exchange = await startExchange()
  const told: Told[] = []
  const states: SocketIoState[] = []
  let failuresLeft = 1
  const source = startSocketIoSource({
    url: exchange.url,
    token: 'from-the-rest-service',
    name: 'vigie',
    mapping: NETHVOICE_MAPPING,
    onState: (state) => states.push(state),
    ingest: async (events) => {
      // Nobody sends a snapshot again: the source itself must try once more.
      if (failuresLeft-- > 0) throw Object.assign(new Error('busy'), { retryAfterSeconds: 0.01 })
      told.push(...(events as readonly Told[]))
      return { accepted: events.length, duplicates: 0 }
    },
  })
  started.push(() => source.close())
  const texts = () => told.map(({ type, data }) => `${type} ${data.agentId ?? ''} ${data.state ?? ''}`.trim())

  await until(() => told.length >= 1)
  expect(exchange.logins).toEqual([
    { accessKeyId: 'vigie', token: 'from-the-rest-service', uaType: 'desktop' },
  ])
  expect(texts()).toEqual(['cc.agent.queue-joined.v1 214'])
  expect(states.some(({ detail }) => detail === 'not stored: busy')).toBe(true)

  exchange.update('214', { paused: true })
  exchange.update('214', { paused: true })
  exchange.update('214', { paused: false })
  await until(() => told.length >= 3)
  expect(texts().slice(1)).toEqual([
    'cc.agent.state-changed.v1 214 not-ready',
    'cc.agent.state-changed.v1 214 ready',
  ])

  exchange.drop()
  await until(() => states.at(-1)?.connected === false)
  exchange.update('215', { loggedIn: true })
  await until(() => told.length >= 5)
  expect(texts().slice(3)).toEqual(['cc.source.gap.v1', 'cc.agent.queue-joined.v1 215'])
  expect(new Set(told.map((event) => event.source))).toEqual(new Set(['/socket-io/vigie']))
})
