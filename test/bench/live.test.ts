/** A small run of `npm run bench -- live`, so that it cannot rot: counts and checksums, never times. */
import { expect, it } from 'vitest'
import { measureLive } from '../../server/cli/bench/live.ts'

it('stores every event once, shows all of it, and folds to one report live, restarted and from the ledger', async () => {
  const result = await measureLive({
    events: 400,
    embeddedEvents: 400,
    viewers: 20,
    broadcastViewers: 30,
    broadcastRounds: 1,
    seconds: 1,
    eventsPerSecond: 300,
    floodEventsPerSecond: 600,
    ownProcess: false,
  })
  expect(result.days.length + result.skipped.length).toBe(2)
  for (const day of result.days) {
    expect(day.accepted).toBe(400)
    expect(day.offered).toEqual([50, 50, 50])
    expect(new Set(day.checksums).size).toBe(1)
  }
  expect(new Set(result.days.flatMap((day) => day.checksums)).size).toBe(1)
  for (const latency of result.latencies) {
    expect(latency.accepted).toBe(latency.sent)
    expect(latency.offeredOnBoard).toBe(latency.offeredSent)
    expect(latency.latencyMsP99).toBeGreaterThanOrEqual(latency.latencyMsP50)
  }
  const { broadcast } = result
  // Two ways, one round, every viewer once.
  expect(broadcast.received).toBe(2 * 30)
  expect(broadcast.bytes).toBeGreaterThan(100)
}, 300_000)
