/** `npm run bench -- NAME [--json FILE]`: every figure beside its baseline from the same run. Also `vigie bench`. */
import { parseArgs } from 'node:util'
import type { CommandDefinition, CommandIo } from './command.ts'

/** What a benchmark file exports. */
export interface Benchmark {
  run(options: BenchmarkOptions): Promise<void>
}

export interface BenchmarkOptions {
  readonly json?: string
  /** `live`: events of the day, and viewers of the latency figures. */
  readonly events?: number
  readonly viewers?: number
  /** `staffing`: a year of quarter-hours for this many queues on all cores, instead of the grid. */
  readonly year?: boolean
  readonly queues?: number
  /** `calibration`: of the simulated centre. */
  readonly seed?: number
}

const USAGE = `vigie bench NAME [--json FILE] [--events N] [--viewers N] [--year [--queues N]] [--seed N]

  NAME: staffing, forecast, ahead, calibration, live, live-fold, viewers, page, night, ledger, import
  --events N    live: events of the day, import: rows of the file (1 000 000 unless said),
                calibration: simulated days (200 unless said)
  --viewers N   live: viewers of the board while events come in (1 000 unless said)
  --year        staffing: a year of quarter-hours, solved by worker threads on all cores
  --queues N    with --year: queues (1 000 unless said, 35 million solves); night: queues (500 unless said)
  --seed N      calibration: of the simulated centre (1 unless said)
  Prints every figure beside its baseline from the same run, the machine, and a checksum of the answers.
`

export const command: CommandDefinition = {
  name: 'bench',
  summary: 'measure the engines beside their baselines',
  usage: USAGE,
  run,
}

async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const options = readOptions(argv)
  if (typeof options === 'string') {
    io.stderr.write(`vigie bench: ${options}\n`)
    return 2
  }
  if (options.help) {
    io.stdout.write(USAGE)
    return 0
  }
  const benchmark = await loadBenchmark(options.name)
  if (benchmark === null) {
    io.stderr.write(`vigie bench: there is no benchmark "${options.name}"\n`)
    return 2
  }
  await benchmark.run(options.benchmark)
  return 0
}

function readOptions(argv: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: {
        json: { type: 'string' },
        events: { type: 'string' },
        viewers: { type: 'string' },
        year: { type: 'boolean' },
        queues: { type: 'string' },
        seed: { type: 'string' },
        help: { type: 'boolean' },
      },
      allowPositionals: true,
    })
    if (values.help === true) return { help: true, name: '', benchmark: {} }
    const [name, ...more] = positionals
    if (name === undefined)
      return 'which benchmark? staffing, forecast, ahead, calibration, live, live-fold, viewers, page, night, ledger or import'
    if (more.length > 0) return `one benchmark at a time, not also ${more.join(' ')}`
    const { json, events, viewers, year, queues, seed } = values
    const benchmark: BenchmarkOptions = {
      ...(json === undefined ? {} : { json }),
      ...(events === undefined ? {} : { events: countOf('events', events) }),
      ...(viewers === undefined ? {} : { viewers: countOf('viewers', viewers) }),
      ...(year === true ? { year } : {}),
      ...(queues === undefined ? {} : { queues: countOf('queues', queues) }),
      ...(seed === undefined ? {} : { seed: countOf('seed', seed) }),
    }
    return { help: false, name, benchmark }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function countOf(name: string, text: string): number {
  const count = Number(text)
  if (!Number.isInteger(count) || count < 1)
    throw new Error(`--${name} must be a whole number, not "${text}"`)
  return count
}

/** Each benchmark is a file of bench/; the compiled tree has the other extension. */
async function loadBenchmark(name: string): Promise<Benchmark | null> {
  if (!/^[a-z-]+$/.test(name)) return null
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  try {
    return (await import(new URL(`./bench/${name}.${extension}`, import.meta.url).href)) as Benchmark
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
    if (missing && error.message.includes(`bench/${name}.`)) return null
    throw error
  }
}

const isProgram = process.argv[1] !== undefined && /[\\/]bench\.(ts|js)$/.test(process.argv[1])
if (isProgram) {
  const { stdin, stdout, stderr, env } = process
  const signal = new AbortController().signal
  process.exitCode = await run(process.argv.slice(2), {
    stdin,
    stdout,
    stderr,
    env,
    signal,
    cwd: process.cwd(),
  })
}
