/** Every kind of feed on a whole server: set up as settings, fed from outside, read back as figures and as the state of the sources. */
import { createHmac } from 'node:crypto'
import { appendFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DayReport } from '../../server/state/figures.ts'
import type { SourceStateBody } from '../../server/wire/api.ts'
import { type AmiPeer, block, startAmiPeer } from '../anomaly/feeds/ami-peer.ts'
import { DAY, event, NOW_MS, startTestServer, type TestServer } from './running-server.ts'

const KEY = Buffer.alloc(32, 7)
const SECRETS: Readonly<Record<string, string>> = {
  pbx: 'geheim',
  hook: `whsec_${KEY.toString('base64')}`,
  closed: `whsec_${KEY.toString('base64')}`,
  flex: 'twilio-token',
  bridge: 'bridge-key',
}
const NOW_SECONDS = NOW_MS / 1000
const versions = new Map<string, number>()
let server: TestServer
let dir: string
let cookie: string
let peer: AmiPeer | undefined

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'vigie-feeds-'))
  server = await startTestServer({ sourceSecret: (id) => SECRETS[id] })
  cookie = await server.cookie('administrator')
})
afterAll(async () => {
  await server.close()
  await peer?.close()
  peer = undefined
  await rm(dir, { recursive: true, force: true })
})

async function set(id: string, adapter: string, options: object, enabled = true) {
  const baseVersion = versions.get(id) ?? 0
  const body = { adapter, url: null, options, enabled }
  const outcome = await server.data.settings.put({ kind: 'source', id, baseVersion, changedBy: 'test', body })
  expect(outcome).toMatchObject({ kind: 'stored' })
  versions.set(id, baseVersion + 1)
}

async function read<T>(url: string): Promise<T> {
  const response = await server.app.inject({ url, headers: { cookie } })
  expect(response.statusCode).toBe(200)
  return response.json<T>()
}

async function state(source: string): Promise<SourceStateBody | undefined> {
  const sources = await read<readonly SourceStateBody[]>('/api/v1/sources')
  return sources.find((one) => one.source === source)
}

/** The queue's figures of the day; undefined as long as it is not known. */
async function totals(queueId: string) {
  const { queues } = await read<Pick<DayReport, 'queues'>>(`/api/v1/reports/day?date=${DAY}`)
  return queues.find(({ queue }) => queue === queueId)
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(20)
}

const accepted = (source: string, count: number) => async () => (await state(source))?.accepted === count

