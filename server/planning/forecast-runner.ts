/** Runs the forecasting engine for queues and days, keeps every result as a version, and re-forecasts the running day. */
import type { Clock } from '../domain/clock.ts'
import type { QueueSetting } from '../domain/settings.ts'
import { addDays, dayBounds, dayStartMs, type SiteDay, siteDayOf } from '../domain/site-calendar.ts'
import { dateOf, epochDayOf } from '../engine/forecast/calendar.ts'
import {
  type FittedSeries,
  fitSeries,
  forecastFrom,
  type RunningDay,
  type SeriesForecast,
} from '../engine/forecast/index.ts'
import type { ForecastNoteBody } from '../wire/forecast-api.ts'
import { dayFit } from './day-fit.ts'
import { dayGrid } from './day-grid.ts'
import { editedFit } from './edited-fit.ts'
import type { EffectiveForecasts } from './effective-forecasts.ts'
import { type EffectiveDay, isActiveOn, withEdits } from './forecast-layer.ts'
import { type ForecastMaterial, gatherMaterial, nearestSpecialDays } from './forecast-material.ts'
import type { TotalsReader } from './history.ts'
import { unsureOfLevel } from './lent-past.ts'
import { openFit } from './open-fit.ts'
import { activeMarks } from './past-of-queue.ts'
import type { PlanningSettings } from './planning-settings.ts'
import type { ForecastDay, OneOffMark, PlanningStore } from './planning-store.ts'
import { staleFit } from './stale-fit.ts'

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
  readonly effective: EffectiveForecasts
  readonly totals: TotalsReader
  readonly settings: PlanningSettings
  readonly running: RunningDayReader
  readonly clock: Clock
}

const HORIZON_DAYS = 14
const AHT_SECONDS_WITHOUT_HISTORY = 240
const DAY_MS = 86_400_000
/** Of some 30 kB each: more queues than any site has. */
const FITS_MAX = 10_000

interface Fit {
  readonly material: ForecastMaterial
  readonly fitted: FittedSeries
}

export class ForecastRunner {
  readonly horizonDays = HORIZON_DAYS
  readonly #options: ForecastRunnerOptions
  /** The last fit of each queue: an intraday update uses it again instead of learning anew. */
  readonly #fits = new Map<string, Fit>()
  /** Pages of one queue that are opened at once share the run that makes their forecast. */
  readonly #missing = new Map<string, Promise<unknown>>()

  constructor(options: ForecastRunnerOptions) {
    this.#options = options
  }

  async newestOrRun(queueId: string, day: SiteDay): Promise<EffectiveDay | undefined> {
    const { effective } = this.#options
    const newest = await effective.newest(queueId, day)
    if (newest !== undefined) return newest
    await this.runMissing(queueId, day, 1)
    return effective.newest(queueId, day)
  }

