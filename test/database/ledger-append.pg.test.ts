/** The ledger's append on both databases, against a model that keeps the first event of each (source, id) in a Map. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createLedgerStore } from '../../server/db/ledger-store.ts'
import type { EventEnvelope, EventType } from '../../server/domain/event.ts'
import { describeOnEachDatabase } from '../support/databases.ts'
import { LEDGER_DAY_MS, ledgerEvent } from '../support/ledger-events.ts'

const PROPERTY_RUNS = 60

const anyText = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 })
const anyEvent: fc.Arbitrary<EventEnvelope> = fc.record({
  // Few ids and sources, so that batches repeat themselves.
  id: fc.constantFrom('1', '2', '3', '4', '5', '"6"', '\\7', '{8,NULL}', 'NULL', 'é😀'),
  source: fc.constantFrom('a', 'b'),
  type: fc.constantFrom<EventType>('cc.contact.queued.v1', 'cc.agent.logged-on.v1', 'cc.source.gap.v1'),
  occurredAtMs: fc.integer({ min: Date.UTC(1999, 0, 1), max: Date.UTC(2035, 0, 1) }),
  receivedAtMs: fc.integer({ min: LEDGER_DAY_MS, max: LEDGER_DAY_MS + 1_000 }),
  data: fc.record(
    {
      contactId: fc.constantFrom('c1', 'c2', ''),
      queueId: fc.constantFrom('q1', '"', ' '),
      waitSeconds: fc.constantFrom(0, 1, 12.25),
      callerNumber: anyText,
      openContactIds: fc.array(anyText, { maxLength: 3 }),
      raw: fc.jsonValue({ maxDepth: 2 }),
    },
    { requiredKeys: [] },
  ),
})

/** What JSON keeps of an event. */
function canonical({ id, source, type, occurredAtMs, receivedAtMs, data }: EventEnvelope): unknown {
  return JSON.parse(JSON.stringify({ id, source, type, occurredAtMs, receivedAtMs, data }))
}

function body({ type, occurredAtMs, data }: EventEnvelope): string {
  const sorted = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(sorted)
    if (typeof value !== 'object' || value === null) return value
    return Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, field]) => [key, sorted(field)])
  }
  return JSON.stringify([type, occurredAtMs, sorted(JSON.parse(JSON.stringify(data)))])
}

