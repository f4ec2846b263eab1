/**
 * Events per second into and out of the ledger store, beside a bare INSERT … SELECT FROM unnest of the same rows in the
 * same run, on both databases. PostgreSQL is that of VIGIE_BENCH_DATABASE_URL (an empty database, it is filled), else the
 * throw-away one of the development packages. Checksums are over what was read back.
 */
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { arch, cpus, platform, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createBareTable } from '../../db/bare-insert.ts'
import { createLedgerStore } from '../../db/ledger-store.ts'
import { type Database, openDatabase } from '../../db/open-database.ts'
import { startThrowawayPostgres, throwawayPostgresAbsence } from '../../db/throwaway-postgres.ts'
import type { EventEnvelope, EventType, LedgerEvent } from '../../domain/event.ts'
import type { LedgerStore } from '../../ledger/ledger.ts'

export interface LedgerBenchOptions {
  readonly events: number
  readonly batchSize: number
  /** Appends under way at once. */
  readonly writers: number
}

export interface LedgerBenchFigures {
  readonly database: Database['kind']
  readonly bareInsertPerSecond: number
  readonly appendPerSecond: number
  /** append ÷ bare. */
  readonly ratio: number
  readonly againPerSecond: number
  readonly readAfterPerSecond: number
  readonly readByTimePerSecond: number
  /** SHA-256 over ids and instants in ledger order; the same for both databases. */
  readonly checksum: string
}

export interface LedgerBenchResult {
  readonly machine: {
    readonly cpu: string
    readonly cores: number
    readonly node: string
    readonly os: string
  }
  readonly options: LedgerBenchOptions
  readonly figures: readonly LedgerBenchFigures[]
  readonly skipped: readonly string[]
}

const PAGE_ROWS = 10_000
const START_MS = Date.UTC(2024, 5, 3, 8)
const SOURCE = '/bench/ledger'
const TYPES: readonly EventType[] = [
  'cc.contact.queued.v1',
  'cc.contact.answered.v1',
  'cc.contact.ended.v1',
  'cc.agent.state-changed.v1',
]

