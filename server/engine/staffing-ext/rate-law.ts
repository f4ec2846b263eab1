/**
 * The distribution of a contact rate, for deterministic quadrature: gamma by mean and coefficient of variation,
 * or quantiles joined linearly in normal scores. Of the rate, not of the count: Poisson noise is the queue's own.
 */
import { erfcx } from '../staffing/special-functions.ts'
import { checkNotEmpty, checkNotNegative, checkPositive, refuse } from './input.ts'

export type RateDistribution =
  | { readonly contactsMean: number; readonly coefficientOfVariation: number }
  | { readonly quantiles: readonly RateQuantile[] }

interface RateQuantile {
  /** Above 0 and below 1. */
  readonly probability: number
  readonly contacts: number
}

interface RateNodes {
  readonly rates: Float64Array
  readonly weights: Float64Array
}

export interface RateLaw {
  readonly mean: number
  /** Weighted rates, with panels that end at the given rates, where a function of the rate has a kink. */
  nodes(kinks?: readonly number[], panels?: number): RateNodes
  /** P(rate <= contacts). */
  probabilityUpTo(contacts: number): number
  quantile(probability: number): number
}

/** Coefficient of variation of the rate behind counts: their variance less the Poisson noise. */
export function rateCoefficientOfVariation(countMean: number, countVariance: number): number {
  checkPositive('countMean', countMean)
  checkNotNegative('countVariance', countVariance)
  return Math.sqrt(Math.max(0, countVariance - countMean)) / countMean
}

export function rateLaw(distribution: RateDistribution): RateLaw {
  if ('quantiles' in distribution) return lawOfLatent(quantileLatent(distribution.quantiles))
  const { contactsMean, coefficientOfVariation } = distribution
  checkNotNegative('contactsMean', contactsMean)
  checkNotNegative('coefficientOfVariation', coefficientOfVariation)
  if (coefficientOfVariation > 20) refuse('coefficientOfVariation', 'must be at most 20')
  if (contactsMean === 0 || coefficientOfVariation < 1e-9) return certainLaw(contactsMean)
  return lawOfLatent(gammaLatent(contactsMean, 1 / coefficientOfVariation ** 2))
}

/** A variable s with a smooth density (up to a factor) and a rate that rises with it. */
interface Latent {
  readonly from: number
  readonly to: number
  readonly breaks: readonly number[]
  density(s: number): number
  rate(s: number): number
}

/** Below e^-40 of the peak nothing is left that a figure could show. */
const EXPONENT_DROP = 40
const PANELS = 24

/** Rate = mean e^s: the density e^(k (s - e^s + 1)) is smooth for every shape k. */
function gammaLatent(mean: number, shape: number): Latent {
  const exponent = (s: number) => shape * (s - Math.expm1(s))
  const left = (drop: number) => bisect(-1 - drop / shape, 0, (s) => exponent(s) > -drop)
  const right = (drop: number) => bisect(0, 3 + Math.log1p(drop / shape), (s) => exponent(s) < -drop)
  // A flat shape is wide on one side: panels follow the density there, not the width.
  const breaks = shape > 4 ? [0] : [0, ...[0.5, 2, 6, 15].flatMap((drop) => [left(drop), right(drop)])]
  const [from, to] = [left(EXPONENT_DROP), right(EXPONENT_DROP)]
  return { from, to, breaks, density: (s) => Math.exp(exponent(s)), rate: (s) => mean * Math.exp(s) }
}

/** Rate piecewise linear in the normal score, the end slopes carried on, never below 0. */
function quantileLatent(quantiles: readonly RateQuantile[]): Latent {
  checkQuantiles(quantiles)
  const scores = quantiles.map(({ probability }) => normalScore(probability))
  const contacts = quantiles.map((quantile) => quantile.contacts)
  const rate = (s: number) => {
    let i = 1
    while (i < scores.length - 1 && s > (scores[i] ?? 0)) i++
    const [s0 = 0, s1 = 1] = [scores[i - 1], scores[i]]
    const [c0 = 0, c1 = 0] = [contacts[i - 1], contacts[i]]
    return Math.max(0, c0 + ((c1 - c0) * (s - s0)) / (s1 - s0))
  }
  return { from: -8.9, to: 8.9, breaks: scores, density: (s) => Math.exp((-s * s) / 2), rate }
}

