/** What the single waits of a period tell: exact percentiles, and the wait that a caller of endless patience could expect. */
import type { WaitFigures } from './figures.ts'

/** A wait that has ended. `answered` false: the caller left before the answer, so the wait for it is known only from below. */
export interface EndedWait {
  readonly waitMs: number
  readonly answered: boolean
}

export function waitFigures(waits: readonly EndedWait[]): WaitFigures {
  // At one instant answers come before leavings: who left at t had not been answered by t.
  const sorted = [...waits].sort((a, b) => a.waitMs - b.waitMs || Number(b.answered) - Number(a.answered))
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
function percentileSeconds(sorted: readonly EndedWait[], percent: number): number | null {
  // Whole numbers until the division: 0.95 × 20 must be rank 19, not the 20th by a rounding error.
  const rank = Math.ceil((percent * sorted.length) / 100)
  const found = sorted[Math.max(0, rank - 1)]
  return found === undefined ? null : found.waitMs / 1000
}

/**
 * Mean of the product-limit distribution of the time to answer (Kaplan and Meier 1958): those who left are censored. The
 * curve is cut at the longest wait (Efron: the last one counts as an answer), so the mean is from below.
 */
function endlessPatienceSeconds(sorted: readonly EndedWait[]): number | null {
  if (!sorted.some(({ answered }) => answered)) return null
  let surviving = 1
  let atMs = 0
  let areaMs = 0
  for (const [index, { waitMs, answered }] of sorted.entries()) {
    areaMs += surviving * (waitMs - atMs)
    atMs = waitMs
    if (answered) surviving *= 1 - 1 / (sorted.length - index)
  }
  return areaMs / 1000
}
