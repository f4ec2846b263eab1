/**
 * A whole simulated day through the door of the built product, shuffled and with duplicates: wall board, API, CSV, command
 * and the simulator's own truth agree to the contact. Then what no honest feed sends, and what becomes of it.
 */
import { parse } from 'csv-parse/sync'
import { beforeAll, describe, expect, it } from 'vitest'
import { addDays } from '../../server/domain/site-calendar.ts'
import { randomStream } from '../../server/simulator/random.ts'
import { toCloudEvent } from '../../server/simulator/recorder.ts'
import type { DayReport } from '../../server/state/figures.ts'
import type { SettingBody, SourceStateBody } from '../../server/wire/api.ts'
import { type Product, runProduct, startServe, temporaryFolder } from '../support/product.ts'
import { SMALL_DAY, SMALL_PLAN, smallCentre } from '../support/simulated-day.ts'
import {
  BATCH_TYPE,
  boardCounts,
  boardSnapshot,
  command,
  createToken,
  dayReport,
  LINES_TYPE,
  type Place,
  postEvents,
  reportCounts,
  signInByCommand,
} from './support.ts'

/** Nobody calls any more: the day stands still while it is compared. */
const CLOCK_START = `${SMALL_DAY}T19:00:00Z`
const EVENTS_PER_REQUEST = 97
const centre = smallCentre(11)
const day = centre.simulateDay(SMALL_DAY)

let server: Product
let place: Place
let ingestToken = ''
let readToken = ''
let director = ''

async function get<T>(path: string): Promise<T> {
  const response = await fetch(`${server.url}/api/v1${path}`, { headers: { cookie: director } })
  if (response.status !== 200) throw new Error(`${path} was answered ${response.status}`)
  return (await response.json()) as T
}

