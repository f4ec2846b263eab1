/** Look-ahead, alerts, notes, past boards and the month over HTTP: who may do what, and what bad input is answered. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MomentBody, MonthToDatesBody } from '../../server/wire/moment.ts'
import { answeredCall, DAY, NOW_MS, QUEUES, startTestServer, type TestServer } from './running-server.ts'

describe('look-ahead, alerts, notes and moments', () => {
  let server: TestServer
  const cookies: Record<string, string> = {}
  beforeAll(async () => {
    server = await startTestServer()
    cookies.supervisor = await server.cookie('supervisor')
    cookies.director = await server.cookie('director')
    cookies.acme = await server.cookie('client', 'acme')
    const events = [
      ...answeredCall(QUEUES.acme, 'c1', 'ada', 10),
      ...answeredCall(QUEUES.acme, 'c2', 'ada', 40),
      ...answeredCall(QUEUES.globex, 'c3', 'bob', 5),
    ]
    await server.app.inject({
      method: 'POST',
      url: '/api/v1/events',
      headers: {
        authorization: `Bearer ${await server.token('ingest')}`,
        'content-type': 'application/cloudevents-batch+json',
      },
      payload: JSON.stringify(events),
    })
  }, 60_000)
  afterAll(async () => server?.close())

  const ask = (who: string, method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, payload?: object) =>
    server.app.inject({
      method,
      url: `/api/v1${path}`,
      headers: { cookie: cookies[who] ?? '', 'x-vigie-csrf': '1' },
      ...(payload === undefined ? {} : { payload }),
    })
  const note = (change: object = {}) => ({
    fromMs: NOW_MS - 60_000,
    toMs: NOW_MS,
    queueId: QUEUES.globex,
    kind: 'outage',
    heads: null,
    text: 'Carrier down',
    ...change,
  })

  it('shows the board of a past moment, to a client its own queues only', async () => {
    const before = (await ask('supervisor', 'GET', `/moments/${NOW_MS - 599_000}`)).json<MomentBody>()
    const orders = before.board.queues.find(({ queueId }) => queueId === QUEUES.acme)
    expect(orders).toMatchObject({ offeredToday: 2, answeredToday: 0, waiting: 2 })
    const now = (await ask('acme', 'GET', `/moments/${new Date(NOW_MS).toISOString()}`)).json<MomentBody>()
    expect(now.board.queues.map(({ queueId }) => queueId)).toEqual([QUEUES.acme])
    expect(now.board.queues[0]).toMatchObject({
      offeredToday: 2,
      answeredToday: 2,
      answeredWithinThresholdToday: 1,
    })
    expect(JSON.stringify(now)).not.toMatch(/ada|bob/)
  })

  it('has no board of the future, of before the ledger, nor of what is no instant', async () => {
    for (const at of [NOW_MS + 1, '2199-01-01', 0]) {
      const answer = await ask(
        'supervisor',
        'GET',
        `/moments/${encodeURIComponent(at)}${at === 0 ? '000000000' : ''}`,
      )
      expect([at, answer.statusCode]).toEqual([at, 404])
      expect(answer.json()).toMatchObject({ type: expect.stringContaining('no-such-moment') })
    }
    for (const at of ['not-an-instant', '99999999999999999999'])
      expect((await ask('supervisor', 'GET', `/moments/${at}`)).statusCode).toBe(400)
  })

  it('adds the month up by contract, for a client its own', async () => {
    const { day, rows } = (await ask('acme', 'GET', '/month-to-date')).json<MonthToDatesBody>()
    expect(day).toBe(DAY)
    expect(rows).toMatchObject([
      { clientId: 'acme', today: { numerator: 1, denominator: 2 }, month: { numerator: 1, denominator: 2 } },
    ])
  })

  it('keeps notes as versions, hides who wrote them from a client, and names what is wrong', async () => {
    const added = await ask('supervisor', 'POST', '/notes', note())
    expect(added.statusCode).toBe(201)
    const { noteId, version, author } = added.json<{ noteId: string; version: number; author: string }>()
    expect([version, author]).toEqual([1, 'supervisor'])
    const site = await ask('supervisor', 'POST', '/notes', note({ queueId: null, text: 'Storm' }))
    expect((await ask('acme', 'GET', `/notes?day=${DAY}`)).json()).toMatchObject([
      { text: 'Storm', author: null },
    ])
    expect((await ask('supervisor', 'PUT', `/notes/${noteId}?version=0`, note())).statusCode).toBe(409)
    expect(
      (await ask('supervisor', 'PUT', `/notes/${noteId}?version=1`, note({ text: 'Up again' }))).json(),
    ).toMatchObject({ version: 2 })
    expect((await ask('supervisor', 'DELETE', `/notes/${noteId}?version=2`)).statusCode).toBe(204)
    expect((await ask('supervisor', 'GET', `/notes/${noteId}/versions`)).json()).toHaveLength(3)
    for (const [change, pointer] of [
      [{ toMs: NOW_MS - 120_000 }, '/toMs'],
      [{ queueId: 'nowhere' }, '/queueId'],
      [{ text: '   ' }, '/text'],
      [{ fromMs: 1e300 }, '/fromMs'],
    ] as const) {
      const answer = await ask('supervisor', 'POST', '/notes', note(change))
      expect(answer.statusCode).toBe(400)
      expect(JSON.stringify(answer.json())).toContain(pointer)
    }
    expect((await ask('acme', 'POST', '/notes', note())).statusCode).toBe(403)
    expect(site.statusCode).toBe(201)
  })

  it('lets administration set thresholds, by the version that was edited', async () => {
    const body = {
      levelMinutes: 5,
      longestWaitSeconds: 60,
      coverageRatio: null,
      coverageMinutes: 5,
      silentSourceSeconds: null,
    }
    expect((await ask('supervisor', 'PUT', '/alert-thresholds/site', { version: 0, body })).statusCode).toBe(
      403,
    )
    expect(
      (await ask('director', 'PUT', '/alert-thresholds/site', { version: 0, body })).json(),
    ).toMatchObject({ version: 1, body })
    expect((await ask('director', 'PUT', '/alert-thresholds/site', { version: 0, body })).statusCode).toBe(
      409,
    )
    expect(
      (await ask('director', 'PUT', '/alert-thresholds/site', { version: 1, body: null })).statusCode,
    ).toBe(400)
    expect(
      (await ask('director', 'PUT', '/alert-thresholds/no-board', { version: 0, body })).statusCode,
    ).toBe(404)
    expect(
      (
        await ask('director', 'PUT', '/alert-thresholds/site', {
          version: 1,
          body: { ...body, levelMinutes: -1 },
        })
      ).statusCode,
    ).toBe(400)
  })

  it('looks ahead on demand for the staff, and knows no other queue than those there are', async () => {
    expect((await ask('supervisor', 'POST', '/look-ahead/run')).json()).toMatchObject({
      computedAtMs: NOW_MS,
      queues: [],
    })
    expect((await ask('supervisor', 'GET', `/look-ahead?queue=${QUEUES.acme}`)).statusCode).toBe(200)
    expect((await ask('supervisor', 'GET', '/look-ahead?queue=nowhere')).statusCode).toBe(404)
    expect((await ask('acme', 'GET', '/look-ahead')).statusCode).toBe(403)
    expect((await ask('acme', 'GET', '/alerts')).statusCode).toBe(200)
    expect((await ask('supervisor', 'POST', '/alerts/none/acknowledge', { version: 1 })).statusCode).toBe(404)
  })

  it('refuses notes that are too long or no notes at all, and keeps none of them', async () => {
    const before = (await ask('supervisor', 'GET', `/notes?day=${DAY}`)).json<unknown[]>()
    for (const change of [
      { text: 'x'.repeat(10_000) },
      { text: 'x'.repeat(281) },
      { kind: 'party' },
      { heads: 0 },
      { heads: 2.5 },
      { fromMs: 'noon' },
      { toMs: NOW_MS + 40 * 86_400_000 },
      { colour: 'red' },
    ]) {
      const answer = await ask('supervisor', 'POST', '/notes', note(change))
      expect([JSON.stringify(change).slice(0, 40), answer.statusCode]).toEqual([
        JSON.stringify(change).slice(0, 40),
        400,
      ])
    }
    expect((await ask('supervisor', 'GET', `/notes?day=${DAY}`)).json()).toEqual(before)
    // As long as may be, in any script.
    const text = 'ع'.repeat(280)
    const longest = await ask('supervisor', 'POST', '/notes', note({ text }))
    expect([longest.statusCode, longest.json<{ text: string }>().text]).toEqual([201, text])
  })

  it('knows no note, alert or day by what is none', async () => {
    for (const [method, path, status] of [
      ['PUT', '/notes/nothing?version=1', 404],
      ['DELETE', '/notes/nothing?version=1', 404],
      ['DELETE', '/notes/nothing?version=-1', 400],
      ['DELETE', '/notes/nothing', 400],
      ['DELETE', `/notes/${'n'.repeat(300)}?version=1`, 400],
      ['GET', '/notes?day=2026-02-30', 400],
      ['GET', '/notes?day=yesterday', 400],
      ['GET', '/alerts?hours=-1', 400],
      ['GET', '/alerts?hours=1000', 400],
      ['GET', '/moments/9e99', 400],
      ['GET', '/moments/1969-01-01T00:00:00Z', 404],
    ] as const) {
      const answer = await ask('supervisor', method, path, method === 'PUT' ? note() : undefined)
      expect([path, answer.statusCode]).toEqual([path, status])
      expect(answer.headers['content-type']).toContain('application/problem+json')
    }
  })
})
