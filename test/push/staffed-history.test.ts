/** Staffed agents and occupancy by interval: a day told by hand, and a simulated one against what the board itself said at the time. */
import { expect, it } from 'vitest'
import { StaffedHistory } from '../../server/push/staffed-history.ts'
import { toEnvelope } from '../../server/simulator/recorder.ts'
import { LiveState } from '../../server/state/live-state.ts'
import { SMALL_DAY, smallDay } from '../support/simulated-day.ts'
import { event, fold, settings } from '../unit/state/support.ts'

const T = Date.UTC(2024, 5, 3, 8) / 1000
const QUARTER_MS = 15 * 60_000
const at = (seconds: number) => (T + seconds) * 1000

it('counts who was there and what they did, in the intervals in which they did it', () => {
  const state = fold([
    event('agent.logged-on', T - 600, { agentId: 'ann' }),
    event('agent.queue-joined', T - 600, { agentId: 'ann', queueId: 'q' }),
    event('contact.queued', T + 300, { contactId: 'c', queueId: 'q' }),
    event('contact.answered', T + 310, { contactId: 'c', queueId: 'q', agentId: 'ann' }),
    // Talks 600 s, 10 of them in the second quarter, and wraps up for 40 s.
    event('contact.ended', T + 910, { contactId: 'c', agentId: 'ann', acwSeconds: 40 }),
    event('agent.state-changed', T + 1200, { agentId: 'ann', state: 'not-ready', reason: 'lunch' }),
    event('agent.logged-on', T + 450, { agentId: 'bob' }),
    event('agent.queue-joined', T + 450, { agentId: 'bob', queueId: 'q' }),
    event('agent.logged-off', T + 1800, { agentId: 'bob' }),
    event('source.heartbeat', T + 3600, {}),
  ])
  const history = new StaffedHistory(state)
  const quarter = (n: number) =>
    history.of('q', at(0) + n * QUARTER_MS, at(0) + (n + 1) * QUARTER_MS, at(3600))
  // Ann all the time, Bob half of it.
  expect(quarter(0)).toEqual({ staffedMean: 1.5, handlingSeconds: 590, availableSeconds: 310 + 450 })
  // Ann until 1200, Bob until the end.
  expect(quarter(1)).toEqual({
    staffedMean: Math.round((10 * (300 + 900)) / 900) / 10,
    handlingSeconds: 50,
    availableSeconds: 250 + 900,
  })
  expect(quarter(2)).toEqual({ staffedMean: 0, handlingSeconds: 0, availableSeconds: 0 })
  expect(history.of('q', at(3600), at(4500), at(3600))).toBeNull()
})

it('says nothing until every agent was drawn once, and follows what is told later', () => {
  const agents = Array.from({ length: 120 }, (_, index) => `agent-${index}`)
  const state = fold([
    ...agents.flatMap((agentId) => [
      event('agent.logged-on', T, { agentId }),
      event('agent.queue-joined', T, { agentId, queueId: 'q' }),
    ]),
    event('source.heartbeat', T + 3600, {}),
  ])
  const history = new StaffedHistory(state)
  const first = (seconds: number) => history.of('q', at(0), at(900), at(seconds))
  expect(first(3600)).toBeNull()
  expect(first(3601)).toBeNull()
  expect(first(3602)?.staffedMean).toBe(120)
  state.apply(event('agent.logged-off', T + 450, { agentId: 'agent-7' }))
  for (let second = 3603; second < 3610; second += 1) first(second)
  expect(first(3610)?.staffedMean).toBe(119.5)
})

it('is the mean of what the board showed at the time', () => {
  const { events } = smallDay(4)
  const told = [...events].sort((a, b) => a.occurredAtMs - b.occurredAtMs)
  const whole = new LiveState(settings())
  const growing = new LiveState(settings())
  const fromMs = Date.parse(`${SMALL_DAY}T09:00:00Z`)
  const toMs = Date.parse(`${SMALL_DAY}T10:00:00Z`)
  const queueIds = [...new Set(told.flatMap(({ data }) => data.queueId ?? []))]
  const seen = new Map(queueIds.map((queueId) => [queueId, { staffed: 0, handling: 0, free: 0, looks: 0 }]))
  let lookMs = fromMs
  for (const [index, one] of told.entries()) {
    for (; lookMs < toMs && lookMs < one.occurredAtMs; lookMs += 10_000)
      for (const [queueId, sums] of seen) {
        const { agents } = growing.queueNow(queueId, lookMs)
        sums.staffed += agents.staffed
        sums.handling += agents.onContact + agents.afterContactWork
        sums.free += agents.available
        sums.looks += 1
      }
    growing.apply({ ...toEnvelope(one, one.occurredAtMs), ingestSeq: index + 1 })
    whole.apply({ ...toEnvelope(one, one.occurredAtMs), ingestSeq: index + 1 })
  }
  const history = new StaffedHistory(whole)
  const nowMs = toMs + 3_600_000
  expect(seen.size).toBeGreaterThan(1)
  for (let turn = 0; turn < 10; turn += 1) history.of('', fromMs, toMs, nowMs + turn * 1_000)
  for (const [queueId, { staffed, handling, free, looks }] of seen) {
    const hour = history.of(queueId, fromMs, toMs, nowMs + 10_000)
    expect(looks).toBe(360)
    expect(hour?.staffedMean).toBeCloseTo(staffed / looks, 0)
    const { handlingSeconds = 0, availableSeconds = 0 } = hour ?? {}
    expect(handlingSeconds / (handlingSeconds + availableSeconds)).toBeCloseTo(
      handling / (handling + free),
      1,
    )
  }
})
