/** Which rows a tile is about, and which of the queues it names are not there any more. Pure. */
import type { BoardAgentRow, BoardQueueRow } from '../../../server/wire/board.ts'
import type { BoardScope } from '../../../server/wire/board-composition.ts'

export interface ScopedRows {
  readonly rows: readonly BoardQueueRow[]
  /** Named by the tile and not set up any more. */
  readonly missingQueueIds: readonly string[]
}

/** `teamQueueIds`: queues that the team's agents are members of; the board sends them with the agents only. */
export function rowsInScope(
  scope: BoardScope,
  queues: readonly BoardQueueRow[],
  agents: readonly BoardAgentRow[],
): ScopedRows {
  switch (scope.kind) {
    case 'all':
      return { rows: queues, missingQueueIds: [] }
    case 'client':
      return { rows: queues.filter((row) => row.clientId === scope.clientId), missingQueueIds: [] }
    case 'team': {
      const own = new Set(agentsOfTeam(scope.teamId, agents).flatMap((agent) => agent.memberQueueIds))
      return { rows: queues.filter((row) => own.has(row.queueId)), missingQueueIds: [] }
    }
    case 'queues': {
      // In the order in which the tile names them.
      const byId = new Map(queues.map((row) => [row.queueId, row]))
      return {
        rows: scope.queueIds.flatMap((queueId) => byId.get(queueId) ?? []),
        missingQueueIds: scope.queueIds.filter((queueId) => !byId.has(queueId)),
      }
    }
  }
}

/** Rows are replaced when they change, so that the same rows are the same objects. */
export function sameRows<Row>(before: readonly Row[], after: readonly Row[]): boolean {
  return (
    before === after || (before.length === after.length && after.every((row, index) => row === before[index]))
  )
}

export function agentsInScope(
  scope: BoardScope,
  rows: readonly BoardQueueRow[],
  agents: readonly BoardAgentRow[],
): readonly BoardAgentRow[] {
  if (scope.kind === 'all') return agents
  if (scope.kind === 'team') return agentsOfTeam(scope.teamId, agents)
  const own = new Set(rows.map((row) => row.queueId))
  return agents.filter(
    (agent) => agent.memberQueueIds.some((id) => own.has(id)) || own.has(agent.queueId ?? ''),
  )
}

function agentsOfTeam(teamId: string, agents: readonly BoardAgentRow[]): readonly BoardAgentRow[] {
  return agents.filter((agent) => agent.teamId === teamId)
}
