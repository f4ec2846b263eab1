/** What a client sees, route by route and message by message: its own, and of others not even that they are there. On each database. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { openDataServices } from '../../server/data-services.ts'
import { startServer } from '../../server/main.ts'
import { BOARD_SLICES } from '../../server/wire/board.ts'
import { describeOnEachHost } from '../support/databases.ts'
import { pdfText } from '../support/pdf-text.ts'
import { isOfRoute, ROUTES } from './rights-table.ts'
import { answeredCall, DAY, event, NOW_MS, startTestServer, type TestServer } from './running-server.ts'

const NUMBERS = { own: '+33611111111', foreign: '+49322222222' }
/** Queue, client, agent, team, contact, note and number of the other client; then the own agent and number. */
const FOREIGN =
  /billing|globex|agent-bert|bert|c-billing|team-foreign|foreign team|other business|22222222|agent-anna|anna|11111111/i
const SPAN = `from=${DAY}T00:00:00Z&to=${DAY}T23:00:00Z`

/** Of every route that a client may read: how it asks for its own, and for what is another's, or nobody's. */
const ASKED: readonly (readonly [own: string, ofOthers?: readonly string[]])[] = [
  ['/api/v1/me'],
  ['/api/v1/clock'],
  [`/api/v1/reports/day?date=${DAY}`, [`/api/v1/reports/day?date=${DAY}&queue=`]],
  [`/api/v1/reports/day?date=${DAY}&queue=orders&view=event&interval=15`],
  [`/api/v1/reports/day?date=${DAY}&format=csv`, [`/api/v1/reports/day?date=${DAY}&format=csv&queue=`]],
  [`/api/v1/reports/day?date=${DAY}&format=pdf`, [`/api/v1/reports/day?date=${DAY}&format=pdf&queue=`]],
  [`/api/v1/queues/orders/contacts?${SPAN}`, []],
  [`/api/v1/queues/orders/contacts?date=${DAY}&view=event`, []],
  [`/api/v1/queues/orders/revisions?date=${DAY}`, []],
  ['/api/v1/figures?scope=queue&id=orders&window=now', ['/api/v1/figures?scope=queue&window=now&id=']],
  [`/api/v1/figures?scope=queue&id=orders&window=day&date=${DAY}`],
  [
    '/api/v1/figures?scope=client&id=acme',
    ['/api/v1/figures?scope=client&id=', '/api/v1/figures?scope=team&id='],
  ],
  ['/api/v1/alerts'],
  [`/api/v1/notes?day=${DAY}`],
  [`/api/v1/moments/${DAY}T09:55:00Z`],
  ['/api/v1/month-to-date'],
  ['/api/v1/openapi.json'],
]
/** What the other client, its queue and its team are called; then what nobody is called. */
const OTHERS = ['billing', 'globex', 'team-foreign', 'nobody']

