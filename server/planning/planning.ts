/** Planning put together: forecasts, plans, today's figures, day close, and the clockwork that drives them. */
import type { DayCloseStore } from '../contracts/day-close-store.ts'
import { DayCloser } from '../contracts/day-closer.ts'
import type { Clock } from '../domain/clock.ts'
import { addDays, type SiteDay, siteDayOf } from '../domain/site-calendar.ts'
import type { LedgerStore } from '../ledger/ledger.ts'
import type { DayReport } from '../state/figures.ts'
import { ForecastRunner, type RunningDayReader } from './forecast-runner.ts'
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
  /** A day that is over, folded from the ledger. */
  readonly reportDay: (day: SiteDay) => Promise<DayReport>
  /** What a day has brought by interval of its grid, from the same fold. */
  readonly running: RunningDayReader
  readonly onError: (error: unknown) => void
}

const INTERVAL_MINUTES_WITHOUT_QUEUE = 30

export type Planning = ReturnType<typeof createPlanning>

export function createPlanning(dependencies: PlanningDependencies) {
  const { store, dayCloses, ledger, settings, clock, reportDay, running, onError } = dependencies
  const closer = new DayCloser({ store: dayCloses, reportDay, nowMs: () => clock.nowMs() })
  const forecasts = new ForecastRunner({ store, totals: ledger, settings, running, clock })
  const actuals = {
    async contactsByInterval(queueId: string, day: SiteDay) {
      const intervals = await running.runningDay(queueId, day)
      // A day on which nothing arrived at all has no feed rather than no calls.
      const anyContact = intervals?.some(({ contacts }) => contacts !== null && contacts > 0) ?? false
      return anyContact ? intervals?.map(({ contacts }) => contacts) : undefined
    },
  }
  const plans = new PlanService({ store, settings, forecasts, actuals, clock })
  const today = new Today({ store, settings, clock })
  plans.onPublished((queueId, day) => {
    const queue = settings.queue(queueId)
    if (queue !== undefined && day === siteDayOf(queue.zone, clock.nowMs()))
      today.refresh(queueId).catch(onError)
  })

  /** Closes the days (again) and puts their totals into the history that forecasts learn from. */
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
    plans,
    forecasts,
    today,
    closeDaysBefore,
    /** After late events: the days before today that they touched become new versions. */
    async closeAgain(days: Iterable<SiteDay>): Promise<void> {
      const todayDay = siteDayOf(settings.site().zone, clock.nowMs())
      await closeDays([...new Set(days)].filter((day) => day < todayDay).sort())
    },
    startTick: () => startIntervalTick({ settings, forecasts, today, clock, closeDaysBefore, onError }),
  }
}
