/** An agent's day: the line of segments is what a supervisor would have seen at every instant; its sums, and the schedule. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LedgerEvent } from '../../../server/domain/event.ts'
import { toEnvelope } from '../../../server/simulator/recorder.ts'
import { agentSegments } from '../../../server/state/agent-day.ts'
import type { ScheduleSegment } from '../../../server/state/agent-figures.ts'
import type { LiveState } from '../../../server/state/live-state.ts'
import { smallDay } from '../../support/simulated-day.ts'
import { event, fold, seeded, shuffled } from './support.ts'

const DAY = '2024-06-03'
const T = Date.UTC(2024, 5, 3, 8) / 1000
const dayStartMs = Date.UTC(2024, 5, 3)

function segmentsOf(state: LiveState, agentId: string, fromMs = dayStartMs, toMs = fromMs + 86_400_000) {
  const record = state.agentRecord(agentId)
  if (record === null) return []
  const sourceEndMs = (source: string) => state.sourceEndMs(source)
  return agentSegments(record.timeline, record.work, { fromMs, toMs, sourceEndMs })
}

const on = event('agent.logged-on', T, { agentId: 'ann' })
const member = event('agent.queue-joined', T, { agentId: 'ann', queueId: 'q' })
const set = (seconds: number, state: NonNullable<LedgerEvent['data']['state']>, reason?: string) =>
  event('agent.state-changed', T + seconds, {
    agentId: 'ann',
    state,
    ...(reason === undefined ? {} : { reason }),
  })
const call = (from: number, to: number, acwSeconds = 0) => [
  event('contact.queued', T + from - 5, { contactId: `c${from}`, queueId: 'q' }),
  event('contact.answered', T + from, { contactId: `c${from}`, queueId: 'q', agentId: 'ann' }),
  event('contact.ended', T + to, { contactId: `c${from}`, agentId: 'ann', acwSeconds }),
]
const DAY_EVENTS = [
  on,
  member,
  ...call(100, 200, 30),
  set(400, 'not-ready', 'lunch'),
  set(1000, 'ready'),
  // Lunch is set during the call: it begins when the call is over.
  ...call(1100, 1300),
  set(1200, 'not-ready', 'lunch'),
  set(1500, 'not-ready', 'training'),
  event('agent.logged-off', T + 2000, { agentId: 'ann' }),
  event('source.heartbeat', T + 3000, {}),
]
const figuresOf = (events: readonly LedgerEvent[], schedule: readonly ScheduleSegment[] = []) =>
  fold(events).dayReport(DAY, { schedule: new Map([['ann', schedule]]) }).agents?.[0]

describe('the day of an agent', () => {
  it('is a line without holes from log-on to the last word', () => {
    const line = segmentsOf(fold(DAY_EVENTS), 'ann').map(({ fromMs, toMs, state, reason }) => [
      fromMs / 1000 - T,
      toMs / 1000 - T,
      state,
      reason,
    ])
    expect(line).toEqual([
      [0, 100, 'ready', null],
      [100, 200, 'on-contact', null],
      [200, 230, 'after-contact-work', null],
      [230, 400, 'ready', null],
      [400, 1000, 'not-ready', 'lunch'],
      [1000, 1100, 'ready', null],
      [1100, 1300, 'on-contact', null],
      [1300, 1500, 'not-ready', 'lunch'],
      [1500, 2000, 'not-ready', 'training'],
      [2000, 3000, 'offline', null],
    ])
  })

  it('sums to the figures of the agent', () => {
    expect(figuresOf(DAY_EVENTS)).toEqual({
      agent: 'ann',
      name: 'ann',
      team: null,
      contacts: 2,
      talkSeconds: 300,
      holdSeconds: 0,
      acwSeconds: 30,
      ringNoAnswer: 0,
      loggedInSeconds: 2000,
      readySeconds: 370,
      ringingSeconds: 0,
      notReadySeconds: 1300,
      notReadyByReason: { lunch: 800, training: 500 },
      handlingSeconds: 330,
      occupancyRatio: 330 / 700,
      scheduledSeconds: null,
      adherenceRatio: null,
      conformanceRatio: null,
    })
  })

  it('is held against the schedule', () => {
    const at = (activity: string, from: number, to: number) => ({
      activity,
      startMs: (T + from) * 1000,
      endMs: (T + to) * 1000,
    })
    // On queue to 400 as scheduled; 100 s of the lunch are ended too late; from 1000 on 300 s on queue of 1000 scheduled.
    const schedule = [at('on-queue', 0, 400), at('lunch', 400, 900), at('on-queue', 900, 2000)]
    expect(figuresOf(DAY_EVENTS, schedule)).toMatchObject({
      scheduledSeconds: 2000,
      adherenceRatio: 1 - 800 / 2000,
      conformanceRatio: 700 / 1500,
    })
    // What is still to come is no exception.
    expect(figuresOf(DAY_EVENTS, [...schedule, at('on-queue', 3000, 9000)])).toMatchObject({
      scheduledSeconds: 2000,
    })
    // Nobody was on queue: never below 0. An agent who never came is listed.
    expect(figuresOf([on, set(1, 'not-ready')], [at('on-queue', 0, 1)])).toMatchObject({ adherenceRatio: 1 })
    const absent = fold(DAY_EVENTS).dayReport(DAY, { schedule: new Map([['zoe', [at('on-queue', 0, 100)]]]) })
    expect(absent.agents?.find((one) => one.agent === 'zoe')).toMatchObject({
      loggedInSeconds: 0,
      adherenceRatio: 0,
      conformanceRatio: 0,
    })
  })

  it('is not shown to a client', () => {
    expect(fold(DAY_EVENTS).dayReport(DAY, { schedule: new Map(), forClient: 'acme' }).agents).toBeUndefined()
  })

  it('says what was set beside what is done, and how often the telephone rang in vain', () => {
    const missed = (seconds: number) => [
      event('contact.queued', T + seconds, { contactId: `m${seconds}`, queueId: 'q' }),
      event('contact.offer-ended', T + seconds + 9, {
        contactId: `m${seconds}`,
        queueId: 'q',
        agentId: 'ann',
        reason: 'noAnswer',
      }),
    ]
    const events = [on, member, ...missed(10), ...call(100, 200), ...missed(300), ...missed(400)]
    const now = (more: readonly LedgerEvent[], seconds: number) =>
      fold([...events, ...more]).agentsNow((T + seconds) * 1000)[0]
    expect(now([], 500)).toMatchObject({ state: 'ready', ringNoAnswerStreak: 2, notReadyPending: false })
    const busy = [
      event('contact.queued', T + 500, { contactId: 'z', queueId: 'q' }),
      event('contact.answered', T + 510, { contactId: 'z', queueId: 'q', agentId: 'ann' }),
      set(520, 'not-ready', 'lunch'),
    ]
    expect(now(busy, 530)).toMatchObject({
      state: 'on-contact',
      ringNoAnswerStreak: 0,
      set: { state: 'not-ready', reason: 'lunch' },
      notReadyPending: true,
    })
  })

  it('is, instant by instant, what the live state showed then', () => {
    const looked = new Set<string>()
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), (seed) => {
        const { events } = smallDay(seed)
        const ledger = events.map((one, index) => ({
          ...toEnvelope(one, one.occurredAtMs),
          ingestSeq: index + 1,
        }))
        const whole = fold(shuffled(ledger, seeded(seed)))
        const fromMs = ledger[0]?.occurredAtMs ?? 0
        const random = seeded(seed + 7)
        // A telephone rings for seconds: some looks are while one does, the others are anywhere in the day.
        const offers = ledger.filter(({ type }) => type === 'cc.contact.offered.v1')
        const instants = Array.from({ length: 12 }, (_, look) =>
          look < 3
            ? (offers[Math.floor(random() * offers.length)]?.occurredAtMs ?? 0) + 1
            : Math.round(fromMs + (0.05 + random() * 0.9) * 10 * 3_600_000),
        )
        for (const nowMs of instants) {
          const until = fold(ledger.filter((one) => one.occurredAtMs <= nowMs))
          for (const seen of until.agentsNow(nowMs)) {
            const line = segmentsOf(whole, seen.agentId, fromMs, fromMs + 86_400_000)
            const segment = line.find((one) => one.fromMs <= nowMs && nowMs < one.toMs)
            const { state } = seen
            looked.add(state)
            expect([seen.agentId, nowMs, segment?.state ?? 'unknown']).toEqual([seen.agentId, nowMs, state])
            if (state === 'not-ready') expect(segment?.reason).toBe(seen.set.reason)
          }
        }
      }),
      { numRuns: 5 },
    )
    for (const state of ['ready', 'reserved', 'on-contact', 'after-contact-work', 'not-ready', 'offline'])
      expect(looked).toContain(state)
  })

  it('shows when and for which contact it rang, however that ended', () => {
    const contact = (type: string, seconds: number, contactId: string, agentId?: string, more: object = {}) =>
      event(`contact.${type}`, T + seconds, {
        contactId,
        queueId: 'q',
        ...(agentId === undefined ? {} : { agentId }),
        ...more,
      })
    const events = [
      on,
      member,
      // Rings at both: bob takes it.
      contact('queued', 10, 'a'),
      contact('offered', 20, 'a', 'ann'),
      contact('offered', 20, 'a', 'bob'),
      contact('answered', 26, 'a', 'bob'),
      // Rings in vain, then again, and is answered.
      contact('queued', 100, 'b'),
      contact('offered', 101, 'b', 'ann'),
      contact('offer-ended', 111, 'b', 'ann', { reason: 'noAnswer' }),
      contact('offered', 115, 'b', 'ann'),
      contact('answered', 120, 'b', 'ann'),
      contact('ended', 180, 'b', 'ann'),
      // The caller gives up while it rings.
      contact('queued', 200, 'c'),
      contact('offered', 205, 'c', 'ann'),
      contact('abandoned', 209, 'c'),
      // And one still rings when the source says its last.
      contact('queued', 300, 'd'),
      contact('offered', 310, 'd', 'ann'),
      event('source.heartbeat', T + 330, {}),
    ]
    const ringing = segmentsOf(fold(shuffled(events, seeded(3))), 'ann')
      .filter(({ state }) => state === 'reserved')
      .map(({ fromMs, toMs, contactId, queueId }) => [fromMs / 1000 - T, toMs / 1000 - T, contactId, queueId])
    expect(ringing).toEqual([
      [20, 26, 'a', 'q'],
      [101, 111, 'b', 'q'],
      [115, 120, 'b', 'q'],
      [205, 209, 'c', 'q'],
      [310, 330, 'd', 'q'],
    ])
    const figures = figuresOf(events)
    expect(figures).toMatchObject({ ringingSeconds: 45, ringNoAnswer: 1, handlingSeconds: 60 })
    expect(figures?.readySeconds).toBe(330 - 45 - 60)
  })
})