export async function run(options: { json?: string }): Promise<void> {
  const result = await measureLedger({ events: 1_000_000, batchSize: 1_000, writers: 4 })
  process.stdout.write(reportOf(result))
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`)
}

export async function measureLedger(options: LedgerBenchOptions): Promise<LedgerBenchResult> {
  const figures: LedgerBenchFigures[] = []
  const skipped: string[] = []
  const absence = throwawayPostgresAbsence()
  if (absence === undefined || process.env.VIGIE_BENCH_DATABASE_URL) figures.push(await onPostgres(options))
  else skipped.push(`PostgreSQL: ${absence}, and VIGIE_BENCH_DATABASE_URL is not set`)
  figures.push(await onEmbedded(options))
  return { machine: machineFacts(), options, figures, skipped }
}

async function onPostgres(options: LedgerBenchOptions): Promise<LedgerBenchFigures> {
  const given = process.env.VIGIE_BENCH_DATABASE_URL
  if (given) return measureAt(await openDatabase({ databaseUrl: given }, { schema: 'migrate' }), options)
  const server = await startThrowawayPostgres()
  try {
    return await measureAt(await openDatabase(await server.createDatabase()), options)
  } finally {
    await server.stop()
  }
}

async function onEmbedded(options: LedgerBenchOptions): Promise<LedgerBenchFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'vigie-bench-'))
  try {
    return await measureAt(await openDatabase({ dataDir: folder }), options)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function measureAt(database: Database, options: LedgerBenchOptions): Promise<LedgerBenchFigures> {
  try {
    const events = benchEvents(options.events)
    const bare = await createBareTable(database)
    const bareInsertPerSecond = await appendRate(events, options, (batch) => bare.insert(batch))
    await bare.drop()
    const ledger = createLedgerStore(database)
    const append = async (batch: readonly EventEnvelope[]): Promise<void> => {
      await ledger.append(batch)
    }
    const appendPerSecond = await appendRate(events, options, append)
    const share = events.slice(0, Math.ceil(events.length / 5))
    const againPerSecond = await appendRate(share, options, append)
    const tail = await readRate(() => tailPages(ledger))
    const byTime = await readRate(() => ledger.readContactEvents(START_MS, START_MS * 2))
    return {
      database: database.kind,
      bareInsertPerSecond,
      appendPerSecond,
      ratio: appendPerSecond / bareInsertPerSecond,
      againPerSecond,
      readAfterPerSecond: tail.perSecond,
      readByTimePerSecond: byTime.perSecond,
      checksum: tail.checksum,
    }
  } finally {
    await database.close()
  }
}

/** A contact centre's mix: three contact events to one of an agent, ids that do not sort as they come. */
function benchEvents(count: number): readonly EventEnvelope[] {
  return Array.from({ length: count }, (_, index) => {
    const agentId = `PJSIP/${7_000 + (index % 500)}`
    const contactId = `1717397243.${Math.floor(index / 4)}`
    return {
      id: `${Math.imul(index, 0x9e3779b1) >>> 0}-${index}`,
      source: SOURCE,
      type: TYPES[index % TYPES.length] ?? 'cc.contact.queued.v1',
      occurredAtMs: START_MS + index * 80,
      receivedAtMs: START_MS + index * 80 + 120,
      sequence: String(index).padStart(12, '0'),
      data:
        index % 4 === 3
          ? { agentId, state: 'ready' }
          : {
              contactId,
              queueId: String(1_500 + (index % 8)),
              agentId,
              channel: 'voice',
              waitSeconds: index % 60,
            },
    }
  })
}

async function appendRate(
  events: readonly EventEnvelope[],
  { batchSize, writers }: LedgerBenchOptions,
  append: (batch: readonly EventEnvelope[]) => Promise<void>,
): Promise<number> {
  let next = 0
  const write = async (): Promise<void> => {
    while (next < events.length) {
      const from = next
      next += batchSize
      await append(events.slice(from, from + batchSize))
    }
  }
  const startedAt = performance.now()
  await Promise.all(Array.from({ length: writers }, write))
  return events.length / ((performance.now() - startedAt) / 1000)
}

async function* tailPages(ledger: LedgerStore): AsyncIterable<readonly LedgerEvent[]> {
  let afterSeq = 0
  for (;;) {
    const page = await ledger.readAfter(afterSeq, PAGE_ROWS)
    if (page.length === 0) return
    yield page
    afterSeq = page.at(-1)?.ingestSeq ?? afterSeq
  }
}

async function readRate(
  read: () => AsyncIterable<readonly LedgerEvent[]>,
): Promise<{ readonly perSecond: number; readonly checksum: string }> {
  const pages: (readonly LedgerEvent[])[] = []
  const startedAt = performance.now()
  for await (const page of read()) pages.push(page)
  const seconds = (performance.now() - startedAt) / 1000
  // Sorted: several writers at once decide the order of batches.
  const lines = pages.flatMap((page) => page.map((event) => `${event.id} ${event.occurredAtMs}\n`)).sort()
  const hash = createHash('sha256')
  for (const line of lines) hash.update(line)
  return { perSecond: lines.length / seconds, checksum: hash.digest('hex').slice(0, 16) }
}

function machineFacts(): LedgerBenchResult['machine'] {
  const all = cpus()
  return {
    cpu: all[0]?.model ?? 'unknown',
    cores: all.length,
    node: process.version,
    os: `${platform()} ${arch()}`,
  }
}

function reportOf({ machine, options, figures, skipped }: LedgerBenchResult): string {
  const rate = (perSecond: number): string => Math.round(perSecond).toLocaleString('en').padStart(10)
  const lines = figures.flatMap((figure) => [
    `${figure.database}  (checksum ${figure.checksum})`,
    `  bare INSERT … SELECT FROM unnest ${rate(figure.bareInsertPerSecond)} rows/s`,
    `  ledger append                    ${rate(figure.appendPerSecond)} events/s   ${figure.ratio.toFixed(2)} of bare`,
    `  the same events again            ${rate(figure.againPerSecond)} events/s`,
    `  read back in ledger order        ${rate(figure.readAfterPerSecond)} events/s`,
    `  read back by time                ${rate(figure.readByTimePerSecond)} events/s`,
  ])
  return [
    `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, ${machine.os}`,
    `${options.events} events, ${options.batchSize} a batch, ${options.writers} writers`,
    ...lines,
    ...skipped.map((reason) => `skipped ${reason}`),
    '',
  ].join('\n')
}
