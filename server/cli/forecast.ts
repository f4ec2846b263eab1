// `vigie forecast`: a history in, the forecast of the coming days out, as CSV.

import { dateOf } from '../engine/forecast/calendar.ts'
import { forecastSeries, type SeriesForecast } from '../engine/forecast/index.ts'
import { isMethodName, METHOD_NAMES, type MethodName } from '../engine/forecast/methods.ts'
import type { CommandDefinition, CommandIo } from './command.ts'
import {
  type ForecastFiles,
  type ForecastOptions,
  guarded,
  readFiles,
  readOptions,
  UsageError,
  writeOut,
} from './forecast/options.ts'
import { progressOn } from './forecast/progress.ts'
import { formatWallMinute, readWallMinute } from './history-csv.ts'

const USAGE = `vigie forecast --history FILE [options]

Forecasts every series of a history and writes CSV to standard output:
series,target_time,mean,p2_5,p10,p90,p97_5[,aht_seconds]

  --history FILE       CSV or .csv.gz: series,time,contacts[,handle_seconds,handled];
                       time is the local start of the interval
  --interval MINUTES   5, 15, 30, 60 or 1440 (30 if not given); finer rows are summed
  --zone ZONE          the site's time zone, such as Europe/Paris (UTC if not given)
  --origin TIME        first instant not known, on the interval grid; rows from there on
                       are ignored. Inside a day: that day's earlier rows are used.
                       If not given: after the last row
  --days N             days to forecast, the origin's day included (14 if not given)
  --special-days FILE  CSV: series,date,kind,treat_as_weekday
                       [,impact_ratio,lag_days,length_days,name]
  --country CODE       public holidays of a country and their eves, such as FR; a line of
                       the file takes the place of the calendar's day
  --region CODE        with --country: of its region, such as BY (of DE)
  --series NAME        only this series
  --method NAME        ${['main', 'same-weekday', 'seasonal-naive', 'smoothing', 'blend'].join(', ')}
`

export const command: CommandDefinition = {
  name: 'forecast',
  summary: 'forecast contacts and handling times from a history',
  usage: USAGE,
  run: (argv, io) => guarded('forecast', io, () => run(argv, io)),
}

async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const options = readOptions(argv, [
    'history',
    'interval',
    'zone',
    'origin',
    'days',
    'special-days',
    'country',
    'region',
    'series',
    'method',
  ])
  if (options === undefined) {
    io.stdout.write(USAGE)
    return 0
  }
  const settings = readSettings(options)
  const files = await readFiles(options, io)
  const names = [...files.history.series.keys()].filter(
    (name) => settings.series === undefined || name === settings.series,
  )
  if (names.length === 0)
    throw new UsageError(
      settings.series === undefined
        ? 'the history has no usable row'
        : `the history has no series ${settings.series}`,
    )
  const withAht = names.some((name) => files.history.series.get(name)?.handleSeconds !== undefined)
  await writeOut(io, `series,target_time,mean,p2_5,p10,p90,p97_5${withAht ? ',aht_seconds' : ''}\n`)
  const progress = progressOn(io.stderr)
  for (const [done, name] of names.entries()) {
    if (io.signal.aborted) return 2
    progress.at(`forecasting ${name}`, done, names.length)
    await forecastOne(name, settings, files, withAht, io)
  }
  progress.end()
  return files.refused > 0 ? 1 : 0
}

interface Settings {
  readonly intervalMinutes: number
  readonly origin: number | undefined
  readonly days: number
  readonly series: string | undefined
  readonly method: MethodName
}

function readSettings({ values, intervalMinutes }: ForecastOptions): Settings {
  const days = Number(values.days ?? '14')
  if (!Number.isInteger(days) || days < 1 || days > 400)
    throw new UsageError(`--days ${values.days} is no whole number from 1 to 400`)
  const originText = values.origin
  const origin = originText === undefined ? undefined : readWallMinute(originText)
  if (originText !== undefined && origin === undefined)
    throw new UsageError(`--origin ${originText} is no local wall-clock time like 2003-09-01T00:00`)
  if (origin !== undefined && (origin % 1440) % intervalMinutes !== 0)
    throw new UsageError(`--origin ${originText} is not on the grid of ${intervalMinutes} minutes`)
  const method = values.method ?? 'main'
  if (!isMethodName(method)) throw new UsageError(`--method ${method} is none of ${METHOD_NAMES.join(', ')}`)
  return { intervalMinutes, origin, days, series: values.series, method }
}

async function forecastOne(
  name: string,
  settings: Settings,
  files: ForecastFiles,
  withAht: boolean,
  io: CommandIo,
): Promise<void> {
  const history = files.history.series.get(name)
  if (history === undefined) return
  const { intervalMinutes } = settings
  const origin =
    settings.origin ?? Math.ceil((files.history.ends.get(name) ?? 0) / intervalMinutes) * intervalMinutes
  const originDay = Math.floor(origin / 1440)
  const forecast = forecastSeries({
    history,
    intervalMinutes,
    originDay,
    originMinute: origin - originDay * 1440,
    days: settings.days,
    specialDays: files.specialDaysOf(name),
    siblings: files.siblingsOf(name),
    method: settings.method,
  })
  sayNotes(name, forecast, io)
  const { mean, p2_5, p10, p90, p97_5, ahtSeconds } = forecast.intervals
  const lines: string[] = []
  for (let i = 0; i < mean.length; i++) {
    const figures = [mean[i], p2_5[i], p10[i], p90[i], p97_5[i]].join(',')
    const aht = ahtSeconds[i] ?? Number.NaN
    lines.push(
      `${quoted(name)},${formatWallMinute(origin + i * intervalMinutes)},${figures}${withAht ? `,${Number.isNaN(aht) ? '' : aht}` : ''}\n`,
    )
  }
  await writeOut(io, lines.join(''))
}

function quoted(name: string): string {
  return /[",\n;]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name
}

function sayNotes(name: string, forecast: SeriesForecast, io: CommandIo): void {
  for (const note of forecast.notes) {
    if (note.kind === 'empty-history')
      io.stderr.write(`${name}: nothing is known before the origin; the forecast is 0\n`)
    if (note.kind === 'short-history')
      io.stderr.write(
        `${name}: only ${note.usableDays} days are known: weekdays and the shape of the day are learned, seasons and special days are not; the bands are wide\n`,
      )
    if (note.kind === 'level-change')
      io.stderr.write(
        `${name}: the level changed around ${dateOf(note.day ?? 0)}, to ${(note.ratio ?? 1).toFixed(2)} times what it was; the forecast follows the new one\n`,
      )
  }
}
