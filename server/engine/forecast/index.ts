// Forecast of one series: means, count quantiles and rate quantiles per interval and day, from what was known at the origin.

import { poissonFloorWape } from './accuracy.ts'
import { type AhtModel, fitAht } from './aht.ts'
import type { EpochDay, SpecialDay } from './calendar.ts'
import { countQuantiles, type ErrorLaw, rateQuantile } from './count-quantiles.ts'
import { type DayForecaster, dayForecaster } from './day-forecaster.ts'
import { type DayModel, fitDayModel } from './day-model.ts'
import {
  conditionOn,
  fitIntradayLaw,
  type IntradayLaw,
  type IntradayUpdate,
  type Observation,
} from './intraday.ts'
import type { MeanSource } from './mean-source.ts'
import { type MethodName, methodSource } from './methods.ts'
import { type ForecastNote, notesOf } from './notes.ts'
import { type PreparedSeries, prepareSeries, type SeriesHistory } from './prepare.ts'
import { buildProfiles, chooseProfileOptions, type ProfileBook } from './profile.ts'
import { fitLaws, type LawBook, lawOf, PROFILE_WEEKS, replayLead } from './replay.ts'
import { FLAG_BRIDGE, FLAG_EVE, FLAG_EVENT, FLAG_HOLIDAY } from './special-days.ts'
import { add, at } from './vector.ts'

export type { EpochDay, SpecialDay, SpecialDayKind } from './calendar.ts'
export type { MethodName } from './methods.ts'
export type { ForecastNote } from './notes.ts'
export type { SeriesHistory } from './prepare.ts'

/** What a fit needs. Rows at or after `originDay` are never read by the fit. */
export interface SeriesInput {
  readonly history: SeriesHistory
  /** Length of the intervals asked for; a multiple of the history's slots. */
  readonly intervalMinutes: number
  /** The first day that is not fully known. */
  readonly originDay: EpochDay
  /** Days to forecast, the origin's day included; 13 months is 396. */
  readonly days: number
  readonly specialDays: readonly SpecialDay[]
  /** 'main' if absent. */
  readonly method?: MethodName
  /** Shape of another queue, one share per slot of the history's grid: it fades as this queue gets days of its own. */
  readonly borrowedShares?: Float64Array
}

/** What is known of the running day. */
export interface RunningDay {
  /** Minutes of the day that are over; rows from there on are not read. */
  readonly knownMinutes: number
  /** Counts of the day on the history's grid; NaN = unknown, or marked as one-off and to be left out. */
  readonly counts: Float64Array
  readonly handleSeconds?: Float64Array
  readonly handled?: Float64Array
}

/** Everything learned at the origin; made once a night, used at every interval end. */
export interface FittedSeries {
  readonly input: SeriesInput
  readonly series: PreparedSeries
  readonly model: DayModel
  readonly source: MeanSource
  readonly laws: LawBook
  readonly intraday: IntradayLaw
  readonly aht: AhtModel
  readonly notes: readonly ForecastNote[]
}

/** Columns of a forecast. Quantiles never cross; all are finite and at least 0. */
export interface ForecastColumns {
  readonly mean: Float64Array
  readonly p2_5: Float64Array
  readonly p10: Float64Array
  readonly p90: Float64Array
  readonly p97_5: Float64Array
}

export interface SeriesForecast {
  readonly method: MethodName
  readonly originDay: EpochDay
  readonly intervalMinutes: number
  /** First minute of the origin's day that is forecast. */
  readonly originMinute: number
  /** One value per interval, from the origin to the end of the last day. */
  readonly intervals: ForecastColumns & {
    /** Quantiles of the rate without counting noise: what staffing averages over. */
    readonly rateP10: Float64Array
    readonly rateP90: Float64Array
    /** Coefficient of variation of the rate. */
    readonly rateCv: Float64Array
    /** Mean handling seconds; NaN when the history has none. */
    readonly ahtSeconds: Float64Array
    /** Standard deviation of an interval's mean handling time. */
    readonly ahtSecondsSd: Float64Array
  }
  /** One value per day; the running day holds what is known plus what is forecast. */
  readonly dayTotals: ForecastColumns
  readonly notes: readonly ForecastNote[]
  /** WAPE per interval that a perfect forecast of the rate would still have. */
  readonly poissonFloorWape: number
}

/** Observed stretches are gathered to at least this length: finer ones cost time and tell no more. */
const OBSERVATION_MINUTES = 30
const EVENING_MINUTES = 720
const INTRADAY_REPLAY_DAYS = 112

