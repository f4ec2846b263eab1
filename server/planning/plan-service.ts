/** Plans of a queue and day: forecast and requirement beside them, drafts, publishing, copies. Published versions never change. */
import type { Clock } from '../domain/clock.ts'
import { isSiteDay, type SiteDay } from '../domain/site-calendar.ts'
import { requiredAgents } from '../engine/plan/interval-outcome.ts'
import type { PlanDayBody, PlanInterval, PlanVersionBody } from '../wire/api.ts'
import { dayGrid } from './day-grid.ts'
import type { ForecastRunner } from './forecast-runner.ts'
import { planCsv } from './plan-csv.ts'
import type { PlanningSettings } from './planning-settings.ts'
import type { ForecastDay, PlanningStore, PlanVersion } from './planning-store.ts'

/** Contacts by interval of the day, as the fold has them; null where the interval has not begun. */
export interface DayActuals {
  contactsByInterval(queueId: string, day: SiteDay): Promise<readonly (number | null)[] | undefined>
}

export type PlanOutcome =
  | { readonly kind: 'stored'; readonly plan: PlanVersionBody }
  /** The base version is no longer the newest. */
  | { readonly kind: 'conflict'; readonly newestVersion: number }
  | {
      readonly kind: 'invalid'
      readonly problems: readonly { readonly pointer: string; readonly detail: string }[]
    }
  | { readonly kind: 'not-found' }

const invalid = (pointer: string, detail: string): PlanOutcome => ({
  kind: 'invalid',
  problems: [{ pointer, detail }],
})

export interface PlanChange {
  readonly queueId: string
  readonly day: SiteDay
  readonly agents: readonly number[]
  readonly baseVersion: number
  readonly author: string
}

const AGENTS_PER_INTERVAL_MAX = 100_000

export interface PlanServiceOptions {
  readonly store: PlanningStore
  readonly settings: PlanningSettings
  readonly forecasts: ForecastRunner
  readonly actuals: DayActuals
  readonly clock: Clock
}

function toPlanVersionBody(plan: PlanVersion): PlanVersionBody {
  const { version, state, author, createdAtMs, forecastVersion, agents } = plan
  return { version, state, author, createdAtMs, forecastVersion, agents }
}

function toForecastBody(forecast: ForecastDay): PlanDayBody['forecast'] {
  const {
    version,
    method,
    author,
    createdAtMs,
    dayMean,
    dayP10,
    dayP90,
    historyDays,
    poissonFloorWape,
    notes,
  } = forecast
  return {
    version,
    method,
    author,
    createdAtMs,
    dayMean,
    dayP10,
    dayP90,
    historyDays,
    poissonFloorWape,
    notes: notes.map(({ kind }) => kind).filter((kind) => PLAN_NOTES.has(kind)),
  }
}

/** What the plan's page says of its forecast; the forecast's own page says the rest. */
const PLAN_NOTES: ReadonlySet<string> = new Set(['empty-history', 'short-history', 'level-change'])

export class PlanService {
  readonly #options: PlanServiceOptions
  readonly #listeners = new Set<(queueId: string, day: SiteDay) => void>()

  constructor(options: PlanServiceOptions) {
    this.#options = options
  }

  onPublished(listener: (queueId: string, day: SiteDay) => void): void {
    this.#listeners.add(listener)
  }

  /** Undefined when the queue is unknown. Without a forecast one is made when the history allows it. */
  async planDay(queueId: string, day: SiteDay): Promise<PlanDayBody | undefined> {
    const { store, settings, forecasts, actuals, clock } = this.#options
    const queue = settings.queue(queueId)
    if (queue === undefined || !isSiteDay(day)) return undefined
    const forecast = await forecasts.newestOrRun(queueId, day)
    const plan = await store.newestPlan(queueId, day)
    const contacts = await actuals.contactsByInterval(queueId, day)
    const promise = settings.promiseFor(queueId, day)
    const site = settings.site()
    const grid = dayGrid(queue, day)
    const fits = (column: readonly number[] | undefined) =>
      column !== undefined && column.length === grid.length
    const usable = forecast !== undefined && fits(forecast.contactsMean) ? forecast : undefined
    const planned = plan !== undefined && fits(plan.agents) ? plan : undefined
    const intervals = grid.map((interval, index): PlanInterval => {
      const contactsMean = usable?.contactsMean[index] ?? 0
      const ahtSeconds = usable?.ahtSeconds[index] ?? 0
      const load = {
        contacts: contactsMean,
        intervalSeconds: queue.intervalMinutes * 60,
        ahtSeconds,
        patienceSecondsMean: queue.patienceSecondsMean,
      }
      return {
        startMs: interval.startMs,
        label: interval.label,
        open: interval.open,
        contactsMean,
        contactsP10: usable?.contactsP10[index] ?? 0,
        contactsP90: usable?.contactsP90[index] ?? 0,
        ahtSeconds,
        rateCv: usable?.rateCv[index] ?? 0,
        actualContacts: contacts?.[index] ?? null,
        required: usable === undefined ? null : requiredAgents(load, promise),
        agents: planned?.agents[index] ?? null,
      }
    })
    return {
      queueId,
      queueName: queue.name,
      day,
      zone: queue.zone,
      intervalMinutes: queue.intervalMinutes,
      promise: {
        targetRatio: promise.targetRatio,
        answerThresholdSeconds: promise.answerThresholdSeconds,
        formula: promise.formula,
        shortAbandonSeconds: promise.shortAbandonSeconds,
      },
      patienceSecondsMean: queue.patienceSecondsMean,
      shrinkageRatio: site.shrinkageRatio,
      costPerAgentHour: site.costPerAgentHour,
      currency: site.currency,
      forecast: usable === undefined ? null : toForecastBody(usable),
      intervals,
      plan: planned === undefined ? null : toPlanVersionBody(planned),
      nowMs: clock.nowMs(),
    }
  }

