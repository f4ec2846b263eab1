/** Small runs of `npm run bench -- ahead` and `-- calibration`, so that they cannot rot: answers, never times. */
import { expect, it } from 'vitest'
import { measureAhead } from '../../server/cli/bench/ahead.ts'
import { calibrate, tableOf } from '../../server/cli/bench/calibration.ts'

it('looks ahead in a thread, with and without what would help, and says the same each time', async () => {
  const first = await measureAhead(1)
  expect(first.timings).toHaveLength(4)
  for (const { milliseconds, cpuMilliseconds } of first.timings) {
    expect(milliseconds).toBeGreaterThan(0)
    expect(cpuMilliseconds).toBeGreaterThanOrEqual(0)
  }
  expect(first.contacts).toBeGreaterThan(5_000)
  expect((await measureAhead(1)).checksum).toBe(first.checksum)
}, 300_000)

it('lives through simulated days and puts every look into the tenth of its chance', () => {
  const result = calibrate({ days: 2, seed: 1, paths: 30, hours: [12, 16], historyDays: 30, warmUpDays: 1 })
  expect(result.looks).toBeGreaterThan(10)
  expect(result.rows.reduce((sum, { given }) => sum + given, 0)).toBe(result.looks)
  for (const { given, from, to, chanceMean, keptShare } of result.rows) {
    if (given === 0) continue
    expect(chanceMean).toBeGreaterThanOrEqual(from)
    expect(chanceMean).toBeLessThanOrEqual(to)
    expect(keptShare).toBeGreaterThanOrEqual(0)
    expect(keptShare).toBeLessThanOrEqual(1)
  }
  expect(tableOf(result)).toContain('Brier score')
}, 300_000)
