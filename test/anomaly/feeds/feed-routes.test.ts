/** Feeds that push, over the real route: right, wrong, late, replayed and rotated signatures, and a ledger that is away. */
import { createHmac } from 'node:crypto'
import Fastify from 'fastify'
import { beforeEach, describe, expect, it } from 'vitest'
import { addErrorHandling } from '../../../server/http/error-handling.ts'
import { feedRoutes } from '../../../server/http/feed-routes.ts'
import { createPushFeed } from '../../../server/ingest/push-feeds.ts'
import { type MemoryLedger, memoryLedger } from '../../unit/ingest/live-support.ts'

const KEY = Buffer.alloc(32, 7)
const OLD_KEY = Buffer.alloc(32, 9)
const NOW_MS = 1_700_000_000_000
let ledger: MemoryLedger
let notes: unknown[]
let isBusy: false | 'busy' | 'flood' = false

beforeEach(() => {
  ledger = memoryLedger()
  notes = []
  isBusy = false
})

async function app() {
  const secret = `whsec_${KEY.toString('base64')} whsec_${OLD_KEY.toString('base64')}`
  const feeds = new Map(
    [
      { adapter: 'http', name: 'own', secret },
      { adapter: 'twilio-taskrouter', name: 'flex', secret: 'token', publicUrl: 'https://vigie.example' },
    ].map((one) => [one.name, createPushFeed({ ...one, nowMs: () => NOW_MS })]),
  )
  const server = Fastify()
  addErrorHandling(server, { onFault: () => undefined, isDatabaseAway: () => false })
  await server.register(feedRoutes, {
    bodyBytesMax: 10_000,
    feeds: { find: (id) => feeds.get(id), note: (id, what) => notes.push([id, what]) },
    ingest: {
      async ingest(given) {
        const items = [...given]
        if (isBusy) throw Object.assign(new Error('busy'), { reason: isBusy, retryAfterSeconds: 2 })
        const before = { accepted: ledger.events.length, duplicates: ledger.duplicates }
        await ledger.ingest(items.flatMap((item) => ('value' in item ? [item.value] : [])))
        return {
          accepted: ledger.events.length - before.accepted,
          duplicates: ledger.duplicates - before.duplicates,
          conflicts: 0,
          rejected: items.flatMap((item, index) =>
            'unparsable' in item ? [{ index, pointer: '', detail: item.unparsable }] : [],
          ),
        }
      },
    },
  })
  return server
}

const EVENT = JSON.stringify({
  specversion: '1.0',
  id: 'e1',
  source: '/own',
  type: 'cc.contact.queued.v1',
  time: '2023-11-14T22:13:20Z',
  data: { contactId: 'c1', queueId: 'q1' },
})

async function send(
  more: { key?: Buffer; atMs?: number; body?: string; signed?: string; url?: string } = {},
) {
  const { key = KEY, atMs = NOW_MS, body = EVENT, signed = body, url = '/feeds/own' } = more
  const stamp = String(Math.floor(atMs / 1000))
  const signature = createHmac('sha256', key).update(`msg1.${stamp}.${signed}`).digest('base64')
  const server = await app()
  const headers = {
    'content-type': 'application/cloudevents+json',
    'webhook-id': 'msg1',
    'webhook-timestamp': stamp,
    'webhook-signature': `v1,${signature}`,
  }
  return server.inject({ method: 'POST', url, headers, payload: body })
}

describe('feeds that push', () => {
  it('are taken with a right signature, by the new and by the old key, and a replay adds nothing', async () => {
    expect((await send()).json()).toEqual({ accepted: 1, duplicates: 0, conflicts: 0, rejected: [] })
    expect((await send({ key: OLD_KEY })).json()).toMatchObject({ accepted: 0, duplicates: 1 })
    expect(ledger.events).toHaveLength(1)
  })

  it('are refused without a word when the signature is wrong, late, or of another body, or nobody set them up', async () => {
    const answers = [
      await send({ key: Buffer.alloc(32, 1) }),
      await send({ atMs: NOW_MS - 301_000 }),
      await send({ atMs: NOW_MS + 301_000 }),
      await send({ signed: `${EVENT} ` }),
      await send({ url: '/feeds/unknown' }),
    ]
    for (const answer of answers) {
      expect(answer.statusCode).toBe(401)
      expect(answer.json()).toMatchObject({ title: 'Not signed in' })
      expect(answer.body).not.toMatch(/signature|too-old/)
    }
    expect(ledger.events).toEqual([])
    expect(notes).toHaveLength(4)
  })

  it('get a reason for a body that is none, 413 for one beyond the limit, 503 while the ledger is away', async () => {
    expect((await send({ body: '{"a":' })).json()).toMatchObject({ accepted: 0, rejected: [{ index: 0 }] })
    expect((await send({ body: 'x'.repeat(20_000) })).statusCode).toBe(413)
    isBusy = 'busy'
    expect((await send()).statusCode).toBe(503)
    isBusy = 'flood'
    const flooded = await send()
    expect([flooded.statusCode, flooded.headers['retry-after']]).toEqual([429, '2'])
    expect(flooded.json()).toMatchObject({ type: '/problems/too-many-requests' })
    expect(ledger.events).toEqual([])
  })

  it('of Twilio are known by the public address, whatever address the proxy calls', async () => {
    const fields = { EventType: 'task-queue.entered', Sid: 'EV1', TaskQueueName: 'English', TaskSid: 'WT1' }
    const text = Object.entries(fields)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flat()
      .join('')
    const signature = createHmac('sha1', 'token')
      .update(`https://vigie.example/feeds/flex${text}`)
      .digest('base64')
    const server = await app()
    const call = (given: string) =>
      server.inject({
        method: 'POST',
        url: '/feeds/flex',
        headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': given },
        payload: new URLSearchParams(fields).toString(),
      })
    expect((await call(signature)).json()).toMatchObject({ accepted: 1 })
    expect((await call(`A${signature.slice(1)}`)).statusCode).toBe(401)
    expect(ledger.events[0]?.data).toEqual({ contactId: 'WT1', queueId: 'English' })
  })
})