  saveDraft(change: PlanChange): Promise<PlanOutcome> {
    return this.#add(change, 'draft')
  }

  publish(change: PlanChange): Promise<PlanOutcome> {
    return this.#add(change, 'published')
  }

  async #add(change: PlanChange, state: PlanVersion['state']): Promise<PlanOutcome> {
    const { store, settings, clock } = this.#options
    const { queueId, day, agents, baseVersion, author } = change
    const queue = settings.queue(queueId)
    if (queue === undefined) return { kind: 'not-found' }
    const count = dayGrid(queue, day).length
    if (agents.length !== count)
      return invalid('/agents', `the day has ${count} intervals, not ${agents.length}`)
    const bad = agents.findIndex((n) => !Number.isInteger(n) || n < 0 || n > AGENTS_PER_INTERVAL_MAX)
    if (bad >= 0) return invalid(`/agents/${bad}`, 'agents are whole numbers from 0 to 100000')
    const nowMs = clock.nowMs()
    const forecast = await store.newestForecast(queueId, day)
    const plan = await store.addPlan({
      queueId,
      day,
      state,
      author,
      createdAtMs: nowMs,
      publishedAtMs: state === 'published' ? nowMs : null,
      forecastVersion: forecast?.version ?? null,
      intervalMinutes: queue.intervalMinutes,
      agents,
      baseVersion,
    })
    if (plan === undefined)
      return { kind: 'conflict', newestVersion: (await store.newestPlan(queueId, day))?.version ?? 0 }
    if (state === 'published') for (const listener of this.#listeners) listener(queueId, day)
    return { kind: 'stored', plan: toPlanVersionBody(plan) }
  }

  /** Copies by wall-clock label, so that a day with 23 or 25 hours keeps its shape; the copy is a draft. */
  async copy(change: {
    readonly queueId: string
    readonly day: SiteDay
    readonly toDay: SiteDay
    readonly author: string
  }): Promise<PlanOutcome> {
    const { store, settings } = this.#options
    const { queueId, day: fromDay, toDay, author } = change
    const queue = settings.queue(queueId)
    if (queue === undefined) return { kind: 'not-found' }
    if (!isSiteDay(toDay)) return invalid('/toDay', 'a day is written YYYY-MM-DD')
    const plan = await store.newestPlan(queueId, fromDay)
    if (plan === undefined) return invalid('/toDay', `there is no plan of ${fromDay} to copy`)
    const byLabel = new Map(
      dayGrid(queue, fromDay).map((interval, index) => [interval.label, plan.agents[index] ?? 0]),
    )
    let before = 0
    const agents = dayGrid(queue, toDay).map(({ label }) => {
      before = byLabel.get(label) ?? before
      return before
    })
    const newest = await store.newestPlan(queueId, toDay)
    return this.#add({ queueId, day: toDay, agents, baseVersion: newest?.version ?? 0, author }, 'draft')
  }

  async csv(queueId: string, day: SiteDay): Promise<string | undefined> {
    const plan = await this.planDay(queueId, day)
    return plan === undefined ? undefined : planCsv(plan)
  }

  async versions(queueId: string, day: SiteDay): Promise<readonly PlanVersionBody[] | undefined> {
    if (this.#options.settings.queue(queueId) === undefined) return undefined
    return (await this.#options.store.planVersions(queueId, day)).map(toPlanVersionBody)
  }
}
