/** `vigie import`: files into the ledger. Repeatable: a row that is there already is a duplicate and changes nothing. */
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import type { DataServices } from '../data-services.ts'
import { createDayReports } from '../day-reports.ts'
import type { EventEnvelope } from '../domain/event.ts'
import { isZone } from '../domain/site-calendar.ts'
import { excerptOf } from '../ingest/excerpt.ts'
import type { ImportItem } from '../ingest/import-item.ts'
import { type IntervalItem, readIntervalCsv } from '../ingest/interval-csv.ts'
import type { DeadLetter, IntervalTotal } from '../ledger/ledger.ts'
import { createPlanningServices } from '../planning-services.ts'
import { liveSettingsView } from '../settings-view.ts'
import { TouchedDays } from '../touched-days.ts'
import {
  type Arguments,
  DATA_OPTIONS,
  DATA_USAGE,
  dataLocation,
  parseArguments,
  UsageError,
} from './arguments.ts'
import type { CommandDefinition, CommandIo } from './command.ts'
import { withDataServices } from './command-services.ts'
import { contactsMap, EVENT_FORMATS, isEventFormat, readEvents } from './event-files.ts'
import { Progress } from './progress.ts'

const OPTIONS = {
  ...DATA_OPTIONS,
  source: { type: 'string' },
  zone: { type: 'string' },
  map: { type: 'string' },
  interval: { type: 'string' },
  queue: { type: 'string' },
} as const

/** Events of a commit: twice as many cost little more than one, and a tenth of a million still takes little memory. */
const BATCH = 10_000
/** Rejected lines that are printed and kept; all of them are counted. */
const REJECTED_SHOWN_MAX = 1_000

interface ImportJob {
  readonly format: string
  readonly files: readonly string[]
  readonly source: string
  readonly zone: string | undefined
  readonly mapFile: string | undefined
  readonly intervalMinutes: number | undefined
  readonly queueId: string | undefined
}

export const command: CommandDefinition = {
  name: 'import',
  summary: 'take files into the ledger',
  usage: `Usage: vigie import FORMAT FILE… [OPTIONS]

Formats (plain or .gz):
  queue-log        Asterisk's queue_log, or a CSV export of its table; several files are segments of one log, oldest first
  contacts-csv     one row a contact: queue,arrival,wait_seconds,outcome,talk_seconds[,acw_seconds,agent,contact_id]
  interval-csv     history: series,time,contacts[,handle_seconds,handled]
  cloudevents      one event a line, or a JSON array

  --source NAME    what the events' source is called (default: the first file's name)
  --zone ZONE      of local times, and of queues that are new (default: the site's)
  --map FILE.json  contacts-csv: which column is which
  --interval MIN   interval-csv: length of the file's intervals (default: as its rows show)
  --queue ID       interval-csv without a series column: the queue
${DATA_USAGE}

What does not exist yet is created with the default settings. Running it again counts nothing twice.
Prints counts on standard output, progress and rejected lines with their numbers on standard error. Exit status 1: some lines were refused.`,
  async run(argv, io) {
    const args = parseArguments(argv, OPTIONS, io.env)
    const job = await jobOf(args, io)
    return withDataServices(io, ['import', ...argv], dataLocation(args, io), async (data) => {
      const run = new ImportRun(data, job, io)
      return job.format === 'interval-csv' ? run.intervals() : run.events()
    })
  },
}

async function jobOf(args: Arguments, io: CommandIo): Promise<ImportJob> {
  const [format, ...files] = args.positionals
  if (format === undefined || !(format === 'interval-csv' || isEventFormat(format)))
    throw new UsageError(`say what to import: ${[...EVENT_FORMATS, 'interval-csv'].join(', ')}`)
  const [first] = files
  if (first === undefined) throw new UsageError('name a file')
  const paths = files.map((file) => resolve(io.cwd, file))
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined)
    if (found === undefined) throw new UsageError(`there is no file ${path}`)
    if (!found.isFile()) throw new UsageError(`${path} is not a file`)
  }
  const zone = args.text('zone')
  if (zone !== undefined && !isZone(zone)) throw new UsageError(`--zone: "${zone}" is not a time zone`)
  const map = args.text('map')
  return {
    format,
    files: paths,
    source: args.textOr('source', basename(first)),
    zone,
    mapFile: map === undefined ? undefined : resolve(io.cwd, map),
    intervalMinutes: args.number('interval', { min: 1, max: 1440 }),
    queueId: args.text('queue'),
  }
}

