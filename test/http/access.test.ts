/** Who may do what: every route against an anonymous caller and every role, and nothing of another client's anywhere. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answeredCall, DAY, NOW_MS, startTestServer, type TestServer } from './running-server.ts'

type Who = 'administrator' | 'director' | 'supervisor' | 'client' | 'read' | 'ingest'
const WHO: readonly Who[] = ['administrator', 'director', 'supervisor', 'client', 'read', 'ingest']
const ADMINISTRATION: readonly Who[] = ['administrator', 'director']
const STAFF: readonly Who[] = [...ADMINISTRATION, 'supervisor']
const STAFF_OR_READER: readonly Who[] = [...STAFF, 'read']
const PEOPLE: readonly Who[] = [...STAFF, 'client']
const PEOPLE_OR_READER: readonly Who[] = [...PEOPLE, 'read']

/** Written from the table of the README, not read from the routes. */
const ROUTES: readonly (readonly [
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  url: string,
  allowed: readonly Who[],
])[] = [
  ['GET', '/api/v1/me', PEOPLE],
  ['POST', '/api/v1/sign-out', PEOPLE],
  ['GET', '/api/v1/clock', WHO],
  ['GET', '/api/v1/settings/queue', STAFF_OR_READER],
  ['GET', '/api/v1/settings/queue/orders', STAFF_OR_READER],
  ['GET', '/api/v1/settings/queue/orders/history', STAFF_OR_READER],
  ['PUT', '/api/v1/settings/team/one', ADMINISTRATION],
  ['GET', '/api/v1/users', ADMINISTRATION],
  ['POST', '/api/v1/users', ADMINISTRATION],
  ['POST', '/api/v1/users/nobody/sign-in-link', ADMINISTRATION],
  ['DELETE', '/api/v1/users/nobody', ADMINISTRATION],
  ['GET', '/api/v1/tokens', ADMINISTRATION],
  ['POST', '/api/v1/tokens', ADMINISTRATION],
  ['DELETE', '/api/v1/tokens/none', ADMINISTRATION],
  ['GET', '/api/v1/sources', STAFF_OR_READER],
  ['GET', '/api/v1/sources/dead-letters?source=x', ADMINISTRATION],
  ['POST', '/api/v1/events', ['ingest']],
  ['GET', `/api/v1/reports/day?date=${DAY}`, PEOPLE_OR_READER],
  ['GET', `/api/v1/reports/day?date=${DAY}&format=csv`, PEOPLE_OR_READER],
  ['GET', `/api/v1/queues/orders/contacts?from=${DAY}T00:00:00Z&to=${DAY}T23:00:00Z`, PEOPLE_OR_READER],
  ['GET', `/api/v1/queues/orders/contacts?date=${DAY}`, PEOPLE_OR_READER],
  ['GET', '/api/v1/contacts/c-orders/events', STAFF],
  ['GET', '/api/v1/figures?scope=queue&id=orders', PEOPLE_OR_READER],
  ['GET', `/api/v1/agents/anna/day?date=${DAY}`, STAFF],
  ['GET', `/api/v1/schedules/${DAY}`, STAFF],
  ['PUT', `/api/v1/schedules/${DAY}`, ADMINISTRATION],
  ['GET', `/api/v1/plans/orders/${DAY}`, STAFF_OR_READER],
  ['GET', `/api/v1/plans/orders/${DAY}/versions`, STAFF_OR_READER],
  ['GET', `/api/v1/plans/orders/${DAY}/csv`, STAFF_OR_READER],
  ['PUT', `/api/v1/plans/orders/${DAY}`, ADMINISTRATION],
  ['POST', `/api/v1/plans/orders/${DAY}/publish`, ADMINISTRATION],
  ['POST', `/api/v1/plans/orders/${DAY}/copy`, ADMINISTRATION],
  ['GET', `/api/v1/forecasts/orders?from=${DAY}&to=${DAY}`, STAFF_OR_READER],
  ['GET', `/api/v1/forecasts/orders/days/${DAY}`, STAFF_OR_READER],
  ['GET', `/api/v1/forecasts/orders/days/${DAY}/versions`, STAFF_OR_READER],
  ['GET', `/api/v1/forecasts/orders/days/${DAY}/versions/1`, STAFF_OR_READER],
  ['GET', `/api/v1/forecasts/orders/days/${DAY}/compare?left=1&right=2`, STAFF_OR_READER],
  ['GET', '/api/v1/forecasts/orders/methods', STAFF_OR_READER],
  ['GET', `/api/v1/forecasts/special-days?from=${DAY}&to=${DAY}`, STAFF_OR_READER],
  ['GET', `/api/v1/forecasts/orders/edits?from=${DAY}&to=${DAY}`, STAFF_OR_READER],
  ['POST', '/api/v1/forecasts/orders/edits', ADMINISTRATION],
  ['DELETE', '/api/v1/forecasts/orders/edits/1', ADMINISTRATION],
  ['POST', '/api/v1/forecasts/orders/edits/1/restore', ADMINISTRATION],
  ['GET', `/api/v1/forecasts/orders/csv?from=${DAY}&to=${DAY}`, STAFF_OR_READER],
  ['POST', '/api/v1/forecasts/orders/edits/csv?reason=r', ADMINISTRATION],
  ['GET', `/api/v1/forecasts/orders/one-offs?from=${DAY}&to=${DAY}`, STAFF_OR_READER],
  ['POST', '/api/v1/forecasts/orders/one-offs', STAFF],
  ['DELETE', '/api/v1/forecasts/orders/one-offs/1', STAFF],
  ['POST', '/api/v1/forecasts/runs', ADMINISTRATION],
  ['GET', '/api/v1/forecasts/runs/current', STAFF_OR_READER],
  ['GET', '/api/v1/boards', STAFF_OR_READER],
  ['GET', '/api/v1/boards/none', STAFF_OR_READER],
  ['GET', '/api/v1/boards/none/history', STAFF_OR_READER],
  ['POST', '/api/v1/boards', STAFF],
  ['PUT', '/api/v1/boards/none', STAFF],
  ['GET', '/api/v1/boards/none/links', STAFF],
  ['POST', '/api/v1/boards/none/links', STAFF],
  ['DELETE', '/api/v1/board-links/none', STAFF],
  ['GET', `/api/v1/ring-back?queue=orders&date=${DAY}`, STAFF],
  ['POST', '/api/v1/ring-back/numbers', STAFF],
  ['PUT', '/api/v1/ring-back/contacts/c-orders', STAFF],
  ['GET', '/api/v1/ring-back/rights', ADMINISTRATION],
  ['PUT', '/api/v1/ring-back/rights/nobody', ADMINISTRATION],
  ['GET', '/api/v1/look-ahead', STAFF_OR_READER],
  ['POST', '/api/v1/look-ahead/run', STAFF],
  ['GET', '/api/v1/alerts', PEOPLE_OR_READER],
  ['POST', '/api/v1/alerts/none/acknowledge', STAFF],
  ['GET', '/api/v1/alert-thresholds/site', STAFF_OR_READER],
  ['PUT', '/api/v1/alert-thresholds/site', ADMINISTRATION],
  ['GET', `/api/v1/notes?from=${DAY}&to=${DAY}`, PEOPLE_OR_READER],
  ['POST', '/api/v1/notes', STAFF],
  ['GET', '/api/v1/notes/none/versions', STAFF_OR_READER],
  ['PUT', '/api/v1/notes/none', STAFF],
  ['DELETE', '/api/v1/notes/none', STAFF],
  ['GET', `/api/v1/moments/${DAY}T10:00:00Z`, PEOPLE_OR_READER],
  ['GET', `/api/v1/month-to-date?day=${DAY}`, PEOPLE_OR_READER],
  ['GET', '/metrics', STAFF_OR_READER],
  ['GET', '/api/v1/openapi.json', PEOPLE_OR_READER],
  ['GET', '/api/docs', PEOPLE_OR_READER],
]

