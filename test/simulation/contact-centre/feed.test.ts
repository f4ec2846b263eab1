/** Gateway and source together over a real loopback connection: each event once and in order, whatever happens on the way. */
import { afterEach, describe, expect, it } from 'vitest'
import { type Clock, scaledClock } from '../../../server/domain/clock.ts'
import { addDays, dayBounds } from '../../../server/domain/site-calendar.ts'
import type { FeedState } from '../../../server/ingest/feed-delivery.ts'
import {
  type SocketIoSource,
  type SocketIoSourceOptions,
  startSocketIoSource,
} from '../../../server/ingest/socket-io/source.ts'
import { type Gateway, type GatewayOptions, startGateway } from '../../../server/simulator/gateway.ts'
import type { SimulatedEvent } from '../../../server/simulator/recorder.ts'
import { SMALL_DAY, SMALL_ZONE, smallCentre } from '../../support/simulated-day.ts'

const TOKEN = 'gateway-token'
const centre = smallCentre(9)
const { startMs: DAY_START_MS, endMs: DAY_END_MS } = dayBounds(SMALL_ZONE, SMALL_DAY)

/** A clock that the test moves. */
class HandClock implements Clock {
  readonly speed = 600
  private atMs: number
  constructor(atMs: number) {
    this.atMs = atMs
  }
  nowMs(): number {
    return this.atMs
  }
  advance(ms: number): void {
    this.atMs += ms
  }
}

/** What a ledger does for a source: durable after a moment, the same (source, id) stored once. */
class MemoryLedger {
  readonly ids: string[] = []
  readonly types: string[] = []
  readonly batchSizes: number[] = []
  duplicates = 0
  inFlightMax = 0
  failuresLeft = 0
  private inFlight = 0
  private readonly known = new Set<string>()

  readonly ingest = async (events: readonly unknown[]) => {
    this.inFlightMax = Math.max(this.inFlightMax, ++this.inFlight)
    await new Promise((resolve) => setTimeout(resolve, 2))
    this.inFlight--
    if (this.failuresLeft > 0) {
      this.failuresLeft--
      throw Object.assign(new Error('the database is away'), { retryAfterSeconds: 0.05 })
    }
    this.batchSizes.push(events.length)
    let accepted = 0
    for (const { id, source, type } of events as readonly { id: string; source: string; type: string }[]) {
      const key = `${source} ${id}`
      if (this.known.has(key)) continue
      this.known.add(key)
      this.ids.push(id)
      this.types.push(type)
      accepted++
    }
    this.duplicates += events.length - accepted
    return { accepted, duplicates: events.length - accepted }
  }
}

const started: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const running of started.splice(0).reverse()) await running.close()
})

async function gatewayOn(clock: Clock, more: Partial<GatewayOptions> = {}): Promise<Gateway> {
  const gateway = await startGateway({ centre, clock, token: TOKEN, tickMs: 10, ...more })
  started.push(gateway)
  return gateway
}

function sourceOf(
  gateway: Gateway,
  ledger: MemoryLedger,
  more: Partial<SocketIoSourceOptions> = {},
): SocketIoSource {
  const source = startSocketIoSource({
    url: gateway.url,
    token: TOKEN,
    name: 'demo',
    ingest: ledger.ingest,
    ...more,
  })
  started.push(source)
  return source
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5))
}

const idsOf = (events: readonly SimulatedEvent[]) => events.map(({ id }) => id)

