/** Two ways to aim at a promise: every interval by itself, or the day as a whole with the fewest agent-hours. */
import { dayOptimum } from '../../../server/engine/staffing-ext/day-optimum.ts'
import type { LevelFormula } from '../../../server/engine/staffing-ext/level-table.ts'
import type { PlanDayBody } from '../../../server/wire/api.ts'

const MODELLED: readonly string[] = ['SL1', 'SL2', 'SL3', 'SL4'] satisfies readonly LevelFormula[]

/** Null without a forecast. */
export function eachInterval(body: PlanDayBody): readonly number[] | null {
  if (body.forecast === null) return null
  return body.intervals.map((interval) => interval.required ?? 0)
}

/** Null when no number of agents reaches the target, or the model cannot tell the contract's formula apart. */
export function cheapestDay(body: PlanDayBody): readonly number[] | null {
  const { formula, targetRatio, answerThresholdSeconds } = body.promise
  const busy = body.intervals.map((interval) => interval.contactsMean > 0 && interval.ahtSeconds > 0)
  if (body.forecast === null || !busy.includes(true) || !MODELLED.includes(formula)) return null
  const intervalSeconds = body.intervalMinutes * 60
  const answer = dayOptimum({
    model: 'erlang-a',
    contacts: body.intervals.map((interval, index) => (busy[index] ? interval.contactsMean : 0)),
    intervalSeconds,
    ahtSeconds: body.intervals.map((interval) => interval.ahtSeconds || 1),
    answerThresholdSeconds,
    serviceLevelRatioMin: targetRatio,
    serviceLevelFormula: formula as LevelFormula,
    patienceSecondsMean: body.patienceSecondsMean,
    // Not below the load: the fewest hours of all write a whole quiet hour off, which no director would publish.
    agentsMin: body.intervals.map((interval, index) =>
      busy[index] ? Math.ceil((interval.contactsMean * interval.ahtSeconds) / intervalSeconds) : 0,
    ),
  })
  return answer.agents
}
