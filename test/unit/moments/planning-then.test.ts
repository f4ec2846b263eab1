/** Planning of the past: at every instant what the page showed then, read while it was the present. */
import { describe, expect, it } from 'vitest'
import { dayStartMs, siteDayOf } from '../../../server/domain/site-calendar.ts'
import { planningThen } from '../../../server/moments/planning-then.ts'
import { EffectiveForecasts } from '../../../server/planning/effective-forecasts.ts'
import type { PlanningSettings } from '../../../server/planning/planning-settings.ts'
import type { ForecastDay, ForecastEdit, PlanningStore } from '../../../server/planning/planning-store.ts'
import { memoryPlanningStore } from '../../support/memory-planning-store.ts'
import { QUEUE, ZONE } from '../planning/forecast-support.ts'

const DAY = '2026-03-11'
const startMs = dayStartMs(ZONE, DAY)
const hour = (hours: number) => startMs + hours * 3_600_000
const settings = {
  queueIds: () => ['q'],
  queue: (id: string) => (id === 'q' ? QUEUE : undefined),
} as unknown as PlanningSettings

function version(
  createdAtMs: number,
  mean: number,
  more: Partial<ForecastDay> = {},
): Omit<ForecastDay, 'version'> {
  const flat = (value: number) => Array.from({ length: 48 }, () => value)
  return {
    queueId: 'q',
    day: DAY,
    method: 'seasonal-mean',
    author: 'vigie',
    createdAtMs,
    originMs: createdAtMs,
    intervalMinutes: 30,
    contactsMean: flat(mean),
    contactsP2_5: flat(mean * 0.5),
    contactsP10: flat(mean * 0.8),
    contactsP90: flat(mean * 1.2),
    contactsP97_5: flat(mean * 1.5),
    rateCv: flat(0.1),
    ahtSeconds: flat(200),
    ahtSecondsSd: flat(10),
    dayMean: mean * 48,
    dayP10: mean * 40,
    dayP90: mean * 56,
    historyDays: 28,
    poissonFloorWape: null,
    notes: [],
    intraday: false,
    inputs: null,
    ...more,
  }
}

function percent(
  createdAtMs: number,
  amount: number,
): Omit<ForecastEdit, 'id' | 'removedAtMs' | 'removedBy'> {
  return {
    queueId: 'q',
    author: 'a',
    createdAtMs,
    reason: 'mailing',
    measure: 'contacts',
    operation: 'percent',
    fromDay: DAY,
    toDay: DAY,
    fromMinute: 0,
    toMinute: 1440,
    weekdays: null,
    amount,
    spread: 'each',
    intervalMinutes: 30,
    cells: [],
  }
}

/** What is done to the store, hour by hour; the order of the list is the order of time. */
const STEPS: readonly {
  readonly atHour: number
  readonly run: (store: PlanningStore) => Promise<unknown>
}[] = [
  { atHour: -10, run: (store) => store.addForecast([version(hour(-10), 20)]) },
  { atHour: 2, run: (store) => store.addForecastEdits([percent(hour(2), 50)]) },
  { atHour: 4, run: (store) => store.addForecast([version(hour(4), 24)]) },
  { atHour: 6, run: (store) => store.addForecastEdits([percent(hour(6), -10)]) },
  {
    atHour: 9,
    run: (store) => store.changeForecastEdit({ queueId: 'q', id: '1', removed: { atMs: hour(9), by: 'a' } }),
  },
  {
    atHour: 10,
    run: (store) =>
      store.addPlan({
        queueId: 'q',
        day: DAY,
        state: 'published',
        author: 'a',
        createdAtMs: hour(10),
        publishedAtMs: hour(10),
        forecastVersion: 2,
        intervalMinutes: 30,
        agents: Array.from({ length: 48 }, () => 7),
        baseVersion: 0,
      }),
  },
]
const seenAt = (store: Parameters<typeof planningThen>[0], atMs: number) =>
  planningThen(store, settings, { atMs, dayOf: (zone) => siteDayOf(zone, atMs) })

describe('planning of a past moment', () => {
  it('is what was in force then, edits included', async () => {
    const store = memoryPlanningStore()
    const effective = new EffectiveForecasts(store, settings)
    const shown: {
      atMs: number
      means: readonly number[] | undefined
      agents: readonly number[] | undefined
    }[] = []
    for (const { atHour, run } of STEPS) {
      await run(store)
      if (atHour < 0) continue
      shown.push({
        atMs: hour(atHour),
        means: (await effective.newest('q', DAY))?.contactsMean,
        agents: (await store.publishedPlan('q', DAY))?.agents,
      })
    }
    const keys = new Set<string>()
    for (const { atMs, means, agents } of shown)
      for (const instant of [atMs, atMs + 1_000_000]) {
        const then = await seenAt(store, instant)
        keys.add(then.key)
        expect((await then.store.newestForecast('q', DAY))?.contactsMean).toEqual(means)
        expect((await then.store.publishedPlan('q', DAY))?.agents).toEqual(agents)
      }
    // Every step changes what is known, and an instant between two steps nothing.
    expect(keys.size).toBe(shown.length)
    // Before the first step of the day the plain forecast held.
    expect((await (await seenAt(store, hour(1))).store.newestForecast('q', DAY))?.contactsMean[20]).toBe(20)
  })
})
