/** Gross-up for breaks, training and absence in exact decimals: 21 / (1 - 0.3) is 30, never 31. */

export interface GrossAgents {
  /** Whole heads. */
  readonly gross: number
  readonly grossExact: number
}

interface Fraction {
  readonly numerator: bigint
  readonly denominator: bigint
}

/** The decimal that a double prints as (0.3 is three tenths). */
function decimalFraction(value: number): Fraction {
  const [mantissa = '0', exponentText = '0'] = value.toString().split('e')
  const [whole = '0', decimals = ''] = mantissa.split('.')
  const exponent = Number(exponentText) - decimals.length
  const digits = BigInt(whole + decimals)
  return exponent >= 0
    ? { numerator: digits * 10n ** BigInt(exponent), denominator: 1n }
    : { numerator: digits, denominator: 10n ** BigInt(-exponent) }
}

/** Agents / ((1 - s1)(1 - s2) …): one ratio, or several that apply one after the other. */
export function grossAgents(agents: number, shrinkageRatios: readonly number[]): GrossAgents {
  let { numerator, denominator } = decimalFraction(agents)
  for (const ratio of shrinkageRatios) {
    const lost = decimalFraction(ratio)
    numerator *= lost.denominator
    denominator *= lost.denominator - lost.numerator
  }
  const gross = Number((numerator + denominator - 1n) / denominator)
  return { gross, grossExact: quotient(numerator, denominator) }
}

/** The quotient as a double, from 25 significant digits of the exact one. */
function quotient(numerator: bigint, denominator: bigint): number {
  if (numerator === 0n) return 0
  const shift = Math.max(0, 25 - (numerator.toString().length - denominator.toString().length))
  return Number(`${(numerator * 10n ** BigInt(shift)) / denominator}e-${shift}`)
}
