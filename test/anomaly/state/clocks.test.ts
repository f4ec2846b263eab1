/** Clocks that jump: the telephone system's goes back five hours, the server's goes forth and back. Nothing is lost or counted twice. */
import { describe, expect, it } from 'vitest'
import type { LedgerEvent } from '../../../server/domain/event.ts'
import { createIntervalSettling } from '../../../server/interval-settling.ts'
import { LiveState } from '../../../server/state/live-state.ts'
import { event, fold, memoryRevisionStore, seeded, settings, shuffled } from '../../unit/state/support.ts'

const DAY = '2024-06-03'
const T = Date.UTC(2024, 5, 3, 12) / 1000
const HOUR = 3_600

describe('a clock that goes back five hours', () => {
  /** A file: its lines are numbered, its clock is set back by five hours in the middle of a call. */
  const numbered = (events: readonly LedgerEvent[]) =>
    events.map((one, index) => ({ ...one, sequence: String(index).padStart(8, '0') }))
  const rows = numbered([
    event('agent.queue-joined', T - 10, { agentId: 'ann', queueId: 'q' }),
    event('contact.queued', T, { contactId: 'a', queueId: 'q' }),
    event('contact.queued', T + 2, { contactId: 'b', queueId: 'q' }),
    event('contact.answered', T - 5 * HOUR + 5, {
      contactId: 'a',
      queueId: 'q',
      agentId: 'ann',
      waitSeconds: 5,
    }),
    event('contact.abandoned', T - 5 * HOUR + 6, { contactId: 'b', queueId: 'q' }),
    event('contact.ended', T - 5 * HOUR + 65, { contactId: 'a', agentId: 'ann', talkSeconds: 60 }),
    event('contact.queued', T - 5 * HOUR + 100, { contactId: 'c', queueId: 'q' }),
    event('contact.answered', T - 5 * HOUR + 110, { contactId: 'c', queueId: 'q', agentId: 'ann' }),
    event('contact.ended', T - 5 * HOUR + 140, { contactId: 'c', agentId: 'ann' }),
    // Set right again.
    event('contact.queued', T + 300, { contactId: 'd', queueId: 'q' }),
  ])

  it('keeps the order of the file, takes the source’s durations, and counts what cannot be', () => {
    const state = fold(rows)
    const { queues } = state.dayReport(DAY, { schedule: new Map() })
    expect(queues[0]).toMatchObject({
      offered: 4,
      answered: 2,
      abandoned: 1,
      waiting: 1,
      asaSeconds: 7.5,
      talkSecondsMean: 45,
    })
    // Abandoned before it came, by the clock: no wait below zero.
    expect(state.quality()).toMatchObject({ negativeDurations: 1, orphanEvents: 0 })
    expect(queues[0]?.abandonedWithinThreshold).toBe(1)
  })

  it('gives the same in any order, and a line of the agent’s day without time that runs backwards', () => {
    const want = fold(rows).dayReport(DAY, { schedule: new Map() })
    for (let seed = 1; seed <= 10; seed += 1)
      expect(
        fold(shuffled([...rows, ...rows], seeded(seed))).dayReport(DAY, { schedule: new Map() }),
      ).toEqual(want)
    for (const agent of want.agents ?? []) {
      expect(agent.handlingSeconds).toBeGreaterThanOrEqual(0)
      expect(agent.loggedInSeconds).toBeGreaterThanOrEqual(0)
    }
  })
})

describe('a server clock that jumps', () => {
  it('makes nothing final early when it jumps ahead, and comes back', async () => {
    const view = settings()
    const state = new LiveState(view)
    const clock = { nowMs: (T + 60) * 1000 }
    const settling = await createIntervalSettling({
      state,
      settings: view,
      store: memoryRevisionStore(),
      nowMs: () => clock.nowMs,
      onError: () => undefined,
    })
    state.applyAll([
      event('contact.queued', T, { contactId: 'a', queueId: 'q' }),
      event('contact.abandoned', T + 9, { contactId: 'a', queueId: 'q' }),
    ])
    const look = () => {
      settling.tick()
      return settling.settled('q', T * 1000)
    }
    expect(look()).toEqual({ provisional: true, revision: 1 })
    // Five hours ahead: the source has not told of them, so the interval stays open for what it still has to say.
    clock.nowMs += 5 * HOUR * 1000
    expect(look()).toEqual({ provisional: true, revision: 1 })
    state.applyAll([
      event('contact.queued', T + 20, { contactId: 'b', queueId: 'q' }),
      event('contact.abandoned', T + 30, { contactId: 'b', queueId: 'q' }),
    ])
    expect(look()).toEqual({ provisional: true, revision: 1 })
    clock.nowMs -= 5 * HOUR * 1000
    expect(look()).toEqual({ provisional: true, revision: 1 })
    expect(state.queueNow('q', clock.nowMs)).toMatchObject({ waiting: 0 })
    expect(state.dayTotals('q', DAY)).toMatchObject({ offered: 2, abandoned: 2 })
  })

  it('shows the same figures of the day whatever it says, and no wait below zero', () => {
    const events = [
      event('contact.queued', T, { contactId: 'a', queueId: 'q' }),
      event('contact.queued', T + 5, { contactId: 'b', queueId: 'q' }),
      event('contact.abandoned', T + 9, { contactId: 'b', queueId: 'q' }),
    ]
    const state = fold(events)
    const before = state.dayReport(DAY)
    for (const nowMs of [(T - 9 * HOUR) * 1000, (T + 40 * HOUR) * 1000, T * 1000]) {
      expect(state.queueNow('q', nowMs)).toMatchObject({ waiting: 1 })
      expect(state.slidingTotals('q', nowMs).offered).toBeLessThanOrEqual(2)
      expect(state.dayReport(DAY)).toEqual(before)
    }
  })
})
