/** Erlang B: M/M/n/n, a call that finds all lines taken is lost. Source: MODELS.md, "Erlang B". */
import { inverseErlangB } from './special-functions.ts'

export interface ErlangBInput {
  readonly offeredErlangs: number
  readonly lines: number
}

export interface ErlangBFigures {
  readonly offeredErlangs: number
  readonly lines: number
  readonly blockingRatio: number | null
  readonly carriedErlangs: number
  readonly lostErlangs: number
  readonly occupancyRatio: number | null
}

/** Probability that a call is lost. Whole or fractional lines; 0 for no load; cost does not grow with the load. */
export function erlangBBlockingRatio(lines: number, offeredErlangs: number): number {
  if (offeredErlangs === 0) return lines === 0 ? 1 : 0
  return 1 / inverseErlangB(lines, offeredErlangs)
}

export function erlangBMetrics({ offeredErlangs, lines }: ErlangBInput): ErlangBFigures {
  if (offeredErlangs === 0) {
    return {
      offeredErlangs,
      lines,
      blockingRatio: null,
      carriedErlangs: 0,
      lostErlangs: 0,
      occupancyRatio: null,
    }
  }
  const inverse = inverseErlangB(lines, offeredErlangs)
  // A (1 - B) = A (R - 1) / R, and R - 1 = (n / A) R_(n-1): no difference of near-equal numbers in overload.
  const carriedErlangs =
    lines < 1
      ? (offeredErlangs * (inverse - 1)) / inverse
      : lines * (inverseErlangB(lines - 1, offeredErlangs) / inverse)
  return {
    offeredErlangs,
    lines,
    blockingRatio: 1 / inverse,
    carriedErlangs: Number.isNaN(carriedErlangs) ? offeredErlangs : carriedErlangs,
    lostErlangs: offeredErlangs / inverse,
    occupancyRatio: lines === 0 ? null : occupancy(carriedErlangs, offeredErlangs, lines),
  }
}

function occupancy(carriedErlangs: number, offeredErlangs: number, lines: number): number {
  return Math.min(1, (Number.isNaN(carriedErlangs) ? offeredErlangs : carriedErlangs) / lines)
}
