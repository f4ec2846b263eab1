/** `vigie serve`: the server. */
import { type Clock, realClock, scaledClock } from '../domain/clock.ts'
import {
  type Arguments,
  DATA_OPTIONS,
  dataLocation,
  environmentName,
  parseArguments,
  UsageError,
} from './arguments.ts'
import type { CommandDefinition } from './command.ts'
import { applySources, readSourcesFile } from './source-file.ts'
import { programVersion } from './version.ts'

export const SERVE_OPTIONS = {
  ...DATA_OPTIONS,
  host: { type: 'string' },
  port: { type: 'string' },
  'clock-start': { type: 'string' },
  'clock-speed': { type: 'string' },
  'trust-proxy': { type: 'boolean' },
  migrate: { type: 'boolean' },
  sources: { type: 'string' },
} as const

const SPEED_MAX = 3_600

export function clockOf(args: Arguments): Clock {
  const start = args.text('clock-start')
  const speed = args.number('clock-speed', { min: 0.001, max: SPEED_MAX })
  if (start === undefined && speed === undefined) return realClock
  const startMs = start === undefined ? Date.now() : Date.parse(start)
  if (!Number.isFinite(startMs))
    throw new UsageError(`--clock-start must be an ISO 8601 instant, not "${start}"`)
  return scaledClock(startMs, speed ?? 1)
}

export const command: CommandDefinition = {
  name: 'serve',
  summary: 'run the server',
  usage: `Usage: vigie serve [OPTIONS]

  --host HOST          address to listen on (default 127.0.0.1)
  --port PORT          port to listen on, 0 takes a free one (default 8080)
  --data-dir DIR       the data folder of the embedded database (default ./data)
  --clock-start ISO    run the whole server on a clock that starts at this instant
  --clock-speed N      and runs N times as fast as real time
  --trust-proxy        believe X-Forwarded-*: only behind a proxy that sets them
  --migrate            bring an older schema up to date at start (embedded: always)
  --sources FILE       set up sources from a JSON file: {"ID": {"adapter", "url", "options", "enabled"}, …}

Every option has a name in the environment: ${Object.keys(SERVE_OPTIONS).map(environmentName).join(', ')}.
VIGIE_SOURCE_TOKEN_<ID> holds the secret of a source (the id in capitals, "_" for all but letters and digits).
DATABASE_URL takes a PostgreSQL server (15 or later) instead of the embedded database.
The embedded database survives a kill, not a power loss: it does not wait for the disk.

Prints the address when it listens. SIGTERM and SIGINT finish what is being written, then stop.`,
  async run(argv, io) {
    const args = parseArguments(argv, SERVE_OPTIONS, io.env)
    if (args.positionals.length > 0) throw new UsageError(`"${args.positionals[0]}" is not expected`)
    const clock = clockOf(args)
    const port = args.number('port', { min: 0, max: 65_535 }) ?? 8080
    if (!Number.isInteger(port)) throw new UsageError('--port must be a whole number')
    const sourcesPath = args.text('sources')
    const sources = sourcesPath === undefined ? undefined : await readSourcesFile(sourcesPath)
    const { startServer } = await import('../main.ts')
    const server = await startServer({
      host: args.textOr('host', '127.0.0.1'),
      port,
      location: dataLocation(args, io),
      clock,
      trustProxy: args.flag('trust-proxy'),
      migrate: args.flag('migrate'),
      version: programVersion(),
      sourceSecret: (sourceId) =>
        io.env[`VIGIE_SOURCE_TOKEN_${sourceId.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`],
      log: (line) => io.stderr.write(`${line}\n`),
    })
    if (sources !== undefined) {
      const changed = await applySources(server.data.settings, sources)
      if (changed.length > 0) io.stderr.write(`vigie: sources set up by the file: ${changed.join(', ')}\n`)
    }
    io.stdout.write(`vigie ${programVersion()} listens on ${server.url}\n`)
    if (!io.signal.aborted)
      await new Promise<void>((resolve) =>
        io.signal.addEventListener('abort', () => resolve(), { once: true }),
      )
    io.stderr.write('vigie: stopping\n')
    await server.stop()
    return 0
  },
}
