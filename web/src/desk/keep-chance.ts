/** The chance that a plan keeps the day's promise: the server's own projection, of a day that has not begun. */
import { prepareRest, projectDay } from '../../../server/engine/plan/day-projection.ts'
import { type DeskDay, sharesOf } from './consequences.ts'

/** Null when nothing is expected. */
export function keepChance(day: DeskDay, agents: readonly number[]): number | null {
  const rest = prepareRest(
    day.intervals.map(({ contactsMean, rateCv }, index) => ({
      contactsMean,
      rateCv,
      sharesAt: (factor) => sharesOf(day, index, agents[index] ?? 0, factor),
    })),
  )
  return projectDay(rest, 0, { met: 0, counted: 0 }, day.promise.targetRatio).keepProbability
}
