/** A day over HTTP into one database: ingest beside a bare insert of the same rows, day report, restart. */
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { createBareTable } from '../../../db/bare-insert.ts'
import { type DatabaseLocation, openDatabase } from '../../../db/open-database.ts'
import type { EventEnvelope } from '../../../domain/event.ts'
import type { DayReport } from '../../../state/figures.ts'
import { DAY, DAY_START_MS, type DayPlan, planDay, STEPS } from '../live-fold.ts'
import { EventPoster, eventBody } from './http-load.ts'
import type { ServerSide, StartedServer } from './server-side.ts'

export interface DayBenchOptions {
  readonly kind: 'embedded' | 'postgres'
  readonly contacts: number
  /** A new, empty database each time. */
  readonly createLocation: () => Promise<DatabaseLocation>
  /** Runs the server for a while: in a process of its own, or here. */
  readonly withSide: <T>(use: (side: ServerSide) => Promise<T>) => Promise<T>
  /** Memory of a process that has only opened the folder; null where the server has no process of its own either. */
  readonly openedFolderMegabytes: ((dataDir: string) => Promise<number>) | null
}

export interface DayFigures {
  readonly kind: 'embedded' | 'postgres'
  readonly events: number
  readonly accepted: number
  readonly bareInsertPerSecond: number
  /** 100 and 1000 events a request. */
  readonly smallBatchesPerSecond: number
  readonly largeBatchesPerSecond: number
  readonly ratioOfBare: number
  readonly serverCpuSeconds: number
  readonly residentMegabytes: number
  /** Of a process that has only opened the embedded database with the day in it; null for others. */
  readonly openedFolderMegabytes: number | null
  readonly liveReportMs: number
  readonly ledgerReportMs: number
  /** Of all threads of the server, its embedded database included: what a busy machine leaves nearly as it is. */
  readonly ledgerReportCpuSeconds: number
  /** The first after a start, while the server closes days and forecasts. */
  readonly firstLedgerReportMs: number
  readonly restartMs: number
  /** Memory of a server that has only read the day. */
  readonly restartedMegabytes: number
  /** Contacts in the report: live, after the restart, folded from the ledger. */
  readonly offered: readonly number[]
  /** Of the reports; one and the same when live, restarted and folded from the ledger agree. */
  readonly checksums: readonly string[]
}

const CONNECTIONS = 4
const SMALL_BATCH = 100
const LARGE_BATCH = 1_000
/** Of the day's events; they bring the queues and agents, which are created one by one. */
const WARM_UP_RATIO = 0.03
const SMALL_RATIO = 0.2
const BARE_EVENTS_MAX = 200_000
const LEDGER_REPORTS = 3
const IDLE_LOOK_MS = 1_000
const IDLE_LOOKS_MAX = 60
const IDLE_CPU_RATIO = 0.1
const HOUR_MS = 3_600_000
const SETTLING: ReadonlySet<string> = new Set(['watermark', 'final', 'provisional', 'status', 'revision'])
/** The figures follow the ledger within a second; more is a fault. */
const SETTLE_TRIES = 100

export async function measureDay(options: DayBenchOptions): Promise<DayFigures> {
  const plan = planDay(options.contacts)
  const bareInsertPerSecond = await bareInsertRate(plan, options)
  const location = await options.createLocation()
  const dataLocation =
    'dataDir' in location
      ? { dataDir: location.dataDir, databaseUrl: undefined }
      : { dataDir: '', databaseUrl: location.databaseUrl }
  // Half an hour before midnight: the day's events are of today and none is ahead of the clock for long.
  const lateMs = DAY_START_MS + 23.5 * HOUR_MS
  const ingested = await options.withSide(async (side) => {
    const server = await side.start({ location: dataLocation, clockStartMs: lateMs })
    const rates = await postDay(plan, server, side)
    const report = await readSettledReport(server, options.contacts)
    await side.stop()
    return { ...rates, report }
  })
  const { openedFolderMegabytes: measureOpened } = options
  const openedFolderMegabytes =
    'dataDir' in location && measureOpened !== null ? await measureOpened(location.dataDir) : null
  const restarted = await options.withSide(async (side) => {
    const server = await side.start({ location: dataLocation, clockStartMs: lateMs })
    const report = await readReport(server)
    const { residentMegabytes } = await side.usage()
    await side.stop()
    return { server, report, residentMegabytes }
  })
  const fromLedger = await options.withSide(async (side) => {
    const server = await side.start({ location: dataLocation, clockStartMs: lateMs + 72 * HOUR_MS })
    // The server closes the days that are over and forecasts: the first report waits for its share of the machine.
    const first = await readReport(server)
    await untilIdle(side)
    const reports: (ReadReport & { readonly cpuSeconds: number })[] = []
    for (let round = 0; round < LEDGER_REPORTS; round += 1) {
      await side.resetUsage()
      const report = await readReport(server)
      reports.push({ ...report, cpuSeconds: (await side.usage()).cpuSeconds })
    }
    await side.stop()
    reports.sort((a, b) => a.milliseconds - b.milliseconds)
    const median = reports[(LEDGER_REPORTS - 1) / 2] ?? { ...first, cpuSeconds: Number.NaN }
    return { ...median, firstMs: first.milliseconds }
  })
  const reports = [ingested.report, restarted.report, fromLedger]
  return {
    kind: options.kind,
    events: plan.count,
    accepted: ingested.accepted,
    bareInsertPerSecond,
    smallBatchesPerSecond: ingested.smallBatchesPerSecond,
    largeBatchesPerSecond: ingested.largeBatchesPerSecond,
    ratioOfBare: ingested.largeBatchesPerSecond / bareInsertPerSecond,
    serverCpuSeconds: ingested.serverCpuSeconds,
    residentMegabytes: ingested.residentMegabytes,
    openedFolderMegabytes,
    liveReportMs: ingested.report.milliseconds,
    ledgerReportMs: fromLedger.milliseconds,
    firstLedgerReportMs: fromLedger.firstMs,
    ledgerReportCpuSeconds: fromLedger.cpuSeconds,
    restartMs: restarted.server.milliseconds + restarted.report.milliseconds,
    restartedMegabytes: restarted.residentMegabytes,
    offered: reports.map(({ offered }) => offered),
    checksums: reports.map(({ checksum }) => checksum),
  }
}

