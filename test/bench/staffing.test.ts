// A small run of `npm run bench -- staffing`, so that it cannot rot: answers and their checksum, never times.
import { expect, test } from 'vitest'
import { measureStaffing } from '../../server/cli/bench/staffing.ts'
import { measureYear } from '../../server/cli/bench/staffing-year.ts'

test('the staffing benchmark runs, and its solvers agree with the recursion', () => {
  const result = measureStaffing({ intervals: 2000, rounds: 1 })
  expect(result.differences).toBe(0)
  const sumOf = (name: string) => result.figures.find((figure) => figure.name === name)?.checksum
  expect(sumOf('Erlang C, columns')).toBe(sumOf('baseline: one-pass recursion'))
  expect(measureStaffing({ intervals: 2000, rounds: 1 }).figures.map((figure) => figure.checksum)).toEqual(
    result.figures.map((figure) => figure.checksum),
  )
  for (const figure of result.figures) expect(figure.solvesPerSecond).toBeGreaterThan(0)
})

test('a year of three queues gives the same answers on one thread and on two', async () => {
  const one = await measureYear({ queues: 3, threads: 1 })
  const two = await measureYear({ queues: 3, threads: 2 })
  expect(one.solves).toBe(3 * 365 * 96)
  expect(two.checksum).toBe(one.checksum)
  expect(two.agentIntervals).toBe(one.agentIntervals)
  expect(one.agentIntervals).toBeGreaterThan(0)
}, 30_000)
