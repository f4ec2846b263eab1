/** A board with a patch applied: changed rows take their old place, new ones come last, removed ones go. Pure. */
import type { Board, BoardQueueRow, PatchMessage } from '../../../server/wire/board.ts'

export function applyPatch(board: Board, patch: PatchMessage): Board {
  return {
    site: patch.site ?? board.site,
    sources: patch.sources ?? board.sources,
    queues: patchRows(board.queues, patch.queues ?? [], patch.removedQueueIds ?? []),
  }
}

function patchRows(
  rows: readonly BoardQueueRow[],
  changed: readonly BoardQueueRow[],
  removedQueueIds: readonly string[],
): readonly BoardQueueRow[] {
  if (changed.length === 0 && removedQueueIds.length === 0) return rows
  const byId = new Map(changed.map((row) => [row.queueId, row]))
  const removed = new Set(removedQueueIds)
  const next: BoardQueueRow[] = []
  for (const row of rows) {
    if (removed.has(row.queueId) && !byId.has(row.queueId)) continue
    next.push(byId.get(row.queueId) ?? row)
    byId.delete(row.queueId)
  }
  return [...next, ...byId.values()]
}
