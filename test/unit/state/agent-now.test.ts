/** The displayed state of an agent, from what was set and what is done. */
import { describe, expect, it } from 'vitest'
import type { LedgerEvent } from '../../../server/domain/event.ts'
import { event, fold } from './support.ts'

const T = Date.UTC(2024, 5, 3, 8) / 1000
const on = event('agent.logged-on', T, { agentId: 'ann' })
const member = event('agent.queue-joined', T, { agentId: 'ann', queueId: 'q' })
const set = (seconds: number, state: NonNullable<LedgerEvent['data']['state']>, more = {}) =>
  event('agent.state-changed', T + seconds, { agentId: 'ann', state, ...more })
const call = (from: number, answeredAt: number | null, to: number | null, acwSeconds = 0) => [
  event('contact.queued', T + from, { contactId: `c${from}`, queueId: 'q' }),
  event('contact.offered', T + from + 1, { contactId: `c${from}`, queueId: 'q', agentId: 'ann' }),
  ...(answeredAt === null
    ? []
    : [event('contact.answered', T + answeredAt, { contactId: `c${from}`, queueId: 'q', agentId: 'ann' })]),
  ...(to === null
    ? []
    : [event('contact.ended', T + to, { contactId: `c${from}`, agentId: 'ann', acwSeconds })]),
]
const now = (events: readonly LedgerEvent[], seconds: number) => {
  const state = fold(events)
  const line = state.agentsNow((T + seconds) * 1000)[0]
  return {
    state: line?.state,
    since: line?.sinceMs == null ? null : line.sinceMs / 1000 - T,
    reason: line?.reason,
    queue: state.queueNow('q', (T + seconds) * 1000).agents,
  }
}

describe('an agent', () => {
  it.each([
    ['is ready after the log-on', [on, member], 60, 'ready', 0],
    ['rings', [on, member, ...call(10, null, null)], 20, 'reserved', 11],
    ['talks', [on, member, ...call(10, 15, null)], 20, 'on-contact', 15],
    [
      'talks although a pause is set',
      [on, member, ...call(10, 15, null), set(18, 'not-ready')],
      20,
      'on-contact',
      15,
    ],
    [
      'wraps up for as long as the source said',
      [on, member, ...call(10, 15, 40, 30)],
      60,
      'after-contact-work',
      40,
    ],
    ['is ready after it', [on, member, ...call(10, 15, 40, 30)], 71, 'ready', 40],
    [
      'wraps up by its own word',
      [on, member, ...call(10, 15, 40), set(40, 'after-contact-work')],
      60,
      'after-contact-work',
      40,
    ],
    [
      'is done with it by its own word',
      [on, member, ...call(10, 15, 40), set(40, 'after-contact-work'), set(55, 'ready')],
      60,
      'ready',
      55,
    ],
    [
      'is not on a contact that ended, whatever was said',
      [on, member, set(15, 'on-contact'), ...call(10, 15, 40)],
      60,
      'ready',
      40,
    ],
    ['is not ready', [on, member, set(30, 'not-ready', { reason: 'lunch' })], 60, 'not-ready', 30],
    ['is gone', [on, member, event('agent.logged-off', T + 50, { agentId: 'ann' })], 60, 'offline', 50],
    ['is nobody knows what without a word', call(10, 15, 40), 60, 'unknown', null],
  ] as const)('%s', (_name, events, seconds, state, since) => {
    expect(now(events as readonly LedgerEvent[], seconds)).toMatchObject({ state, since })
  })

  it('is counted once for the site and for each queue by its state there', () => {
    const second = event('agent.queue-joined', T, { agentId: 'ann', queueId: 'r' })
    const state = fold([on, member, second, set(30, 'not-ready', { queueId: 'r' })])
    const nowMs = (T + 60) * 1000
    expect(state.siteAgents(nowMs)).toMatchObject({ available: 1, notReady: 0, staffed: 1 })
    expect(state.queueNow('q', nowMs).agents).toMatchObject({ available: 1, notReady: 0, staffed: 1 })
    expect(state.queueNow('r', nowMs).agents).toMatchObject({ available: 0, notReady: 1, staffed: 0 })
  })

  it('goes on with its queues at the next log-on', () => {
    const events = [
      on,
      member,
      event('agent.logged-off', T + 100, { agentId: 'ann' }),
      event('agent.logged-on', T + 500, { agentId: 'ann' }),
      event('source.heartbeat', T + 600, {}),
    ]
    expect(fold(events).dayReport('2024-06-03').queues[0]?.agents).toMatchObject([{ loggedInSeconds: 200 }])
  })
})