/** What all methods share: the prepared history, the day model, the profiles, the handling times. */
export interface LearnedSeries {
  readonly input: SeriesInput
  readonly series: PreparedSeries
  readonly model: DayModel
  readonly forecaster: DayForecaster
  readonly profiles: ProfileBook
  readonly aht: AhtModel
}

/** Learns from the days before the origin what every method needs. */
export function learnSeries(input: SeriesInput): LearnedSeries {
  const series = prepareSeries(input.history, input)
  const model = fitDayModel(series)
  const options = chooseProfileOptions(series, model.trust)
  const profiles = buildProfiles(series, model.trust, PROFILE_WEEKS, options, input.borrowedShares)
  return {
    input,
    series,
    model,
    forecaster: dayForecaster(series, model),
    profiles,
    aht: fitAht(input.history, series),
  }
}

/** Adds one method and its replayed error laws. */
export function withMethod(learned: LearnedSeries, method: MethodName): FittedSeries {
  const { input, series, model, aht } = learned
  const source = methodSource(method, learned)
  const laws = fitLaws(series, source, input.intervalMinutes / series.slotMinutes)
  // Learned on one grid whatever the interval asked for: so 5-minute forecasts add up to 30-minute ones inside the day too.
  const intraday = fitIntradayLaw(
    replayLead(series, source, 1, INTRADAY_REPLAY_DAYS, observationSlots(series)),
  )
  return {
    input: { ...input, method },
    series,
    model,
    source,
    laws,
    intraday,
    aht,
    notes: notesOf(series, model),
  }
}

/** Learns everything from the days before the origin, for the method asked for. */
export function fitSeries(input: SeriesInput): FittedSeries {
  return withMethod(learnSeries(input), input.method ?? 'main')
}

/** Forecast from the start of the origin's day, or from inside it with what is known of the running day. */
export function forecastFrom(fitted: FittedSeries, running?: RunningDay): SeriesForecast {
  const { series, input } = fitted
  const group = input.intervalMinutes / series.slotMinutes
  const cells = series.slots / group
  const originMinute =
    running === undefined
      ? 0
      : Math.floor(running.knownMinutes / input.intervalMinutes) * input.intervalMinutes
  const firstCell = originMinute / input.intervalMinutes
  const out = newColumns(cells * input.days - firstCell, input.days)
  const update = conditionOn(observationsOf(fitted, running), fitted.intraday)
  for (let offset = 0; offset < input.days; offset++) {
    const state: DayState = {
      fitted,
      out,
      offset,
      group,
      firstCell,
      update: offset === 0 ? update : undefined,
      running,
    }
    forecastDay(state)
  }
  fillAht(fitted, out, firstCell, running)
  return {
    method: input.method ?? 'main',
    originDay: input.originDay,
    intervalMinutes: input.intervalMinutes,
    originMinute,
    ...out,
    notes: fitted.notes,
    poissonFloorWape: poissonFloorWape(out.intervals.mean),
  }
}

/** Fit and forecast in one; a `originMinute` above 0 reads that day's earlier rows from the history. */
export function forecastSeries(input: SeriesInput & { readonly originMinute?: number }): SeriesForecast {
  const fitted = fitSeries(input)
  return forecastFrom(fitted, runningDayOf(input.history, input.originDay, input.originMinute ?? 0))
}

/** The rows of the origin's day before `originMinute`, or undefined when the day has not begun. */
export function runningDayOf(
  history: SeriesHistory,
  originDay: EpochDay,
  originMinute: number,
): RunningDay | undefined {
  if (originMinute <= 0) return undefined
  const slots = 1440 / history.slotMinutes
  const from = (originDay - history.firstDay) * slots
  const cut = (column: Float64Array): Float64Array =>
    Float64Array.from({ length: slots }, (_, slot) =>
      slot * history.slotMinutes < originMinute && from + slot >= 0
        ? (column[from + slot] ?? Number.NaN)
        : Number.NaN,
    )
  return {
    knownMinutes: originMinute,
    counts: cut(history.counts),
    ...(history.handleSeconds && { handleSeconds: cut(history.handleSeconds) }),
    ...(history.handled && { handled: cut(history.handled) }),
  }
}

type Columns = Pick<SeriesForecast, 'intervals' | 'dayTotals'>

