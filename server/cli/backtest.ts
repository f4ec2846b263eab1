// `vigie backtest`: forecasts from given origins for scoring, or a rolling evaluation of every method.

import { resolve } from 'node:path'
import { evaluateMethods, type MethodScore } from '../engine/forecast/evaluate.ts'
import {
  type FittedSeries,
  fitSeries,
  forecastFrom,
  runningDayOf,
  type SeriesForecast,
} from '../engine/forecast/index.ts'
import { isMethodName, METHOD_NAMES, type MethodName } from '../engine/forecast/methods.ts'
import type { CommandDefinition, CommandIo } from './command.ts'
import {
  type ForecastFiles,
  type ForecastOptions,
  guarded,
  readFiles,
  readOptions,
  report,
  UsageError,
  writeOut,
} from './forecast/options.ts'
import { progressOn } from './forecast/progress.ts'
import { type BacktestOrigin, formatWallMinute, readOrigins } from './history-csv.ts'

const USAGE = `vigie backtest --history FILE --interval MINUTES --zone ZONE [options]

With --origins: forecasts from each origin, never using a row at or after it, as CSV:
task,series,origin,target_time,mean,p10,p90,p2_5,p97_5,seconds
Without: a rolling evaluation of every method over the last weeks, with a table of
WAPE, bias, coverage, the Poisson floor, and the pick.

  --history FILE       CSV or .csv.gz: series,time,contacts[,handle_seconds,handled]
  --interval MINUTES   5, 15, 30, 60 or 1440 (30 if not given); finer rows are summed
  --zone ZONE          the site's time zone (UTC if not given)
  --origins FILE       CSV: task,series,origin,days
  --special-days FILE  CSV: series,date,kind,treat_as_weekday
                       [,impact_ratio,lag_days,length_days,name]
  --country CODE       public holidays of a country and their eves, such as FR; a line of
                       the file takes the place of the calendar's day
  --region CODE        with --country: of its region, such as BY (of DE)
  --series NAME        only this series
  --method NAME        method of the forecasts from --origins (main if not given)
  --lead-days N        rolling evaluation: days forecast from each origin (7 if not given)
  --weeks N            rolling evaluation: origins, one a week (8 if not given)
`

export const command: CommandDefinition = {
  name: 'backtest',
  summary: 'forecast from past origins, or compare every method on the last weeks',
  usage: USAGE,
  run: (argv, io) => guarded('backtest', io, () => run(argv, io)),
}

async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const options = readOptions(argv, [
    'history',
    'interval',
    'zone',
    'origins',
    'special-days',
    'country',
    'region',
    'series',
    'method',
    'lead-days',
    'weeks',
  ])
  if (options === undefined) {
    io.stdout.write(USAGE)
    return 0
  }
  const method = options.values.method ?? 'main'
  if (!isMethodName(method)) throw new UsageError(`--method ${method} is none of ${METHOD_NAMES.join(', ')}`)
  const files = await readFiles(options, io)
  return options.values.origins === undefined
    ? evaluate(options, files, io)
    : fromOrigins(options, files, method, io)
}

async function fromOrigins(
  options: ForecastOptions,
  files: ForecastFiles,
  method: MethodName,
  io: CommandIo,
): Promise<number> {
  const read = await readOrigins(resolve(io.cwd, options.values.origins ?? ''))
  let refused = files.refused + report(read.refusals, io)
  await writeOut(io, 'task,series,origin,target_time,mean,p10,p90,p2_5,p97_5,seconds\n')
  const fits = new FitCache(options, files, method)
  const progress = progressOn(io.stderr)
  for (const [done, origin] of read.origins.entries()) {
    if (io.signal.aborted) return 2
    if (options.values.series !== undefined && origin.series !== options.values.series) continue
    const reason = refusalOf(origin, options, files)
    if (reason !== undefined) {
      io.stderr.write(`${options.values.origins}:${origin.line}: ${reason}\n`)
      refused++
      continue
    }
    await writeOut(io, rowsOf(origin, options.intervalMinutes, fits))
    progress.at('origins', done + 1, read.origins.length)
  }
  progress.end()
  return refused > 0 ? 1 : 0
}

function refusalOf(
  origin: BacktestOrigin,
  options: ForecastOptions,
  files: ForecastFiles,
): string | undefined {
  if (!files.history.series.has(origin.series)) return `the history has no series ${origin.series}`
  if ((origin.origin % 1440) % options.intervalMinutes !== 0)
    return `origin ${origin.originText} is not on the grid of ${options.intervalMinutes} minutes`
  return undefined
}

/** The fit of a day serves all origins of that day, as it does in the running product. */
class FitCache {
  private readonly fits = new Map<string, FittedSeries>()
  private readonly options: ForecastOptions
  private readonly files: ForecastFiles
  private readonly method: MethodName
  constructor(options: ForecastOptions, files: ForecastFiles, method: MethodName) {
    this.options = options
    this.files = files
    this.method = method
  }

