/**
 * The end of the day seen from now: expected level and the chance of keeping the promise. The rest of the day is computed
 * at several values of one day factor (the rate is uncertain, and an error in it lasts), then combined with what is counted.
 */

export interface RestInterval {
  readonly contactsMean: number
  readonly rateCv: number
  /** Expected shares of the interval's contacts at a rate `factor` times the mean: met, and in the formula's denominator. */
  readonly sharesAt: (factor: number) => { readonly met: number; readonly counted: number }
}

export interface PreparedRest {
  /** [node][interval]: sums from that interval to the end of the day, one entry more than there are intervals. */
  readonly met: readonly Float64Array[]
  readonly counted: readonly Float64Array[]
  readonly spread: readonly Float64Array[]
}

export interface SoFar {
  readonly met: number
  readonly counted: number
}

export interface Projection {
  readonly expectedRest: number
  readonly ratio: number | null
  readonly keepProbability: number | null
}

/** Nodes and weights of the 7-point Gauss-Hermite rule for a standard normal (Abramowitz & Stegun 25.4.46, rescaled). */
const NODES = [
  -3.750439717725742, -2.366759410734541, -1.154405394739968, 0, 1.154405394739968, 2.366759410734541,
  3.750439717725742,
]
const WEIGHTS = [
  0.0005482688559722, 0.0307571239675865, 0.2401231786050127, 0.4571428571428571, 0.2401231786050127,
  0.0307571239675865, 0.0005482688559722,
]
/** Waits of neighbouring callers go together, so met contacts vary more than independent ones. */
const WAIT_CORRELATION_INFLATION = 4

export function prepareRest(intervals: readonly RestInterval[]): PreparedRest {
  const columns = () => NODES.map(() => new Float64Array(intervals.length + 1))
  const met = columns()
  const counted = columns()
  const spread = columns()
  NODES.forEach((node, k) => {
    const [metOf, countedOf, spreadOf] = [met[k], counted[k], spread[k]]
    if (metOf === undefined || countedOf === undefined || spreadOf === undefined) return
    for (let i = intervals.length - 1; i >= 0; i -= 1) {
      const interval = intervals[i]
      if (interval === undefined) continue
      const factor = Math.exp(node * interval.rateCv - (interval.rateCv * interval.rateCv) / 2)
      const contacts = interval.contactsMean * factor
      const shares = contacts > 0 ? interval.sharesAt(factor) : { met: 0, counted: 0 }
      const share = shares.counted > 0 ? shares.met / shares.counted : 0
      metOf[i] = (metOf[i + 1] ?? 0) + contacts * shares.met
      countedOf[i] = (countedOf[i + 1] ?? 0) + contacts * shares.counted
      spreadOf[i] =
        (spreadOf[i + 1] ?? 0) + contacts * shares.counted * share * (1 - share) * WAIT_CORRELATION_INFLATION
    }
  })
  return { met, counted, spread }
}

/** Value at a point inside an interval: `position` 3.25 is a quarter into the fourth interval. */
function restAt(column: Float64Array | undefined, position: number): number {
  if (column === undefined) return 0
  const index = Math.min(Math.max(Math.floor(position), 0), column.length - 1)
  const here = column[index] ?? 0
  const next = column[Math.min(index + 1, column.length - 1)] ?? 0
  return here + (next - here) * Math.min(Math.max(position - index, 0), 1)
}

/** Normal distribution function (Abramowitz & Stegun 7.1.26, error below 1.5e-7: enough for a chance shown in per cent). */
function normalCdf(z: number): number {
  const x = Math.abs(z) / Math.SQRT2
  const t = 1 / (1 + 0.3275911 * x)
  const poly = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t
  const erf = 1 - poly * Math.exp(-x * x)
  return z >= 0 ? (1 + erf) / 2 : (1 - erf) / 2
}

/** `position` counts intervals from the start of the day; `soFar` is what the fold has counted by the promise's formula. */
export function projectDay(
  rest: PreparedRest,
  position: number,
  soFar: SoFar,
  targetRatio: number,
): Projection {
  let expectedMet = 0
  let expectedRest = 0
  let keepProbability = 0
  NODES.forEach((_, k) => {
    const weight = WEIGHTS[k] ?? 0
    const met = soFar.met + restAt(rest.met[k], position)
    const counted = soFar.counted + restAt(rest.counted[k], position)
    expectedMet += weight * met
    expectedRest += weight * restAt(rest.counted[k], position)
    const margin = met - targetRatio * counted
    const sd = Math.sqrt(restAt(rest.spread[k], position))
    keepProbability += weight * (sd > 1e-9 ? normalCdf(margin / sd) : margin >= -1e-9 ? 1 : 0)
  })
  const total = soFar.counted + expectedRest
  if (total <= 0) return { expectedRest, ratio: null, keepProbability: null }
  return { expectedRest, ratio: expectedMet / total, keepProbability: Math.min(1, keepProbability) }
}