let server: TestServer
const headersOf = new Map<Who, Record<string, string>>()

beforeAll(async () => {
  server = await startTestServer()
  for (const role of ['administrator', 'director', 'supervisor'] as const)
    headersOf.set(role, { cookie: await server.cookie(role) })
  headersOf.set('client', { cookie: await server.cookie('client', 'acme') })
  for (const role of ['read', 'ingest'] as const)
    headersOf.set(role, { authorization: `Bearer ${await server.token(role)}` })
  const calls = [
    ...answeredCall('orders', 'c-orders', 'agent-anna', 5),
    ...answeredCall('billing', 'c-billing', 'agent-bert', 50),
  ]
  await server.data.ingest.ingest(
    calls.map((value) => ({ value })),
    'test',
  )
})
afterAll(() => server.close())

async function statusFor(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  url: string,
  headers: Record<string, string>,
) {
  const response = await server.app.inject({ method, url, headers })
  return response.statusCode
}

describe('an anonymous caller', () => {
  test.each(ROUTES)('%s %s is 401', async (method, url) => {
    expect(await statusFor(method, url, {})).toBe(401)
  })
  test('unknown addresses below /api are 401 too, others plainly not found', async () => {
    expect(await statusFor('GET', '/api/v1/nothing', {})).toBe(401)
    expect(await statusFor('POST', '/api', {})).toBe(401)
    expect(await statusFor('GET', '/nothing', {})).toBe(404)
  })
  test('a feed that pushes is nobody without its signature', async () => {
    for (const who of [undefined, 'director', 'ingest'] as const)
      expect(
        await statusFor('POST', '/api/v1/feeds/any', who === undefined ? {} : (headersOf.get(who) ?? {})),
      ).toBe(401)
  })
  test('every route that the description lists is in the table above', async () => {
    const response = await server.app.inject({
      url: '/api/v1/openapi.json',
      headers: headersOf.get('administrator') ?? {},
    })
    const { paths } = response.json<{ paths: Record<string, Record<string, unknown>> }>()
    const open = new Set([
      'GET /healthz',
      'GET /readyz',
      'POST /api/v1/sign-in',
      'GET /api/v1/live',
      // The secret of a board link is exchanged here, and its cookie known; tried in boards.test.ts.
      'POST /api/v1/shared-board',
      'GET /api/v1/shared-board',
      // Known by its signature, not by a session or token.
      'POST /api/v1/feeds/{sourceId}',
    ])
    const asPattern = (path: string) => new RegExp(`^${path.replaceAll(/\{[^}]+\}/g, '[^/?]+')}(\\?|$)`)
    for (const [path, methods] of Object.entries(paths)) {
      for (const method of Object.keys(methods).map((name) => name.toUpperCase())) {
        const listed = ROUTES.some(([known, url]) => known === method && asPattern(path).test(url))
        expect(listed || open.has(`${method} ${path}`), `${method} ${path}`).toBe(true)
      }
    }
  })
  test('open are health, sign-in, problems and the page', async () => {
    expect(await statusFor('GET', '/healthz', {})).toBe(200)
    expect(await statusFor('GET', '/readyz', {})).toBe(200)
    expect(await statusFor('GET', '/problems/not-allowed', {})).toBe(200)
    expect(await statusFor('POST', '/api/v1/sign-in', {})).toBe(400)
    const wrong = await server.app.inject({
      method: 'POST',
      url: '/api/v1/sign-in',
      payload: { secret: 'x' },
    })
    expect(wrong.json()).toMatchObject({ type: '/problems/sign-in-refused', status: 401 })
  })
  test('a wrong token does not fall back to the session', async () => {
    const headers = { ...headersOf.get('director'), authorization: 'Bearer nonsense' }
    expect(await statusFor('GET', '/api/v1/me', headers)).toBe(401)
    const basic = { ...headersOf.get('director'), authorization: 'Basic abc' }
    expect(await statusFor('GET', '/api/v1/me', basic)).toBe(401)
  })
})

