/** The clockwork of planning: at every interval end the day is forecast again and looked ahead at; at every day's start the last one is closed. */
import type { Clock } from '../domain/clock.ts'
import { siteDayOf } from '../domain/site-calendar.ts'
import type { ForecastRunner } from './forecast-runner.ts'
import type { LookAhead } from './look-ahead.ts'
import type { PlanningSettings } from './planning-settings.ts'
import type { Today } from './today.ts'

export interface IntervalTickOptions {
  readonly settings: PlanningSettings
  readonly forecasts: ForecastRunner
  readonly today: Today
  readonly lookAhead: Pick<LookAhead, 'run'>
  readonly clock: Clock
  /** Closes what is due up to the day before `day`; returns true when the history has grown. */
  readonly closeDaysBefore: (day: string) => Promise<boolean>
  /** Forecasts the coming days of every queue. */
  readonly runNightly: () => Promise<void>
  readonly onError: (error: unknown) => void
}

const TICK_MINUTES = 5
const TICK_MS = TICK_MINUTES * 60_000
/** Seconds after an interval's end, so that its last events have arrived. */
const SETTLE_MS = 3_000
const REAL_WAIT_MS_MIN = 250
const REAL_WAIT_MS_MAX = 60_000

export function startIntervalTick(options: IntervalTickOptions): { stop(): Promise<void> } {
  const { settings, forecasts, today, lookAhead, clock, closeDaysBefore, runNightly, onError } = options
  let timer: ReturnType<typeof setTimeout> | undefined
  let stopped = false
  let running: Promise<void> = Promise.resolve()
  let forecastDay = ''
  const intervalByQueue = new Map<string, number>()

  async function tick(): Promise<void> {
    const nowMs = clock.nowMs()
    const siteDay = siteDayOf(settings.site().zone, nowMs)
    let changed = false
    if (siteDay !== forecastDay) {
      await closeDaysBefore(siteDay)
      await runNightly()
      forecastDay = siteDay
      changed = true
    }
    for (const queueId of settings.queueIds()) {
      const queue = settings.queue(queueId)
      if (queue === undefined) continue
      const interval = Math.floor(nowMs / (queue.intervalMinutes * 60_000))
      if (intervalByQueue.get(queueId) === interval) continue
      intervalByQueue.set(queueId, interval)
      await forecasts.runIntraday(queueId)
      changed = true
    }
    if (changed) await today.refresh()
    // Between interval ends too: who waits, and what was met since, moves the chance.
    await lookAhead.run()
  }

  function schedule(): void {
    if (stopped) return
    const nowMs = clock.nowMs()
    const dueMs = Math.floor(nowMs / TICK_MS) * TICK_MS + TICK_MS + SETTLE_MS
    const realMs = Math.min(Math.max((dueMs - nowMs) / clock.speed, REAL_WAIT_MS_MIN), REAL_WAIT_MS_MAX)
    timer = setTimeout(run, realMs)
  }

  function run(): void {
    // A failed tick (database away) is told and tried again at the next one.
    running = tick().catch(onError).finally(schedule)
  }

  run()
  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}
