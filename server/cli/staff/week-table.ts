/** The people's form of `vigie staff`: a history file and a target in, the agents of each interval out. */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { parse as parseCsv } from 'csv-parse/sync'
import { ERLANG_FORMULAS, type ErlangFormula } from '../../engine/staffing/erlang-a.ts'
import type { StaffingGoals } from '../../engine/staffing/goals.ts'
import { offeredLoad } from '../../engine/staffing/load.ts'
import type { ModelFigures, ModelSettings } from '../../engine/staffing/models.ts'
import { requiredAgents } from '../../engine/staffing/requirement.ts'
import { grossAgents } from '../../engine/staffing/shrinkage.ts'
import type { CommandIo } from '../command.ts'

export interface WeekTarget {
  readonly serviceLevelRatioMin: number
  readonly answerThresholdSeconds: number
  readonly serviceLevelFormula: ErlangFormula
  readonly patienceSecondsMean: number | undefined
  readonly shrinkageRatio: number
  readonly occupancyRatioMax: number | undefined
  readonly agentsMin: number | undefined
  readonly ahtSeconds: number | undefined
  readonly intervalMinutes: number | undefined
  readonly series: string | undefined
  readonly asCsv: boolean
}

type OptionValues = Readonly<Record<string, string | boolean | undefined>>

class BadOption extends Error {}

export function readTarget(values: OptionValues): WeekTarget | { readonly problem: string } {
  try {
    const target = /^(\d+(?:\.\d+)?)\/(\d+(?:\.\d+)?)$/.exec(String(values.target ?? ''))
    if (target === null) throw new BadOption('--target SL/T is needed, such as --target 80/20')
    const level = Number(target[1])
    if (level > 100) throw new BadOption('--target cannot be above 100 per cent')
    const formula = ERLANG_FORMULAS.find((name) => name === (values.formula ?? 'SL4'))
    if (formula === undefined) throw new BadOption('--formula must be SL1, SL2, SL3 or SL4')
    return {
      serviceLevelRatioMin: Number(`${target[1]}e-2`),
      answerThresholdSeconds: Number(target[2]),
      serviceLevelFormula: formula,
      patienceSecondsMean: numberOption(values, 'patience', (value) => value > 0),
      shrinkageRatio: numberOption(values, 'shrinkage', (value) => value >= 0 && value < 1) ?? 0,
      occupancyRatioMax: numberOption(values, 'max-occupancy', (value) => value > 0 && value <= 1),
      agentsMin: numberOption(values, 'min-agents', (value) => value >= 0 && Number.isInteger(value)),
      ahtSeconds: numberOption(values, 'aht', (value) => value > 0),
      intervalMinutes: numberOption(values, 'interval', (value) => value > 0 && value <= 1440),
      series: typeof values.series === 'string' ? values.series : undefined,
      asCsv: values.csv === true,
    }
  } catch (error) {
    if (error instanceof BadOption) return { problem: error.message }
    throw error
  }
}

function numberOption(
  values: OptionValues,
  name: string,
  allows: (value: number) => boolean,
): number | undefined {
  const text = values[name]
  if (typeof text !== 'string') return undefined
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value) || !allows(value)) {
    throw new BadOption(`--${name} ${text} is not allowed`)
  }
  return value
}

interface HistoryInterval {
  readonly series: string
  readonly time: string
  contacts: number
  handleSeconds: number
  handled: number
}

interface History {
  readonly intervals: readonly HistoryInterval[]
  readonly intervalSeconds: number
  readonly refused: readonly string[]
}

export async function writeWeekTable(path: string, target: WeekTarget, io: CommandIo): Promise<number> {
  let text: string
  try {
    const bytes = await readFile(resolve(io.cwd, path))
    text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
  } catch (error) {
    io.stderr.write(`vigie staff: ${path}: ${error instanceof Error ? error.message : String(error)}\n`)
    return 2
  }
  const history = readHistory(text, target)
  if (typeof history === 'string') {
    io.stderr.write(`vigie staff: ${path}: ${history}\n`)
    return 2
  }
  for (const message of history.refused.slice(0, 20)) io.stderr.write(`vigie staff: ${path}: ${message}\n`)
  const rows = tableRows(history, target)
  io.stdout.write(target.asCsv ? asCsv(rows) : asTable(rows))
  return history.refused.length > 0 ? 1 : 0
}

