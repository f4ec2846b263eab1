/** What pages read of figures beside the board and the day report: an agent at this moment, the revisions of intervals. */
import type { AgentState } from '../domain/event.ts'

/** Both axes of an agent at this moment, what is done and what was set: in GET /api/v1/agents/:id/day?date= */
export interface AgentNowBody {
  readonly state: AgentState
  /** Null when nothing tells. */
  readonly sinceMs: number | null
  /** Of not ready, or of the log-off. */
  readonly reason: string | null
  /** Of the contact on the line or the one that rings. */
  readonly queueId: string | null
  readonly memberQueueIds: readonly string[]
  /** What the agent set, whatever is done: the other axis. */
  readonly set: { readonly state: AgentState; readonly reason: string | null }
  /** Not ready is set and begins when the work in hand ends. */
  readonly notReadyPending: boolean
  /** Times in a row, until now, that the telephone rang in vain. */
  readonly ringNoAnswerStreak: number
}

/**
 * GET /api/v1/queues/:id/revisions?date=, a client of its own queues: an interval that changed after its figures were
 * final, and which sums did, before and after.
 */
export interface RevisionBody {
  /** ISO 8601 with the zone's offset. */
  readonly start: string
  readonly revision: number
  readonly revisedAtMs: number
  /** By the name of the sum; null where what was before is not known. */
  readonly changes: Readonly<Record<string, readonly [before: number | null, after: number | null]>> | null
}
