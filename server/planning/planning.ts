/** Planning put together: forecasts, plans, today's figures, day close, and the clockwork that drives them. */

import type { DayCloseStore } from '../contracts/day-close-store.ts'
import { DayCloser } from '../contracts/day-closer.ts'
import type { Clock } from '../domain/clock.ts'
import { addDays, type SiteDay, siteDayOf } from '../domain/site-calendar.ts'
import type { LedgerStore } from '../ledger/ledger.ts'
import type { DayReport, IntervalFigures } from '../state/figures.ts'
import { dayGrid } from './day-grid.ts'
import { ForecastRunner } from './forecast-runner.ts'
import { totalsOfReport } from './history.ts'
import { startIntervalTick } from './interval-tick.ts'
import { PlanService } from './plan-service.ts'
import type { PlanningSettings } from './planning-settings.ts'
import type { PlanningStore } from './planning-store.ts'
import { Today } from './today.ts'

export interface PlanningDependencies {
  readonly store: PlanningStore
  readonly dayCloses: DayCloseStore
  readonly ledger: Pick<LedgerStore, 'intervalTotals' | 'putIntervalTotals' | 'timeRange'>
  readonly settings: PlanningSettings
  readonly clock: Clock
  /** The day folded from the ledger; the running day from the live state. */
  readonly reportDay: (day: SiteDay) => Promise<DayReport>
  readonly onError: (error: unknown) => void
}

const INTERVAL_MINUTES_WITHOUT_QUEUE = 30

export type Planning = ReturnType<typeof createPlanning>

export function createPlanning(dependencies: PlanningDependencies) {
  const { store, dayCloses, ledger, settings, clock, reportDay, onError } = dependencies
  const closer = new DayCloser({ store: dayCloses, reportDay, nowMs: () => clock.nowMs() })

  /** The day's intervals in the order of its grid; a day that is over comes from its close when there is one. */
  async function intervalsOf(
    queueId: string,
    day: SiteDay,
  ): Promise<readonly (IntervalFigures | undefined)[] | undefined> {
    const queue = settings.queue(queueId)
    if (queue === undefined) return undefined
    const isOver = day < siteDayOf(queue.zone, clock.nowMs())
    const report =
      (isOver ? (await dayCloses.newestDayClose(day))?.report : undefined) ?? (await reportDay(day))
    const byStart = new Map(
      report.queues
        .find((one) => one.queue === queueId)
        ?.intervals.map((interval) => [Date.parse(interval.start), interval]),
    )
    return dayGrid(queue, day).map(({ startMs }) => byStart.get(startMs))
  }

  const forecasts = new ForecastRunner({
    store,
    totals: ledger,
    settings,
    clock,
    running: {
      async runningDay(queueId, day) {
        const intervals = await intervalsOf(queueId, day)
        return intervals?.map((interval) => ({
          contacts: interval?.offered ?? 0,
          handled: interval?.ahtSeconds == null ? 0 : interval.answered,
          handleSeconds: (interval?.ahtSeconds ?? 0) * (interval?.answered ?? 0),
        }))
      },
    },
  })
  const service = new PlanService({
    store,
    settings,
    forecasts,
    clock,
    actuals: {
      async contactsByInterval(queueId, day) {
        const queue = settings.queue(queueId)
        if (queue === undefined || day > siteDayOf(queue.zone, clock.nowMs())) return undefined
        const intervals = await intervalsOf(queueId, day)
        const starts = dayGrid(queue, day)
        const anyContact = intervals?.some((interval) => (interval?.offered ?? 0) > 0) ?? false
        if (!anyContact) return undefined
        return intervals?.map((interval, index) => {
          const begun = (starts[index]?.startMs ?? Number.POSITIVE_INFINITY) <= clock.nowMs()
          return begun ? (interval?.offered ?? 0) : null
        })
      },
    },
  })
  const today = new Today({ store, settings, clock })
  service.onPublished((queueId, day) => {
    const queue = settings.queue(queueId)
    if (queue !== undefined && day === siteDayOf(queue.zone, clock.nowMs()))
      today.refresh(queueId).catch(onError)
  })

  /** Closes the days (again) and puts their totals into the history. */
  async function closeDays(days: readonly SiteDay[]): Promise<void> {
    const minutesOf = (queueId: string) =>
      settings.queue(queueId)?.intervalMinutes ?? INTERVAL_MINUTES_WITHOUT_QUEUE
    for (const day of days) {
      const { report } = await closer.close(day)
      const totals = totalsOfReport(report, minutesOf)
      if (totals.length > 0) await ledger.putIntervalTotals(totals)
    }
  }

  /** Every day before `day` that the ledger has events of and that is not closed yet. True when there was one. */
  async function closeDaysBefore(day: SiteDay): Promise<boolean> {
    const range = await ledger.timeRange()
    if (range === null) return false
    const { zone } = settings.site()
    const lastDay = addDays(day, -1)
    const newestDay = siteDayOf(zone, range.lastMs)
    const until = newestDay < lastDay ? newestDay : lastDay
    const missing = await closer.missingDays(siteDayOf(zone, range.firstMs), until)
    await closeDays(missing)
    return missing.length > 0
  }

  return {
    service,
    forecasts,
    today,
    closeDaysBefore,
    /** After late events: days before today that they touched become new versions. */
    async closeAgain(days: Iterable<SiteDay>): Promise<void> {
      const todayDay = siteDayOf(settings.site().zone, clock.nowMs())
      await closeDays([...new Set(days)].filter((day) => day < todayDay).sort())
    },
    start: () => startIntervalTick({ settings, forecasts, today, clock, closeDaysBefore, onError }),
  }
}