/** A message where the file as a whole cannot be used. */
function readHistory(text: string, target: WeekTarget): History | string {
  let records: Record<string, string>[]
  try {
    records = parseCsv(text, { columns: true, skip_empty_lines: true, trim: true, bom: true })
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  const first = records[0]
  if (first === undefined) return 'no rows'
  for (const column of ['time', 'contacts']) if (!(column in first)) return `no column ${column}`
  const refused: string[] = []
  const fine: HistoryInterval[] = []
  records.forEach((record, index) => {
    const row = readRow(record)
    if (typeof row === 'string') refused.push(`line ${index + 2}: ${row}`)
    else if (target.series === undefined || row.series === target.series) fine.push(row)
  })
  if (fine.length === 0) return target.series === undefined ? 'no usable rows' : `no rows of ${target.series}`
  const intervalSeconds = (target.intervalMinutes ?? smallestStepMinutes(fine)) * 60
  return { intervals: summedTo(fine, intervalSeconds), intervalSeconds, refused }
}

function readRow(record: Record<string, string>): HistoryInterval | string {
  const time = (record.time ?? '').replace(' ', 'T').slice(0, 16)
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(time) || Number.isNaN(clockMinutes(time))) {
    return `time "${record.time ?? ''}" is not a local time`
  }
  const count = (name: string) =>
    record[name] === undefined || record[name] === '' ? 0 : Number(record[name])
  const contacts = record.contacts === '' ? Number.NaN : count('contacts')
  if (!(contacts >= 0 && contacts <= 1e9)) return `contacts "${record.contacts ?? ''}" is not a count`
  const handleSeconds = count('handle_seconds')
  if (!(handleSeconds >= 0 && handleSeconds < 1e15)) return 'handle_seconds is not a duration'
  const handled = record.handled === undefined || record.handled === '' ? contacts : count('handled')
  if (!(handled >= 0)) return 'handled is not a count'
  return { series: record.series ?? '', time, contacts, handleSeconds, handled }
}

function clockMinutes(time: string): number {
  return Date.parse(`${time}Z`) / 60_000
}

function smallestStepMinutes(rows: readonly HistoryInterval[]): number {
  const minutes = [...new Set(rows.map((row) => clockMinutes(row.time)))].sort((a, b) => a - b)
  let step = Number.POSITIVE_INFINITY
  for (let index = 1; index < minutes.length; index++) {
    step = Math.min(step, (minutes[index] ?? 0) - (minutes[index - 1] ?? 0))
  }
  return Number.isFinite(step) ? step : 30
}

/** Finer rows, and rows of a repeated hour, are summed under one label. */
function summedTo(rows: readonly HistoryInterval[], intervalSeconds: number): HistoryInterval[] {
  const step = intervalSeconds / 60
  const sums = new Map<string, HistoryInterval>()
  for (const row of rows) {
    const start = Math.floor(clockMinutes(row.time) / step) * step
    const time = new Date(start * 60_000).toISOString().slice(0, 16)
    const key = `${row.series}\n${time}`
    const sum = sums.get(key)
    if (sum === undefined) sums.set(key, { ...row, time })
    else {
      sum.contacts += row.contacts
      sum.handleSeconds += row.handleSeconds
      sum.handled += row.handled
    }
  }
  return [...sums.values()].sort((a, b) =>
    a.series === b.series ? (a.time < b.time ? -1 : 1) : a.series < b.series ? -1 : 1,
  )
}

const COLUMNS = [
  'series',
  'interval',
  'contacts',
  'aht_seconds',
  'required',
  'gross',
  'service_level',
  'asa_seconds',
  'occupancy',
] as const
type TableRow = Readonly<Record<(typeof COLUMNS)[number], string | number | null>>

function tableRows(history: History, target: WeekTarget): TableRow[] {
  const handled = history.intervals.reduce((sum, row) => sum + row.handled, 0)
  const handleSeconds = history.intervals.reduce((sum, row) => sum + row.handleSeconds, 0)
  const ahtOfAll = handled > 0 && handleSeconds > 0 ? handleSeconds / handled : undefined
  return history.intervals.map((row) => {
    const own = row.handled > 0 && row.handleSeconds > 0 ? row.handleSeconds / row.handled : undefined
    return tableRow(row, history.intervalSeconds, own ?? target.ahtSeconds ?? ahtOfAll, target)
  })
}

