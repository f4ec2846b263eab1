/**
 * A history that ends before today, for a feed was silent: the days without it are leads all the same. Means and bands are those
 * of the longer lead, while the running day can still be read from its own start.
 */
import type { FittedSeries } from '../engine/forecast/index.ts'
import { lawOf, REPLAYED_LEADS } from '../engine/forecast/replay.ts'

export function staleFit(fitted: FittedSeries, missedDays: number): FittedSeries {
  if (missedDays === 0) return fitted
  const { source, series, laws, intraday } = fitted
  const later = (book: typeof laws.intervals) =>
    REPLAYED_LEADS.map(({ lead }) => lawOf(book, lead + missedDays))
  const leadOf = (day: number, lead: number) => (day < series.originIndex ? lead : lead + missedDays)
  const growth = lawOf(laws.totals, 1 + missedDays).rate - lawOf(laws.totals, 1).rate
  return {
    ...fitted,
    source: {
      dayMean: (day, lead) => source.dayMean(day, leadOf(day, lead)),
      shares: (day, lead) => source.shares(day, leadOf(day, lead)),
    },
    laws: { intervals: later(laws.intervals), totals: later(laws.totals) },
    intraday: { ...intraday, dayVariance: intraday.dayVariance + Math.max(0, growth) },
  }
}
