/** The eight formulas in words, in both languages: on the pages and in the printed report. */
const FORMULA_WORDS = {
  en: {
    SL1: '(answered + abandoned, both {within}) ÷ (answered + abandoned)',
    SL2: 'answered {within} ÷ answered',
    SL3: 'answered {within} ÷ (answered + abandoned)',
    SL4: 'answered {within} ÷ (answered + abandoned − abandoned {within})',
    SL5: '(answered {within} + short abandons) ÷ (answered + abandoned)',
    SL6: 'answered {within} ÷ (answered + abandoned − short abandons)',
    SL7: 'answered {within} ÷ (answered + abandoned + left otherwise)',
    SL8: '(answered, abandoned, callback taken {within}) ÷ (answered + abandoned + left otherwise)',
  },
  fr: {
    SL1: '(répondus + abandonnés, {within}) ÷ (répondus + abandonnés)',
    SL2: 'répondus {within} ÷ répondus',
    SL3: 'répondus {within} ÷ (répondus + abandonnés)',
    SL4: 'répondus {within} ÷ (répondus + abandonnés − abandonnés {within})',
    SL5: '(répondus {within} + abandons courts) ÷ (répondus + abandonnés)',
    SL6: 'répondus {within} ÷ (répondus + abandonnés − abandons courts)',
    SL7: 'répondus {within} ÷ (répondus + abandonnés + sortis autrement)',
    SL8: '(répondus, abandonnés, rappels pris {within}) ÷ (répondus + abandonnés + sortis autrement)',
  },
} as const

const WITHIN = {
  en: { seconds: 'within {seconds} s', each: 'in time' },
  fr: { seconds: 'en {seconds} s', each: 'à temps' },
} as const

/** `thresholdSeconds` null: over queues that differ in it, each by its own. */
export function formulaInWords(
  locale: keyof typeof FORMULA_WORDS,
  formula: keyof (typeof FORMULA_WORDS)['en'],
  thresholdSeconds: number | null,
): string {
  const within =
    thresholdSeconds === null
      ? WITHIN[locale].each
      : WITHIN[locale].seconds.replace('{seconds}', String(thresholdSeconds))
  return FORMULA_WORDS[locale][formula].replaceAll('{within}', within)
}
