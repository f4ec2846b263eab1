/**
 * What an update of the running day needs of a fit, and no more: three years of quarter hours with all that was learned on the way
 * are some 3 MB a queue, this is some 30 kB. The figures are the same.
 */
import type { FittedSeries } from '../engine/forecast/index.ts'

/** Days before today that stay: the evening before is read, and a fit of fewer days reads none. */
const DAYS_KEPT = 15

/** The fit for its first day alone. */
export function dayFit(fitted: FittedSeries): FittedSeries {
  const { series, source, input, model } = fitted
  const { slots } = series
  const dropped = Math.max(0, series.originIndex - DAYS_KEPT)
  const originIndex = series.originIndex - dropped
  const from = <A extends Float64Array | Uint8Array>(column: A, perDay = 1) =>
    column.slice(dropped * perDay) as A
  const days = [originIndex - 1, originIndex].filter((day) => day >= 0)
  const known = new Map(days.map((day) => [day, knownDay(source, day + dropped)]))
  const none = new Float64Array(0)
  return {
    ...fitted,
    input: {
      ...input,
      days: 1,
      siblings: [],
      history: { slotMinutes: series.slotMinutes, firstDay: input.history.firstDay, counts: none },
    },
    series: {
      ...series,
      firstDay: series.firstDay + dropped,
      originIndex,
      horizonDays: 1,
      counts: from(series.counts, slots),
      totals: from(series.totals),
      classOf: from(series.classOf),
      flags: from(series.flags),
      impactRatios: from(series.impactRatios),
      namedEvents: new Map(),
      yearlyNames: new Map(),
    },
    model: {
      ...model,
      effect: none,
      residual: none,
      trust: none,
      levels: [],
      leftOut: new Map(),
      specialEffects: new Map(),
    },
    source: sourceOf(known),
  }
}

interface KnownDay {
  readonly mean: number
  readonly shares: Float64Array
}

function knownDay(source: FittedSeries['source'], day: number): KnownDay {
  return { mean: source.dayMean(day, 1), shares: Float64Array.from(source.shares(day, 1)) }
}

/** Outside the function that knows the whole fit: a closure keeps all that its neighbours read. */
function sourceOf(known: ReadonlyMap<number, KnownDay>): FittedSeries['source'] {
  const dayOf = (day: number) => {
    const found = known.get(day)
    if (found === undefined) throw new Error(`day ${day} is not part of the running day's fit`)
    return found
  }
  return { dayMean: (day) => dayOf(day).mean, shares: (day) => dayOf(day).shares }
}
