/** The closed days that teach what a planned agent is worth: what each had planned, and what came of it. */
import type { DayCloseStore } from '../contracts/day-close-store.ts'
import { serviceLevelFraction } from '../domain/service-level.ts'
import { addDays, type SiteDay, weekdayOf } from '../domain/site-calendar.ts'
import { requiredAgents } from '../engine/plan/interval-outcome.ts'
import { LESSON_DAYS_MAX } from '../engine/plan/staffing-factor.ts'
import type { DayReport } from '../state/figures.ts'
import { dayGrid } from './day-grid.ts'
import type { LessonDay } from './look-ahead-job.ts'
import type { PlanningSettings } from './planning-settings.ts'
import type { PlanningStore } from './planning-store.ts'

export interface LessonReader {
  /** Closed days of the queue before `today`, oldest first. */
  days(queueId: string, today: SiteDay): Promise<readonly LessonDay[]>
}

const SATURDAY = 5

export interface LessonOptions {
  readonly store: Pick<PlanningStore, 'publishedPlan' | 'forecastVersions'>
  readonly dayCloses: Pick<DayCloseStore, 'dayCloses'>
  readonly settings: PlanningSettings
}

/** Read once a day: a day that is closed again meanwhile teaches from tomorrow on. */
export function createLessonReader(options: LessonOptions): LessonReader {
  let readFor = ''
  let lessons: Promise<ReadonlyMap<string, readonly LessonDay[]>> = Promise.resolve(new Map())
  return {
    async days(queueId, today) {
      if (readFor !== today) {
        readFor = today
        lessons = readLessons(options, today)
        lessons.catch(() => {
          readFor = ''
        })
      }
      return (await lessons).get(queueId) ?? []
    },
  }
}

async function readLessons(
  options: LessonOptions,
  today: SiteDay,
): Promise<ReadonlyMap<string, readonly LessonDay[]>> {
  const closes = await options.dayCloses.dayCloses(addDays(today, -LESSON_DAYS_MAX), addDays(today, -1))
  // Versions come in order: the newest of a day stays.
  const newest = new Map(closes.map((close) => [close.day, close]))
  const found = new Map<string, LessonDay[]>()
  for (const { day, version, report } of newest.values()) {
    for (const queue of report.queues) {
      const lesson = await lessonOf(options, day, `${day} ${version}`, queue)
      if (lesson === undefined) continue
      const days = found.get(queue.queue)
      if (days === undefined) found.set(queue.queue, [lesson])
      else days.push(lesson)
    }
  }
  return found
}

async function lessonOf(
  { settings, store }: LessonOptions,
  day: SiteDay,
  key: string,
  report: DayReport['queues'][number],
): Promise<LessonDay | undefined> {
  const queue = settings.queue(report.queue)
  if (queue === undefined || report.offered === 0) return undefined
  const agents = await agentsOf(store, settings, report.queue, day)
  const grid = dayGrid(queue, day)
  if (agents?.length !== grid.length) return undefined
  const promise = settings.promiseFor(report.queue, day)
  const place = new Map(grid.map(({ startMs }, index) => [startMs, index]))
  const intervals = report.intervals.flatMap((interval) => {
    const index = place.get(Date.parse(interval.start))
    const slot = index === undefined ? undefined : grid[index]?.slot
    if (index === undefined || slot === undefined || interval.ahtSeconds === null) return []
    const { numerator, denominator } = serviceLevelFraction(promise.formula, interval)
    const load = {
      contacts: interval.offered,
      intervalSeconds: queue.intervalMinutes * 60,
      ahtSeconds: interval.ahtSeconds,
      patienceSecondsMean: queue.patienceSecondsMean,
    }
    return [{ slot, load, agents: agents[index] ?? 0, met: numerator, counted: denominator }]
  })
  return intervals.length === 0 ? undefined : { key, weekend: weekdayOf(day) >= SATURDAY, promise, intervals }
}

/** The published plan of the day, else what the day's first forecast required: never what only the day itself told. */
async function agentsOf(
  store: LessonOptions['store'],
  settings: PlanningSettings,
  queueId: string,
  day: SiteDay,
): Promise<readonly number[] | undefined> {
  const plan = await store.publishedPlan(queueId, day)
  if (plan !== undefined) return plan.agents
  const [forecast] = await store.forecastVersions(queueId, day)
  const queue = settings.queue(queueId)
  if (forecast === undefined || queue === undefined) return undefined
  const promise = settings.promiseFor(queueId, day)
  return forecast.contactsMean.map(
    (contacts, index) =>
      requiredAgents(
        {
          contacts,
          intervalSeconds: queue.intervalMinutes * 60,
          ahtSeconds: forecast.ahtSeconds[index] ?? 0,
          patienceSecondsMean: queue.patienceSecondsMean,
        },
        promise,
      ) ?? 0,
  )
}
