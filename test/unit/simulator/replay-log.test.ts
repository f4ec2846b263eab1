/** The gateway's memory: places survive forgetting, and what was forgotten is told as a gap with the contacts left open. */
import { expect, it } from 'vitest'
import type { SimulatedEvent } from '../../../server/simulator/recorder.ts'
import { ReplayLog } from '../../../server/simulator/replay-log.ts'

function event(number: number, type: SimulatedEvent['type'], contactId: string): SimulatedEvent {
  return {
    id: `e${number}`,
    sequence: `00${number}00`,
    type,
    occurredAtMs: number * 1000,
    data: { contactId },
  }
}

it('finds the place after an event as long as it is remembered', () => {
  const log = new ReplayLog(8)
  for (let number = 1; number <= 8; number++) log.push(event(number, 'cc.contact.queued.v1', `c${number}`))
  expect(log.placeAfter('e3')).toBe(3)
  expect(log.gapEvents()).toEqual([])
  log.push(event(9, 'cc.contact.queued.v1', 'c9'))
  // A quarter of eight is forgotten at once.
  expect(log.start).toBe(2)
  expect(log.placeAfter('e1')).toBeNull()
  expect(log.placeAfter('e2')).toBe(2)
  expect(log.slice(2, 2).map(({ id }) => id)).toEqual(['e3', 'e4'])
  expect(log.end).toBe(9)
})

it('tells which contacts were open after what it forgot', () => {
  const log = new ReplayLog(4)
  log.push(event(1, 'cc.contact.queued.v1', 'stays'))
  log.push(event(2, 'cc.contact.queued.v1', 'goes'))
  log.push(event(3, 'cc.contact.abandoned.v1', 'goes'))
  log.push(event(4, 'cc.contact.answered.v1', 'stays'))
  for (let number = 5; number <= 8; number++) log.push(event(number, 'cc.contact.queued.v1', `c${number}`))
  const [gap, snapshot] = log.gapEvents()
  expect(log.start).toBe(4)
  expect(gap?.type).toBe('cc.source.gap.v1')
  expect(snapshot?.data.openContactIds).toEqual(['stays'])
  expect(snapshot?.occurredAtMs).toBe(4000)
  const [next] = log.slice(log.start, 1)
  expect([next?.sequence, snapshot?.sequence, gap?.sequence, '00400'].sort()).toEqual([
    '00400',
    gap?.sequence,
    snapshot?.sequence,
    next?.sequence,
  ])
})
