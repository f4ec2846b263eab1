/**
 * Nothing is forecast outside the opening hours: what the past had there (hours that have changed, calls before the doors open)
 * is taken off the days to come, so that a day's total is the sum of its open intervals.
 */
import type { QueueSetting } from '../domain/settings.ts'
import { dateOf } from '../engine/forecast/calendar.ts'
import type { FittedSeries } from '../engine/forecast/index.ts'
import { dayGrid } from './day-grid.ts'

interface OpenDay {
  readonly keptRatio: number
  readonly shares: Float64Array
}

/** The past is replayed as it was; only days from the origin on are cut. */
export function openFit(fitted: FittedSeries, queue: QueueSetting): FittedSeries {
  const { source, series } = fitted
  const days = new Map<number, OpenDay>()
  const openDay = (index: number, lead: number): OpenDay => {
    const known = days.get(index)
    if (known !== undefined) return known
    const day = cut(source.shares(index, lead), openSlots(queue, dateOf(series.firstDay + index)))
    days.set(index, day)
    return day
  }
  return {
    ...fitted,
    source: {
      dayMean(index, lead) {
        const mean = source.dayMean(index, lead)
        return index < series.originIndex || mean === 0 ? mean : mean * openDay(index, lead).keptRatio
      },
      shares: (index, lead) =>
        index < series.originIndex ? source.shares(index, lead) : openDay(index, lead).shares,
    },
  }
}

function openSlots(queue: QueueSetting, day: string): ReadonlySet<number> {
  return new Set(dayGrid(queue, day).flatMap(({ slot, open }) => (open ? [slot] : [])))
}

function cut(shares: Float64Array, open: ReadonlySet<number>): OpenDay {
  const all = shares.reduce((sum, share) => sum + share, 0)
  const kept = shares.map((share, slot) => (open.has(slot) ? share : 0))
  const sum = kept.reduce((total, share) => total + share, 0)
  if (!(sum > 0)) return { keptRatio: 0, shares: kept }
  return { keptRatio: sum / all, shares: kept.map((share) => (share / sum) * all) }
}
