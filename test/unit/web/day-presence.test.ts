/** Staffed agents and occupancy of several queues and lengths as one: weighted as by hand, and a gap where anything is missing. */
import { expect, test } from 'vitest'
import type { BoardIntervalRow } from '../../../server/wire/board.ts'
import { dayTable } from '../../../web/src/board/day-intervals.ts'

const MINUTE = 60_000
function interval(queueId: string, startMinute: number, part: Partial<BoardIntervalRow>): BoardIntervalRow {
  return {
    key: `${queueId} ${startMinute}`,
    queueId,
    startMs: startMinute * MINUTE,
    endMs: (startMinute + 30) * MINUTE,
    open: true,
    offered: 1,
    answered: 1,
    abandoned: 0,
    waiting: 0,
    numerator: 1,
    denominator: 1,
    targetRatio: 0.8,
    asaSeconds: null,
    ahtSeconds: null,
    handled: 0,
    forecastContacts: null,
    required: null,
    planned: null,
    scheduled: null,
    staffedMean: null,
    handlingSeconds: null,
    availableSeconds: null,
    provisional: false,
    revision: 1,
    ...part,
  }
}

test('agents of queues are added, occupancy is of all their time, revisions are counted', () => {
  const rows = [
    interval('a', 0, { staffedMean: 4, handlingSeconds: 600, availableSeconds: 200 }),
    interval('b', 0, { staffedMean: 2.5, handlingSeconds: 0, availableSeconds: 400, revision: 2 }),
    interval('a', 30, { staffedMean: 6, handlingSeconds: 900, availableSeconds: 0, provisional: true }),
    interval('b', 30, { staffedMean: 0.5, handlingSeconds: 100, availableSeconds: 0 }),
    interval('a', 60, {}),
    interval('b', 60, {}),
  ]
  const { intervals, total } = dayTable(rows, 0, 59 * MINUTE)
  expect(intervals.map(({ staffed }) => staffed)).toEqual([6.5, 6.5, null])
  expect(intervals.map(({ occupancyRatio }) => occupancyRatio)).toEqual([0.5, 1, null])
  expect(intervals.map(({ revisedParts }) => revisedParts)).toEqual([1, 0, 0])
  expect(intervals.map(({ provisional }) => provisional)).toEqual([false, true, false])
  // Of the hour so far: each queue's mean, added.
  expect(total?.staffed).toBe(5 + 1.5)
  expect(total?.occupancyRatio).toBe(1600 / 2200)
})

test('a queue without a word makes a gap, not half a sum', () => {
  const rows = [
    interval('a', 0, { staffedMean: 4, handlingSeconds: 1, availableSeconds: 1 }),
    interval('b', 0, {}),
  ]
  expect(dayTable(rows, 0, 10 * MINUTE).intervals[0]?.staffed).toBeNull()
})
