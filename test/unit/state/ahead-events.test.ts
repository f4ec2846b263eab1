/** A source whose clock is ahead: stored times stay, and nobody on a board waits since a time that is still to come. */
import { expect, test } from 'vitest'
import type { EventType, LedgerEvent } from '../../../server/domain/event.ts'
import { LiveState } from '../../../server/state/live-state.ts'
import { settings } from './support.ts'

const NOW_MS = Date.parse('2024-06-03T10:00:00Z')
const MINUTE_MS = 60_000
let number = 0
const event = (
  type: EventType,
  times: { occurredAtMs: number; receivedAtMs: number },
  data: LedgerEvent['data'],
): LedgerEvent => {
  number += 1
  return { ingestSeq: number, id: `e${number}`, source: 'pbx', type, ...times, data }
}

test('waiting counts from the receipt where the source dates it later, and no state begins in the future', () => {
  const state = new LiveState(settings('UTC'))
  const ahead = { occurredAtMs: NOW_MS + 5 * MINUTE_MS, receivedAtMs: NOW_MS }
  state.apply(event('cc.contact.queued.v1', ahead, { contactId: 'c', queueId: 'q' }))
  state.apply(event('cc.agent.logged-on.v1', ahead, { agentId: 'a' }))
  const at = (nowMs: number) => {
    const { waiting, longestWaitingSinceMs, waitingPastThreshold } = state.queueNow('q', nowMs)
    const agentSinceMs = state.agentsNow(nowMs)[0]?.sinceMs
    return [waiting, longestWaitingSinceMs, waitingPastThreshold, agentSinceMs]
  }
  expect(at(NOW_MS + 1_000)).toEqual([1, NOW_MS, 0, NOW_MS + 1_000])
  // Past T by our clock, whatever the source's says; and no jump when our clock gets to where the source's was.
  expect(at(NOW_MS + 2 * MINUTE_MS)).toEqual([1, NOW_MS, 1, NOW_MS + 2 * MINUTE_MS])
  expect(at(NOW_MS + 6 * MINUTE_MS)).toEqual([1, NOW_MS, 1, ahead.occurredAtMs])
  // What is counted keeps the source's own times.
  state.apply(
    event(
      'cc.contact.abandoned.v1',
      { occurredAtMs: ahead.occurredAtMs + 7_000, receivedAtMs: NOW_MS + 7_000 },
      { contactId: 'c', queueId: 'q' },
    ),
  )
  expect(state.visits('q', NOW_MS, NOW_MS + 10 * MINUTE_MS)).toMatchObject([
    { queuedAtMs: ahead.occurredAtMs, waitMs: 7_000 },
  ])
})

test('a second or two ahead is shown as now, never as a time to come', () => {
  const state = new LiveState(settings('UTC'))
  const times = { occurredAtMs: NOW_MS + 1_500, receivedAtMs: NOW_MS }
  state.apply(event('cc.contact.queued.v1', times, { contactId: 'c', queueId: 'q' }))
  expect(state.queueNow('q', NOW_MS).longestWaitingSinceMs).toBe(NOW_MS)
  expect(state.queueNow('q', NOW_MS + 9_000).longestWaitingSinceMs).toBe(NOW_MS + 1_500)
})
