/** What comes before what: a look-ahead never stands on an older forecast than the one that asked for it. */
import { describe, expect, it } from 'vitest'
import { DEFAULT_SITE } from '../../../server/domain/settings.ts'
import { dayGrid } from '../../../server/planning/day-grid.ts'
import { startIntervalTick } from '../../../server/planning/interval-tick.ts'
import { LookAhead } from '../../../server/planning/look-ahead.ts'
import { type LookAheadJob, LookAheadWork } from '../../../server/planning/look-ahead-job.ts'
import { NOTHING_SEEN } from '../../../server/planning/look-ahead-observation.ts'
import type { PlanningSettings } from '../../../server/planning/planning-settings.ts'
import type { ForecastDay } from '../../../server/planning/planning-store.ts'
import { QUEUE, ZONE } from './forecast-support.ts'

const DAY = '2026-11-18'
const NOW_MS = Date.parse(`${DAY}T10:00:00+01:00`)
const SETTINGS = {
  site: () => ({ ...DEFAULT_SITE, zone: ZONE }),
  queueIds: () => ['q'],
  queue: (queueId: string) => (queueId === 'q' ? QUEUE : undefined),
  promiseFor: () => ({
    targetRatio: 0.8,
    answerThresholdSeconds: 20,
    shortAbandonSeconds: 5,
    formula: 'SL4',
  }),
} as unknown as PlanningSettings

function forecast(version: number, contacts: number): ForecastDay {
  const column = (value: number) => dayGrid(QUEUE, DAY).map(({ open }) => (open ? value : 0))
  return {
    queueId: 'q',
    day: DAY,
    version,
    method: 'main',
    contactsMean: column(contacts),
    rateCv: column(0.1),
    ahtSeconds: column(240),
  } as unknown as ForecastDay
}

function lookAheadOver(state: { newest: ForecastDay }) {
  const work = new LookAheadWork()
  const jobs: LookAheadJob[] = []
  const releases: (() => void)[] = []
  const lookAhead = new LookAhead({
    store: { newestForecast: async () => state.newest, publishedPlan: async () => undefined },
    settings: SETTINGS,
    clock: { nowMs: () => NOW_MS, speed: 1 },
    observer: NOTHING_SEEN,
    lessons: { days: async () => [] },
    trainings: async () => [],
    thread: {
      async run(job) {
        jobs.push(job)
        await new Promise<void>((release) => releases.push(release))
        const small = job.queues.map((queue) => ({ ...queue, rest: { ...queue.rest, paths: 20 } }))
        return { answers: work.run({ ...job, queues: small, help: false }), milliseconds: 1 }
      },
      close: async () => undefined,
    },
  })
  const begun = async (count: number) => {
    while (releases.length < count) await new Promise((resolve) => setImmediate(resolve))
  }
  return { lookAhead, jobs, releases, begun }
}

describe('look-ahead after a change', () => {
  it('is done again with the new forecast when one is under way with the old one', async () => {
    const state = { newest: forecast(1, 20) }
    const { lookAhead, jobs, releases, begun } = lookAheadOver(state)
    const old = lookAhead.run()
    await begun(1)
    state.newest = forecast(2, 40)
    const fresh = lookAhead.again()
    // Several changes at once ask for one more, not for one each.
    expect(lookAhead.again()).toBe(fresh)
    releases[0]?.()
    expect((await old).queues[0]?.inputs.forecastVersion).toBe(1)
    await begun(2)
    releases[1]?.()
    expect((await fresh).queues[0]?.inputs.forecastVersion).toBe(2)
    expect(lookAhead.body.queues[0]?.expectedRest).toBeGreaterThan(400)
    expect(jobs).toHaveLength(2)
  })

  it('whoever only looks while one is under way gets that one', async () => {
    const { lookAhead, jobs, releases, begun } = lookAheadOver({ newest: forecast(1, 20) })
    const both = [lookAhead.run(), lookAhead.run()]
    await begun(1)
    releases[0]?.()
    await Promise.all(both)
    expect(jobs).toHaveLength(1)
  })

  it('is not begun any more once it is closed', async () => {
    const { lookAhead, jobs, releases, begun } = lookAheadOver({ newest: forecast(1, 20) })
    const running = lookAhead.run()
    await begun(1)
    const next = lookAhead.again()
    const closing = lookAhead.close()
    releases[0]?.()
    await Promise.all([running, next, closing])
    expect(jobs).toHaveLength(1)
  })
})

describe('interval tick', () => {
  it('closes, forecasts, prepares the day and only then looks ahead', async () => {
    const done: string[] = []
    const note = (what: string) => async () => {
      done.push(what)
    }
    let looked = () => {}
    const ticked = new Promise<void>((resolve) => {
      looked = resolve
    })
    const tick = startIntervalTick({
      settings: SETTINGS,
      forecasts: { runIntraday: note('intraday') } as never,
      today: { refresh: note('today') } as never,
      lookAhead: {
        run: async () => {
          done.push('ahead')
          looked()
          return { computedAtMs: null, milliseconds: null, currency: 'EUR', queues: [] }
        },
      },
      clock: { nowMs: () => NOW_MS, speed: 1 },
      closeDaysBefore: async (day) => {
        done.push(`close before ${day}`)
        return false
      },
      runNightly: note('nightly'),
      onError: (error) => {
        throw error
      },
    })
    await ticked
    await tick.stop()
    expect(done).toEqual([`close before ${DAY}`, 'nightly', 'intraday', 'today', 'ahead'])
  })
})
