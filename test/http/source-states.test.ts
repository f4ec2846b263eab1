/** What is told of each source: rate, delay, clock, gaps; on a whole server whose clock the test moves. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SourceStateBody } from '../../server/wire/api.ts'
import { event, startTestServer, type TestServer } from './running-server.ts'

let server: TestServer
let cookie: string
let authorization: string
let nowMs = Date.parse('2026-03-02T10:00:00Z')

beforeAll(async () => {
  server = await startTestServer({ clock: { nowMs: () => nowMs, speed: 1 } })
  cookie = await server.cookie('administrator')
  authorization = `Bearer ${await server.token('ingest')}`
})
afterAll(() => server.close())

async function state(source: string): Promise<SourceStateBody | undefined> {
  const response = await server.app.inject({ url: '/api/v1/sources', headers: { cookie } })
  return response.json<SourceStateBody[]>().find((one) => one.source === source)
}
let number = 0
async function send(delayMs: number, more: Record<string, unknown> = {}) {
  number += 1
  const value = { ...event(`h${number}`, 'cc.source.heartbeat.v1', {}, nowMs - delayMs), ...more }
  const answer = await server.app.inject({
    method: 'POST',
    url: '/api/v1/events',
    headers: { authorization, 'content-type': 'application/cloudevents+json' },
    payload: JSON.stringify(value),
  })
  expect(answer.json()).toMatchObject({ accepted: 1 })
}
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(50)
}
const gapsInLedger = async () => {
  const events = []
  for await (const page of server.data.ledger.readContactEvents(0, nowMs + 1_000_000)) events.push(...page)
  return events
    .filter(({ type }) => type === 'cc.source.gap.v1')
    .map(({ source, data }) => [source, data.reason])
}

test('rate, delay and offset are those of the last minutes', async () => {
  for (const delayMs of [900, 300, 600]) {
    await send(delayMs)
    nowMs += 10_000
  }
  expect(await state('/test')).toMatchObject({
    lagMs: 600,
    clockOffsetMs: 300,
    eventsPerSecond: 0.05,
    settingId: null,
    gaps: [],
  })
  nowMs += 120_000
  expect(await state('/test')).toMatchObject({ eventsPerSecond: 0, clockOffsetMs: 300 })
})

test('a clock that is a minute ahead is a gap in the ledger, once', async () => {
  await send(-60_000)
  await send(-61_000)
  await until(async () => (await gapsInLedger()).length > 0)
  expect(await gapsInLedger()).toEqual([['/test', 'clock']])
  expect(await state('/test')).toMatchObject({
    aheadCount: 2,
    clockJumps: 1,
    clockOffsetMs: -61_000,
    gaps: [{ reason: 'clock', detail: 'the clock is ahead by 60 s' }],
  })
})

test('a feed that promised a heartbeat and is silent for two of them is stale until it is heard again', async () => {
  const body = {
    adapter: 'http',
    url: null,
    options: { sources: ['/test'], heartbeatSeconds: 30 },
    enabled: true,
  }
  await server.data.settings.put({ kind: 'source', id: 'pbx', baseVersion: 0, changedBy: 'test', body })
  await send(0)
  const before = await gapsInLedger()
  const newestEventMs = (await state('/test'))?.newestEventMs
  await until(async () => (await state('/test'))?.settingId === 'pbx')
  nowMs += 59_000
  await sleep(2_500)
  expect(await state('/test')).toMatchObject({ connected: null })
  nowMs += 2_000
  await until(async () => (await state('/test'))?.connected === false)
  await until(async () => (await gapsInLedger()).length > before.length)
  expect((await gapsInLedger()).at(-1)).toEqual(['/test', 'heartbeat'])
  expect((await state('/test'))?.detail).toMatch(/^silent for more than two heartbeats of 30 s/)
  expect((await state('/test'))?.said).toEqual({ code: 'silent', params: { seconds: 30 } })
  // The gap is dated when the silence began: it makes nothing look fresh.
  expect((await state('/test'))?.newestEventMs).toBe(newestEventMs)
  await send(0)
  await until(async () => (await state('/test'))?.connected !== false)
})

test('numbers that never come are a gap where the source numbers its events', async () => {
  const body = {
    adapter: 'http',
    url: null,
    options: { sources: ['/numbered'], numbered: true },
    enabled: true,
  }
  await server.data.settings.put({ kind: 'source', id: 'num', baseVersion: 0, changedBy: 'test', body })
  for (const sequence of [1, 2, 4, 3, 7]) await send(0, { source: '/numbered', sequence })
  nowMs += 31_000
  await until(async () => (await state('/numbered'))?.sequenceHoles === 2)
  expect((await state('/numbered'))?.gaps).toMatchObject([
    { reason: 'sequence', detail: '2 numbers are missing from 5 on' },
  ])
})
