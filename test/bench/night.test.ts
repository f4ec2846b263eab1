// A small run of `npm run bench -- night`, so that it cannot rot: answers and their checksum, never times.
import { expect, test } from 'vitest'
import { measureNight } from '../../server/cli/bench/night.ts'

test('the night of the bench forecasts every queue, and gives the same figures twice', async () => {
  const options = { queues: 2, historyDays: 120 }
  const first = await measureNight(options)
  expect(Number(first.checksum)).toBeGreaterThan(0)
  expect((await measureNight(options)).checksum).toBe(first.checksum)
})
