/** The forecast page's own texts in the reader's language. */

import type { SpecialDayTreatment } from '../../../server/domain/settings.ts'
import { FORECAST_MESSAGES } from '../../../server/messages/forecast-messages.ts'
import type { MessageValues } from '../../../server/messages/message.ts'
import { fillMessage } from '../../../server/messages/translate.ts'
import { session } from '../session/session.svelte.ts'

export type ForecastKey = keyof typeof FORECAST_MESSAGES

export function words(key: ForecastKey, values: MessageValues = {}): string {
  return fillMessage(session.locale, FORECAST_MESSAGES[key], values)
}

const KIND_KEYS: Readonly<Record<SpecialDayTreatment, ForecastKey>> = {
  holiday: 'kindHoliday',
  eve: 'kindEve',
  closed: 'kindClosed',
  missing: 'kindMissing',
  event: 'kindEvent',
  normal: 'kindNormal',
}

export function kindWords(kind: SpecialDayTreatment): string {
  return words(KIND_KEYS[kind])
}
