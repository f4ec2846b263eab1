// The forecast page's edits: what is typed, pasted and dragged becomes the edit that the server takes, and its preview adds up.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addDays } from '../../../server/domain/site-calendar.ts'
import { FORECAST_MESSAGES } from '../../../server/messages/forecast-messages.ts'
import type { Message, MessageEntry } from '../../../server/messages/message.ts'
import type { ForecastRangeBody } from '../../../server/wire/forecast-api.ts'
import { forecastColumns, placeOnAxis } from '../../../web/src/forecast/columns.ts'
import { columnFigures, rangeTotal } from '../../../web/src/forecast/figures.ts'
import { columnEdit, fillEdits, rangeEdit, scaleEdit } from '../../../web/src/forecast/gestures.ts'
import { parseAmount, parsePaste, parseSigned } from '../../../web/src/forecast/grid-input.ts'
import {
  condensed,
  NOTHING_PENDING,
  type PendingEdit,
  redone,
  undone,
  withEdit,
} from '../../../web/src/forecast/pending.ts'
import { previewSheet, sheetOf } from '../../../web/src/forecast/preview.ts'
import { rangeOf } from '../../../web/src/forecast/range.ts'
import { parseRoute, routeHash } from '../../../web/src/shell/route.ts'
import { forecastAnswer } from '../../support/forecast-stub.ts'

const TODAY = '2026-11-24'
const place = { today: TODAY, nowMs: Date.parse(`${TODAY}T14:30:00Z`), queueNames: ['Sales'] }

function range(from: string, to: string, detail = true): ForecastRangeBody {
  const query = new URLSearchParams({ from, to, ...(detail ? { detail: 'intervals' } : {}) })
  return forecastAnswer('/forecasts/sales', query, place) as ForecastRangeBody
}
const tomorrow = range(addDays(TODAY, 1), addDays(TODAY, 1))
const sheet = sheetOf(tomorrow)
const hours = forecastColumns(tomorrow, sheet.intervals, 'time', 'hour')
const previewOf = (edits: readonly PendingEdit[], body = tomorrow) => previewSheet(body, edits)
const contactsOf = (edits: readonly PendingEdit[], column: number) =>
  columnFigures(previewOf(edits), hours[column] ?? hours[0] ?? fail()).contacts ?? Number.NaN
function fail(): never {
  throw new Error('no column')
}
const at = <T>(list: readonly T[], index: number): T => list[index] ?? fail()

describe('what people type', () => {
  test('reads decimals and groups as the reader’s language writes them', () => {
    expect(parseAmount('1 234,5', 'fr')).toBe(1234.5)
    expect(parseAmount('1\u202f234', 'fr')).toBe(1234)
    expect(parseAmount('1,234', 'fr')).toBe(1.234)
    expect(parseAmount('1,234', 'en')).toBe(1234)
    expect(parseAmount('1,234.5', 'en')).toBe(1234.5)
    expect(parseAmount('12.5', 'fr')).toBe(12.5)
    expect(parseSigned('−10', 'fr')).toBe(-10)
    expect(parseSigned('+2,5', 'fr')).toBe(2.5)
    for (const text of ['', 'abc', '-1', '1,2,3', '12 %', '1e9', 'NaN', '99999999999'])
      expect(parseAmount(text, 'fr'), text).toBeUndefined()
  })

  test('a pasted block is rows of cells; a column becomes a row; one wrong cell refuses all and names its place', () => {
    expect(parsePaste('10\t20\t30\r\n', 'en').rows).toEqual([[10, 20, 30]])
    expect(parsePaste('10\n20\n30', 'en').rows).toEqual([[10, 20, 30]])
    expect(parsePaste('1,5\t\t2', 'fr').rows).toEqual([[1.5, null, 2]])
    expect(parsePaste('1\t2\n240\t250', 'en').rows).toEqual([
      [1, 2],
      [240, 250],
    ])
    expect(parsePaste('1\t2\n3\tx', 'en')).toEqual({ rows: [], wrong: { row: 2, column: 2, text: 'x' } })
  })
})

