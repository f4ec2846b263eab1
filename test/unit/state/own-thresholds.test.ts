/** A queue's own threshold, short abandon and formula: they count where no promise says otherwise, and only there. */
import { expect, it } from 'vitest'
import { defaultQueue, type PromiseSetting, type QueueSetting } from '../../../server/domain/settings.ts'
import { promisedFor } from '../../../server/state/settings-view.ts'
import { event, fold, settings } from './support.ts'

const DAY = '2024-06-03'
const T = Date.UTC(2024, 5, 3, 8) / 1000
const own: QueueSetting = {
  ...defaultQueue('q', 'UTC'),
  answerThresholdSeconds: 45,
  shortAbandonSeconds: 2,
  formula: 'SL3',
}
const calls = [10, 30, 60].flatMap((wait) => [
  event('contact.queued', T, { contactId: `c${wait}`, queueId: 'q' }),
  event('contact.answered', T + wait, { contactId: `c${wait}`, queueId: 'q', agentId: 'a' }),
])
calls.push(event('contact.queued', T, { contactId: 'gone', queueId: 'q' }))
calls.push(event('contact.abandoned', T + 3, { contactId: 'gone', queueId: 'q' }))

it('counts by the own values of a queue without a promise', () => {
  const told = settings('UTC', { queues: new Map([['q', own]]) })
  expect(fold(calls, told).dayReport(DAY).queues[0]).toMatchObject({
    answeredWithinThreshold: 2,
    shortAbandons: 0,
    serviceLevelRatios: { SL2: 2 / 3, SL3: 2 / 4 },
  })
  expect(promisedFor(told, 'q', DAY).formula).toBe('SL3')
  const usual = settings('UTC', { queues: new Map([['q', defaultQueue('q', 'UTC')]]) })
  expect(fold(calls, usual).dayReport(DAY).queues[0]).toMatchObject({
    answeredWithinThreshold: 1,
    shortAbandons: 1,
  })
})

it('counts by the promise where there is one', () => {
  const promise: PromiseSetting = {
    clientId: 'c',
    queueIds: [],
    targetRatio: 0.9,
    answerThresholdSeconds: 60,
    shortAbandonSeconds: 5,
    formula: 'SL1',
    effectiveFrom: '2024-01-01',
  }
  const view = settings('UTC', {
    queues: new Map([['q', { ...own, clientId: 'c' }]]),
    clients: new Map([['c', { name: 'Client' }]]),
    promises: [promise],
  })
  expect(fold(calls, view).dayReport(DAY).queues[0]).toMatchObject({
    answeredWithinThreshold: 3,
    shortAbandons: 1,
  })
  expect(promisedFor(view, 'q', DAY)).toMatchObject({ formula: 'SL1', targetRatio: 0.9 })
})
