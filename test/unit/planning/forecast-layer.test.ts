import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dayGrid } from '../../../server/planning/day-grid.ts'
import { withEdits } from '../../../server/planning/forecast-layer.ts'
import type { ForecastDay, ForecastEdit } from '../../../server/planning/planning-store.ts'
import { QUEUE } from './forecast-support.ts'

const DAY = '2026-11-18'
const GRID = dayGrid(QUEUE, DAY)
const OPEN = GRID.flatMap(({ open }, index) => (open ? [index] : []))
const FIRST = OPEN[0] ?? 0

function modelOf(means: readonly number[], cv = 0.1): ForecastDay {
  const at = (index: number) => means[OPEN.indexOf(index)] ?? 0
  const column = (pick: (mean: number) => number) => GRID.map((_, index) => pick(at(index)))
  const sd = (mean: number) => Math.sqrt(mean + cv * cv * mean * mean)
  const total = means.reduce((sum, mean) => sum + mean, 0)
  return {
    queueId: 'q',
    day: DAY,
    version: 1,
    method: 'main',
    author: 'vigie',
    createdAtMs: 0,
    originMs: GRID[0]?.startMs ?? 0,
    intervalMinutes: 30,
    contactsMean: column((mean) => mean),
    contactsP2_5: column((mean) => Math.max(0, mean - 1.9 * sd(mean))),
    contactsP10: column((mean) => Math.max(0, mean - 1.2 * sd(mean))),
    contactsP90: column((mean) => mean + 1.3 * sd(mean)),
    contactsP97_5: column((mean) => mean + 2.1 * sd(mean)),
    rateCv: column((mean) => (mean > 0 ? cv : 0)),
    ahtSeconds: column(() => 200),
    ahtSecondsSd: column(() => 20),
    dayMean: total,
    dayP10: total * 0.9,
    dayP90: total * 1.12,
    historyDays: 100,
    poissonFloorWape: 0.1,
    notes: [],
    intraday: false,
    inputs: null,
  }
}

let nextId = 1
function edit(change: Partial<ForecastEdit>): ForecastEdit {
  nextId += 1
  return {
    id: String(nextId),
    queueId: 'q',
    author: 'Ada',
    createdAtMs: 0,
    reason: 'test',
    measure: 'contacts',
    operation: 'set',
    fromDay: DAY,
    toDay: DAY,
    fromMinute: 0,
    toMinute: 1440,
    weekdays: null,
    amount: 0,
    spread: 'each',
    intervalMinutes: 30,
    cells: [],
    removedAtMs: null,
    removedBy: null,
    ...change,
  }
}

const openOf = (column: readonly number[]) => OPEN.map((index) => column[index] ?? 0)
const sumOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0)
const flat = modelOf(OPEN.map(() => 40))
const lay = (model: ForecastDay, ...edits: readonly ForecastEdit[]) => withEdits(model, GRID, edits)

