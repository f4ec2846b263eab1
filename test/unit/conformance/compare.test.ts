// What counts as a difference between an expected report and a report.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareReports } from '../../../server/conformance/compare.ts'

const REPORT = {
  queues: [
    {
      queue: 'a',
      offered: 3,
      asaSeconds: 4.123456789,
      intervals: [{ start: '2024-06-03T08:00:00Z', offered: 3 }],
    },
    { queue: 'b', offered: 0, asaSeconds: null, intervals: [] },
  ],
}

test('a report says what it says, whatever part of it is expected', () => {
  expect(compareReports(REPORT, REPORT, 0)).toEqual({ figures: 5, differences: [] })
  expect(compareReports({ queues: [{ queue: 'b', offered: 0 }] }, REPORT, 0).differences).toEqual([])
})

test('rows find each other by their key, intervals by their instant', () => {
  const expected = {
    queues: [{ queue: 'a', intervals: [{ start: '2024-06-03T10:00:00+02:00', offered: 4 }] }],
  }
  expect(compareReports(expected, REPORT, 0).differences).toEqual([
    { figure: 'queues[a].intervals[2024-06-03T10:00:00+02:00].offered', expected: '4', actual: '3' },
  ])
})

test('a row or a figure that is not there is a difference, and null is no zero', () => {
  const expected = { queues: [{ queue: 'c' }, { queue: 'b', asaSeconds: 0, ofered: 0 }] }
  expect(compareReports(expected, REPORT, 0).differences.map(({ figure }) => figure)).toEqual([
    'queues[c]',
    'queues[b].asaSeconds',
    'queues[b].ofered',
  ])
})

test('figures rounded to the tolerance hold; others do not', () => {
  const expected = { queues: [{ queue: 'a', asaSeconds: 4.123457 }] }
  expect(compareReports(expected, REPORT, 1e-6).differences).toEqual([])
  expect(compareReports(expected, REPORT, 1e-9).differences).toHaveLength(1)
})

test('any change of a number is found', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1e6 }), { minLength: 1 }), fc.nat(), (values, at) => {
      const rows = values.map((offered, index) => ({ queue: `q${index}`, offered }))
      const changed = rows.map((row, index) =>
        index === at % rows.length ? { ...row, offered: row.offered + 1 } : row,
      )
      const { figures, differences } = compareReports({ queues: rows }, { queues: changed.reverse() }, 1e-9)
      expect(figures).toBe(rows.length)
      expect(differences.map(({ figure }) => figure)).toEqual([`queues[q${at % rows.length}].offered`])
    }),
  )
})
