/** The real number of agents at which Erlang C just meets a level: to be summed or averaged before the one rounding. */
import { erlangCLateRatio } from './erlang-c.ts'

export interface FractionalAgentsInput {
  readonly offeredErlangs: number
  readonly ahtSeconds: number
  readonly answerThresholdSeconds: number
  readonly serviceLevelRatioMin: number
}

/** null: a level of 1 is out of reach; 0 without load; never below the load. */
export function fractionalAgentsErlangC(input: FractionalAgentsInput): number | null {
  const { offeredErlangs, serviceLevelRatioMin, ...times } = input
  if (offeredErlangs === 0) return 0
  if (serviceLevelRatioMin >= 1) return null
  const misses = (agents: number) =>
    erlangCLateRatio({ offeredErlangs, agents, ...times }) > 1 - serviceLevelRatioMin
  let low = offeredErlangs
  let high = offeredErlangs + 1
  while (misses(high)) {
    low = high
    high += high - offeredErlangs
  }
  for (let halving = 0; halving < 200; halving++) {
    const middle = low + (high - low) / 2
    if (middle === low || middle === high) break
    if (misses(middle)) low = middle
    else high = middle
  }
  return high
}
