/** Figures over several queues: true sums of numerators, denominators and weights, never means of means. Pure. */
import { type ServiceLevelFormula, serviceLevelState } from '../../../server/domain/service-level.ts'
import type { BoardLevel, BoardQueueRow, LevelState } from '../../../server/wire/board.ts'
import {
  FIGURE_MEASURES,
  type FigureMeasure,
  type TileThresholds,
} from '../../../server/wire/board-composition.ts'

export interface LevelSum extends BoardLevel {
  /** The queues' targets, weighted by what counts under them; null without queues. */
  readonly targetRatio: number | null
  /** The one formula of all queues; null where they differ. */
  readonly formula: ServiceLevelFormula | null
}

export type LevelSpan = 'interval' | 'halfHour' | 'today'

export function sumLevels(rows: readonly BoardQueueRow[], span: LevelSpan): LevelSum {
  const numerator = sumOf(rows, (row) => row[span].numerator)
  const denominator = sumOf(rows, (row) => row[span].denominator)
  const ratio = denominator === 0 ? null : numerator / denominator
  const weighted = sumOf(rows, (row) => row[span].denominator * row.promise.targetRatio)
  const plain = rows.length === 0 ? null : sumOf(rows, (row) => row.promise.targetRatio) / rows.length
  const targetRatio = denominator === 0 ? plain : weighted / denominator
  const formulas = new Set(rows.map((row) => row.promise.formula))
  const [formula = null] = formulas
  return {
    ratio,
    numerator,
    denominator,
    targetRatio,
    formula: formulas.size === 1 ? formula : null,
    state: levelState(rows, ratio, targetRatio),
  }
}

function levelState(
  rows: readonly BoardQueueRow[],
  ratio: number | null,
  targetRatio: number | null,
): LevelState {
  if (ratio === null && rows.length > 0 && rows.every((row) => !row.open)) return 'closed'
  return targetRatio === null ? 'no-calls' : serviceLevelState(ratio, targetRatio)
}

/** Mean of what each queue has a mean of, weighted by how many it is a mean of; null where nothing counts. */
function weightedMean(
  rows: readonly BoardQueueRow[],
  mean: (row: BoardQueueRow) => number | null,
  weight: (row: BoardQueueRow) => number,
): number | null {
  const counted = rows.filter((row) => mean(row) !== null)
  const total = sumOf(counted, weight)
  return total === 0 ? null : sumOf(counted, (row) => (mean(row) ?? 0) * weight(row)) / total
}

/** Null when any queue lacks it: half a sum would be read as a whole one. */
export function sumOrNull(
  rows: readonly BoardQueueRow[],
  value: (row: BoardQueueRow) => number | null,
): number | null {
  if (rows.length === 0 || rows.some((row) => value(row) === null)) return null
  return sumOf(rows, (row) => value(row) ?? 0)
}

export function sumOf(rows: readonly BoardQueueRow[], value: (row: BoardQueueRow) => number): number {
  return rows.reduce((total, row) => total + value(row), 0)
}

export function longestWaitSeconds(rows: readonly BoardQueueRow[], nowMs: number): number | null {
  let since: number | null = null
  for (const { longestWaitingSinceMs } of rows)
    if (longestWaitingSinceMs !== null && (since === null || longestWaitingSinceMs < since))
      since = longestWaitingSinceMs
  return since === null ? null : Math.max(0, (nowMs - since) / 1000)
}

/** Required heads that are not there, queue by queue: one queue's surplus answers no other queue's calls. */
export function headsMissing(rows: readonly BoardQueueRow[]): number | null {
  return sumOrNull(rows, (row) => (row.required === null ? null : Math.max(0, row.required - row.staffed)))
}

export function measureOf(
  measure: FigureMeasure,
  rows: readonly BoardQueueRow[],
  nowMs: number,
): number | null {
  if (rows.length === 0) return null
  switch (measure) {
    case 'level-now':
      return sumLevels(rows, 'interval').ratio
    case 'level-half-hour':
      return sumLevels(rows, 'halfHour').ratio
    case 'level-today':
      return sumLevels(rows, 'today').ratio
    case 'waiting':
      return sumOf(rows, (row) => row.waiting)
    case 'longest-wait':
      return longestWaitSeconds(rows, nowMs)
    case 'arrivals':
      return sumOf(rows, (row) => row.offeredToday)
    case 'abandoned':
      return sumOf(rows, (row) => row.abandonedToday)
    case 'abandoned-share': {
      const offered = sumOf(rows, (row) => row.offeredToday)
      return offered === 0 ? null : sumOf(rows, (row) => row.abandonedToday) / offered
    }
    case 'asa':
      return weightedMean(
        rows,
        (row) => row.asaSecondsToday,
        (row) => row.answeredToday,
      )
    case 'aht':
      return weightedMean(
        rows,
        (row) => row.ahtSecondsToday,
        (row) => row.handledToday,
      )
    case 'occupancy': {
      // At this moment: who handles, of those who handle or are free.
      const handling = sumOf(rows, (row) => row.agentsOnContact + row.agentsAfterContactWork)
      const free = sumOf(rows, (row) => row.agentsAvailable)
      return handling + free === 0 ? null : handling / (handling + free)
    }
    case 'free':
      return sumOf(rows, (row) => row.agentsAvailable)
    case 'staffed':
      return sumOf(rows, (row) => row.staffed)
    case 'heads-missing':
      return headsMissing(rows)
    case 'projected-level':
      return weightedMean(
        rows,
        (row) => row.projectedRatio,
        (row) => row.forecastContactsToday ?? 0,
      )
    case 'misses-left':
      return sumOrNull(rows, (row) => row.missesLeft)
  }
}

export type FigureState = 'kept' | 'limit' | 'missed' | 'none'

/** Green, amber or red by the tile's own thresholds; `none` where there is no figure or no threshold. */
export function thresholdState(
  measure: FigureMeasure,
  value: number | null,
  thresholds: TileThresholds | null,
): FigureState {
  if (value === null || thresholds === null) return 'none'
  const { amberFrom, redFrom } = thresholds
  if (FIGURE_MEASURES[measure].worse === 'higher')
    return value >= redFrom ? 'missed' : value >= amberFrom ? 'limit' : 'kept'
  return value < redFrom ? 'missed' : value < amberFrom ? 'limit' : 'kept'
}
