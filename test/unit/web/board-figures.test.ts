/** Figures over several queues: held against sums made another way, over any rows. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { boardProblems } from '../../../server/boards/board-rules.ts'
import { serviceLevelRatios } from '../../../server/domain/service-level.ts'
import {
  type BoardIntervalRow,
  type BoardQueueRow,
  packCounts,
  unpackCounts,
} from '../../../server/wire/board.ts'
import { FIGURE_MEASURES, type FigureMeasure } from '../../../server/wire/board-composition.ts'
import {
  addPage,
  addTile,
  changeTile,
  firstThresholds,
  moveTile,
  newBoard,
  newTile,
  removeTile,
} from '../../../web/src/board/composer/composition.ts'
import { dayTable } from '../../../web/src/board/day-intervals.ts'
import { measureOf, sumLevels, thresholdState } from '../../../web/src/board/figures.ts'
import { rowsInScope } from '../../../web/src/board/scope.ts'
import { row } from '../../push/fake-viewers.ts'

const level = (numerator: number, denominator: number) => ({
  ratio: denominator === 0 ? null : numerator / denominator,
  numerator,
  denominator,
  state: 'kept' as const,
})
const queue = (id: string, part: Partial<BoardQueueRow>): BoardQueueRow => ({
  ...row(id, 'acme', 0),
  ...part,
})

describe('sums over queues', () => {
  test('a level is the sum of numerators over the sum of denominators, not the mean of percentages', () => {
    const rows = [queue('a', { today: level(9, 10) }), queue('b', { today: level(10, 90) })]
    // 19 of 100, where the mean of 90 % and 11 % would say 51 %.
    expect(sumLevels(rows, 'today')).toMatchObject({
      ratio: 0.19,
      numerator: 19,
      denominator: 100,
      state: 'missed',
    })
  })

  test('a mean wait is weighted by the contacts that waited', () => {
    const rows = [
      queue('a', { asaSecondsToday: 10, answeredToday: 1 }),
      queue('b', { asaSecondsToday: 20, answeredToday: 3 }),
      queue('c', { asaSecondsToday: null, answeredToday: 0 }),
    ]
    expect(measureOf('asa', rows, 0)).toBe(17.5)
  })

  test('nothing is nothing, not zero', () => {
    for (const measure of Object.keys(FIGURE_MEASURES) as FigureMeasure[])
      expect(measureOf(measure, [], 0)).toBeNull()
    expect(measureOf('level-today', [queue('a', {})], 0)).toBeNull()
    expect(
      measureOf('heads-missing', [queue('a', { required: 3 }), queue('b', { required: null })], 0),
    ).toBeNull()
    expect(measureOf('occupancy', [queue('a', {})], 0)).toBeNull()
  })

  test('one queue with too many agents does not hide another with too few', () => {
    const rows = [queue('a', { staffed: 20, required: 5 }), queue('b', { staffed: 3, required: 5 })]
    expect(measureOf('heads-missing', rows, 0)).toBe(2)
  })

  test('the counts of the lens come back as they were, and add up over queues', () => {
    const counts = fc.record({
      answered: fc.nat(),
      answeredWithinThreshold: fc.nat(),
      abandoned: fc.nat(),
      abandonedWithinThreshold: fc.nat(),
      shortAbandons: fc.nat(),
      flowedOut: fc.nat(),
      callbacksWithinThreshold: fc.nat(),
    })
    fc.assert(
      fc.property(counts, (one) => {
        expect(unpackCounts([packCounts(one)])).toEqual(one)
      }),
    )
    // The check of DOMAIN.md 3, split over two queues.
    const half = {
      answered: 500,
      answeredWithinThreshold: 430,
      abandoned: 30,
      abandonedWithinThreshold: 10,
      shortAbandons: 5,
      flowedOut: 0,
      callbacksWithinThreshold: 0,
    }
    const ratios = serviceLevelRatios(unpackCounts([packCounts(half), packCounts(half)]))
    const shown = (['SL1', 'SL2', 'SL3', 'SL4', 'SL5', 'SL6'] as const).map((name) =>
      ((ratios[name] ?? 0) * 100).toFixed(1),
    )
    expect(shown).toEqual(['83.0', '86.0', '81.1', '82.7', '82.1', '81.9'])
  })

  test('amber always lies between: no value is green beside red', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...(Object.keys(FIGURE_MEASURES) as FigureMeasure[])),
        fc.double({ min: 0, max: 100, noNaN: true }),
        (measure, value) => {
          const { amberFrom, redFrom } = firstThresholds(measure)
          const middle = (amberFrom + redFrom) / 2
          expect(thresholdState(measure, middle, { amberFrom, redFrom })).toBe('limit')
          const order = ['kept', 'limit', 'missed']
          const worse = FIGURE_MEASURES[measure].worse === 'higher' ? value + 1 : value - 1
          expect(
            order.indexOf(thresholdState(measure, worse, { amberFrom, redFrom })),
          ).toBeGreaterThanOrEqual(order.indexOf(thresholdState(measure, value, { amberFrom, redFrom })))
        },
      ),
    )
  })

  test('a tile that names queues keeps their order and says which are gone', () => {
    const scope = { kind: 'queues', queueIds: ['b', 'gone', 'a'] } as const
    const { rows, missingQueueIds } = rowsInScope(scope, [queue('a', {}), queue('b', {})], [])
    expect(rows.map(({ queueId }) => queueId)).toEqual(['b', 'a'])
    expect(missingQueueIds).toEqual(['gone'])
  })
})

describe('the day by interval', () => {
  const MINUTE = 60_000
  const interval = (
    queueId: string,
    startMinute: number,
    minutes: number,
    part: Partial<BoardIntervalRow> = {},
  ) => ({
    key: `${queueId} ${startMinute}`,
    queueId,
    startMs: startMinute * MINUTE,
    endMs: (startMinute + minutes) * MINUTE,
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
    forecastContacts: 2,
    required: 3,
    planned: null,
    scheduled: null,
    staffedMean: null,
    handlingSeconds: null,
    availableSeconds: null,
    provisional: false,
    revision: 1,
    ...part,
  })

  test('loses no contact, whatever the lengths: rows and total add up to what came in', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ length: fc.constantFrom(5, 15, 30, 60), offered: fc.nat(50), slot: fc.nat(23) }),
          {
            minLength: 1,
            maxLength: 40,
          },
        ),
        (parts) => {
          const rows = parts.map(({ length, offered, slot }, index) =>
            interval(`q${index}`, slot * length, length, { offered }),
          )
          const { intervals, total } = dayTable(rows, 0, 1e12)
          const sum = parts.reduce((all, { offered }) => all + offered, 0)
          expect(intervals.reduce((all, { offered }) => all + offered, 0)).toBe(sum)
          expect(total?.offered).toBe(sum)
        },
      ),
    )
  })

  test('shows queues of different intervals by the longest, heads not counted twice', () => {
    const rows = [interval('a', 0, 30), interval('a', 30, 30, { required: 5 }), interval('b', 0, 60)]
    const { intervals, mixed } = dayTable(rows, 0, 0)
    expect(mixed).toBe(true)
    expect(intervals).toHaveLength(1)
    expect(intervals[0]).toMatchObject({ offered: 3, required: 8, forecastContacts: 6 })
  })

  test('half a forecast is none', () => {
    const { intervals } = dayTable(
      [interval('a', 0, 30), interval('b', 0, 30, { forecastContacts: null })],
      0,
      0,
    )
    expect(intervals[0]?.forecastContacts).toBeNull()
  })
})

describe('composing', () => {
  let next = 0
  const newId = () => `id-${++next}`

  test('whatever is done to a board, the server would store it', () => {
    const step = fc.oneof(
      fc.record({
        do: fc.constant('add' as const),
        kind: fc.constantFrom('figure' as const, 'agents' as const),
      }),
      fc.record({ do: fc.constant('page' as const) }),
      fc.record({ do: fc.constant('remove' as const), at: fc.nat(20) }),
      fc.record({ do: fc.constant('move' as const), at: fc.nat(20), by: fc.integer({ min: -30, max: 30 }) }),
      fc.record({
        do: fc.constant('change' as const),
        at: fc.nat(20),
        kind: fc.constantFrom('figure' as const, 'strip' as const),
        columns: fc.integer({ min: -5, max: 40 }),
      }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let board = newBoard('Board', newId)
        for (const one of steps) {
          const ids = board.pages.flatMap(({ tiles }) => tiles.map(({ id }) => id))
          const id = 'at' in one ? (ids[one.at % Math.max(1, ids.length)] ?? '') : ''
          if (one.do === 'add') board = addTile(board, 0, newTile(one.kind, newId()))
          else if (one.do === 'page') board = addPage(board, newId())
          else if (one.do === 'remove') board = removeTile(board, id)
          else if (one.do === 'move') {
            board = moveTile(board, id, one.by)
            expect(board.pages.flatMap(({ tiles }) => tiles.map((tile) => tile.id)).sort()).toEqual(
              [...ids].sort(),
            )
          } else board = changeTile(board, id, { kind: one.kind, columns: one.columns })
        }
        expect(boardProblems(board)).toEqual([])
        for (const { tiles } of board.pages)
          for (const { columns, rows } of tiles) {
            expect(columns).toBeGreaterThanOrEqual(1)
            expect(columns).toBeLessThanOrEqual(12)
            expect(rows).toBeLessThanOrEqual(12)
          }
      }),
    )
  })
})
