/** Columns of the forecast page: hours or intervals of a day, days of some weeks, weeks of a quarter. Chart and table share them. Pure. */
import { addDays, dayStartMs } from '../../../server/domain/site-calendar.ts'
import type {
  ForecastDayBody,
  ForecastIntervalBody,
  ForecastRangeBody,
} from '../../../server/wire/forecast-api.ts'
import { deskColumns, type Grain } from '../desk/columns.ts'
import type { ForecastSpan } from '../shell/route.ts'

export interface ForecastColumn {
  /** `8–9`, `08:30`; empty for days and weeks, whose words depend on the reader's language. */
  readonly label: string
  readonly startMs: number
  readonly endMs: number
  /** Days of the range that it covers, whole or in part. */
  readonly dayIndexes: readonly number[]
  /** Places in the flat list of the range's intervals; empty where the range has none. */
  readonly indexes: readonly number[]
}

export type ColumnKind = 'time' | 'day' | 'week'

/** An interval of the range, with its day. */
export interface FlatInterval extends ForecastIntervalBody {
  readonly dayIndex: number
}

export function kindOf(span: ForecastSpan): ColumnKind {
  return span === 'day' ? 'time' : span === 'quarter' ? 'week' : 'day'
}

export function flatIntervals(days: readonly ForecastDayBody[]): readonly FlatInterval[] {
  return days.flatMap((day, dayIndex) => (day.intervals ?? []).map((interval) => ({ ...interval, dayIndex })))
}

export function forecastColumns(
  body: ForecastRangeBody,
  flat: readonly FlatInterval[],
  kind: ColumnKind,
  grain: Grain,
): readonly ForecastColumn[] {
  if (kind === 'time') return timeColumns(body, flat, grain)
  const size = kind === 'week' ? 7 : 1
  const columns: ForecastColumn[] = []
  for (let from = 0; from < body.days.length; from += size) {
    const days = body.days.slice(from, from + size)
    const first = days[0]
    const last = days.at(-1)
    if (first === undefined || last === undefined) continue
    const dayIndexes = days.map((_, offset) => from + offset)
    columns.push({
      label: '',
      startMs: dayStartMs(body.zone, first.day),
      endMs: dayStartMs(body.zone, addDays(last.day, 1)),
      dayIndexes,
      indexes: flat.flatMap((interval, index) => (dayIndexes.includes(interval.dayIndex) ? [index] : [])),
    })
  }
  return columns
}

function timeColumns(
  body: ForecastRangeBody,
  flat: readonly FlatInterval[],
  grain: Grain,
): readonly ForecastColumn[] {
  // Contacts that came outside the opening hours are shown too.
  const shown = flat.map((interval) => ({
    ...interval,
    contactsMean: Math.max(interval.contactsMean, interval.modelContacts, interval.actualContacts ?? 0),
  }))
  return deskColumns(shown, [], body.intervalMinutes, grain).map((column) => ({ ...column, dayIndexes: [0] }))
}

/** Place of an instant on an axis of equal columns, in columns from the left; outside it, its nearer end. */
export function placeOnAxis(columns: readonly ForecastColumn[], ms: number): number {
  for (const [place, column] of columns.entries()) {
    if (ms < column.startMs) return place
    if (ms < column.endMs) return place + (ms - column.startMs) / (column.endMs - column.startMs)
  }
  return columns.length
}

/** The column at a place of the axis. */
export function columnAt(columns: readonly ForecastColumn[], place: number): number {
  return Math.min(columns.length - 1, Math.max(0, Math.floor(place)))
}