describe('roles', () => {
  // Signing out ends the session that the other rows use: it has a test of its own.
  const rows = ROUTES.filter(([, url]) => !url.endsWith('/sign-out')).flatMap(([method, url, allowed]) =>
    WHO.map((who) => [who, method, url, allowed.includes(who)] as const),
  )
  test.each(rows)('%s: %s %s allowed %s', async (who, method, url, allowed) => {
    const status = await statusFor(method, url, headersOf.get(who) ?? {})
    if (allowed) expect([401, 403]).not.toContain(status)
    else expect(status).toBe(403)
    expect(status).toBeLessThan(500)
  })
})

describe('a client', () => {
  const get = (url: string) => server.app.inject({ url, headers: headersOf.get('client') ?? {} })

  test('sees its own queues in every format of the report, and no agent', async () => {
    for (const format of ['json', 'csv']) {
      const { body } = await get(`/api/v1/reports/day?date=${DAY}&format=${format}`)
      expect(body).toContain('orders')
      expect(body).not.toMatch(/billing|globex|GLOBEX|agent-anna|agent-bert/)
    }
  })
  test("does not learn that another client's queue exists", async () => {
    for (const queue of ['billing', 'no-such-queue']) {
      const report = await get(`/api/v1/reports/day?date=${DAY}&queue=${queue}`)
      const contacts = await get(`/api/v1/queues/${queue}/contacts?from=${DAY}T00:00:00Z&to=${DAY}T12:00:00Z`)
      expect([report.statusCode, contacts.statusCode]).toEqual([404, 404])
    }
  })
  test('sees its contacts without agents, the staff with them', async () => {
    const url = `/api/v1/queues/orders/contacts?from=${DAY}T00:00:00Z&to=${DAY}T23:00:00Z`
    const own = await get(url)
    expect(own.json()).toMatchObject([
      { contactId: 'c-orders', outcome: 'answered', waitSeconds: 5, agent: null },
    ])
    const staff = await server.app.inject({ url, headers: headersOf.get('supervisor') ?? {} })
    expect(staff.json()).toMatchObject([{ agent: 'agent-anna', talkSeconds: 60 }])
  })
  test('never hears of others on the live board, also while they change', async () => {
    const socket = await server.app.injectWS('/api/v1/live', { headers: headersOf.get('client') ?? {} })
    let text = ''
    const seen = new Promise<void>((resolve) => {
      socket.on('message', (data) => {
        text += data.toString()
        if (text.includes('"offeredToday":2')) resolve()
      })
    })
    const calls = [
      ...answeredCall('billing', 'c2', 'agent-bert', 3),
      ...answeredCall('orders', 'c3', 'agent-anna', 3),
    ]
    await server.data.ingest.ingest(
      calls.map((value) => ({ value })),
      'test',
    )
    await seen
    socket.terminate()
    expect(text).toContain('orders')
    expect(text).not.toMatch(/billing|globex|GLOBEX|agent-/)
  })
})

