/** Pages of the ledger: what goes in comes out, and folding their columns is folding their events. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodeFoldPage, encodeFoldPage, FOLD_PAGE_FORMAT } from '../../../server/db/fold-page.ts'
import type { EventType, LedgerEvent } from '../../../server/domain/event.ts'
import { EventPage } from '../../../server/ledger/event-page.ts'
import { LiveState } from '../../../server/state/live-state.ts'
import { settings as settingsOf } from './support.ts'

const DAY = '2024-06-12'
const START_MS = Date.UTC(2024, 5, 12)
const HOUR_MS = 3_600_000
const EVERYTHING = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY }

const settings = settingsOf('UTC')

const TYPES: readonly EventType[] = [
  'cc.contact.queued.v1',
  'cc.contact.queued.v1',
  'cc.contact.offered.v1',
  'cc.contact.offer-ended.v1',
  'cc.contact.answered.v1',
  'cc.contact.ended.v1',
  'cc.contact.abandoned.v1',
  'cc.contact.left-queue.v1',
  'cc.contact.transferred.v1',
  'cc.contact.merged.v1',
  'cc.source.snapshot.v1',
  'cc.source.gap.v1',
  'cc.agent.state-changed.v1',
  'cc.agent.queue-joined.v1',
]
const optional = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined, freq: 2 })
const contactId = fc.constantFrom('c1', 'c2', 'c3', 'c4', 'c€5')
const seconds = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.double({ min: 0, max: 300, noNaN: true }))

const event = fc.record({
  id: fc.oneof(
    { arbitrary: fc.string({ minLength: 1, maxLength: 12 }), weight: 8 },
    { arbitrary: fc.constantFrom('é', '€', '\u{1f600}', 'x'.repeat(300)), weight: 1 },
  ),
  source: fc.constantFrom('pbx', 'ami', 'quelle-ü'),
  type: fc.constantFrom(...TYPES),
  // Also before the epoch's millisecond grid, out of order, and ahead of their receipt.
  atMs: fc.oneof(fc.integer({ min: 0, max: 20 * HOUR_MS }), fc.constantFrom(0.25, 7.125, 40 * HOUR_MS)),
  delayMs: fc.oneof(fc.constant(250), fc.integer({ min: -60_000, max: 5 * HOUR_MS })),
  sequence: optional(
    fc.constantFrom('00000000000000000007', '00000000000000000012', 'a-9', 'a-10', 'x', '', '7'),
  ),
  timeAssumed: optional(fc.constant(true as const)),
  data: fc.record(
    {
      contactId: optional(contactId),
      queueId: optional(fc.constantFrom('sales', 'support')),
      agentId: optional(fc.constantFrom('a1', 'a2')),
      visitId: optional(fc.constantFrom('v1', 'v2')),
      reason: optional(fc.constantFrom('noAnswer', 'timeout', 'callback')),
      endedBy: optional(fc.constantFrom('agent' as const, 'customer' as const)),
      state: optional(fc.constantFrom('ready' as const, 'not-ready' as const)),
      waitSeconds: optional(seconds),
      ringSeconds: optional(seconds),
      talkSeconds: optional(seconds),
      holdSeconds: optional(seconds),
      acwSeconds: optional(seconds),
      aliasIds: optional(fc.array(contactId, { maxLength: 2 })),
      openContactIds: optional(fc.array(contactId, { maxLength: 2 })),
    },
    { requiredKeys: [] },
  ),
})

const page = fc.array(event, { maxLength: 40 }).map((drawn) =>
  drawn.map(({ atMs, delayMs, id, sequence, timeAssumed, data, ...rest }, index): LedgerEvent => {
    const occurredAtMs = START_MS + atMs
    return {
      ...rest,
      // Of one source no id comes twice.
      id: `${id}${index}`,
      ingestSeq: index * (index % 3) + 1,
      occurredAtMs,
      receivedAtMs: Math.round(occurredAtMs + delayMs),
      ...(sequence === undefined ? {} : { sequence }),
      ...(timeAssumed === undefined ? {} : { timeAssumed }),
      data: JSON.parse(JSON.stringify(data)) as LedgerEvent['data'],
    }
  }),
)

const decoded = (events: readonly LedgerEvent[], period = EVERYTHING) => {
  const found = decodeFoldPage(encodeFoldPage(events), FOLD_PAGE_FORMAT, period)
  if (!(found instanceof EventPage)) throw new Error('no page')
  return found
}

it('gives back its events as they went in, or those of a period', () => {
  fc.assert(
    fc.property(page, fc.integer({ min: 0, max: 20 * HOUR_MS }), (events, fromMs) => {
      expect([...decoded(events)]).toEqual(events)
      const period = { fromMs: START_MS + fromMs, toMs: START_MS + fromMs + HOUR_MS }
      expect([...decoded(events, period)]).toEqual(
        events.filter(({ occurredAtMs }) => occurredAtMs >= period.fromMs && occurredAtMs < period.toMs),
      )
    }),
    { numRuns: 200 },
  )
})

function figures(state: LiveState): unknown {
  const nowMs = START_MS + 12 * HOUR_MS
  return {
    report: state.dayReport(DAY, { schedule: new Map() }),
    quality: state.quality(),
    agents: state.agentsNow(nowMs),
    queues: ['sales', 'support'].map((queueId) => [
      state.queueNow(queueId, nowMs),
      [...state.sourcesOf(queueId, START_MS)].sort(),
    ]),
    progress: [...state.sourceProgress(nowMs)].sort(
      (a, b) => a.newestMs - b.newestMs || a.delayMs - b.delayMs,
    ),
    gaps: ['pbx', 'ami', 'quelle-ü'].map((source) => state.gapSinceMs(source, { nowMs })),
    visits: ['c1', 'c2', 'c3', 'c4', 'c€5'].map((id) => [state.contactVisits(id), state.contactIds(id)]),
  }
}

it('folds as its events do, whatever came before and comes after', () => {
  fc.assert(
    fc.property(fc.array(page, { minLength: 1, maxLength: 4 }), fc.boolean(), (pages, readsBetween) => {
      const ofPages = new LiveState(settings)
      const ofEvents = new LiveState(settings)
      for (const [index, events] of pages.entries()) {
        // Ids of their own in each page, as in a ledger.
        const named = events.map((one) => ({ ...one, id: `${index}/${one.id}` }))
        if (index % 2 === 0) ofPages.applyAll(decoded(named))
        else ofPages.applyAll(named)
        for (const one of named) ofEvents.apply(one)
        if (readsBetween) expect(ofPages.quality()).toEqual(ofEvents.quality())
      }
      expect(figures(ofPages)).toEqual(figures(ofEvents))
    }),
    { numRuns: 300 },
  )
})

it('gives no event beyond the one asked for', () => {
  const events = Array.from(
    { length: 10 },
    (_, index): LedgerEvent => ({
      ingestSeq: index + 1,
      id: `e${index}`,
      source: 's',
      type: 'cc.contact.queued.v1',
      occurredAtMs: START_MS + index,
      receivedAtMs: START_MS + index,
      data: { contactId: `c${index}`, queueId: 'sales' },
    }),
  )
  for (const lastSeq of [4, 10, 11]) {
    const state = new LiveState(settings)
    state.applyAll(decoded(events), lastSeq)
    expect(state.dayTotals('sales', DAY).offered).toBe(Math.min(lastSeq, 10))
  }
})

/** As pages were written before there were columns of bytes. */
const JSON_PAGE = {
  count: 2,
  seqs: [1, 3],
  types: [0, 1],
  sources: [2, 2],
  ids: ['e1', 'e2'],
  times: [START_MS, START_MS + 5_000],
  received: [250, 250],
  assumed: [1],
  sequences: ['7', null],
  contacts: ['c1', 'c1'],
  queues: [3, 3],
  agents: [-1, 4],
  shapes: [[], ['waitSeconds']],
  shapeOf: [0, 1],
  values: [5],
  texts: ['cc.contact.queued.v1', 'cc.contact.answered.v1', 'pbx', 'sales', 'a1'],
}

it('of the first format is still read', () => {
  const found = decodeFoldPage(JSON.stringify(JSON_PAGE), 1, { fromMs: START_MS + 1, toMs: START_MS + 9_000 })
  expect([...(found ?? [])]).toEqual([
    {
      ingestSeq: 3,
      id: 'e2',
      source: 'pbx',
      type: 'cc.contact.answered.v1',
      occurredAtMs: START_MS + 5_000,
      receivedAtMs: START_MS + 5_250,
      timeAssumed: true,
      data: { contactId: 'c1', queueId: 'sales', agentId: 'a1', waitSeconds: 5 },
    },
  ])
  expect(decodeFoldPage('{}', 999, EVERYTHING)).toBeNull()
})
