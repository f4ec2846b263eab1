/** The effective forecast as CSV, and a CSV as manual edits: read as spreadsheets write it, or refused by the line. */
import type { QueueSetting } from '../domain/settings.ts'
import { isSiteDay, type SiteDay } from '../domain/site-calendar.ts'
import type { NewForecastEditBody } from '../wire/forecast-api.ts'
import { dayGrid } from './day-grid.ts'
import { cellCheck, EDIT_CELLS_MAX, PROBLEMS_MAX } from './forecast-edits.ts'
import type { EffectiveDay } from './forecast-layer.ts'
import type { FieldProblem } from './forecast-outcome.ts'

const HEADER = 'day,time,contacts,aht_seconds'
/** A forecast is not known better than this. */
const DECIMALS = 3

/** Open intervals of the days, by their label; of an hour that the clock shows twice both rows stand, in order. */
export function forecastCsv(queue: QueueSetting, days: readonly EffectiveDay[]): string {
  const number = (value: number | undefined) => String(Number((value ?? 0).toFixed(DECIMALS)))
  const rows = days.flatMap((day) =>
    dayGrid(queue, day.day).flatMap(({ label, open }, index) =>
      open ? [`${day.day},${label},${number(day.contactsMean[index])},${number(day.ahtSeconds[index])}`] : [],
    ),
  )
  return [HEADER, ...rows, ''].join('\r\n')
}

export type CsvEdits =
  | { readonly kind: 'edits'; readonly edits: readonly NewForecastEditBody[] }
  | { readonly kind: 'invalid'; readonly problems: readonly FieldProblem[] }

type Cell = { readonly startMs: number; readonly value: number }

/** One edit a measure that the file has values of. */
export function editsOfCsv(text: string, queue: QueueSetting, reason: string): CsvEdits {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)
  const headerAt = lines.findIndex((line) => line.trim() !== '')
  const header = headerAt < 0 ? undefined : readHeader(lines[headerAt] ?? '')
  if (header === undefined) return refused(1, `the file is empty; a header such as ${HEADER} is needed`)
  if (typeof header === 'string') return refused(headerAt + 1, header)
  const reader = new RowReader(queue, header)
  for (let at = headerAt + 1; at < lines.length; at += 1) {
    const line = lines[at] ?? ''
    if (line.trim() === '') continue
    reader.take(line, at + 1)
    if (reader.problems.length >= PROBLEMS_MAX) break
  }
  if (reader.problems.length > 0) return { kind: 'invalid', problems: reader.problems }
  const edits = reader.edits(reason)
  return edits.length > 0 ? { kind: 'edits', edits } : refused(headerAt + 1, 'no row has a value')
}

function refused(line: number, detail: string): CsvEdits {
  return { kind: 'invalid', problems: [{ pointer: `/line/${line}`, detail }] }
}

interface Header {
  readonly delimiter: string
  readonly day: number
  readonly time: number
  readonly contacts: number
  readonly aht: number
}

function readHeader(line: string): Header | string {
  const delimiter = [',', ';', '\t'].reduce(
    (best, one) => (line.split(one).length > line.split(best).length ? one : best),
    ',',
  )
  const names = fieldsOf(line, delimiter).map((name) => name.toLowerCase())
  const header = {
    delimiter,
    day: names.indexOf('day'),
    time: names.indexOf('time'),
    contacts: names.indexOf('contacts'),
    aht: names.indexOf('aht_seconds'),
  }
  if (header.day >= 0 && header.time >= 0 && (header.contacts >= 0 || header.aht >= 0)) return header
  return `the header needs day, time and contacts or aht_seconds (found: ${names.join(', ').slice(0, 100)})`
}

/** A field in quotes may hold the delimiter: a decimal comma in a file with commas. */
function fieldsOf(line: string, delimiter: string): readonly string[] {
  const fields: string[] = []
  let field = ''
  let quoted = false
  for (const char of line) {
    if (char === '"') quoted = !quoted
    else if (char === delimiter && !quoted) {
      fields.push(field.trim())
      field = ''
    } else field += char
  }
  fields.push(field.trim())
  return fields
}