function shuffled<T>(items: readonly T[], purpose: string): T[] {
  const random = randomStream(1, purpose)
  return items
    .map((item) => ({ item, at: random.uniform() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

beforeAll(async () => {
  const dataDir = await temporaryFolder()
  place = { argv: ['--data-dir', dataDir], env: {} }
  server = await startServe([...place.argv, '--clock-start', CLOCK_START])
  ingestToken = await createToken(place, 'ingest')
  readToken = await createToken(place, 'read')
  director = await signInByCommand(place, server.url, 'director')
  for (const { kind, id, body } of centre.settings) {
    const response = await fetch(`${server.url}/api/v1/settings/${kind}/${id}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json', origin: server.url, cookie: director },
      body: JSON.stringify({ version: 0, body }),
    })
    expect([kind, id, response.status]).toEqual([kind, id, 200])
  }
})

describe('a simulated day, sent in any order and partly twice', () => {
  it('is accepted once', async () => {
    const events = day.events.map((event) => toCloudEvent(event))
    const again = shuffled(events, 'again').slice(0, Math.floor(events.length / 5))
    const sent = shuffled([...events, ...again], 'order')
    const total = { accepted: 0, duplicates: 0, conflicts: 0, rejected: 0 }
    for (let at = 0; at < sent.length; at += EVENTS_PER_REQUEST) {
      const { status, body } = await postEvents(
        server.url,
        ingestToken,
        sent.slice(at, at + EVENTS_PER_REQUEST),
      )
      expect(status).toBe(200)
      total.accepted += body.accepted
      total.duplicates += body.duplicates
      total.conflicts += body.conflicts
      total.rejected += body.rejected.length
    }
    expect(total).toEqual({ accepted: events.length, duplicates: again.length, conflicts: 0, rejected: 0 })
  })

  it('is reported as the simulator counted it, queue by queue and interval by interval', async () => {
    const report = await dayReport(server.url, readToken, SMALL_DAY)
    expect(day.truth.map(({ queueId }) => queueId).sort()).toEqual(
      report.queues.map(({ queue }) => queue).sort(),
    )
    for (const { queueId, intervals, firstCalls, redials, transfersIn, ...counts } of day.truth) {
      const line = report.queues.find(({ queue }) => queue === queueId)
      expect(line).toMatchObject({ ...counts, waiting: 0 })
      expect(counts.offered).toBe(firstCalls + redials + transfersIn)
      expect(counts.offered).toBeGreaterThan(50)
      const busy = line?.intervals.filter(({ offered }) => offered > 0) ?? []
      expect(busy.map(({ start }) => Date.parse(start))).toEqual(intervals.map(({ startMs }) => startMs))
      for (const [index, { startMs: _, handled, handleSeconds, ...interval }] of intervals.entries()) {
        expect(busy[index]).toMatchObject(interval)
        if (handled > 0) expect(busy[index]?.ahtSeconds).toBeCloseTo(handleSeconds / handled, 6)
      }
    }
    // A client's figures are the sums of its queues, by its own formula.
    for (const client of report.clients) {
      const ofClient = report.queues.filter(({ queue }) => client.queues.includes(queue))
      for (const figure of ['offered', 'answered', 'abandoned', 'answeredWithinThreshold'] as const)
        expect(client[figure]).toBe(ofClient.reduce((sum, line) => sum + line[figure], 0))
    }
    const north = report.clients.find(({ client }) => client === 'north')
    const orders = day.truth.find(({ queueId }) => queueId === 'orders')
    expect(SMALL_PLAN.promises[0]).toMatchObject({ clientId: 'north', formula: 'SL4' })
    if (orders === undefined) throw new Error('the plan has no queue "orders"')
    // SL4: those who give up within the threshold are not counted.
    expect(north?.serviceLevelRatio).toBeCloseTo(
      orders.answeredWithinThreshold / (orders.offered - orders.abandonedWithinThreshold),
      12,
    )
  })

  it('is the same on the wall, in the API, in the CSV and from the command', async () => {
    const report = await dayReport(server.url, readToken, SMALL_DAY)
    const board = await boardSnapshot(server.url, { authorization: `Bearer ${readToken}` })
    expect(boardCounts(board)).toEqual(reportCounts(report))

    const argv = ['report', 'day', '--date', SMALL_DAY, ...place.argv]
    expect(JSON.parse(await command(argv))).toEqual(report)

    const response = await fetch(`${server.url}/api/v1/reports/day?date=${SMALL_DAY}&format=csv`, {
      headers: { authorization: `Bearer ${readToken}` },
    })
    const csv = await response.text()
    expect((await runProduct([...argv, '--format', 'csv'])).stdout).toBe(csv)
    const rows = parse(csv, { columns: true, bom: true }) as Record<string, string>[]
    expect(rows).toHaveLength(report.queues.reduce((sum, { intervals }) => sum + intervals.length, 0))
    for (const { queue, intervals } of report.queues)
      for (const interval of intervals) {
        const row = rows.find((one) => one.queue === queue && one.start === interval.start)
        for (const figure of [
          'offered',
          'answered',
          'abandoned',
          'flowedOut',
          'answeredWithinThreshold',
        ] as const)
          expect([queue, interval.start, figure, row?.[figure]]).toEqual([
            queue,
            interval.start,
            figure,
            String(interval[figure]),
          ])
      }
  })

  it('is the same after a restart', async () => {
    const before = await dayReport(server.url, readToken, SMALL_DAY)
    expect((await server.stop()).status).toBe(0)
    server = await startServe([...place.argv, '--clock-start', CLOCK_START])
    expect(await dayReport(server.url, readToken, SMALL_DAY)).toEqual(before)
    const board = await boardSnapshot(server.url, { authorization: `Bearer ${readToken}` })
    expect(boardCounts(board)).toEqual(reportCounts(before))
  })
})

describe('bad input', () => {
  const SOURCE = '/pbx/odd'
  const event = (
    id: string,
    data: object,
    time = `${SMALL_DAY}T10:00:00Z`,
    type = 'cc.contact.queued.v1',
  ) => ({
    specversion: '1.0',
    id,
    source: SOURCE,
    type,
    time,
    data,
  })
  const call = (id: string, queueId: string, time?: string) => event(id, { contactId: id, queueId }, time)
  const offered = (report: DayReport, queueId: string) =>
    report.queues.find(({ queue }) => queue === queueId)?.offered

  it('is refused with a pointer to the field, and the rest of its batch goes on', async () => {
    const ahead = `${addDays(SMALL_DAY, 3)}T10:00:00Z`
    const { status, body } = await postEvents(server.url, ingestToken, [
      call('good-1', 'odd'),
      event('type-1', { contactId: 'x', queueId: 7 }),
      event('type-2', { contactId: 'x', queueId: 'odd', priority: 'high' }),
      call('ahead', 'odd', ahead),
      event('missing', { contactId: 'x' }),
      event('unheard', { contactId: 'x', queueId: 'odd' }, undefined, 'cc.contact.levitated.v1'),
      event('long', { contactId: 'x'.repeat(100_000), queueId: 'odd' }),
      event('long-raw', { contactId: 'x', queueId: 'odd', note: 'x'.repeat(100_000) }),
      'not an event' as unknown as object,
      call('good-2', 'odd'),
    ])
    expect(status).toBe(200)
    expect(body).toMatchObject({ accepted: 2, duplicates: 0, conflicts: 0 })
    expect(body.rejected.map(({ index, pointer }) => [index, pointer])).toEqual([
      [1, '/data/queueId'],
      [2, '/data/priority'],
      [3, '/time'],
      [4, '/data/queueId'],
      [5, '/type'],
      [6, '/data/contactId'],
      [7, '/data/note'],
      [8, ''],
    ])
    for (const { detail } of body.rejected) expect(detail).not.toBe('')
  })

  it('of an unknown queue: kept, counted, and the queue is flagged', async () => {
    const queue = await get<SettingBody<'queue'>>('/settings/queue/odd')
    expect(queue.body).toMatchObject({ unconfirmed: true })
    expect(offered(await dayReport(server.url, readToken, SMALL_DAY), 'odd')).toBe(2)
  })

  it('in a torn line: that line is refused, the others go on', async () => {
    const lines = [
      JSON.stringify(call('line-1', 'odd')),
      JSON.stringify(call('line-2', 'odd')).slice(0, 60),
      JSON.stringify(call('line-3', 'odd')),
    ]
    const { status, body } = await postEvents(server.url, ingestToken, lines.join('\n'), LINES_TYPE)
    expect(status).toBe(200)
    expect(body).toMatchObject({ accepted: 2, rejected: [{ index: 1, pointer: '' }] })
  })

  it('that does not parse at all, or in no known type: refused whole', async () => {
    expect((await postEvents(server.url, ingestToken, '[{"id":', BATCH_TYPE)).status).toBe(400)
    expect((await postEvents(server.url, ingestToken, '{}', BATCH_TYPE)).status).toBe(400)
    expect((await postEvents(server.url, ingestToken, '', LINES_TYPE)).status).toBe(400)
    expect((await postEvents(server.url, ingestToken, 'a=b', 'text/csv')).status).toBe(415)
    expect((await postEvents(server.url, 'nobody', [call('x', 'odd')])).status).toBe(401)
    expect((await postEvents(server.url, readToken, [call('x', 'odd')])).status).toBe(403)
  })

  it('of 10 MB: refused whole, nothing of it stored, and the server goes on', async () => {
    const big = [
      call('before-big', 'odd'),
      event('big', { contactId: 'x'.repeat(10_000_000), queueId: 'odd' }),
    ]
    expect((await postEvents(server.url, ingestToken, big)).status).toBe(413)
    const { body } = await postEvents(server.url, ingestToken, [call('before-big', 'odd')])
    expect(body).toMatchObject({ accepted: 1, duplicates: 0 })
  })

  it('sent twice: once; the same id with another body: the first stays, and a conflict is counted', async () => {
    const twice = await postEvents(server.url, ingestToken, [call('twice', 'odd'), call('twice', 'odd')])
    expect(twice.body).toMatchObject({ accepted: 1, duplicates: 1, conflicts: 0 })
    const other = await postEvents(server.url, ingestToken, [call('twice', 'other')])
    expect(other.body).toMatchObject({ accepted: 0, duplicates: 1, conflicts: 1 })
    expect(offered(await dayReport(server.url, readToken, SMALL_DAY), 'odd')).toBe(6)
  })

  it('backwards in time: the figures are those of the right order', async () => {
    const at = (seconds: number) =>
      new Date(Date.parse(`${SMALL_DAY}T11:00:00Z`) + seconds * 1_000).toISOString()
    const data = { contactId: 'back', queueId: 'backwards', agentId: 'a-odd' }
    for (const one of [
      event('back-3', { contactId: 'back', agentId: 'a-odd' }, at(100), 'cc.contact.ended.v1'),
      event('back-2', data, at(12), 'cc.contact.answered.v1'),
      event('back-1', { contactId: 'back', queueId: 'backwards' }, at(0)),
    ])
      expect((await postEvents(server.url, ingestToken, [one])).body).toMatchObject({ accepted: 1 })
    const report = await dayReport(server.url, readToken, SMALL_DAY)
    expect(report.queues.find(({ queue }) => queue === 'backwards')).toMatchObject({
      offered: 1,
      answered: 1,
      answeredWithinThreshold: 1,
      asaSeconds: 12,
      talkSecondsMean: 88,
    })
  })

  it('shows in the counts of its source', async () => {
    const sources = await get<readonly SourceStateBody[]>('/sources')
    const odd = sources.find(({ source }) => source === SOURCE)
    expect(odd).toMatchObject({ accepted: 9, duplicates: 2, conflicts: 1 })
    // All but the item that was no event and the torn line, which name no source: those count for the sender.
    const refused = sources
      .filter(({ source }) => source !== SOURCE)
      .reduce((sum, one) => sum + one.rejected, 0)
    expect([odd?.rejected, refused]).toEqual([7, 2])
    expect(odd?.deadLetters.map(({ reason }) => reason)).toContain(
      'is more than 24 hours ahead of this server',
    )
  })

  it('changes nothing of the day that was right', async () => {
    const report = await dayReport(server.url, readToken, SMALL_DAY)
    const board = await boardSnapshot(server.url, { authorization: `Bearer ${readToken}` })
    expect(boardCounts(board)).toEqual(reportCounts(report))
    for (const { queueId, offered: count } of day.truth) expect(offered(report, queueId)).toBe(count)
  })
})
