// Rows, order, freshness and announcements of the wall: pure.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Board, BoardQueueRow, LevelState } from '../../../server/wire/board.ts'
import { changedRows, statesOf } from '../../../web/src/board/announce.ts'
import { freshnessOf, newestEventAgeMs } from '../../../web/src/board/freshness.ts'
import { pagesOf, ROWS_PER_PAGE_MAX, worstFirst } from '../../../web/src/board/order.ts'
import { applyPatch } from '../../../web/src/live/apply-patch.ts'
import { ServerClock } from '../../../web/src/live/server-clock.ts'

const row = (queueId: string, ratio: number | null = 0.9, state: LevelState = 'kept', waiting = 0) =>
  ({
    queueId,
    waiting,
    promise: { targetRatio: 0.8, answerThresholdSeconds: 20, formula: 'SL4' },
    halfHour: { ratio, numerator: 0, denominator: 0, state },
  }) as BoardQueueRow
const board = (queues: readonly BoardQueueRow[]) =>
  ({ site: { name: 'A' }, queues, sources: [] }) as unknown as Board

describe('applying a patch', () => {
  test('changed rows keep their place, new ones come last, removed ones go', () => {
    const before = board([row('a'), row('b'), row('c')])
    const after = applyPatch(before, {
      type: 'patch',
      seq: 2,
      nowMs: 0,
      queues: [row('d'), row('b', 0.5, 'missed', 4)],
      removedQueueIds: ['a'],
    })
    expect(after.queues.map(({ queueId }) => queueId)).toEqual(['b', 'c', 'd'])
    expect(after.queues[0]?.waiting).toBe(4)
    expect(after.site).toBe(before.site)
  })

  test('any sequence of patches ends where replacing by id in a map would', () => {
    const change = fc.record({
      set: fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.nat(99)), { maxLength: 4 }),
      removed: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 2 }),
    })
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
        let shown = board([])
        const truth = new Map<string, number>()
        changes.forEach(({ set, removed }, seq) => {
          const queues = [...new Map(set).entries()].map(([id, waiting]) => row(id, 0.9, 'kept', waiting))
          const gone = removed.filter((id) => !queues.some(({ queueId }) => queueId === id))
          shown = applyPatch(shown, { type: 'patch', seq, nowMs: 0, queues, removedQueueIds: gone })
          for (const id of gone) truth.delete(id)
          for (const { queueId, waiting } of queues) truth.set(queueId, waiting)
        })
        expect(new Map(shown.queues.map(({ queueId, waiting }) => [queueId, waiting]))).toEqual(truth)
        expect(shown.queues.length).toBe(truth.size)
      }),
    )
  })
})

test('pages hold every row once, at most ten, in order, and differ by one row at most', () => {
  fc.assert(
    fc.property(fc.nat(200), (count) => {
      const rows = Array.from({ length: count }, (_, index) => index)
      const pages = pagesOf(rows)
      expect(pages.flat()).toEqual(rows)
      expect(Math.max(...pages.map((page) => page.length))).toBeLessThanOrEqual(ROWS_PER_PAGE_MAX)
    }),
  )
  expect(pagesOf(Array.from({ length: 11 })).map((page) => page.length)).toEqual([6, 5])
})

test('worst first: by distance below the promise; without a level last; equal ones keep their places', () => {
  const rows = [
    row('a', 0.9),
    row('b', null, 'no-calls'),
    row('c', 0.4, 'missed'),
    row('d', 0.9),
    row('e', 0.2, 'closed'),
  ]
  expect(worstFirst(rows).map(({ queueId }) => queueId)).toEqual(['c', 'a', 'd', 'b', 'e'])
})

test('age is that of the newest source, never negative, and none without events', () => {
  const source = (newestEventMs: number | null) => ({
    source: 's',
    connected: null,
    newestEventMs,
    rejected: 0,
    staleSinceMs: null,
  })
  expect(newestEventAgeMs([], 5)).toBeNull()
  expect(newestEventAgeMs([source(null)], 5)).toBeNull()
  expect(newestEventAgeMs([source(100), source(400)], 1000)).toBe(600)
  expect(newestEventAgeMs([source(2000)], 1000)).toBe(0)
  expect([null, 0, 59_999, 60_000, 300_000].map(freshnessOf)).toEqual([
    'none',
    'fresh',
    'fresh',
    'ageing',
    'old',
  ])
})

test('a screen reader hears of queues that turn to or from missed, three at most, and of no new queue', () => {
  const before = statesOf([row('a'), row('b', 0.5, 'missed'), row('c'), row('d'), row('e')])
  const now = [
    row('a', 0.5, 'missed'),
    row('b', 0.78, 'limit'),
    row('c', 0.78, 'limit'),
    row('d', 0.1, 'missed'),
    row('e', 0.1, 'missed'),
    row('new', 0.1, 'missed'),
  ]
  expect(changedRows(before, now).map(({ queueId }) => queueId)).toEqual(['a', 'b', 'd'])
})

test('the server clock runs on between messages at its own speed', () => {
  let monotonic = 0
  const clock = new ServerClock(() => monotonic)
  clock.set(1_000_000, 60)
  monotonic = 500
  expect(clock.nowMs()).toBe(1_030_000)
  clock.set(1_031_000)
  expect(clock.nowMs()).toBe(1_031_000)
  monotonic = 600
  expect(clock.nowMs()).toBe(1_037_000)
})