describeOnEachHost('a client', (host) => {
  let server: TestServer
  let acme: string
  let supervisor: string

  const get = (url: string, cookie = acme) => server.app.inject({ url, headers: { cookie } })
  const post = async (url: string, payload: object) => {
    const headers = { cookie: supervisor }
    const answer = await server.app.inject({ method: 'POST', url: `/api/v1${url}`, headers, payload })
    expect(answer.statusCode, answer.body).toBeLessThan(300)
    return answer
  }

  beforeAll(async () => {
    const { databaseUrl } = (host().kind === 'postgres' ? await host().createLocation() : {}) as {
      readonly databaseUrl?: string
    }
    server = await startTestServer({ databaseUrl })
    acme = await server.cookie('client', 'acme')
    supervisor = await server.cookie('supervisor')
    await seed()
  })
  afterAll(() => server?.close())

  async function seed(): Promise<void> {
    const put = async (kind: 'team' | 'agent' | 'promise', id: string, body: unknown) =>
      expect(
        await server.data.settings.put({ kind, id, baseVersion: 0, changedBy: 'test', body }),
      ).toMatchObject({ kind: 'stored' })
    await put('team', 'team-foreign', { name: 'Foreign team' })
    await put('agent', 'agent-anna', { name: 'Anna', teamId: 'team-foreign', unconfirmed: false })
    await put('agent', 'agent-bert', { name: 'Bert', teamId: 'team-foreign', unconfirmed: false })
    for (const clientId of ['acme', 'globex'])
      await put('promise', `promise-${clientId}`, {
        clientId,
        queueIds: [],
        targetRatio: 0.8,
        answerThresholdSeconds: 20,
        shortAbandonSeconds: 5,
        formula: 'SL4',
        effectiveFrom: '2026-01-01',
      })
    await send(NOW_MS - 900_000, 'orders', { contactId: 'w-orders', callerNumber: NUMBERS.own })
    await send(NOW_MS - 900_000, 'billing', { contactId: 'c-billing-w', callerNumber: NUMBERS.foreign })
    for (const [queueId, contactId, agentId, more] of [
      ['orders', 'c-orders', 'agent-anna', { callerNumber: NUMBERS.own }],
      // An agent of both works for the other one too.
      ['billing', 'c-billing', 'agent-anna', { callerNumber: NUMBERS.foreign }],
      ['billing', 'c-billing-2', 'agent-bert', { callerNumber: NUMBERS.foreign }],
    ] as const) {
      const [queued, ...rest] = answeredCall(queueId, contactId, agentId, 10)
      await ingest([
        event(`${contactId}-on`, 'cc.agent.logged-on.v1', { agentId }, NOW_MS - 3_600_000),
        event(`${contactId}-in`, 'cc.agent.queue-joined.v1', { agentId, queueId }, NOW_MS - 3_600_000),
        { ...queued, data: { ...queued?.data, ...more } },
        ...rest,
      ])
    }
    await ingest([event('beat', 'cc.source.heartbeat.v1', {})])
    for (const [queueId, text] of [
      ['billing', 'Other business'],
      ['orders', 'Ours'],
    ] as const)
      await post('/notes', {
        fromMs: NOW_MS - 60_000,
        toMs: NOW_MS,
        queueId,
        kind: 'other',
        heads: null,
        text,
      })
    // The watch looks at the board by itself: two queues have a caller who waits too long.
    const openAlerts = async () =>
      (await get('/api/v1/alerts', supervisor)).json<{ readonly open: readonly object[] }>().open.length
    await vi.waitFor(async () => expect(await openAlerts()).toBeGreaterThanOrEqual(2), { timeout: 60_000 })
  }
  const send = (atMs: number, queueId: string, data: object) =>
    ingest([event(`${queueId}-${atMs}`, 'cc.contact.queued.v1', { queueId, ...data }, atMs)])
  async function ingest(events: readonly object[]): Promise<void> {
    const reply = await server.data.ingest.ingest(
      events.map((value) => ({ value })),
      'test',
    )
    expect(reply).toMatchObject({ accepted: events.length, rejected: [] })
  }

  it('reads its own by every route that it may use, and nothing of others', async () => {
    for (const [url] of ASKED) {
      const answer = await get(url)
      expect([url, answer.statusCode]).toEqual([url, 200])
      const isPdf = url.includes('format=pdf')
      const body = isPdf ? pdfText(answer.rawPayload) : answer.body
      if (isPdf) expect(body).toContain('ACME')
      expect(`${JSON.stringify(answer.headers)} ${body}`, url).not.toMatch(FOREIGN)
    }
    expect((await get(`/api/v1/reports/day?date=${DAY}`)).body).toContain('orders')
    // The table says which routes those are: a new one must be asked here too.
    const readable = ROUTES.filter(
      ([method, url, allowed]) =>
        method === 'GET' &&
        allowed.includes('client') &&
        !url.startsWith('/api/docs') &&
        url !== '/api/v1/live',
    )
    const path = (url: string) => url.split('?')[0] ?? ''
    for (const [, url] of readable)
      expect(
        ASKED.some(([own]) => isOfRoute(path(own), path(url).replace(/\d{4}-.*$/, ':instant'))),
        url,
      ).toBe(true)
  })

  it('hears of what is another client\u2019s exactly what it hears of what is not there', async () => {
    const urls = ASKED.flatMap(([own, ofOthers]) =>
      ofOthers?.length === 0 ? [own.replace('orders', '')] : (ofOthers ?? []),
    )
    for (const url of urls)
      for (const name of OTHERS) {
        const asked = url.includes('/queues//') ? url.replace('/queues//', `/queues/${name}/`) : url + name
        const answer = await get(asked)
        expect([asked, answer.statusCode]).toEqual([asked, 404])
        expect(answer.json()).toEqual({
          type: '/problems/not-found',
          title: 'Not found',
          status: 404,
          instance: expect.any(String),
        })
      }
    for (const url of ['/api/v1/figures?scope=site', `/api/v1/nothing`])
      expect([url, (await get(url)).statusCode]).toEqual([url, 404])
  })

  it('shows nobody a whole number in anything that is read', async () => {
    const director = await server.cookie('director')
    const reads = ROUTES.filter(([method, url]) => method === 'GET' && !/live|docs/.test(url))
    for (const cookie of [director, supervisor, acme])
      for (const [, url] of reads)
        expect((await get(url, cookie)).body, url).not.toMatch(/\+?33611111111|\+?49322222222/)
    const listed = await get(`/api/v1/ring-back?queue=orders&date=${DAY}`, supervisor)
    expect(listed.statusCode).toBe(200)
  })

  it('gets no message about others on the live socket, whatever slices it asks for, also while they change', async () => {
    const slices = BOARD_SLICES.join(',')
    const messages = async (cookie: string) => {
      const heard = { text: '' }
      const socket = await server.app.injectWS(
        `/api/v1/live?slices=${slices}`,
        { headers: { cookie } },
        {
          // The first messages come with the answer to the upgrade.
          onInit: (opening) =>
            opening.on('message', (data) => {
              heard.text += data.toString()
            }),
        },
      )
      return { socket, heard }
    }
    const client = await messages(acme)
    const staff = await messages(supervisor)
    await ingest([
      ...answeredCall('billing', 'c-billing-3', 'agent-bert', 3),
      ...answeredCall('orders', 'c-orders-2', 'agent-anna', 3),
    ])
    // Two answered calls of its own, whoever else called: the last to change.
    await expect.poll(() => client.heard.text, { timeout: 60_000 }).toMatch(/"answeredToday":2/)
    // Anna has answered for both; the client's part of it is two.
    await expect.poll(() => client.heard.text, { timeout: 60_000 }).toContain('"contactsToday":2')
    await expect.poll(() => staff.heard.text, { timeout: 60_000 }).toContain('"contactsToday":3')
    expect(staff.heard.text).toMatch(/Bert/)
    client.socket.send(JSON.stringify({ type: 'resume', seq: 1 }))
    await expect
      .poll(() => client.heard.text.split('"type":"snapshot"').length, { timeout: 60_000 })
      .toBeGreaterThan(2)
    client.socket.terminate()
    staff.socket.terminate()
    for (const word of ['orders', 'Ours', '"agents"', '"alerts"']) expect(client.heard.text).toContain(word)
    expect(client.heard.text).not.toMatch(FOREIGN)
    expect(client.heard.text).not.toContain('"contactsToday":3')
  })

  it('is told by its report that a settled interval has changed while no server ran', async () => {
    const url = `/api/v1/reports/day?date=${DAY}&queue=orders`
    const interval = async () => {
      const { queues } = (await get(url)).json()
      return queues[0].intervals.find(({ start }: { start: string }) => start.startsWith(`${DAY}T08:00`))
    }
    const early = NOW_MS - 6_600_000
    await ingest([
      event('e-q', 'cc.contact.queued.v1', { contactId: 'e', queueId: 'orders' }, early),
      event('e-x', 'cc.contact.abandoned.v1', { contactId: 'e', queueId: 'orders' }, early + 9_000),
    ])
    await server.stop()
    const data = await openDataServices({
      location: server.config.location,
      role: 'command',
      migrate: false,
      clock: server.config.clock,
      log: () => undefined,
    })
    await data.ingest.append(
      [
        event('l-q', 'cc.contact.queued.v1', { contactId: 'l', queueId: 'orders' }, early + 60_000),
        event('l-x', 'cc.contact.abandoned.v1', { contactId: 'l', queueId: 'orders' }, early + 70_000),
      ].map(({ time, specversion: _, ...one }) => ({
        ...one,
        type: one.type as 'cc.contact.queued.v1',
        occurredAtMs: Date.parse(time),
        receivedAtMs: NOW_MS,
      })),
    )
    await data.database.close()
    server = { ...server, ...(await startServer(server.config)) }
    expect(await interval()).toMatchObject({ offered: 2, abandoned: 2, provisional: false, revision: 2 })
    // What came is one caller who gave up after ten seconds.
    const revisions = await get(`/api/v1/queues/orders/revisions?date=${DAY}`)
    expect(revisions.json()).toEqual([
      {
        start: `${DAY}T08:00:00+00:00`,
        revision: 2,
        revisedAtMs: NOW_MS,
        changes: {
          offered: [1, 2],
          abandoned: [1, 2],
          abandonedWithinThreshold: [1, 2],
          waitAllMs: [9_000, 19_000],
          waitsEnded: [1, 2],
          waitMsMax: [9_000, 10_000],
        },
      },
    ])
  })
})
