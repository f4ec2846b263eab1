/** Today's forecast, requirement, plan and projection for the board: prepared at each tick, read by every frame without waiting. */
import type { Clock } from '../domain/clock.ts'
import { missBudget } from '../domain/service-level.ts'
import { type SiteDay, siteDayOf } from '../domain/site-calendar.ts'
import {
  type PreparedRest,
  prepareRest,
  projectDay,
  type RestInterval,
  type SoFar,
} from '../engine/plan/day-projection.ts'
import { outcomeFraction, predictInterval, requiredAgents } from '../engine/plan/interval-outcome.ts'
import { projectPaths } from '../engine/plan/path-projection.ts'
import type { RestOfDay } from '../engine/plan/rest-of-day.ts'
import { dayGrid, type GridInterval } from './day-grid.ts'
import type { PlanningSettings } from './planning-settings.ts'
import type { PlanningStore } from './planning-store.ts'

export interface TodayFigures {
  /** Agents required and planned in the current interval; null = no forecast, no published plan. */
  readonly required: number | null
  readonly planned: number | null
  readonly forecastContactsToday: number | null
  readonly missesLeft: number | null
  readonly dayLost: boolean
  readonly projectedRatio: number | null
  readonly projectedKeepProbability: number | null
}

/** The day's intervals as planning knows them: columns of equal length. */
export interface TodayColumns {
  readonly startMs: readonly number[]
  readonly contactsMean: readonly number[] | undefined
  readonly required: readonly (number | null)[] | undefined
  readonly planned: readonly number[] | undefined
}

const NO_FIGURES: TodayFigures = {
  required: null,
  planned: null,
  forecastContactsToday: null,
  missesLeft: null,
  dayLost: false,
  projectedRatio: null,
  projectedKeepProbability: null,
}

interface TodayBook {
  readonly day: SiteDay
  readonly grid: readonly GridInterval[]
  readonly intervalMs: number
  readonly targetRatio: number
  readonly contactsMean: readonly number[] | undefined
  readonly required: readonly (number | null)[] | undefined
  readonly planned: readonly number[] | undefined
  readonly rest: PreparedRest | undefined
}

export interface TodayOptions {
  readonly store: Pick<PlanningStore, 'newestForecast' | 'publishedPlan'>
  readonly settings: PlanningSettings
  readonly clock: Clock
}

export class Today {
  readonly #options: TodayOptions
  readonly #books = new Map<string, TodayBook>()
  readonly #listeners = new Set<() => void>()
  readonly #running = new Set<Promise<void>>()
  /** What the last look-ahead drew of the rest of a day. */
  readonly #paths = new Map<string, { readonly day: SiteDay; readonly rest: RestOfDay }>()

