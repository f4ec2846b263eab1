/**
 * The two scaled incomplete gamma functions that every queue of this folder is made of, and what they need.
 *
 * R(n, A) = integral of e^-u (1 + u/A)^n = 1 / ErlangB(n, A), and S(x, y) = 1F1(1; x+1; y).
 * Uniform expansion near the load (DLMF 8.12), positive series and recurrences elsewhere: nothing is subtracted
 * that could cancel, and the cost does not grow with the load.
 */
import { ERFCX_COEFFICIENTS, STIRLING_COEFFICIENTS, TEMME_COEFFICIENTS } from './gamma-coefficients.ts'

/** From here the uniform expansion holds full double precision; below it recurrences are short anyway. */
const UNIFORM_ORDER_MIN = 40
const UNIFORM_MU_MAX = 0.3
const TERM_NEGLIGIBLE = 1e-17
/** Log of the largest double is 709.78; beyond this a scaled value is called infinite. */
const EXPONENT_MAX = 709

function polynomial(coefficients: readonly number[], t: number): number {
  let sum = 0
  for (let index = coefficients.length - 1; index >= 0; index--) {
    sum = sum * t + (coefficients[index] ?? 0)
  }
  return sum
}

/** e^(z^2) erfc(z): does not underflow for large z; overflows below z = -26. */
export function erfcx(z: number): number {
  const magnitude = Math.abs(z)
  if (magnitude === Number.POSITIVE_INFINITY) return z > 0 ? 0 : Number.POSITIVE_INFINITY
  const positive =
    polynomial(ERFCX_COEFFICIENTS, (magnitude - 3.75) / (magnitude + 3.75)) / (1 + 2 * magnitude)
  return z >= 0 ? positive : 2 * Math.exp(z * z) - positive
}

/** mu - ln(1 + mu), relative to full precision also near 0 (the atanh series, never log minus). */
export function logExcess(mu: number): number {
  if (Math.abs(mu) > 0.35) return mu - Math.log1p(mu)
  const t = mu / (2 + mu)
  const t2 = t * t
  let sum = 0
  for (let odd = 27; odd >= 3; odd -= 2) sum = sum * t2 + 1 / odd
  return mu * t - 2 * t * t2 * sum
}

/** e^-w - 1 + w, relative to full precision also near 0. */
export function exponentialExcess(w: number): number {
  if (Math.abs(w) > 0.5) return Math.expm1(-w) + w
  let sum = 0
  for (let order = 16; order >= 2; order--) sum = 1 - (sum * w) / (order + 1)
  return (sum * w * w) / 2
}

/** Stirling's correction G*(a) = Gamma(a) sqrt(a / 2 pi) (e/a)^a, any a > 0. */
export function stirlingCorrection(a: number): number {
  if (a >= UNIFORM_ORDER_MIN) return polynomial(STIRLING_COEFFICIENTS, 1 / a)
  // Gamma(a) = Gamma(a + m) / (a (a+1) … (a+m-1)), in logs so that nothing overflows.
  const shift = Math.ceil(UNIFORM_ORDER_MIN - a)
  let product = 1
  for (let index = 0; index < shift; index++) product *= (a + index) / UNIFORM_ORDER_MIN
  const top = a + shift
  const exponent =
    shift * (1 - Math.log(UNIFORM_ORDER_MIN)) + (top - 0.5) * Math.log(top) - (a - 0.5) * Math.log(a)
  return (polynomial(STIRLING_COEFFICIENTS, 1 / top) * Math.exp(exponent - 2 * shift)) / product
}

/** ln P(Poisson(mean) = count). */
export function logPoissonProbability(count: number, mean: number): number {
  if (count === 0) return -mean
  const mu = (mean - count) / count
  // Far below its mean ln(1 + mu) would take the digits that mu has lost.
  const excess = mu < -0.5 ? mu - Math.log(mean / count) : logExcess(mu)
  return -count * excess - 0.5 * Math.log(2 * Math.PI * count) - Math.log(stirlingCorrection(count))
}

/** D = sum c_k(eta) a^-k of DLMF 8.12.8. */
export function uniformRemainder(eta: number, a: number): number {
  let sum = 0
  for (let k = TEMME_COEFFICIENTS.length - 1; k >= 0; k--) {
    sum = sum / a + polynomial(TEMME_COEFFICIENTS[k] ?? [], eta)
  }
  return sum
}

/**
 * R(n, A) = 1 / ErlangB(n, A) for whole or fractional agents; Infinity beyond the doubles.
 * `agentsOverLoad` is n - A where the caller knows it better than the subtraction does.
 */
export function inverseErlangB(
  agents: number,
  offeredErlangs: number,
  agentsOverLoad = agents - offeredErlangs,
): number {
  if (agents < UNIFORM_ORDER_MIN) return inverseErlangBByRecurrence(agents, offeredErlangs)
  const a = agents + 1
  const mu = -(agentsOverLoad + 1) / a
  if (mu > UNIFORM_MU_MAX) return inverseErlangBBySum(agents, offeredErlangs)
  const scale = polynomial(STIRLING_COEFFICIENTS, 1 / a) * (offeredErlangs / a)
  const halfEtaSquared = mu < -0.9 ? mu - Math.log(offeredErlangs / a) : logExcess(mu)
  if (mu >= -UNIFORM_MU_MAX) {
    const eta = Math.sign(mu) * Math.sqrt(2 * halfEtaSquared)
    if (a * halfEtaSquared > EXPONENT_MAX && eta < 0) return Number.POSITIVE_INFINITY
    return scale * (Math.sqrt((Math.PI * a) / 2) * erfcx(eta * Math.sqrt(a / 2)) + uniformRemainder(eta, a))
  }
  if (a * halfEtaSquared > EXPONENT_MAX) return Number.POSITIVE_INFINITY
  const whole = scale * Math.sqrt(2 * Math.PI * a) * Math.exp(a * halfEtaSquared)
  return whole - (offeredErlangs / a) * confluentSeries(a, offeredErlangs)
}

