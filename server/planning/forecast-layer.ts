/** Manual edits over a stored forecast: which of them act on its day. What they do is the engine's, so that the page shows the same. */
import { type SiteDay, weekdayOf } from '../domain/site-calendar.ts'
import { type Layered, layEdits } from '../engine/plan/edit-layer.ts'
import type { GridInterval } from './day-grid.ts'
import type { ForecastDay, ForecastEdit } from './planning-store.ts'

export type EffectiveDay = Layered<ForecastDay>

export function isActiveOn(edit: ForecastEdit, day: SiteDay): boolean {
  if (edit.removedAtMs !== null || day < edit.fromDay || day > edit.toDay) return false
  return edit.weekdays === null || edit.weekdays.includes(weekdayOf(day))
}

/** Lays the edits that are active on the day over what the model says. */
export function withEdits(
  model: ForecastDay,
  grid: readonly GridInterval[],
  edits: readonly ForecastEdit[],
): EffectiveDay {
  return layEdits(
    model,
    grid,
    edits.filter((edit) => isActiveOn(edit, model.day)),
  )
}
