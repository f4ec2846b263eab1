// A small run of `npm run bench -- staffing`, so that it cannot rot: answers and their checksum, never times.
import { expect, test } from 'vitest'
import { measureStaffing } from '../../server/cli/bench/staffing.ts'

test('the staffing benchmark runs, and its solvers agree with the recursion', () => {
  const result = measureStaffing({ intervals: 2000, rounds: 1 })
  expect(result.differences).toBe(0)
  const [fast, , , recursion] = result.figures
  expect(fast?.checksum).toBe(recursion?.checksum)
  expect(measureStaffing({ intervals: 2000, rounds: 1 }).figures.map((figure) => figure.checksum)).toEqual(
    result.figures.map((figure) => figure.checksum),
  )
  for (const figure of result.figures) expect(figure.solvesPerSecond).toBeGreaterThan(0)
})