class RowReader {
  readonly problems: FieldProblem[] = []
  readonly #queue: QueueSetting
  readonly #header: Header
  readonly #grids = new Map<SiteDay, ReadonlyMap<string, readonly number[]>>()
  readonly #seen = new Map<string, number>()
  readonly #cells = { contacts: [] as Cell[], aht: [] as Cell[] }
  readonly #checks: { readonly [M in 'contacts' | 'aht']: ReturnType<typeof cellCheck> }

  constructor(queue: QueueSetting, header: Header) {
    this.#queue = queue
    this.#header = header
    this.#checks = { contacts: cellCheck(queue, 'contacts'), aht: cellCheck(queue, 'aht') }
  }

  take(text: string, line: number): void {
    const detail = this.#problemOf(text)
    if (detail !== undefined) this.problems.push({ pointer: `/line/${line}`, detail })
  }

  edits(reason: string): readonly NewForecastEditBody[] {
    return (['contacts', 'aht'] as const).flatMap((measure) => {
      const cells = this.#cells[measure]
      return cells.length === 0 ? [] : [{ measure, operation: 'cells' as const, cells, reason }]
    })
  }

  #problemOf(text: string): string | undefined {
    const { delimiter, day: dayAt, time: timeAt, contacts, aht } = this.#header
    const fields = fieldsOf(text, delimiter)
    const day = fields[dayAt] ?? ''
    const time = fields[timeAt] ?? ''
    if (!isSiteDay(day)) return `day ${shown(day)} is no day like 2026-11-23`
    const startMs = this.#startOf(day, time)
    if (typeof startMs === 'string') return startMs
    const before = this.#cells.contacts.length + this.#cells.aht.length
    if (before >= EDIT_CELLS_MAX) return `more than ${EDIT_CELLS_MAX} values; upload fewer days at a time`
    return (
      this.#value('contacts', startMs, contacts < 0 ? '' : (fields[contacts] ?? '')) ??
      this.#value('aht', startMs, aht < 0 ? '' : (fields[aht] ?? ''))
    )
  }

  /** A label that the clock shows twice is the first hour in its first row and the second in its second. */
  #startOf(day: SiteDay, time: string): number | string {
    if (!/^\d{1,2}:\d{2}(:00)?$/.test(time)) return `time ${shown(time)} is no time like 08:30`
    const label = time.padStart(time.length < 5 || time.length === 7 ? time.length + 1 : 0, '0').slice(0, 5)
    const grid = this.#grids.get(day) ?? labelsOf(this.#queue, day)
    this.#grids.set(day, grid)
    const starts = grid.get(label)
    if (starts === undefined)
      return `time ${shown(time)} is no interval of ${this.#queue.intervalMinutes} minutes on ${day} in ${this.#queue.zone}`
    const key = `${day} ${label}`
    const count = this.#seen.get(key) ?? 0
    this.#seen.set(key, count + 1)
    return starts[count] ?? `${day} ${label} is given twice`
  }

  /** An empty field leaves the forecast as it is. */
  #value(measure: 'contacts' | 'aht', startMs: number, text: string): string | undefined {
    if (text === '') return undefined
    const value = readNumber(text)
    const name = measure === 'contacts' ? 'contacts' : 'aht_seconds'
    if (value === undefined) return `${name} ${shown(text)} is no number`
    const problem = this.#checks[measure](startMs, value)
    if (problem !== undefined) return problem
    this.#cells[measure].push({ startMs, value })
    return undefined
  }
}

function labelsOf(queue: QueueSetting, day: SiteDay): ReadonlyMap<string, readonly number[]> {
  const starts = new Map<string, number[]>()
  for (const { label, startMs } of dayGrid(queue, day)) {
    const known = starts.get(label)
    if (known === undefined) starts.set(label, [startMs])
    else known.push(startMs)
  }
  return starts
}

/** `12`, `12.5` or `12,5`. */
function readNumber(text: string): number | undefined {
  return /^[+-]?\d+(?:[.,]\d+)?$/.test(text) ? Number(text.replace(',', '.')) : undefined
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 40))
}
