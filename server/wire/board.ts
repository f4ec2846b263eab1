/** What the live socket sends: rows of a board, keyed, so that a patch is the rows that changed. See PROTOCOL.md. */
import type { ServiceLevelFormula } from '../domain/service-level.ts'

export type LevelState = 'kept' | 'limit' | 'missed' | 'no-calls' | 'closed'

export interface BoardLevel {
  /** By the contract's formula; null when nothing counts. */
  readonly ratio: number | null
  readonly numerator: number
  readonly denominator: number
  readonly state: LevelState
}

export interface BoardPromise {
  readonly targetRatio: number
  readonly answerThresholdSeconds: number
  readonly formula: ServiceLevelFormula
}

export interface BoardQueueRow {
  readonly queueId: string
  readonly name: string
  readonly clientId: string | null
  readonly clientName: string | null
  readonly open: boolean
  readonly promise: BoardPromise
  /** Contacts that arrived in the last 30 minutes (sliding). */
  readonly halfHour: BoardLevel
  readonly today: BoardLevel
  readonly offeredToday: number
  readonly answeredToday: number
  readonly abandonedToday: number
  readonly flowedOutToday: number
  readonly lostToday: number
  readonly answeredWithinThresholdToday: number
  readonly abandonedWithinThresholdToday: number
  readonly asaSecondsToday: number | null
  readonly ahtSecondsToday: number | null
  readonly waiting: number
  /** Of those waiting, how many have passed T: already missed, counted when they end. */
  readonly waitingPastThreshold: number
  /** When the longest waiting contact arrived: the page counts up by itself. Null when nobody waits. */
  readonly longestWaitingSinceMs: number | null
  readonly agentsAvailable: number
  readonly agentsOnContact: number
  readonly agentsReserved: number
  readonly agentsAfterContactWork: number
  readonly agentsNotReady: number
  /** On contact, ringing, after-call work or available. */
  readonly staffed: number
  /** Null: no forecast yet. */
  readonly required: number | null
  /** Null: no published plan. */
  readonly planned: number | null
  readonly forecastContactsToday: number | null
  /** Contacts that may still be missed today; negative = overdrawn; null without a forecast. */
  readonly missesLeft: number | null
  readonly dayLost: boolean
  /** Expected level at the day's end and the chance of keeping the promise; null without a forecast. */
  readonly projectedRatio: number | null
  readonly projectedKeepProbability: number | null
}

/** One bar of the day's strip at the foot of the board: all queues of the viewer together. */
export interface BoardInterval {
  readonly startMs: number
  readonly offered: number
  readonly ratio: number | null
  readonly state: LevelState
}

export interface BoardSite {
  readonly name: string
  readonly zone: string
  readonly day: string
  readonly agentsStaffed: number
  readonly agentsPlanned: number | null
  readonly agentsOnContact: number
  readonly agentsReserved: number
  readonly agentsAvailable: number
  readonly agentsAfterContactWork: number
  readonly agentsNotReady: number
  readonly targetRatio: number | null
  readonly intervals: readonly BoardInterval[]
}

export interface BoardSource {
  readonly source: string
  readonly connected: boolean | null
  /** occurredAt of the newest event, on the server's clock. */
  readonly newestEventMs: number | null
  readonly rejected: number
}

export interface Board {
  readonly site: BoardSite
  readonly queues: readonly BoardQueueRow[]
  readonly sources: readonly BoardSource[]
}

export interface HelloMessage {
  readonly type: 'hello'
  readonly protocol: 1
  readonly version: string
  readonly heartbeatMs: number
  readonly staleAfterMs: number
  /** Server clock (maybe scaled) and how fast it runs: the page shows this clock, never the browser's. */
  readonly nowMs: number
  readonly clockSpeed: number
}
export interface SnapshotMessage {
  readonly type: 'snapshot'
  readonly seq: number
  readonly nowMs: number
  readonly board: Board
}
export interface PatchMessage {
  readonly type: 'patch'
  readonly seq: number
  readonly nowMs: number
  readonly site?: BoardSite
  /** Whole rows that changed. */
  readonly queues?: readonly BoardQueueRow[]
  readonly removedQueueIds?: readonly string[]
  readonly sources?: readonly BoardSource[]
}
export interface HeartbeatMessage {
  readonly type: 'heartbeat'
  readonly seq: number
  readonly nowMs: number
}
/** Answer to `ping`: the page measures its round trip with it. */
export interface PongMessage {
  readonly type: 'pong'
  readonly sentAt: number
  readonly nowMs: number
}
export type ServerMessage = HelloMessage | SnapshotMessage | PatchMessage | HeartbeatMessage | PongMessage
/** `resume` with the last seq seen: patches since then when still held, else a snapshot. Without it a snapshot follows hello at once. */
export type ClientMessage =
  | { readonly type: 'resume'; readonly seq: number }
  | { readonly type: 'ping'; readonly sentAt: number }
