/** `manifest.json` of a conformance folder: which files hold the events, how to read them, what the figures are. */
import { isSiteDay, isZone } from '../domain/site-calendar.ts'

export interface ConformanceFiles {
  readonly format: string
  readonly paths: readonly string[]
  readonly source: string
  readonly zone: string
  /** contacts-csv: which column is which. */
  readonly map: string | undefined
  /** Lines that are refused, as they should be. */
  readonly rejected: number
}

/** What the agents were to do on a day, as `PUT /api/v1/schedules/:day` takes it. */
export interface ConformanceSchedule {
  readonly date: string
  readonly path: string
}

export interface ConformanceManifest {
  readonly name: string
  /** Of local times, of the queues, and of the dates. */
  readonly zone: string
  readonly files: readonly ConformanceFiles[]
  readonly schedules: readonly ConformanceSchedule[]
  /** Of an expected report that names no date itself. */
  readonly date: string | undefined
  readonly expected: string
  readonly answerThresholdSeconds: number
  readonly shortAbandonSeconds: number
  readonly intervalMinutes: number
  /** Largest difference of a figure, absolute below 1 and relative above. */
  readonly tolerance: number
}

export type ParsedManifest =
  | { readonly ok: true; readonly manifest: ConformanceManifest }
  | { readonly ok: false; readonly pointer: string; readonly detail: string }

type Fields = Readonly<Record<string, unknown>>

/** Of the interfaces: T 20 s, short abandon 5 s, half hours; the tolerance takes figures rounded to six places. */
const DEFAULTS = { answerThresholdSeconds: 20, shortAbandonSeconds: 5, intervalMinutes: 30, tolerance: 1e-6 }
const SECONDS_MAX = 86_400
const INTERVALS = [5, 15, 30, 60]
const NAMES = [
  'name',
  'zone',
  'files',
  'schedules',
  'date',
  'expected',
  'answerThresholdSeconds',
  'shortAbandonSeconds',
  'intervalMinutes',
  'tolerance',
]
const SCHEDULE_NAMES = ['date', 'path']
const FILE_NAMES = ['format', 'paths', 'source', 'zone', 'map', 'rejected']

class Fault {
  readonly pointer: string
  readonly detail: string
  constructor(pointer: string, detail: string) {
    this.pointer = pointer
    this.detail = detail
  }
}

export function parseManifest(
  value: unknown,
  folderName: string,
  formats: readonly string[],
): ParsedManifest {
  try {
    return { ok: true, manifest: readManifest(value, folderName, formats) }
  } catch (error) {
    if (error instanceof Fault) return { ok: false, pointer: error.pointer, detail: error.detail }
    throw error
  }
}

function readManifest(value: unknown, folderName: string, formats: readonly string[]): ConformanceManifest {
  const fields = record(value, '')
  refuseOthers(fields, NAMES, '')
  const zone = text(fields, 'zone', '', 'UTC')
  if (!isZone(zone)) throw new Fault('/zone', `"${zone}" is not a time zone`)
  const date = fields.date === undefined ? undefined : text(fields, 'date', '')
  if (date !== undefined && !isSiteDay(date)) throw new Fault('/date', 'must be a day such as 2018-03-05')
  if (!Array.isArray(fields.files) || fields.files.length === 0)
    throw new Fault('/files', 'must list at least one file')
  const files = fields.files.map((one, index) => readFiles(one, `/files/${index}`, { zone, formats }))
  const schedules = fields.schedules ?? []
  if (!Array.isArray(schedules)) throw new Fault('/schedules', 'must be a list')
  const intervalMinutes = number(fields, 'intervalMinutes', '', DEFAULTS.intervalMinutes)
  if (!INTERVALS.includes(intervalMinutes)) throw new Fault('/intervalMinutes', 'must be 5, 15, 30 or 60')
  return {
    name: text(fields, 'name', '', folderName),
    zone,
    files,
    schedules: schedules.map((one, index) => readSchedule(one, `/schedules/${index}`)),
    date,
    expected: text(fields, 'expected', '', 'expected.json'),
    answerThresholdSeconds: number(fields, 'answerThresholdSeconds', '', DEFAULTS.answerThresholdSeconds),
    shortAbandonSeconds: number(fields, 'shortAbandonSeconds', '', DEFAULTS.shortAbandonSeconds),
    intervalMinutes,
    tolerance: number(fields, 'tolerance', '', DEFAULTS.tolerance),
  }
}

function readSchedule(value: unknown, pointer: string): ConformanceSchedule {
  const fields = record(value, pointer)
  refuseOthers(fields, SCHEDULE_NAMES, pointer)
  const date = text(fields, 'date', pointer)
  if (!isSiteDay(date)) throw new Fault(`${pointer}/date`, 'must be a day such as 2018-03-05')
  return { date, path: text(fields, 'path', pointer) }
}

function readFiles(
  value: unknown,
  pointer: string,
  { zone, formats }: { readonly zone: string; readonly formats: readonly string[] },
): ConformanceFiles {
  const fields = record(value, pointer)
  refuseOthers(fields, FILE_NAMES, pointer)
  const format = text(fields, 'format', pointer)
  if (!formats.includes(format)) throw new Fault(`${pointer}/format`, `must be one of ${formats.join(', ')}`)
  const { paths } = fields
  const [first] = Array.isArray(paths) ? (paths as readonly unknown[]) : []
  if (!Array.isArray(paths) || typeof first !== 'string' || !paths.every((path) => typeof path === 'string'))
    throw new Fault(`${pointer}/paths`, 'must list file names')
  const fileZone = text(fields, 'zone', pointer, zone)
  if (!isZone(fileZone)) throw new Fault(`${pointer}/zone`, `"${fileZone}" is not a time zone`)
  return {
    format,
    paths: paths as readonly string[],
    source: text(fields, 'source', pointer, first),
    zone: fileZone,
    map: fields.map === undefined ? undefined : text(fields, 'map', pointer),
    rejected: number(fields, 'rejected', pointer, 0),
  }
}

function record(value: unknown, pointer: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Fault(pointer, 'must be an object')
  return value as Fields
}

/** A mistyped name would be a condition that nobody checks. */
function refuseOthers(fields: Fields, names: readonly string[], pointer: string): void {
  const other = Object.keys(fields).find((name) => !names.includes(name))
  if (other !== undefined) throw new Fault(`${pointer}/${other}`, `is not one of ${names.join(', ')}`)
}

function text(fields: Fields, name: string, pointer: string, otherwise?: string): string {
  const value = fields[name] ?? otherwise
  if (typeof value !== 'string' || value === '') throw new Fault(`${pointer}/${name}`, 'must be a text')
  return value
}

function number(fields: Fields, name: string, pointer: string, otherwise: number): number {
  const value = fields[name] ?? otherwise
  if (typeof value !== 'number' || !(value >= 0 && value <= SECONDS_MAX))
    throw new Fault(`${pointer}/${name}`, `must be a number from 0 to ${SECONDS_MAX}`)
  return value
}
