/**
 * Keeps the updates of running days from filling the disk: after two weeks a day keeps the last one of every two hours. What was
 * forecast before a day began is never touched.
 */
import type { Clock } from '../domain/clock.ts'
import { addDays, type SiteDay, siteDayOf } from '../domain/site-calendar.ts'
import type { PlanningSettings } from './planning-settings.ts'
import type { PlanningStore } from './planning-store.ts'

/** Days on which every update is kept. */
export const EVERY_UPDATE_DAYS = 14
const STRETCH_MINUTES = 120
/** Rows a statement: a short one, so that nobody waits for it. */
const ROWS_PER_STEP = 500
const STEP_PAUSE_MS = 50

export interface IntradayThinningOptions {
  readonly store: Pick<PlanningStore, 'oldestForecastDay' | 'thinIntraday'>
  readonly settings: Pick<PlanningSettings, 'site'>
  readonly clock: Clock
  readonly pause?: () => Promise<void>
  readonly rowsPerStep?: number
}

export class IntradayThinning {
  readonly #options: IntradayThinningOptions
  #thinnedThrough: SiteDay | undefined
  #running: Promise<number> | undefined
  #stopped = false

  constructor(options: IntradayThinningOptions) {
    this.#options = options
  }

  /** Days that were never thinned, up to two weeks ago; how many updates went. After a start every old day is looked at once. */
  run(): Promise<number> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
  }

  async #run(): Promise<number> {
    const { store, settings, clock } = this.#options
    const today = siteDayOf(settings.site().zone, clock.nowMs())
    const lastDay = addDays(today, -EVERY_UPDATE_DAYS - 1)
    const oldest = await store.oldestForecastDay()
    if (oldest === undefined) return 0
    const done = this.#thinnedThrough
    let removed = 0
    for (let day = done === undefined ? oldest : addDays(done, 1); day <= lastDay; day = addDays(day, 1)) {
      removed += await this.#thin(day)
      if (this.#stopped) break
      this.#thinnedThrough = day
    }
    return removed
  }

  async #thin(day: SiteDay): Promise<number> {
    const { store, pause = shortPause, rowsPerStep = ROWS_PER_STEP } = this.#options
    let removed = 0
    while (!this.#stopped) {
      const gone = await store.thinIntraday(day, STRETCH_MINUTES, rowsPerStep)
      removed += gone
      if (gone > 0) await pause()
      if (gone < rowsPerStep) break
    }
    return removed
  }
}

function shortPause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, STEP_PAUSE_MS))
}
