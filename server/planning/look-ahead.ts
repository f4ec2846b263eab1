/** The look-ahead of all queues: gathered from fold, forecast and plan, computed in its thread, kept for board and API. */
import type { Clock } from '../domain/clock.ts'
import { missBudget, serviceLevelFraction } from '../domain/service-level.ts'
import { type SiteDay, siteDayOf, weekdayOf } from '../domain/site-calendar.ts'
import { type PlanningPromise, requiredAgents } from '../engine/plan/interval-outcome.ts'
import { projectPaths } from '../engine/plan/path-projection.ts'
import type { RestOfDay } from '../engine/plan/rest-of-day.ts'
import type { AheadBody, AheadQueueBody, HelpBody } from '../wire/ahead.ts'
import { dayGrid, type GridInterval } from './day-grid.ts'
import type { LookAheadJob, QueueAnswer, QueueJob } from './look-ahead-job.ts'
import type { LessonReader } from './look-ahead-lessons.ts'
import { type DayObserver, observeQueue, type QueueObservation } from './look-ahead-observation.ts'
import type { LookAheadThread } from './look-ahead-thread.ts'
import { lostSince } from './lost-since.ts'
import type { PlanningSettings } from './planning-settings.ts'
import type { ForecastDay, PlanningStore, PlanVersion } from './planning-store.ts'

/** A training that could be put off, as the notes of the day tell it. */
export interface PlannedTraining {
  readonly noteId: string
  /** Null = of every queue's agents. */
  readonly queueId: string | null
  readonly fromMs: number
  readonly toMs: number
  readonly heads: number
}

export interface LookAheadOptions {
  readonly store: Pick<PlanningStore, 'newestForecast' | 'publishedPlan'>
  readonly settings: PlanningSettings
  readonly clock: Clock
  readonly observer: DayObserver
  readonly lessons: LessonReader
  readonly trainings: (fromMs: number, toMs: number) => Promise<readonly PlannedTraining[]>
  readonly thread: LookAheadThread
  /** Also say what would help; so unless said otherwise. */
  readonly help?: boolean
}

export const LOOK_AHEAD_PATHS = 1_000
/** The same callers at every run of a day: a figure moves because the day did, not because the dice did. */
const SEED = 20_240_229

interface Gathered {
  readonly queueId: string
  readonly name: string
  readonly day: SiteDay
  readonly grid: readonly GridInterval[]
  readonly intervalMs: number
  readonly promise: PlanningPromise
  readonly forecast: ForecastDay
  readonly plan: PlanVersion | undefined
  readonly required: readonly (number | null)[]
  readonly observed: QueueObservation
  readonly job: QueueJob
}

export class LookAhead {
  readonly #options: LookAheadOptions
  readonly #listeners = new Set<(queueId: string, day: SiteDay, rest: RestOfDay | undefined) => void>()
  #body: AheadBody
  #running: Promise<AheadBody> | undefined
  #next: Promise<AheadBody> | undefined
  #closed = false

  constructor(options: LookAheadOptions) {
    this.#options = options
    const { currency } = options.settings.site()
    this.#body = { computedAtMs: null, milliseconds: null, currency, queues: [] }
  }

  /** As last computed. */
  get body(): AheadBody {
    return this.#body
  }

  /** Told of each queue's paths when they are new; undefined: nothing can be said of the queue's day. */
  onPaths(listener: (queueId: string, day: SiteDay, rest: RestOfDay | undefined) => void): void {
    this.#listeners.add(listener)
  }

  /** Who asks while one is under way gets that one. */
  run(): Promise<AheadBody> {
    this.#running ??= this.#compute().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  /** After a forecast, a plan or a note has changed: one that was begun before does not know of it. */
  again(): Promise<AheadBody> {
    if (this.#running === undefined) return this.run()
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined
        return this.run()
      })
    return this.#next
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#options.thread.close()
    await this.#running?.catch(() => undefined)
    await this.#next?.catch(() => undefined)
  }

