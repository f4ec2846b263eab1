/** Runs the forecasting engine for queues and days, keeps every result as a version, and re-forecasts the running day. */
import type { Clock } from '../domain/clock.ts'
import type { QueueSetting } from '../domain/settings.ts'
import { addDays, dayBounds, dayStartMs, type SiteDay, siteDayOf } from '../domain/site-calendar.ts'
import { epochDayOf } from '../engine/forecast/calendar.ts'
import {
  type FittedSeries,
  fitSeries,
  forecastFrom,
  type RunningDay,
  type SeriesForecast,
} from '../engine/forecast/index.ts'
import { dayGrid } from './day-grid.ts'
import { type QueueHistory, readHistory, type TotalsReader } from './history.ts'
import { holidays } from './holidays.ts'
import type { PlanningSettings } from './planning-settings.ts'
import type { ForecastDay, PlanningStore } from './planning-store.ts'

/** What the running day has brought so far, by interval of the day; null where nothing is known yet. */
export interface RunningDayReader {
  runningDay(
    queueId: string,
    day: SiteDay,
  ): Promise<
    | readonly {
        readonly contacts: number | null
        readonly handled: number
        readonly handleSeconds: number
      }[]
    | undefined
  >
}

export interface ForecastRunnerOptions {
  readonly store: PlanningStore
  readonly totals: TotalsReader
  readonly settings: PlanningSettings
  readonly running: RunningDayReader
  readonly clock: Clock
}

const HORIZON_DAYS = 14
const AHT_SECONDS_WITHOUT_HISTORY = 240
const DAY_MS = 86_400_000
const FITS_MAX = 500

export class ForecastRunner {
  readonly horizonDays = HORIZON_DAYS
  readonly #options: ForecastRunnerOptions
  /** The last fit of each queue: an intraday update uses it again instead of learning anew. */
  readonly #fits = new Map<
    string,
    { readonly originDay: SiteDay; readonly fitted: FittedSeries; readonly historyDays: number }
  >()

  constructor(options: ForecastRunnerOptions) {
    this.#options = options
  }

  async newestOrRun(queueId: string, day: SiteDay): Promise<ForecastDay | undefined> {
    const newest = await this.#options.store.newestForecast(queueId, day)
    if (newest !== undefined) return newest
    return (await this.run(queueId, day, 1, 'vigie')).find((forecast) => forecast.day === day)
  }

  /** Forecasts `days` days from `fromDay`; nothing is known at or after the origin. Empty when there is no history. */
  async run(
    queueId: string,
    fromDay: SiteDay,
    days: number,
    author: string,
  ): Promise<readonly ForecastDay[]> {
    const { store, settings, clock } = this.#options
    const queue = settings.queue(queueId)
    if (queue === undefined) return []
    const today = siteDayOf(queue.zone, clock.nowMs())
    const latestOrigin = fromDay < today ? fromDay : today
    const history = await readHistory(
      this.#options.totals,
      queueId,
      queue.zone,
      queue.intervalMinutes,
      latestOrigin,
    )
    if (history === undefined) return []
    // The history may end earlier than today: the lead then counts from its end.
    const historyEnd = addDays(history.firstDay, lastKnownDay(history) + 1)
    const originDay = historyEnd < latestOrigin ? historyEnd : latestOrigin
    const horizon = Math.round((Date.parse(addDays(fromDay, days)) - Date.parse(originDay)) / DAY_MS)
    const fitted = learn(history, queue, originDay, horizon, settings.site().holidayRegion)
    if (originDay === today) this.#keepFit(queueId, { originDay, fitted, historyDays: history.dayCount })
    const forecast = forecastFrom(fitted)
    const base = { queue, queueId, author, createdAtMs: clock.nowMs(), historyDays: history.dayCount }
    const wanted: Omit<ForecastDay, 'version'>[] = []
    for (let offset = horizon - days; offset < horizon; offset += 1) {
      wanted.push(
        toForecastDay(forecast, { ...base, originMs: dayStartMs(queue.zone, originDay) }, originDay, offset),
      )
    }
    return store.addForecast(wanted)
  }

