/** Edits that were made on the page and not saved yet: a list with undo and redo, and what of it is sent to the server. Pure. */
import type { NewForecastEditBody } from '../../../server/wire/forecast-api.ts'

/** An edit without its reason, which is asked for when it is saved. */
export type PendingEdit = Omit<NewForecastEditBody, 'reason'>

const STEPS_MAX = 200

export interface PendingHistory {
  readonly past: readonly (readonly PendingEdit[])[]
  readonly present: readonly PendingEdit[]
  readonly future: readonly (readonly PendingEdit[])[]
}

export const NOTHING_PENDING: PendingHistory = { past: [], present: [], future: [] }

/** `merge` joins the edit to the last step: a whole drag is one step of undo, not one per pixel. */
export function withEdit(history: PendingHistory, edit: PendingEdit, merge = false): PendingHistory {
  const base = merge ? (history.past.at(-1) ?? []) : history.present
  const past = merge ? history.past : [...history.past, history.present].slice(-STEPS_MAX)
  return { past, present: [...base, edit], future: [] }
}

export function undone(history: PendingHistory): PendingHistory {
  const previous = history.past.at(-1)
  if (previous === undefined) return history
  return { past: history.past.slice(0, -1), present: previous, future: [history.present, ...history.future] }
}

export function redone(history: PendingHistory): PendingHistory {
  const [next, ...rest] = history.future
  if (next === undefined) return history
  return { past: [...history.past, history.present], present: next, future: rest }
}

/**
 * The same effect in as few edits as can be read later: cells beside cells of the same measure become one edit, in which the
 * last value of a cell counts; a total set again replaces the earlier one.
 */
export function condensed(edits: readonly PendingEdit[]): readonly PendingEdit[] {
  const out: PendingEdit[] = []
  for (const edit of edits) {
    const last = out.at(-1)
    if (last !== undefined && isReplacedBy(last, edit)) out[out.length - 1] = joined(last, edit)
    else out.push(edit)
  }
  return out
}

function isReplacedBy(last: PendingEdit, edit: PendingEdit): boolean {
  if (last.operation !== edit.operation || last.measure !== edit.measure) return false
  if (edit.operation === 'cells') return true
  return edit.operation === 'set' && sameRange(last, edit)
}

/** A second total takes its shape from the first one's figures, which have that of the model: the same. */
function joined(last: PendingEdit, edit: PendingEdit): PendingEdit {
  if (edit.operation !== 'cells') return edit
  const cells = new Map((last.cells ?? []).map(({ startMs, value }) => [startMs, value]))
  for (const { startMs, value } of edit.cells ?? []) cells.set(startMs, value)
  return {
    ...edit,
    cells: [...cells].sort(([a], [b]) => a - b).map(([startMs, value]) => ({ startMs, value })),
  }
}

function sameRange(a: PendingEdit, b: PendingEdit): boolean {
  return (
    a.fromDay === b.fromDay &&
    a.toDay === b.toDay &&
    a.fromMinute === b.fromMinute &&
    a.toMinute === b.toMinute &&
    a.spread === b.spread &&
    (a.weekdays ?? []).join() === (b.weekdays ?? []).join()
  )
}
