/** What a changed forecast does to the agents that the day requires: the same function as the plan's own requirement. Pure. */
import { requiredAgents } from '../../../server/engine/plan/interval-outcome.ts'
import type { PlanDayBody } from '../../../server/wire/api.ts'
import type { FlatInterval } from './columns.ts'

export interface Staffing {
  /** Agents at the busiest interval. */
  readonly peak: number
  readonly agentHours: number
  /** False when somewhere no number of agents keeps the promise. */
  readonly reachable: boolean
}

export function staffingOf(plan: PlanDayBody, intervals: readonly FlatInterval[]): Staffing {
  let peak = 0
  let agentIntervals = 0
  let reachable = true
  for (const { contactsMean, ahtSeconds } of intervals) {
    const load = {
      contacts: contactsMean,
      ahtSeconds,
      intervalSeconds: plan.intervalMinutes * 60,
      patienceSecondsMean: plan.patienceSecondsMean,
    }
    const agents = requiredAgents(load, plan.promise)
    if (agents === null) reachable = false
    peak = Math.max(peak, agents ?? 0)
    agentIntervals += agents ?? 0
  }
  return { peak, agentHours: (agentIntervals * plan.intervalMinutes) / 60, reachable }
}
