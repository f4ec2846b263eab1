/** Columns of the planner's table: the day's intervals, or its hours made of them. Closed stretches at both ends are left out. Pure. */
import type { PlanInterval } from '../../../server/wire/api.ts'

export interface DeskColumn {
  /** `08:00`, or `8–9` for an hour. */
  readonly label: string
  readonly startMs: number
  readonly endMs: number
  /** Intervals of the day that this column is made of. */
  readonly indexes: readonly number[]
}

export type Grain = 'hour' | 'interval'

/** What columns are made of: intervals of a plan or of a forecast. */
export type ColumnInterval = Pick<PlanInterval, 'startMs' | 'label' | 'open' | 'contactsMean'>

export function deskColumns(
  intervals: readonly ColumnInterval[],
  agents: readonly number[],
  intervalMinutes: number,
  grain: Grain,
): readonly DeskColumn[] {
  const used = intervals.map(
    (interval, index) => interval.open || interval.contactsMean > 0 || (agents[index] ?? 0) > 0,
  )
  const first = used.indexOf(true)
  const last = used.lastIndexOf(true)
  if (first < 0) return []
  const stepMs = intervalMinutes * 60_000
  const columns: { label: string; startMs: number; endMs: number; indexes: number[] }[] = []
  for (let index = first; index <= last; index += 1) {
    const interval = intervals[index]
    if (interval === undefined) continue
    const hour = interval.label.slice(0, 2)
    const open = columns.at(-1)
    // A repeated hour of a day that changes clocks follows itself by more than an hour: it gets a column of its own.
    const sameHour =
      grain === 'hour' &&
      open !== undefined &&
      open.label === hourLabel(hour) &&
      interval.startMs - open.startMs < 3_600_000
    if (sameHour) {
      open.indexes.push(index)
      open.endMs = interval.startMs + stepMs
    } else
      columns.push({
        label: grain === 'hour' ? hourLabel(hour) : interval.label,
        startMs: interval.startMs,
        endMs: interval.startMs + stepMs,
        indexes: [index],
      })
  }
  return columns
}

function hourLabel(hour: string): string {
  const from = Number(hour)
  return `${from}–${from === 23 ? 24 : from + 1}`
}

/** One number where all intervals of the column agree; null where they differ. */
export function columnAgents(column: DeskColumn, agents: readonly number[]): number | null {
  const values = new Set(column.indexes.map((index) => agents[index] ?? 0))
  const [only] = values
  return values.size === 1 && only !== undefined ? only : null
}

export function withColumnAgents(
  agents: readonly number[],
  column: DeskColumn,
  value: number,
): readonly number[] {
  const next = [...agents]
  for (const index of column.indexes) next[index] = value
  return next
}

/** Whole numbers from a copied row (or column) of a spreadsheet; undefined when anything in it is not one. */
export function parsePasted(text: string): readonly number[] | undefined {
  const cells = text.trim().split(/[\t\r\n;]+/)
  const values: number[] = []
  for (const cell of cells) {
    const plain = cell.trim().replace(/[\s\u00a0\u202f]/g, '')
    if (!/^\d{1,6}([.,]0+)?$/.test(plain)) return undefined
    values.push(Number.parseInt(plain, 10))
  }
  return values.length > 0 ? values : undefined
}
