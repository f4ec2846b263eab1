/**
 * The wait that M/M/n+M would give to a caller of endless patience, as integrals over its density.
 *
 * Given that there is a wait, V / patience has the density phi(v) = e^(y(1 - e^-v) - x v) (Palm 1957), with
 * x = n patience / AHT and y = A patience / AHT. Every figure of Erlang A is a ratio of integrals of phi with positive
 * weights, so that nothing cancels, whatever the load and the patience. The exponent is always taken relative to
 * the nearest peak, where it is -x (e^-w - 1 + w): no large number is subtracted from another.
 */
import { exponentialExcess } from './special-functions.ts'

/** Gauss-Legendre, 16 points (the positive half). */
const NODES = [
  0.09501250983763744, 0.2816035507792589, 0.45801677765722737, 0.6178762444026438, 0.755404408355003,
  0.8656312023878318, 0.9445750230732326, 0.9894009349916499,
]
const WEIGHTS = [
  0.1894506104550685, 0.18260341504492358, 0.16915651939500254, 0.14959598881657674, 0.12462897125553388,
  0.09515851168249279, 0.062253523938647894, 0.027152459411754096,
]
/** e-folds below the peak at which an integral ends: e^-42 is far under the rounding. */
const DROP = 42

/** x, y and x - y, the last taken from the caller because the subtraction may have lost it. */
export interface WaitingLaw {
  readonly x: number
  readonly y: number
  readonly xOverY: number
}

/** Integrals of phi over a stretch of v, all in units of e^(exponent at the peak). */
export interface WaitingIntegrals {
  /** phi: waits. */
  readonly waits: number
  /** e^-v phi: waits that end with an answer. */
  readonly answered: number
  /** (1 - e^-v) phi: waits that end with a lost caller. */
  readonly abandoned: number
  /** v e^-v phi: time waited by the answered. */
  readonly answeredTime: number
}

/** Where phi is highest: 0 up to the load x = y, then ln(y / x). */
export function peakOf(law: WaitingLaw): number {
  return law.xOverY < 0 ? -Math.log1p(law.xOverY / law.y) : 0
}

/** Exponent of phi at v, relative to its peak; never positive. */
export function relativeExponent(law: WaitingLaw, v: number): number {
  const peak = peakOf(law)
  if (peak > 0) return -law.x * exponentialExcess(v - peak)
  return -law.xOverY * v - law.y * exponentialExcess(v)
}

/** ln S(x, y) = ln(x integral of phi), given the integral in units of the peak. */
export function logScaledIntegral(law: WaitingLaw, waits: number): number {
  const atPeak = peakOf(law) > 0 ? -relativeExponent(law, 0) : 0
  return Math.log(law.x * waits) + atPeak
}

/** Integrals from `from` to `to` (may be Infinity). */
export function waitingIntegrals(law: WaitingLaw, from: number, to: number): WaitingIntegrals {
  const reference = Math.min(Math.max(peakOf(law), from), to)
  const scale = Math.exp(relativeExponent(law, reference))
  const sums = { waits: 0, answered: 0, abandoned: 0, answeredTime: 0 }
  if (scale > 0) {
    const local = localExponent(law, reference)
    addStretch(law, local, reference, Math.max(0, to - reference), 1, sums)
    addStretch(law, local, reference, Math.max(0, reference - from), -1, sums)
  }
  sums.waits *= scale
  sums.answered *= scale
  sums.abandoned *= scale
  sums.answeredTime *= scale
  return sums
}

interface LocalExponent {
  readonly slope: number
  readonly curvature: number
}

/** Exponent of phi at reference + w, relative to the reference, is -slope w - curvature (e^-w - 1 + w). */
function localExponent(law: WaitingLaw, reference: number): LocalExponent {
  const peak = peakOf(law)
  if (peak > 0) {
    const decay = Math.exp(peak - reference)
    return { slope: -law.x * Math.expm1(peak - reference), curvature: law.x * decay }
  }
  return { slope: law.xOverY - law.y * Math.expm1(-reference), curvature: law.y * Math.exp(-reference) }
}

interface MutableIntegrals {
  waits: number
  answered: number
  abandoned: number
  answeredTime: number
}

/** Adds the panels of one side of the reference: they double in width, from the scale on which phi falls. */
function addStretch(
  law: WaitingLaw,
  local: LocalExponent,
  reference: number,
  length: number,
  direction: 1 | -1,
  sums: MutableIntegrals,
): void {
  const dropMax = DROP + Math.max(0, Math.log1p(law.y) - Math.log(law.x))
  const first = 1 / Math.max(1, Math.abs(local.slope), Math.sqrt(local.curvature))
  // Below this v the exponent bends on the scale of 1; above it phi is a plain exponential.
  const bendEnd = Math.log1p(law.y) + 4
  let start = 0
  let width = first
  while (start < length) {
    const w = direction * start
    if (local.slope * w + local.curvature * exponentialExcess(w) > dropMax) break
    const widthMax = reference + w < bendEnd || direction < 0 ? 1 : Number.POSITIVE_INFINITY
    const end = Math.min(length, start + Math.min(width, widthMax))
    addPanel(local, reference, direction * start, direction * end, sums)
    if (end === start) break
    width = start > 0 ? 2 * (end - start) : width
    start = end
  }
}

function addPanel(
  local: LocalExponent,
  reference: number,
  start: number,
  end: number,
  sums: MutableIntegrals,
): void {
  const half = Math.abs(end - start) / 2
  const middle = (start + end) / 2
  for (let index = 0; index < NODES.length; index++) {
    const weight = (WEIGHTS[index] ?? 0) * half
    const offset = (NODES[index] ?? 0) * half
    addPoint(local, reference, middle - offset, weight, sums)
    addPoint(local, reference, middle + offset, weight, sums)
  }
}

function addPoint(
  local: LocalExponent,
  reference: number,
  w: number,
  weight: number,
  sums: MutableIntegrals,
): void {
  const phi = weight * Math.exp(-local.slope * w - local.curvature * exponentialExcess(w))
  const v = Math.max(0, reference + w)
  const lost = -Math.expm1(-v)
  sums.waits += phi
  sums.answered += phi * (1 - lost)
  sums.abandoned += phi * lost
  sums.answeredTime += phi * v * (1 - lost)
}
