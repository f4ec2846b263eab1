/** Sizes and orders that nobody plans for: they must stay right, and must not hang. */
import { describe, expect, it } from 'vitest'
import type { LedgerEvent } from '../../../server/domain/event.ts'
import { LiveState } from '../../../server/state/live-state.ts'
import { event, fold, seeded, settings, shuffled } from '../../unit/state/support.ts'

const T = Date.UTC(2024, 5, 3, 8) / 1000
const DAY = '2024-06-03'

describe('floods', () => {
  it('one contact with 10 000 events', () => {
    const events: LedgerEvent[] = [event('contact.queued', T, { contactId: 'c', queueId: 'q' })]
    for (let ring = 0; ring < 9_997; ring += 1) {
      const agentId = `a${ring % 50}`
      const data = { contactId: 'c', queueId: 'q', agentId, reason: 'noAnswer' }
      events.push(event('contact.offer-ended', T + ring, data))
    }
    events.push(event('contact.answered', T + 9_998, { contactId: 'c', queueId: 'q', agentId: 'a1' }))
    events.push(event('contact.ended', T + 9_999, { contactId: 'c', agentId: 'a1' }))
    const state = new LiveState(settings())
    for (const one of shuffled(events, seeded(3))) state.apply(one)
    const row = state.dayReport(DAY).queues[0]
    expect(row).toMatchObject({ offered: 1, answered: 1, asaSeconds: 9_998 })
    expect(row?.agents?.reduce((sum, agent) => sum + agent.ringNoAnswer, 0)).toBe(9_997)
  })

  it('one contact that enters and is answered 5 000 times', () => {
    const events: LedgerEvent[] = []
    for (let stay = 0; stay < 5_000; stay += 1) {
      const data = { contactId: 'c', queueId: `q${stay % 7}`, agentId: `a${stay % 50}` }
      events.push(event('contact.queued', T + 4 * stay, { contactId: 'c', queueId: data.queueId }))
      events.push(event('contact.answered', T + 4 * stay + 1, data))
      events.push(event('contact.ended', T + 4 * stay + 3, { contactId: 'c', agentId: data.agentId }))
    }
    const report = fold(shuffled(events, seeded(9))).dayReport(DAY, { schedule: new Map() })
    const sum = (pick: (row: (typeof report.queues)[number]) => number) =>
      report.queues.reduce((total, row) => total + pick(row), 0)
    expect([sum((row) => row.offered), sum((row) => row.handled)]).toEqual([5_000, 5_000])
    expect(report.agents?.reduce((total, agent) => total + agent.talkSeconds, 0)).toBe(10_000)
  })

  it('one agent in 500 queues', () => {
    const events = Array.from({ length: 500 }, (_, queue) =>
      event('agent.queue-joined', T, { agentId: 'a', queueId: `q${queue}` }),
    )
    events.push(event('agent.state-changed', T + 100, { agentId: 'a', state: 'not-ready' }))
    events.push(event('source.heartbeat', T + 300, {}))
    const state = fold(shuffled(events, seeded(5)))
    const report = state.dayReport(DAY)
    expect(report.queues).toHaveLength(500)
    for (const row of report.queues) {
      expect(row.agents).toMatchObject([{ loggedInSeconds: 300, notReadySeconds: 200 }])
    }
    expect(state.siteAgents((T + 300) * 1000)).toMatchObject({ notReady: 1 })
  })

  it('a restart that is told an hour late', () => {
    const events: LedgerEvent[] = []
    for (let contact = 0; contact < 200; contact += 1) {
      const data = { contactId: `c${contact}`, queueId: 'q' }
      events.push(event('contact.queued', T + contact, data))
      events.push(event('contact.abandoned', T + contact + 60, data))
    }
    const state = fold(events)
    expect(state.dayReport(DAY).queues[0]).toMatchObject({ abandoned: 200, lost: 0 })
    const restart = event('source.started', T + 100, {})
    state.apply(restart)
    // Those who came before it and left after it: 41 … 99, and at second 100 the restart comes first.
    expect(state.dayReport(DAY).queues[0]).toMatchObject({ abandoned: 140, lost: 60, offered: 200 })
    expect(state.dayReport(DAY)).toEqual(fold([restart, ...events]).dayReport(DAY))
  })

  it('events at one and the same instant, in every order', () => {
    const all = [
      event('contact.queued', T, { contactId: 'c', queueId: 'q' }),
      event('contact.offered', T, { contactId: 'c', queueId: 'q', agentId: 'a' }),
      event('contact.answered', T, { contactId: 'c', queueId: 'q', agentId: 'a' }),
      event('contact.ended', T, { contactId: 'c', agentId: 'a' }),
    ]
    const want = fold(all).dayReport(DAY)
    expect(want.queues[0]).toMatchObject({ offered: 1, answered: 1, asaSeconds: 0, talkSecondsMean: 0 })
    for (let seed = 1; seed < 30; seed += 1) {
      expect(fold(shuffled(all, seeded(seed))).dayReport(DAY)).toEqual(want)
    }
  })
})
