/** A past moment's end of day: what the live board showed then, by the same paths, and never by paths from later. */
import { expect, it } from 'vitest'
import { DEFAULT_SITE } from '../../../server/domain/settings.ts'
import { LookAheadThen } from '../../../server/moments/look-ahead-then.ts'
import { dayGrid } from '../../../server/planning/day-grid.ts'
import { LookAhead, type LookAheadOptions } from '../../../server/planning/look-ahead.ts'
import { LookAheadWork } from '../../../server/planning/look-ahead-job.ts'
import { NOTHING_SEEN } from '../../../server/planning/look-ahead-observation.ts'
import type { PlanningSettings } from '../../../server/planning/planning-settings.ts'
import type { ForecastDay } from '../../../server/planning/planning-store.ts'
import { Today } from '../../../server/planning/today.ts'
import { QUEUE, ZONE } from '../planning/forecast-support.ts'

const DAY = '2026-11-18'
const at = (clock: string) => Date.parse(`${DAY}T${clock}:00+01:00`)
const settings = {
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
const column = (value: number) => dayGrid(QUEUE, DAY).map(({ open }) => (open ? value : 0))
const forecast = {
  queueId: 'q',
  day: DAY,
  version: 1,
  method: 'main',
  contactsMean: column(30),
  rateCv: column(0.1),
  ahtSeconds: column(240),
} as unknown as ForecastDay
const store: LookAheadOptions['store'] = {
  newestForecast: async () => forecast,
  publishedPlan: async () => undefined,
}
const SO_FAR = { met: 150, counted: 200, offered: 210 }

function thread(): LookAheadOptions['thread'] & { runs: number } {
  const work = new LookAheadWork()
  return {
    runs: 0,
    async run(job) {
      this.runs += 1
      const queues = job.queues.map((queue) => ({ ...queue, rest: { ...queue.rest, paths: 200 } }))
      return { answers: work.run({ ...job, queues }), milliseconds: 1 }
    },
    close: async () => undefined,
  }
}
async function book(nowMs: number): Promise<Today> {
  const today = new Today({ store, settings, clock: { nowMs: () => nowMs, speed: 1 } })
  await today.refresh()
  return today
}
/** The board of that time, read while it was the present. */
async function live(nowMs: number) {
  const today = await book(nowMs)
  const ahead = new LookAhead({
    store,
    settings,
    clock: { nowMs: () => nowMs, speed: 1 },
    observer: NOTHING_SEEN,
    lessons: { days: async () => [] },
    trainings: async () => [],
    thread: thread(),
  })
  ahead.onPaths((queueId, day, rest) => today.usePaths(queueId, day, rest))
  await ahead.run()
  return (atMs: number) => today.figures('q', atMs, SO_FAR)
}

it('shows what the live board showed, until the next interval ends', async () => {
  const own = thread()
  const then = new LookAheadThen({ settings, lessons: { days: async () => [] }, thread: own })
  const today = await book(at('11:00'))
  const shown = async (clock: string) => {
    expect(await then.lead(today, { atMs: at(clock), store, observer: NOTHING_SEEN })).toBe(true)
    return today.figures('q', at(clock), SO_FAR)
  }
  const atEleven = await live(at('11:00'))
  const byFormula = (await book(at('11:00'))).figures('q', at('11:00'), SO_FAR)
  expect(await shown('11:00')).toEqual(atEleven(at('11:00')))
  expect(await shown('11:00')).not.toEqual(byFormula)
  expect(await shown('11:10')).toEqual(atEleven(at('11:10')))
  expect(own.runs).toBe(1)
  expect(await shown('14:30')).toEqual((await live(at('14:30')))(at('14:30')))
  // Back again: not by the paths of the afternoon.
  expect(await shown('11:00')).toEqual(atEleven(at('11:00')))
  expect(own.runs).toBe(3)
})

it('says that there is none where nothing was forecast', async () => {
  const then = new LookAheadThen({ settings, lessons: { days: async () => [] }, thread: thread() })
  const nothing: LookAheadOptions['store'] = { ...store, newestForecast: async () => undefined }
  const today = await book(at('11:00'))
  expect(await then.lead(today, { atMs: at('11:00'), store: nothing, observer: NOTHING_SEEN })).toBe(false)
})
