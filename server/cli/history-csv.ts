// The history format of the forecasting commands: reads history, special days and origins, and says what it refused.

import { epochMsToWallClock, wallClockToEpochMs, zoneOffsetMs } from '../domain/site-calendar.ts'
import {
  dateOf,
  type EpochDay,
  epochDayOf,
  type SpecialDay,
  type SpecialDayKind,
} from '../engine/forecast/calendar.ts'
import type { SeriesHistory } from '../engine/forecast/prepare.ts'
import { type CsvRow, Refusals, readCsv, readNumber, UnreadableFile } from './forecast/csv.ts'

/** Wall-clock minutes since 1970-01-01T00:00. */
export type WallMinute = number

/** Histories by series name, in the order in which they appear. */
export interface HistoryFile {
  readonly series: ReadonlyMap<string, SeriesHistory>
  /** First instant after the last row, by series. */
  readonly ends: ReadonlyMap<string, WallMinute>
  readonly refusals: Refusals
}

export interface HistoryOptions {
  /** Length of the intervals asked for, minutes. */
  readonly intervalMinutes: number
  readonly zone: string
  /** Told now and then how many rows were read. */
  readonly onRows?: (rows: number) => void
  /** More rows than this are refused at their line. */
  readonly rowsMax?: number
}

const DAY_MS = 86_400_000

/** Rows between two tellings: a moment's work. */
const ROWS_TOLD_EVERY = 50_000

/** Grids a history may have; a finer one is summed to 5 minutes. */
const GRID_MINUTES: readonly number[] = [5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440]
/** A longer span than this is a mistyped year, and would need a matrix of that size. */
const SPAN_DAYS_MAX = 8000

/** `2003-09-01T07:30`, seconds allowed, blank instead of T, or a date alone; undefined when it is none of these. */
export function readWallMinute(text: string): WallMinute | undefined {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}):(\d{2})(?::\d{2}(?:\.\d+)?)?)?$/.exec(text)
  if (match === null) return undefined
  const day = cachedEpochDay(match[1] ?? '')
  const hour = Number(match[2] ?? 0)
  const minute = Number(match[3] ?? 0)
  return day === undefined || hour > 23 || minute > 59 ? undefined : day * 1440 + hour * 60 + minute
}

let lastDate = ''
let lastDay: EpochDay | undefined
/** Consecutive rows are of the same day. */
function cachedEpochDay(date: string): EpochDay | undefined {
  if (date !== lastDate) {
    lastDate = date
    lastDay = epochDayOf(date)
  }
  return lastDay
}