  /** Forecasts the rest of today from what it has brought so far. Undefined when there is nothing to learn from. */
  async runIntraday(queueId: string): Promise<ForecastDay | undefined> {
    const { store, settings, running, clock } = this.#options
    const queue = settings.queue(queueId)
    if (queue === undefined) return undefined
    const nowMs = clock.nowMs()
    const today = siteDayOf(queue.zone, nowMs)
    let fit = this.#fits.get(queueId)
    if (fit?.originDay !== today || fit.fitted.input.intervalMinutes !== queue.intervalMinutes) {
      await this.run(queueId, today, HORIZON_DAYS, 'vigie')
      fit = this.#fits.get(queueId)
    }
    if (fit?.originDay !== today) return undefined
    const known = await running.runningDay(queueId, today)
    // A silent morning is more likely a silent feed than a day without calls: it teaches nothing.
    if (known?.some(({ contacts }) => contacts !== null && contacts > 0) !== true) return undefined
    const grid = dayGrid(queue, today)
    // A day that changes clocks has repeated or missing labels: its morning forecast stands.
    if (known.length !== grid.length || grid.length * queue.intervalMinutes !== 1440) return undefined
    const knownMinutes = knownMinutesOf(queue, today, nowMs)
    if (knownMinutes === 0) return undefined
    const isKnown = (index: number) => (index + 1) * queue.intervalMinutes <= knownMinutes
    const column = (pick: (index: number) => number | null | undefined) =>
      Float64Array.from(grid, (interval, index) =>
        isKnown(index) && interval.open ? (pick(index) ?? Number.NaN) : Number.NaN,
      )
    const runningDay: RunningDay = {
      knownMinutes,
      counts: column((index) => known[index]?.contacts),
      handled: column((index) => known[index]?.handled),
      handleSeconds: column((index) => known[index]?.handleSeconds),
    }
    const forecast = forecastFrom(fit.fitted, runningDay)
    const originMs = dayBounds(queue.zone, today).startMs + knownMinutes * 60_000
    const base = {
      queue,
      queueId,
      author: 'vigie',
      createdAtMs: nowMs,
      historyDays: fit.historyDays,
      originMs,
    }
    const rest = toForecastDay(forecast, base, today, 0)
    // Intervals that are over keep what the morning said of them; the day's total is what was counted plus the rest.
    const morning = toForecastDay(forecastFrom(fit.fitted), base, today, 0)
    const done = knownMinutes / queue.intervalMinutes
    const joined = (pick: (day: typeof rest) => readonly number[]) => [
      ...pick(morning).slice(0, done),
      ...pick(rest).slice(done),
    ]
    const [stored] = await store.addForecast([
      {
        ...rest,
        contactsMean: joined((day) => day.contactsMean),
        contactsP2_5: joined((day) => day.contactsP2_5),
        contactsP10: joined((day) => day.contactsP10),
        contactsP90: joined((day) => day.contactsP90),
        contactsP97_5: joined((day) => day.contactsP97_5),
        rateCv: joined((day) => day.rateCv),
        ahtSeconds: joined((day) => day.ahtSeconds),
      },
    ])
    return stored
  }

  #keepFit(queueId: string, fit: { originDay: SiteDay; fitted: FittedSeries; historyDays: number }): void {
    if (this.#fits.size >= FITS_MAX) this.#fits.clear()
    this.#fits.set(queueId, fit)
  }
}

function lastKnownDay(history: QueueHistory): number {
  const slots = 1440 / history.slotMinutes
  for (let cell = history.contacts.length - 1; cell >= 0; cell -= 1) {
    if (!Number.isNaN(history.contacts[cell] ?? Number.NaN)) return Math.floor(cell / slots)
  }
  return -1
}

function knownMinutesOf(queue: QueueSetting, today: SiteDay, nowMs: number): number {
  const minutes = Math.floor((nowMs - dayBounds(queue.zone, today).startMs) / 60_000)
  return Math.floor(minutes / queue.intervalMinutes) * queue.intervalMinutes
}

function learn(
  history: QueueHistory,
  queue: QueueSetting,
  originDay: SiteDay,
  days: number,
  region: string,
): FittedSeries {
  const firstDay = epochDayOf(history.firstDay) ?? 0
  const fromYear = Number(history.firstDay.slice(0, 4))
  const toYear = Number(addDays(originDay, days).slice(0, 4))
  return fitSeries({
    history: {
      slotMinutes: history.slotMinutes,
      firstDay,
      counts: history.contacts,
      handleSeconds: history.handleSeconds,
      handled: history.handled,
    },
    intervalMinutes: queue.intervalMinutes,
    originDay: epochDayOf(originDay) ?? 0,
    days,
    specialDays: holidays(region, fromYear, toYear),
  })
}

interface DayBase {
  readonly queue: QueueSetting
  readonly queueId: string
  readonly author: string
  readonly createdAtMs: number
  readonly originMs: number
  readonly historyDays: number
}

/** Cuts one day out of the engine's columns. Wall-clock slots become the day's real intervals: closed ones hold 0. */
function toForecastDay(
  forecast: SeriesForecast,
  base: DayBase,
  originDay: SiteDay,
  dayOffset: number,
): Omit<ForecastDay, 'version'> {
  const { queue, queueId, author, createdAtMs, originMs, historyDays } = base
  const day = addDays(originDay, dayOffset)
  const grid = dayGrid(queue, day)
  const slots = 1440 / queue.intervalMinutes
  const skipped = forecast.originMinute / queue.intervalMinutes
  const pick = (column: Float64Array, whenAbsent = 0) =>
    grid.map(({ slot, open }) => {
      const value = open ? column[dayOffset * slots + slot - skipped] : whenAbsent
      return value === undefined || !Number.isFinite(value) ? whenAbsent : value
    })
  const { intervals, dayTotals } = forecast
  return {
    queueId,
    day,
    method: forecast.originMinute > 0 ? `${forecast.method}+intraday` : forecast.method,
    author,
    createdAtMs,
    originMs,
    intervalMinutes: queue.intervalMinutes,
    contactsMean: pick(intervals.mean),
    contactsP2_5: pick(intervals.p2_5),
    contactsP10: pick(intervals.p10),
    contactsP90: pick(intervals.p90),
    contactsP97_5: pick(intervals.p97_5),
    rateCv: pick(intervals.rateCv),
    ahtSeconds: pick(intervals.ahtSeconds, AHT_SECONDS_WITHOUT_HISTORY),
    dayMean: dayTotals.mean[dayOffset] ?? 0,
    dayP10: dayTotals.p10[dayOffset] ?? 0,
    dayP90: dayTotals.p90[dayOffset] ?? 0,
    historyDays,
    poissonFloorWape: Number.isFinite(forecast.poissonFloorWape) ? forecast.poissonFloorWape : null,
    notes: forecast.notes.map((note) => note.kind),
  }
}
