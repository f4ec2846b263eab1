// What a figure of a board leads to, as an address; the counts behind such addresses are tested with the drill-down.
import { describe, expect, test } from 'vitest'
import { SERVICE_LEVEL_FORMULAS, type ServiceLevelFormula } from '../../../server/domain/service-level.ts'
import type { BoardPromise, BoardQueueRow } from '../../../server/wire/board.ts'
import { FIGURE_MEASURES, type FigureMeasure } from '../../../server/wire/board-composition.ts'
import { contactsHash, measureHash, missedOf } from '../../../web/src/board/figure-links.ts'
import { ALL_CONTACTS } from '../../../web/src/contacts/contact-query.ts'
import { parseRoute } from '../../../web/src/shell/route.ts'

const DAY = '2026-11-24'
const NOW_MS = Date.parse(`${DAY}T14:30:00.250Z`)
const INTERVAL_MS = Date.parse(`${DAY}T14:30:00Z`)
const row = (
  queueId: string,
  formula: ServiceLevelFormula = 'SL4',
  promise: Partial<BoardPromise> = {},
  intervalStartMs = INTERVAL_MS,
) =>
  ({
    queueId,
    intervalStartMs,
    promise: {
      targetRatio: 0.8,
      answerThresholdSeconds: 20,
      shortAbandonSeconds: 5,
      view: 'arrival',
      formula,
      ...promise,
    },
  }) as BoardQueueRow
const queryOf = (measure: FigureMeasure, rows = [row('a'), row('é+/~b')]) => {
  const hash = measureHash(measure, rows, DAY, NOW_MS)
  if (hash === null) return null
  const route = parseRoute(hash)
  if (route.page !== 'contacts') throw new Error(`${hash} leads to no list`)
  return route.query
}

describe('a figure', () => {
  test('leads to the same queues, day and outcome, whatever their ids', () => {
    for (const [measure, outcome] of [
      ['arrivals', null],
      ['abandoned', 'abandoned'],
      ['abandoned-share', 'abandoned'],
      ['asa', 'answered'],
      ['waiting', 'waiting'],
      ['longest-wait', 'waiting'],
    ] as const)
      expect(queryOf(measure), measure).toEqual({
        queueIds: ['a', 'é+/~b'],
        span: { day: DAY },
        filter: { ...ALL_CONTACTS, outcome },
      })
  })

  test('of the last half hour leads to what was missed in those thirty minutes', () => {
    expect(queryOf('level-half-hour')).toEqual({
      queueIds: ['a', 'é+/~b'],
      span: { fromMs: NOW_MS - 30 * 60_000, toMs: NOW_MS },
      filter: {
        ...ALL_CONTACTS,
        missedBy: { formula: 'SL4', answerThresholdSeconds: 20, shortAbandonSeconds: 5 },
      },
    })
  })

  test('of the interval that runs leads to what was missed in it, where all queues began it together', () => {
    expect(queryOf('level-now')?.span).toEqual({ fromMs: INTERVAL_MS, toMs: NOW_MS })
    expect(queryOf('level-now')?.filter.missedBy?.formula).toBe('SL4')
    const quarter = row('b', 'SL4', {}, INTERVAL_MS - 15 * 60_000)
    expect(queryOf('level-now', [row('a'), quarter])).toBeNull()
    expect(queryOf('level-now', [row('a', 'SL4', {}, NOW_MS)])).toBeNull()
  })

  test('counts in the view of the promise, and so does its list; the half hour is always by arrival', () => {
    const events = [row('a', 'SL4', { view: 'event' }), row('b', 'SL4', { view: 'event' })]
    expect(queryOf('level-today', events)?.span).toEqual({ day: DAY, byEvent: true })
    expect(queryOf('arrivals', events)?.span).toEqual({ day: DAY, byEvent: true })
    expect(queryOf('level-now', events)?.span).toEqual({ fromMs: INTERVAL_MS, toMs: NOW_MS, byEvent: true })
    expect(queryOf('level-half-hour', events)?.span).not.toHaveProperty('byEvent')
    expect(queryOf('level-today', [row('a'), ...events])?.span).toEqual({ day: DAY })
  })

  test('of heads and of what is to come has no contacts', () => {
    const without = Object.keys(FIGURE_MEASURES).filter(
      (measure) => queryOf(measure as FigureMeasure) === null,
    )
    expect(without.sort()).toEqual(['free', 'heads-missing', 'occupancy', 'projected-level', 'staffed'])
  })

  test('of no queue leads nowhere', () => {
    expect(contactsHash([], { day: DAY }, ALL_CONTACTS)).toBeNull()
  })
})

describe('what a level missed', () => {
  test('is one list only where one promise decides', () => {
    for (const formula of SERVICE_LEVEL_FORMULAS) {
      expect(missedOf([row('a', formula), row('b', formula)]).missedBy, formula).toEqual({
        formula,
        answerThresholdSeconds: 20,
        shortAbandonSeconds: 5,
      })
      const counted = formula === 'SL5' || formula === 'SL6'
      const other = row('b', formula, { shortAbandonSeconds: 10 })
      expect(missedOf([row('a', formula), other]).missedBy === null, formula).toBe(counted)
    }
    expect(missedOf([row('a', 'SL1'), row('b', 'SL2')])).toEqual(ALL_CONTACTS)
    expect(missedOf([row('a', 'SL1'), row('b', 'SL1', { answerThresholdSeconds: 30 })])).toEqual(ALL_CONTACTS)
    expect(missedOf([])).toEqual(ALL_CONTACTS)
  })
})
