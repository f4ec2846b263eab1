/** Classes with priority in one pool: mean waits of M/M/n, non-preemptive, one handling time, class 1 first. */
import { erlangCWaitProbability } from '../staffing/erlang-c.ts'
import { checkNotEmpty, checkNotNegative, checkPositive, checkWhole } from './input.ts'

export interface PriorityInput {
  /** Load of each class, the most urgent first. */
  readonly offeredErlangsByClass: readonly number[]
  readonly agents: number
  readonly ahtSeconds: number
}

export interface PriorityMetrics {
  /** Mean wait of all callers of the class; null where it is unbounded or the class has no callers. */
  readonly asaSecondsByClass: readonly (number | null)[]
  readonly queueLengthMeanByClass: readonly (number | null)[]
  /** Share of callers of any class who find every agent busy. */
  readonly waitProbability: number
}

/**
 * Cobham 1954, Kella and Yechiali 1985: W_k = C(n, A) (AHT / n) / ((1 - s_{k-1})(1 - s_k)), s_k = (A_1 + .. + A_k) / n.
 * When the classes together overload the pool, all agents are always busy (C = 1), and the classes
 * above the first overloaded one keep finite waits. The rest wait without bound.
 */
export function priorityMetrics(input: PriorityInput): PriorityMetrics {
  checkPriorityInput(input)
  const { offeredErlangsByClass, agents, ahtSeconds } = input
  const totalErlangs = offeredErlangsByClass.reduce((sum, erlangs) => sum + erlangs, 0)
  const waitProbability = totalErlangs === 0 ? 0 : erlangCWaitProbability(agents, totalErlangs)
  const asaSecondsByClass: (number | null)[] = []
  const queueLengthMeanByClass: (number | null)[] = []
  let erlangsAbove = 0
  for (const erlangs of offeredErlangsByClass) {
    const freeBefore = agents - erlangsAbove
    const freeAfter = freeBefore - erlangs
    // (AHT / n) / ((1 - s)(1 - s')) with both factors multiplied by n.
    const asaSeconds =
      freeAfter > 0 ? ((waitProbability * ahtSeconds) / freeBefore) * (agents / freeAfter) : null
    asaSecondsByClass.push(erlangs === 0 ? null : asaSeconds)
    queueLengthMeanByClass.push(
      erlangs === 0 ? 0 : asaSeconds === null ? null : (erlangs * asaSeconds) / ahtSeconds,
    )
    erlangsAbove += erlangs
  }
  return { asaSecondsByClass, queueLengthMeanByClass, waitProbability }
}

function checkPriorityInput({ offeredErlangsByClass, agents, ahtSeconds }: PriorityInput): void {
  checkNotEmpty('offeredErlangsByClass', offeredErlangsByClass)
  for (let index = 0; index < offeredErlangsByClass.length; index++) {
    checkNotNegative(`offeredErlangsByClass/${index}`, offeredErlangsByClass[index] as number)
  }
  checkWhole('agents', agents)
  checkPositive('ahtSeconds', ahtSeconds)
}