describe('sessions', () => {
  test('a sign-in link works once; the cookie is not for scripts nor for other sites', async () => {
    const { secret } = await server.data.people.createUser({
      name: 'Once',
      role: 'supervisor',
      clientId: null,
    })
    const first = await server.app.inject({ method: 'POST', url: '/api/v1/sign-in', payload: { secret } })
    expect(first.statusCode).toBe(204)
    expect(first.headers['set-cookie']).toMatch(/HttpOnly; SameSite=Strict/)
    const second = await server.app.inject({ method: 'POST', url: '/api/v1/sign-in', payload: { secret } })
    expect(second.statusCode).toBe(401)
  })
  test('signing out ends the session and its live sockets', async () => {
    const cookie = await server.cookie('supervisor')
    const socket = await server.app.injectWS('/api/v1/live', { headers: { cookie } })
    const closed = new Promise<number>((resolve) => socket.on('close', resolve))
    expect(await statusFor('POST', '/api/v1/sign-out', { cookie })).toBe(204)
    expect(await statusFor('GET', '/api/v1/me', { cookie })).toBe(401)
    expect(await closed).toBe(4401)
  })
  test('removing a person or a token ends their rights at once', async () => {
    const cookie = await server.cookie('supervisor')
    const users = await server.data.people.users()
    for (const user of users.filter(({ role }) => role === 'supervisor')) {
      if (user.name !== 'supervisor') continue
      const headers = headersOf.get('director') ?? {}
      await server.app.inject({ method: 'DELETE', url: `/api/v1/users/${user.id}`, headers })
    }
    expect(await statusFor('GET', '/api/v1/me', { cookie })).toBe(401)
    headersOf.set('supervisor', { cookie: await server.cookie('supervisor') })
    const token = await server.token('read')
    const authorization = `Bearer ${token}`
    expect(await statusFor('GET', '/api/v1/sources', { authorization })).toBe(200)
    for (const { id, name } of await server.data.people.tokens())
      if (name === 'read token') await server.data.people.removeToken(id)
    expect(await statusFor('GET', '/api/v1/sources', { authorization })).toBe(401)
  })
  test('a page of another site can neither change anything nor open the board', async () => {
    const cookie = headersOf.get('director')?.cookie ?? ''
    const host = 'board.example'
    const put = (extra: Record<string, string>) =>
      server.app.inject({
        method: 'PUT',
        url: '/api/v1/settings/team/csrf',
        headers: { cookie, host, ...extra },
        payload: { version: 99, body: { name: 'x' } },
      })
    expect((await put({ origin: 'https://evil.example' })).statusCode).toBe(403)
    expect((await put({ origin: 'null' })).statusCode).toBe(403)
    expect((await put({ 'sec-fetch-site': 'cross-site' })).statusCode).toBe(403)
    expect((await put({ 'sec-fetch-site': 'same-site' })).statusCode).toBe(403)
    expect((await put({ origin: 'http://board.example', 'sec-fetch-site': 'same-origin' })).statusCode).toBe(
      409,
    )
    await expect(
      server.app.injectWS('/api/v1/live', { headers: { cookie, origin: 'https://evil.example' } }),
    ).rejects.toThrow('403')
  })
})

test("the clock that a page sees is the server's", async () => {
  const response = await server.app.inject({ url: '/api/v1/me', headers: headersOf.get('director') ?? {} })
  expect(response.json()).toMatchObject({ nowMs: NOW_MS, role: 'director', version: '9.9.9' })
})
