/** Updates of running days: what is kept of old days, in short steps, and nothing of what was forecast before a day began. */
import { describe, expect, it } from 'vitest'
import { addDays, dayStartMs } from '../../../server/domain/site-calendar.ts'
import { EVERY_UPDATE_DAYS, IntradayThinning } from '../../../server/planning/intraday-thinning.ts'
import { memoryPlanningStore } from '../../support/memory-planning-store.ts'
import { forecastWorld, pastOf, ZONE } from './forecast-support.ts'

const TODAY = '2026-03-02'
const MORNING_MS = Date.parse(`${TODAY}T08:00:00+01:00`)

/** A forecast of each day and then an update every half hour, as the product stores them. */
async function filled(days: readonly string[]) {
  const world = forecastWorld({ nowIso: new Date(MORNING_MS).toISOString(), totals: pastOf('q', TODAY, 30) })
  const [template] = await world.forecasts.run('q', TODAY, 1, 'vigie')
  if (template === undefined) throw new Error('no forecast')
  const store = memoryPlanningStore()
  for (const day of days) {
    await store.addForecast([{ ...template, day }])
    for (let half = 1; half <= 47; half += 1) {
      const originMs = dayStartMs(ZONE, day) + half * 1_800_000
      await store.addForecast([{ ...template, day, originMs, intraday: true }])
    }
  }
  return { store, settings: world.settings }
}

describe('the updates of past days', () => {
  it('are thinned to one in two hours after two weeks, in steps, once', async () => {
    const old = addDays(TODAY, -EVERY_UPDATE_DAYS - 1)
    const young = addDays(TODAY, -EVERY_UPDATE_DAYS)
    const { store, settings } = await filled([addDays(old, -3), old, young])
    await store.addPlan({
      queueId: 'q',
      day: old,
      baseVersion: 0,
      state: 'draft',
      author: 'Ada',
      createdAtMs: 0,
      publishedAtMs: null,
      forecastVersion: 5,
      intervalMinutes: 30,
      agents: [],
    })
    const steps: number[] = []
    const thinning = new IntradayThinning({
      store: {
        ...store,
        thinIntraday: async (day, minutes, limit) => {
          const gone = await store.thinIntraday(day, minutes, limit)
          steps.push(gone)
          return gone
        },
      },
      settings,
      clock: { nowMs: () => MORNING_MS, speed: 1 },
      pause: async () => undefined,
      rowsPerStep: 20,
    })
    expect(await thinning.run()).toBe(34 + 33)
    expect(Math.max(...steps)).toBe(20)
    // Stretches begin at even hours UTC, which are odd ones here: the last half hours before 1, 3, … 23, and the day's last.
    const kept = (await store.forecastVersions('q', old)).filter(({ intraday }) => intraday)
    const minutes = kept.map(({ originMs }) => (originMs - dayStartMs(ZONE, old)) / 60_000)
    const lastOfStretch = [30, 150, 270, 390, 510, 630, 750, 870, 990, 1110, 1230, 1350, 1410]
    expect(minutes).toEqual([...lastOfStretch, 120].sort((a, b) => a - b))
    expect((await store.forecastVersions('q', old))[0]).toMatchObject({ version: 1, intraday: false })
    expect((await store.forecastVersions('q', young)).length).toBe(48)
  })

  it('are not looked at again until another day is old', async () => {
    const { store, settings } = await filled([addDays(TODAY, -40), addDays(TODAY, -30)])
    const looked: string[] = []
    let nowMs = MORNING_MS
    const thinning = new IntradayThinning({
      store: {
        oldestForecastDay: store.oldestForecastDay,
        thinIntraday: async (day, minutes, limit) => {
          looked.push(day)
          return store.thinIntraday(day, minutes, limit)
        },
      },
      settings,
      clock: { nowMs: () => nowMs, speed: 1 },
      pause: async () => undefined,
    })
    expect(await thinning.run()).toBe(2 * (47 - 13))
    const first = looked.length
    expect(first).toBe(40 - EVERY_UPDATE_DAYS)
    expect(await thinning.run()).toBe(0)
    expect(looked.length).toBe(first)
    nowMs += 86_400_000
    expect(await thinning.run()).toBe(0)
    expect(looked.slice(first)).toEqual([addDays(TODAY, -EVERY_UPDATE_DAYS)])
  })
})