/** Until the server has done what it does after a start; a minute at most. */
async function untilIdle(side: ServerSide): Promise<void> {
  for (let look = 0; look < IDLE_LOOKS_MAX; look += 1) {
    await side.resetUsage()
    await sleep(IDLE_LOOK_MS)
    if ((await side.usage()).cpuSeconds * 1000 < IDLE_LOOK_MS * IDLE_CPU_RATIO) return
  }
}

/** The same rows, as many appends under way, one statement a batch and nothing else. */
async function bareInsertRate(plan: DayPlan, { createLocation }: DayBenchOptions): Promise<number> {
  const database = await openDatabase(await createLocation())
  try {
    const batches = batchesOf(plan, { from: 0, to: Math.min(plan.count, BARE_EVENTS_MAX), size: LARGE_BATCH })
    const table = await createBareTable(database)
    let next = 0
    const write = async () => {
      for (let batch = batches[next++]; batch !== undefined; batch = batches[next++])
        await table.insert(batch)
    }
    const startedAt = performance.now()
    await Promise.all(Array.from({ length: CONNECTIONS }, write))
    const seconds = (performance.now() - startedAt) / 1000
    await table.drop()
    return Math.min(plan.count, BARE_EVENTS_MAX) / seconds
  } finally {
    await database.close()
  }
}

async function postDay(plan: DayPlan, server: StartedServer, side: ServerSide) {
  const poster = new EventPoster(server, CONNECTIONS)
  const warmUpTo = Math.ceil(plan.count * WARM_UP_RATIO)
  const smallTo = Math.ceil(plan.count * SMALL_RATIO)
  const bodies = (range: Range) => batchesOf(plan, range).map(eventBody)
  const small = bodies({ from: warmUpTo, to: smallTo, size: SMALL_BATCH })
  const large = bodies({ from: smallTo, to: plan.count, size: LARGE_BATCH })
  const warmUp = await poster.postAll(bodies({ from: 0, to: warmUpTo, size: LARGE_BATCH }), CONNECTIONS)
  await side.resetUsage()
  const smallAt = performance.now()
  const smallCounts = await poster.postAll(small, CONNECTIONS)
  const largeAt = performance.now()
  const largeCounts = await poster.postAll(large, CONNECTIONS)
  const endedAt = performance.now()
  const { cpuSeconds, residentMegabytes } = await side.usage()
  poster.close()
  return {
    accepted: warmUp.accepted + smallCounts.accepted + largeCounts.accepted,
    smallBatchesPerSecond: ((smallTo - warmUpTo) / (largeAt - smallAt)) * 1000,
    largeBatchesPerSecond: ((plan.count - smallTo) / (endedAt - largeAt)) * 1000,
    serverCpuSeconds: cpuSeconds,
    residentMegabytes,
  }
}

interface Range {
  readonly from: number
  readonly to: number
  readonly size: number
}

function batchesOf(plan: DayPlan, { from, to, size }: Range): readonly (readonly EventEnvelope[])[] {
  const batches: (readonly EventEnvelope[])[] = []
  for (let at = from; at < to; at += size) batches.push(plan.page(at, Math.min(to, at + size)))
  return batches
}

interface ReadReport {
  readonly offered: number
  readonly checksum: string
  readonly milliseconds: number
}

async function readReport({ url, readToken }: StartedServer): Promise<ReadReport> {
  const startedAt = performance.now()
  const response = await fetch(`${url}/api/v1/reports/day?date=${DAY}`, {
    headers: { authorization: `Bearer ${readToken}` },
  })
  const text = await response.text()
  const milliseconds = performance.now() - startedAt
  if (response.status !== 200) throw new Error(`the report was answered ${response.status}: ${text}`)
  // How settled a figure is depends on when it is asked for; the figure does not.
  const figures = JSON.parse(text, (name, value: unknown) =>
    SETTLING.has(name) ? undefined : value,
  ) as DayReport
  const { queues } = figures
  return {
    offered: queues.reduce((sum, queue) => sum + queue.offered, 0),
    checksum: createHash('sha256').update(JSON.stringify(figures)).digest('hex').slice(0, 16),
    milliseconds,
  }
}

/** Once the live state has read what was appended: contacts that arrived in the last half hour included. */
async function readSettledReport(server: StartedServer, contacts: number): Promise<ReadReport> {
  for (let tries = 1; ; tries += 1) {
    const report = await readReport(server)
    if (report.offered >= contacts || tries === SETTLE_TRIES) {
      // Once more for its time: the first read folded what nobody had asked for.
      return tries === 1 ? report : readReport(server)
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

export function contactsFor(events: number): number {
  return Math.max(1, Math.round(events / STEPS))
}
