/** A contact's events by the API: as received, masked, for the staff only; and a queue's contacts of a day in its own zone. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { answeredCall, DAY, startTestServer, type TestServer } from './running-server.ts'

let server: TestServer
let cookie = ''

beforeAll(async () => {
  server = await startTestServer()
  cookie = await server.cookie('supervisor')
  const [queued, ...rest] = answeredCall('orders', 'c-1', 'agent-anna', 5)
  const withCaller = { ...queued, data: { ...queued?.data, callerNumber: '+33612345678', raw: '0612345678' } }
  const sent = await server.app.inject({
    method: 'POST',
    url: '/api/v1/events',
    headers: {
      authorization: `Bearer ${await server.token('ingest')}`,
      'content-type': 'application/cloudevents-batch+json',
    },
    payload: JSON.stringify([withCaller, ...rest]),
  })
  expect(sent.json()).toMatchObject({ rejected: [] })
})
afterAll(() => server.close())

const get = (url: string) => server.app.inject({ url, headers: { cookie } })

test('all events of the contact, in order, without the number of the caller', async () => {
  const { statusCode, body } = await get('/api/v1/contacts/c-1/events')
  expect(statusCode).toBe(200)
  const events = JSON.parse(body) as readonly { readonly type: string; readonly data: object }[]
  expect(events.map(({ type }) => type)).toEqual(
    answeredCall('orders', 'c-1', 'agent-anna', 5).map(({ type }) => type),
  )
  expect(events[0]?.data).toMatchObject({ queueId: 'orders', callerNumber: '••••••••••78' })
  expect(body).not.toContain('12345')
})

test('a contact that nobody knows is not found', async () => {
  expect((await get('/api/v1/contacts/none/events')).statusCode).toBe(404)
})

test('a day by its name is the day of the queue; a day that is none is refused', async () => {
  const byDay = await get(`/api/v1/queues/orders/contacts?date=${DAY}`)
  expect(byDay.json()).toMatchObject([{ contactId: 'c-1', outcome: 'answered' }])
  expect((await get('/api/v1/queues/orders/contacts?date=2026-02-31')).statusCode).toBe(400)
  expect((await get('/api/v1/queues/none/contacts?date=2026-02-28')).statusCode).toBe(404)
  expect((await get('/api/v1/queues/orders/contacts')).statusCode).toBe(400)
})
