// How much less is known of a special day than of a plain one: of its total, and of its intervals.

import type { DayModel } from './day-model.ts'
import type { MeanSource } from './mean-source.ts'
import { observationSlots } from './observations.ts'
import type { PreparedSeries } from './prepare.ts'
import { at } from './vector.ts'

export interface SpecialLaw {
  /** What the squared coefficient of variation of the day's total has more. */
  readonly total: number
  /** What that of its intervals has more: the shape of the day is not known either. */
  readonly interval: number
}

/** What is believed of both before any was seen, worth so many days. */
const VARIANCE_BELIEVED = 0.08
const BELIEVED_DAYS = 3
/** An unmarked closure of a holiday would make all bands endless. */
const VARIANCE_MAX = 1.44
/** Variance ÷ mean of an hour's counting noise. */
const NOISE = 1.6

/** Learned from past special days, each as it would have been forecast without itself; `usualRate` is what plain days have. */
export function specialLaw(
  series: PreparedSeries,
  model: DayModel,
  source: MeanSource,
  usualRate: number,
): SpecialLaw {
  let total = VARIANCE_BELIEVED * BELIEVED_DAYS
  let interval = VARIANCE_BELIEVED * BELIEVED_DAYS
  for (const [day, error] of model.leftOut) {
    total += Math.min(VARIANCE_MAX, error * error)
    interval += Math.min(VARIANCE_MAX, hourlyVariance(series, source, day, error) - usualRate)
  }
  const days = model.leftOut.size + BELIEVED_DAYS
  return { total: total / days, interval: Math.max(0, interval / days) }
}

/** Squared relative error of a day's hours beyond counting noise, from the total that would have been forecast without the day. */
function hourlyVariance(series: PreparedSeries, source: MeanSource, day: number, error: number): number {
  const shares = source.shares(day, 1)
  const stretch = observationSlots(series)
  const expected = at(series.totals, day) * Math.exp(-error)
  let squares = 0
  let weights = 0
  for (let from = 0; from < series.slots; from += stretch) {
    let mean = 0
    let actual = 0
    for (let slot = from; slot < from + stretch; slot++) {
      const count = at(series.counts, day * series.slots + slot)
      if (Number.isNaN(count)) continue
      mean += expected * at(shares, slot)
      actual += count
    }
    squares += (actual - mean) ** 2 - NOISE * mean
    weights += mean * mean
  }
  return weights > 0 ? squares / weights : 0
}
