/** Who may do what: every route against an anonymous caller and every role, and nothing of another client's anywhere. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isOfRoute, OPEN, ROUTES, routesOf, WHO, type Who } from './rights-table.ts'
import { answeredCall, DAY, NOW_MS, startTestServer, type TestServer } from './running-server.ts'

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

/** A refusal says the same of every route, whether what was asked for is there or not. */
async function expectRefused(
  status: 401 | 403,
  asked: { readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'; readonly url: string },
  who: Who | null,
): Promise<void> {
  const headers = who === null ? {} : (headersOf.get(who) ?? {})
  const response = await server.app.inject({ ...asked, headers })
  expect(response.statusCode).toBe(status)
  expect(response.headers['content-type']).toMatch(/^application\/problem\+json/)
  const [slug, title, detail] =
    status === 401
      ? ['not-signed-in', 'Not signed in', undefined]
      : ['not-allowed', 'Not allowed', `The role "${who}" may not do this.`]
  expect(response.json()).toEqual({
    type: `/problems/${slug}`,
    title,
    status,
    ...(detail === undefined ? {} : { detail }),
    instance: expect.any(String),
  })
  if (asked.method !== 'GET') return
  const head = await server.app.inject({ method: 'HEAD', url: asked.url, headers })
  expect(head.statusCode).toBe(status)
}

describe('an anonymous caller', () => {
  test.each(ROUTES)('%s %s is 401', async (method, url) => {
    await expectRefused(401, { method, url }, null)
  })
  test('unknown addresses below /api are 401 too, others plainly not found', async () => {
    expect(await statusFor('GET', '/api/v1/nothing', {})).toBe(401)
    expect(await statusFor('POST', '/api', {})).toBe(401)
    expect(await statusFor('GET', '/nothing', {})).toBe(404)
  })
  test('every route that the app has is in the table', () => {
    const routes = routesOf(server.app.printRoutes({ commonPrefix: false }))
    expect(routes).toContain('GET /api/v1/forecasts/:queueId/days/:day/versions/:version')
    expect(routes).toContain('GET /')
    // The built page is its files, one route each; all of the API lies below /api.
    const isPage = (path: string) => !path.startsWith('/api') && /^\/($|assets\/|[\w-]+\.\w+$)/.test(path)
    const missing = routes.filter((route) => {
      const [method = '', path = ''] = route.split(' ')
      const asked = method === 'HEAD' ? 'GET' : method
      if (OPEN.includes(`${asked} ${path}`) || isPage(path)) return false
      return !ROUTES.some(([known, url]) => known === asked && isOfRoute(url, path))
    })
    expect(missing).toEqual([])
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
  const rows = ROUTES.filter(([, url, allowed]) => !url.endsWith('/sign-out') && allowed.length > 0).flatMap(
    ([method, url, allowed]) => WHO.map((who) => [who, method, url, allowed.includes(who)] as const),
  )
  test.each(rows)('%s: %s %s allowed %s', async (who, method, url, allowed) => {
    if (!allowed) {
      await expectRefused(403, { method, url }, who)
      return
    }
    const status = await statusFor(method, url, headersOf.get(who) ?? {})
    expect([401, 403]).not.toContain(status)
    expect(status).toBeLessThan(500)
  })
  test.each(ROUTES.filter(([, , allowed]) => allowed.length === 0))(
    '%s %s knows nobody by a session or token',
    async (method, url) => {
      for (const who of WHO) expect(await statusFor(method, url, headersOf.get(who) ?? {})).toBe(401)
    },
  )
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
