/** Numbers as the reader's language writes them. Ratios come in as 0…1; per cent exists only here. */
import { shownLevel } from '../../../server/domain/service-level.ts'

const TAG = { en: 'en-GB', fr: 'fr-FR' } as const
export type FormatLocale = keyof typeof TAG

const formats = new Map<string, Intl.NumberFormat>()

function numberFormat(locale: FormatLocale, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${locale} ${JSON.stringify(options)}`
  const known = formats.get(key)
  if (known !== undefined) return known
  const format = new Intl.NumberFormat(TAG[locale], options)
  formats.set(key, format)
  return format
}

/** What stands where a figure does not exist: a dash, never a zero. */
export const GAP = '–'

export function formatCount(locale: FormatLocale, count: number | null): string {
  return count === null ? GAP : numberFormat(locale, { maximumFractionDigits: 0 }).format(count)
}

export function formatDecimal(locale: FormatLocale, value: number | null, digits = 1): string {
  if (value === null || !Number.isFinite(value)) return GAP
  return numberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value)
}

export function formatRatio(locale: FormatLocale, ratio: number | null, digits = 0): string {
  if (ratio === null || !Number.isFinite(ratio)) return GAP
  return numberFormat(locale, {
    style: 'percent',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(ratio)
}

/** A target keeps the decimals that were agreed: 80 %, 82.5 %. */
export function formatTarget(locale: FormatLocale, ratio: number): string {
  return numberFormat(locale, { style: 'percent', maximumFractionDigits: 2 }).format(ratio)
}

/** A service level beside its target: rounding never shows a missed promise as kept. */
export function formatLevel(
  locale: FormatLocale,
  ratio: number | null,
  targetRatio: number,
  digits = 0,
): string {
  if (ratio === null || !Number.isFinite(ratio)) return GAP
  const shown = shownLevel(ratio, targetRatio, digits)
  return formatRatio(locale, shown.ratio, shown.decimals)
}

/** Probability in whole per cent, which never says 0 or 100 for what is merely unlikely or likely. */
export function formatChance(locale: FormatLocale, probability: number | null): string {
  if (probability === null || !Number.isFinite(probability)) return GAP
  if (probability > 0 && probability < 0.01) return `< ${formatRatio(locale, 0.01)}`
  if (probability < 1 && probability > 0.99) return `> ${formatRatio(locale, 0.99)}`
  return formatRatio(locale, probability)
}

export function formatMoney(locale: FormatLocale, amount: number | null, currency: string): string {
  if (amount === null || !Number.isFinite(amount)) return GAP
  return numberFormat(locale, { style: 'currency', currency, maximumFractionDigits: 0 }).format(amount)
}