describe('a queue log that grows', () => {
  /** One answered and one abandoned call. */
  const rows = (queueId: string, id: string, atSeconds: number) =>
    [
      [atSeconds, `${id}1`, queueId, 'NONE', 'ENTERQUEUE', '', '0612345678', '1'],
      [atSeconds + 5, `${id}1`, queueId, 'PJSIP/7001', 'CONNECT', '5', `${id}9`, '4'],
      [atSeconds + 65, `${id}1`, queueId, 'PJSIP/7001', 'COMPLETECALLER', '5', '60', '1'],
      [atSeconds + 70, `${id}2`, queueId, 'NONE', 'ENTERQUEUE', '', '0612345679', '1'],
      [atSeconds + 90, `${id}2`, queueId, 'NONE', 'ABANDON', '1', '1', '20'],
    ]
      .map((row) => `${row.join('|')}\n`)
      .join('')

  test('is counted, shown as a source, and read on from its place after a change of the settings', async () => {
    const path = join(dir, 'queue_log')
    await writeFile(path, rows('orders', 'a', NOW_SECONDS - 3_000))
    await set('log', 'asterisk-queue-log', { path })
    await until(accepted('log', 5))
    // Counted in the ledger first, then folded, then known to the tail as stored.
    await until(async () => (await totals('orders'))?.offered === 2)
    expect(await totals('orders')).toMatchObject({ offered: 2, answered: 1, abandoned: 1 })
    await until(async () => (await state('log'))?.detail === 'following')
    expect(await state('log')).toMatchObject({ adapter: 'asterisk-queue-log', connected: true })

    await set('log', 'asterisk-queue-log', { path }, false)
    await until(async () => (await state('log'))?.connected === null)
    await appendFile(path, rows('orders', 'b', NOW_SECONDS - 2_000))
    await set('log', 'asterisk-queue-log', { path })
    await until(accepted('log', 10))
    await until(async () => (await totals('orders'))?.offered === 4)
    expect(await totals('orders')).toMatchObject({ offered: 4, answered: 2, abandoned: 2 })
    // Nothing was sent twice: the place in the file was kept, beside the data.
    expect(await state('log')).toMatchObject({ duplicates: 0, conflicts: 0 })
    expect(await readdir(join(server.dataDir, 'tail'))).toHaveLength(1)
  })

  test('that is not there is said to be missing; odd rows and verbs are counted', async () => {
    const path = join(dir, 'another_log')
    await set('late-log', 'asterisk-queue-log', { path, source: 'pbx-log' })
    await until(async () => (await state('late-log'))?.detail?.includes('there is no file') === true)
    await writeFile(
      path,
      `${NOW_SECONDS}|y1|late|NONE|SANG|1\nnothing of the kind\n${rows('late', 'z', NOW_SECONDS - 3_000)}`,
    )
    await until(accepted('pbx-log', 5))
    await until(async () => (await state('pbx-log'))?.rejected === 1)
    expect(await state('pbx-log')).toMatchObject({ adapter: 'asterisk-queue-log', unknownVerbs: { SANG: 1 } })
    expect((await state('pbx-log'))?.deadLetters[0]?.excerpt).toContain('nothing of the kind')
  })
})

test("a manager's calls are counted, and its sign-in needs the secret from outside the settings", async () => {
  peer = await startAmiPeer('vigie', 'geheim')
  const options = { host: '127.0.0.1', port: peer.port, username: 'vigie' }
  await set('pbx', 'asterisk-ami', options)
  await set('other', 'asterisk-ami', options)
  await until(
    async () =>
      (await state('pbx'))?.connected === true || (await state('/asterisk-ami/pbx'))?.connected === true,
  )
  await until(async () => /authentication/i.test((await state('other'))?.detail ?? ''))
  const call = { Queue: 'billing', Uniqueid: 'u1', Linkedid: 'u1' }
  const member = { MemberName: 'Anna', Interface: 'PJSIP/7001' }
  const at = (seconds: number) => `${NOW_SECONDS - 1_000 + seconds}.250000`
  peer.play(
    [
      block({ Event: 'QueueCallerJoin', Timestamp: at(0), ...call, CallerIDNum: '0612345678', Position: 1 }),
      block({ Event: 'QueueCallerLeave', Timestamp: at(5), ...call, Position: 1 }),
      block({ Event: 'AgentConnect', Timestamp: at(5), ...call, ...member, HoldTime: 5, RingTime: 4 }),
      block({
        Event: 'AgentComplete',
        Timestamp: at(65),
        ...call,
        ...member,
        HoldTime: 5,
        TalkTime: 60,
        Reason: 'caller',
      }),
    ].join(''),
    7,
  )
  await until(async () => (await totals('billing'))?.answered === 1)
  expect(await totals('billing')).toMatchObject({ offered: 1, answered: 1, abandoned: 0 })
  expect(await state('/asterisk-ami/pbx')).toMatchObject({ adapter: 'asterisk-ami', connected: true })
})