describeOnEachDatabase('ledger append', (open) => {
  it('keeps the first of each (source, id), whatever comes again, as a plain map does', async () => {
    const ledger = createLedgerStore(await open())
    const model = new Map<string, EventEnvelope>()
    let run = 0
    await fc.assert(
      fc.asyncProperty(fc.array(anyEvent, { maxLength: 14 }), async (drawn) => {
        // Sources of their own for each third run: some batches meet an old ledger, some a new source.
        const batch = drawn.map((event) => ({ ...event, source: `${event.source}${Math.floor(run / 3)}` }))
        run++
        let duplicates = 0
        const conflicts: { source: string; id: string }[] = []
        const fresh: EventEnvelope[] = []
        for (const event of batch) {
          const key = JSON.stringify([event.source, event.id])
          const kept = model.get(key)
          if (kept === undefined) {
            model.set(key, event)
            fresh.push(event)
            continue
          }
          duplicates++
          if (body(kept) !== body(event)) conflicts.push({ source: event.source, id: event.id })
        }
        const result = await ledger.append(batch)
        expect(result.accepted).toBe(fresh.length)
        expect(result.duplicates).toBe(duplicates)
        expect(result.conflicts).toBe(conflicts.length)
        expect(result.conflictKeys.map((key) => JSON.stringify(key)).sort()).toEqual(
          conflicts.map((key) => JSON.stringify(key)).sort(),
        )
        expect(result.events.map(canonical)).toEqual(fresh.map(canonical))
      }),
      { numRuns: PROPERTY_RUNS },
    )
    const stored = await ledger.readAfter(0, 10_000)
    const impersonal = [...model.values()].map((event) => {
      const { raw: _, callerNumber: _number, ...data } = event.data
      return canonical({ ...event, data })
    })
    expect(stored.map(canonical)).toEqual(impersonal)
    for (const contactId of ['c1', 'c2']) {
      const ofContact = [...model.values()].filter(({ data }) => data.contactId === contactId)
      expect((await ledger.readContact(contactId)).map(canonical)).toEqual(ofContact.map(canonical))
    }
    expect(await ledger.lastIngestSeq()).toBe(stored.at(-1)?.ingestSeq)
    const statuses = await ledger.sourceStatuses()
    expect(statuses.reduce((sum, status) => sum + status.accepted, 0)).toBe(model.size)
  })

  it('counts each source apart, with the first and last instants of what it accepted', async () => {
    const ledger = createLedgerStore(await open())
    await ledger.append([
      ledgerEvent('1', { source: 'a', occurredAtMs: LEDGER_DAY_MS + 5_000 }),
      ledgerEvent('2', {
        source: 'a',
        occurredAtMs: LEDGER_DAY_MS - 5_000.5,
        receivedAtMs: LEDGER_DAY_MS + 900,
      }),
      ledgerEvent('1', { source: 'b' }),
    ])
    await ledger.append([
      ledgerEvent('1', { source: 'a', occurredAtMs: 0, receivedAtMs: LEDGER_DAY_MS + 1_000 }),
    ])
    expect(await ledger.sourceStatuses()).toEqual([
      {
        source: 'a',
        accepted: 2,
        duplicates: 1,
        conflicts: 1,
        rejected: 0,
        firstOccurredAtMs: LEDGER_DAY_MS - 5_000.5,
        lastOccurredAtMs: LEDGER_DAY_MS + 5_000,
        lastReceivedAtMs: LEDGER_DAY_MS + 1_000,
        unknownVerbs: {},
      },
      {
        source: 'b',
        accepted: 1,
        duplicates: 0,
        conflicts: 0,
        rejected: 0,
        firstOccurredAtMs: LEDGER_DAY_MS,
        lastOccurredAtMs: LEDGER_DAY_MS,
        lastReceivedAtMs: LEDGER_DAY_MS + 250,
        unknownVerbs: {},
      },
    ])
  })

  it('takes the same event with another place in its file, or another assumed time, as the same', async () => {
    const ledger = createLedgerStore(await open())
    await ledger.append([ledgerEvent('1', { sequence: '000001', timeAssumed: true })])
    const again = await ledger.append([
      ledgerEvent('1', { sequence: '000777', timeAssumed: true, occurredAtMs: LEDGER_DAY_MS + 60_000 }),
    ])
    expect(again).toMatchObject({ accepted: 0, duplicates: 1, conflicts: 0 })
    expect(await ledger.readAfter(0, 10)).toMatchObject([{ sequence: '000001', timeAssumed: true }])
  })

  it('stores a batch of many statements in the order of the batch', async () => {
    const ledger = createLedgerStore(await open())
    const batch = Array.from({ length: 12_345 }, (_, index) => ledgerEvent(String(index)))
    expect((await ledger.append(batch)).accepted).toBe(batch.length)
    const again = await ledger.append([...batch.slice(0, 6_000), ledgerEvent('new')])
    expect(again).toMatchObject({ accepted: 1, duplicates: 6_000, conflicts: 0 })
    const stored = await ledger.readAfter(0, 20_000)
    expect(stored.map((event) => event.id)).toEqual([...batch.map((event) => event.id), 'new'])
  })

  it('stores nothing of a batch that fails in the middle', async () => {
    const ledger = createLedgerStore(await open())
    const torn = ledgerEvent('torn', { occurredAtMs: Number.NaN })
    const batch = [...Array.from({ length: 6_000 }, (_, index) => ledgerEvent(String(index))), torn]
    await expect(ledger.append(batch)).rejects.toThrow()
    expect(await ledger.readAfter(0, 10)).toEqual([])
    expect(await ledger.sourceStatuses()).toEqual([])
  })

  it('keeps the first of each when two programs append in turn, mostly new events', async () => {
    const database = await open()
    const programs = [createLedgerStore(database), createLedgerStore(database)]
    const stored = new Map<string, number>()
    let nextId = 0
    const batchOf = (size: number, known: number) => {
      const news = Array.from({ length: size }, () => String(++nextId))
      const olds = Array.from({ length: known }, (_, at) => String(1 + ((nextId * 7 + at * 13) % nextId)))
      // Known ones among the new ones, in the middle.
      return [...news.slice(0, size >> 1), ...olds, ...news.slice(size >> 1)].map((id) =>
        ledgerEvent(id, { occurredAtMs: LEDGER_DAY_MS + Number(id), data: { contactId: id, queueId: 'q' } }),
      )
    }
    const step = fc.record({
      program: fc.constantFrom(0, 0, 0, 1),
      size: fc.integer({ min: 1, max: 9 }),
      known: fc.constantFrom(0, 0, 0, 0, 2),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 20 }), async (steps) => {
        for (const { program, size, known } of steps) {
          const batch = batchOf(size, known)
          const fresh = batch.filter(({ id }, at) => {
            return !stored.has(id) && batch.findIndex((event) => event.id === id) === at
          })
          const result = await programs[program]?.append(batch)
          expect(result).toMatchObject({ duplicates: batch.length - fresh.length, conflicts: 0 })
          expect(result?.events.map(({ id }) => id)).toEqual(fresh.map(({ id }) => id))
          for (const { id, ingestSeq } of result?.events ?? []) stored.set(id, ingestSeq)
        }
      }),
      { numRuns: 4, endOnFailure: true },
    )
    const [ledger] = programs
    const all = await ledger?.readAfter(0, 10_000)
    expect(all?.map(({ id, ingestSeq }) => [id, ingestSeq])).toEqual([...stored])
    expect(await ledger?.timeRange()).toEqual({ firstMs: LEDGER_DAY_MS + 1, lastMs: LEDGER_DAY_MS + nextId })
    expect((await ledger?.sourceStatuses())?.[0]?.accepted).toBe(stored.size)
  })

  it('shows a reader of the tail every row once, in order, while many append at once', async () => {
    const database = await open()
    const ledger = createLedgerStore(database)
    const another = createLedgerStore(database)
    const writers = Array.from({ length: 6 }, async (_, writer) => {
      for (let round = 0; round < 20; round++) {
        const batch = Array.from({ length: 7 }, (_, index) => ledgerEvent(`${writer}/${round}/${index}`))
        await (writer % 2 === 0 ? ledger : another).append(batch)
      }
    })
    const expected = 6 * 20 * 7
    const seen: string[] = []
    let afterSeq = 0
    while (seen.length < expected) {
      for (const event of await ledger.readAfter(afterSeq, 50)) {
        expect(event.ingestSeq).toBeGreaterThan(afterSeq)
        afterSeq = event.ingestSeq
        seen.push(event.id)
      }
      if (seen.length < expected && afterSeq === (await ledger.lastIngestSeq())) await Promise.race(writers)
    }
    await Promise.all(writers)
    expect(new Set(seen).size).toBe(expected)
    expect(await ledger.lastIngestSeq()).toBe(afterSeq)
  })
})
