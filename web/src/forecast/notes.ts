/** What a forecast says about itself, in the reader's words. */
import type {
  ForecastNoteBody,
  ForecastVersionBody,
  MethodChoiceBody,
} from '../../../server/wire/forecast-api.ts'
import { formatDecimal } from '../format/number.ts'
import { formatDay } from '../format/time.ts'
import { session } from '../session/session.svelte.ts'
import { words } from './words.ts'

export function noteText(note: ForecastNoteBody, nameOf: (queueId: string) => string): string {
  switch (note.kind) {
    case 'empty-history':
      return words('noteEmpty')
    case 'short-history':
      return words('noteShort', { count: note.usableDays ?? 0 })
    case 'level-change':
      return words('noteLevel', {
        day: note.day === undefined ? '–' : formatDay(session.locale, note.day),
        ratio: formatDecimal(session.locale, note.ratio ?? 1, 2),
      })
    case 'borrowed-profile':
      return words('noteBorrowed', { queue: nameOf(note.queueId ?? '') })
    case 'borrowed-profile-missing':
      return words('noteBorrowedMissing', { queue: nameOf(note.queueId ?? '') })
    case 'borrowed-level':
      return words('noteBorrowedLevel', { queue: nameOf(note.queueId ?? '') })
    case 'expected-level':
      return words('noteExpectedLevel', { contacts: note.contactsPerDay ?? '–' })
    case 'no-comparison':
      return words('noteNoComparison')
    case 'assumed-handling-time':
      return words('noteAssumedAht', { seconds: note.seconds ?? '–' })
    default:
      // A newer server may know more: its own word is better than none.
      return note.kind
  }
}

/** The remarks that still hold: a comparison may have become possible after the version was made. */
export function shownNotes(
  version: ForecastVersionBody | null,
  method: MethodChoiceBody,
): readonly ForecastNoteBody[] {
  return (version?.notes ?? []).filter(({ kind }) => kind !== 'no-comparison' || method.comparedAtMs === null)
}
