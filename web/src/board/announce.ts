/** What a screen reader is told of a board: queues whose half-hour state changed to or from missed, at most three at once. Pure. */
import type { BoardQueueRow, LevelState } from '../../../server/wire/board.ts'

const ANNOUNCED_MAX = 3

export function changedRows(
  before: ReadonlyMap<string, LevelState>,
  rows: readonly BoardQueueRow[],
): readonly BoardQueueRow[] {
  const changed = rows.filter((row) => {
    const old = before.get(row.queueId)
    const now = row.halfHour.state
    return old !== undefined && old !== now && (old === 'missed' || now === 'missed')
  })
  return changed.slice(0, ANNOUNCED_MAX)
}

export function statesOf(rows: readonly BoardQueueRow[]): ReadonlyMap<string, LevelState> {
  return new Map(rows.map((row) => [row.queueId, row.halfHour.state]))
}
