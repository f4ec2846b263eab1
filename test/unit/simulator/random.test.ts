/** Streams: the same purpose gives the same draws; moments near the theory at a fixed seed. */
import { describe, expect, it } from 'vitest'
import { randomStream } from '../../../server/simulator/random.ts'

const DRAWS = 40_000

function moments(draw: () => number) {
  const values = Array.from({ length: DRAWS }, draw)
  const mean = values.reduce((sum, value) => sum + value, 0) / DRAWS
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / DRAWS
  return { mean, variation: Math.sqrt(variance) / mean }
}

describe('random streams', () => {
  it('give the same draws for the same seed and purpose, whatever other streams did', () => {
    const first = randomStream(7, '2026-03-17', 'arrivals')
    const other = randomStream(7, '2026-03-17', 'ringing')
    for (let count = 0; count < 100; count++) other.uniform()
    const second = randomStream(7, '2026-03-17', 'arrivals')
    const draws = (stream: typeof first) => Array.from({ length: 50 }, () => stream.uniform())
    expect(draws(first)).toEqual(draws(second))
  })

  it('differ by seed, by purpose, and by where one purpose ends and the next begins', () => {
    const firsts = [
      randomStream(1, 'a', 'b'),
      randomStream(2, 'a', 'b'),
      randomStream(1, 'ab'),
      randomStream(1, 'b', 'a'),
    ].map((stream) => stream.uniform())
    expect(new Set(firsts).size).toBe(4)
  })

  it('stay in [0, 1) and fill it evenly', () => {
    const { uniform } = randomStream(3, 'uniform')
    const bins = new Array<number>(10).fill(0)
    for (let count = 0; count < DRAWS; count++) {
      const value = uniform()
      const bin = Math.floor(value * 10)
      bins[bin] = (bins[bin] ?? 0) + 1
    }
    const expected = DRAWS / 10
    // A draw outside of [0, 1) would have made a bin of its own.
    expect(bins).toHaveLength(10)
    const chiSquare = bins.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
    // 99.9 % point of chi-square with 9 degrees of freedom.
    expect(chiSquare).toBeLessThan(27.88)
  })

  it('have the mean and the variation that were asked for', () => {
    const random = randomStream(11, 'moments')
    const exponential = moments(() => random.exponential(180))
    expect(exponential.mean / 180).toBeCloseTo(1, 1)
    expect(exponential.variation).toBeCloseTo(1, 1)
    const lognormal = moments(() => random.lognormal(240, 0.8))
    expect(lognormal.mean / 240).toBeCloseTo(1, 1)
    expect(lognormal.variation).toBeCloseTo(0.8, 1)
    const gamma = moments(() => random.gammaFactor(0.2))
    expect(gamma.mean).toBeCloseTo(1, 2)
    expect(gamma.variation).toBeCloseTo(0.2, 2)
  })
})
