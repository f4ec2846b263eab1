/**
 * Cost of the forecasting engine: milliseconds per series and origin, per part and per intraday update, and 500 queues with
 * three years of 15-minute history forecast 13 months ahead on all cores. Baseline of the same run: the mean of the same
 * weekday's last six weeks, with the same replayed quantiles.
 */
import { writeFile } from 'node:fs/promises'
import { arch, availableParallelism, cpus, platform } from 'node:os'
import { Worker } from 'node:worker_threads'
import { fitDayModel } from '../../engine/forecast/day-model.ts'
import { forecastFrom, learnSeries, runningDayOf, withMethod } from '../../engine/forecast/index.ts'
import { prepareSeries } from '../../engine/forecast/prepare.ts'
import { forecastShare, type QueueShare, type QueueShareResult, syntheticHistory } from './forecast-worker.ts'

export interface ForecastBenchOptions {
  readonly queues: number
  readonly historyDays: number
  readonly horizonDays: number
  readonly rounds: number
  /** Off where the program runs from its sources: a thread needs the built file. */
  readonly threads: boolean
}

export interface ForecastBenchFigure {
  readonly name: string
  readonly milliseconds: number
}

export interface ForecastBenchResult {
  readonly machine: {
    readonly cpu: string
    readonly cores: number
    readonly node: string
    readonly os: string
  }
  readonly figures: readonly ForecastBenchFigure[]
  readonly fleet: {
    readonly queues: number
    readonly threads: number
    readonly seconds: number
    readonly millisecondsPerQueue: number
    readonly historyMebibytes: number
    readonly rssMebibytes: number
    readonly checksum: string
  }
}

export async function run(options: { json?: string }): Promise<void> {
  const threads = import.meta.url.endsWith('.js')
  const result = await measureForecast({
    queues: 500,
    historyDays: 1096,
    horizonDays: 396,
    rounds: 15,
    threads,
  })
  process.stdout.write(reportOf(result))
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`)
}

export async function measureForecast(options: ForecastBenchOptions): Promise<ForecastBenchResult> {
  const figures = [
    ...measureParts(
      '15 min, 18 months',
      syntheticHistory(250, Math.min(options.historyDays, 548), 15),
      15,
      options.rounds,
    ),
    ...measureParts(
      '5 min, 6 months',
      syntheticHistory(300, Math.min(options.historyDays, 182), 5),
      5,
      options.rounds,
    ),
  ]
  return { machine: machineFacts(), figures, fleet: await measureFleet(options) }
}

/** Median of each part's time over the rounds: other work on the machine spoils a mean. */
function measureParts(
  name: string,
  history: ReturnType<typeof syntheticHistory>,
  intervalMinutes: number,
  rounds: number,
): ForecastBenchFigure[] {
  const originDay = history.firstDay + (history.counts.length * history.slotMinutes) / 1440 - 1
  const input = { history, intervalMinutes, originDay, days: 28, specialDays: [] }
  const times = new Map<string, number[]>()
  const timed = <T>(part: string, work: () => T): T => {
    const start = performance.now()
    const value = work()
    const known = times.get(part) ?? []
    known.push(performance.now() - start)
    times.set(part, known)
    return value
  }
  for (let round = 0; round < rounds; round++) {
    const series = timed('prepare', () => prepareSeries(history, input))
    timed('day model', () => fitDayModel(series))
    const learned = timed('all that methods share', () => learnSeries(input))
    const fitted = timed('replay and error laws', () => withMethod(learned, 'main'))
    timed('28 days with quantiles', () => forecastFrom(fitted))
    timed('whole fit and forecast', () => forecastFrom(withMethod(learnSeries(input), 'main')))
    timed('intraday update at noon', () => forecastFrom(fitted, runningDayOf(history, originDay, 720)))
    timed('baseline: same weekday, fit and forecast', () =>
      forecastFrom(withMethod(learnSeries(input), 'same-weekday')),
    )
  }
  return [...times].map(([part, values]) => ({
    name: `${name}: ${part}`,
    milliseconds: values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN,
  }))
}

async function measureFleet(options: ForecastBenchOptions): Promise<ForecastBenchResult['fleet']> {
  const threads = options.threads ? availableParallelism() : 1
  const shares = Array.from({ length: threads }, (_, thread): QueueShare => {
    const firstQueue = Math.floor((thread * options.queues) / threads)
    const end = Math.floor(((thread + 1) * options.queues) / threads)
    return {
      firstQueue,
      queues: end - firstQueue,
      historyDays: options.historyDays,
      horizonDays: options.horizonDays,
      slotMinutes: 15,
    }
  })
  const results = options.threads ? await Promise.all(shares.map(inThread)) : shares.map(forecastShare)
  const seconds = Math.max(...results.map(({ milliseconds }) => milliseconds)) / 1000
  const mebibytes = (bytes: number): number => bytes / 2 ** 20
  return {
    queues: options.queues,
    threads,
    seconds,
    millisecondsPerQueue: results.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / options.queues,
    historyMebibytes: mebibytes(results.reduce((sum, { historyBytes }) => sum + historyBytes, 0)),
    rssMebibytes: mebibytes(Math.max(...results.map(({ rssBytes }) => rssBytes))),
    checksum: results.reduce((sum, { checksum }) => sum + checksum, 0).toPrecision(12),
  }
}

function inThread(share: QueueShare): Promise<QueueShareResult> {
  return new Promise((done, failed) => {
    const worker = new Worker(new URL('./forecast-worker.js', import.meta.url), { workerData: share })
    worker.once('message', done)
    worker.once('error', failed)
  })
}

function machineFacts(): ForecastBenchResult['machine'] {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    node: process.version,
    os: `${platform()} ${arch()}`,
  }
}

function reportOf({ machine, figures, fleet }: ForecastBenchResult): string {
  const lines = figures.map(
    ({ name, milliseconds }) => `${name.padEnd(62)}${milliseconds.toFixed(2).padStart(9)} ms\n`,
  )
  return `forecast: ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, ${machine.os}
${lines.join('')}${fleet.queues} queues, 13 months ahead from three years of 15 minutes, ${fleet.threads} threads: ${fleet.seconds.toFixed(1)} s, ${fleet.millisecondsPerQueue.toFixed(1)} ms a queue
memory: histories ${fleet.historyMebibytes.toFixed(0)} MiB, process ${fleet.rssMebibytes.toFixed(0)} MiB; checksum ${fleet.checksum}
`
}