describe('a feed that is called', () => {
  const call = [
    event('e1', 'cc.contact.queued.v1', { contactId: 'c1', queueId: 'hooks' }, NOW_MS - 60_000),
    event(
      'e2',
      'cc.contact.abandoned.v1',
      { contactId: 'c1', queueId: 'hooks', waitSeconds: 30 },
      NOW_MS - 30_000,
    ),
  ]

  interface Sent {
    readonly key?: Buffer
    readonly sentAtMs?: number
    readonly id?: string
    readonly url?: string
    readonly headers?: Readonly<Record<string, string>>
    readonly signatures?: (right: string) => string
    readonly body?: string
  }
  function send(more: Sent = {}) {
    const { key = KEY, sentAtMs = Date.now(), id = 'hook', body = JSON.stringify(call) } = more
    const stamp = String(Math.floor(sentAtMs / 1000))
    const signature = createHmac('sha256', key).update(`m1.${stamp}.${body}`).digest('base64')
    const headers = {
      'content-type': 'application/json',
      'webhook-id': 'm1',
      'webhook-timestamp': stamp,
      'webhook-signature': more.signatures?.(signature) ?? `v1,${signature}`,
      ...more.headers,
    }
    return server.app.inject({
      method: 'POST',
      url: more.url ?? `/api/v1/feeds/${id}`,
      headers,
      payload: body,
    })
  }

  test('is taken with the right signature alone, and once', async () => {
    await set('hook', 'http', { sources: ['/test'] })
    expect((await send()).json()).toMatchObject({ accepted: 2, duplicates: 0 })
    expect((await send()).json()).toMatchObject({ accepted: 0, duplicates: 2 })
    expect((await send({ sentAtMs: Date.now() - 600_000 })).statusCode).toBe(401)
    expect((await send({ key: Buffer.alloc(32, 1) })).statusCode).toBe(401)
    const unknown = await send({ id: 'nobody' })
    const wrong = await send({ key: Buffer.alloc(32, 1) })
    expect(unknown.statusCode).toBe(401)
    expect({ ...unknown.json(), instance: '' }).toEqual({ ...wrong.json(), instance: '' })

    expect(await totals('hooks')).toMatchObject({ offered: 1, abandoned: 1 })
    expect(await state('/test')).toMatchObject({ adapter: 'http', accepted: 2, duplicates: 2 })
    expect((await state('/test'))?.detail).toMatch(/refused for their signature since the start: 3$/)
    await until(async () => (await state('/http/hook'))?.rejected === 1)
    expect((await state('/http/hook'))?.deadLetters).toMatchObject([{ place: 'signature' }])
  })

  test("may sign what it posts to the events' own address: right, rotated, wrong, late, replayed", async () => {
    const own = (id: string) =>
      JSON.stringify([
        event(id, 'cc.contact.queued.v1', { contactId: id, queueId: 'signed' }, NOW_MS - 60_000),
      ])
    const headers = { 'content-type': 'application/cloudevents-batch+json' }
    const signed = (id: string, more: Sent = {}) =>
      send({ url: '/api/v1/events', body: own(id), ...more, headers: { ...headers, ...more.headers } })
    // Nobody signs yet that is set up and has a secret under this name.
    await set('hook', 'http', {}, false)
    expect((await signed('s1')).statusCode).toBe(401)
    await set('hook', 'http', { sources: ['/test'] })
    expect((await signed('s1')).json()).toMatchObject({ accepted: 1, duplicates: 0 })
    expect((await signed('s1')).json()).toMatchObject({ accepted: 0, duplicates: 1, conflicts: 0 })
    // The sender signs with the old and the new key while it is rotated.
    const two = (right: string) => `v1,${Buffer.alloc(32, 1).toString('base64')} v1,${right} v2,other`
    expect((await signed('s2', { signatures: two })).json()).toMatchObject({ accepted: 1 })

    const seqBefore = await server.data.ledger.lastIngestSeq()
    const refused = [
      await signed('s3', { key: Buffer.alloc(32, 1) }),
      await signed('s3', { sentAtMs: Date.now() - 301_000 }),
      await signed('s3', { sentAtMs: Date.now() + 302_000 }),
      await signed('s3', { signatures: () => 'v1,' }),
      await signed('s3', { headers: { 'webhook-id': 'another' } }),
      await signed('s3', { headers: { authorization: 'Bearer wrong' } }),
    ]
    for (const answer of refused) {
      expect(answer.statusCode).toBe(401)
      expect(answer.body).not.toMatch(/signature|late|key/)
    }
    expect(await server.data.ledger.lastIngestSeq()).toBe(seqBefore)
    // A signature opens this address and no other.
    const others = await server.app.inject({
      url: '/api/v1/sources',
      headers: { 'webhook-signature': 'v1,x' },
    })
    expect(others.statusCode).toBe(401)
  })

  test('that cannot sign bears its secret, where it is set up so', async () => {
    await set('bridge', 'genesys-eventbridge', { authentication: 'bearer' })
    const body = JSON.stringify({
      id: 'env-1',
      detail: {
        topicName: 'v2.detail.events.conversation.c9.acd.start',
        eventBody: { eventTime: NOW_MS - 60_000, conversationId: 'c9', queueId: 'cloud', mediaType: 'VOICE' },
      },
    })
    const bear = (authorization: string) => send({ id: 'bridge', body, headers: { authorization } })
    expect((await bear('Bearer wrong')).statusCode).toBe(401)
    expect((await send({ id: 'bridge', body })).statusCode).toBe(401)
    expect((await bear('Bearer bridge-key')).json()).toMatchObject({ accepted: 1 })
    expect((await bear('Bearer bridge-key')).json()).toMatchObject({ duplicates: 1 })
    expect(await totals('cloud')).toMatchObject({ offered: 1 })
  })

  test('is not there when it is disabled, removed, or of an adapter that is not called; nor is a session asked', async () => {
    await set('closed', 'http', {}, false)
    expect((await send({ id: 'closed' })).statusCode).toBe(401)
    const seqBefore = await server.data.ledger.lastIngestSeq()
    await set('hook2', 'http', {})
    expect((await send({ id: 'hook2' })).statusCode).toBe(401)
    expect(await state('hook2')).toMatchObject({ detail: 'no secret is set: every request is refused' })
    const events = await server.app.inject({ method: 'POST', url: '/api/v1/events', payload: call })
    expect(events.statusCode).toBe(401)
    const others = await server.app.inject({ method: 'GET', url: '/api/v1/feeds/closed' })
    expect(others.statusCode).toBe(401)
    expect(await server.data.ledger.lastIngestSeq()).toBe(seqBefore)
  })

  test('of Twilio is known by the public address, and keeps what it knows between requests', async () => {
    await set('flex', 'twilio-taskrouter', { publicUrl: 'https://vigie.example' })
    const post = (fields: Record<string, string>, token = 'twilio-token') => {
      const text = Object.keys(fields)
        .sort()
        .map((name) => `${name}${fields[name]}`)
        .join('')
      const given = createHmac('sha1', token).update(`https://vigie.example/api/v1/feeds/flex${text}`)
      return server.app.inject({
        method: 'POST',
        url: '/api/v1/feeds/flex',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          'x-twilio-signature': given.digest('base64'),
        },
        payload: new URLSearchParams(fields).toString(),
      })
    }
    const task = {
      TaskSid: 'WT1',
      TaskQueueName: 'support',
      Sid: 'EV1',
      EventType: 'task-queue.entered',
      TimestampMs: String(NOW_MS - 60_000),
    }
    expect((await post(task, 'another')).statusCode).toBe(401)
    expect((await post(task)).json()).toMatchObject({ accepted: 1 })
    expect((await post({ ...task, Sid: 'EV2', EventType: 'task.sung' })).statusCode).toBe(200)
    expect(await totals('support')).toMatchObject({ offered: 1 })
    await until(async () => (await state('/twilio-taskrouter/flex'))?.unknownVerbs['task.sung'] === 1)
  })
})