  async #compute(): Promise<AheadBody> {
    if (this.#closed) return this.#body
    const { settings, clock, thread } = this.#options
    const nowMs = clock.nowMs()
    const gathered: Gathered[] = []
    for (const queueId of settings.queueIds()) {
      const one = await this.#gather(queueId, nowMs)
      if (one !== undefined) gathered.push(one)
    }
    const site = settings.site()
    const job: LookAheadJob = {
      queues: gathered.map((one) => one.job),
      trainings: await this.#trainings(gathered, nowMs),
      costs: { perAgentHour: site.costPerAgentHour },
      help: this.#options.help ?? true,
    }
    const { answers, milliseconds } = await thread.run(job)
    const answerOf = new Map(answers.map((answer) => [answer.queueId, answer]))
    const queues = gathered.flatMap((one) => {
      const answer = answerOf.get(one.queueId)
      return answer === undefined ? [] : [queueBody(one, answer, nowMs)]
    })
    this.#body = { computedAtMs: nowMs, milliseconds, currency: site.currency, queues }
    for (const queueId of settings.queueIds()) {
      const day = gathered.find((one) => one.queueId === queueId)?.day ?? siteDayOf(site.zone, nowMs)
      for (const listener of this.#listeners) listener(queueId, day, answerOf.get(queueId))
    }
    return this.#body
  }

  async #gather(queueId: string, nowMs: number): Promise<Gathered | undefined> {
    const { store, settings, observer, lessons } = this.#options
    const queue = settings.queue(queueId)
    if (queue === undefined) return undefined
    const day = siteDayOf(queue.zone, nowMs)
    const grid = dayGrid(queue, day)
    const forecast = await store.newestForecast(queueId, day)
    const first = grid[0]
    if (forecast === undefined || first === undefined || forecast.contactsMean.length !== grid.length)
      return undefined
    const promise = settings.promiseFor(queueId, day)
    const newest = await store.publishedPlan(queueId, day)
    const plan = newest?.agents.length === grid.length ? newest : undefined
    const intervalMs = queue.intervalMinutes * 60_000
    const loadOf = (index: number) => ({
      contacts: forecast.contactsMean[index] ?? 0,
      intervalSeconds: intervalMs / 1000,
      ahtSeconds: forecast.ahtSeconds[index] ?? 0,
      patienceSecondsMean: queue.patienceSecondsMean,
    })
    const required = grid.map((_, index) => requiredAgents(loadOf(index), promise))
    const agents = grid.map((_, index) => plan?.agents[index] ?? required[index] ?? 0)
    const observed = observeQueue(observer, { queueId, day, promise, nowMs })
    const position = (nowMs - first.startMs) / intervalMs
    const job: QueueJob = {
      queueId,
      rest: {
        promise,
        patienceSecondsMean: queue.patienceSecondsMean,
        intervalSeconds: intervalMs / 1000,
        position,
        contactsMean: forecast.contactsMean,
        rateCv: forecast.rateCv,
        ahtSeconds: forecast.ahtSeconds,
        agents,
        slots: grid.map(({ slot }) => slot),
        waitingSeconds: observed.waitingSeconds,
        busyAgents: observed.busyAgents,
        paths: LOOK_AHEAD_PATHS,
        seed: SEED,
      },
      played: grid.flatMap(({ startMs, slot }, index) => {
        const sums = observed.intervals.get(startMs)
        if (sums === undefined || index + 1 > position) return []
        const { numerator, denominator } = serviceLevelFraction(promise.formula, sums)
        const ahtSeconds =
          sums.handled > 0 ? sums.handleMs / 1000 / sums.handled : (forecast.ahtSeconds[index] ?? 0)
        const load = { ...loadOf(index), contacts: sums.offered, ahtSeconds }
        return [{ slot, load, agents: agents[index] ?? 0, met: numerator, counted: denominator }]
      }),
      lessons: await lessons.days(queueId, day),
      weekend: weekdayOf(day) >= 5,
      soFar: observed.soFar,
    }
    return {
      queueId,
      name: queue.name,
      day,
      grid,
      intervalMs,
      promise,
      forecast,
      plan,
      required,
      observed,
      job,
    }
  }

  /** In each queue's own intervals; the part that is over is of no help. */
  async #trainings(gathered: readonly Gathered[], nowMs: number): Promise<LookAheadJob['trainings']> {
    const ends = gathered.map(({ grid, intervalMs }) => (grid.at(-1)?.startMs ?? nowMs) + intervalMs)
    const notes = await this.#options.trainings(nowMs, Math.max(nowMs, ...ends))
    return gathered.flatMap(({ queueId, grid, intervalMs }) =>
      notes
        .filter((note) => note.queueId === null || note.queueId === queueId)
        .flatMap(({ noteId, fromMs, toMs, heads }) => {
          const covered = grid.flatMap(({ startMs }, index) =>
            startMs >= fromMs && startMs + intervalMs <= toMs ? [index] : [],
          )
          const [fromInterval] = covered
          if (fromInterval === undefined) return []
          return [{ noteId, queueId, fromInterval, toInterval: fromInterval + covered.length, heads }]
        }),
    )
  }
}

