/** What a tile is headed when nobody wrote a heading: what it shows, and of whom. Pure. */
import type { Locale } from '../../../server/messages/message.ts'
import { t } from '../../../server/messages/translate.ts'
import type { BoardAgentRow, BoardQueueRow } from '../../../server/wire/board.ts'
import type { BoardTile } from '../../../server/wire/board-composition.ts'

export function tileTitle(
  locale: Locale,
  tile: BoardTile,
  rows: readonly BoardQueueRow[],
  agents: readonly BoardAgentRow[],
): string {
  if (tile.title !== '') return tile.title
  const what =
    tile.kind === 'figure' && tile.measure !== null
      ? t(locale, `measure.${tile.measure}`)
      : t(locale, `tile.${tile.kind}`)
  const whose = scopeName(tile, rows, agents)
  return whose === '' ? what : `${what} · ${whose}`
}

function scopeName(
  { scope }: BoardTile,
  rows: readonly BoardQueueRow[],
  agents: readonly BoardAgentRow[],
): string {
  switch (scope.kind) {
    case 'all':
      return ''
    case 'client':
      return rows.find((row) => row.clientId === scope.clientId)?.clientName ?? scope.clientId
    case 'team':
      return agents.find((agent) => agent.teamId === scope.teamId)?.teamName ?? scope.teamId
    case 'queues':
      // One or two are named; more would push the heading out of sight.
      return rows.length > 2 ? '' : rows.map((row) => row.name).join(', ')
  }
}
