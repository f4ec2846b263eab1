/** Name of a side of a comparison in the reader's words. */
import type { ForecastVersionBody } from '../../../server/wire/forecast-api.ts'
import { formatDateTime } from '../format/time.ts'
import { methodWords } from '../planning/forecast-words.ts'
import { session } from '../session/session.svelte.ts'
import { words } from './words.ts'

export function sideName(side: string, versions: readonly ForecastVersionBody[], zone: string): string {
  switch (side) {
    case 'effective':
      return words('sideEffective')
    case 'model':
      return words('sideModel')
    case 'actuals':
      return words('sideActuals')
  }
  const version = versions.find((one) => String(one.version) === side)
  if (version === undefined) return words('sideVersionShort', { version: side })
  return words('sideVersion', {
    version: version.version,
    method: methodWords(session.locale, version.method),
    time: formatDateTime(session.locale, version.createdAtMs, zone),
  })
}

/** The same in a word or two: for the rows of the table. */
export function shortSideName(side: string): string {
  return /^\d+$/.test(side) ? words('sideVersionShort', { version: side }) : sideName(side, [], 'UTC')
}
