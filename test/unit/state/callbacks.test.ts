/** A callback that was asked for: the visit has left its queue, in any order of its events; the call back is a visit of its own. */
import { expect, it } from 'vitest'
import { event, fold, seeded, shuffled } from './support.ts'

const DAY = '2024-06-03'
const T = Date.UTC(2024, 5, 3, 8) / 1000
const events = [
  event('contact.queued', T, { contactId: 'c', queueId: 'q' }),
  event('callback.requested', T + 12, { contactId: 'c', queueId: 'q' }),
  event('callback.attempted', T + 500, { contactId: 'c', queueId: 'q', agentId: 'ann' }),
  event('contact.queued', T + 500, { contactId: 'back', queueId: 'q', channel: 'callback' }),
  event('contact.answered', T + 510, { contactId: 'back', queueId: 'q', agentId: 'ann' }),
  event('contact.ended', T + 600, { contactId: 'back', queueId: 'q', agentId: 'ann' }),
  event('callback.closed', T + 600, { contactId: 'c' }),
  // A second feed says the same in its own words.
  event(
    'contact.left-queue',
    T + 12,
    { contactId: 'c', queueId: 'q', reason: 'callback' },
    { source: 'other' },
  ),
]

it('counts as a flow-out with a callback in time, whatever the order', () => {
  for (let seed = 1; seed < 20; seed += 1) {
    const state = fold(seed === 1 ? events : shuffled([...events, ...events], seeded(seed)))
    const [queue] = state.dayReport(DAY).queues
    expect(queue).toMatchObject({
      offered: 2,
      answered: 1,
      flowedOut: 1,
      waiting: 0,
      lost: 0,
      callbacksWithinThreshold: 1,
    })
    // SL8 counts it as served in time: (A_T + B_T + C_T) ÷ (A + B + F).
    expect(queue?.serviceLevelRatios.SL8).toBe(1)
    expect(queue?.serviceLevelRatios.SL7).toBe(1 / 2)
    expect(state.quality().orphanEvents).toBe(0)
  }
})

it('asked for too late is a flow-out and no callback in time', () => {
  const late = fold([
    event('contact.queued', T, { contactId: 'c', queueId: 'q' }),
    event('callback.requested', T + 90, { contactId: 'c', queueId: 'q', waitSeconds: 90 }),
  ])
  expect(late.dayReport(DAY).queues[0]).toMatchObject({ flowedOut: 1, callbacksWithinThreshold: 0 })
})
