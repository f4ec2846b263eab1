/** A board of the past, and the month beside the day. */
import type { ServiceLevelFormula } from '../domain/service-level.ts'
import type { NoteBody } from './alerts.ts'
import type { Board } from './board.ts'

/** GET /api/v1/moments/:instant (ISO 8601 or epoch ms): the board as the ledger has it of that instant. */
export interface MomentBody {
  readonly atMs: number
  readonly nowMs: number
  readonly zone: string
  /** Of the site's day that holds the instant. */
  readonly day: string
  readonly dayStartMs: number
  readonly dayEndMs: number
  /** The day is closed: its figures are frozen under this version. */
  readonly closedVersion: number | null
  /** First instant of which the ledger has events. */
  readonly earliestMs: number
  /** Events of the site's day up to the instant that are folded. */
  readonly eventCount: number
  readonly board: Board
  /** How its days' ends are projected: by the paths of the look-ahead, or by formula where it says nothing. */
  readonly projection: 'look-ahead' | 'formula'
  readonly notes: readonly NoteBody[]
}

/** One contract's month: numerators and denominators of the closed days and of today, added. */
export interface MonthToDateBody {
  readonly clientId: string
  readonly clientName: string
  readonly queueIds: readonly string[]
  readonly formula: ServiceLevelFormula
  readonly targetRatio: number
  readonly answerThresholdSeconds: number
  readonly today: { readonly numerator: number; readonly denominator: number }
  readonly month: { readonly numerator: number; readonly denominator: number }
  readonly closedDays: number
  /** Days of the month before today with events but no close yet: not in the sum. */
  readonly fromDay: string
}
/** As a row of a board. */
export interface BoardMonthRow extends MonthToDateBody {
  /** Client, and its queues. */
  readonly key: string
}
/** GET /api/v1/month-to-date */
export interface MonthToDatesBody {
  readonly day: string
  readonly rows: readonly MonthToDateBody[]
}
