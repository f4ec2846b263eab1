/** What the single waits of a period tell: exact percentiles, and the wait that a caller of endless patience could expect. */
import type { WaitFigures } from './figures.ts'

/**
 * A wait that has ended, as a number that sorts: its whole milliseconds twice, and one more where the caller left before the
 * answer (then the wait for it is known only from below). At one instant answers come first: who left at t had not been
 * answered by t. A day has a hundred thousand; numbers sort many times quicker than objects.
 */
export type EndedWait = number

export function endedWait(waitMs: number, answered: boolean): EndedWait {
  return waitMs * 2 + (answered ? 0 : 1)
}

const waitMsOf = (wait: EndedWait) => Math.floor(wait / 2)
const isAnswered = (wait: EndedWait) => wait % 2 === 0

export function waitFigures(waits: readonly EndedWait[]): WaitFigures {
  const sorted = new Float64Array(waits).sort()
  return {
    waitSecondsP50: percentileSeconds(sorted, 50),
    waitSecondsP80: percentileSeconds(sorted, 80),
    waitSecondsP90: percentileSeconds(sorted, 90),
    waitSecondsP95: percentileSeconds(sorted, 95),
    waitSecondsP99: percentileSeconds(sorted, 99),
    asaEndlessPatienceSeconds: endlessPatienceSeconds(sorted),
  }
}

/** Nearest rank: the least wait that at least this share of the contacts did not exceed. Always a wait that happened. */
function percentileSeconds(sorted: Float64Array, percent: number): number | null {
  // Whole numbers until the division: 0.95 × 20 must be rank 19, not the 20th by a rounding error.
  const rank = Math.ceil((percent * sorted.length) / 100)
  const found = sorted[Math.max(0, rank - 1)]
  return found === undefined ? null : waitMsOf(found) / 1000
}

/**
 * Mean of the product-limit distribution of the time to answer (Kaplan and Meier 1958): those who left are censored. The
 * curve is cut at the longest wait (Efron: the last one counts as an answer), so the mean is from below.
 */
function endlessPatienceSeconds(sorted: Float64Array): number | null {
  if (!sorted.some(isAnswered)) return null
  let surviving = 1
  let atMs = 0
  let areaMs = 0
  for (let index = 0; index < sorted.length; index += 1) {
    const wait = sorted[index] as EndedWait
    const waitMs = waitMsOf(wait)
    areaMs += surviving * (waitMs - atMs)
    atMs = waitMs
    if (isAnswered(wait)) surviving *= 1 - 1 / (sorted.length - index)
  }
  return areaMs / 1000
}
