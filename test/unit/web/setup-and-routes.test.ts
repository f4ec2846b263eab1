// Addresses, opening hours, fields of the set-up forms, and the order of a report's intervals.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { IntervalFigures } from '../../../server/state/figures.ts'
import { weakestFirst } from '../../../web/src/reports/intervals.ts'
import { changedKeys, FIELDS, fromDraft, idFromName, toDraft } from '../../../web/src/setup/fields.ts'
import { formatSpans, parseSpans } from '../../../web/src/setup/hours.ts'
import { parseRoute, type Route, routeHash } from '../../../web/src/shell/route.ts'

describe('addresses', () => {
  test('every page reads back from its own address, whatever its ids hold', () => {
    const id = fc.string({ minLength: 1, maxLength: 20 })
    const route: fc.Arbitrary<Route> = fc.oneof(
      fc.constant<Route>({ page: 'wall' }),
      id.map((queueId): Route => ({ page: 'plan', queueId, day: '2026-11-24' })),
      fc.constant<Route>({ page: 'reports', day: '2026-11-24' }),
      id.map((queueId): Route => ({ page: 'reports', day: '2026-11-24', queueId })),
      id.map((one): Route => ({ page: 'setup', section: 'queues', id: one })),
      id.map((secret): Route => ({ page: 'sign-in', secret })),
    )
    fc.assert(
      fc.property(route, (one) => {
        expect(parseRoute(routeHash(one))).toEqual(one)
      }),
    )
  })

  test('what is none is not found; the empty one is home', () => {
    expect(parseRoute('')).toEqual({ page: 'home' })
    expect(parseRoute('#/')).toEqual({ page: 'home' })
    for (const hash of [
      '#/nowhere',
      '#/reports/yesterday',
      '#/reports//queue',
      '#/plan/q/24-11-2026',
      '#/setup/everything',
      '#/wall/x',
    ])
      expect(parseRoute(hash)).toEqual({ page: 'not-found' })
    expect(parseRoute('#/plan/%E0%A4%A')).toEqual({ page: 'plan', queueId: '%E0%A4%A', day: null })
  })
})

describe('opening hours', () => {
  test('text and spans are each other’s inverse', () => {
    const day = fc
      .uniqueArray(fc.integer({ min: 0, max: 1440 }), { maxLength: 6 })
      .map((times) => times.sort((a, b) => a - b))
      .map((times) =>
        Array.from(
          { length: Math.floor(times.length / 2) },
          (_, k) => [times[2 * k] ?? 0, times[2 * k + 1] ?? 0] as const,
        ),
      )
    fc.assert(
      fc.property(day, (spans) => {
        expect(parseSpans(formatSpans(spans))).toEqual(spans)
      }),
    )
  })

  test('takes how people write, refuses what is no span', () => {
    expect(parseSpans('8-12, 13h30 – 20:00')).toEqual([
      [480, 720],
      [810, 1200],
    ])
    expect(parseSpans('00:00-24:00')).toEqual([[0, 1440]])
    expect(parseSpans(' ')).toEqual([])
    for (const text of ['closed', '20:00-08:00', '08:00-24:01', '08:61-09:00', '10-12, 11-13'])
      expect(parseSpans(text)).toBeUndefined()
  })
})

describe('fields', () => {
  const percent = FIELDS.promise.find(({ key }) => key === 'targetRatio')
  const client = FIELDS.queue.find(({ key }) => key === 'clientId')

  test('per cent in the form is a ratio in the body, exactly, with a comma or a point', () => {
    if (percent === undefined) throw new Error('no such field')
    expect(fromDraft(percent, '82,5')).toEqual({ ok: true, value: 0.825 })
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000 }), (hundredths) => {
        const ratio = hundredths / 10_000
        expect(fromDraft(percent, toDraft(percent, ratio))).toEqual({ ok: true, value: ratio })
      }),
    )
    expect(fromDraft(percent, 'eighty')).toMatchObject({ ok: false })
    expect(fromDraft(percent, '')).toMatchObject({ ok: false })
  })

  test('every kind survives the way into the form and back', () => {
    const bodies = {
      site: {
        name: 'Lyon',
        zone: 'Europe/Paris',
        currency: 'EUR',
        costPerAgentHour: 28.5,
        shrinkageRatio: 0.24,
        holidayRegion: '',
        eventDaysKept: 400,
        rawDaysKept: null,
        callerDaysKept: 7,
        deadLetterDaysKept: 30,
      },
      queue: {
        name: 'Cartes',
        clientId: null,
        zone: 'Europe/Paris',
        intervalMinutes: 15,
        openingHours: [[[480, 1200]], [], [], [], [], [[0, 1440]], []],
        patienceSecondsMean: 140,
        answerThresholdSeconds: 30,
        shortAbandonSeconds: null,
        formula: 'SL3',
        aliases: ['820', 'q-cards'],
        unconfirmed: true,
      },
      promise: {
        clientId: 'c1',
        queueIds: ['a', 'b'],
        targetRatio: 0.85,
        answerThresholdSeconds: 15,
        shortAbandonSeconds: 5,
        formula: 'SL7',
        view: 'event',
        effectiveFrom: '2026-09-01',
      },
      source: { adapter: 'socket-io', url: null, options: { mapping: { a: 1 } }, enabled: false },
    } as const
    for (const [kind, body] of Object.entries(bodies)) {
      const values = new Map<string, unknown>(Object.entries(body))
      const back = Object.fromEntries(
        FIELDS[kind as keyof typeof bodies].map((field) => {
          const parsed = fromDraft(field, toDraft(field, values.get(field.key)))
          return [field.key, parsed.ok ? parsed.value : parsed.error]
        }),
      )
      expect(back).toEqual(body)
    }
    if (client === undefined) throw new Error('no such field')
    expect(fromDraft(client, '')).toEqual({ ok: true, value: null })
  })

  test('an id follows the name, and a change is told by field', () => {
    expect(idFromName('Énergie du Sud (2)')).toBe('energie-du-sud-2')
    expect(idFromName('شركة')).toBe('')
    expect(changedKeys({ a: 1, b: [1], c: 'x' }, { a: 1, b: [2], d: 0 })).toEqual(['b', 'c', 'd'])
  })
})

test('weakest intervals first, then the busier; without a level last and in time order', () => {
  const figures = (start: string, ratio: number | null, offered: number) =>
    ({ start, offered, serviceLevelRatios: { SL4: ratio } }) as IntervalFigures
  const intervals = [
    figures('08:00', null, 0),
    figures('08:30', 0.9, 10),
    figures('09:00', 0.5, 10),
    figures('09:30', 0.5, 30),
    figures('10:00', null, 0),
  ]
  expect(weakestFirst(intervals, 'SL4').map(({ start }) => start)).toEqual([
    '09:30',
    '09:00',
    '08:30',
    '08:00',
    '10:00',
  ])
})
