/**
 * Forecast runs over many queues, one at a time, with progress. The nightly run forecasts first and compares the methods after
 * that, beside everything else; a queue whose best method has changed is forecast again. Asked for, a queue is compared first.
 */
import type { Clock } from '../domain/clock.ts'
import { siteDayOf } from '../domain/site-calendar.ts'
import type { ForecastRunBody, NewForecastRunBody } from '../wire/forecast-api.ts'
import { chosenMethod, type MaterialSources } from './forecast-material.ts'
import type { ForecastRunner } from './forecast-runner.ts'
import { compareMethods, type MethodComparer } from './method-comparison.ts'

export interface ForecastRunsOptions extends MaterialSources {
  readonly forecasts: ForecastRunner
  readonly comparer: MethodComparer
  readonly clock: Clock
  /** The forecasts of a queue are new. */
  readonly onForecast: (queueId: string) => Promise<void>
  readonly onError: (error: unknown) => void
}

export type StartOutcome =
  | { readonly kind: 'started'; readonly run: ForecastRunBody }
  | { readonly kind: 'running'; readonly run: ForecastRunBody }
  | { readonly kind: 'unknown-queue'; readonly queueId: string }

type Progress = { -readonly [K in keyof ForecastRunBody]: ForecastRunBody[K] } & {
  forecastQueueIds: string[]
  queuesWithoutHistory: string[]
  failedQueueIds: string[]
}

export class ForecastRuns {
  readonly #options: ForecastRunsOptions
  #progress: Progress | undefined
  #working: Promise<void> = Promise.resolve()
  readonly #soon = new Set<string>()
  #count = 0
  #stopped = false

  constructor(options: ForecastRunsOptions) {
    this.#options = options
  }

  /** The one that runs, or the last one. */
  current(): ForecastRunBody | undefined {
    return this.#progress === undefined ? undefined : { ...this.#progress }
  }

