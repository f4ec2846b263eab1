/** What a viewer may see and has asked to see. Viewers of one view share one computation and one frame. */
import type { BoardComposition, BoardNeed, BoardScope } from '../wire/board-composition.ts'

export interface BoardView {
  /** Null = every client's queues. */
  readonly clientId: string | null
  readonly need: BoardNeed
  readonly agentNames: boolean
}

/** The same for boards of the same content, whatever they are called and however their tiles are laid out. */
export function viewKey({ clientId, need, agentNames }: BoardView): string {
  return JSON.stringify([clientId, need.scopes.map(scopeKey), need.slices, agentNames])
}

function scopeKey(scope: BoardScope): readonly string[] {
  switch (scope.kind) {
    case 'all':
      return ['all']
    case 'client':
      return ['client', scope.clientId]
    case 'team':
      return ['team', scope.teamId]
    case 'queues':
      return ['queues', ...scope.queueIds]
  }
}

/** Whether the view is the whole site: then the site's own counts hold, and no agent is counted through queues. */
export function isWholeSite({ clientId, need }: BoardView): boolean {
  return clientId === null && need.scopes.some(({ kind }) => kind === 'all')
}

/**
 * Whether all that a composed board names is the client's: a composition is sent as it is, with the ids and titles that the
 * staff gave it, so one that names others is not for the client's eyes.
 */
export function isOfClient(
  { pages }: BoardComposition,
  clientId: string,
  clientOf: (queueId: string) => string | null,
): boolean {
  const isOwn = (scope: BoardScope): boolean => {
    switch (scope.kind) {
      case 'all':
        return true
      case 'client':
        return scope.clientId === clientId
      case 'team':
        return false
      case 'queues':
        return scope.queueIds.every((queueId) => clientOf(queueId) === clientId)
    }
  }
  return pages.every(({ tiles }) => tiles.every(({ scope }) => isOwn(scope)))
}

/** Queues of the view, in the order given. A queue that is not set up any more is simply not there. */
export function queuesInView(
  view: BoardView,
  queues: readonly { readonly queueId: string; readonly clientId: string | null }[],
  queuesOfTeam: (teamId: string) => ReadonlySet<string>,
): readonly string[] {
  const { clientId, need } = view
  const includes = (
    scope: BoardScope,
    queue: { readonly queueId: string; readonly clientId: string | null },
  ) => {
    switch (scope.kind) {
      case 'all':
        return true
      case 'client':
        return queue.clientId === scope.clientId
      case 'team':
        return queuesOfTeam(scope.teamId).has(queue.queueId)
      case 'queues':
        return scope.queueIds.includes(queue.queueId)
    }
  }
  return queues
    .filter(
      (queue) =>
        (clientId === null || queue.clientId === clientId) &&
        need.scopes.some((scope) => includes(scope, queue)),
    )
    .map(({ queueId }) => queueId)
}