  forecast(origin: BacktestOrigin): SeriesForecast {
    const history = this.files.history.series.get(origin.series)
    if (history === undefined) throw new UsageError(`no series ${origin.series}`)
    const originDay = Math.floor(origin.origin / 1440)
    const key = `${origin.series}\n${originDay}\n${origin.days}`
    let fitted = this.fits.get(key)
    if (fitted === undefined) {
      const specialDays = this.files.specialDaysOf(origin.series)
      fitted = fitSeries({
        history,
        intervalMinutes: this.options.intervalMinutes,
        originDay,
        days: origin.days,
        specialDays,
        siblings: this.files.siblingsOf(origin.series),
        method: this.method,
      })
      if (this.fits.size >= FITS_MAX) this.fits.clear()
      this.fits.set(key, fitted)
    }
    return forecastFrom(fitted, runningDayOf(history, originDay, origin.origin - originDay * 1440))
  }
}

/** Fits kept at a time; origins of one day mostly stand near each other. */
const FITS_MAX = 128

function rowsOf(origin: BacktestOrigin, intervalMinutes: number, fits: FitCache): string {
  const start = performance.now()
  const forecast = fits.forecast(origin)
  const seconds = ((performance.now() - start) / 1000).toFixed(6)
  const { mean, p10, p90, p2_5, p97_5 } = forecast.intervals
  const lines: string[] = []
  for (let i = 0; i < mean.length; i++) {
    const target = formatWallMinute(origin.origin + i * intervalMinutes)
    lines.push(
      `${origin.task},${origin.series},${origin.originText},${target},${mean[i]},${p10[i]},${p90[i]},${p2_5[i]},${p97_5[i]},${seconds}\n`,
    )
  }
  return lines.join('')
}

async function evaluate(options: ForecastOptions, files: ForecastFiles, io: CommandIo): Promise<number> {
  const leadDays = wholeOption(options, 'lead-days', 7, 90)
  const weeks = wholeOption(options, 'weeks', 8, 52)
  const wanted = options.values.series
  const names = [...files.history.series.keys()].filter((name) => wanted === undefined || name === wanted)
  if (names.length === 0)
    throw new UsageError(
      wanted === undefined ? 'the history has no usable row' : `the history has no series ${wanted}`,
    )
  const progress = progressOn(io.stderr)
  let judged = false
  for (const [done, name] of names.entries()) {
    const history = files.history.series.get(name)
    if (history === undefined || io.signal.aborted) continue
    progress.at(`comparing the methods on ${name}`, done, names.length)
    const endDay = Math.floor((files.history.ends.get(name) ?? 0) / 1440)
    const evaluation = evaluateMethods({
      history,
      intervalMinutes: options.intervalMinutes,
      endDay,
      leadDays,
      weeks,
      specialDays: files.specialDaysOf(name),
      siblings: files.siblingsOf(name),
    })
    progress.end()
    judged ||= evaluation.origins > 0
    await writeOut(io, tableOf(name, leadDays, evaluation.origins, evaluation.scores, evaluation.pick))
  }
  if (judged) await writeOut(io, LEGEND)
  return files.refused > 0 ? 1 : 0
}

const LEGEND = `WAPE   sum of absolute errors / sum of contacts, per interval; WAPE day: of day totals
bias   sum of (forecast - actual) / sum of contacts: above 0 is too much
wQL    weighted quantile loss over 2.5, 10, 50, 90 and 97.5 %
cov    part of the intervals of 1 contact or more inside the bands of 80 and 95 %
floor  WAPE that counting noise (Poisson) leaves to a perfect forecast
pick   the main method unless another one is better by more than 1 %
`

function wholeOption(options: ForecastOptions, name: string, fallback: number, most: number): number {
  const value = Number(options.values[name] ?? fallback)
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new UsageError(`--${name} ${options.values[name]} is no whole number from 1 to ${most}`)
  return value
}

function tableOf(
  name: string,
  leadDays: number,
  origins: number,
  scores: readonly MethodScore[],
  pick: MethodName | undefined,
): string {
  if (origins === 0) return `${name}: too short for a rolling evaluation\n\n`
  const cell = (value: number, width: number): string =>
    (Number.isNaN(value) ? '-' : value.toFixed(4)).padStart(width)
  const head = `${name}: ${origins} origins, ${leadDays} days ahead\nmethod             WAPE   WAPE day       bias       wQL     cov80     cov95     floor\n`
  const rows = scores.map(
    (score) =>
      `${score.method.padEnd(15)}${cell(score.wape, 8)}${cell(score.dayWape, 11)}${cell(score.bias, 11)}${cell(score.weightedQuantileLoss, 10)}${cell(score.coverage80, 10)}${cell(score.coverage95, 10)}${cell(score.poissonFloorWape, 10)}${score.method === pick ? '  <- pick' : ''}\n`,
  )
  return `${head}${rows.join('')}\n`
}
