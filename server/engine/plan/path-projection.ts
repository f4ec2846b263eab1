/** The day's end from the paths of its rest and what is counted so far: expected level, band, chance, at any instant. */

import type { DayPaths } from './day-paths.ts'
import type { SoFar } from './day-projection.ts'

export interface PathProjection {
  readonly expectedRest: number
  readonly ratio: number | null
  readonly ratioP10: number | null
  readonly ratioP90: number | null
  readonly keepProbability: number | null
}

/**
 * A day that none of the paths kept is unlikely, not impossible: half a path is counted on either side while anything is to
 * come. `position` counts intervals of the paths from their start: 0.5 is in the middle of the first.
 */
export function projectPaths(
  rest: DayPaths,
  position: number,
  soFar: SoFar,
  targetRatio: number,
): PathProjection {
  const index = Math.min(Math.max(Math.floor(position), 0), rest.intervals)
  const part = Math.min(Math.max(position - index, 0), 1)
  const stride = rest.intervals + 1
  const levels = new Float64Array(rest.paths)
  let levelCount = 0
  let metSum = 0
  let countedSum = 0
  let kept = 0
  for (let path = 0; path < rest.paths; path++) {
    const at = path * stride + index
    const met = between(rest.met, at, part, index < rest.intervals)
    const counted = between(rest.counted, at, part, index < rest.intervals)
    metSum += met
    countedSum += counted
    const total = soFar.counted + counted
    if (total <= 0) continue
    const ratio = (soFar.met + met) / total
    levels[levelCount++] = ratio
    if (ratio >= targetRatio - 1e-9) kept += 1
  }
  const expectedRest = rest.paths === 0 ? 0 : countedSum / rest.paths
  const total = soFar.counted + expectedRest
  if (levelCount === 0 || total <= 0)
    return { expectedRest, ratio: null, ratioP10: null, ratioP90: null, keepProbability: null }
  const sorted = levels.subarray(0, levelCount).sort()
  const quantile = (share: number) => sorted[Math.min(levelCount - 1, Math.floor(share * levelCount))] ?? null
  return {
    expectedRest,
    ratio: (soFar.met + metSum / rest.paths) / total,
    ratioP10: quantile(0.1),
    ratioP90: quantile(0.9),
    keepProbability: expectedRest > 0 ? (kept + 0.5) / (levelCount + 1) : kept / levelCount,
  }
}

function between(column: Float32Array, at: number, part: number, hasNext: boolean): number {
  const here = column[at] ?? 0
  return hasNext ? here + ((column[at + 1] ?? 0) - here) * part : here
}
