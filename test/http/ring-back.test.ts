/** Callers to ring back over HTTP: who sees which part of a number, what is recorded, and who took a caller on. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RingBackBody } from '../../server/wire/ring-back.ts'
import { answeredCall, DAY, event, NOW_MS, startTestServer, type TestServer } from './running-server.ts'

let server: TestServer
let director: string
let supervisor: string
const log: string[] = []
const NUMBERS = { ann: '+33612345678', bob: '+33698765432' }

function abandonedCall(contactId: string, minutesAgo: number, callerNumber?: string) {
  const atMs = NOW_MS - minutesAgo * 60_000
  const data = { contactId, queueId: 'orders', ...(callerNumber === undefined ? {} : { callerNumber }) }
  return [
    event(`${contactId}-q`, 'cc.contact.queued.v1', data, atMs),
    event(
      `${contactId}-x`,
      'cc.contact.abandoned.v1',
      { contactId, queueId: 'orders', waitSeconds: 40 },
      atMs + 40_000,
    ),
  ]
}

beforeAll(async () => {
  server = await startTestServer({ log: (line) => log.push(line) })
  director = await server.cookie('director')
  supervisor = await server.cookie('supervisor')
  const [queued, ...rest] = answeredCall('orders', 'later', 'agent', 10)
  const payload = [
    ...abandonedCall('a1', 90, NUMBERS.ann),
    ...abandonedCall('a2', 60, NUMBERS.ann),
    ...abandonedCall('b1', 50, NUMBERS.bob),
    ...abandonedCall('silent', 30),
    // Bob rang again ten minutes ago and got through.
    { ...queued, data: { ...queued?.data, callerNumber: NUMBERS.bob } },
    ...rest,
  ]
  const reply = await server.app.inject({
    method: 'POST',
    url: '/api/v1/events',
    headers: {
      authorization: `Bearer ${await server.token('ingest')}`,
      'content-type': 'application/cloudevents-batch+json',
    },
    payload: JSON.stringify(payload),
  })
  expect(reply.json()).toMatchObject({ accepted: payload.length, rejected: [] })
})
afterAll(() => server.close())

const call = (method: 'GET' | 'POST' | 'PUT', url: string, cookie: string, payload?: object) =>
  server.app.inject({
    method,
    url: `/api/v1${url}`,
    headers: { cookie, origin: 'http://localhost', host: 'localhost' },
    ...(payload === undefined ? {} : { payload }),
  })
const list = async (cookie: string) =>
  (await call('GET', `/ring-back?queue=orders&date=${DAY}`, cookie)).json() as RingBackBody
const numbers = (contactIds: readonly string[], cookie: string) =>
  call('POST', '/ring-back/numbers', cookie, { contactIds })
const mark = (contactId: string, version: number, rung = true, cookie = supervisor) =>
  call('PUT', `/ring-back/contacts/${contactId}`, cookie, { version, rung })

describe('the list', () => {
  test('has every abandoned contact of the day, masked, and tells who got through since', async () => {
    const body = await list(supervisor)
    expect(body).toMatchObject({ mayReadNumbers: false, numberDaysKept: 7 })
    expect(
      body.callers.map(({ contactId, number, maskedNumber }) => [contactId, number, maskedNumber]),
    ).toEqual([
      ['a1', 'kept', '••••••••78'],
      ['a2', 'kept', '••••••••78'],
      ['b1', 'kept', '••••••••32'],
      ['silent', 'untold', null],
    ])
    expect(body.callers.map(({ abandonedCount }) => abandonedCount)).toEqual([2, 2, 1, 1])
    expect(body.callers.map(({ answeredSinceMs }) => answeredSinceMs)).toEqual([
      null,
      null,
      NOW_MS - 600_000,
      null,
    ])
    expect(JSON.stringify(body)).not.toContain('6123')
  })

  test('has as many as the report counts', async () => {
    const report = await call('GET', `/reports/day?date=${DAY}`, supervisor)
    const { queues } = report.json() as { queues: { queue: string; abandoned: number }[] }
    const counted = queues.find(({ queue }) => queue === 'orders')?.abandoned
    expect((await list(director)).callers).toHaveLength(counted ?? -1)
  })

  test('is for the staff alone, of a known queue and a time that is one', async () => {
    const client = await server.cookie('client', 'acme')
    expect((await call('GET', `/ring-back?queue=orders&date=${DAY}`, client)).statusCode).toBe(403)
    expect((await numbers(['a1'], client)).statusCode).toBe(403)
    expect((await mark('a1', 0, true, client)).statusCode).toBe(403)
    for (const [query, status] of [
      [`queue=none&date=${DAY}`, 404],
      ['queue=orders&date=2026-02-31', 400],
      ['queue=orders', 400],
      ['queue=orders&from=2026-03-02&to=2026-03-01', 400],
      ['queue=orders&from=2026-03-01&to=2026-03-20', 400],
    ] as const)
      expect((await call('GET', `/ring-back?${query}`, director)).statusCode, query).toBe(status)
  })
})

describe('whole numbers', () => {
  test('are for who has the right, and each showing is recorded without them', async () => {
    expect((await numbers(['a1'], supervisor)).statusCode).toBe(403)
    expect(await list(director)).toMatchObject({ mayReadNumbers: true })
    const shown = await numbers(['a1', 'silent', 'later', 'none'], director)
    // Who was answered did not give up: that number is nobody's to ring back.
    expect(shown.json()).toEqual({
      numbers: [
        { contactId: 'a1', callerNumber: NUMBERS.ann },
        { contactId: 'silent', callerNumber: null },
        { contactId: 'later', callerNumber: null },
        { contactId: 'none', callerNumber: null },
      ],
    })
    const rights = await call('GET', '/ring-back/rights', director)
    expect(rights.json()).toMatchObject({ userIds: [], views: [{ name: 'director', count: 1 }] })
    expect(log.filter((line) => line.includes('callers’ numbers: 1'))).toHaveLength(1)
    expect(log.join()).not.toContain('612345')
  })

  test('a supervisor may see them once given the right, until it is taken away', async () => {
    const users = (await call('GET', '/users', director)).json() as { id: string; role: string }[]
    const userId = users.find(({ role }) => role === 'supervisor')?.id ?? ''
    const allow = (allowed: boolean, cookie = director) =>
      call('PUT', `/ring-back/rights/${userId}`, cookie, { allowed })
    expect((await allow(true, supervisor)).statusCode).toBe(403)
    expect((await call('PUT', '/ring-back/rights/nobody', director, { allowed: true })).statusCode).toBe(404)
    expect((await allow(true)).statusCode).toBe(204)
    expect(await list(supervisor)).toMatchObject({ mayReadNumbers: true })
    expect((await numbers(['b1'], supervisor)).json()).toEqual({
      numbers: [{ contactId: 'b1', callerNumber: NUMBERS.bob }],
    })
    expect((await allow(false)).statusCode).toBe(204)
    expect((await numbers(['b1'], supervisor)).statusCode).toBe(403)
  })

  test('are bounded a request and an hour', async () => {
    const many = Array.from({ length: 101 }, (_, n) => `c${n}`)
    expect((await numbers(many, director)).statusCode).toBe(400)
    expect((await numbers([], director)).statusCode).toBe(400)
    const other = await server.cookie('administrator')
    const tries = []
    for (let n = 0; n < 151; n += 1) tries.push((await numbers(['a1', 'b1'], other)).statusCode)
    expect(tries.filter((status) => status === 200)).toHaveLength(150)
    const refused = await numbers(['a1'], other)
    expect(refused.statusCode).toBe(429)
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
  })
})

describe('who takes a caller on', () => {
  test('is told to everybody, for all earlier calls of the caller; the second one hears of the first', async () => {
    const first = await mark('a2', 0)
    expect(first.json()).toMatchObject({ contactId: 'a2', version: 1, rung: true, atMs: NOW_MS })
    expect((await mark('a2', 0, true, director)).json()).toMatchObject({ status: 409 })
    const taken = (await list(director)).callers.map(({ ringBack }) => ringBack)
    expect(taken).toEqual([
      { version: 0, by: 'supervisor', atMs: NOW_MS },
      { version: 1, by: 'supervisor', atMs: NOW_MS },
      null,
      null,
    ])
    expect((await mark('a2', 1, false)).statusCode).toBe(200)
    expect((await list(director)).callers.every(({ ringBack }) => ringBack === null)).toBe(true)
  })

  test('takes on who gave up, and nobody else', async () => {
    expect((await mark('later', 0)).statusCode).toBe(404)
    expect((await mark('none', 0)).statusCode).toBe(404)
  })
})
