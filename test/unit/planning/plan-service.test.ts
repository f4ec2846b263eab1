import { describe, expect, it } from 'vitest'
import type { DayClose, DayCloseStore } from '../../../server/contracts/day-close-store.ts'
import {
  ALWAYS_OPEN,
  DEFAULT_SITE,
  defaultQueue,
  type QueueSetting,
} from '../../../server/domain/settings.ts'
import { addDays, dayStartMs, weekdayOf } from '../../../server/domain/site-calendar.ts'
import { evaluateMethods } from '../../../server/engine/forecast/evaluate.ts'
import type { IntervalTotal } from '../../../server/ledger/ledger.ts'
import { createPlanning } from '../../../server/planning/planning.ts'
import type { DayReport } from '../../../server/state/figures.ts'
import { memoryPlanningStore } from '../../support/memory-planning-store.ts'

const ZONE = 'Europe/Paris'
const WORKING_HOURS = ALWAYS_OPEN.map((_, weekday) => (weekday < 5 ? ([[480, 1200]] as const) : []))

/** Eight weeks of Monday to Friday, 8 to 20: 40 calls each half hour, 20 % more on Mondays, 250 s each. */
function pastTotals(beforeDay: string): IntervalTotal[] {
  const totals: IntervalTotal[] = []
  for (let back = 56; back >= 1; back -= 1) {
    const day = addDays(beforeDay, -back)
    if (weekdayOf(day) >= 5) continue
    for (let slot = 16; slot < 40; slot += 1) {
      const contacts = weekdayOf(day) === 0 ? 48 : 40
      const startMs = dayStartMs(ZONE, day) + slot * 1_800_000
      totals.push({
        queueId: 'q',
        source: 'file',
        startMs,
        intervalMinutes: 30,
        contacts,
        handled: contacts,
        handleSeconds: contacts * 250,
      })
    }
  }
  return totals
}

function noCloses(): DayCloseStore {
  return {
    addDayClose: async (close): Promise<DayClose> => ({ ...close, version: 1 }),
    newestDayClose: async () => undefined,
    closedDays: async () => [],
    dayCloses: async () => [],
  }
}
const emptyReport = (date: string): DayReport => ({ date, definitionsVersion: 1, queues: [], clients: [] })

function planningAt(nowIso: string, totals: readonly IntervalTotal[], change: Partial<QueueSetting> = {}) {
  const queue: QueueSetting = { ...defaultQueue('q', ZONE), openingHours: WORKING_HOURS, ...change }
  return createPlanning({
    store: memoryPlanningStore(),
    dayCloses: noCloses(),
    ledger: {
      intervalTotals: async (queueId, fromMs, toMs) =>
        totals.filter((t) => t.queueId === queueId && t.startMs >= fromMs && t.startMs < toMs),
      putIntervalTotals: async (more) => ({ stored: more.length }),
      timeRange: async () => null,
    },
    settings: {
      site: () => ({ ...DEFAULT_SITE, zone: ZONE }),
      queueIds: () => ['q'],
      queue: (id) => (id === 'q' ? queue : undefined),
      promiseFor: () => ({
        targetRatio: 0.8,
        answerThresholdSeconds: 20,
        shortAbandonSeconds: 5,
        formula: 'SL4',
      }),
      specialDayEntries: () => [],
      forecastSetting: () => undefined,
    },
    comparer: { compare: async (input) => evaluateMethods(input), close: async () => undefined },
    clock: { nowMs: () => Date.parse(nowIso), speed: 1 },
    reportDay: async (day) => emptyReport(day),
    running: { runningDay: async () => undefined },
    onError: (error) => {
      throw error
    },
  })
}

