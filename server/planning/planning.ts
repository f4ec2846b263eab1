/** Planning put together: forecasts, plans, today's figures, day close, and the clockwork that drives them. */
import type { DayCloseStore } from '../contracts/day-close-store.ts'
import { DayCloser } from '../contracts/day-closer.ts'
import type { Clock } from '../domain/clock.ts'
import { addDays, type SiteDay, siteDayOf } from '../domain/site-calendar.ts'
import type { LedgerStore } from '../ledger/ledger.ts'
import type { DayReport } from '../state/figures.ts'
import { EffectiveForecasts, effectiveStore } from './effective-forecasts.ts'
import { ForecastEdits } from './forecast-edits.ts'
import { ForecastRunner, type RunningDayReader } from './forecast-runner.ts'
import { ForecastRuns } from './forecast-runs.ts'
import { ForecastService } from './forecast-service.ts'
import { ForecastViews } from './forecast-views.ts'
import { totalsOfReport } from './history.ts'
import { startIntervalTick } from './interval-tick.ts'
import { IntradayThinning } from './intraday-thinning.ts'
import { LookAhead, type PlannedTraining } from './look-ahead.ts'
import { createLessonReader } from './look-ahead-lessons.ts'
import { type DayObserver, NOTHING_SEEN } from './look-ahead-observation.ts'
import { createLookAheadThread } from './look-ahead-thread.ts'
import type { MethodComparer } from './method-comparison.ts'
import { OneOffs } from './one-offs.ts'
import { PlanService } from './plan-service.ts'
import type { PlanningSettings } from './planning-settings.ts'
import type { PlanningStore, QueueSpan } from './planning-store.ts'
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
  /** The live fold, for the look-ahead; a command that looks at no live day has none. */
  readonly observer?: DayObserver | undefined
  /** Trainings that could be put off. */
  readonly trainings?: ((fromMs: number, toMs: number) => Promise<readonly PlannedTraining[]>) | undefined
  readonly comparer: MethodComparer
  readonly onError: (error: unknown) => void
}

const INTERVAL_MINUTES_WITHOUT_QUEUE = 30

export type Planning = ReturnType<typeof createPlanning>

export function createPlanning(dependencies: PlanningDependencies) {
  const {
    store: versions,
    dayCloses,
    ledger,
    settings,
    clock,
    reportDay,
    running,
    observer = NOTHING_SEEN,
    trainings = async () => [],
    onError,
  } = dependencies
  const closer = new DayCloser({ store: dayCloses, reportDay, nowMs: () => clock.nowMs() })
  const effective = new EffectiveForecasts(versions, settings)
  /** Everybody but the forecasts themselves sees the forecast with its manual edits. */
  const store = effectiveStore(versions, effective)
  const sources = { store: versions, effective, totals: ledger, settings, running, clock }
  const forecasts = new ForecastRunner(sources)
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
  const lookAhead = new LookAhead({
    store,
    settings,
    clock,
    observer,
    lessons: createLessonReader({ store, dayCloses, settings }),
    trainings,
    thread: createLookAheadThread(),
  })
  lookAhead.onPaths((queueId, day, rest) => today.usePaths(queueId, day, rest))
  const touchesToday = ({ queueId, fromDay, toDay }: QueueSpan): boolean => {
    const queue = settings.queue(queueId)
    const todayDay = queue === undefined ? undefined : siteDayOf(queue.zone, clock.nowMs())
    return todayDay !== undefined && fromDay <= todayDay && todayDay <= toDay
  }
  async function renewToday(queueId: string): Promise<void> {
    await forecasts.runIntraday(queueId)
    await today.refresh(queueId)
    // Whoever saved does not wait for it.
    lookAhead.again().catch(onError)
  }
  const runs = new ForecastRuns({
    ...sources,
    forecasts,
    comparer: dependencies.comparer,
    onForecast: renewToday,
    onError,
  })
  const thinning = new IntradayThinning({ store: versions, settings, clock })
  const forecastService = new ForecastService({
    settings,
    effective,
    runs,
    views: new ForecastViews({ ...sources, forecasts, nowMs: () => clock.nowMs() }),
    edits: new ForecastEdits({
      store: versions,
      settings,
      clock,
      onChanged: async (span) => {
        if (touchesToday(span)) await renewToday(span.queueId)
      },
    }),
    oneOffs: new OneOffs({
      store: versions,
      settings,
      clock,
      onChanged: async (span) => {
        // What is learned from a past day changes every day to come.
        if (!touchesToday(span)) runs.startSoon({ queueIds: [span.queueId], compare: false }, 'vigie')
        else await renewToday(span.queueId)
      },
    }),
  })
  let knownRules = forecastRules(settings)
  /** After a change of settings: queues whose special days, method or lender changed are forecast by the new ones. */
  function followSettings(): void {
    const rules = forecastRules(settings)
    // A queue that has just appeared has nothing to be forecast again.
    const queueIds = [...rules.keys()].filter(
      (queueId) => knownRules.has(queueId) && knownRules.get(queueId) !== rules.get(queueId),
    )
    knownRules = rules
    if (queueIds.length > 0) runs.startSoon({ queueIds, compare: false }, 'vigie')
  }
  plans.onPublished((queueId, day) => {
    const queue = settings.queue(queueId)
    if (queue !== undefined && day === siteDayOf(queue.zone, clock.nowMs()))
      today
        .refresh(queueId)
        .then(() => lookAhead.again())
        .catch(onError)
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
    forecastService,
    forecastRuns: runs,
    followSettings,
    lookAhead,
    closeDaysBefore,
    /** After late events: the days before today that they touched become new versions. */
    async closeAgain(days: Iterable<SiteDay>): Promise<void> {
      const todayDay = siteDayOf(settings.site().zone, clock.nowMs())
      await closeDays([...new Set(days)].filter((day) => day < todayDay).sort())
    },
    startTick() {
      const tick = startIntervalTick({
        settings,
        forecasts,
        today,
        lookAhead,
        clock,
        closeDaysBefore,
        async runNightly() {
          await runs.nightly()
          thinning.run().catch(onError)
        },
        onError,
      })
      return {
        /** Nothing of planning works on afterwards. */
        async stop() {
          await runs.stop()
          await tick.stop()
          await thinning.stop()
        },
      }
    },
  }
}

/** What the settings say of how each queue is forecast, as text that differs when anything of it does. */
function forecastRules(settings: PlanningSettings): ReadonlyMap<string, string> {
  const entries = settings.specialDayEntries()
  return new Map(
    settings.queueIds().map((queueId) => {
      const acting = entries.filter(
        ({ body }) => body.queueIds.length === 0 || body.queueIds.includes(queueId),
      )
      const rules = [settings.site().holidayRegion, settings.forecastSetting(queueId) ?? null, acting]
      return [queueId, JSON.stringify(rules)]
    }),
  )
}
