// What a forecast says about itself: how much it knew, and what it noticed.

import type { DayModel } from './day-model.ts'
import type { PreparedSeries } from './prepare.ts'

export type ForecastNoteKind = 'empty-history' | 'short-history' | 'level-change'

/** One remark; the wording is the caller's, in the reader's language. */
export interface ForecastNote {
  readonly kind: ForecastNoteKind
  /** Days of history that carried a total. */
  readonly usableDays?: number
  /** Epoch day from which the level is new. */
  readonly day?: number
  /** New level ÷ old level. */
  readonly ratio?: number
}

const SHORT_HISTORY_DAYS = 56
const RECENT_JUMP_DAYS = 84

export function notesOf(series: PreparedSeries, model: DayModel): ForecastNote[] {
  const notes: ForecastNote[] = []
  if (series.usableDays === 0) notes.push({ kind: 'empty-history', usableDays: 0 })
  else if (series.usableDays < (SHORT_HISTORY_DAYS * 5) / 7 && series.originIndex < 2 * SHORT_HISTORY_DAYS)
    notes.push({ kind: 'short-history', usableDays: series.usableDays })
  if (model.jumpIndex >= series.originIndex - RECENT_JUMP_DAYS && model.jumpIndex >= 0) {
    notes.push({
      kind: 'level-change',
      day: series.firstDay + model.jumpIndex,
      ratio: Math.exp(model.jumpSize),
    })
  }
  return notes
}
