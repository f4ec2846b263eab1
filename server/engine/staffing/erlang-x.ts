/**
 * Erlang X: Erlang A where a share of those who abandon call again (redials), so that the load feeds itself.
 * Total attempts A solve A = A0 + r Pab(A) A, a unique root in [A0, A0 / (1 - r)]. Source: MODELS.md, "Erlang X".
 */
import { type ErlangAFigures, type ErlangAInput, erlangAMetrics, erlangARatios } from './erlang-a.ts'

export interface ErlangXInput extends ErlangAInput {
  /** Share of the abandoned who try again, 0 … 1 (1: only below the capacity of the agents). */
  readonly redialRatio: number
}

/** The Erlang A figures are per attempt, at the total load. */
export interface ErlangXFigures extends ErlangAFigures {
  /** First attempts and redials; null when the redials never end. */
  readonly totalErlangs: number
  /** Callers who give up for good, over first calls. */
  readonly lostRatio: number | null
}

/** null: redialRatio 1 and more first calls than the agents can ever answer. */
export function erlangXMetrics(input: ErlangXInput): ErlangXFigures | null {
  const { offeredErlangs, redialRatio } = input
  if (offeredErlangs === 0) return { ...erlangAMetrics(input), totalErlangs: 0, lostRatio: null }
  const totalErlangs = totalLoad(input)
  if (totalErlangs === null) return null
  const figures = erlangAMetrics({ ...input, offeredErlangs: totalErlangs, residueErlangs: 0 })
  const abandonRatio = figures.abandonRatio ?? 0
  return {
    ...figures,
    offeredErlangs,
    totalErlangs,
    lostRatio: (1 - redialRatio) * abandonRatio * (totalErlangs / offeredErlangs),
  }
}

/** The root by regula falsi with bisection as its guard (the left side less the right grows with A). */
function totalLoad(input: ErlangXInput): number | null {
  const { offeredErlangs, redialRatio, agents } = input
  if (redialRatio === 0) return offeredErlangs
  const { answerThresholdSeconds: _, ...untimed } = input
  const abandonAt = (total: number) =>
    erlangARatios({ ...untimed, offeredErlangs: total, residueErlangs: 0 }).abandonRatio ?? 0
  const excess = (total: number) => total * (1 - redialRatio * abandonAt(total)) - offeredErlangs
  const low = offeredErlangs
  let high = offeredErlangs / (1 - redialRatio)
  if (!Number.isFinite(high)) {
    if (offeredErlangs >= agents) return null
    high = 2 * Math.max(offeredErlangs, agents)
    while (excess(high) < 0 && high < 1e300) high *= 2
  }
  return increasingRoot(excess, low, high)
}

/** The zero of an increasing function between two points (Illinois steps, bisection when they stall). */
export function increasingRoot(f: (value: number) => number, from: number, to: number): number {
  let low = from
  let high = to
  let fLow = f(low)
  let fHigh = f(high)
  if (fLow >= 0) return low
  if (fHigh <= 0) return high
  let lastSide = 0
  for (let iteration = 0; iteration < 200 && high - low > 4e-16 * high; iteration++) {
    const secant = low - (fLow * (high - low)) / (fHigh - fLow)
    const useSecant = iteration % 4 !== 3 && secant > low && secant < high
    const middle = useSecant ? secant : low + (high - low) / 2
    const value = f(middle)
    if (value === 0 || middle === low || middle === high) return middle
    const side = Math.sign(value)
    if (side < 0) {
      low = middle
      fLow = value
      if (lastSide === side) fHigh /= 2
    } else {
      high = middle
      fHigh = value
      if (lastSide === side) fLow /= 2
    }
    lastSide = side
  }
  return low + (high - low) / 2
}
