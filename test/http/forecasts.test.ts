/** The forecast part of the API on a whole server: versions, edits, CSV, special days, one-offs, runs, and who may do what. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { addDays, dayStartMs, weekdayOf } from '../../server/domain/site-calendar.ts'
import type { IntervalTotal } from '../../server/ledger/ledger.ts'
import type {
  ForecastComparisonBody,
  ForecastDayDetailBody,
  ForecastEditBody,
  ForecastRangeBody,
  ForecastRunBody,
  ForecastVersionBody,
  MethodChoiceBody,
  OneOffBody,
  SpecialDayBody,
} from '../../server/wire/forecast-api.ts'
import { DAY, startTestServer, type TestServer } from './running-server.ts'

const TOMORROW = addDays(DAY, 1)
let server: TestServer
let director: string
let supervisor: string

/** Eighteen weeks of half hours, busier on Mondays and around noon, the same to the contact for the same weekday and slot. */
function past(queueId: string): IntervalTotal[] {
  const totals: IntervalTotal[] = []
  for (let back = 126; back >= 1; back -= 1) {
    const day = addDays(DAY, -back)
    for (let slot = 0; slot < 48; slot += 1) {
      const contacts = Math.round((weekdayOf(day) === 0 ? 26 : 20) * (1 + Math.sin((slot / 48) * Math.PI)))
      totals.push({
        queueId,
        source: 'file',
        startMs: dayStartMs('UTC', day) + slot * 1_800_000,
        intervalMinutes: 30,
        contacts,
        handled: contacts,
        handleSeconds: contacts * 200,
      })
    }
  }
  return totals
}

beforeAll(async () => {
  server = await startTestServer()
  director = await server.cookie('director')
  supervisor = await server.cookie('supervisor')
  await server.data.ledger.putIntervalTotals(past('orders'))
})
afterAll(() => server.close())

interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly url: string
  readonly cookie?: string
  readonly body?: unknown
  readonly csv?: string
}
async function call<T>({ method = 'GET', url, cookie = director, body, csv }: Call) {
  const response = await server.app.inject({
    method,
    url: `/api/v1${url}`,
    headers: { cookie, ...(csv !== undefined && { 'content-type': 'text/csv' }) },
    ...(csv !== undefined ? { payload: csv } : body !== undefined ? { payload: body as object } : {}),
  })
  const isJson = String(response.headers['content-type']).includes('json')
  return { status: response.statusCode, text: response.body, body: (isJson ? response.json() : null) as T }
}
const edit = {
  measure: 'contacts',
  operation: 'percent',
  fromDay: TOMORROW,
  toDay: TOMORROW,
  amount: 10,
  reason: 'ad',
}

