/** From what was typed, pasted, dragged or chosen to an edit as the server takes it. Pure. */
import type {
  ForecastDayBody,
  ForecastEditMeasure,
  ForecastEditOperation,
} from '../../../server/wire/forecast-api.ts'
import type { FlatInterval, ForecastColumn } from './columns.ts'
import type { PendingEdit } from './pending.ts'

/** What the page shows while it is edited: its figures already hold the edits that are not saved yet. */
export interface Sheet {
  readonly days: readonly ForecastDayBody[]
  readonly intervals: readonly FlatInterval[]
  readonly intervalMinutes: number
}

export interface Operation {
  readonly measure: ForecastEditMeasure
  readonly operation: Exclude<ForecastEditOperation, 'cells'>
  readonly amount: number
  readonly spread?: 'each' | 'shape'
  /** Only these weekdays; all when absent. */
  readonly weekdays?: readonly number[]
}

const minutesOf = (label: string): number => Number(label.slice(0, 2)) * 60 + Number(label.slice(3, 5))

/** The operation over columns that stand beside each other. */
export function rangeEdit(
  sheet: Sheet,
  columns: readonly ForecastColumn[],
  operation: Operation,
): PendingEdit | null {
  const first = columns[0]
  const last = columns.at(-1)
  const fromDay = sheet.days[first?.dayIndexes[0] ?? -1]?.day
  const toDay = sheet.days[last?.dayIndexes.at(-1) ?? -1]?.day
  if (first === undefined || last === undefined || fromDay === undefined || toDay === undefined) return null
  return { ...operation, fromDay, toDay, ...minutesRange(sheet, first, last) }
}

/** Nothing for columns of whole days. */
function minutesRange(
  sheet: Sheet,
  first: ForecastColumn,
  last: ForecastColumn,
): { readonly fromMinute?: number; readonly toMinute?: number } {
  const from = sheet.intervals[first.indexes[0] ?? -1]
  const to = sheet.intervals[last.indexes.at(-1) ?? -1]
  if (first.label === '' || from === undefined || to === undefined) return {}
  return { fromMinute: minutesOf(from.label), toMinute: minutesOf(to.label) + sheet.intervalMinutes }
}

/** A value put into one column: an interval becomes it; the intervals of an hour or a day add up to it in their own shape. */
export function columnEdit(
  sheet: Sheet,
  column: ForecastColumn,
  measure: ForecastEditMeasure,
  value: number,
): PendingEdit | null {
  const [index] = column.indexes
  const only = column.indexes.length === 1 && index !== undefined ? sheet.intervals[index] : undefined
  if (only !== undefined) return { measure, operation: 'cells', cells: [{ startMs: only.startMs, value }] }
  if (measure === 'aht') return rangeEdit(sheet, [column], { measure, operation: 'set', amount: value })
  if (column.dayIndexes.length > 1) return weekEdit(sheet, column, value)
  return rangeEdit(sheet, [column], { measure, operation: 'set', amount: value, spread: 'shape' })
}

/** A week keeps the shape of its days: all of it is more or less by the same part. */
function weekEdit(sheet: Sheet, column: ForecastColumn, value: number): PendingEdit | null {
  const before = column.dayIndexes.reduce((sum, index) => sum + (sheet.days[index]?.dayMean ?? 0), 0)
  if (before <= 0) return null
  const amount = 100 * (value / before - 1)
  return rangeEdit(sheet, [column], { measure: 'contacts', operation: 'percent', amount })
}

/** Values for columns that stand beside each other (null leaves one as it is): one edit, cell by cell. */
export function fillEdits(
  sheet: Sheet,
  columns: readonly ForecastColumn[],
  measure: ForecastEditMeasure,
  values: readonly (number | null)[],
): readonly PendingEdit[] {
  const pairs = values.flatMap((value, place) => {
    const column = columns[place]
    return value === null || column === undefined ? [] : [{ column, value }]
  })
  const [only] = pairs
  const byCells = pairs.length > 1 && pairs.every(({ column }) => column.indexes.length > 0)
  if (byCells) {
    const cells = pairs.flatMap(({ column, value }) => spread(sheet, column, measure, value))
    return [{ measure, operation: 'cells', cells }]
  }
  const wanted = only !== undefined && pairs.length === 1 ? [only] : pairs
  return wanted.flatMap(({ column, value }) => columnEdit(sheet, column, measure, value) ?? [])
}

/** The value over the column's intervals, in the shape that they have; evenly over the open ones where they are all zero. */
function spread(sheet: Sheet, column: ForecastColumn, measure: ForecastEditMeasure, value: number) {
  const intervals = column.indexes.flatMap((index) => sheet.intervals[index] ?? [])
  if (measure === 'aht') return intervals.map(({ startMs }) => ({ startMs, value }))
  const sum = intervals.reduce((total, { contactsMean }) => total + contactsMean, 0)
  const open = intervals.filter((interval) => interval.open).length
  return intervals.flatMap(({ startMs, contactsMean, open: isOpen }) => {
    if (sum > 0) return [{ startMs, value: (value * contactsMean) / sum }]
    return isOpen || open === 0 ? [{ startMs, value: value / Math.max(1, open) }] : []
  })
}

/** All columns more or less by the same part: what dragging a point of a chosen range does. */
export function scaleEdit(
  sheet: Sheet,
  columns: readonly ForecastColumn[],
  factor: number,
): PendingEdit | null {
  return rangeEdit(sheet, columns, { measure: 'contacts', operation: 'percent', amount: 100 * (factor - 1) })
}
