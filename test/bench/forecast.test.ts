// A small run of `npm run bench -- forecast`, so that it cannot rot: answers and their checksum, never times.
import { expect, test } from 'vitest'
import { measureForecast } from '../../server/cli/bench/forecast.ts'

test('the forecasting benchmark runs, and gives the same forecasts twice', async () => {
  const options = { queues: 3, historyDays: 200, horizonDays: 14, rounds: 1, threads: false }
  const first = await measureForecast(options)
  const second = await measureForecast(options)
  expect(first.fleet.checksum).toBe(second.fleet.checksum)
  expect(Number(first.fleet.checksum)).toBeGreaterThan(0)
  expect(first.figures.every(({ milliseconds }) => milliseconds >= 0)).toBe(true)
})