  start(wanted: NewForecastRunBody, author: string): StartOutcome {
    const { settings, forecasts, onForecast } = this.#options
    const queueIds = [...new Set(wanted.queueIds ?? settings.queueIds())]
    const unknown = queueIds.find((id) => settings.queue(id) === undefined)
    if (unknown !== undefined) return { kind: 'unknown-queue', queueId: unknown }
    const running = this.current()
    if (running?.state === 'running') return { kind: 'running', run: running }
    const progress = this.#begin('on-demand', queueIds, author)
    const days = wanted.days ?? forecasts.horizonDays
    this.#working = this.#work(progress, queueIds, async (queueId) => {
      if (wanted.compare ?? true) await this.#compare(progress, queueId, true)
      if (await this.#forecast(progress, queueId, days)) await onForecast(queueId)
    })
    return { kind: 'started', run: { ...progress } }
  }

  /** After what runs now; what is asked for meanwhile is run together. */
  startSoon(
    wanted: { readonly queueIds: readonly string[]; readonly compare: boolean },
    author: string,
  ): void {
    for (const queueId of wanted.queueIds) this.#soon.add(queueId)
    void this.#working.then(() => {
      const queueIds = [...this.#soon].filter((id) => this.#options.settings.queue(id) !== undefined)
      if (queueIds.length === 0 || this.#stopped) return
      if (this.start({ queueIds, compare: wanted.compare }, author).kind === 'started') this.#soon.clear()
      else this.startSoon({ queueIds, compare: wanted.compare }, author)
    })
  }

  /** Resolves when every queue has its forecast; comparing goes on behind. */
  async nightly(): Promise<void> {
    while (this.#progress?.state === 'running') await this.#working
    if (this.#stopped) return
    const queueIds = this.#options.settings.queueIds()
    const progress = this.#begin('nightly', queueIds, 'vigie')
    const forecast = this.#forecastAll(progress, queueIds)
    this.#working = forecast.then(() => this.#compareAll(progress, queueIds))
    await forecast
  }

  async #forecastAll(progress: Progress, queueIds: readonly string[]): Promise<void> {
    const { forecasts } = this.#options
    for (const queueId of queueIds) {
      if (this.#stopped) return
      await this.#guarded(progress, queueId, async () => {
        await this.#forecast(progress, queueId, forecasts.horizonDays)
      })
      progress.queuesDone += 1
    }
  }

  #compareAll(progress: Progress, queueIds: readonly string[]): Promise<void> {
    const { forecasts, onForecast } = this.#options
    progress.queuesDone = 0
    return this.#work(progress, queueIds, async (queueId) => {
      const before = await this.#methodOf(queueId)
      await this.#compare(progress, queueId, false)
      if ((await this.#methodOf(queueId)) === before) return
      if (await this.#forecast(progress, queueId, forecasts.horizonDays)) await onForecast(queueId)
    })
  }

  /** Waits for what runs to end, for tests and orderly stops. */
  async idle(): Promise<void> {
    await this.#working
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#options.comparer.close()
    await this.#working
  }

  #begin(kind: Progress['kind'], queueIds: readonly string[], author: string): Progress {
    this.#count += 1
    const progress: Progress = {
      id: String(this.#count),
      kind,
      state: 'running',
      author,
      startedAtMs: this.#options.clock.nowMs(),
      finishedAtMs: null,
      queuesTotal: queueIds.length,
      queuesDone: 0,
      currentQueueId: null,
      currentQueueName: null,
      step: null,
      forecastQueueIds: [],
      queuesWithoutHistory: [],
      failedQueueIds: [],
    }
    this.#progress = progress
    return progress
  }

  async #work(
    progress: Progress,
    queueIds: readonly string[],
    one: (queueId: string) => Promise<void>,
  ): Promise<void> {
    for (const queueId of queueIds) {
      if (this.#stopped) break
      await this.#guarded(progress, queueId, () => one(queueId))
      progress.queuesDone += 1
    }
    progress.currentQueueId = null
    progress.currentQueueName = null
    progress.step = null
    progress.finishedAtMs = this.#options.clock.nowMs()
    const nothing = progress.queuesTotal > 0 && progress.failedQueueIds.length === progress.queuesTotal
    progress.state = nothing || this.#stopped ? 'failed' : 'done'
  }

  /** A queue that fails is told and passed over: the others get their forecast. */
  async #guarded(progress: Progress, queueId: string, work: () => Promise<void>): Promise<void> {
    progress.currentQueueId = queueId
    progress.currentQueueName = this.#options.settings.queue(queueId)?.name ?? queueId
    try {
      await work()
    } catch (error) {
      if (this.#stopped) return
      if (!progress.failedQueueIds.includes(queueId)) progress.failedQueueIds.push(queueId)
      this.#options.onError(error)
    }
    await new Promise((resolve) => setImmediate(resolve))
  }

  /** False when there is no history. */
  async #forecast(progress: Progress, queueId: string, days: number): Promise<boolean> {
    const { settings, forecasts, clock } = this.#options
    const queue = settings.queue(queueId)
    if (queue === undefined) return false
    progress.step = 'forecasting'
    const today = siteDayOf(queue.zone, clock.nowMs())
    const written = await forecasts.run(queueId, today, days, progress.author)
    const list = written.length === 0 ? progress.queuesWithoutHistory : progress.forecastQueueIds
    if (!list.includes(queueId)) list.push(queueId)
    return written.length > 0
  }

  async #compare(progress: Progress, queueId: string, again: boolean): Promise<void> {
    const { settings, clock } = this.#options
    const queue = settings.queue(queueId)
    if (queue === undefined) return
    progress.step = 'comparing'
    const beforeDay = siteDayOf(queue.zone, clock.nowMs())
    await compareMethods({ ...this.#options, nowMs: () => clock.nowMs() }, { queueId, beforeDay, again })
  }

  async #methodOf(queueId: string): Promise<string> {
    const { store, settings } = this.#options
    const pinned = settings.forecastSetting(queueId)?.method ?? null
    return chosenMethod(pinned, await store.newestComparison(queueId)).method
  }
}
