/** The ledger's bench runs, small, and reads back the same on both databases. */
import { expect, it } from 'vitest'
import { measureLedger } from '../../server/cli/bench/ledger.ts'

it('reads back what it wrote, with one checksum', async () => {
  const { figures } = await measureLedger({ events: 2_500, batchSize: 500, writers: 2 })
  expect(figures.length).toBeGreaterThan(0)
  expect(new Set(figures.map((figure) => figure.checksum)).size).toBe(1)
  for (const figure of figures) expect(figure.appendPerSecond).toBeGreaterThan(0)
})
