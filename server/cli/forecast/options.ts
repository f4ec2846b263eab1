// What the forecasting commands share: their options, the files they read, and how they complain.

import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { isZone } from '../../domain/site-calendar.ts'
import type { SpecialDay } from '../../engine/forecast/calendar.ts'
import type { SeriesHistory } from '../../engine/forecast/index.ts'
import type { CommandIo } from '../command.ts'
import { type HistoryFile, readHistory, readSpecialDays, type SeriesSpecialDay } from '../history-csv.ts'
import { calendarDays, holidayRegion } from './calendar-days.ts'
import { UnreadableFile } from './csv.ts'
import { progressOn } from './progress.ts'

/** Intervals that a history may be forecast at, minutes. */
const INTERVAL_MINUTES: readonly number[] = [5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440]

export interface ForecastOptions {
  readonly values: Readonly<Record<string, string | undefined>>
  readonly intervalMinutes: number
  readonly zone: string
  /** Country or region whose public holidays are known, as in `FR` or `DE-BY`; empty = none. */
  readonly holidayRegion: string
}

/** A mistake in the options, said in one line. */
export class UsageError extends Error {}

/** Parses string options only; `undefined` means that help was asked for. */
export function readOptions(argv: readonly string[], names: readonly string[]): ForecastOptions | undefined {
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]))
  let values: Record<string, string | boolean | undefined>
  try {
    values = parseArgs({
      args: [...argv],
      options: { ...options, help: { type: 'boolean' } },
      strict: true,
      allowPositionals: false,
    }).values
  } catch (error) {
    throw new UsageError(
      (error instanceof Error ? error.message : String(error)).split(/[\n.]/)[0] ?? 'unreadable options',
    )
  }
  if (values.help === true) return undefined
  const text = Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
  const intervalMinutes = Number(text.interval ?? '30')
  if (!INTERVAL_MINUTES.includes(intervalMinutes))
    throw new UsageError(`--interval ${text.interval} is none of ${INTERVAL_MINUTES.join(', ')} minutes`)
  const zone = text.zone ?? 'UTC'
  if (!isZone(zone))
    throw new UsageError(`--zone ${zone} is no time zone of the IANA database, such as Europe/Paris`)
  if (text.history === undefined) throw new UsageError('--history FILE is needed')
  return { values: text, intervalMinutes, zone, holidayRegion: readHolidayRegion(text) }
}

function readHolidayRegion({ country, region }: Readonly<Record<string, string | undefined>>): string {
  if (country === undefined) {
    if (region !== undefined) throw new UsageError('--region needs --country')
    return ''
  }
  const code = holidayRegion(country, region)
  if (code !== undefined) return code
  throw new UsageError(
    region === undefined
      ? `--country ${country} is no country whose holidays are known, such as FR (ISO 3166)`
      : `--region ${region} is no region of ${country} whose holidays are known, such as BY of DE`,
  )
}

export interface ForecastFiles {
  readonly history: HistoryFile
  /** The special days of one series: of the file and of the country's calendar. */
  readonly specialDaysOf: (series: string) => readonly SpecialDay[]
  /** The other series of the file: queues of one site. */
  readonly siblingsOf: (series: string) => readonly SeriesHistory[]
  /** Rows refused in any of the files. */
  readonly refused: number
}

export async function readFiles(options: ForecastOptions, io: CommandIo): Promise<ForecastFiles> {
  const progress = progressOn(io.stderr)
  const history = await readHistory(resolve(io.cwd, options.values.history ?? ''), {
    ...options,
    onRows: (rows) => progress.at('rows read', rows),
  })
  progress.end()
  let refused = report(history.refusals, io)
  let specialDays: readonly SeriesSpecialDay[] = []
  const path = options.values['special-days']
  if (path !== undefined) {
    const read = await readSpecialDays(resolve(io.cwd, path))
    specialDays = read.days
    refused += report(read.refusals, io)
  }
  const made = new Map<string, readonly SpecialDay[]>()
  const specialDaysOf = (series: string): readonly SpecialDay[] => {
    const before = made.get(series)
    if (before !== undefined) return before
    const known = history.series.get(series)
    const days = known === undefined ? 0 : Math.ceil((known.counts.length * known.slotMinutes) / 1440)
    const found = calendarDays(specialDays, series, options.holidayRegion, {
      firstDay: known?.firstDay ?? 0,
      days,
    })
    made.set(series, found)
    return found
  }
  const siblingsOf = (series: string): readonly SeriesHistory[] =>
    [...history.series].filter(([name]) => name !== series).map(([, other]) => other)
  return { history, specialDaysOf, siblingsOf, refused }
}

/** Says what was refused and returns how many rows that were. */
export function report(refusals: HistoryFile['refusals'], io: CommandIo): number {
  for (const message of refusals.messages) io.stderr.write(`${message}\n`)
  const hidden = refusals.count - refusals.messages.length
  if (hidden > 0) io.stderr.write(`… and ${hidden} more rows refused\n`)
  return refusals.count
}

/** Runs a command body: its mistakes become one line on stderr and status 2. */
export async function guarded(name: string, io: CommandIo, body: () => Promise<number>): Promise<number> {
  try {
    return await body()
  } catch (error) {
    if (!(error instanceof UsageError) && !(error instanceof UnreadableFile)) throw error
    io.stderr.write(`vigie ${name}: ${error.message}\n`)
    return 2
  }
}

/** Writes and waits while the reader is slow, so that a long answer does not pile up in memory. */
export async function writeOut(io: CommandIo, text: string): Promise<void> {
  if (io.stdout.write(text)) return
  await new Promise<void>((done) => io.stdout.once('drain', done))
}
