/** Seeded random streams and the times drawn from them. One stream per purpose keeps compared runs in step. */
import { checkNotEmpty, checkNotNegative, checkPositive, refuse } from '../input.ts'

export type TimeDistribution =
  | { readonly kind: 'exponential'; readonly secondsMean: number }
  | { readonly kind: 'lognormal'; readonly secondsMean: number; readonly coefficientOfVariation: number }
  | { readonly kind: 'deterministic'; readonly seconds: number }
  | { readonly kind: 'empirical'; readonly seconds: readonly number[] }

export type Sampler = () => number

/** sfc32 (Doty-Humphrey): 128 bits of state, passes PractRand; uniform on (0, 1). */
export function createRandom(seed: number, stream: number): Sampler {
  let a = seed | 0
  let b = Math.floor(seed / 2 ** 32) | 0
  let c = Math.imul(stream + 1, 0x9e3779b1)
  let d = 1
  const next = () => {
    const sum = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum >>> 0
  }
  for (let i = 0; i < 20; i++) next()
  return () => (next() + 0.5) / 4294967296
}

export function createSampler(distribution: TimeDistribution, random: Sampler): Sampler {
  switch (distribution.kind) {
    case 'exponential':
      return () => -distribution.secondsMean * Math.log(random())
    case 'deterministic':
      return () => distribution.seconds
    case 'lognormal': {
      const variance = Math.log1p(distribution.coefficientOfVariation ** 2)
      const mu = Math.log(distribution.secondsMean) - variance / 2
      return () => Math.exp(mu + Math.sqrt(variance) * standardNormal(random))
    }
    case 'empirical': {
      const { seconds } = distribution
      return () => seconds[Math.floor(random() * seconds.length)] ?? 0
    }
  }
}

export function secondsMeanOf(distribution: TimeDistribution): number {
  switch (distribution.kind) {
    case 'deterministic':
      return distribution.seconds
    case 'empirical':
      return distribution.seconds.reduce((sum, value) => sum + value, 0) / distribution.seconds.length
    default:
      return distribution.secondsMean
  }
}

/** Box and Muller 1958; the second number is dropped, so that a stream has no hidden state. */
function standardNormal(random: Sampler): number {
  return Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random())
}

export function checkDistribution(field: string, distribution: TimeDistribution): void {
  switch (distribution.kind) {
    case 'exponential':
      checkPositive(`${field}/secondsMean`, distribution.secondsMean)
      break
    case 'lognormal':
      checkPositive(`${field}/secondsMean`, distribution.secondsMean)
      checkNotNegative(`${field}/coefficientOfVariation`, distribution.coefficientOfVariation)
      break
    case 'deterministic':
      checkNotNegative(`${field}/seconds`, distribution.seconds)
      break
    case 'empirical':
      checkNotEmpty(`${field}/seconds`, distribution.seconds)
      distribution.seconds.forEach((value, index) => {
        checkNotNegative(`${field}/seconds/${index}`, value)
      })
      break
    default:
      refuse(`${field}/kind`, 'must be exponential, lognormal, deterministic or empirical', 'unknown-value')
  }
}