describe('edits and their preview', () => {
  test('a typed hour becomes that total, in the shape that it had', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: hours.length - 1 }),
        fc.double({ min: 0.5, max: 5000, noNaN: true }),
        (column, value) => {
          const edit = columnEdit(sheet, at(hours, column), 'contacts', value)
          if (edit === null) throw new Error('no edit')
          expect(contactsOf([edit], column)).toBeCloseTo(value, 6)
          const indexes = at(hours, column).indexes
          const [first = 0, second = 0] = indexes.map((index) => at(sheet.intervals, index).contactsMean)
          const [newFirst = 0, newSecond = 0] = indexes.map(
            (index) => at(previewOf([edit]).intervals, index).contactsMean,
          )
          expect(newFirst * second).toBeCloseTo(newSecond * first, 4)
          // Nothing else moves, and the day's total moves by as much.
          for (const [other, one] of hours.entries())
            if (other !== column) expect(contactsOf([edit], other)).toBe(columnFigures(sheet, one).contacts)
          const change = value - (columnFigures(sheet, at(hours, column)).contacts ?? 0)
          expect((rangeTotal(previewOf([edit])) ?? 0) - (rangeTotal(sheet) ?? 0)).toBeCloseTo(change, 6)
        },
      ),
    )
  })

  test('a pasted row is one edit that gives each hour its value and leaves an empty cell', () => {
    const edits = fillEdits(sheet, hours.slice(2, 5), 'contacts', [100, null, 300])
    expect(edits.map(({ operation }) => operation)).toEqual(['cells'])
    expect(contactsOf(edits, 2)).toBeCloseTo(100, 9)
    expect(contactsOf(edits, 3)).toBe(columnFigures(sheet, at(hours, 3)).contacts)
    expect(contactsOf(edits, 4)).toBeCloseTo(300, 9)
  })

  test('smoothing keeps the total of the range; at least and at most clip; quantiles never cross', () => {
    const whole = { fromDay: tomorrow.days[0]?.day ?? '', toDay: tomorrow.days[0]?.day ?? '' }
    const operation = fc.oneof(
      fc.constantFrom(3, 5, 7).map((amount) => ({ operation: 'smooth' as const, amount })),
      fc.record({
        operation: fc.constantFrom('min' as const, 'max' as const, 'set' as const),
        amount: fc.integer({ min: 0, max: 300 }),
      }),
      fc.integer({ min: -100, max: 200 }).map((amount) => ({ operation: 'percent' as const, amount })),
      fc.integer({ min: -80, max: 80 }).map((amount) => ({ operation: 'add' as const, amount })),
    )
    fc.assert(
      fc.property(fc.array(operation, { minLength: 1, maxLength: 5 }), (operations) => {
        const edits = operations.map((one): PendingEdit => ({ measure: 'contacts', ...one, ...whole }))
        const now = previewOf(edits)
        const before = previewOf(edits.slice(0, -1))
        const last = at(edits, edits.length - 1)
        for (const [index, interval] of now.intervals.entries()) {
          const { contactsP2_5, contactsP10, contactsP90, contactsP97_5, contactsMean, open } = interval
          const ordered = [0, contactsP2_5, contactsP10, contactsP90, contactsP97_5]
          for (const [rank, value] of ordered.entries())
            expect(value).toBeGreaterThanOrEqual((ordered[rank - 1] ?? 0) - 1e-9)
          if (!open) expect(contactsMean).toBe(at(sheet.intervals, index).contactsMean)
          else if (last.operation === 'min') expect(contactsMean).toBeGreaterThanOrEqual(last.amount ?? 0)
          else if (last.operation === 'max') expect(contactsMean).toBeLessThanOrEqual(last.amount ?? 0)
          else if (last.operation === 'set') expect(contactsMean).toBe(last.amount)
        }
        if (last.operation === 'smooth') expect(rangeTotal(now)).toBeCloseTo(rangeTotal(before) ?? 0, 6)
      }),
    )
  })

  test('dragging a chosen range scales it, interval by interval', () => {
    const edit = scaleEdit(sheet, hours.slice(3, 6), 1.25)
    expect(edit).toMatchObject({ operation: 'percent', amount: 25, fromMinute: 660, toMinute: 840 })
    for (const column of [3, 4, 5])
      expect(contactsOf(edit === null ? [] : [edit], column)).toBeCloseTo(
        1.25 * (columnFigures(sheet, at(hours, column)).contacts ?? 0),
        9,
      )
  })

  test('a quarter without its intervals is edited by totals, and only on the weekdays asked for', () => {
    const body = range('2026-11-30', '2027-02-28', false)
    const days = sheetOf(body)
    const weeks = forecastColumns(body, days.intervals, 'week', 'hour')
    expect(weeks).toHaveLength(13)
    const typed = columnEdit(days, at(weeks, 2), 'contacts', 5_000)
    const now = previewSheet(body, typed === null ? [] : [typed])
    expect(columnFigures(now, at(weeks, 2)).contacts).toBeCloseTo(5_000, 6)
    expect(columnFigures(now, at(weeks, 3)).contacts).toBe(columnFigures(days, at(weeks, 3)).contacts)
    const mondays = rangeEdit(days, weeks, {
      measure: 'contacts',
      operation: 'percent',
      amount: 10,
      weekdays: [0],
    })
    const changed = previewSheet(body, mondays === null ? [] : [mondays]).days
    for (const [index, day] of changed.entries())
      expect(day.dayMean ?? 0).toBeCloseTo((body.days[index]?.dayMean ?? 0) * (index % 7 === 0 ? 1.1 : 1), 9)
  })

  test('what is sent says the same as what was done, in fewer edits', () => {
    const cells = fc.record({
      measure: fc.constant('contacts' as const),
      operation: fc.constant('cells' as const),
      cells: fc.array(
        fc.record({
          startMs: fc.constantFrom(
            ...sheet.intervals.filter(({ open }) => open).map(({ startMs }) => startMs),
          ),
          value: fc.integer({ min: 0, max: 500 }),
        }),
        { minLength: 1, maxLength: 6 },
      ),
    })
    const total = fc
      .record({
        column: fc.integer({ min: 0, max: hours.length - 1 }),
        value: fc.integer({ min: 1, max: 900 }),
      })
      .map(({ column, value }) => columnEdit(sheet, at(hours, column), 'contacts', value) ?? fail())
    fc.assert(
      fc.property(fc.array(fc.oneof(cells, total), { maxLength: 8 }), (edits) => {
        const fewer = condensed(edits)
        expect(fewer.length).toBeLessThanOrEqual(edits.length)
        const now = previewOf(fewer).intervals
        for (const [index, interval] of previewOf(edits).intervals.entries())
          expect(at(now, index).contactsMean).toBeCloseTo(interval.contactsMean, 6)
      }),
    )
  })
})