  /** As `run` by the product itself; the same run asked for twice at once is made once. */
  async runMissing(queueId: string, fromDay: SiteDay, days: number): Promise<void> {
    const key = JSON.stringify([queueId, fromDay, days])
    const running =
      this.#missing.get(key) ??
      this.run(queueId, fromDay, days, 'vigie').finally(() => this.#missing.delete(key))
    this.#missing.set(key, running)
    await running
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
    const beforeDay = fromDay < today ? fromDay : today
    const lastDay = addDays(fromDay, days - 1)
    const material = await gatherMaterial(this.#options, { queueId, beforeDay, lastDay })
    if (material === undefined) return []
    const { originDay } = material
    const horizon = Math.round((Date.parse(addDays(fromDay, days)) - Date.parse(originDay)) / DAY_MS)
    const fit = { material, fitted: learn(material, horizon) }
    if (originDay === today) this.#keepFit(queueId, fit)
    const forecast = forecastFrom(fit.fitted)
    const base = { queueId, author, createdAtMs: clock.nowMs(), originMs: dayStartMs(queue.zone, originDay) }
    const wanted: Omit<ForecastDay, 'version'>[] = []
    for (let offset = horizon - days; offset < horizon; offset += 1)
      wanted.push(toForecastDay(forecast, fit, base, offset))
    return store.addForecast(wanted)
  }

  /** Forecasts the rest of today from what it has brought so far. Undefined when there is nothing to learn from. */
  async runIntraday(queueId: string): Promise<ForecastDay | undefined> {
    const { store, settings, running, clock } = this.#options
    const queue = settings.queue(queueId)
    if (queue === undefined) return undefined
    const nowMs = clock.nowMs()
    const today = siteDayOf(queue.zone, nowMs)
    const fit = await this.#fitOfToday(queueId, queue, today)
    if (fit === undefined) return undefined
    const known = await running.runningDay(queueId, today)
    const marks = await activeMarks(store, { queueId, fromDay: today, toDay: today })
    const runningDay = runningDayOf({ queue, today, nowMs, known, marks })
    if (runningDay === undefined || known === undefined) return undefined
    const originMs = dayBounds(queue.zone, today).startMs + runningDay.knownMinutes * 60_000
    const base = { queueId, author: 'vigie', createdAtMs: nowMs, originMs }
    const grid = dayGrid(queue, today)
    const edits = (await store.forecastEdits({ queueId, fromDay: today, toDay: today })).filter((edit) =>
      isActiveOn(edit, today),
    )
    const plain = { ...toForecastDay(forecastFrom(fit.fitted), fit, base, 0), version: 0 }
    const morning = withEdits(plain, grid, edits)
    const updated = forecastFrom(editedFit(fit.fitted, morning, grid), runningDay)
    const rest = toForecastDay(updated, fit, base, 0)
    // Intervals that are over keep what the morning said of them; the day's total is what was counted plus the rest.
    const done = runningDay.knownMinutes / queue.intervalMinutes
    const joined = (pick: (day: Omit<ForecastDay, 'version'>) => readonly number[]) => [
      ...pick(morning).slice(0, done),
      ...pick(rest).slice(done),
    ]
    // One-off contacts teach nothing, but they came.
    const marked = known
      .slice(0, done)
      .reduce(
        (sum, { contacts }, index) =>
          grid[index]?.open === true && Number.isNaN(runningDay.counts[index]) ? sum + (contacts ?? 0) : sum,
        0,
      )
    const [stored] = await store.addForecast([
      {
        ...rest,
        dayMean: rest.dayMean + marked,
        dayP10: rest.dayP10 + marked,
        dayP90: rest.dayP90 + marked,
        contactsMean: joined((day) => day.contactsMean),
        contactsP2_5: joined((day) => day.contactsP2_5),
        contactsP10: joined((day) => day.contactsP10),
        contactsP90: joined((day) => day.contactsP90),
        contactsP97_5: joined((day) => day.contactsP97_5),
        rateCv: joined((day) => day.rateCv),
        ahtSeconds: joined((day) => day.ahtSeconds),
        ahtSecondsSd: joined((day) => day.ahtSecondsSd),
        inputs: rest.inputs === null ? null : { ...rest.inputs, editIds: edits.map(({ id }) => id) },
      },
    ])
    return stored
  }

  async #fitOfToday(queueId: string, queue: QueueSetting, today: SiteDay): Promise<Fit | undefined> {
    const usable = (fit: Fit | undefined) =>
      fit?.material.originDay === today && fit.fitted.input.intervalMinutes === queue.intervalMinutes
    if (!usable(this.#fits.get(queueId))) await this.run(queueId, today, HORIZON_DAYS, 'vigie')
    const fit = this.#fits.get(queueId)
    return usable(fit) ? fit : undefined
  }

  #keepFit(queueId: string, fit: Fit): void {
    if (this.#fits.size >= FITS_MAX) this.#fits.clear()
    this.#fits.set(queueId, withoutHistory(fit))
  }
}

/** An update needs what was learned, not what it was learned from. */
function withoutHistory({ material, fitted }: Fit): Fit {
  const { slotMinutes, firstDay } = material.history
  const history = { slotMinutes, firstDay, counts: new Float64Array(0) }
  return { material: { ...material, history, siblings: [] }, fitted: dayFit(fitted) }
}

/** Undefined when the day has nothing to tell yet, or its clocks change. */
function runningDayOf(options: {
  readonly queue: QueueSetting
  readonly today: SiteDay
  readonly nowMs: number
  readonly known: Awaited<ReturnType<RunningDayReader['runningDay']>>
  readonly marks: readonly OneOffMark[]
}): RunningDay | undefined {
  const { queue, today, nowMs, known, marks } = options
  const { intervalMinutes } = queue
  // A silent morning is more likely a silent feed than a day without calls: it teaches nothing.
  if (known?.some(({ contacts }) => contacts !== null && contacts > 0) !== true) return undefined
  const grid = dayGrid(queue, today)
  // A day that changes clocks has repeated or missing labels: its morning forecast stands.
  if (known.length !== grid.length || grid.length * intervalMinutes !== 1440) return undefined
  const knownMinutes = knownMinutesOf(queue, today, nowMs)
  if (knownMinutes === 0) return undefined
  const isMarked = (minute: number) =>
    marks.some((mark) => minute + intervalMinutes > mark.fromMinute && minute < mark.toMinute)
  const column = (pick: (index: number) => number | null | undefined) =>
    Float64Array.from(grid, ({ open }, index) => {
      const minute = index * intervalMinutes
      const usable = open && minute + intervalMinutes <= knownMinutes && !isMarked(minute)
      return usable ? (pick(index) ?? Number.NaN) : Number.NaN
    })
  return {
    knownMinutes,
    counts: column((index) => known[index]?.contacts),
    handled: column((index) => known[index]?.handled),
    handleSeconds: column((index) => known[index]?.handleSeconds),
  }
}

function knownMinutesOf(queue: QueueSetting, today: SiteDay, nowMs: number): number {
  const minutes = Math.floor((nowMs - dayBounds(queue.zone, today).startMs) / 60_000)
  return Math.floor(minutes / queue.intervalMinutes) * queue.intervalMinutes
}

function learn(material: ForecastMaterial, days: number): FittedSeries {
  const { history, queue, originDay, specialDays, method, borrowedShares, levelVariance, missedDays } =
    material
  const fitted = fitSeries({
    history,
    intervalMinutes: queue.intervalMinutes,
    originDay: epochDayOf(originDay) ?? 0,
    days,
    specialDays,
    method,
    siblings: material.siblings,
    ...(borrowedShares !== undefined && { borrowedShares }),
  })
  const known = staleFit(fitted, missedDays)
  return openFit(levelVariance === undefined ? known : unsureOfLevel(known, levelVariance), queue)
}

interface DayBase {
  readonly queueId: string
  readonly author: string
  readonly createdAtMs: number
  readonly originMs: number
}

/** Cuts one day out of the engine's columns. Wall-clock slots become the day's real intervals: closed ones hold 0. */
function toForecastDay(
  forecast: SeriesForecast,
  { material, fitted }: Fit,
  base: DayBase,
  dayOffset: number,
): Omit<ForecastDay, 'version'> {
  const { queue, originDay, historyDays, inputs, calendar } = material
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
  const intraday = forecast.originMinute > 0
  return {
    ...base,
    day,
    method: intraday ? `${forecast.method}+intraday` : forecast.method,
    intraday,
    intervalMinutes: queue.intervalMinutes,
    contactsMean: pick(intervals.mean),
    contactsP2_5: pick(intervals.p2_5),
    contactsP10: pick(intervals.p10),
    contactsP90: pick(intervals.p90),
    contactsP97_5: pick(intervals.p97_5),
    rateCv: pick(intervals.rateCv),
    ahtSeconds: pick(intervals.ahtSeconds, AHT_SECONDS_WITHOUT_HISTORY),
    ahtSecondsSd: pick(intervals.ahtSecondsSd),
    dayMean: dayTotals.mean[dayOffset] ?? 0,
    dayP10: dayTotals.p10[dayOffset] ?? 0,
    dayP90: dayTotals.p90[dayOffset] ?? 0,
    historyDays,
    poissonFloorWape: Number.isFinite(forecast.poissonFloorWape) ? forecast.poissonFloorWape : null,
    notes: [
      ...forecast.notes.map(toNote),
      ...material.notes,
      ...(intervals.ahtSeconds.some(Number.isFinite)
        ? []
        : [{ kind: 'assumed-handling-time', seconds: AHT_SECONDS_WITHOUT_HISTORY } as const]),
    ],
    inputs: {
      ...inputs,
      usableDays: fitted.series.usableDays,
      specialDays: nearestSpecialDays(calendar, day),
      editIds: [],
    },
  }
}

function toNote(note: SeriesForecast['notes'][number]): ForecastNoteBody {
  const { kind, usableDays, day, ratio } = note
  return {
    kind,
    ...(usableDays !== undefined && { usableDays }),
    ...(day !== undefined && { day: dateOf(day) }),
    ...(ratio !== undefined && { ratio }),
  }
}
