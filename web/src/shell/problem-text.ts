/** The words for a failed request. Our own for what every reader can act on; the server's detail for the rest. */
import type { Locale } from '../../../server/messages/message.ts'
import { t } from '../../../server/messages/translate.ts'
import { ApiProblem } from '../session/api.ts'

export function problemText(locale: Locale, error: unknown): string {
  if (!(error instanceof ApiProblem)) return error instanceof Error ? error.message : String(error)
  if (error.status === 0) return t(locale, 'error.network')
  if (error.status === 403) return t(locale, 'error.forbidden')
  if (error.status === 404) return t(locale, 'error.notFound')
  if (error.status === 429 || error.status === 503) return t(locale, 'error.limited')
  if (error.status >= 500) return t(locale, 'error.server', { instance: error.body.instance ?? '–' })
  return error.message
}
