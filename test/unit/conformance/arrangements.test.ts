// Every arrangement brings every event at least once, and only the duplicating ones more often.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { arrangementsOf } from '../../../server/conformance/arrangements.ts'

test('no arrangement loses or invents an event', () => {
  fc.assert(
    fc.property(fc.nat({ max: 5_000 }), fc.nat(), (count, seed) => {
      const events = Array.from({ length: count }, (_, index) => index)
      for (const { name, runs } of arrangementsOf(events, seed)) {
        const brought = runs.flat().flat()
        expect([...new Set(brought)].sort((a, b) => a - b)).toEqual(events)
        if (name === 'as delivered') expect(brought).toEqual(events)
        if (name === 'shuffled') expect(brought).toHaveLength(count)
        if (name === 'duplicated') expect(brought).toHaveLength(3 * count)
        if (name === 'cut in two') expect(runs).toHaveLength(2)
      }
    }),
    { numRuns: 20 },
  )
})

test('the same seed shuffles alike, another one otherwise', () => {
  const events = Array.from({ length: 50 }, (_, index) => index)
  const shuffledBy = (seed: number) => arrangementsOf(events, seed)[1]?.runs.flat().flat()
  expect(shuffledBy(1)).toEqual(shuffledBy(1))
  expect(shuffledBy(1)).not.toEqual(events)
  expect(shuffledBy(1)).not.toEqual(shuffledBy(2))
})