describe('edits over a model', () => {
  it('does nothing without edits, or with those of another day, weekday or taken back', () => {
    const others = [
      edit({ fromDay: '2026-11-19', toDay: '2026-11-30', amount: 1 }),
      edit({ fromDay: '2026-11-01', toDay: '2026-11-30', weekdays: [0, 1, 3, 4], amount: 1 }),
      edit({ amount: 1, removedAtMs: 5, removedBy: 'Ada' }),
      edit({ fromMinute: 0, toMinute: 480, amount: 99 }),
    ]
    const { model, editedContacts, editedAht, ...laid } = lay(flat, ...others)
    expect(laid).toEqual(flat)
    expect(model).toBe(flat)
    expect([...editedContacts, ...editedAht].some((edited) => edited)).toBe(false)
  })

  it('does what each operation says, to open intervals of the range alone', () => {
    const morning = { fromMinute: 480, toMinute: 600 }
    const values = (change: Partial<ForecastEdit>) => openOf(lay(flat, edit(change)).contactsMean).slice(0, 6)
    expect(values({ ...morning, operation: 'set', amount: 10 })).toEqual([10, 10, 10, 10, 40, 40])
    expect(values({ ...morning, operation: 'add', amount: -45 })).toEqual([0, 0, 0, 0, 40, 40])
    expect(values({ ...morning, operation: 'percent', amount: 25 })).toEqual([50, 50, 50, 50, 40, 40])
    expect(values({ ...morning, operation: 'min', amount: 41.5 })).toEqual([41.5, 41.5, 41.5, 41.5, 40, 40])
    expect(values({ ...morning, operation: 'max', amount: 39 })).toEqual([39, 39, 39, 39, 40, 40])
    expect(values({ ...morning, operation: 'set', amount: 200, spread: 'shape' })).toEqual([
      50, 50, 50, 50, 40, 40,
    ])
    expect(values({ ...morning, operation: 'add', amount: 8, spread: 'shape' })).toEqual([
      42, 42, 42, 42, 40, 40,
    ])
    const night = lay(flat, edit({ operation: 'set', amount: 5 })).contactsMean[0]
    expect(night).toBe(0)
  })

  it('applies edits in the order in which they were made', () => {
    const set = edit({ operation: 'set', amount: 10 })
    const more = edit({ operation: 'percent', amount: 50 })
    expect(openOf(lay(flat, set, more).contactsMean)[0]).toBe(15)
    expect(openOf(lay(flat, more, set).contactsMean)[0]).toBe(10)
  })

  it('sets single cells, also of an interval length that the queue had before', () => {
    const at = (index: number) => GRID[index]?.startMs ?? 0
    const cells = [
      { startMs: at(FIRST), value: 12 },
      { startMs: at(FIRST + 2), value: 30 },
    ]
    expect(
      openOf(lay(flat, edit({ operation: 'cells', amount: null, cells })).contactsMean).slice(0, 4),
    ).toEqual([12, 40, 30, 40])
    const hours = edit({ operation: 'cells', amount: null, intervalMinutes: 60, cells: cells.slice(0, 1) })
    expect(openOf(lay(flat, hours).contactsMean).slice(0, 3)).toEqual([6, 6, 40])
    const quarters = (starts: readonly number[]) =>
      edit({
        operation: 'cells',
        amount: null,
        intervalMinutes: 15,
        cells: starts.map((startMs) => ({ startMs, value: 7 })),
      })
    expect(openOf(lay(flat, quarters([at(FIRST), at(FIRST) + 900_000])).contactsMean)[0]).toBe(14)
    expect(openOf(lay(flat, quarters([at(FIRST)])).contactsMean)[0]).toBe(40)
  })

  it('smooths a spike without losing a contact', () => {
    const means = OPEN.map((_, index) => (index === 5 ? 100 : 40))
    const laid = openOf(lay(modelOf(means), edit({ operation: 'smooth', amount: 5 })).contactsMean)
    expect(Math.max(...laid)).toBeLessThan(60)
    expect(sumOf(laid)).toBeCloseTo(sumOf(means), 6)
  })

  it('edits handling times with their spread and leaves contacts alone', () => {
    const laid = lay(flat, edit({ measure: 'aht', operation: 'percent', amount: 10, toMinute: 600 }))
    expect(laid.ahtSeconds[FIRST]).toBeCloseTo(220)
    expect(laid.ahtSecondsSd[FIRST]).toBeCloseTo(22)
    expect(laid.contactsMean).toEqual(flat.contactsMean)
    expect(laid.dayMean).toBe(flat.dayMean)
  })

  it('moves the day total by what is still to come only', () => {
    const noon = GRID[24]?.startMs ?? 0
    const intraday = { ...flat, originMs: noon }
    const laid = lay(intraday, edit({ operation: 'percent', amount: 10 }))
    const rest = OPEN.filter((index) => index >= 24).length * 40
    expect(laid.dayMean).toBeCloseTo(flat.dayMean + rest / 10)
  })

  const operations = fc.oneof(
    fc.record({
      operation: fc.constant('set' as const),
      amount: fc.double({ min: 0, max: 500, noNaN: true }),
    }),
    fc.record({
      operation: fc.constant('add' as const),
      amount: fc.double({ min: -80, max: 80, noNaN: true }),
    }),
    fc.record({ operation: fc.constant('percent' as const), amount: fc.integer({ min: -100, max: 400 }) }),
    fc.record({
      operation: fc.constant('min' as const),
      amount: fc.double({ min: 0, max: 90, noNaN: true }),
    }),
    fc.record({
      operation: fc.constant('max' as const),
      amount: fc.double({ min: 0, max: 90, noNaN: true }),
    }),
    fc.record({ operation: fc.constant('smooth' as const), amount: fc.constantFrom(3, 5, 9) }),
  )
  const ranges = fc
    .tuple(fc.integer({ min: 0, max: 47 }), fc.integer({ min: 1, max: 48 }))
    .map(([from, length]) => ({ fromMinute: from * 30, toMinute: Math.min(48, from + length) * 30 }))
  const means = fc.array(fc.double({ min: 0, max: 300, noNaN: true }), {
    minLength: OPEN.length,
    maxLength: OPEN.length,
  })

  it('never lets quantiles cross, nor anything fall below 0, and keeps the day total the sum of its parts', () => {
    fc.assert(
      fc.property(means, fc.array(fc.tuple(operations, ranges), { maxLength: 5 }), (values, changes) => {
        const edits = changes.map(([operation, range]) => edit({ ...operation, ...range }))
        const laid = lay(modelOf(values), ...edits)
        GRID.forEach((_, index) => {
          const quantiles = [
            laid.contactsP2_5[index] ?? Number.NaN,
            laid.contactsP10[index] ?? Number.NaN,
            laid.contactsP90[index] ?? Number.NaN,
            laid.contactsP97_5[index] ?? Number.NaN,
          ]
          expect(quantiles[0]).toBeGreaterThanOrEqual(0)
          for (let at = 1; at < 4; at += 1)
            expect(quantiles[at]).toBeGreaterThanOrEqual(quantiles[at - 1] ?? Number.NaN)
          const mean = laid.contactsMean[index] ?? Number.NaN
          expect(mean).toBeGreaterThanOrEqual(0)
          expect(quantiles[3]).toBeGreaterThanOrEqual(mean)
          expect(quantiles[0]).toBeLessThanOrEqual(mean)
        })
        expect(laid.dayMean).toBeCloseTo(sumOf(laid.contactsMean), 4)
        expect(laid.dayP10).toBeLessThanOrEqual(laid.dayP90)
      }),
    )
  })

  it('gives back the model when an edit is undone by its opposite', () => {
    fc.assert(
      fc.property(means, (values) => {
        const model = modelOf(values.map((value) => value + 1))
        const there = edit({ operation: 'percent', amount: 25 })
        const back = edit({ operation: 'percent', amount: -20 })
        const laid = lay(model, there, back)
        OPEN.forEach((index) => {
          expect(laid.contactsMean[index]).toBeCloseTo(model.contactsMean[index] ?? 0, 6)
          expect(laid.contactsP90[index]).toBeCloseTo(model.contactsP90[index] ?? 0, 6)
        })
      }),
    )
  })
})
