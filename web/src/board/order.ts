/** Which rows a wall page shows, in which order. Places are kept unless the worst are asked for first. Pure. */
import type { BoardQueueRow } from '../../../server/wire/board.ts'

/** What fits above the foot at figures of a twentieth of the height: more could not be read from five metres. */
export const ROWS_PER_PAGE_MAX = 8

/** Equal pages of at most ROWS_PER_PAGE_MAX rows: 11 queues are 6 and 5, not 10 and 1. */
export function pagesOf<T>(rows: readonly T[]): readonly (readonly T[])[] {
  const pageCount = Math.max(1, Math.ceil(rows.length / ROWS_PER_PAGE_MAX))
  const size = Math.max(1, Math.ceil(rows.length / pageCount))
  return Array.from({ length: pageCount }, (_, page) => rows.slice(page * size, (page + 1) * size))
}

/** Largest distance below the promise first; what has no level now goes last, in its usual place. */
export function worstFirst(rows: readonly BoardQueueRow[]): readonly BoardQueueRow[] {
  const gap = (row: BoardQueueRow): number =>
    row.halfHour.ratio === null || row.halfHour.state === 'closed'
      ? Number.NEGATIVE_INFINITY
      : row.promise.targetRatio - row.halfHour.ratio
  return rows
    .map((row, place) => ({ row, place, gap: gap(row) }))
    .sort((a, b) => (a.gap === b.gap ? a.place - b.place : b.gap > a.gap ? 1 : -1))
    .map(({ row }) => row)
}