function queueBody(one: Gathered, answer: QueueAnswer, nowMs: number): AheadQueueBody {
  const { queueId, name, promise, forecast, plan, observed, grid, intervalMs, required, job } = one
  const { soFar } = observed
  const seen = projectPaths(answer.paths, 0, soFar, promise.targetRatio)
  const budget = missBudget(promise.targetRatio, soFar.met, soFar.counted, seen.expectedRest)
  const decided = soFar.counted + seen.expectedRest > 0
  return {
    key: queueId,
    queueId,
    name,
    targetRatio: promise.targetRatio,
    computedAtMs: nowMs,
    met: soFar.met,
    counted: soFar.counted,
    expectedRest: seen.expectedRest,
    ratio: seen.ratio,
    ratioP10: seen.ratioP10,
    ratioP90: seen.ratioP90,
    chance: seen.keepProbability,
    missesLeft: decided ? budget.missesLeft : null,
    neededRatioOfRest: budget.neededRatioOfRest,
    lost: decided && budget.lost,
    lostSinceMs: decided && budget.lost ? lostSinceOf(one, seen.expectedRest, nowMs) : null,
    help: answer.help.map((help) => helpBody(help, grid, intervalMs)),
    inputs: {
      forecastVersion: forecast.version,
      forecastMethod: forecast.method,
      planVersion: plan?.version ?? null,
      formula: promise.formula,
      answerThresholdSeconds: promise.answerThresholdSeconds,
      patienceSecondsMean: job.rest.patienceSecondsMean,
      waiting: observed.waitingSeconds.length,
      busyAgents: observed.busyAgents,
      staffingFactorMean: answer.staffing.mean,
      staffingFactorCv: answer.staffing.cv,
      lessonDays: answer.lessonDays,
      paths: answer.paths.paths,
      seed: SEED,
    },
    intervals: grid.flatMap(({ startMs, open }, index) =>
      open && startMs + intervalMs > nowMs
        ? [
            {
              startMs,
              contactsMean: forecast.contactsMean[index] ?? 0,
              ahtSeconds: forecast.ahtSeconds[index] ?? 0,
              required: required[index] ?? null,
              agents: job.rest.agents[index] ?? 0,
            },
          ]
        : [],
    ),
  }
}

/** What the paths expect from now on, spread over time as the forecast spreads its contacts. */
function lostSinceOf(one: Gathered, expectedRest: number, nowMs: number): number | null {
  const { grid, intervalMs, forecast, observed, promise } = one
  const forecastFrom = (atMs: number) =>
    grid.reduce((sum, { startMs }, index) => {
      const ahead = Math.min(1, Math.max(0, (startMs + intervalMs - atMs) / intervalMs))
      return sum + ahead * (forecast.contactsMean[index] ?? 0)
    }, 0)
  const restNow = forecastFrom(nowMs)
  const scale = restNow > 0 ? expectedRest / restNow : 1
  return lostSince({
    targetRatio: promise.targetRatio,
    contacts: observed.ended,
    expectedRestAt: (atMs) => (atMs >= nowMs ? expectedRest : forecastFrom(atMs) * scale),
    intervalEndsMs: grid.map(({ startMs }) => startMs + intervalMs),
    nowMs,
  })
}

function helpBody(
  help: QueueAnswer['help'][number],
  grid: readonly GridInterval[],
  intervalMs: number,
): HelpBody {
  const { kind, agents, cost, agentHours, ratio, chanceBefore, chance, noteId } = help
  return {
    kind,
    agents,
    fromMs: grid[help.fromInterval]?.startMs ?? 0,
    toMs: (grid[help.toInterval - 1]?.startMs ?? 0) + intervalMs,
    fromQueueId: help.fromQueueId,
    fromQueueChanceBefore: help.fromQueueChanceBefore,
    fromQueueChanceAfter: help.fromQueueChanceAfter,
    noteId,
    cost,
    agentHours,
    ratio,
    chanceBefore,
    chance,
  }
}
