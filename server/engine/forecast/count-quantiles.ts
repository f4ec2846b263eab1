// Quantiles of counts around a mean: root scale with learned errors for busy slots, negative binomial for quiet ones.

/** The quantile levels of every forecast, ascending. */
export const QUANTILE_LEVELS: readonly [number, number, number, number] = [0.025, 0.1, 0.9, 0.975]
/** Standard normal quantiles at those levels. */
export const NORMAL_QUANTILES: readonly [number, number, number, number] = [
  -1.959964, -1.281552, 1.281552, 1.959964,
]
/** Below this mean a count is told by its probabilities, not by a root. */
export const SMALL_MEAN = 6

/** Error law of one lead: var(2(√y − √f)) = noise + rate · f, with standardised quantiles of that error. */
export interface ErrorLaw {
  /** Variance ÷ mean of the noise around the rate; 1 = Poisson. */
  readonly noise: number
  /** Squared coefficient of variation of the rate. */
  readonly rate: number
  /** Standardised error at QUANTILE_LEVELS. */
  readonly quantiles: readonly [number, number, number, number]
}

/** Writes the four quantiles of a count with the given mean, starting at `out[from]`. */
export function countQuantiles(mean: number, law: ErrorLaw, out: Float64Array, from: number): void {
  if (!(mean > 0)) {
    out.fill(0, from, from + 4)
    return
  }
  if (mean >= SMALL_MEAN) rootQuantiles(mean, law, out, from)
  else smallQuantiles(mean, law, out, from)
}

function rootQuantiles(mean: number, law: ErrorLaw, out: Float64Array, from: number): void {
  const half = Math.sqrt(law.noise + law.rate * mean) / 2
  for (let i = 0; i < 4; i++) {
    const root = Math.max(0, Math.sqrt(mean) + (law.quantiles[i] ?? 0) * half)
    out[from + i] = root * root
  }
}

/**
 * Negative binomial with variance noise · f + rate · f² (Poisson when that is no more than the mean).
 * A count's probability is spread evenly over ± one half, so that the bands of small means hold about what they say.
 */
function smallQuantiles(mean: number, law: ErrorLaw, out: Float64Array, from: number): void {
  const variance = Math.max(law.noise * mean + law.rate * mean * mean, mean * 1.000001)
  const success = mean / variance
  const size = (mean * success) / (1 - success)
  let probability = success ** size
  let below = 0
  let next = 0
  for (let count = 0; count < 400 && next < 4; count++) {
    const through = below + probability
    while (next < 4 && through >= (QUANTILE_LEVELS[next] ?? 1)) {
      const inside = probability > 0 ? ((QUANTILE_LEVELS[next] ?? 1) - below) / probability : 0
      out[from + next] = Math.max(0, count - 0.5 + inside)
      next++
    }
    below = through
    probability *= ((count + size) / (count + 1)) * (1 - success)
  }
  for (; next < 4; next++) out[from + next] = next === 0 ? mean : Math.max(out[from + next - 1] ?? 0, mean)
}

/** Quantiles of the rate alone (no counting noise) at the given standard normal deviates. */
export function rateQuantile(mean: number, rateVariance: number, deviate: number): number {
  const root = Math.max(0, Math.sqrt(Math.max(0, mean)) * (1 + (deviate * Math.sqrt(rateVariance)) / 2))
  return root * root
}
