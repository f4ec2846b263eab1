/** The eight service-level formulas of the trade, over one set of counts. Ratios 0…1; null where nothing counts. */

export const SERVICE_LEVEL_FORMULAS = ['SL1', 'SL2', 'SL3', 'SL4', 'SL5', 'SL6', 'SL7', 'SL8'] as const
export type ServiceLevelFormula = (typeof SERVICE_LEVEL_FORMULAS)[number]
export const DEFAULT_SERVICE_LEVEL_FORMULA: ServiceLevelFormula = 'SL4'
export const DEFAULT_ANSWER_THRESHOLD_SECONDS = 20
export const DEFAULT_SHORT_ABANDON_SECONDS = 5
/**
 * Which interval a contact belongs to (DOMAIN.md 3), from the same events. `arrival`: when it entered the queue; always
 * balances. `event`: when its service level was decided: at its answer, abandon or flow-out, or when it passed T, whichever
 * came first. `worked`: contacts as by arrival, their handling time in the intervals in which it was worked.
 */
export const INTERVAL_VIEWS = ['arrival', 'event', 'worked'] as const
export type IntervalView = (typeof INTERVAL_VIEWS)[number]
export const DEFAULT_INTERVAL_VIEW: IntervalView = 'arrival'

/** Version of these definitions; stored with every closed day, so that a later change never rewrites a past figure. */
export const SERVICE_LEVEL_DEFINITIONS_VERSION = 1

/** Contacts whose waiting has ended, for one queue (or several) and period. */
export interface ServiceLevelCounts {
  readonly answered: number
  readonly answeredWithinThreshold: number
  readonly abandoned: number
  readonly abandonedWithinThreshold: number
  readonly shortAbandons: number
  readonly flowedOut: number
  readonly callbacksWithinThreshold: number
}

export interface ServiceLevelFraction {
  readonly numerator: number
  readonly denominator: number
}

/** Numerator and denominator of a formula: roll-ups add these and never average ratios. */
export function serviceLevelFraction(
  formula: ServiceLevelFormula,
  counts: ServiceLevelCounts,
): ServiceLevelFraction {
  const { answered: a, answeredWithinThreshold: aT, abandoned: b, abandonedWithinThreshold: bT } = counts
  const { shortAbandons: bS, flowedOut: f, callbacksWithinThreshold: cT } = counts
  switch (formula) {
    case 'SL1':
      return { numerator: aT + bT, denominator: a + b }
    case 'SL2':
      return { numerator: aT, denominator: a }
    case 'SL3':
      return { numerator: aT, denominator: a + b }
    case 'SL4':
      return { numerator: aT, denominator: a + b - bT }
    case 'SL5':
      return { numerator: aT + bS, denominator: a + b }
    case 'SL6':
      return { numerator: aT, denominator: a + b - bS }
    case 'SL7':
      return { numerator: aT, denominator: a + b + f }
    case 'SL8':
      return { numerator: aT + bT + cT, denominator: a + b + f }
  }
}

export function serviceLevelRatio(formula: ServiceLevelFormula, counts: ServiceLevelCounts): number | null {
  const { numerator, denominator } = serviceLevelFraction(formula, counts)
  return denominator === 0 ? null : numerator / denominator
}

export type ServiceLevelRatios = Readonly<Record<ServiceLevelFormula, number | null>>

export function serviceLevelRatios(counts: ServiceLevelCounts): ServiceLevelRatios {
  return {
    SL1: serviceLevelRatio('SL1', counts),
    SL2: serviceLevelRatio('SL2', counts),
    SL3: serviceLevelRatio('SL3', counts),
    SL4: serviceLevelRatio('SL4', counts),
    SL5: serviceLevelRatio('SL5', counts),
    SL6: serviceLevelRatio('SL6', counts),
    SL7: serviceLevelRatio('SL7', counts),
    SL8: serviceLevelRatio('SL8', counts),
  }
}

export type ServiceLevelState = 'kept' | 'limit' | 'missed' | 'no-calls'

/** State of a level against its target; amber is the band of `limitBandRatio` below the target. */
export function serviceLevelState(
  ratio: number | null,
  targetRatio: number,
  limitBandRatio = 0.05,
): ServiceLevelState {
  if (ratio === null) return 'no-calls'
  if (ratio >= targetRatio) return 'kept'
  return ratio >= targetRatio - limitBandRatio ? 'limit' : 'missed'
}

/**
 * A level as it may be shown beside its target, with how many decimals of per cent. Rounded, except where rounding would show
 * a missed promise as kept: 79.6 % against 80 % gets one decimal more, and is rounded down where that is not enough.
 */
export function shownLevel(
  ratio: number,
  targetRatio: number,
  decimals: number,
): { readonly ratio: number; readonly decimals: number } {
  for (const shown of [decimals, decimals + 1]) {
    const scale = 100 * 10 ** shown
    const rounded = Math.round(ratio * scale) / scale
    if (ratio >= targetRatio || rounded < targetRatio - 1e-12) return { ratio, decimals: shown }
  }
  const scale = 100 * 10 ** (decimals + 1)
  return { ratio: Math.floor(ratio * scale) / scale, decimals: decimals + 1 }
}

/** Budget of misses (DOMAIN.md 7): how many more may be missed, and the share of the rest that must be met. */
export function missBudget(targetRatio: number, met: number, counted: number, expectedRest: number) {
  // The epsilon keeps 0.2 × 5 at 1: the product of a decimal share and a count must not lose a miss to rounding.
  const allowed = Math.floor((1 - targetRatio) * (counted + expectedRest) + 1e-9)
  const missesLeft = allowed - (counted - met)
  const neededRatioOfRest =
    expectedRest > 0 ? (targetRatio * (counted + expectedRest) - met) / expectedRest : null
  return {
    missesLeft,
    neededRatioOfRest,
    lost: neededRatioOfRest === null ? missesLeft < 0 : neededRatioOfRest > 1,
  }
}
