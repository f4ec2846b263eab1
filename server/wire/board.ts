/** What the live socket sends: rows of a board, keyed, so that a patch is the rows that changed. See PROTOCOL.md. */
import type { AgentState } from '../domain/event.ts'
import type { IntervalView, ServiceLevelCounts, ServiceLevelFormula } from '../domain/service-level.ts'
import type { AheadQueueBody } from './ahead.ts'
import type { AlertBody, BoardNoteRow } from './alerts.ts'
import type { BoardComposition } from './board-composition.ts'
import type { BoardMonthRow } from './moment.ts'

export type LevelState = 'kept' | 'limit' | 'missed' | 'no-calls' | 'closed'

export interface BoardLevel {
  /** By the contract's formula; null when nothing counts. */
  readonly ratio: number | null
  readonly numerator: number
  readonly denominator: number
  readonly state: LevelState
}

/** The counts of a level, for all eight formulas side by side: in the order of COUNT_FIELDS, for they go with every row. */
export type BoardCounts = readonly number[]
const COUNT_FIELDS = [
  'answered',
  'answeredWithinThreshold',
  'abandoned',
  'abandonedWithinThreshold',
  'shortAbandons',
  'flowedOut',
  'callbacksWithinThreshold',
] as const satisfies readonly (keyof ServiceLevelCounts)[]

export function packCounts(counts: ServiceLevelCounts): BoardCounts {
  return COUNT_FIELDS.map((field) => counts[field])
}

/** Sums over queues: the counts of each, added. */
export function unpackCounts(all: readonly BoardCounts[]): ServiceLevelCounts {
  const sum = (index: number) => all.reduce((total, counts) => total + (counts[index] ?? 0), 0)
  return {
    answered: sum(0),
    answeredWithinThreshold: sum(1),
    abandoned: sum(2),
    abandonedWithinThreshold: sum(3),
    shortAbandons: sum(4),
    flowedOut: sum(5),
    callbacksWithinThreshold: sum(6),
  }
}

export interface BoardPromise {
  readonly targetRatio: number
  readonly answerThresholdSeconds: number
  readonly formula: ServiceLevelFormula
  /** These two for the lists behind the figures: which contacts are missed, and of which day. */
  readonly shortAbandonSeconds: number
  readonly view: IntervalView
}

export interface BoardQueueRow {
  readonly queueId: string
  readonly name: string
  readonly clientId: string | null
  readonly clientName: string | null
  readonly open: boolean
  readonly promise: BoardPromise
  /** Contacts of the interval that runs now, in the view of the promise. */
  readonly interval: BoardLevel
  readonly intervalStartMs: number
  /** Contacts that arrived in the last 30 minutes (sliding). */
  readonly halfHour: BoardLevel
  readonly today: BoardLevel
  readonly intervalCounts: BoardCounts
  readonly halfHourCounts: BoardCounts
  readonly todayCounts: BoardCounts
  readonly offeredToday: number
  readonly answeredToday: number
  readonly abandonedToday: number
  readonly flowedOutToday: number
  readonly lostToday: number
  readonly answeredWithinThresholdToday: number
  readonly abandonedWithinThresholdToday: number
  readonly asaSecondsToday: number | null
  readonly ahtSecondsToday: number | null
  /** Contacts whose handling has ended: the weight of the AHT in a sum. */
  readonly handledToday: number
  readonly waiting: number
  /** Of those waiting, how many have passed T: already missed, counted when they end. */
  readonly waitingPastThreshold: number
  /** Since when one of the sources of the queue may have more to tell than it did; null while all are heard. */
  readonly staleSinceMs: number | null
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
  /** Null: no published shifts. */
  readonly scheduled: number | null
  readonly forecastContactsToday: number | null
  /** What the forecast had expected until now. */
  readonly forecastContactsSoFar: number | null
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
  /** Of any queue: see BoardIntervalRow. What has not begun is neither. */
  readonly provisional: boolean
  readonly revised: boolean
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
  /** Since when it may have more to tell than it did: not connected, silent, or a hole that no snapshot has filled. */
  readonly staleSinceMs: number | null
}