/** R_k = 1 + (k/A) R_(k-1), from R_0 = 1 or from the fraction of an agent. */
function inverseErlangBByRecurrence(agents: number, offeredErlangs: number): number {
  const fraction = agents - Math.floor(agents)
  let inverse = fraction === 0 ? 1 : inverseErlangBOfFraction(fraction, offeredErlangs)
  for (let k = fraction + 1; k <= agents; k++) inverse = 1 + (k / offeredErlangs) * inverse
  return inverse
}

function inverseErlangBOfFraction(fraction: number, offeredErlangs: number): number {
  const a = fraction + 1
  if (offeredErlangs > 2) return offeredErlangs * upperGammaFraction(a, offeredErlangs)
  const gamma = stirlingCorrection(a) * Math.sqrt((2 * Math.PI) / a) * (a / Math.E) ** a
  const whole = gamma * Math.exp(offeredErlangs) * offeredErlangs ** -fraction
  return whole - (offeredErlangs / a) * confluentSeries(a, offeredErlangs)
}

/** R as the sum of prod (n-i)/A: short when the load is well above the agents. */
function inverseErlangBBySum(agents: number, offeredErlangs: number): number {
  let term = 1
  let sum = 1
  for (let i = 0; i < agents && term > TERM_NEGLIGIBLE * sum; i++) {
    term *= (agents - i) / offeredErlangs
    sum += term
  }
  return sum
}

/** S(x, y) = sum of y^j / prod_(k<=j) (x+k): positive terms; short when y < 0.7 x. */
function confluentSeries(x: number, y: number): number {
  let term = 1
  let sum = 1
  for (let j = 1; term > TERM_NEGLIGIBLE * sum; j++) {
    term *= y / (x + j)
    sum += term
  }
  return sum
}

/** e^y y^-a Gamma(a, y) by its continued fraction (modified Lentz, DLMF 8.9.2): y above a, or y > 1. */
function upperGammaFraction(a: number, y: number): number {
  let b = y + 1 - a
  let c = 1e300
  let d = 1 / b
  let value = d
  for (let i = 1; i < 500; i++) {
    const numerator = -i * (i - a)
    b += 2
    d = 1 / (numerator * d + b)
    c = b + numerator / c
    const factor = c * d
    value *= factor
    if (Math.abs(factor - 1) < 1e-16) break
  }
  return value
}

/** ln S(x, y). `yOverX` is y - x where the caller knows it better than the subtraction does. */
export function logConfluent(x: number, y: number, yOverX = y - x): number {
  if (x >= UNIFORM_ORDER_MIN) return logConfluentOfLargeOrder(x, y, yOverX)
  if (y < 0.7 * x) return Math.log(confluentSeries(x, y))
  // S(x, y) = 1 + y/(x+1) S(x+1, y): positive going down from the order where the expansions hold.
  const shift = Math.ceil(UNIFORM_ORDER_MIN - x)
  const logTop = logConfluentOfLargeOrder(x + shift, y, yOverX - shift)
  if (logTop > 300) {
    let log = logTop
    for (let k = x + shift; k > x + 0.5; k--) {
      const scaled = log + Math.log(y / k)
      log = scaled > 40 ? scaled : Math.log1p(Math.exp(scaled))
    }
    return log
  }
  let value = Math.exp(logTop)
  let logScale = 0
  for (let k = x + shift; k > x + 0.5; k--) {
    value = Math.exp(-logScale) + (y / k) * value
    if (value > 1e250) {
      logScale += Math.log(value)
      value = 1
    }
  }
  return Math.log(value) + logScale
}

function logConfluentOfLargeOrder(x: number, y: number, yOverX: number): number {
  const mu = yOverX / x
  if (mu < -UNIFORM_MU_MAX) return Math.log(confluentSeries(x, y))
  const stirling = polynomial(STIRLING_COEFFICIENTS, 1 / x)
  const exponent = x * logExcess(mu)
  if (mu > UNIFORM_MU_MAX) {
    const whole = stirling * Math.sqrt(2 * Math.PI * x)
    return exponent + Math.log(whole - Math.exp(-exponent) * x * upperGammaFraction(x, y))
  }
  const eta = Math.sign(mu) * Math.sqrt(2 * logExcess(mu))
  const z = eta * Math.sqrt(x / 2)
  const remainder = uniformRemainder(eta, x)
  const root = Math.sqrt((Math.PI * x) / 2)
  if (eta <= 0) return Math.log(stirling * (root * erfcx(-z) - remainder))
  // erfcx(-z) = 2 e^(z^2) - erfcx(z), with the exponential kept as a separate exponent.
  return exponent + Math.log(stirling * (2 * root - Math.exp(-exponent) * (root * erfcx(z) + remainder)))
}
