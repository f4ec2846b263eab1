/** Figures by scope and window, an agent's day and schedules over HTTP: the same figures as the report, and who may see them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DayReport, IntervalFigures } from '../../server/state/figures.ts'
import { pdfText } from '../support/pdf-text.ts'
import { answeredCall, DAY, event, NOW_MS, startTestServer, type TestServer } from './running-server.ts'

let server: TestServer
let director: string
let supervisor: string
let acme: string
const agentId = 'ann'
const HOUR_MS = 3_600_000

beforeAll(async () => {
  server = await startTestServer()
  director = await server.cookie('director')
  supervisor = await server.cookie('supervisor')
  acme = await server.cookie('client', 'acme')
  const { settings } = server.data
  const put = (kind: 'team' | 'agent' | 'promise', id: string, body: unknown) =>
    settings.put({ kind, id, baseVersion: 0, changedBy: 'test', body })
  await put('team', 'east', { name: 'East' })
  await put('agent', agentId, { name: 'Ann', teamId: 'east', unconfirmed: false })
  await put('promise', 'acme', {
    clientId: 'acme',
    queueIds: [],
    targetRatio: 0.8,
    answerThresholdSeconds: 20,
    shortAbandonSeconds: 5,
    formula: 'SL4',
    effectiveFrom: '2026-01-01',
  })
  const authorization = `Bearer ${await server.token('ingest')}`
  const payload = [
    event('on', 'cc.agent.logged-on.v1', { agentId }, NOW_MS - 2 * HOUR_MS),
    event('in', 'cc.agent.queue-joined.v1', { agentId, queueId: 'orders' }, NOW_MS - 2 * HOUR_MS),
    ...answeredCall('orders', 'c1', agentId, 10),
    ...answeredCall('orders', 'c2', agentId, 30),
    ...answeredCall('billing', 'c3', 'bob', 5),
    event('w', 'cc.contact.queued.v1', { contactId: 'w', queueId: 'orders' }, NOW_MS - 60_000),
    event('beat', 'cc.source.heartbeat.v1', {}, NOW_MS),
  ]
  const reply = await server.app.inject({
    method: 'POST',
    url: '/api/v1/events',
    headers: { authorization, 'content-type': 'application/cloudevents-batch+json' },
    payload: JSON.stringify(payload),
  })
  expect(reply.json()).toMatchObject({ accepted: payload.length })
})
afterAll(() => server.close())

const get = (url: string, cookie = supervisor) =>
  server.app.inject({ method: 'GET', url: `/api/v1${url}`, headers: { cookie } })
const putCsv = (day: string, csv: string, cookie = director) =>
  server.app.inject({
    method: 'PUT',
    url: `/api/v1/schedules/${day}`,
    headers: { cookie, 'content-type': 'text/csv', origin: 'http://localhost', host: 'localhost' },
    payload: csv,
  })

describe('figures', () => {
  test('of a queue, a client, a team and the site are sums, and the report says the same', async () => {
    const of = async (query: string) => (await get(`/figures?${query}&window=day&date=${DAY}`)).json()
    const queue = await of('scope=queue&id=orders')
    expect(queue).toMatchObject({
      offered: 3,
      answered: 2,
      waiting: 1,
      answeredWithinThreshold: 1,
      asaSeconds: 20,
      waitSecondsP50: 10,
      serviceLevel: { numerator: 1, denominator: 2, ratio: 0.5 },
      target: 0.8,
      intervalsMetRatio: 0,
    })
    expect(await of('scope=client&id=acme')).toMatchObject({ offered: 3, answered: 2, target: 0.8 })
    expect(await of('scope=team&id=east')).toMatchObject({ offered: 2, answered: 2 })
    expect(await of('scope=site')).toMatchObject({
      offered: 4,
      answered: 3,
      serviceLevel: { numerator: 2, denominator: 3 },
    })
    const report = (await get(`/reports/day?date=${DAY}`)).json()
    const row = report.queues.find((one: { queue: string }) => one.queue === 'orders')
    for (const [name, value] of Object.entries(queue)) {
      if (name in row && !['intervals', 'target'].includes(name))
        expect([name, row[name]]).toEqual([name, value])
    }
    expect(report.agents).toMatchObject([
      { agent: 'ann', name: 'Ann', team: 'east', contacts: 2 },
      { agent: 'bob' },
    ])
  })

  test('slide with the window', async () => {
    const offered = async (query: string) => (await get(`/figures?scope=site&${query}`)).json().offered
    expect(await offered('window=30min')).toBe(4)
    expect(await offered('window=today')).toBe(4)
    // 09:50 is of the interval before; the one at 09:59 too.
    expect(await offered('window=interval')).toBe(0)
    const span = (from: number, to: number) =>
      `window=span&from=${NOW_MS + from * 60_000}&to=${NOW_MS + to * 60_000}`
    expect(await offered(span(-30, -5))).toBe(3)
    expect(await offered(span(-5, 0))).toBe(1)
    expect(await offered(span(-60 * 24 * 20, 0))).toBe(4)
  })

  test('say who is there and who waits', async () => {
    expect((await get('/figures?scope=queue&id=orders&window=now')).json().now).toMatchObject({
      waiting: 1,
      waitingPastThreshold: 1,
      longestWaitSeconds: 60,
      agents: { available: 1, staffed: 1 },
      coverage: { staffed: 1, scheduled: null },
    })
  })

  test('are a client’s own and no other’s', async () => {
    expect((await get('/figures?scope=client&id=acme', acme)).json()).toMatchObject({ offered: 3 })
    for (const query of [
      'scope=client&id=globex',
      'scope=queue&id=billing',
      'scope=site',
      'scope=team&id=east',
    ])
      expect((await get(`/figures?${query}`, acme)).statusCode).toBe(404)
    expect((await get(`/reports/day?date=${DAY}`, acme)).json().agents).toBeUndefined()
  })

  test('point at what is wrong in the question', async () => {
    const pointer = async (query: string) => (await get(`/figures?${query}`)).json().errors?.[0]?.pointer
    expect(await pointer('scope=queue')).toBe('/id')
    expect(await pointer('scope=site&window=day')).toBe('/date')
    expect(await pointer('scope=site&window=span&from=2026-03-02T00:00:00Z')).toBe('/to')
    expect(await pointer('scope=site&window=span&from=2026-03-02&to=2026-03-01')).toBe('/to')
    expect((await get('/figures?scope=queue&id=nowhere')).statusCode).toBe(404)
    expect((await get('/figures?scope=team&id=nowhere')).statusCode).toBe(404)
    expect((await get('/figures?scope=planet')).statusCode).toBe(400)
  })

  test('come in the view that is asked for', async () => {
    const event = (await get(`/reports/day?date=${DAY}&view=event`)).json()
    expect(event.view).toBe('event')
    expect((await get(`/reports/day?date=${DAY}&view=sideways`)).statusCode).toBe(400)
    const csv = (await get(`/reports/day?date=${DAY}&format=csv`)).body.split('\r\n')
    expect(csv[0]).toMatch(/waitSecondsP50.*provisional,revision$/)
    expect(csv.find((line) => line.startsWith('orders,2026-03-02T09:30'))).toMatch(/,true,1$/)
  })
})

describe('the printed report', () => {
  const note = (more: object) => ({
    fromMs: NOW_MS - HOUR_MS,
    toMs: NOW_MS - HOUR_MS / 2,
    queueId: null,
    kind: 'outage',
    heads: null,
    text: 'The carrier was down',
    ...more,
  })
  const printed = async (cookie: string, query = '') =>
    pdfText((await get(`/reports/day?date=${DAY}&format=pdf&language=en${query}`, cookie)).rawPayload)

  test('says what the API says of the same day, and of its month', async () => {
    const text = await printed(acme)
    const report: DayReport = (await get(`/reports/day?date=${DAY}`, acme)).json()
    const { rows } = (await get('/month-to-date', acme)).json()
    const [client] = report.clients
    if (client === undefined) throw new Error('no line of the client')
    const seconds = (value: number | null) => (value === null ? '–' : `${Math.round(value * 10) / 10} s`)
    for (const line of [
      `offered${client.offered}100.0%`,
      `answered${client.answered}`,
      `still waiting${client.waiting}`,
      `mean wait of the answered${seconds(client.asaSeconds)}`,
      [client.asaSeconds, client.asaAllSeconds, client.asaEndlessPatienceSeconds].map(seconds).join('') +
        [client.waitSecondsP50, client.waitSecondsP80, client.waitSecondsP90, client.waitSecondsP95]
          .map(seconds)
          .join(''),
      `missed · promised ${client.target * 100}% in ${client.answerThresholdSeconds} s`,
      `${((client.serviceLevelRatio ?? Number.NaN) * 100).toFixed(1)}%`,
      `(${rows[0].month.numerator} ÷ ${rows[0].month.denominator}), this day alone`,
    ])
      expect(text).toContain(line)
    const provisional = ({ offered, provisional }: IntervalFigures) => offered > 0 && provisional === true
    const count = report.queues.flatMap(({ intervals }) => intervals.filter(provisional)).length
    expect(count).toBeGreaterThan(0)
    expect(text).toContain(`Provisional: ${count} intervals with calls may still change.`)
    expect(text).toContain('provisional, the day is not closed')
  })

  test('has the notes that its reader may read, and no month under other rules', async () => {
    for (const payload of [note({}), note({ queueId: 'billing', text: 'Of another client' })]) {
      const reply = await server.app.inject({
        method: 'POST',
        url: '/api/v1/notes',
        headers: { cookie: supervisor, origin: 'http://localhost', host: 'localhost' },
        payload,
      })
      expect(reply.statusCode).toBe(201)
    }
    const text = await printed(acme)
    expect(text).toContain('Outage · all queues\nThe carrier was down')
    expect(text).not.toContain('Of another client')
    expect(text).not.toContain('billing')
    expect(await printed(supervisor)).toContain('Of another client')
    expect(await printed(supervisor, '&threshold=30')).not.toContain('Month to date')
  })
})

describe('a schedule', () => {
  const csv =
    'agent,activity,start,end\nann,on-queue,08:00,12:00\n"ann",lunch,12:00,12:45\nzoe,on-queue,09:00,10:30\n'

  test('is stored whole or not at all', async () => {
    const bad = await putCsv(
      DAY,
      `${csv}ann,on-queue,12:30,13:00\nann,on-queue,25:99,26:00\nbob,x,10:00,09:00\n`,
    )
    expect(bad.statusCode).toBe(400)
    expect(bad.json().errors.map((one: { pointer: string }) => one.pointer)).toEqual(['/5', '/6', '/7'])
    expect((await putCsv(DAY, 'who,what\n')).statusCode).toBe(400)
    expect((await get(`/schedules/${DAY}`)).statusCode).toBe(404)
    expect((await putCsv(DAY, csv, supervisor)).statusCode).toBe(403)
    expect((await putCsv(DAY, csv)).json()).toMatchObject({ day: DAY, version: 1 })
    expect((await putCsv(DAY, csv)).json()).toMatchObject({ version: 2 })
    expect((await get(`/schedules/${DAY}`)).json().segments).toHaveLength(3)
  })

  test('gives adherence, conformance and coverage, and lists who did not come', async () => {
    const report = (await get(`/reports/day?date=${DAY}`)).json()
    const of = (agent: string) => report.agents.find((one: { agent: string }) => one.agent === agent)
    // Scheduled and on queue from eight to now, ten o'clock.
    expect(of('ann')).toMatchObject({ scheduledSeconds: 7200, adherenceRatio: 1, conformanceRatio: 1 })
    expect(of('zoe')).toMatchObject({ scheduledSeconds: 3600, adherenceRatio: 0, conformanceRatio: 0 })
    const { coverage } = (await get('/figures?scope=site&window=now')).json().now
    expect(coverage).toMatchObject({ scheduled: 2, staffed: 1, ofScheduledRatio: 0.5 })
  })

  test('stands beside an agent’s day, which only the staff sees', async () => {
    const day = (await get(`/agents/ann/day?date=${DAY}`)).json()
    expect(day).toMatchObject({ agent: 'ann', name: 'Ann', figures: { contacts: 2 }, schedule: [{}, {}] })
    expect(day.segments.map((one: { state: string }) => one.state)).toContain('on-contact')
    expect(day.now).toEqual({
      state: 'ready',
      sinceMs: expect.any(Number),
      reason: null,
      queueId: null,
      memberQueueIds: ['orders'],
      set: { state: 'ready', reason: null },
      notReadyPending: false,
      ringNoAnswerStreak: 0,
    })
    expect((await get('/agents/ann/day?date=2026-03-01')).json().now).toBeNull()
    expect((await get(`/agents/ann/day?date=${DAY}`, acme)).statusCode).toBe(403)
    expect((await get(`/agents/nobody/day?date=${DAY}`)).statusCode).toBe(404)
  })
})
