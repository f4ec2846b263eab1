// The contacts behind a figure: addresses that come back as they went, filters that count what the report counts, a safe file.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SERVICE_LEVEL_FORMULAS } from '../../../server/domain/service-level.ts'
import { maskCaller } from '../../../server/http/contact-events.ts'
import type { IntervalFigures } from '../../../server/state/figures.ts'
import type { ContactBody, ContactOutcome } from '../../../server/wire/api.ts'
import type { AbandonedCaller } from '../../../server/wire/ring-back.ts'
import { abandonedCsv, contactsCsv } from '../../../web/src/contacts/contact-csv.ts'
import {
  ALL_CONTACTS,
  CONTACT_OUTCOMES,
  contactsPath,
  matchesFilter,
} from '../../../web/src/contacts/contact-query.ts'
import { intervalSpans } from '../../../web/src/reports/intervals.ts'
import { parseRoute, type Route, routeHash } from '../../../web/src/shell/route.ts'

const contact = (outcome: ContactOutcome, waitSeconds: number | null): ContactBody => ({
  contactId: 'c',
  arrivedAtMs: 0,
  outcome,
  waitSeconds,
  talkSeconds: null,
  leftReason: null,
  agent: null,
  agents: [],
})

describe('the address of a list', () => {
  const span = fc.oneof(
    fc.record({ day: fc.constantFrom('2026-03-29', '1999-01-05') }),
    fc.record({ fromMs: fc.nat(4e12), toMs: fc.nat(4e12), byEvent: fc.constant(true as const) }),
    fc.record({ fromMs: fc.nat(4e12), toMs: fc.nat(4e12) }),
  )
  const seconds = fc.nat(99_999)
  const text = fc.string({ minLength: 1, unit: 'grapheme' })
  const filter = fc.record({
    outcome: fc.option(fc.constantFrom(...CONTACT_OUTCOMES)),
    withinSeconds: fc.option(seconds),
    pastSeconds: fc.option(seconds),
    missedBy: fc.option(
      fc.record({
        formula: fc.constantFrom(...SERVICE_LEVEL_FORMULAS),
        answerThresholdSeconds: seconds,
        shortAbandonSeconds: seconds,
      }),
    ),
    agentId: fc.option(text),
    leftReason: fc.option(text),
  })
  const queueIds = fc.array(fc.string({ minLength: 1, unit: 'grapheme' }), { minLength: 1, maxLength: 4 })

  test('comes back as it went, whatever the queues are called', () => {
    fc.assert(
      fc.property(queueIds, span, filter, (ids, when, which) => {
        const route: Route = { page: 'contacts', query: { queueIds: ids, span: when, filter: which } }
        expect(parseRoute(routeHash(route))).toEqual(route)
      }),
    )
  })

  test('that says nothing sensible is not found', () => {
    for (const hash of [
      '#/contacts',
      '#/contacts/q',
      '#/contacts/q/2026-02-31/all',
      '#/contacts/q/2026-02-28/happy',
      '#/contacts/q/2026-02-28/answered~x',
      '#/contacts/q/2026-02-28/all/more',
      '#/contacts/q/2026-02-28/all;past=x',
      '#/contacts/q/2026-02-28/all;missed=SL9~20~5',
      '#/contacts/q/2026-02-28/all;agent=',
      '#/contacts/q/2026-02-28/all;colour=red',
      '#/contacts/q/2026-02-28~worked/all',
      '#/contacts/%25/2026-02-28/all',
    ])
      expect(parseRoute(hash), hash).toEqual({ page: 'not-found' })
  })

  test('asks the interface for a day by its name and for a span by its instants', () => {
    expect(contactsPath('a/b', { day: '2026-03-29' })).toBe('/queues/a%2Fb/contacts?date=2026-03-29')
    expect(contactsPath('a', { fromMs: 0, toMs: 1_800_000 })).toBe(
      '/queues/a/contacts?from=1970-01-01T00:00:00.000Z&to=1970-01-01T00:30:00.000Z',
    )
  })
})