describe('the feed', () => {
  it('delivers a whole day and the next, each event once and in order, over midnight', async () => {
    const clock = new HandClock(DAY_START_MS)
    const ledger = new MemoryLedger()
    const source = sourceOf(await gatewayOn(clock), ledger)
    const expected = [SMALL_DAY, addDays(SMALL_DAY, 1)].flatMap((day) => [...centre.simulateDay(day).events])
    const endMs = (expected.at(-1)?.occurredAtMs ?? 0) + 1
    while (clock.nowMs() < endMs) {
      // Speed 600: ten milliseconds of ours are six seconds there; a minute a step keeps the test short.
      clock.advance(60_000)
      if (clock.nowMs() % 3_600_000 < 60_000) await new Promise((resolve) => setTimeout(resolve, 12))
    }
    await until(() => ledger.ids.length >= expected.length)
    expect(ledger.ids).toEqual(idsOf(expected))
    expect(ledger.duplicates).toBe(0)
    expect(ledger.inFlightMax).toBe(1)
    expect(source.state()).toMatchObject({ connected: true, lastEventMs: expected.at(-1)?.occurredAtMs })
  })

  it('runs at speed 600 on a scaled clock, and tells nothing before its time', async () => {
    const fromMs = DAY_START_MS + 10 * 3_600_000
    const clock = scaledClock(fromMs, 600)
    const ledger = new MemoryLedger()
    const timely: boolean[] = []
    const gateway = await gatewayOn(clock)
    const startedByMs = clock.nowMs()
    sourceOf(gateway, ledger, {
      ingest: (events) => {
        for (const { time } of events as readonly { time: string }[])
          timely.push(Date.parse(time) <= clock.nowMs())
        return ledger.ingest(events)
      },
    })
    const untilMs = startedByMs + 15 * 60_000
    const told = centre
      .simulateDay(SMALL_DAY)
      .events.filter(({ occurredAtMs }) => occurredAtMs >= fromMs && occurredAtMs < untilMs)
    await until(() => ledger.ids.length >= told.length)
    // The clock runs while the gateway starts: what happens until then may be told or not.
    const first = told.findIndex(({ id }) => id === ledger.ids[0])
    expect(told.slice(0, first).every(({ occurredAtMs }) => occurredAtMs <= startedByMs)).toBe(true)
    const expected = told.slice(Math.max(0, first))
    expect(ledger.ids.slice(0, expected.length)).toEqual(idsOf(expected))
    expect(timely.every(Boolean)).toBe(true)
  })

  it('loses nothing when the connection is dropped again and again', async () => {
    const clock = new HandClock(DAY_START_MS)
    const ledger = new MemoryLedger()
    const states: FeedState[] = []
    const gateway = await gatewayOn(clock)
    sourceOf(gateway, ledger, { onState: (state) => states.push(state) })
    const expected = idsOf(centre.simulateDay(SMALL_DAY).events)
    for (const share of [0.3, 0.5, 0.7]) {
      await until(() => states.at(-1)?.connected === true)
      clock.advance(DAY_START_MS + share * (DAY_END_MS - DAY_START_MS) - clock.nowMs())
      gateway.tick()
      gateway.dropConnections()
      await until(() => states.at(-1)?.connected === false)
    }
    clock.advance(DAY_END_MS - 1 - clock.nowMs())
    await until(() => ledger.ids.length >= expected.length)
    expect(ledger.ids).toEqual(expected)
  })

  it('resends what could not be stored, and says why it is late', async () => {
    const clock = new HandClock(DAY_START_MS + 11 * 3_600_000)
    const ledger = new MemoryLedger()
    ledger.failuresLeft = 3
    const states: FeedState[] = []
    const gateway = await gatewayOn(clock, { fromMs: DAY_START_MS })
    sourceOf(gateway, ledger, { onState: (state) => states.push(state) })
    const expected = centre
      .simulateDay(SMALL_DAY)
      .events.filter(({ occurredAtMs }) => occurredAtMs <= clock.nowMs())
    await until(() => ledger.ids.length >= expected.length)
    expect(ledger.ids).toEqual(idsOf(expected))
    expect(
      states.some(({ said }) => said.code === 'not-stored' && said.params.cause === 'the database is away'),
    ).toBe(true)
    await until(() => states.at(-1)?.said.code === 'connected')
  })

  it('goes on after the event that a restarted source has stored last', async () => {
    const clock = new HandClock(DAY_END_MS - 1)
    const gateway = await gatewayOn(clock, { fromMs: DAY_START_MS })
    const expected = idsOf(centre.simulateDay(SMALL_DAY).events)
    const ledger = new MemoryLedger()
    sourceOf(gateway, ledger, { afterId: expected[1_999] ?? null })
    await until(() => ledger.ids.length >= expected.length - 2_000)
    expect(ledger.ids).toEqual(expected.slice(2_000))
  })

  it('says that there is a gap, and what was open after it, to a source that was away for too long', async () => {
    const clock = new HandClock(DAY_END_MS - 1)
    const gateway = await gatewayOn(clock, { fromMs: DAY_START_MS, replayEventsMax: 400 })
    gateway.tick()
    const expected = idsOf(centre.simulateDay(SMALL_DAY).events)
    const ledger = new MemoryLedger()
    // A place that is remembered but has been passed by forgetting: the same name had acknowledged nothing.
    const source = sourceOf(gateway, ledger, { afterId: expected[10] ?? null })
    await until(() => ledger.ids.includes(expected.at(-1) ?? ''))
    expect(ledger.types.slice(0, 2)).toEqual(['cc.source.gap.v1', 'cc.source.snapshot.v1'])
    expect(ledger.ids.slice(2)).toEqual(expected.slice(-(ledger.ids.length - 2)))
    expect(source.state().said.code).toBe('missed')
  })

  it('refuses a wrong token, and the source says so and keeps trying', async () => {
    const clock = new HandClock(DAY_END_MS - 1)
    const gateway = await gatewayOn(clock, { fromMs: DAY_START_MS })
    const ledger = new MemoryLedger()
    const states: FeedState[] = []
    sourceOf(gateway, ledger, { token: 'wrong', onState: (state) => states.push(state) })
    await until(
      () =>
        states.filter(({ said }) => said.code === 'sign-in-refused' && said.params.cause === 'unauthorized')
          .length >= 2,
    )
    expect(ledger.ids).toEqual([])
    expect(states.every(({ connected }) => !connected)).toBe(true)
  })
})
