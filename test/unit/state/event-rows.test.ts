/** Events kept in rows come back as they were, whatever texts and numbers they hold, also when others have gone. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { EVENT_TYPES, type EventType } from '../../../server/domain/event.ts'
import { EventRows, type NewEvent as Kept } from '../../../server/state/event-rows.ts'
import { type FoldDetail, NO_DETAIL } from '../../../server/state/fold-event.ts'

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ maxLength: 400, minLength: 200 }),
  fc.constantFrom('', '"', '\\', '1717.1', '1717.2', '\u0000', 'é', '\u0142'),
)
const sequence = fc.oneof(
  text,
  fc.nat().map((number) => String(number).padStart(20, '0')),
  fc.constantFrom(
    '9'.repeat(20),
    '0'.repeat(20),
    `${'0'.repeat(19)}x`,
    '01717-000000012',
    '01717-12',
    'é12',
    '\u01427',
  ),
)
const seconds = fc.double({ min: -10, max: 1e6, noNaN: true }).map((value) => (value === 0 ? 0 : value))
const detail: fc.Arbitrary<FoldDetail> = fc
  .record(
    {
      visitId: text,
      reason: text,
      state: fc.constantFrom('ready' as const, 'not-ready' as const),
      endedBy: fc.constantFrom('agent' as const, 'system' as const),
      waitSeconds: seconds,
      talkSeconds: seconds,
      holdSeconds: seconds,
      acwSeconds: seconds,
    },
    { requiredKeys: [] },
  )
  .map((fields) => ({ ...NO_DETAIL, ...fields }))
const event: fc.Arbitrary<Kept> = fc.record({
  type: fc.constantFrom(...(Object.keys(EVENT_TYPES) as EventType[])),
  source: text,
  id: text,
  occurredAtMs: fc.integer({ min: 0, max: Date.UTC(2200, 0, 1) }),
  sequence: fc.option(sequence, { nil: undefined }),
  queueId: fc.option(text, { nil: undefined }),
  agentId: fc.option(text, { nil: undefined }),
  detail: fc.option(detail, { nil: undefined }),
})

function plain(one: Kept): Kept {
  const { type, source, id, occurredAtMs, sequence: place, queueId, agentId } = one
  // A detail of nothing says the same as none.
  const says = one.detail !== undefined && Object.values(one.detail).some((value) => value !== undefined)
  return {
    type,
    source,
    id,
    occurredAtMs,
    sequence: place,
    queueId,
    agentId,
    detail: says ? one.detail : undefined,
  }
}

it('gives back every chain as it was put in, whatever other chains come and go', () => {
  const rows = new EventRows()
  fc.assert(
    fc.property(fc.array(fc.array(event, { minLength: 1, maxLength: 6 }), { maxLength: 4 }), (contacts) => {
      // In turn, as contacts overlap.
      const chains = contacts.map(() => ({ first: -1, last: -1 }))
      for (let turn = 0; turn < 6; turn += 1) {
        for (const [index, chain] of chains.entries()) {
          const one = contacts[index]?.[turn]
          if (one === undefined) continue
          const row = rows.add(one)
          if (chain.first < 0) chain.first = row
          else rows.link(chain.last, row)
          chain.last = row
        }
      }
      for (const [index, { first }] of chains.entries()) {
        const events = contacts[index] ?? []
        expect(rows.chain(first, events.length).map(plain)).toEqual(events.map(plain))
        if (index % 2 === 1) rows.free(first)
      }
      for (const [index, { first }] of chains.entries()) {
        const events = contacts[index] ?? []
        if (index % 2 === 1) continue
        expect(rows.chain(first, events.length).map(plain)).toEqual(events.map(plain))
        rows.free(first)
      }
    }),
    { numRuns: 300 },
  )
})

it('lets whole chunks go and uses their places again', () => {
  const rows = new EventRows()
  const one = (index: number): Kept => ({
    type: 'cc.contact.queued.v1',
    source: 's',
    id: `e${index}`,
    occurredAtMs: index,
    sequence: undefined,
    queueId: 'q',
    agentId: undefined,
    detail: undefined,
  })
  let greatest = 0
  for (let index = 0; index < 50_000; index += 1) {
    const row = rows.add(one(index))
    if (row > greatest) greatest = row
    expect(rows.chain(row, 1)[0]?.id).toBe(`e${index}`)
    rows.free(row)
  }
  // Two chunks in turn.
  expect(greatest).toBeLessThan(10_000)
})
