/** The day's intervals of several queues as one: counts, numerators and weights added, never percentages. Pure. */
import { serviceLevelState } from '../../../server/domain/service-level.ts'
import type { BoardIntervalRow, LevelState } from '../../../server/wire/board.ts'

export interface DayInterval {
  readonly startMs: number
  readonly endMs: number
  readonly offered: number
  readonly answered: number
  readonly abandoned: number
  readonly numerator: number
  readonly denominator: number
  readonly ratio: number | null
  readonly targetRatio: number
  readonly state: LevelState
  readonly asaSeconds: number | null
  readonly ahtSeconds: number | null
  /** Null where a queue has none: half a sum would be read as a whole one. */
  readonly forecastContacts: number | null
  readonly required: number | null
  readonly planned: number | null
  /** Mean number of agents who were there; an agent of two queues counts in both. */
  readonly staffed: number | null
  /** Handling of these agents, of their time on and between contacts. */
  readonly occupancyRatio: number | null
  readonly provisional: boolean
  /** Figures of this many of its parts changed after they were final. */
  readonly revisedParts: number
}

export interface DayTable {
  readonly intervals: readonly DayInterval[]
  /** Of what has begun. */
  readonly total: DayInterval | null
  /** The queues' intervals differ in length: shown by the longest. */
  readonly mixed: boolean
}

export function dayTable(rows: readonly BoardIntervalRow[], dayStartMs: number, nowMs: number): DayTable {
  const lengths = new Set(rows.map((row) => row.endMs - row.startMs))
  const lengthMs = Math.max(...lengths)
  const buckets = new Map<number, BoardIntervalRow[]>()
  for (const row of rows) {
    const startMs = dayStartMs + Math.floor((row.startMs - dayStartMs) / lengthMs) * lengthMs
    const bucket = buckets.get(startMs)
    if (bucket === undefined) buckets.set(startMs, [row])
    else bucket.push(row)
  }
  const intervals = [...buckets]
    .sort(([a], [b]) => a - b)
    .map(([startMs, bucket]) => sumIntervals(bucket, startMs, startMs + lengthMs))
  const begun = rows.filter((row) => row.startMs <= nowMs)
  const total = begun.length === 0 ? null : sumIntervals(begun, dayStartMs, nowMs)
  return { intervals, total, mixed: lengths.size > 1 }
}

function sumIntervals(rows: readonly BoardIntervalRow[], startMs: number, endMs: number): DayInterval {
  const numerator = sum(rows, (row) => row.numerator)
  const denominator = sum(rows, (row) => row.denominator)
  const ratio = denominator === 0 ? null : numerator / denominator
  const weighted = sum(rows, (row) => row.denominator * row.targetRatio)
  const plain = sum(rows, (row) => row.targetRatio) / Math.max(1, rows.length)
  const targetRatio = denominator === 0 ? plain : weighted / denominator
  const open = rows.some((row) => row.open)
  return {
    startMs,
    endMs,
    offered: sum(rows, (row) => row.offered),
    answered: sum(rows, (row) => row.answered),
    abandoned: sum(rows, (row) => row.abandoned),
    numerator,
    denominator,
    ratio,
    targetRatio,
    state: ratio === null && !open ? 'closed' : serviceLevelState(ratio, targetRatio),
    asaSeconds: weightedMean(
      rows,
      (row) => row.asaSeconds,
      (row) => row.answered,
    ),
    ahtSeconds: weightedMean(
      rows,
      (row) => row.ahtSeconds,
      (row) => row.handled,
    ),
    forecastContacts: sumOrNull(rows, (row) => row.forecastContacts),
    // Agents of intervals side by side are not added: the most that any of them needs.
    required: peak(rows, (row) => row.required),
    planned: peak(rows, (row) => row.planned),
    staffed: staffedMean(rows),
    occupancyRatio: occupancy(rows),
    provisional: rows.some((row) => row.provisional),
    revisedParts: rows.filter((row) => row.revision > 1).length,
  }
}

/** Each queue's mean over what has begun, added; null where a queue has none, as for what is to come. */
function staffedMean(rows: readonly BoardIntervalRow[]): number | null {
  let total = 0
  for (const queueId of new Set(rows.map((row) => row.queueId))) {
    const mean = weightedMean(
      rows.filter((row) => row.queueId === queueId),
      (row) => row.staffedMean,
      (row) => row.endMs - row.startMs,
    )
    if (mean === null) return null
    total += mean
  }
  return rows.length === 0 ? null : total
}

function occupancy(rows: readonly BoardIntervalRow[]): number | null {
  const begun = rows.filter((row) => row.handlingSeconds !== null)
  const handling = sum(begun, (row) => row.handlingSeconds ?? 0)
  const available = sum(begun, (row) => row.availableSeconds ?? 0)
  return handling + available === 0 ? null : handling / (handling + available)
}

/** Heads by queue are added, over the parts of one interval the largest holds. */
function peak(
  rows: readonly BoardIntervalRow[],
  heads: (row: BoardIntervalRow) => number | null,
): number | null {
  const byQueue = new Map<string, number>()
  for (const row of rows) {
    const value = heads(row)
    if (value === null) return null
    byQueue.set(row.queueId, Math.max(byQueue.get(row.queueId) ?? 0, value))
  }
  return [...byQueue.values()].reduce((total, value) => total + value, 0)
}

function sum(rows: readonly BoardIntervalRow[], value: (row: BoardIntervalRow) => number): number {
  return rows.reduce((total, row) => total + value(row), 0)
}

function sumOrNull(
  rows: readonly BoardIntervalRow[],
  value: (row: BoardIntervalRow) => number | null,
): number | null {
  return rows.some((row) => value(row) === null) ? null : sum(rows, (row) => value(row) ?? 0)
}

function weightedMean(
  rows: readonly BoardIntervalRow[],
  mean: (row: BoardIntervalRow) => number | null,
  weight: (row: BoardIntervalRow) => number,
): number | null {
  const counted = rows.filter((row) => mean(row) !== null)
  const total = sum(counted, weight)
  return total === 0 ? null : sum(counted, (row) => (mean(row) ?? 0) * weight(row)) / total
}