  constructor(options: TodayOptions) {
    this.#options = options
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The newest look-ahead of a queue: from now on the day's end is read from its paths. */
  usePaths(queueId: string, day: SiteDay, rest: RestOfDay | undefined): void {
    if (rest === undefined) this.#paths.delete(queueId)
    else this.#paths.set(queueId, { day, rest })
  }

  /** Reads the newest forecast and the published plan again; all queues when none is named. */
  refresh(queueId?: string): Promise<void> {
    const run = this.#refresh(queueId).finally(() => this.#running.delete(run))
    this.#running.add(run)
    return run
  }

  /** Waits for the refreshes under way: the database must not close under them. */
  async idle(): Promise<void> {
    await Promise.allSettled([...this.#running])
  }

  async #refresh(queueId?: string): Promise<void> {
    const { settings } = this.#options
    const queueIds = queueId === undefined ? settings.queueIds() : [queueId]
    for (const id of queueIds) {
      const book = await this.#prepare(id)
      if (book === undefined) this.#books.delete(id)
      else this.#books.set(id, book)
      await letEventsIn()
    }
    for (const listener of this.#listeners) listener()
  }

  async #prepare(queueId: string): Promise<TodayBook | undefined> {
    const { store, settings, clock } = this.#options
    const queue = settings.queue(queueId)
    if (queue === undefined) return undefined
    const day = siteDayOf(queue.zone, clock.nowMs())
    const grid = dayGrid(queue, day)
    const promise = settings.promiseFor(queueId, day)
    const plan = await store.publishedPlan(queueId, day)
    const planned = plan?.agents.length === grid.length ? plan.agents : undefined
    const forecast = await store.newestForecast(queueId, day)
    const fits = forecast !== undefined && forecast.contactsMean.length === grid.length ? forecast : undefined
    const base = {
      day,
      grid,
      intervalMs: queue.intervalMinutes * 60_000,
      targetRatio: promise.targetRatio,
      planned,
    }
    if (fits === undefined) return { ...base, contactsMean: undefined, required: undefined, rest: undefined }
    const loadOf = (index: number, factor: number) => ({
      contacts: (fits.contactsMean[index] ?? 0) * factor,
      intervalSeconds: queue.intervalMinutes * 60,
      ahtSeconds: fits.ahtSeconds[index] ?? 0,
      patienceSecondsMean: queue.patienceSecondsMean,
    })
    const required = grid.map((_, index) => requiredAgents(loadOf(index, 1), promise))
    await letEventsIn()
    const rest = grid.map((_, index): RestInterval => {
      const agents = planned?.[index] ?? required[index] ?? 0
      return {
        contactsMean: fits.contactsMean[index] ?? 0,
        rateCv: fits.rateCv[index] ?? 0,
        sharesAt: (factor) =>
          outcomeFraction(predictInterval(loadOf(index, factor), agents, promise), promise),
      }
    })
    return { ...base, contactsMean: fits.contactsMean, required, rest: prepareRest(rest) }
  }

  /** `soFar`: counted by the promise's formula since the day's start; `offered` includes those still waiting. */
  figures(queueId: string, nowMs: number, soFar: SoFar & { readonly offered: number }): TodayFigures {
    const book = this.#books.get(queueId)
    const first = book?.grid[0]
    if (book === undefined || first === undefined) return NO_FIGURES
    const position = (nowMs - first.startMs) / book.intervalMs
    if (position < 0 || position >= book.grid.length) return NO_FIGURES
    const index = Math.floor(position)
    const planned = book.planned?.[index] ?? null
    if (book.rest === undefined || book.contactsMean === undefined) return { ...NO_FIGURES, planned }
    const projection = this.#project(queueId, book, book.rest, position, soFar)
    const budget = missBudget(book.targetRatio, soFar.met, soFar.counted, projection.expectedRest)
    const restContacts = book.contactsMean.reduce(
      (sum, mean, i) => sum + (i > index ? mean : i === index ? mean * (1 - (position - index)) : 0),
      0,
    )
    return {
      required: book.required?.[index] ?? null,
      planned,
      forecastContactsToday: soFar.offered + restContacts,
      missesLeft: soFar.counted + projection.expectedRest > 0 ? budget.missesLeft : null,
      dayLost: budget.lost,
      projectedRatio: projection.ratio,
      projectedKeepProbability: projection.keepProbability,
    }
  }

  /** Today's forecast, requirement and plan by interval; undefined for a queue without any. */
  columns(queueId: string): TodayColumns | undefined {
    const book = this.#books.get(queueId)
    if (book === undefined) return undefined
    const { grid, contactsMean, required, planned } = book
    return { startMs: grid.map(({ startMs }) => startMs), contactsMean, required, planned }
  }

  /** From the look-ahead's paths of the day; before the first one from the formulas. */
  #project(queueId: string, book: TodayBook, prepared: PreparedRest, position: number, soFar: SoFar) {
    const paths = this.#paths.get(queueId)
    if (paths?.day !== book.day) return projectDay(prepared, position, soFar, book.targetRatio)
    return projectPaths(paths.rest.paths, positionIn(paths.rest, position), soFar, book.targetRatio)
  }

  /** Planned agents of all queues in the current interval; null when nothing is published. */
  plannedTotal(nowMs: number): number | null {
    let total: number | null = null
    for (const book of this.#books.values()) {
      const first = book.grid[0]
      if (first === undefined || book.planned === undefined) continue
      const planned = book.planned[Math.floor((nowMs - first.startMs) / book.intervalMs)]
      if (planned !== undefined) total = (total ?? 0) + planned
    }
    return total
  }
}

/** A place of the day, in intervals of the paths: their first one is only what was left of the interval that ran then. */
function positionIn({ firstInterval, startPart }: RestOfDay, position: number): number {
  const passed = position - firstInterval
  return passed >= 1 ? passed : Math.max(0, (passed - startPart) / (1 - startPart))
}

/** A queue's requirement, and the rest of its day, are each some ten milliseconds of arithmetic: the loop runs in between. */
function letEventsIn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
