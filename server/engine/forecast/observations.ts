// What the running day and the day before it have shown so far, against what was forecast of them one day ahead.

import type { FittedSeries, RunningDay } from './forecast-types.ts'
import type { Observation } from './intraday.ts'
import type { PreparedSeries } from './prepare.ts'
import { add, at } from './vector.ts'

/** Observed stretches are gathered to at least this length: finer ones cost time and tell no more. */
const OBSERVATION_MINUTES = 60
/** So many of them are one where they are of the day before: it is known by its large errors. */
export const DAY_BEFORE_STRETCHES = 2

/** The day before and the running day so far, against what was forecast one day ahead. */
export function observationsOf(fitted: FittedSeries, running: RunningDay | undefined): Observation[] {
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
      from: 0,
      to: 1440,
      shift: -1440,
      stretchSlots: DAY_BEFORE_STRETCHES * observationSlots(series),
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
      stretchSlots: observationSlots(series),
    })
  }
  return found
}

/** Slots of one observed stretch. */
export function observationSlots(series: PreparedSeries): number {
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
  readonly stretchSlots: number
}

function gather(found: Observation[], stretch: Stretch): void {
  const { series, counts, total, shares, from, to, shift } = stretch
  const slots = stretch.stretchSlots
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
