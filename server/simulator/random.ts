/** Seeded randomness in named streams: xoshiro128** started by splitmix32, so one purpose never shifts the draws of another. */
import { assert } from '../domain/assert.ts'

export interface RandomStream {
  /** In [0, 1), 53 bits. */
  uniform(): number
  exponential(mean: number): number
  normal(): number
  /** Lognormal given by its own mean and coefficient of variation, not by those of its logarithm. */
  lognormal(mean: number, variationRatio: number): number
  /** Gamma with mean 1; the coefficient of variation must be at most 1. */
  gammaFactor(variationRatio: number): number
  chance(probability: number): boolean
  integer(endExclusive: number): number
}

/** The stream of one purpose. The same seed and purpose give the same draws, whatever other streams were used for. */
export function randomStream(seed: number, ...purpose: readonly string[]): RandomStream {
  const bits = xoshiro128(hashText([String(seed), ...purpose].join('\u001f')))
  const uniform = () => ((bits() >>> 5) * 0x4000000 + (bits() >>> 6)) / 0x20000000000000
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
  return {
    uniform,
    normal,
    exponential: (mean) => -mean * Math.log(1 - uniform()),
    lognormal: (mean, variationRatio) => {
      const variance = Math.log(1 + variationRatio * variationRatio)
      return mean * Math.exp(Math.sqrt(variance) * normal() - variance / 2)
    },
    gammaFactor: (variationRatio) => gammaFactor({ variationRatio, uniform, normal }),
    chance: (probability) => uniform() < probability,
    integer: (endExclusive) => Math.floor(uniform() * endExclusive),
  }
}

interface GammaInput {
  readonly variationRatio: number
  uniform(): number
  normal(): number
}

/** Marsaglia and Tsang, "A simple method for generating gamma variables" (2000), for shapes of at least 1. */
function gammaFactor({ variationRatio, uniform, normal }: GammaInput): number {
  if (variationRatio === 0) return 1
  const shape = 1 / (variationRatio * variationRatio)
  assert(shape >= 1, 'a gamma factor varies by at most its mean')
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  // Accepted in more than nine of ten rounds.
  for (;;) {
    const x = normal()
    const v = (1 + c * x) ** 3
    if (v > 0 && Math.log(1 - uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return (d * v) / shape
  }
}

/** FNV-1a, 32 bits: enough to tell purposes apart; the mixing is splitmix's work. */
function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return hash >>> 0
}

function splitmix32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x9e3779b9) | 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
    return (mixed ^ (mixed >>> 16)) >>> 0
  }
}

/** Blackman and Vigna's xoshiro128**. */
function xoshiro128(seed: number): () => number {
  const next = splitmix32(seed)
  let [a, b, c, d] = [next(), next(), next(), next()]
  return () => {
    const product = Math.imul(b, 5)
    const result = Math.imul((product << 7) | (product >>> 25), 9)
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = (d << 11) | (d >>> 21)
    return result >>> 0
  }
}
