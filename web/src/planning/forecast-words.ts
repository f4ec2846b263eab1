/** The forecast's method and remarks in words; what the catalogue does not know is shown as the server says it. */
import type { Locale } from '../../../server/messages/message.ts'
import { MESSAGES, type MessageKey, t } from '../../../server/messages/translate.ts'

function isKey(text: string): text is MessageKey {
  return Object.hasOwn(MESSAGES, text)
}

function words(locale: Locale, prefix: string, text: string): string {
  const key = `${prefix}.${text}`
  return isKey(key) ? t(locale, key) : text
}

/** `main+intraday` is a method with a correction. */
export function methodWords(locale: Locale, method: string): string {
  return method
    .split('+')
    .map((part) => words(locale, 'plan.method', part))
    .join(', ')
}

export function noteWords(locale: Locale, note: string): string {
  return words(locale, 'plan.note', note)
}
