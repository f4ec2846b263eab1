/** A report's intervals: as they came or the weakest first, and where each ends. Pure. */
import type { ServiceLevelFormula } from '../../../server/domain/service-level.ts'
import type { IntervalFigures } from '../../../server/state/figures.ts'

/** Lowest level first; of equal levels the one with more contacts; intervals without a level last, in time order. */
export function weakestFirst(
  intervals: readonly IntervalFigures[],
  formula: ServiceLevelFormula,
): readonly IntervalFigures[] {
  const level = (interval: IntervalFigures) => interval.serviceLevelRatios[formula]
  return [...intervals].sort((a, b) => {
    const [levelA, levelB] = [level(a), level(b)]
    if (levelA === null || levelB === null) return Number(levelA === null) - Number(levelB === null)
    return levelA - levelB || b.offered - a.offered
  })
}

const INTERVAL_MS_MAX = 3_600_000

/**
 * Each interval by its start, as long as the shortest step between two. Where few intervals are listed that may be longer
 * than the interval is, which does no harm: an interval that has contacts is always in the report.
 */
export function intervalSpans(
  intervals: readonly IntervalFigures[],
): ReadonlyMap<string, { readonly fromMs: number; readonly toMs: number }> {
  const starts = intervals.map(({ start }) => Date.parse(start)).sort((a, b) => a - b)
  const steps = starts.slice(1).map((ms, index) => ms - (starts[index] ?? ms))
  const stepMs = Math.min(INTERVAL_MS_MAX, ...steps.filter((step) => step > 0))
  return new Map(
    intervals.map(({ start }) => {
      const fromMs = Date.parse(start)
      return [start, { fromMs, toMs: fromMs + stepMs }]
    }),
  )
}
