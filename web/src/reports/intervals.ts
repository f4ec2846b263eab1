/** Order of a report's intervals: as they came, or the weakest first. Pure. */
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