describe('plan of a day', () => {
  it('forecasts a steady past, asks nobody when closed, and requires what 40 calls of 250 s need', async () => {
    const { plans } = planningAt('2026-11-18T09:00:00Z', pastTotals('2026-11-18'))
    const plan = await plans.planDay('q', '2026-11-19')
    expect(plan?.intervals).toHaveLength(48)
    expect(plan?.forecast?.dayMean).toBeGreaterThan(24 * 38)
    expect(plan?.forecast?.dayMean).toBeLessThan(24 * 42)
    const night = plan?.intervals.filter(({ open }) => !open) ?? []
    expect(night).toHaveLength(24)
    for (const interval of night) expect([interval.contactsMean, interval.required]).toEqual([0, 0])
    for (const interval of plan?.intervals.filter(({ open }) => open) ?? []) {
      expect(interval.contactsMean).toBeGreaterThan(37)
      expect(interval.contactsMean).toBeLessThan(43)
      expect(interval.ahtSeconds).toBeCloseTo(250, 0)
      // 40 × 250 ÷ 1800 = 5.6 erlang: fewer than 6 or more than 9 would be wrong for 80/20.
      expect(interval.required).toBeGreaterThanOrEqual(6)
      expect(interval.required).toBeLessThanOrEqual(9)
      expect(interval.contactsP10).toBeLessThan(interval.contactsMean)
      expect(interval.contactsP90).toBeGreaterThan(interval.contactsMean)
    }
  })

  it('does not look ahead: what happened on the day or later changes nothing', async () => {
    const past = pastTotals('2026-11-18')
    const later = past.map((total) => ({ ...total, startMs: total.startMs + 56 * 86_400_000, contacts: 900 }))
    const one = await planningAt('2026-11-18T09:00:00Z', past).plans.planDay('q', '2026-11-18')
    const other = await planningAt('2026-11-18T09:00:00Z', [...past, ...later]).plans.planDay(
      'q',
      '2026-11-18',
    )
    expect(other?.intervals.map((i) => i.contactsMean)).toEqual(one?.intervals.map((i) => i.contactsMean))
  })

  it('has no forecast without a past, and says so', async () => {
    const { plans } = planningAt('2026-11-18T09:00:00Z', [])
    const plan = await plans.planDay('q', '2026-11-19')
    expect(plan?.forecast).toBeNull()
    expect(plan?.intervals.every(({ required }) => required === null)).toBe(true)
    expect(await plans.planDay('unknown', '2026-11-19')).toBeUndefined()
  })

  it('keeps versions: a second editor of the same version is told, a published plan is not overwritten', async () => {
    const { plans } = planningAt('2026-11-18T09:00:00Z', pastTotals('2026-11-18'))
    const agents = Array.from({ length: 48 }, () => 7)
    const base = { queueId: 'q', day: '2026-11-19', agents, author: 'Ada' }
    expect(await plans.saveDraft({ ...base, baseVersion: 0 })).toMatchObject({
      kind: 'stored',
      plan: { version: 1 },
    })
    expect(await plans.publish({ ...base, baseVersion: 1 })).toMatchObject({
      kind: 'stored',
      plan: { version: 2 },
    })
    expect(await plans.saveDraft({ ...base, baseVersion: 1 })).toEqual({
      kind: 'conflict',
      newestVersion: 2,
    })
    expect((await plans.versions('q', '2026-11-19'))?.map(({ state }) => state)).toEqual([
      'draft',
      'published',
    ])
  })

  it('refuses fractions, negative numbers and a wrong count, and names the place', async () => {
    const { plans } = planningAt('2026-11-18T09:00:00Z', [])
    const at = (agents: readonly number[]) =>
      plans.saveDraft({ queueId: 'q', day: '2026-11-19', agents, baseVersion: 0, author: 'Ada' })
    const with3 = (value: number) => Array.from({ length: 48 }, (_, index) => (index === 3 ? value : 1))
    for (const value of [1.5, -1, Number.NaN])
      expect(await at(with3(value))).toMatchObject({ kind: 'invalid', problems: [{ pointer: '/agents/3' }] })
    expect(await at([1, 2])).toMatchObject({ kind: 'invalid', problems: [{ pointer: '/agents' }] })
  })

  it('copies by clock time onto a day of 25 hours', async () => {
    const { plans } = planningAt('2026-10-20T09:00:00Z', [])
    const agents = Array.from({ length: 48 }, (_, index) => index)
    await plans.saveDraft({ queueId: 'q', day: '2026-10-24', agents, baseVersion: 0, author: 'Ada' })
    const copied = await plans.copy({ queueId: 'q', day: '2026-10-24', toDay: '2026-10-25', author: 'Ada' })
    if (copied.kind !== 'stored') throw new Error(copied.kind)
    expect(copied.plan.agents).toHaveLength(50)
    expect(copied.plan.agents.slice(4, 8)).toEqual([4, 5, 4, 5])
    expect(copied.plan.agents.at(-1)).toBe(47)
  })

  it('exports one row an interval, in UTC beside the clock time of the queue', async () => {
    const { plans } = planningAt('2026-11-18T09:00:00Z', pastTotals('2026-11-18'))
    const rows = (await plans.csv('q', '2026-11-19'))?.trim().split('\n') ?? []
    expect(rows).toHaveLength(49)
    expect(rows[17]).toMatch(/^q,2026-11-19T07:00:00\.000Z,08:00,/)
  })
})
