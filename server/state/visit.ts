/** A visit: one stay of a contact in one queue, the unit of every queue figure. Durations in whole milliseconds, so that sums are exact in any order. */
import type { EndedBy } from '../domain/event.ts'

/** How the waiting ended. `left` is the flow-out; `lost`: its end is unknown, counted and in no formula. */
export type VisitOutcome = 'waiting' | 'answered' | 'abandoned' | 'left' | 'lost'

/** One agent's part of a visit. */
export interface Handling {
  readonly agentId: string | undefined
  readonly startMs: number
  /** How long it rang at the agent before; 0 where nothing tells. A small number takes no memory of its own. */
  readonly ringMs: number
  /** Null while the agent talks. */
  endMs: number | null
  /** Null until known; stays null where the source's restart swallowed the end. */
  talkMs: number | null
  holdMs: number
  acwMs: number
  endedBy: EndedBy | undefined
  /** Since when the customer is on hold; null when not. */
  heldSinceMs: number | null
}

/** A telephone that rings. */
export interface Ringing {
  readonly agentId: string
  readonly sinceMs: number
}

/** A telephone that rang and was not answered at it, whatever ended it. */
export interface Rung {
  readonly agentId: string
  /** The same as the end where no source has told of the beginning. */
  readonly fromMs: number
  readonly toMs: number
  /** It rang until it was given up: a ring-no-answer. */
  readonly isNoAnswer: boolean
}

export interface Visit {
  readonly contactId: string
  /** The source's own id of this stay, or contactId#n. */
  readonly visitId: string
  readonly queueId: string
  readonly source: string
  readonly queuedAtMs: number
  outcome: VisitOutcome
  /** When the waiting ended; null while it lasts. */
  waitEndMs: number | null
  /** Null while waiting and when lost. */
  waitMs: number | null
  /** Why it left the queue. */
  leftReason: string | undefined
  handlings: Handling[]
  transfers: number
  /** Agents whose telephone rings now; null for none. */
  ringing: Ringing[] | null
  /** Where it rang in vain; null for nowhere. */
  rung: Rung[] | null
  /** Nothing more is expected: abandoned, left, lost, or all handlings have ended. */
  closed: boolean
}

/** Handling that is over with its talk known: what AHT and mean talk divide by. */
export function isHandled(visit: Visit): boolean {
  if (visit.outcome !== 'answered' || visit.handlings.length === 0) return false
  for (const handling of visit.handlings) if (handling.talkMs === null) return false
  return true
}
