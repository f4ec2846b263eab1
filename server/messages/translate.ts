/** The one catalogue of texts in French and English, and the function that reads it. A key that does not exist does not compile. */
import { AHEAD_MESSAGES } from './ahead-messages.ts'
import { ALERT_MESSAGES } from './alert-messages.ts'
import { BOARD_MESSAGES } from './board-messages.ts'
import { CONTACT_MESSAGES } from './contact-messages.ts'
import { LOCALES, type Locale, type MessageEntry, type MessageValues } from './message.ts'
import { PLAN_MESSAGES } from './plan-messages.ts'
import { REPORT_MESSAGES } from './report-messages.ts'
import { SETUP_MESSAGES } from './setup-messages.ts'
import { SHELL_MESSAGES } from './shell-messages.ts'
import { SOURCE_MESSAGES } from './source-messages.ts'
import { WALL_MESSAGES } from './wall-messages.ts'

export const MESSAGES = {
  ...SHELL_MESSAGES,
  ...WALL_MESSAGES,
  ...BOARD_MESSAGES,
  ...PLAN_MESSAGES,
  ...REPORT_MESSAGES,
  ...SETUP_MESSAGES,
  ...SOURCE_MESSAGES,
  ...CONTACT_MESSAGES,
  ...ALERT_MESSAGES,
  ...AHEAD_MESSAGES,
} as const
export type MessageKey = keyof typeof MESSAGES

/** BCP 47 tag for Intl: 24-hour clock and day before month in both. */
const INTL_TAG: Readonly<Record<Locale, string>> = { en: 'en-GB', fr: 'fr-FR' }

const pluralRules: Readonly<Record<Locale, Intl.PluralRules>> = {
  en: new Intl.PluralRules(INTL_TAG.en),
  fr: new Intl.PluralRules(INTL_TAG.fr),
}
const numbers: Readonly<Record<Locale, Intl.NumberFormat>> = {
  en: new Intl.NumberFormat(INTL_TAG.en, { maximumFractionDigits: 2 }),
  fr: new Intl.NumberFormat(INTL_TAG.fr, { maximumFractionDigits: 2 }),
}

export function t(locale: Locale, key: MessageKey, values: MessageValues = {}): string {
  return fillMessage(locale, MESSAGES[key], values)
}

/** The text of an entry, with `{name}` replaced by its value; numbers are written as the language writes them. */
export function fillMessage(locale: Locale, entry: MessageEntry, values: MessageValues): string {
  const message = entry[locale]
  const count = values.count
  const text =
    typeof message === 'string'
      ? message
      : pluralRules[locale].select(typeof count === 'number' ? count : 2) === 'one'
        ? message.one
        : message.other
  const filled = text.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name]
    return typeof value === 'number' ? numbers[locale].format(value) : (value ?? '')
  })
  return locale === 'fr' ? spaceFrench(filled) : filled
}

/** French puts a space that does not break before : ; ? ! % € and inside « ». */
function spaceFrench(text: string): string {
  return text.replace(/ ([:;?!%€»])/g, '\u00a0$1').replace(/« /g, '«\u00a0')
}

/** The first language of the reader's list that the catalogue has; English otherwise. */
export function pickLocale(preferred: readonly string[]): Locale {
  for (const tag of preferred) {
    const language = tag.toLowerCase().split('-')[0]
    for (const locale of LOCALES) if (language === locale) return locale
  }
  return 'en'
}
