// One day of a forecast: its intervals, its total and their bands, and the handling times beside them.

import { countQuantiles, type ErrorLaw, rateQuantile } from './count-quantiles.ts'
import type { FittedSeries, RunningDay, SeriesForecast } from './forecast-types.ts'
import type { IntradayUpdate } from './intraday.ts'
import { lawOf } from './replay.ts'
import { FLAG_BRIDGE, FLAG_EVE, FLAG_EVENT, FLAG_HOLIDAY } from './special-days.ts'
import { at } from './vector.ts'

type Columns = Pick<SeriesForecast, 'intervals' | 'dayTotals'>

export function newColumns(intervals: number, days: number): Columns {
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

export interface DayState {
  readonly fitted: FittedSeries
  readonly out: Columns
  readonly offset: number
  readonly group: number
  readonly firstCell: number
  readonly update: IntradayUpdate | undefined
  readonly running: RunningDay | undefined
}

const BUFFER = new Float64Array(4)

export function forecastDay(state: DayState): void {
  const { fitted, out, offset, group, firstCell, update, running } = state
  const { series, source, input } = fitted
  const day = series.originIndex + offset
  const lead = offset + 1
  const total = source.dayMean(day, lead)
  const shares = source.shares(day, lead)
  const law = widenedLaw(lawOf(fitted.laws.intervals, lead), fitted, day, fitted.special.interval)
  const cells = series.slots / group
  let rest = 0
  let restRate = 0
  for (let cell = offset === 0 ? firstCell : 0; cell < cells; cell++) {
    let mean = 0
    for (let slot = cell * group; slot < (cell + 1) * group; slot++) {
      const factor = update?.factorAt((slot + 0.5) * series.slotMinutes, offset) ?? 1
      mean += total * at(shares, slot) * factor
    }
    const known = offset === 0 && update !== undefined && running !== undefined
    const rate = known ? update.variancePlus((cell + 0.5) * input.intervalMinutes) : law.rate
    const index = offset * cells + cell - firstCell
    writeInterval(out, index, mean, known ? { ...fitted.intraday.remaining, rate } : law)
    rest += mean
    restRate += mean * Math.sqrt(rate)
  }
  const dayLaw = widenedLaw(lawOf(fitted.laws.totals, lead), fitted, day, fitted.special.total)
  writeTotal(
    state,
    rest,
    offset === 0 && running !== undefined
      ? { ...dayLaw, rate: Math.min(dayLaw.rate, rest > 0 ? (restRate / rest) ** 2 : 0) }
      : dayLaw,
  )
}

/** Handling seconds of every interval, the plain mean of its slots. */
export function fillAht(
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
function widenedLaw(law: ErrorLaw, { series }: FittedSeries, day: number, more: number): ErrorLaw {
  const flags = series.flags[day] ?? 0
  if ((flags & FLAG_BRIDGE) !== 0) {
    const worked = at(series.impactRatios, day)
    return { ...law, rate: law.rate + Math.min(BRIDGE_VARIANCE_MAX, 1 / Math.max(0.01, worked) - 1) }
  }
  const special = flags & (FLAG_HOLIDAY | FLAG_EVE | FLAG_EVENT)
  return special === 0 ? law : { ...law, rate: law.rate + more }
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
