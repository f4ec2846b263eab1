// What a revision changed, as the day report tells it: every sum that the fold has, by a name of its own, whole.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { REPORT_MESSAGES } from '../../../server/messages/report-messages.ts'
import { emptyTotals } from '../../../server/state/totals.ts'
import { revisionLines } from '../../../web/src/reports/revision-lines.ts'

const NAMES = Object.keys(emptyTotals())

describe('the lines of a revision', () => {
  test('name every sum of the fold, each differently, in milliseconds where its name says so', () => {
    const lines = revisionLines(Object.fromEntries(NAMES.map((name) => [name, [0, 1]])))
    expect(lines.map(({ name }) => name).sort()).toEqual([...NAMES].sort())
    for (const { name, key, unit } of lines) {
      expect(key, name).not.toBeNull()
      expect(unit, name).toBe(/Ms(Max)?$/.test(name) ? 'duration' : 'count')
    }
    for (const locale of ['en', 'fr'] as const) {
      const words = lines.map(({ key }) => (key === null ? '' : REPORT_MESSAGES[key][locale]))
      expect(new Set(words).size).toBe(NAMES.length)
    }
  })

  test('tell each change once and as it was written, known or of another release', () => {
    const value = fc.option(fc.integer({ min: 0, max: 1e9 }))
    const name = fc.oneof(fc.constantFrom(...NAMES), fc.stringMatching(/^[a-z]{1,12}$/))
    fc.assert(
      fc.property(fc.dictionary(name, fc.tuple(value, value)), (changes) => {
        const told = revisionLines(changes).map(({ name, before, after }) => [name, [before, after]])
        expect(Object.fromEntries(told)).toEqual({ ...changes })
        expect(told.length).toBe(Object.keys(changes).length)
      }),
    )
  })
})
