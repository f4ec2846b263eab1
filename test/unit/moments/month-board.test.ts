/** The month on the boards: against contacts counted one by one, with a promise that changes within the month. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DayClose } from '../../../server/contracts/day-close-store.ts'
import { DEFAULT_SITE, defaultQueue, type PromiseSetting } from '../../../server/domain/settings.ts'
import { MonthBoard } from '../../../server/moments/month-board.ts'
import { createSettingsView } from '../../../server/state/settings-view.ts'
import { emptyTotals } from '../../../server/state/totals.ts'

const TODAY = '2026-03-06'
const QUEUES = ['a', 'b', 'c'] as const
const CLIENT_OF = { a: 'x', b: 'x', c: 'y' } as const
const promise = (
  clientId: string,
  formula: 'SL3' | 'SL5' | 'SL7',
  effectiveFrom: string,
): PromiseSetting => ({
  clientId,
  queueIds: [],
  targetRatio: 0.8,
  answerThresholdSeconds: 20,
  shortAbandonSeconds: 5,
  formula,
  effectiveFrom,
})
const settings = createSettingsView({
  site: DEFAULT_SITE,
  queues: new Map(
    QUEUES.map((id) => [id, { ...defaultQueue(id, DEFAULT_SITE.zone), clientId: CLIENT_OF[id] }]),
  ),
  clients: new Map([
    ['x', { name: 'X' }],
    ['y', { name: 'Y' }],
  ]),
  agents: new Map(),
  promises: [
    promise('x', 'SL3', '2026-01-01'),
    promise('x', 'SL5', '2026-03-04'),
    promise('y', 'SL7', '2026-01-01'),
  ],
})

interface Call {
  readonly day: string
  readonly queueId: (typeof QUEUES)[number]
  readonly end: 'answered-soon' | 'answered-late' | 'gave-up-at-once' | 'gave-up' | 'flowed-out'
}
const calls: fc.Arbitrary<readonly Call[]> = fc.array(
  fc.record({
    day: fc.integer({ min: 1, max: 6 }).map((day) => `2026-03-0${day}`),
    queueId: fc.constantFrom(...QUEUES),
    end: fc.constantFrom('answered-soon', 'answered-late', 'gave-up-at-once', 'gave-up', 'flowed-out'),
  }),
  { maxLength: 80 },
)
/** Good, and counted at all, by what was promised of the queue on the day. */
function judged({ day, queueId, end }: Call): { readonly good: boolean; readonly counts: boolean } {
  const soon = end === 'answered-soon'
  if (queueId === 'c') return { good: soon, counts: true }
  const forgiven = day >= '2026-03-04' && end === 'gave-up-at-once'
  return { good: soon || forgiven, counts: end !== 'flowed-out' }
}
function totalsOf(list: readonly Call[]) {
  const count = (...ends: readonly Call['end'][]) => list.filter(({ end }) => ends.includes(end)).length
  return {
    ...emptyTotals(),
    offered: list.length,
    answered: count('answered-soon', 'answered-late'),
    answeredWithinThreshold: count('answered-soon'),
    abandoned: count('gave-up-at-once', 'gave-up'),
    abandonedWithinThreshold: count('gave-up-at-once'),
    shortAbandons: count('gave-up-at-once'),
    flowedOut: count('flowed-out'),
  }
}
/** A close of every day before today; a day without calls has no line. */
function closesOf(all: readonly Call[]): DayClose[] {
  return ['1', '2', '3', '4', '5'].map((number) => {
    const day = `2026-03-0${number}`
    const queues = QUEUES.map((queue) => ({
      queue,
      ...totalsOf(all.filter((call) => call.day === day && call.queueId === queue)),
    }))
    return { day, version: 1, closedAtMs: 0, hash: '', report: { date: day, queues } } as unknown as DayClose
  })
}
const settled = () => new Promise((resolve) => setImmediate(resolve))
function boardOf(all: () => readonly Call[], nowMs: () => number, reads: { count: number }) {
  return new MonthBoard({
    settings,
    dayCloses: {
      async dayCloses(fromDay, toDay) {
        reads.count += 1
        return closesOf(all()).filter(({ day }) => day >= fromDay && day <= toDay)
      },
    },
    dayCounts: (queueId, day) =>
      totalsOf(all().filter((call) => call.queueId === queueId && call.day === day)),
    today: () => TODAY,
    nowMs,
    onChange: () => undefined,
    onError: (error) => {
      throw error
    },
  })
}

describe('the month on the boards', () => {
  it('adds what was promised each day, contract by contract', async () => {
    const asked = fc.subarray([...QUEUES])
    await fc.assert(
      fc.asyncProperty(calls, asked, fc.constantFrom(null, 'x', 'y'), async (all, queueIds, clientId) => {
        const board = boardOf(
          () => all,
          () => 0,
          { count: 0 },
        )
        expect(board.rows(queueIds, clientId)).toEqual([])
        await settled()
        const rows = board.rows(queueIds, clientId)
        const clients = ['x', 'y'].filter(
          (client) =>
            (clientId === null || clientId === client) && queueIds.some((id) => CLIENT_OF[id] === client),
        )
        expect(rows.map((row) => row.clientId)).toEqual(clients)
        for (const row of rows) {
          const own = all.filter(({ queueId }) => CLIENT_OF[queueId] === row.clientId)
          const sum = (list: readonly Call[]) => ({
            numerator: list.filter((call) => judged(call).good && judged(call).counts).length,
            denominator: list.filter((call) => judged(call).counts).length,
          })
          expect(row.month).toEqual(sum(own))
          expect(row.today).toEqual(sum(own.filter(({ day }) => day === TODAY)))
          expect(row.closedDays).toBe(new Set(own.flatMap(({ day }) => (day < TODAY ? [day] : []))).size)
        }
      }),
      { numRuns: 100 },
    )
  })

  it('reads the closed days again after a minute, and today at once', async () => {
    let all: readonly Call[] = []
    let now = 0
    const reads = { count: 0 }
    const board = boardOf(
      () => all,
      () => now,
      reads,
    )
    board.rows(['a'], null)
    await settled()
    all = [
      { day: TODAY, queueId: 'a', end: 'answered-soon' },
      { day: '2026-03-02', queueId: 'a', end: 'answered-late' },
    ]
    const month = () => board.rows(['a'], null)[0]?.month
    expect(month()).toEqual({ numerator: 1, denominator: 1 })
    now = 60_001
    month()
    await settled()
    expect(month()).toEqual({ numerator: 1, denominator: 2 })
    expect(reads.count).toBe(2)
  })
})