test('a wait equal to the threshold is within it; without a wait nothing is', () => {
  const within = { ...ALL_CONTACTS, outcome: 'answered', withinSeconds: 20 } as const
  expect(matchesFilter(contact('answered', 20), within, 0)).toBe(true)
  expect(matchesFilter(contact('answered', 20.001), within, 0)).toBe(false)
  expect(matchesFilter(contact('abandoned', 3), within, 0)).toBe(false)
  expect(matchesFilter(contact('answered', null), within, 0)).toBe(false)
  expect(matchesFilter(contact('lost', null), ALL_CONTACTS, 0)).toBe(true)
})

test('who still waits has waited until now; a wait that nobody knows is no long one', () => {
  const past = { ...ALL_CONTACTS, pastSeconds: 20 }
  expect(matchesFilter(contact('waiting', null), past, 20_001)).toBe(true)
  expect(matchesFilter(contact('waiting', null), past, 20_000)).toBe(false)
  expect(matchesFilter(contact('answered', 20), past, 99_000)).toBe(false)
  expect(matchesFilter(contact('lost', null), past, 99_000)).toBe(false)
})

test('the file quotes, keeps gaps empty, and marks what a spreadsheet would run', () => {
  const listed = { ...contact('answered', 2.5), queueId: 'a,"b"', contactId: '=1+2', agent: 'Zoé' }
  expect(contactsCsv([listed], true)).toBe(
    'queue,contact,arrival,outcome,wait_seconds,talk_seconds,agent\r\n' +
      `"a,""b""",'=1+2,1970-01-01T00:00:00.000Z,answered,2.5,,Zoé\r\n`,
  )
  expect(contactsCsv([listed], false)).not.toContain('Zoé')
})

test('the file of callers has the numbers that are shown, the others masked, and never a formula', () => {
  const caller: AbandonedCaller = {
    contactId: 'c',
    queueId: 'q',
    arrivedAtMs: 0,
    abandonedAtMs: 45_000,
    waitSeconds: 45,
    maskedNumber: '••••••••78',
    number: 'kept',
    abandonedCount: 2,
    answeredSinceMs: null,
    ringBack: { version: 1, by: '@Sam, "S"', atMs: 60_000 },
  }
  const rows = [
    { contact: { ...contact('abandoned', 45), queueId: 'q' }, caller },
    { contact: { ...contact('abandoned', null), contactId: 'd', queueId: 'q' }, caller: null },
  ]
  const [, first, second] = abandonedCsv(rows, new Map([['c', '+33612345678']])).split('\r\n')
  expect(first).toBe(
    `q,c,1970-01-01T00:00:00.000Z,45,'+33612345678,2,,"'@Sam, ""S""",1970-01-01T00:01:00.000Z`,
  )
  expect(second).toBe('q,d,1970-01-01T00:00:00.000Z,,,,,,')
  expect(abandonedCsv(rows, new Map())).toContain(',••••••••78,')
})

test('a caller’s number keeps its last two digits and no more than twelve places', () => {
  expect(maskCaller('+33612345678')).toBe('••••••••••78')
  expect(maskCaller('1234')).toBe('••••')
  expect(maskCaller('')).toBe('')
  fc.assert(
    fc.property(fc.string({ minLength: 5, maxLength: 60 }), (number) => {
      const masked = maskCaller(number)
      expect(masked.endsWith(number.slice(-2))).toBe(true)
      expect(masked.slice(0, -2)).toMatch(/^•{1,12}$/)
    }),
  )
})

test('intervals end where the next begins, also before a gap, in any order, over a change of clocks', () => {
  const at = (start: string) => ({ start }) as IntervalFigures
  const spans = intervalSpans(
    ['2026-03-29T03:00:00+02:00', '2026-03-29T01:30:00+01:00', '2026-03-29T08:00:00+02:00'].map(at),
  )
  const minutes = [...spans.values()].map(({ fromMs, toMs }) => (toMs - fromMs) / 60_000)
  expect(minutes).toEqual([30, 30, 30])
  expect(spans.get('2026-03-29T03:00:00+02:00')?.fromMs).toBe(Date.UTC(2026, 2, 29, 1))
  expect(
    [...intervalSpans([at('2026-03-29T08:00:00+02:00')]).values()].map((s) => s.toMs - s.fromMs),
  ).toEqual([3_600_000])
})