function newColumns(intervals: number, days: number): Columns {
  const column = (): Float64Array => new Float64Array(intervals)
  const total = (): Float64Array => new Float64Array(days)
  return {
    intervals: {
      mean: column(),
      p2_5: column(),
      p10: column(),
      p90: column(),
      p97_5: column(),
      rateP10: column(),
      rateP90: column(),
      rateCv: column(),
      ahtSeconds: column().fill(Number.NaN),
      ahtSecondsSd: column().fill(Number.NaN),
    },
    dayTotals: { mean: total(), p2_5: total(), p10: total(), p90: total(), p97_5: total() },
  }
}

interface DayState {
  readonly fitted: FittedSeries
  readonly out: Columns
  readonly offset: number
  readonly group: number
  readonly firstCell: number
  readonly update: IntradayUpdate | undefined
  readonly running: RunningDay | undefined
}

const BUFFER = new Float64Array(4)

function forecastDay(state: DayState): void {
  const { fitted, out, offset, group, firstCell, update, running } = state
  const { series, source, input } = fitted
  const day = series.originIndex + offset
  const lead = offset + 1
  const total = source.dayMean(day, lead)
  const shares = source.shares(day, lead)
  const law = widenedLaw(lawOf(fitted.laws.intervals, lead), fitted, day)
  const cells = series.slots / group
  let rest = 0
  let restRate = 0
  for (let cell = offset === 0 ? firstCell : 0; cell < cells; cell++) {
    let mean = 0
    for (let slot = cell * group; slot < (cell + 1) * group; slot++) {
      const factor = update?.factorAt((slot + 0.5) * series.slotMinutes) ?? 1
      mean += total * at(shares, slot) * factor
    }
    const known = update !== undefined && running !== undefined
    const rate = known ? update.variancePlus((cell + 0.5) * input.intervalMinutes) : law.rate
    const index = offset * cells + cell - firstCell
    writeInterval(
      out,
      index,
      mean,
      known ? { noise: Math.min(law.noise, fitted.intraday.noise), rate, quantiles: law.quantiles } : law,
    )
    rest += mean
    restRate += mean * Math.sqrt(rate)
  }
  const dayLaw = widenedLaw(lawOf(fitted.laws.totals, lead), fitted, day)
  writeTotal(
    state,
    rest,
    offset === 0 && running !== undefined
      ? { ...dayLaw, rate: Math.min(dayLaw.rate, rest > 0 ? (restRate / rest) ** 2 : 0) }
      : dayLaw,
  )
}

/** Handling seconds of every interval, the plain mean of its slots. */
function fillAht(
  fitted: FittedSeries,
  out: Columns,
  firstCell: number,
  running: RunningDay | undefined,
): void {
  const { series, input, aht } = fitted
  const { intervals } = out
  if (Number.isNaN(aht.slotSeconds(0))) return
  const group = input.intervalMinutes / series.slotMinutes
  const cells = series.slots / group
  const factor =
    running?.handleSeconds === undefined
      ? 1
      : aht.runningFactor(
          { handleSeconds: running.handleSeconds, handled: running.handled ?? running.counts },
          Math.floor(running.knownMinutes / series.slotMinutes),
        )
  const seconds = Float64Array.from({ length: cells }, (_, cell) => {
    let sum = 0
    for (let slot = cell * group; slot < (cell + 1) * group; slot++) sum += aht.slotSeconds(slot)
    return sum / group
  })
  for (let i = 0; i < intervals.mean.length; i++) {
    const value = at(seconds, (i + firstCell) % cells) * (i + firstCell < cells ? factor : 1)
    intervals.ahtSeconds[i] = value
    intervals.ahtSecondsSd[i] = aht.meanSd(value, at(intervals.mean, i))
  }
}

/** A bridge day is worked or not: the squared coefficient of variation of such a choice, within reason. */
const BRIDGE_VARIANCE_MAX = 2

/** A special day is known by few of its kind: its band is wider, by as much as such days were off before. */
function widenedLaw(law: ErrorLaw, { series, model }: FittedSeries, day: number): ErrorLaw {
  const flags = series.flags[day] ?? 0
  if ((flags & FLAG_BRIDGE) !== 0) {
    const worked = at(series.impactRatios, day)
    return { ...law, rate: law.rate + Math.min(BRIDGE_VARIANCE_MAX, 1 / Math.max(0.01, worked) - 1) }
  }
  const special = flags & (FLAG_HOLIDAY | FLAG_EVE | FLAG_EVENT)
  return special === 0 ? law : { ...law, rate: law.rate + model.specialVariance }
}

