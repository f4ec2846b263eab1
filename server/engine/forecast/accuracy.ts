// Measures of a forecast: WAPE, bias, pinball loss, coverage, and the error that counting noise alone leaves.

import { at } from './vector.ts'

/**
 * E|Y − median of Y| of a Poisson count.
 * Equals 2·mean·P(Y = m) + (1 − 2·P(Y ≤ m))·(m − mean)… summed directly instead while the mean is small;
 * beyond that the normal limit √(2·mean ÷ π), within 0.3 % from a mean of 200.
 */
export function poissonAbsoluteDeviation(mean: number): number {
  if (!(mean > 0)) return 0
  if (mean > 200) return Math.sqrt((2 * mean) / Math.PI)
  const median = poissonMedian(mean)
  let probability = Math.exp(-mean)
  let deviation = 0
  let through = 0
  for (let count = 0; count <= median; count++) {
    deviation += probability * (median - count)
    through += probability
    probability *= mean / (count + 1)
  }
  // E|Y − m| = 2·E(m − Y)+ + mean − m.
  return through > 0 ? 2 * deviation + mean - median : mean
}

function poissonMedian(mean: number): number {
  let probability = Math.exp(-mean)
  let through = probability
  let count = 0
  while (through < 0.5) {
    count++
    probability *= mean / count
    through += probability
  }
  return count
}

/** The WAPE that a forecast of the exact rate would still have. NaN when nothing is expected. */
export function poissonFloorWape(means: Float64Array): number {
  let deviation = 0
  let sum = 0
  for (let i = 0; i < means.length; i++) {
    deviation += poissonAbsoluteDeviation(at(means, i))
    sum += at(means, i)
  }
  return sum > 0 ? deviation / sum : Number.NaN
}
