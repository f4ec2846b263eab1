// What a figure of a board leads to, as an address; the counts behind such addresses are tested with the drill-down.
import { describe, expect, test } from 'vitest'
import { SERVICE_LEVEL_FORMULAS, type ServiceLevelFormula } from '../../../server/domain/service-level.ts'
import type { BoardQueueRow } from '../../../server/wire/board.ts'
import { FIGURE_MEASURES, type FigureMeasure } from '../../../server/wire/board-composition.ts'
import { contactsHash, measureHash, missedOf } from '../../../web/src/board/figure-links.ts'
import { ALL_CONTACTS } from '../../../web/src/contacts/contact-query.ts'
import { parseRoute } from '../../../web/src/shell/route.ts'

const DAY = '2026-11-24'
const NOW_MS = Date.parse(`${DAY}T14:30:00.250Z`)
const row = (queueId: string, formula: ServiceLevelFormula = 'SL4', answerThresholdSeconds = 20) =>
  ({ queueId, promise: { targetRatio: 0.8, answerThresholdSeconds, formula } }) as BoardQueueRow
const queryOf = (measure: FigureMeasure, rows = [row('a'), row('é+/~b')]) => {
  const hash = measureHash(measure, rows, DAY, NOW_MS)
  if (hash === null) return null
  const route = parseRoute(hash)
  return route.page === 'contacts' ? route.query : 'no list'
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
        missedBy: { formula: 'SL4', answerThresholdSeconds: 20, shortAbandonSeconds: 0 },
      },
    })
  })

  test('of heads and of what is to come has no contacts', () => {
    const without = Object.keys(FIGURE_MEASURES).filter(
      (measure) => queryOf(measure as FigureMeasure) === null,
    )
    expect(without.sort()).toEqual([
      'free',
      'heads-missing',
      'level-now',
      'occupancy',
      'projected-level',
      'staffed',
    ])
  })

  test('of no queue leads nowhere', () => {
    expect(contactsHash([], { day: DAY }, ALL_CONTACTS)).toBeNull()
  })
})

describe('what a level missed', () => {
  test('is one list only where one promise decides, and never by a limit that the board does not know', () => {
    for (const formula of SERVICE_LEVEL_FORMULAS) {
      const known = formula !== 'SL5' && formula !== 'SL6'
      expect(missedOf([row('a', formula), row('b', formula)]).missedBy?.formula, formula).toBe(
        known ? formula : undefined,
      )
    }
    expect(missedOf([row('a', 'SL1'), row('b', 'SL2')])).toEqual(ALL_CONTACTS)
    expect(missedOf([row('a', 'SL1', 20), row('b', 'SL1', 30)])).toEqual(ALL_CONTACTS)
    expect(missedOf([])).toEqual(ALL_CONTACTS)
  })
})
