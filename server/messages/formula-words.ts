/** The eight formulas in words, in both languages: on the pages and in the printed report. */
const FORMULA_WORDS = {
  en: {
    SL1: '(answered + abandoned, both within {seconds} s) ÷ (answered + abandoned)',
    SL2: 'answered within {seconds} s ÷ answered',
    SL3: 'answered within {seconds} s ÷ (answered + abandoned)',
    SL4: 'answered within {seconds} s ÷ (answered + abandoned − abandoned within {seconds} s)',
    SL5: '(answered within {seconds} s + short abandons) ÷ (answered + abandoned)',
    SL6: 'answered within {seconds} s ÷ (answered + abandoned − short abandons)',
    SL7: 'answered within {seconds} s ÷ (answered + abandoned + left otherwise)',
    SL8: '(answered, abandoned, callback taken within {seconds} s) ÷ (answered + abandoned + left otherwise)',
  },
  fr: {
    SL1: '(répondus + abandonnés, en {seconds} s) ÷ (répondus + abandonnés)',
    SL2: 'répondus en {seconds} s ÷ répondus',
    SL3: 'répondus en {seconds} s ÷ (répondus + abandonnés)',
    SL4: 'répondus en {seconds} s ÷ (répondus + abandonnés − abandonnés en {seconds} s)',
    SL5: '(répondus en {seconds} s + abandons courts) ÷ (répondus + abandonnés)',
    SL6: 'répondus en {seconds} s ÷ (répondus + abandonnés − abandons courts)',
    SL7: 'répondus en {seconds} s ÷ (répondus + abandonnés + sortis autrement)',
    SL8: '(répondus, abandonnés, rappels pris en {seconds} s) ÷ (répondus + abandonnés + sortis autrement)',
  },
} as const

export function formulaInWords(
  locale: keyof typeof FORMULA_WORDS,
  formula: keyof (typeof FORMULA_WORDS)['en'],
  thresholdSeconds: number,
): string {
  return FORMULA_WORDS[locale][formula].replaceAll('{seconds}', String(thresholdSeconds))
}