/** Wall minute → `2003-09-01T07:30`. */
export function formatWallMinute(minute: WallMinute): string {
  const day = Math.floor(minute / 1440)
  const rest = minute - day * 1440
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${dateOf(day)}T${two(Math.floor(rest / 60))}:${two(rest % 60)}`
}

/** Rows of one file; a row takes about 170 bytes until its series is a matrix. */
const ROWS_MAX = 8_000_000

interface RawSeries {
  readonly minutes: number[]
  readonly lines: number[]
  readonly contacts: number[]
  readonly handleSeconds: number[]
  readonly handled: number[]
}

/** Reads a whole history file. Throws UnreadableFile when nothing can be made of it. */
export async function readHistory(path: string, options: HistoryOptions): Promise<HistoryFile> {
  const refusals = new Refusals()
  const raw = new Map<string, RawSeries>()
  const { rowsMax = ROWS_MAX } = options
  let rows = 0
  await readCsv(path, ['time', 'contacts'], refusals, (row) => {
    if (++rows > rowsMax)
      throw new UnreadableFile(`${path}:${row.line}: more than ${rowsMax} rows; split the file by series`)
    if (rows % ROWS_TOLD_EVERY === 0) options.onRows?.(rows)
    const reason = takeRow(raw, row)
    if (reason !== undefined) refusals.add(path, row.line, reason)
  })
  const series = new Map<string, SeriesHistory>()
  const ends = new Map<string, WallMinute>()
  for (const [name, rows] of raw) {
    const grid = gridOf(rows, options.intervalMinutes)
    if (grid > options.intervalMinutes) {
      throw new UnreadableFile(
        `${path}: series ${name} has rows of ${grid} minutes; --interval ${options.intervalMinutes} is finer than what is known; try --interval ${grid}`,
      )
    }
    series.set(name, toHistory(path, rows, grid, options.zone, refusals))
    ends.set(name, rows.minutes.reduce((last, minute) => Math.max(last, minute), 0) + grid)
  }
  return { series, ends, refusals }
}

function takeRow(raw: Map<string, RawSeries>, row: CsvRow): string | undefined {
  const time = row.get('time')
  if (time === undefined) return 'time is empty'
  const minute = readWallMinute(time)
  if (minute === undefined)
    return `time ${JSON.stringify(time.slice(0, 40))} ${
      /\d(?:Z|[+-]\d{2}:?\d{2})$/i.test(time) ? 'has an offset; it must be the' : 'is no'
    } local wall-clock time like 2003-09-01T07:30`
  const text = row.get('contacts')
  if (text === undefined) return 'contacts is empty; leave out rows of which nothing is known'
  const contacts = readNumber(text)
  if (contacts === undefined) return `contacts ${JSON.stringify(text.slice(0, 40))} is no number`
  if (contacts < 0 || contacts > 1e9) return `contacts ${contacts} is outside 0 … 1000000000`
  const extra = readExtras(row)
  if (typeof extra === 'string') return extra
  const name = row.get('series') ?? 'all'
  let series = raw.get(name)
  if (series === undefined) {
    series = { minutes: [], lines: [], contacts: [], handleSeconds: [], handled: [] }
    raw.set(name, series)
  }
  series.minutes.push(minute)
  series.lines.push(row.line)
  series.contacts.push(contacts)
  series.handleSeconds.push(extra.handleSeconds)
  series.handled.push(extra.handled)
  return undefined
}

function readExtras(row: CsvRow): { handleSeconds: number; handled: number } | string {
  const found = { handleSeconds: Number.NaN, handled: Number.NaN }
  for (const [column, key] of [
    ['handle_seconds', 'handleSeconds'],
    ['handled', 'handled'],
  ] as const) {
    const text = row.get(column)
    if (text === undefined) continue
    const value = readNumber(text)
    if (value === undefined || value < 0)
      return `${column} ${JSON.stringify(text.slice(0, 40))} is no number of 0 or more`
    found[key] = value
  }
  return found
}

/** A day with fewer rows may look coarser than it is. */
const TELLING_ROWS_MIN = 8

/** The coarsest step that any telling day is written in: finer days are summed to it, so that mixed files work. */
function gridOf(rows: RawSeries, intervalMinutes: number): number {
  // Days are forecast as days: their parts would only be added up again.
  if (intervalMinutes === 1440) return 1440
  const steps = new Map<number, { step: number; count: number }>()
  for (const minute of rows.minutes) {
    const day = Math.floor(minute / 1440)
    const known = steps.get(day) ?? { step: 1440, count: 0 }
    known.step = greatestDivisor(known.step, minute - day * 1440)
    known.count++
    steps.set(day, known)
  }
  const days = [...steps.values()]
  const onlyDays = days.length > 1 && days.every(({ step, count }) => step === 1440 && count === 1)
  if (onlyDays) return 1440
  const telling = days.filter(({ count }) => count >= TELLING_ROWS_MIN)
  const finest = days.reduce((least, { step }) => greatestDivisor(least, step), intervalMinutes)
  const coarsest = telling.reduce((grid, { step }) => Math.max(grid, step), finest)
  const fits = GRID_MINUTES.filter(
    (grid) => coarsest % grid === 0 && (intervalMinutes % grid === 0 || grid > intervalMinutes),
  )
  return fits.at(-1) ?? 5
}

function greatestDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestDivisor(other, one % other)
}

function toHistory(
  path: string,
  rows: RawSeries,
  grid: number,
  zone: string,
  refusals: Refusals,
): SeriesHistory {
  const days = rows.minutes.map((minute) => Math.floor(minute / 1440))
  const firstDay = days.reduce((first, day) => Math.min(first, day), Number.POSITIVE_INFINITY)
  const lastDay = days.reduce((last, day) => Math.max(last, day), 0)
  if (lastDay - firstDay > SPAN_DAYS_MAX)
    throw new UnreadableFile(
      `${path}: rows from ${dateOf(firstDay)} to ${dateOf(lastDay)} span more than ${SPAN_DAYS_MAX} days`,
    )
  const slots = 1440 / grid
  const column = (): Float64Array => new Float64Array((lastDay - firstDay + 1) * slots).fill(Number.NaN)
  const history = {
    slotMinutes: grid,
    firstDay,
    counts: column(),
    handleSeconds: column(),
    handled: column(),
  }
  const seen = new Set<number>()
  rows.minutes.forEach((minute, i) => {
    if (seen.has(minute) && !isRepeatedHour(minute, zone)) {
      refusals.add(path, rows.lines[i] ?? 0, `time ${formatWallMinute(minute)} is given twice`)
      return
    }
    seen.add(minute)
    if ((rows.contacts[i] ?? 0) > 0 && isSkippedHour(minute, zone)) {
      refusals.add(
        path,
        rows.lines[i] ?? 0,
        `time ${formatWallMinute(minute)} does not exist in ${zone}, whose clocks go forward over it: is the zone right?`,
      )
      return
    }
    const cell = Math.floor((minute - firstDay * 1440) / grid)
    sumInto(history.counts, cell, rows.contacts[i])
    sumInto(history.handleSeconds, cell, rows.handleSeconds[i])
    sumInto(history.handled, cell, rows.handled[i])
  })
  const has = (values: Float64Array): boolean => values.some((value) => !Number.isNaN(value))
  return {
    slotMinutes: grid,
    firstDay,
    counts: history.counts,
    ...(has(history.handleSeconds) && { handleSeconds: history.handleSeconds }),
    ...(has(history.handled) && { handled: history.handled }),
  }
}

function sumInto(column: Float64Array, cell: number, value: number | undefined): void {
  if (value === undefined || Number.isNaN(value)) return
  const known = column[cell] ?? Number.NaN
  column[cell] = (Number.isNaN(known) ? 0 : known) + value
}

const repeatedDays = new Map<string, boolean>()
/** Whether the clock shows this label twice: the offset an hour or two before differs and both instants read the same. */
function isRepeatedHour(minute: WallMinute, zone: string): boolean {
  const key = `${zone} ${minute}`
  const known = repeatedDays.get(key)
  if (known !== undefined) return known
  const offsets = new Set<number>()
  for (const guess of [-14, -7, 0, 7, 14]) offsets.add(offsetMinutes((minute + guess * 60) * 60_000, zone))
  const matching = [...offsets].filter((offset) => offsetMinutes((minute - offset) * 60_000, zone) === offset)
  const repeated = matching.length > 1
  repeatedDays.set(key, repeated)
  return repeated
}

const steadyDays = new Map<string, boolean>()
/** Whether the clock never shows this label. Most days change no clocks: they are asked for once. */
function isSkippedHour(minute: WallMinute, zone: string): boolean {
  const day = Math.floor(minute / 1440)
  const key = `${zone} ${day}`
  let steady = steadyDays.get(key)
  if (steady === undefined) {
    steady = offsetMinutes((day - 1) * DAY_MS, zone) === offsetMinutes((day + 2) * DAY_MS, zone)
    steadyDays.set(key, steady)
  }
  if (steady) return false
  const wallMs = minute * 60_000
  return epochMsToWallClock(zone, wallClockToEpochMs(zone, wallMs)) !== wallMs
}

function offsetMinutes(utcMs: number, zone: string): number {
  return Math.round(zoneOffsetMs(zone, utcMs) / 60_000)
}

const KINDS: ReadonlySet<string> = new Set<SpecialDayKind>(['holiday', 'eve', 'closed', 'missing', 'event'])

/** Special days with the series they are for; `*` is every series. */
export interface SeriesSpecialDay extends SpecialDay {
  readonly series: string
}

export async function readSpecialDays(
  path: string,
): Promise<{ days: readonly SeriesSpecialDay[]; refusals: Refusals }> {
  const refusals = new Refusals()
  const days: SeriesSpecialDay[] = []
  await readCsv(path, ['date', 'kind'], refusals, (row) => {
    const special = readSpecialDay(row)
    if (typeof special === 'string') refusals.add(path, row.line, special)
    else days.push(special)
  })
  return { days, refusals }
}

function readSpecialDay(row: CsvRow): SeriesSpecialDay | string {
  const day = epochDayOf(row.get('date') ?? '')
  if (day === undefined) return `date ${JSON.stringify(row.get('date') ?? '')} is no day like 2003-12-25`
  const kind = row.get('kind') ?? ''
  if (!isKind(kind)) return `kind ${JSON.stringify(kind)} is none of ${[...KINDS].join(', ')}`
  const figures: { treatAsWeekday?: number; impactRatio?: number; lagDays?: number; lengthDays?: number } = {}
  for (const [column, key, most] of [
    ['treat_as_weekday', 'treatAsWeekday', 6],
    ['impact_ratio', 'impactRatio', 100],
    ['lag_days', 'lagDays', 365],
    ['length_days', 'lengthDays', 365],
  ] as const) {
    const text = row.get(column)
    if (text === undefined) continue
    const value = readNumber(text)
    const whole = key === 'impactRatio' || Number.isInteger(value)
    if (value === undefined || value < 0 || value > most || !whole)
      return `${column} ${JSON.stringify(text)} is outside 0 … ${most}`
    figures[key] = value
  }
  const name = row.get('name')
  return { series: row.get('series') ?? '*', day, kind, ...figures, ...(name !== undefined && { name }) }
}

function isKind(text: string): text is SpecialDayKind {
  return KINDS.has(text)
}

/** The special days of one series. */
export function specialDaysOf(days: readonly SeriesSpecialDay[], series: string): SpecialDay[] {
  return days.filter((special) => special.series === '*' || special.series === series)
}

/** One rolling-origin task of `vigie backtest`. */
export interface BacktestOrigin {
  readonly task: string
  readonly series: string
  readonly origin: WallMinute
  readonly originText: string
  readonly days: number
  readonly line: number
}

export async function readOrigins(
  path: string,
): Promise<{ origins: readonly BacktestOrigin[]; refusals: Refusals }> {
  const refusals = new Refusals()
  const origins: BacktestOrigin[] = []
  await readCsv(path, ['task', 'series', 'origin', 'days'], refusals, (row) => {
    const originText = row.get('origin') ?? ''
    const origin = readWallMinute(originText)
    const days = readNumber(row.get('days') ?? '')
    if (origin === undefined)
      refusals.add(path, row.line, `origin ${JSON.stringify(originText)} is no local wall-clock time`)
    else if (days === undefined || !Number.isInteger(days) || days < 1 || days > 400)
      refusals.add(path, row.line, 'days is no whole number from 1 to 400')
    else
      origins.push({
        task: row.get('task') ?? '',
        series: row.get('series') ?? '',
        origin,
        originText,
        days,
        line: row.line,
      })
  })
  return { origins, refusals }
}