class ImportRun {
  readonly #data: DataServices
  readonly #job: ImportJob
  readonly #io: CommandIo
  readonly #zone: string
  readonly #byVerb = new Map<string, number>()
  readonly #skipped = new Map<string, number>()
  readonly #unknown = new Map<string, number>()
  readonly #letters: DeadLetter[] = []
  #rejected = 0
  #lastLine = -1
  #lastVerb = ''

  constructor(data: DataServices, job: ImportJob, io: CommandIo) {
    this.#data = data
    this.#job = job
    this.#io = io
    this.#zone = job.zone ?? data.settings.site().zone
  }

  async events(): Promise<number> {
    const { ledger, clock } = this.#data
    const { format, files, source, mapFile } = this.#job
    if (!isEventFormat(format)) return 2
    const map = await contactsMap(mapFile, (path) => readFile(path, 'utf8'))
    const settings = liveSettingsView(this.#data.settings)
    const reports = createDayReports({
      ledger,
      dayCloses: this.#data.dayCloses,
      figures: this.#data.figures,
      nowMs: () => clock.nowMs(),
      settings,
      site: () => this.#data.settings.site(),
      notes: async () => [],
      liveDay: () => undefined,
    })
    const planning = createPlanningServices({
      data: this.#data,
      settings,
      reports,
      onError: (message, error) => this.#io.stderr.write(`vigie: ${message}: ${String(error)}\n`),
    })
    const touched = new TouchedDays(settings, clock)
    const closedToSeq = await this.#data.closeCursor.read()
    const startSeq = await ledger.lastIngestSeq()
    const total = { accepted: 0, duplicates: 0, conflicts: 0 }
    let batch: EventEnvelope[] = []
    let writing: Promise<void> = Promise.resolve()
    const append = async (events: readonly EventEnvelope[]) => {
      const counts = await this.#append(events)
      touched.note(events)
      total.accepted += counts.accepted
      total.duplicates += counts.duplicates
      total.conflicts += counts.conflicts
    }
    /** The next batch is read while one is written; never more than these two. */
    const write = async () => {
      await writing
      writing = append(batch)
      // Its failure is met where it is waited for.
      writing.catch(() => undefined)
      batch = []
    }
    const context = { source, zone: this.#zone, nowMs: clock.nowMs() }
    const progress = new Progress(this.#io.stderr, 'events read')
    for await (const item of readEvents(format, files, context, map)) {
      const envelope = this.#note(item)
      if (envelope !== undefined) batch.push(envelope)
      if (batch.length >= BATCH) await write()
      progress.note(rowsOf(total) + batch.length)
      if (this.#io.signal.aborted) break
    }
    await write()
    await writing
    progress.end(rowsOf(total))
    await this.#record()
    // The days become part of the history that forecasts learn from.
    touched.forgetBefore(await ledger.keptFromMs())
    if (total.accepted > 0) await planning.closeAgain(touched.take())
    // A server that starts afterwards need not look at all of this again, unless it has something left of its own.
    if (closedToSeq === null || closedToSeq === startSeq)
      await this.#data.closeCursor.advance(await ledger.lastIngestSeq())
    this.#print({ ...total })
    return this.#status()
  }

  async intervals(): Promise<number> {
    const { source, files, intervalMinutes, queueId } = this.#job
    let batch: IntervalTotal[] = []
    let stored = 0
    const write = async () => {
      const queueIds = new Set(batch.map((total) => total.queueId))
      await this.#data.settings.ensure({ queueIds, agentIds: [], zone: this.#zone })
      stored += (await this.#data.ledger.putIntervalTotals(batch)).stored
      batch = []
    }
    const context = {
      source,
      zone: this.#zone,
      ...(intervalMinutes === undefined ? {} : { intervalMinutes }),
      ...(queueId === undefined ? {} : { queueId }),
    }
    const progress = new Progress(this.#io.stderr, 'intervals read')
    for (const file of files) {
      for await (const item of readIntervalCsv(createReadStream(file), context)) {
        const total = this.#noteInterval(item)
        if (total !== undefined) batch.push(total)
        if (batch.length >= BATCH) await write()
        progress.note(stored + batch.length)
      }
    }
    await write()
    progress.end(stored)
    await this.#record()
    this.#print({ stored })
    return this.#status()
  }

  async #append(batch: readonly EventEnvelope[]) {
    const queueIds = new Set<string>()
    const agentIds = new Set<string>()
    for (const { data } of batch) {
      if (data.queueId !== undefined) queueIds.add(data.queueId)
      if (data.agentId !== undefined) agentIds.add(data.agentId)
    }
    // New queues lie in the zone of the import, so they are made here and not by the ingest path.
    await this.#data.settings.ensure({ queueIds, agentIds, zone: this.#zone })
    return this.#data.ingest.append(batch)
  }

  #note(item: ImportItem): EventEnvelope | undefined {
    if (item.kind === 'event') {
      // A row may stand for several events; the reader of the counts compares them with the rows of the file.
      if (item.line !== this.#lastLine || item.verb !== this.#lastVerb) count(this.#byVerb, item.verb)
      this.#lastLine = item.line
      this.#lastVerb = item.verb
      return item.envelope
    }
    if (item.kind === 'skipped') count(this.#skipped, item.why)
    else if (item.kind === 'unknown-verb') count(this.#unknown, item.verb)
    else this.#reject(item.line, item.reason, item.excerpt)
    return undefined
  }

  #noteInterval(item: IntervalItem): IntervalTotal | undefined {
    if (item.kind === 'rejected') this.#reject(item.line, item.reason, item.excerpt)
    else count(this.#byVerb, item.total.queueId)
    return item.kind === 'interval' ? item.total : undefined
  }

  #reject(line: number, reason: string, excerpt: string): void {
    this.#rejected += 1
    if (this.#letters.length >= REJECTED_SHOWN_MAX) return
    this.#io.stderr.write(`line ${line}: ${reason}: ${excerpt}\n`)
    const receivedAtMs = this.#data.clock.nowMs()
    const letter = { source: this.#job.source, receivedAtMs, place: `line ${line}`, reason }
    this.#letters.push({ ...letter, excerpt: excerptOf(excerpt) })
  }

  async #record(): Promise<void> {
    const { ledger } = this.#data
    if (this.#letters.length > 0) await ledger.recordDeadLetters(this.#letters)
    if (this.#unknown.size > 0)
      await ledger.recordUnknownVerbs(this.#job.source, Object.fromEntries(this.#unknown))
  }

  #print(totals: Readonly<Record<string, number>>): void {
    const hidden = this.#rejected - this.#letters.length
    if (hidden > 0) this.#io.stderr.write(`and ${hidden} more rejected lines\n`)
    const lines: string[] = []
    const add = (kind: string, counts: ReadonlyMap<string, number>) => {
      for (const [name, value] of [...counts].sort()) lines.push(`${kind}\t${name}\t${value}`)
    }
    add(this.#job.format === 'interval-csv' ? 'queue' : 'verb', this.#byVerb)
    add('unknown', this.#unknown)
    add('skipped', this.#skipped)
    for (const [name, value] of Object.entries(totals)) lines.push(`total\t${name}\t${value}`)
    lines.push(`total\trejected\t${this.#rejected}`)
    this.#io.stdout.write(`${lines.join('\n')}\n`)
  }

  #status(): number {
    return this.#rejected > 0 ? 1 : 0
  }
}

function rowsOf({
  accepted,
  duplicates,
}: {
  readonly accepted: number
  readonly duplicates: number
}): number {
  return accepted + duplicates
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
