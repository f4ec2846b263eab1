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
