/** Pressure and a database that is away: nothing half done, and the sender is told when to come again. */
import { expect, test } from 'vitest'
import type { EventEnvelope } from '../../../server/domain/event.ts'
import { createIngestService, IngestUnavailable } from '../../../server/ingest/ingest-service.ts'

const envelope = (id: string): EventEnvelope => ({
  id,
  source: '/s',
  type: 'cc.contact.queued.v1',
  occurredAtMs: 0,
  receivedAtMs: 0,
  data: { contactId: id, queueId: 'q' },
})

function service(append: () => Promise<void>) {
  const written: (readonly EventEnvelope[])[] = []
  const ingest = createIngestService({
    ledger: {
      async append(batch) {
        await append()
        written.push(batch)
        const events = batch.map((event, index) => ({ ...event, ingestSeq: index + 1 }))
        return { accepted: batch.length, duplicates: 0, conflicts: 0, conflictKeys: [], events }
      },
      recordDeadLetters: async () => undefined,
    },
    things: { ensure: async () => undefined },
    clock: { nowMs: () => 0, speed: 1 },
  })
  return { ingest, written }
}

test('requests that come during a commit share the next one', async () => {
  let release = () => {}
  const gate = new Promise<void>((resolve) => {
    release = resolve
  })
  const { ingest, written } = service(() => gate)
  const all = Promise.all(Array.from({ length: 20 }, (_, n) => ingest.append([envelope(`e${n}`)])))
  release()
  await all
  expect(written.map((batch) => batch.length)).toEqual([1, 19])
})

test('a database that is away refuses the whole batch with a time to come again', async () => {
  const { ingest } = service(() => Promise.reject(new Error('away')))
  await expect(ingest.append([envelope('e')])).rejects.toMatchObject({
    reason: 'database',
    retryAfterSeconds: 2,
  })
  expect(ingest.pendingEvents()).toBe(0)
})

test('too much waiting is refused before it is taken', async () => {
  let release = () => {}
  const gate = new Promise<void>((resolve) => {
    release = resolve
  })
  const { ingest } = service(() => gate)
  const large = Array.from({ length: 30_000 }, (_, n) => envelope(`e${n}`))
  const first = ingest.append(large)
  await expect(ingest.append(large)).rejects.toBeInstanceOf(IngestUnavailable)
  release()
  expect(await first).toMatchObject({ accepted: 30_000 })
})

test('a sender that floods is turned away, and the others wait for one commit, not for the flood', async () => {
  let release = () => {}
  const gate = new Promise<void>((resolve) => {
    release = resolve
  })
  const { ingest, written } = service(() => gate)
  const batchOf = (name: string, count: number) =>
    Array.from({ length: count }, (_, n) => envelope(`${name}${n}`))
  const taken: Promise<unknown>[] = []
  const refusals: unknown[] = []
  for (let round = 0; round < 40; round += 1) {
    const sent = ingest.append(batchOf(`flood${round}-`, 1_000), 'flood')
    taken.push(sent.catch((error: unknown) => refusals.push(error)))
  }
  taken.push(ingest.append(batchOf('quiet', 3), 'quiet'), ingest.append(batchOf('other', 3), 'other'))
  release()
  await Promise.all(taken)
  // The bound of one sender is 20 000; what is beyond was refused whole, with a time to come again.
  expect(refusals).toHaveLength(20)
  expect(refusals[0]).toMatchObject({ reason: 'flood', retryAfterSeconds: 2 })
  expect(ingest.refusedRequests()).toEqual({ flood: 20, busy: 0, database: 0 })
  // The first commit was under way before the others came; both are in the one after it.
  const commitOf = (id: string) => written.findIndex((batch) => batch.some((event) => event.id === id))
  expect([commitOf('quiet0'), commitOf('other0')]).toEqual([1, 1])
  expect(written.flat()).toHaveLength(20_006)
  expect(ingest.pendingEvents()).toBe(0)
  expect(await ingest.append(batchOf('later', 1_000), 'flood')).toMatchObject({ accepted: 1_000 })
})