describe('undo and redo', () => {
  const edit = (amount: number): PendingEdit => ({ measure: 'contacts', operation: 'percent', amount })

  test('are each other’s inverse; a drag is one step', () => {
    let history = withEdit(NOTHING_PENDING, edit(1))
    history = withEdit(history, edit(2))
    for (const amount of [3, 4, 5]) history = withEdit(history, edit(amount), amount > 3)
    expect(history.present.map(({ amount }) => amount)).toEqual([1, 2, 5])
    const back = undone(history)
    expect(back.present.map(({ amount }) => amount)).toEqual([1, 2])
    expect(redone(back).present).toEqual(history.present)
    expect(undone(undone(undone(undone(history)))).present).toEqual([])
    expect(redone(history)).toBe(history)
  })
})

describe('the axis', () => {
  test('hours of the day, days of a week: an instant stands in the column that holds it', () => {
    const week = range('2026-11-23', '2026-11-29')
    const days = forecastColumns(week, sheetOf(week).intervals, 'day', 'hour')
    expect(days).toHaveLength(7)
    expect(placeOnAxis(days, Date.parse('2026-11-25T12:00:00Z'))).toBe(2.5)
    expect(placeOnAxis(days, Date.parse('2026-12-31T00:00:00Z'))).toBe(7)
    expect(placeOnAxis(hours, 0)).toBe(0)
    expect(hours.map(({ label }) => label).slice(0, 2)).toEqual(['8–9', '9–10'])
  })

  test('a range of weeks begins on its Monday', () => {
    expect(rangeOf('2026-11-25', 'day')).toEqual({ fromDay: '2026-11-25', toDay: '2026-11-25', days: 1 })
    expect(rangeOf('2026-11-29', 'week')).toMatchObject({ fromDay: '2026-11-23', toDay: '2026-11-29' })
    expect(rangeOf('2026-11-25', 'quarter')).toMatchObject({ fromDay: '2026-11-23', toDay: '2027-02-21' })
  })

  test('every view has an address of its own', () => {
    for (const span of ['day', 'week', 'four-weeks', 'quarter'] as const) {
      const route = { page: 'forecast', queueId: 'a/b', day: TODAY, span } as const
      expect(parseRoute(routeHash(route))).toEqual(route)
    }
    expect(parseRoute(`#/forecast/q/${TODAY}/year`)).toEqual({ page: 'not-found' })
  })

  test('a stretch to be marked as one-off comes in the address', () => {
    for (const reason of ['Panne 1/2 – opérateur #3', '']) {
      const oneOff = { fromMinute: 551, toMinute: 1440, reason }
      const route = { page: 'forecast', queueId: 'a/b', day: TODAY, span: 'day', oneOff } as const
      expect(parseRoute(routeHash(route))).toEqual(route)
    }
    const plain = { page: 'forecast', queueId: 'q', day: TODAY, span: 'day' }
    for (const wrong of ['600-540', '1-1441', 'x', ''])
      expect(parseRoute(`#/forecast/q/${TODAY}/one-off/${wrong}/why`)).toEqual(plain)
  })
})

test('every text of the page exists in both languages with the same values', () => {
  const texts = (message: Message) => (typeof message === 'string' ? [message] : [message.one, message.other])
  const names = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort()
  for (const [key, entry] of Object.entries<MessageEntry>(FORECAST_MESSAGES)) {
    const [first = '', ...rest] = [...texts(entry.en), ...texts(entry.fr)]
    expect(first, key).not.toBe('')
    for (const text of rest) {
      expect(text, key).not.toBe('')
      expect(text.endsWith('!'), key).toBe(false)
      expect(names(text), key).toEqual(names(first))
    }
  }
})
