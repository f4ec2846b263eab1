/** History as interval totals: `series,time,contacts[,handle_seconds][,handled]`, the format that the forecast reads too. */
import { wallClockToEpochMs } from '../domain/site-calendar.ts'
import type { IntervalTotal } from '../ledger/ledger.ts'
import { type CsvRecord, columnIndexes, readCsvRecords } from './csv-records.ts'
import { type ImportItem, rejected } from './import-item.ts'
import { parseWallClock } from './local-time.ts'
import type { ByteSource } from './text-lines.ts'

export type IntervalItem =
  | { readonly kind: 'interval'; readonly line: number; readonly total: IntervalTotal }
  | Extract<ImportItem, { readonly kind: 'rejected' }>

export interface IntervalContext {
  readonly source: string
  readonly zone: string
  /** Length of the file's intervals; without it the shortest step of the first rows decides. */
  readonly intervalMinutes?: number
  /** Queue for a file without a `series` column. */
  readonly queueId?: string
}

/** Rows looked at to find the interval's length. */
const SAMPLE_ROWS = 2000
const ALLOWED_MINUTES = [5, 15, 30, 60, 1440]
const DEFAULT_MINUTES = 30
/** More in one interval is a mistake of columns. */
const COUNT_MAX = 1e9

interface Columns {
  readonly series: number | undefined
  readonly time: number
  readonly contacts: number
  readonly handleSeconds: number | undefined
  readonly handled: number | undefined
}

export async function* readIntervalCsv(
  file: ByteSource,
  context: IntervalContext,
): AsyncGenerator<IntervalItem> {
  let columns: Columns | null = null
  let sample: CsvRecord[] | null = []
  let minutes = context.intervalMinutes ?? 0
  for await (const records of readCsvRecords(file)) {
    for (const record of records) {
      if (columns === null) {
        const found = findColumns(record.fields, context)
        if (typeof found === 'string') {
          yield toRejected(record, found)
          return
        }
        columns = found
      } else if (sample !== null) {
        sample.push(record)
        if (sample.length < SAMPLE_ROWS) continue
        minutes ||= shortestStep(sample, columns)
        for (const kept of sample) yield readRow(kept, columns, context, minutes)
        sample = null
      } else yield readRow(record, columns, context, minutes)
    }
  }
  if (columns === null || sample === null) return
  minutes ||= shortestStep(sample, columns)
  for (const kept of sample) yield readRow(kept, columns, context, minutes)
}

function findColumns(header: readonly string[], context: IntervalContext): Columns | string {
  const indexes = columnIndexes(header)
  const series = indexes.get('series') ?? indexes.get('queue')
  const time = indexes.get('time')
  const contacts = indexes.get('contacts') ?? indexes.get('calls')
  if (time === undefined || contacts === undefined)
    return 'no interval history: time and contacts are needed in the header'
  if (series === undefined && context.queueId === undefined)
    return 'no column series, and no queue was given for the file'
  return {
    series,
    time,
    contacts,
    handleSeconds: indexes.get('handle_seconds'),
    handled: indexes.get('handled'),
  }
}

function shortestStep(sample: readonly CsvRecord[], columns: Columns): number {
  const previous = new Map<string, number>()
  let shortest = Number.POSITIVE_INFINITY
  for (const { fields } of sample) {
    const series = columns.series === undefined ? '' : (fields[columns.series] ?? '')
    const wall = parseLabel(fields[columns.time] ?? '')
    if (Number.isNaN(wall)) continue
    const before = previous.get(series)
    if (before !== undefined && wall > before) shortest = Math.min(shortest, (wall - before) / 60_000)
    previous.set(series, wall)
  }
  // The longest allowed step that the shortest seen one is a multiple of: a row may be missing, never be in between.
  const fitting = ALLOWED_MINUTES.filter((minutes) => shortest % minutes === 0)
  return fitting.at(-1) ?? DEFAULT_MINUTES
}

function parseLabel(text: string): number {
  const label = text.trim()
  return parseWallClock(/^\d{4}-\d{2}-\d{2}$/.test(label) ? `${label}T00:00` : label)
}

function readRow(
  record: CsvRecord,
  columns: Columns,
  context: IntervalContext,
  intervalMinutes: number,
): IntervalItem {
  if (record.fault !== null) return toRejected(record, record.fault)
  const { fields } = record
  const queueId =
    columns.series === undefined ? (context.queueId ?? '') : (fields[columns.series] ?? '').trim()
  if (queueId === '' || queueId.length > 256) return toRejected(record, 'no series')
  const wall = parseLabel(fields[columns.time] ?? '')
  if (Number.isNaN(wall)) return toRejected(record, 'no usable time')
  const contacts = count(fields[columns.contacts])
  if (contacts === null) return toRejected(record, 'contacts is no number of 0 or more')
  const handleSeconds = columns.handleSeconds === undefined ? 0 : count(fields[columns.handleSeconds] || '0')
  const handled = columns.handled === undefined ? contacts : count(fields[columns.handled] || '0')
  if (handleSeconds === null || handled === null)
    return toRejected(record, 'handle_seconds or handled is no number')
  const total: IntervalTotal = {
    queueId,
    source: context.source,
    startMs: wallClockToEpochMs(context.zone, wall),
    intervalMinutes,
    contacts,
    handled,
    handleSeconds,
  }
  return { kind: 'interval', line: record.line, total }
}

function toRejected(record: CsvRecord, reason: string): Extract<ImportItem, { readonly kind: 'rejected' }> {
  const item = rejected(record.line, reason, record.text)
  return item as Extract<ImportItem, { readonly kind: 'rejected' }>
}

function count(text: string | undefined): number | null {
  const trimmed = text?.trim() ?? ''
  if (!/^\d+(\.\d+)?([eE][+-]?\d+)?$/.test(trimmed)) return null
  const value = Number(trimmed)
  return value <= COUNT_MAX ? value : null
}
