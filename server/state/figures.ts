/** The figures of a queue and a period, as board, API, report and CSV give them. All of them come from `state/`, nowhere else. */
import type { IntervalView, ServiceLevelFormula, ServiceLevelRatios } from '../domain/service-level.ts'

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
  /** Mean wait of answered contacts: a result, never the promise. */
  readonly asaSeconds: number | null
  /** Mean wait of all contacts whose wait has ended: answered, abandoned and flowed out. */
  readonly asaAllSeconds: number | null
  readonly waitSecondsMax: number | null
  /** Contacts whose handling has ended with its talk known: what means of talk and AHT divide by. */
  readonly handled: number
  readonly talkSecondsMean: number | null
  /** (talk + hold + after-call work) ÷ contacts whose handling has ended. */
  readonly ahtSeconds: number | null
  readonly transfers: number
}

/** Exact over contacts: the least wait that this share of all ended waits does not exceed. Null without any. */
export interface WaitFigures {
  readonly waitSecondsP50: number | null
  readonly waitSecondsP80: number | null
  readonly waitSecondsP90: number | null
  readonly waitSecondsP95: number | null
  readonly waitSecondsP99: number | null
  /** Expected wait of a caller of endless patience: who gave up is counted as having waited at least so long. */
  readonly asaEndlessPatienceSeconds: number | null
}

/** Everything that is said of contacts of a period. */
export interface PeriodFigures extends QueueFigures, WaitFigures {}

export interface IntervalFigures extends PeriodFigures {
  /** ISO 8601 with the zone's offset. */
  readonly start: string
  /** Its figures may still change by themselves; not said in a frozen report. */
  readonly provisional?: boolean
  /** 1, and one more for each time that the figures changed after they were final. */
  readonly revision?: number
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

/** An agent's day over all queues, in the site's zone. Contacts by arrival; times by what the agent set and did. */
export interface AgentFigures {
  readonly agent: string
  readonly name: string
  readonly team: string | null
  /** Parts of contacts that the agent answered. */
  readonly contacts: number
  readonly talkSeconds: number
  readonly holdSeconds: number
  /** After-call work, by the word of the contacts. */
  readonly acwSeconds: number
  readonly ringNoAnswer: number
  /** In any state but offline. */
  readonly loggedInSeconds: number
  readonly readySeconds: number
  /** A contact rang at the agent. */
  readonly ringingSeconds: number
  readonly notReadySeconds: number
  /** By the reason that was given; the empty one is none. */
  readonly notReadyByReason: Readonly<Record<string, number>>
  /** On contacts and in after-call work. */
  readonly handlingSeconds: number
  /** Handling ÷ (handling + ready). */
  readonly occupancyRatio: number | null
  /** So far; null with no schedule. */
  readonly scheduledSeconds: number | null
  readonly adherenceRatio: number | null
  readonly conformanceRatio: number | null
}

export interface QueueDayReport extends PeriodFigures {
  readonly queue: string
  readonly name: string
  readonly answerThresholdSeconds: number
  readonly shortAbandonSeconds: number
  /** By the promise's formula, or the default one; the target is null without a promise. */
  readonly formula: ServiceLevelFormula
  readonly target: number | null
  readonly serviceLevelRatio: number | null
  /** Share of the intervals with calls that met the target; null without calls or a promise. */
  readonly intervalsMetRatio: number | null
  readonly intervals: readonly IntervalFigures[]
  /** Absent for a client's eyes. */
  readonly agents?: readonly AgentDayFigures[]
}

export interface ClientDayFigures extends PeriodFigures {
  readonly client: string
  readonly name: string
  readonly formula: string
  /** In which interval a contact counts, as the promise says. */
  readonly view: IntervalView
  readonly target: number
  readonly answerThresholdSeconds: number
  readonly serviceLevelRatio: number | null
  /** Share of the intervals with calls that met the target. */
  readonly intervalsMetRatio: number | null
  readonly queues: readonly string[]
}

export interface DayReport {
  readonly date: string
  /** Until then every live source has told everything, at most the day's end; not said in a frozen report. */
  readonly watermark?: string
  readonly definitionsVersion: number
  /** Events of the day are no longer kept (from then on they are): these are the figures frozen at its close. */
  readonly eventsKeptFrom?: string
  /** In which interval a contact counts in the queues' rows; by arrival where an older frozen report does not say. */
  readonly view?: IntervalView
  readonly queues: readonly QueueDayReport[]
  readonly clients: readonly ClientDayFigures[]
  /** Agents over all queues. Absent for a client's eyes, and in a report of one queue. */
  readonly agents?: readonly AgentFigures[]
}