describe('forecasts over HTTP', () => {
  it('forecasts a span that nobody has asked for, with band, handling times and their spread', async () => {
    const { status, body } = await call<ForecastRangeBody>({
      url: `/forecasts/orders?from=${addDays(DAY, -7)}&to=${addDays(DAY, 7)}&detail=intervals`,
    })
    expect(status).toBe(200)
    expect(body).toMatchObject({ queueId: 'orders', zone: 'UTC', today: DAY, intervalMinutes: 30 })
    expect(body.days).toHaveLength(15)
    const tomorrow = body.days.find(({ day }) => day === TOMORROW)
    expect(tomorrow?.forecast).toMatchObject({ author: 'vigie', intraday: false })
    expect(tomorrow?.dayMean).toBeGreaterThan(1_400)
    expect(tomorrow?.dayMean).toBeLessThan(1_800)
    const noon = tomorrow?.intervals?.[24]
    expect(noon).toMatchObject({ label: '12:00', open: true, actualContacts: null, oneOff: false })
    expect(noon?.contactsP10).toBeLessThan(noon?.contactsMean ?? 0)
    expect(noon?.ahtSeconds).toBeCloseTo(200, 0)
    expect(noon?.ahtSecondsSd).toBeGreaterThan(0)
    expect(body.days[0]?.actualContacts).toBeGreaterThan(1_400)
    expect(body.days[0]?.forecast).toBeNull()
  })

  it('lays an edit over the forecast that plan and CSV show, takes it back and puts it back', async () => {
    const dayMean = async () =>
      (await call<ForecastDayDetailBody>({ url: `/forecasts/orders/days/${TOMORROW}` })).body.dayMean ?? 0
    const before = await dayMean()
    const made = await call<ForecastEditBody>({ method: 'POST', url: '/forecasts/orders/edits', body: edit })
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({ author: 'director', reason: 'ad', operation: 'percent' })
    expect(await dayMean()).toBeCloseTo(before * 1.1, 6)
    const plan = await call<{ forecast: { dayMean: number } }>({ url: `/plans/orders/${TOMORROW}` })
    expect(plan.body.forecast.dayMean).toBeCloseTo(before * 1.1, 6)
    const { text } = await call({ url: `/forecasts/orders/csv?from=${TOMORROW}&to=${TOMORROW}` })
    const contacts = text
      .trim()
      .split('\r\n')
      .slice(1)
      .map((line) => Number(line.split(',')[2]))
    expect(contacts.reduce((sum, count) => sum + count, 0)).toBeCloseTo(before * 1.1, 0)

    const compared = await call<ForecastComparisonBody>({
      url: `/forecasts/orders/days/${TOMORROW}/compare?left=model&right=effective`,
    })
    expect(compared.body.total.differenceRatio).toBeCloseTo(0.1, 6)
    const url = `/forecasts/orders/edits/${made.body.id}`
    expect((await call({ method: 'DELETE', url })).status).toBe(200)
    expect(await dayMean()).toBeCloseTo(before, 6)
    expect((await call({ method: 'DELETE', url })).status).toBe(404)
    expect((await call({ method: 'POST', url: `${url}/restore` })).status).toBe(200)
    expect(await dayMean()).toBeCloseTo(before * 1.1, 6)
    expect((await call({ method: 'DELETE', url })).status).toBe(200)
    const list = `/forecasts/orders/edits?from=${TOMORROW}&to=${TOMORROW}`
    expect((await call<ForecastEditBody[]>({ url: list })).body).toEqual([])
    expect((await call<ForecastEditBody[]>({ url: `${list}&removed=true` })).body).toHaveLength(1)
  })

  it('takes a CSV, and refuses a wrong one by the line without taking anything', async () => {
    const url = '/forecasts/orders/edits/csv?reason=from%20the%20sheet'
    const good = await call<{ edits: ForecastEditBody[] }>({
      method: 'POST',
      url,
      csv: `\uFEFFday;time;contacts;aht_seconds\r\n${TOMORROW};12:00;33,5;210\r\n`,
    })
    expect(good.status).toBe(201)
    expect(good.body.edits.map(({ measure, cellCount }) => [measure, cellCount])).toEqual([
      ['contacts', 1],
      ['aht', 1],
    ])
    const day = await call<ForecastDayDetailBody>({ url: `/forecasts/orders/days/${TOMORROW}` })
    expect(day.body.intervals[24]).toMatchObject({
      contactsMean: 33.5,
      ahtSeconds: 210,
      editedContacts: true,
    })
    expect(day.body.edits.map(({ measure }) => measure)).toEqual(['contacts', 'aht'])
    const bad = await call<{ type: string; errors: { pointer: string }[] }>({
      method: 'POST',
      url,
      csv: `day,time,contacts\n${TOMORROW},12:00,1\n${TOMORROW},12:30,-1\n`,
    })
    expect(bad.status).toBe(422)
    expect(bad.body.type).toContain('invalid-forecast-csv')
    expect(bad.body.errors[0]?.pointer).toBe('/line/3')
    expect((await call({ method: 'POST', url, csv: '' })).status).toBe(422)
    expect((await call({ method: 'POST', url, csv: 'x'.repeat(8_400_000) })).status).toBe(413)
    expect((await call({ method: 'POST', url, body: { day: DAY } })).status).toBe(415)
    for (const { id } of good.body.edits)
      await call({ method: 'DELETE', url: `/forecasts/orders/edits/${id}` })
  })

  it('refuses what cannot be with the field, and knows no other queue', async () => {
    const wrong = async (change: object) =>
      (await call({ method: 'POST', url: '/forecasts/orders/edits', body: { ...edit, ...change } })).status
    expect(await wrong({ amount: -101 })).toBe(422)
    expect(await wrong({ operation: 'double' })).toBe(400)
    expect(await wrong({ fromDay: '2026-02-31' })).toBe(422)
    expect(await wrong({ amount: '10' })).toBe(400)
    expect(await wrong({ more: 1 })).toBe(400)
    const unknown = await call<{ detail: string; errors: readonly { detail: string }[] }>({
      url: `/forecasts/orders?from=${DAY}&to=${DAY}&until=${DAY}`,
    })
    expect(unknown.status).toBe(400)
    expect([unknown.body.detail, unknown.body.errors[0]?.detail].join()).toMatch(/"until" .*"until" /)
    expect((await call({ url: `/forecasts/nobody?from=${DAY}&to=${DAY}` })).status).toBe(404)
    expect((await call({ url: `/forecasts/orders?from=${DAY}&to=${addDays(DAY, 400)}` })).status).toBe(400)
    expect((await call({ url: `/forecasts/orders?from=${DAY}&to=${addDays(DAY, -1)}` })).status).toBe(400)
    expect((await call({ url: `/forecasts/orders/days/${DAY}/compare?left=0&right=x` })).status).toBe(400)
    expect((await call({ url: `/forecasts/billing/days/${DAY}/compare?left=1&right=2` })).status).toBe(404)
  })

  it('compares the methods in a run with progress, and pins one', async () => {
    const started = await call<ForecastRunBody>({ method: 'POST', url: '/forecasts/runs', body: { days: 3 } })
    expect(started.status).toBe(202)
    expect(started.body).toMatchObject({
      kind: 'on-demand',
      state: 'running',
      queuesTotal: 2,
      author: 'director',
    })
    const second = await call<{ type: string }>({ method: 'POST', url: '/forecasts/runs', body: {} })
    expect(second.status).toBe(409)
    expect(second.body.type).toContain('forecast-running')
    await vi.waitFor(
      async () => {
        const { body } = await call<ForecastRunBody>({ url: '/forecasts/runs/current' })
        expect(body.state).toBe('done')
        expect(body).toMatchObject({
          queuesDone: 2,
          forecastQueueIds: ['orders'],
          queuesWithoutHistory: ['billing'],
        })
      },
      { timeout: 60_000, interval: 200 },
    )
    const { body: choice } = await call<MethodChoiceBody>({ url: '/forecasts/orders/methods' })
    expect(choice).toMatchObject({ reason: 'compared', endDay: DAY, leadDays: 7, origins: 8 })
    expect(choice.scores).toHaveLength(5)
    const pin = await call({
      method: 'PUT',
      url: '/settings/forecast/orders',
      body: { version: 0, body: { method: 'seasonal-naive', borrowProfileFrom: null } },
    })
    expect(pin.status).toBe(200)
    await vi.waitFor(
      async () => {
        const { body } = await call<ForecastVersionBody[]>({
          url: `/forecasts/orders/days/${TOMORROW}/versions`,
        })
        expect(body[0]).toMatchObject({ method: 'seasonal-naive', inputs: { methodReason: 'pinned' } })
      },
      { timeout: 30_000, interval: 200 },
    )
    const versions = await call<ForecastVersionBody[]>({ url: `/forecasts/orders/days/${TOMORROW}/versions` })
    expect(versions.body.length).toBeGreaterThan(1)
    const oldest = versions.body.at(-1)?.version ?? 0
    const detail = await call<{ columns: { contactsMean: number[] } }>({
      url: `/forecasts/orders/days/${TOMORROW}/versions/${oldest}`,
    })
    expect(detail.body.columns.contactsMean).toHaveLength(48)
    expect(
      (
        await call({
          method: 'PUT',
          url: '/settings/forecast/nobody',
          body: { version: 0, body: { method: null, borrowProfileFrom: null } },
        })
      ).status,
    ).toBe(422)
  })

  it('knows the holidays of the region and what was entered, and forecasts by it', async () => {
    const name = 'Inventory'
    const body = {
      version: 0,
      body: {
        name,
        day: addDays(DAY, 2),
        kind: 'closed',
        treatAsWeekday: null,
        impactRatio: null,
        lagDays: 0,
        lengthDays: 1,
        queueIds: ['orders'],
      },
    }
    expect((await call({ method: 'PUT', url: '/settings/special-day/inventory', body })).status).toBe(200)
    const { body: days } = await call<SpecialDayBody[]>({
      url: `/forecasts/special-days?from=${DAY}&to=${addDays(DAY, 9)}&queueId=orders`,
    })
    expect(days).toMatchObject([
      { name, kind: 'closed', origin: 'setting', settingId: 'inventory', settingVersion: 1 },
    ])
    await vi.waitFor(
      async () => {
        const { body: day } = await call<ForecastDayDetailBody>({
          url: `/forecasts/orders/days/${addDays(DAY, 2)}`,
        })
        expect(day.dayMean).toBe(0)
        expect(day.specialDays).toMatchObject([{ name }])
      },
      { timeout: 30_000, interval: 200 },
    )
    const bad = await call<{ errors: { pointer: string }[] }>({
      method: 'PUT',
      url: '/settings/special-day/other',
      body: { version: 0, body: { ...body.body, day: '2026-02-31', kind: 'party', queueIds: ['nobody'] } },
    })
    expect(bad.status).toBe(422)
    expect(bad.body.errors.map(({ pointer }) => pointer)).toEqual([
      '/body/day',
      '/body/kind',
      '/body/queueIds',
    ])
  })

  it('lets a supervisor read and mark one-offs, and nothing else', async () => {
    const mark = { day: DAY, fromMinute: 540, toMinute: 600, reason: 'outage' }
    const url = '/forecasts/orders/one-offs'
    const made = await call<OneOffBody>({ method: 'POST', url, cookie: supervisor, body: mark })
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({ ...mark, author: 'supervisor' })
    const day = await call<ForecastDayDetailBody>({
      url: `/forecasts/orders/days/${DAY}`,
      cookie: supervisor,
    })
    expect(
      day.body.intervals.map(({ oneOff }, index) => (oneOff ? index : -1)).filter((at) => at >= 0),
    ).toEqual([18, 19])
    const late = await call({ method: 'POST', url, cookie: supervisor, body: { ...mark, day: TOMORROW } })
    expect(late.status).toBe(422)
    expect((await call({ method: 'DELETE', url: `${url}/${made.body.id}`, cookie: supervisor })).status).toBe(
      200,
    )
    const list = await call<OneOffBody[]>({ url: `${url}?from=${DAY}&to=${DAY}`, cookie: supervisor })
    expect(list.body).toEqual([])
    expect(
      (await call({ method: 'POST', url: '/forecasts/orders/edits', cookie: supervisor, body: edit })).status,
    ).toBe(403)
    expect(
      (await call({ method: 'POST', url: '/forecasts/runs', cookie: supervisor, body: {} })).status,
    ).toBe(403)
  })

  it('shows a client nothing of it', async () => {
    const cookie = await server.cookie('client', 'acme')
    for (const url of [
      `/forecasts/orders?from=${DAY}&to=${DAY}`,
      `/forecasts/orders/days/${DAY}`,
      `/forecasts/orders/days/${DAY}/versions`,
      '/forecasts/orders/methods',
      `/forecasts/orders/csv?from=${DAY}&to=${DAY}`,
      `/forecasts/orders/edits?from=${DAY}&to=${DAY}`,
      `/forecasts/orders/one-offs?from=${DAY}&to=${DAY}`,
      `/forecasts/special-days?from=${DAY}&to=${DAY}`,
      '/forecasts/runs/current',
    ])
      expect((await call({ url, cookie })).status).toBe(403)
  })
})
