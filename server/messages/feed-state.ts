/** The state of a feed in words: its code's text, with causes that are known said in the reader's language. */
import type { Locale, MessageValues } from './message.ts'
import { MESSAGES, type MessageKey, t } from './translate.ts'

/** What is said of a feed, as the server sends it. */
export interface SaidOfFeed {
  readonly code: string
  readonly params: Readonly<Record<string, string | number>>
}

export function feedStateText(locale: Locale, { code, params }: SaidOfFeed): string {
  const key = `source.state.${code}`
  return isKey(key) ? t(locale, key, withKnownCause(locale, params)) : code
}

/** `ECONNREFUSED` says nothing to most people; what is not known is shown as it came. */
function withKnownCause(locale: Locale, params: SaidOfFeed['params']): MessageValues {
  const key = `source.cause.${params.cause ?? ''}`
  return isKey(key) ? { ...params, cause: t(locale, key) } : params
}

function isKey(key: string): key is MessageKey {
  return Object.hasOwn(MESSAGES, key)
}
