/** Single contacts: what becomes of odd sequences of events. */
import { describe, expect, it } from 'vitest'
import type { LedgerEvent } from '../../../server/domain/event.ts'
import { event, fold, seeded, shuffled } from './support.ts'

const T = Date.UTC(2024, 5, 3, 8) / 1000
const DAY = '2024-06-03'
const at = { contactId: 'c', queueId: 'q' }
const row = (events: readonly LedgerEvent[], queue = 'q') =>
  fold(events)
    .dayReport(DAY)
    .queues.find((one) => one.queue === queue)
const queued = (seconds = 0, more: Partial<LedgerEvent> = {}) =>
  event('contact.queued', T + seconds, at, more)
const answered = (seconds: number, data = {}, more: Partial<LedgerEvent> = {}) =>
  event('contact.answered', T + seconds, { ...at, agentId: 'ann', ...data }, more)

describe('a contact', () => {
  it('takes the durations of the source before differences of times', () => {
    const events = [
      queued(),
      answered(30, { waitSeconds: 12 }),
      event('contact.ended', T + 100, {
        contactId: 'c',
        agentId: 'ann',
        talkSeconds: 50,
        holdSeconds: 8,
        acwSeconds: 5,
      }),
    ]
    expect(row(events)).toMatchObject({ asaSeconds: 12, talkSecondsMean: 50, ahtSeconds: 63 })
    expect(fold(events).quality().differingDurations).toBe(2)
  })

  it('takes hold out of the talk', () => {
    const events = [
      queued(),
      answered(10),
      event('contact.held', T + 20, { contactId: 'c', agentId: 'ann' }),
      event('contact.retrieved', T + 50, { contactId: 'c', agentId: 'ann' }),
      event('contact.ended', T + 110, { contactId: 'c', agentId: 'ann' }),
    ]
    expect(row(events)).toMatchObject({ talkSecondsMean: 70, ahtSeconds: 100 })
  })

  it('does not invent an answer, nor an abandon', () => {
    expect(
      row([queued(), event('contact.ended', T + 9, { contactId: 'c', endedBy: 'customer' })]),
    ).toMatchObject({
      offered: 1,
      lost: 1,
      answered: 0,
      abandoned: 0,
    })
  })

  it('is an orphan without its entry, and whole when the entry comes late', () => {
    const late = [answered(10), event('contact.ended', T + 40, { contactId: 'c', agentId: 'ann' })]
    expect(row(late)).toBeUndefined()
    expect(fold(late).quality().orphanEvents).toBe(2)
    const state = fold(late)
    state.apply(queued())
    expect(state.dayReport(DAY).queues[0]).toMatchObject({ offered: 1, answered: 1, asaSeconds: 10 })
    expect(state.quality().orphanEvents).toBe(0)
  })

  it('waits no less than nothing', () => {
    const events = [queued(), answered(-3)].map((one, index) => ({ ...one, sequence: `${index}` }))
    expect(row(events)).toMatchObject({ answered: 1, asaSeconds: 0 })
    expect(fold(events).quality().negativeDurations).toBe(1)
  })

  it('counts T itself as within', () => {
    const events = [queued(), answered(99, { waitSeconds: 20 })]
    expect(row(events)).toMatchObject({ answeredWithinThreshold: 1 })
    expect(row([queued(), answered(99, { waitSeconds: 20.001 })])).toMatchObject({
      answeredWithinThreshold: 0,
    })
  })

  it('goes from agent to agent as one visit', () => {
    const events = [
      queued(),
      answered(10),
      event('contact.transferred', T + 40, {
        contactId: 'c',
        agentId: 'ann',
        kind: 'attended',
        toAgentId: 'bob',
      }),
      answered(45, { agentId: 'bob' }),
      event('contact.ended', T + 65, { contactId: 'c', agentId: 'bob' }),
    ]
    const found = row(events)
    expect(found).toMatchObject({ offered: 1, answered: 1, transfers: 1, talkSecondsMean: 50 })
    expect(found?.agents).toMatchObject([
      { agent: 'ann', answered: 1, talkSeconds: 30 },
      { agent: 'bob', answered: 1, talkSeconds: 20 },
    ])
  })

  it('told by two sources is one visit', () => {
    const two = [
      queued(0),
      queued(0.4, { source: 'web' }),
      answered(10),
      answered(10.3, {}, { source: 'web' }),
      event('contact.ended', T + 40, { contactId: 'c', agentId: 'ann' }),
      event('contact.ended', T + 40.2, { contactId: 'c', agentId: 'ann' }, { source: 'web' }),
    ]
    for (let seed = 1; seed < 20; seed += 1) {
      expect(row(shuffled(two, seeded(seed)))).toMatchObject({ offered: 1, answered: 1, asaSeconds: 10 })
    }
  })

  it('entered twice without an end lost the first stay', () => {
    const numbered = [queued(), queued(60), answered(70)].map((one, index) => ({
      ...one,
      sequence: `${index}`,
    }))
    expect(row(numbered)).toMatchObject({ offered: 2, lost: 1, answered: 1, asaSeconds: 10 })
  })

  it('is lost by a restart, and what follows of it is an orphan', () => {
    const events = [queued(), event('source.started', T + 5, {}), answered(10)]
    expect(row(events)).toMatchObject({ offered: 1, lost: 1, answered: 0 })
    expect(
      row([queued(), event('source.started', T + 5, {}, { source: 'other' }), answered(10)]),
    ).toMatchObject({
      lost: 0,
      answered: 1,
    })
  })

  it('survives a snapshot that lists it', () => {
    const snapshot = (ids: string[]) => event('source.snapshot', T + 5, { openContactIds: ids })
    expect(row([queued(), snapshot(['c']), answered(10)])).toMatchObject({ lost: 0, answered: 1 })
    expect(row([queued(), snapshot([])])).toMatchObject({ lost: 1, waiting: 0 })
    expect(row([queued(), event('source.snapshot', T + 5, {})])).toMatchObject({ lost: 0, waiting: 1 })
  })

  it('keeps its answer over a restart, with a talk that nobody knows', () => {
    expect(row([queued(), answered(10), event('source.started', T + 50, {})])).toMatchObject({
      answered: 1,
      lost: 0,
      talkSecondsMean: null,
    })
  })
})
