/** Undo and redo of a row of numbers. Immutable; bounded, so that a day of dragging does not grow for ever. */
const STEPS_MAX = 200

export interface EditHistory {
  readonly past: readonly (readonly number[])[]
  readonly present: readonly number[]
  readonly future: readonly (readonly number[])[]
}

export function startHistory(present: readonly number[]): EditHistory {
  return { past: [], present, future: [] }
}

/** `merge` joins this change to the last one: a drag is one step, not one per pixel. */
export function edit(history: EditHistory, next: readonly number[], merge = false): EditHistory {
  if (sameNumbers(history.present, next)) return history
  const past = merge ? history.past : [...history.past, history.present].slice(-STEPS_MAX)
  return { past, present: next, future: [] }
}

export function undo(history: EditHistory): EditHistory {
  const previous = history.past.at(-1)
  if (previous === undefined) return history
  return { past: history.past.slice(0, -1), present: previous, future: [history.present, ...history.future] }
}

export function redo(history: EditHistory): EditHistory {
  const [next, ...rest] = history.future
  if (next === undefined) return history
  return { past: [...history.past, history.present], present: next, future: rest }
}

export function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index])
}
