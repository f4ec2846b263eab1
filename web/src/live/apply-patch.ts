/** A board with a patch applied: changed rows take their old place, new ones come last, removed ones go. Pure. */
import type { Board, BoardSliceName, BoardSlices, PatchMessage } from '../../../server/wire/board.ts'

export function applyPatch(board: Board, patch: PatchMessage): Board {
  return {
    site: patch.site ?? board.site,
    sources: patch.sources ?? board.sources,
    queues: patchRows(board.queues, patch.queues ?? [], patch.removedQueueIds ?? [], (row) => row.queueId),
    ...(board.slices === undefined && patch.slices === undefined
      ? {}
      : { slices: patchSlices(board.slices ?? {}, patch) }),
  }
}

function patchSlices(slices: BoardSlices, { slices: patches = {} }: PatchMessage): BoardSlices {
  const changed = (Object.keys(patches) as BoardSliceName[]).map((name) => {
    // Rows of every part have a key, and that is all that is needed of them here.
    const before: readonly { readonly key: string }[] = slices[name] ?? []
    const { rows = [], removedKeys = [] } = patches[name] ?? {}
    return [name, patchRows<{ readonly key: string }>(before, rows, removedKeys, (row) => row.key)]
  })
  return { ...slices, ...Object.fromEntries(changed) }
}

function patchRows<Row>(
  rows: readonly Row[],
  changed: readonly Row[],
  removedKeys: readonly string[],
  keyOf: (row: Row) => string,
): readonly Row[] {
  if (changed.length === 0 && removedKeys.length === 0) return rows
  const byId = new Map(changed.map((row) => [keyOf(row), row]))
  const removed = new Set(removedKeys)
  const next: Row[] = []
  for (const row of rows) {
    const key = keyOf(row)
    if (removed.has(key) && !byId.has(key)) continue
    next.push(byId.get(key) ?? row)
    byId.delete(key)
  }
  return [...next, ...byId.values()]
}