/** An agent as a board shows one. */
export interface BoardAgentRow {
  /** Says nothing about the agent where names are hidden; the same for as long as the server runs. */
  readonly key: string
  /** Null where names are hidden. */
  readonly name: string | null
  readonly teamId: string | null
  readonly teamName: string | null
  readonly state: AgentState
  readonly reason: string | null
  /** The page counts the time in the state up by itself. */
  readonly sinceMs: number | null
  /** Of the contact on the line or the one that rings. */
  readonly queueId: string | null
  readonly memberQueueIds: readonly string[]
  readonly contactsToday: number
}

/** An interval of a queue's day. */
export interface BoardIntervalRow {
  /** Queue and start. */
  readonly key: string
  readonly queueId: string
  readonly startMs: number
  readonly endMs: number
  readonly open: boolean
  readonly offered: number
  readonly answered: number
  readonly abandoned: number
  readonly waiting: number
  /** By the contract's formula: sums add these. */
  readonly numerator: number
  readonly denominator: number
  readonly targetRatio: number
  readonly asaSeconds: number | null
  readonly ahtSeconds: number | null
  /** Weight of the AHT in a sum. */
  readonly handled: number
  /** From the newest forecast: for what is still to come, the re-forecast. */
  readonly forecastContacts: number | null
  readonly required: number | null
  readonly planned: number | null
  readonly scheduled: number | null
  /** Mean number of its agents who were there; null for what has not begun. An agent of two queues is in both. */
  readonly staffedMean: number | null
  /** Time of these agents on contacts and in after-call work, and time in which they were free: occupancy is the first's share. */
  readonly handlingSeconds: number | null
  readonly availableSeconds: number | null
  /** A source has not told of all of it yet, or some of its contacts have no end: its figures may still change by themselves. */
  readonly provisional: boolean
  /** 1, and one more for each time that its figures changed after they were final. */
  readonly revision: number
}

/**
 * What a board may hold beyond site, queues and sources: lists of rows with a `key`, sent only to boards with a tile that
 * needs them. A new one is a line here, one in BOARD_SLICES, and its source in the composition of the server.
 */
export interface BoardSliceRows {
  readonly agents: BoardAgentRow
  readonly intervals: BoardIntervalRow
  /** Open alerts, newest first. */
  readonly alerts: AlertBody
  readonly ahead: AheadQueueBody
  /** Pinned to times of the site's day, in order of time. */
  readonly notes: BoardNoteRow
  /** Every contract's month to date. */
  readonly months: BoardMonthRow
}
export type BoardSliceName = keyof BoardSliceRows
export const BOARD_SLICES: readonly BoardSliceName[] = [
  'agents',
  'intervals',
  'alerts',
  'ahead',
  'notes',
  'months',
]
export type BoardSlices = { readonly [Name in BoardSliceName]?: readonly BoardSliceRows[Name][] }
export type BoardSlicePatches = {
  readonly [Name in BoardSliceName]?: {
    readonly rows?: readonly BoardSliceRows[Name][]
    readonly removedKeys?: readonly string[]
  }
}

export interface Board {
  readonly site: BoardSite
  readonly queues: readonly BoardQueueRow[]
  readonly sources: readonly BoardSource[]
  readonly slices?: BoardSlices
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
/** Which board is watched, before its first snapshot and whenever it was changed. `body` null: it was deleted. */
export interface CompositionMessage {
  readonly type: 'composition'
  readonly boardId: string
  readonly version: number
  readonly nowMs: number
  readonly body: BoardComposition | null
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
  readonly slices?: BoardSlicePatches
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
export type ServerMessage =
  | HelloMessage
  | CompositionMessage
  | SnapshotMessage
  | PatchMessage
  | HeartbeatMessage
  | PongMessage
/** `resume` with the last seq seen: patches since then when still held, else a snapshot. Without it a snapshot follows hello at once. */
export type ClientMessage =
  | { readonly type: 'resume'; readonly seq: number }
  | { readonly type: 'ping'; readonly sentAt: number }