function checkQuantiles(quantiles: readonly RateQuantile[]): void {
  checkNotEmpty('quantiles', quantiles)
  if (quantiles.length < 2) refuse('quantiles', 'must have at least 2 entries')
  quantiles.forEach(({ probability, contacts }, index) => {
    checkNotNegative(`quantiles/${index}/contacts`, contacts)
    const before = quantiles[index - 1]
    const rises = before === undefined || (probability > before.probability && contacts >= before.contacts)
    if (!(probability > 0 && probability < 1) || !rises) {
      refuse(`quantiles/${index}`, 'must rise, with probabilities above 0 and below 1')
    }
  })
}

function certainLaw(contacts: number): RateLaw {
  return {
    mean: contacts,
    nodes: () => ({ rates: Float64Array.of(contacts), weights: Float64Array.of(1) }),
    probabilityUpTo: (limit) => (contacts <= limit ? 1 : 0),
    quantile: () => contacts,
  }
}

function lawOfLatent(latent: Latent): RateLaw {
  const { from, to } = latent
  const mass = (a: number, b: number) => integrate(latent, a, b)
  const whole = mass(from, to)
  const latentOf = (contacts: number) => bisect(from, to, (s) => latent.rate(s) > contacts)
  const nodes = (kinks: readonly number[] = [], panels = PANELS): RateNodes => {
    const rates: number[] = []
    const weights: number[] = []
    eachPanel([from, to, ...latent.breaks, ...kinks.map(latentOf)], { from, to, panels }, (s, weight) => {
      rates.push(latent.rate(s))
      weights.push((weight * latent.density(s)) / whole)
    })
    return { rates: Float64Array.from(rates), weights: Float64Array.from(weights) }
  }
  const all = nodes()
  return {
    mean: all.rates.reduce((sum, rate, i) => sum + rate * (all.weights[i] ?? 0), 0),
    nodes,
    probabilityUpTo: (contacts) => {
      if (latent.rate(from) > contacts) return 0
      return Math.min(1, mass(from, latentOf(contacts)) / whole)
    },
    quantile: (probability) => latent.rate(bisect(from, to, (s) => mass(from, s) / whole >= probability)),
  }
}

function integrate(latent: Latent, a: number, b: number): number {
  let sum = 0
  const panels = Math.max(1, Math.ceil((PANELS * (b - a)) / (latent.to - latent.from)))
  eachPanel([a, b, ...latent.breaks], { from: a, to: b, panels }, (s, weight) => {
    sum += weight * latent.density(s)
  })
  return sum
}

/** Cuts [from, to] evenly and at `ends`, and visits the nodes of every piece. */
function eachPanel(
  ends: readonly number[],
  { from, to, panels }: { from: number; to: number; panels: number },
  visit: (s: number, weight: number) => void,
): void {
  const cuts = ends.filter((s) => s >= from && s <= to)
  for (let panel = 1; panel < panels; panel++) cuts.push(from + ((to - from) * panel) / panels)
  cuts.sort((a, b) => a - b)
  for (let i = 1; i < cuts.length; i++) {
    const [a = 0, b = 0] = [cuts[i - 1], cuts[i]]
    if (b - a > 1e-13 * (to - from)) eachNode(a, b, visit)
  }
}

/** Gauss-Legendre, 8 points (the positive half). */
const GAUSS_NODES = [0.1834346424956498, 0.525532409916329, 0.7966664774136267, 0.9602898564975363]
const GAUSS_WEIGHTS = [0.362683783378362, 0.3137066458778873, 0.2223810344533745, 0.1012285362903763]

function eachNode(a: number, b: number, visit: (s: number, weight: number) => void): void {
  const middle = (a + b) / 2
  const half = (b - a) / 2
  for (let i = 3; i >= 0; i--) visit(middle - half * (GAUSS_NODES[i] ?? 0), half * (GAUSS_WEIGHTS[i] ?? 0))
  for (let i = 0; i < 4; i++) visit(middle + half * (GAUSS_NODES[i] ?? 0), half * (GAUSS_WEIGHTS[i] ?? 0))
}

/** Where a condition that is false at `from` and true at `to` turns true. */
export function bisect(from: number, to: number, isTrue: (x: number) => boolean): number {
  let low = from
  let high = to
  for (let round = 0; round < 200; round++) {
    const middle = (low + high) / 2
    if (middle <= low || middle >= high) break
    if (isTrue(middle)) high = middle
    else low = middle
  }
  return high
}

/** Phi(z), accurate in the tails. */
export function normalProbability(z: number): number {
  const x = Math.abs(z) / Math.SQRT2
  const tail = 0.5 * erfcx(x) * Math.exp(-x * x)
  return z > 0 ? 1 - tail : tail
}

function normalScore(probability: number): number {
  return bisect(-40, 40, (z) => normalProbability(z) >= probability)
}
