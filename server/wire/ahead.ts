/** The look-ahead: how the day ends if nothing is done, and what would help. Ratios 0…1, instants epoch ms UTC. */
import type { ServiceLevelFormula } from '../domain/service-level.ts'

export const HELP_KINDS = ['add', 'overtime', 'move', 'training'] as const
export type HelpKind = (typeof HELP_KINDS)[number]

/** One thing that would help, and what the day is worth with it, on the same simulated callers. */
export interface HelpBody {
  readonly kind: HelpKind
  readonly agents: number
  readonly fromMs: number
  readonly toMs: number
  /** `move`: where the agents come from, and its chance before and after. */
  readonly fromQueueId: string | null
  readonly fromQueueChanceBefore: number | null
  readonly fromQueueChanceAfter: number | null
  /** `training`: the note that says when it is. */
  readonly noteId: string | null
  /** In the site's currency; agents who are paid anyway cost nothing more. */
  readonly cost: number
  readonly agentHours: number
  readonly ratio: number
  readonly chanceBefore: number
  readonly chance: number
}

export interface AheadIntervalBody {
  readonly startMs: number
  readonly contactsMean: number
  readonly ahtSeconds: number
  readonly required: number | null
  /** Of the published plan, else the requirement. */
  readonly agents: number
}

/** What the figures were made of: shown by "explain". */
export interface AheadInputsBody {
  readonly forecastVersion: number
  readonly forecastMethod: string
  /** Null: no published plan, the requirement stands in. */
  readonly planVersion: number | null
  readonly formula: ServiceLevelFormula
  readonly answerThresholdSeconds: number
  readonly patienceSecondsMean: number
  readonly waiting: number
  readonly busyAgents: number
  /** Agents who really answer ÷ planned, as today and the past days show, and how sure that is. */
  readonly staffingFactorMean: number
  readonly staffingFactorCv: number
  readonly lessonDays: number
  readonly paths: number
  readonly seed: number
}

export interface AheadQueueBody {
  readonly key: string
  readonly queueId: string
  readonly name: string
  readonly targetRatio: number
  readonly computedAtMs: number
  /** By the formula, until `computedAtMs`. */
  readonly met: number
  readonly counted: number
  readonly expectedRest: number
  readonly ratio: number | null
  readonly ratioP10: number | null
  readonly ratioP90: number | null
  readonly chance: number | null
  readonly missesLeft: number | null
  /** Share of the rest that must be met; above 1 the day is lost; null: nothing is expected any more. */
  readonly neededRatioOfRest: number | null
  readonly lost: boolean
  /** Since when more than all of the rest had to be met, by the ledger and the newest forecast. */
  readonly lostSinceMs: number | null
  /** Cheapest first. */
  readonly help: readonly HelpBody[]
  readonly inputs: AheadInputsBody
  readonly intervals: readonly AheadIntervalBody[]
}

/** GET /api/v1/look-ahead; POST /api/v1/look-ahead/run computes it again at once. */
export interface AheadBody {
  /** Null: not computed yet. */
  readonly computedAtMs: number | null
  readonly milliseconds: number | null
  readonly currency: string
  readonly queues: readonly AheadQueueBody[]
}
