/** Ways to aim at a promise: every interval by itself, the day as a whole with the fewest agent-hours, or the day with a wanted chance. */
import { dayOptimum } from '../../../server/engine/staffing-ext/day-optimum.ts'
import type { LevelFormula } from '../../../server/engine/staffing-ext/level-table.ts'
import type { PlanDayBody } from '../../../server/wire/api.ts'
import { keepChance } from './keep-chance.ts'

const MODELLED: readonly string[] = ['SL1', 'SL2', 'SL3', 'SL4'] satisfies readonly LevelFormula[]

/** Null without a forecast. */
export function eachInterval(body: PlanDayBody): readonly number[] | null {
  if (body.forecast === null) return null
  return body.intervals.map((interval) => interval.required ?? 0)
}

/** Null when no number of agents reaches the target, or the model cannot tell the contract's formula apart. */
export function cheapestDay(body: PlanDayBody): readonly number[] | null {
  return optimumOf(body, 1)
}

const LOAD_FACTOR_MAX = 4
/** Finer steps hardly move whole agents. */
const LOAD_FACTOR_STEP = 0.002

/**
 * The cheapest day as if more calls came than are expected: the least such factor whose plan has the wanted chance.
 * The chance is the one that the page shows beside every plan. Null as above, or when no factor gives that chance.
 */
export function sureDay(body: PlanDayBody, chanceMin: number): readonly number[] | null {
  const planWith = (loadFactor: number) => {
    const agents = optimumOf(body, loadFactor)
    return agents !== null && (keepChance(body, agents) ?? 0) >= chanceMin ? agents : null
  }
  let best = planWith(1)
  if (best !== null) return best
  let low = 1
  let high = 1
  while (best === null) {
    low = high
    high *= 1.2
    if (high > LOAD_FACTOR_MAX) return null
    best = planWith(high)
  }
  while (high - low > LOAD_FACTOR_STEP) {
    const middle = (low + high) / 2
    const agents = planWith(middle)
    if (agents === null) low = middle
    else {
      high = middle
      best = agents
    }
  }
  return best
}

function optimumOf(body: PlanDayBody, loadFactor: number): readonly number[] | null {
  const { formula, targetRatio, answerThresholdSeconds } = body.promise
  const busy = body.intervals.map((interval) => interval.contactsMean > 0 && interval.ahtSeconds > 0)
  if (body.forecast === null || !busy.includes(true) || !MODELLED.includes(formula)) return null
  const intervalSeconds = body.intervalMinutes * 60
  const answer = dayOptimum({
    model: 'erlang-a',
    contacts: body.intervals.map((interval, index) => (busy[index] ? interval.contactsMean * loadFactor : 0)),
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