function tableRow(
  row: HistoryInterval,
  intervalSeconds: number,
  ahtSeconds: number | undefined,
  target: WeekTarget,
): TableRow {
  const base = { series: row.series, interval: row.time, contacts: row.contacts }
  if (ahtSeconds === undefined) {
    return {
      ...base,
      aht_seconds: null,
      required: row.contacts === 0 ? 0 : null,
      gross: row.contacts === 0 ? 0 : null,
      service_level: null,
      asa_seconds: null,
      occupancy: null,
    }
  }
  const { agents, figures } = requiredAgents(
    settingsOf(target, ahtSeconds),
    offeredLoad(row.contacts, intervalSeconds, ahtSeconds),
    row.contacts === 0 ? {} : goalsOf(target),
  )
  return {
    ...base,
    aht_seconds: row.contacts === 0 ? null : ahtSeconds,
    required: agents,
    gross: agents === null ? null : grossAgents(agents, [target.shrinkageRatio]).gross,
    ...levelAndWait(figures, target),
  }
}

function settingsOf(target: WeekTarget, ahtSeconds: number): ModelSettings {
  const { answerThresholdSeconds, patienceSecondsMean } = target
  return {
    model: patienceSecondsMean === undefined ? 'erlang-c' : 'erlang-a',
    ahtSeconds,
    answerThresholdSeconds,
    ...(patienceSecondsMean !== undefined && { patienceSecondsMean }),
  }
}

function goalsOf(target: WeekTarget): StaffingGoals {
  const { serviceLevelRatioMin, serviceLevelFormula, occupancyRatioMax, agentsMin } = target
  return {
    serviceLevelRatioMin,
    serviceLevelFormula,
    ...(occupancyRatioMax !== undefined && { occupancyRatioMax }),
    ...(agentsMin !== undefined && { agentsMin }),
  }
}

function levelAndWait(figures: ModelFigures | null, target: WeekTarget) {
  if (figures !== null && 'serviceLevelRatios' in figures && 'asaAnsweredSeconds' in figures) {
    return {
      service_level: figures.serviceLevelRatios?.[target.serviceLevelFormula] ?? null,
      asa_seconds: figures.asaAnsweredSeconds,
      occupancy: figures.occupancyRatio,
    }
  }
  if (figures !== null && 'serviceLevelRatio' in figures) {
    return {
      service_level: figures.serviceLevelRatio ?? null,
      asa_seconds: figures.asaSeconds ?? null,
      occupancy: figures.occupancyRatio,
    }
  }
  return { service_level: null, asa_seconds: null, occupancy: null }
}

function asCsv(rows: readonly TableRow[]): string {
  const quote = (value: string | number | null) => {
    const text = value === null ? '' : String(value)
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  }
  const lines = rows.map((row) => COLUMNS.map((column) => quote(row[column])).join(','))
  return `${[COLUMNS.join(','), ...lines].join('\n')}\n`
}

/** Aligned columns; the queue is shown only where there are several. */
function asTable(rows: readonly TableRow[]): string {
  const several = new Set(rows.map((row) => row.series)).size > 1
  const columns = COLUMNS.filter((column) => several || column !== 'series')
  const cells = rows.map((row) => columns.map((column) => cell(column, row[column])))
  const titles = columns.map((column) => TITLES[column])
  const widths = titles.map((title, index) =>
    cells.reduce((width, line) => Math.max(width, line[index]?.length ?? 0), title.length),
  )
  const format = (line: readonly string[]) =>
    line
      .map((text, index) =>
        index < columns.indexOf('contacts')
          ? text.padEnd(widths[index] ?? 0)
          : text.padStart(widths[index] ?? 0),
      )
      .join('  ')
      .trimEnd()
  const totals = `Agent-intervals: ${sumOf(rows, 'required')} required, ${sumOf(rows, 'gross')} gross.`
  return `${[format(titles), ...cells.map(format), totals].join('\n')}\n`
}

const TITLES = {
  series: 'queue',
  interval: 'interval',
  contacts: 'contacts',
  aht_seconds: 'AHT s',
  required: 'required',
  gross: 'gross',
  service_level: 'SL %',
  asa_seconds: 'ASA s',
  occupancy: 'occupancy %',
} as const satisfies Record<(typeof COLUMNS)[number], string>

function sumOf(rows: readonly TableRow[], column: 'required' | 'gross'): number {
  return rows.reduce((sum, row) => sum + (typeof row[column] === 'number' ? row[column] : 0), 0)
}

function cell(column: (typeof COLUMNS)[number], value: string | number | null): string {
  if (value === null) return '-'
  if (typeof value === 'string') return value
  if (column === 'service_level' || column === 'occupancy') return (value * 100).toFixed(1)
  if (column === 'aht_seconds' || column === 'asa_seconds') return value.toFixed(1)
  return String(Math.round(value * 100) / 100)
}
