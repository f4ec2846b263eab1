/** Packed events come back as they were, whatever texts and numbers they hold. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { EVENT_TYPES, type EventType } from '../../../server/domain/event.ts'
import { type FoldDetail, type FoldEvent, NO_DETAIL } from '../../../server/state/fold-event.ts'
import { EventPacker } from '../../../server/state/packed-events.ts'

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '"', '\\', '1717.1', '1717.2', '\u0000'),
)
const seconds = fc.double({ min: -10, max: 1e6, noNaN: true }).map((value) => (value === 0 ? 0 : value))
const detail: fc.Arbitrary<FoldDetail> = fc
  .record(
    {
      visitId: text,
      reason: text,
      endedBy: fc.constantFrom('agent' as const),
      waitSeconds: seconds,
      acwSeconds: seconds,
    },
    { requiredKeys: [] },
  )
  .map((fields) => ({ ...NO_DETAIL, ...fields }))
const event: fc.Arbitrary<FoldEvent> = fc.record({
  type: fc.constantFrom(...(Object.keys(EVENT_TYPES) as EventType[])),
  source: text,
  id: text,
  occurredAtMs: fc.integer({ min: 0, max: Date.UTC(2200, 0, 1) }),
  sequence: fc.option(text, { nil: undefined }),
  queueId: fc.option(text, { nil: undefined }),
  agentId: fc.option(text, { nil: undefined }),
  detail: fc.option(detail, { nil: undefined }),
})

it('gives back what was packed, from one table of names for all contacts', () => {
  const packer = new EventPacker()
  fc.assert(
    fc.property(fc.array(event, { maxLength: 12 }), fc.array(event, { maxLength: 3 }), (events, others) => {
      const packed = packer.pack(events)
      packer.pack(others)
      const withoutEmpty = events.map((one) =>
        one.detail !== undefined && Object.values(one.detail).every((value) => value === undefined)
          ? { ...one, detail: undefined }
          : one,
      )
      expect(packer.unpack(packed)).toEqual(withoutEmpty)
    }),
    { numRuns: 500 },
  )
})