function writeInterval(out: Columns, index: number, mean: number, law: ErrorLaw): void {
  const { intervals } = out
  intervals.mean[index] = mean
  countQuantiles(mean, law, BUFFER, 0)
  intervals.p2_5[index] = at(BUFFER, 0)
  intervals.p10[index] = at(BUFFER, 1)
  intervals.p90[index] = at(BUFFER, 2)
  intervals.p97_5[index] = at(BUFFER, 3)
  intervals.rateCv[index] = mean > 0 ? Math.sqrt(law.rate) : 0
  intervals.rateP10[index] = rateQuantile(mean, law.rate, law.quantiles[1])
  intervals.rateP90[index] = rateQuantile(mean, law.rate, law.quantiles[2])
}

/** The running day's total is what was counted plus the rest; only the rest is uncertain. */
function writeTotal(state: DayState, rest: number, law: ErrorLaw): void {
  const { out, offset, running, fitted } = state
  const { dayTotals } = out
  let known = 0
  if (offset === 0 && running !== undefined) known = knownPart(fitted, running)
  countQuantiles(rest, law, BUFFER, 0)
  dayTotals.mean[offset] = rest + known
  dayTotals.p2_5[offset] = at(BUFFER, 0) + known
  dayTotals.p10[offset] = at(BUFFER, 1) + known
  dayTotals.p90[offset] = at(BUFFER, 2) + known
  dayTotals.p97_5[offset] = at(BUFFER, 3) + known
}

function knownPart(fitted: FittedSeries, running: RunningDay): number {
  const end =
    Math.floor(running.knownMinutes / fitted.input.intervalMinutes) *
    (fitted.input.intervalMinutes / fitted.series.slotMinutes)
  let sum = 0
  for (let slot = 0; slot < end; slot++) {
    const count = running.counts[slot] ?? Number.NaN
    if (count >= 0) sum += count
  }
  return sum
}

/** The running day so far and the evening before it, against what was forecast one day ahead. */
function observationsOf(fitted: FittedSeries, running: RunningDay | undefined): Observation[] {
  const { series, source } = fitted
  const found: Observation[] = []
  const yesterday = series.originIndex - 1
  if (
    yesterday >= 14 &&
    series.flags[yesterday] === 0 &&
    !series.closedClass[series.classOf[yesterday] ?? 0]
  ) {
    const from = yesterday * series.slots
    const counts = series.counts.subarray(from, from + series.slots)
    gather(found, {
      series,
      counts,
      day: yesterday,
      total: source.dayMean(yesterday, 1),
      shares: source.shares(yesterday, 1),
      from: 1440 - EVENING_MINUTES,
      to: 1440,
      shift: -1440,
    })
  }
  if (running !== undefined) {
    const day = series.originIndex
    gather(found, {
      series,
      counts: running.counts,
      day,
      total: source.dayMean(day, 1),
      shares: source.shares(day, 1),
      from: 0,
      to: running.knownMinutes,
      shift: 0,
    })
  }
  return found
}

/** Slots of one observed stretch. */
function observationSlots(series: PreparedSeries): number {
  const wanted = Math.max(1, Math.round(OBSERVATION_MINUTES / series.slotMinutes))
  return series.slots % wanted === 0 ? wanted : 1
}

interface Stretch {
  readonly series: PreparedSeries
  readonly counts: Float64Array
  readonly day: number
  readonly total: number
  readonly shares: Float64Array
  readonly from: number
  readonly to: number
  readonly shift: number
}

function gather(found: Observation[], stretch: Stretch): void {
  const { series, counts, total, shares, from, to, shift } = stretch
  const slots = observationSlots(series)
  const sums = new Float64Array(2)
  for (
    let start = Math.floor(from / series.slotMinutes);
    start < Math.floor(to / series.slotMinutes);
    start += slots
  ) {
    const end = Math.min(start + slots, Math.floor(to / series.slotMinutes))
    sums.fill(0)
    for (let slot = start; slot < end; slot++) {
      const count = counts[slot] ?? Number.NaN
      if (!(count >= 0)) continue
      add(sums, 0, total * at(shares, slot))
      add(sums, 1, count)
    }
    if (at(sums, 0) > 0)
      found.push({
        minute: ((start + end) / 2) * series.slotMinutes + shift,
        mean: at(sums, 0),
        actual: at(sums, 1),
      })
  }
}
