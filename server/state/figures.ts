/** The figures of a queue and a period, as board, API, report and CSV give them. All of them come from `state/`, nowhere else. */
import type { ServiceLevelRatios } from '../domain/service-level.ts'

/**
 * Figures of contacts by arrival. Conservation, always: offered = answered + abandoned + flowedOut + lost + waiting.
 * Ratios and means are null where the denominator is zero.
 */
export interface QueueFigures {
  readonly offered: number
  readonly answered: number
  readonly abandoned: number
  readonly flowedOut: number
  readonly lost: number
  readonly waiting: number
  readonly answeredWithinThreshold: number
  readonly abandonedWithinThreshold: number
  readonly shortAbandons: number
  readonly callbacksWithinThreshold: number
  readonly serviceLevelRatios: ServiceLevelRatios
  readonly asaSeconds: number | null
  readonly waitSecondsMax: number | null
  readonly talkSecondsMean: number | null
  /** (talk + hold + after-call work) ÷ contacts whose handling has ended. */
  readonly ahtSeconds: number | null
  readonly transfers: number
}

export interface IntervalFigures extends QueueFigures {
  /** ISO 8601 with the zone's offset. */
  readonly start: string
}

export interface AgentDayFigures {
  readonly agent: string
  readonly answered: number
  readonly talkSeconds: number
  readonly ringNoAnswer: number
  /** Time as a member of that queue. */
  readonly loggedInSeconds: number
  readonly notReadySeconds: number
}

export interface QueueDayReport extends QueueFigures {
  readonly queue: string
  readonly name: string
  readonly answerThresholdSeconds: number
  readonly shortAbandonSeconds: number
  readonly intervals: readonly IntervalFigures[]
  /** Absent for a client's eyes. */
  readonly agents?: readonly AgentDayFigures[]
}

export interface ClientDayFigures extends QueueFigures {
  readonly client: string
  readonly name: string
  readonly formula: string
  readonly target: number
  readonly answerThresholdSeconds: number
  readonly serviceLevelRatio: number | null
  /** Share of the intervals with calls that met the target. */
  readonly intervalsMetRatio: number | null
  readonly queues: readonly string[]
}

export interface DayReport {
  readonly date: string
  readonly definitionsVersion: number
  readonly queues: readonly QueueDayReport[]
  readonly clients: readonly ClientDayFigures[]
}
