/** A process that is killed in the middle of its work: what it acknowledged is there, once, and nothing is half there. */
import { expect, it } from 'vitest'
import { createLedgerStore } from '../../../server/db/ledger-store.ts'
import { openDatabase } from '../../../server/db/open-database.ts'
import { describeOnEachHost } from '../../support/databases.ts'
import { LEDGER_DAY_MS } from '../../support/ledger-events.ts'
import { startChild } from './child.ts'

/** VIGIE_KILL_ROUNDS=50 for the long run. */
const ROUNDS = Number(process.env.VIGIE_KILL_ROUNDS ?? 5)
const BATCHES_MAX = 25

/** Kills after so many acknowledged batches, at another place of the next one each time. */
async function ingestUntilKilled(location: object, round: number): Promise<ReadonlyMap<string, number>> {
  const acknowledged = new Map<string, number>()
  const child = startChild(
    new URL('./ingest-child.ts', import.meta.url),
    JSON.stringify(location),
    String(round),
  )
  const batches = 3 + ((round * 11) % BATCHES_MAX)
  for await (const line of child.lines) {
    const [number = '', size = ''] = line.split(' ')
    acknowledged.set(`${round}/${number}`, Number(size))
    if (acknowledged.size === batches) {
      await new Promise((resolve) => setTimeout(resolve, (round * 7) % 13))
      child.process.kill('SIGKILL')
    }
  }
  await child.ended
  expect(child.process.signalCode).toBe('SIGKILL')
  expect(acknowledged.size).toBeGreaterThanOrEqual(batches)
  return acknowledged
}

describeOnEachHost('kill -9 during ingest', (host) => {
  it(`keeps every acknowledged event once, ${ROUNDS} rounds`, {
    timeout: 60_000 + ROUNDS * 20_000,
  }, async () => {
    const location = await host().createLocation()
    const acknowledged = new Map<string, number>()
    for (let round = 0; round < ROUNDS; round++) {
      for (const [batch, size] of await ingestUntilKilled(location, round)) acknowledged.set(batch, size)
    }
    const database = await openDatabase(location)
    try {
      const ledger = createLedgerStore(database)
      const stored = await ledger.readAfter(0, 1_000_000)
      expect(new Set(stored.map((event) => event.id)).size).toBe(stored.length)
      const storedByBatch = new Map<string, number>()
      for (const { id } of stored) {
        const [round, number] = id.split('/')
        const batch = `${round}/${number}`
        storedByBatch.set(batch, (storedByBatch.get(batch) ?? 0) + 1)
      }
      for (const [batch, size] of acknowledged)
        expect([batch, storedByBatch.get(batch)]).toEqual([batch, size])
      // At most the one batch a round that was stored but not yet acknowledged, and that one whole.
      const unacknowledged = stored.filter(({ id }) => !acknowledged.has(id.split('/').slice(0, 2).join('/')))
      const sizes = new Map(
        unacknowledged.map(({ id }) => [id.split('/').slice(0, 2).join('/'), Number(id.split('/')[3])]),
      )
      expect(sizes.size).toBeLessThanOrEqual(ROUNDS)
      for (const [batch, size] of sizes) expect([batch, storedByBatch.get(batch)]).toEqual([batch, size])
      // Checkpoints are part of the same transactions: with the tail they hold every event once, and all that is unpaged can be.
      while ((await ledger.pageTail()) > 0);
      const paged: number[] = []
      for await (const page of ledger.readContactEvents(0, LEDGER_DAY_MS * 2))
        for (const { ingestSeq } of page) paged.push(ingestSeq)
      expect(paged.sort((a, b) => a - b)).toEqual(stored.map(({ ingestSeq }) => ingestSeq))
      // The counters are changed in the same transaction.
      const [status] = await ledger.sourceStatuses()
      expect(status?.accepted).toBe(stored.length)
    } finally {
      await database.close()
    }
  })
})
