/**
 * `npm run bench -- live`: events in, figures out, boards fed; every figure beside its baseline of the same run. The server
 * has a process of its own, the client is this one; on two cores that is one each, the database shares them.
 */
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { arch, cpus, platform, tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DatabaseLocation, openDatabase } from '../../db/open-database.ts'
import { startThrowawayPostgres, throwawayPostgresAbsence } from '../../db/throwaway-postgres.ts'
import { type BroadcastFigures, measureBroadcast } from './live/broadcast-bench.ts'
import { contactsFor, type DayFigures, measureDay } from './live/day-bench.ts'
import { type LatencyFigures, measureLatency } from './live/latency-bench.ts'
import { reportOf } from './live/report.ts'
import { createServerSide, type ServerSide } from './live/server-side.ts'
import { openedFolderMegabytes, startServerProcess } from './live/side-process.ts'
import { type FoldFigures, measureFold } from './live-fold.ts'

export interface LiveBenchOptions {
  /** Events of the day. */
  readonly events: number
  /** The day's events on the embedded database. */
  readonly embeddedEvents: number
  readonly viewers: number
  readonly broadcastViewers: number
  readonly broadcastRounds: number
  /** Length of each steady load. */
  readonly seconds: number
  readonly eventsPerSecond: number
  readonly floodEventsPerSecond: number
  /** The server in its own process: for figures. In this one: for a small run from the sources. */
  readonly ownProcess: boolean
}

export interface LiveBenchResult {
  readonly machine: string
  readonly options: LiveBenchOptions
  readonly fold: FoldFigures
  readonly days: readonly DayFigures[]
  readonly latencies: readonly LatencyFigures[]
  readonly broadcast: BroadcastFigures
  readonly skipped: readonly string[]
}

const FULL: LiveBenchOptions = {
  events: 1_000_000,
  embeddedEvents: 1_000_000,
  viewers: 1_000,
  broadcastViewers: 5_000,
  broadcastRounds: 12,
  seconds: 10,
  eventsPerSecond: 500,
  floodEventsPerSecond: 5_000,
  ownProcess: true,
}
const FLOOD_VIEWERS_MAX = 20

export async function run(options: { json?: string; events?: number; viewers?: number }): Promise<void> {
  const events = options.events ?? FULL.events
  const viewers = options.viewers ?? FULL.viewers
  const result = await measureLive({ ...FULL, events, embeddedEvents: events, viewers })
  process.stdout.write(reportOf(result))
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`)
}

export async function measureLive(options: LiveBenchOptions): Promise<LiveBenchResult> {
  const withSide = options.ownProcess ? inOwnProcess : inThisProcess
  const fold = measureFold(contactsFor(options.events))
  const days: DayFigures[] = []
  const latencies: LatencyFigures[] = []
  const skipped: string[] = []
  for (const kind of ['postgres', 'embedded'] as const) {
    const absence = kind === 'postgres' ? throwawayPostgresAbsence() : undefined
    if (absence !== undefined) {
      skipped.push(`PostgreSQL: ${absence}`)
      continue
    }
    await withDatabases(kind, async (createLocation) => {
      const dayEvents = kind === 'postgres' ? options.events : options.embeddedEvents
      days.push(
        await measureDay({
          kind,
          contacts: contactsFor(dayEvents),
          createLocation,
          withSide,
          openedFolderMegabytes: options.ownProcess ? openedFolderMegabytes : null,
        }),
      )
      const { seconds, viewers } = options
      const steady = { kind, seconds, withSide }
      for (const load of [
        { eventsPerSecond: options.eventsPerSecond, viewers },
        { eventsPerSecond: options.floodEventsPerSecond, viewers: Math.min(viewers, FLOOD_VIEWERS_MAX) },
      ])
        latencies.push(await measureLatency({ ...steady, ...load, location: await createLocation() }))
    })
  }
  const broadcast = await withSide((side) =>
    measureBroadcast(side, { viewers: options.broadcastViewers, rounds: options.broadcastRounds }),
  )
  const machine = `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.version}, ${platform()} ${arch()}`
  return { machine, options, fold, days, latencies, broadcast, skipped }
}

async function inOwnProcess<T>(use: (side: ServerSide) => Promise<T>): Promise<T> {
  const { side, end } = startServerProcess()
  try {
    return await use(side)
  } finally {
    await end()
  }
}

async function inThisProcess<T>(use: (side: ServerSide) => Promise<T>): Promise<T> {
  return use(createServerSide())
}

async function withDatabases(
  kind: 'embedded' | 'postgres',
  use: (createLocation: () => Promise<DatabaseLocation>) => Promise<void>,
): Promise<void> {
  if (kind === 'postgres') {
    const server = await startThrowawayPostgres()
    try {
      await use(() => server.createDatabase())
    } finally {
      await server.stop()
    }
    return
  }
  const root = await mkdtemp(join(tmpdir(), 'vigie-bench-'))
  let count = 0
  try {
    // Making a folder takes seconds, copying it a fraction of one.
    const template = join(root, 'template')
    await (await openDatabase({ dataDir: template })).close()
    await use(async () => {
      const dataDir = join(root, `data-${++count}`)
      await mkdir(dataDir)
      await cp(join(template, 'pgdata'), join(dataDir, 'pgdata'), { recursive: true })
      return { dataDir }
    })
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}
