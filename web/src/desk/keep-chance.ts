/**
 * The chance that a plan keeps the day's promise. The volume is uncertain, and an error in it lasts all day: the day is computed
 * at seven values of one factor (Gauss-Hermite), each with the spread of the met contacts about their mean.
 */
import { type DeskDay, sharesOf } from './consequences.ts'

/** 7-point rule for a standard normal (Abramowitz & Stegun 25.4.46, rescaled). */
const NODES = [
  -3.750439717725742, -2.366759410734541, -1.154405394739968, 0, 1.154405394739968, 2.366759410734541,
  3.750439717725742,
]
const WEIGHTS = [
  0.0005482688559722, 0.0307571239675865, 0.2401231786050127, 0.4571428571428571, 0.2401231786050127,
  0.0307571239675865, 0.0005482688559722,
]
/** Waits of neighbouring callers go together, so met contacts vary more than independent ones would. */
const WAIT_CORRELATION_INFLATION = 4

/** Null when nothing is expected. */
export function keepChance(day: DeskDay, agents: readonly number[]): number | null {
  let chance = 0
  let anything = false
  NODES.forEach((node, k) => {
    let met = 0
    let counted = 0
    let variance = 0
    day.intervals.forEach((interval, index) => {
      if (interval.contactsMean <= 0) return
      const factor = Math.exp(node * interval.rateCv - interval.rateCv ** 2 / 2)
      const contacts = interval.contactsMean * factor
      const shares = sharesOf(day, index, agents[index] ?? 0, factor)
      const share = shares.counted > 0 ? shares.met / shares.counted : 0
      met += contacts * shares.met
      counted += contacts * shares.counted
      variance += contacts * shares.counted * share * (1 - share) * WAIT_CORRELATION_INFLATION
    })
    if (counted > 0) anything = true
    const margin = met - day.promise.targetRatio * counted
    const sd = Math.sqrt(variance)
    chance += (WEIGHTS[k] ?? 0) * (sd > 1e-9 ? normalCdf(margin / sd) : margin >= -1e-9 ? 1 : 0)
  })
  return anything ? Math.min(1, chance) : null
}

/** Normal distribution function (Abramowitz & Stegun 7.1.26): error below 1.5e-7, enough for whole per cent. */
function normalCdf(z: number): number {
  const x = Math.abs(z) / Math.SQRT2
  const t = 1 / (1 + 0.3275911 * x)
  const poly = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t
  const erf = 1 - poly * Math.exp(-x * x)
  return z >= 0 ? (1 + erf) / 2 : (1 - erf) / 2
}
