/** `vigie conformance FOLDER`: events and the figures that they must fold to, in whatever order they come. */
import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { arrangementsOf } from '../conformance/arrangements.ts'
import { compareReports, type Difference } from '../conformance/compare.ts'
import {
  type ConformanceFiles,
  type ConformanceManifest,
  type ConformanceSchedule,
  parseManifest,
} from '../conformance/manifest.ts'
import { type DataServices, openDataServices } from '../data-services.ts'
import { createDayReports } from '../day-reports.ts'
import { realClock } from '../domain/clock.ts'
import type { EventEnvelope, LedgerEvent } from '../domain/event.ts'
import { INTERVAL_VIEWS, type IntervalView } from '../domain/service-level.ts'
import { isSiteDay } from '../domain/site-calendar.ts'
import { createScheduleService } from '../planning/schedules.ts'
import { frozenSettingsView, liveSettingsView } from '../settings-view.ts'
import { LiveState } from '../state/live-state.ts'
import { parseArguments, UsageError } from './arguments.ts'
import type { CommandDefinition, CommandIo } from './command.ts'
import { contactsMap, EVENT_FORMATS, isEventFormat, readEvents } from './event-files.ts'

const OPTIONS = { seed: { type: 'string' } } as const

const REJECTED_SHOWN_MAX = 20
const DIFFERENCES_SHOWN_MAX = 200

interface ExpectedDay {
  readonly date: string
  /** In which interval a contact counts; null = as a report says that is not asked. */
  readonly view: IntervalView | null
  readonly report: unknown
}

/** An event with the zone of its file: queues that are new lie in it. */
interface DeliveredEvent {
  readonly zone: string
  readonly envelope: EventEnvelope
}

export const command: CommandDefinition = {
  name: 'conformance',
  summary: 'check that a folder of events folds to expected figures',
  usage: `Usage: vigie conformance FOLDER [--seed N]

The folder holds manifest.json (files, formats, zone, thresholds), the event files, and expected.json: a day report, or
a part of one, or a list of them. Every figure that it names must match. The events are folded in a throw-away store as
delivered, shuffled, duplicated and cut in two, each both from the ledger and live.

  --seed N   of the shuffling (default 1)

Prints one line for each arrangement, and one for each figure that differs. Exit status: 0 all figures hold, 1 some
differ, 2 the folder could not be read. The format is described in server/conformance/README.md.`,
  async run(argv, io) {
    const args = parseArguments(argv, OPTIONS, io.env)
    const [folder, ...more] = args.positionals
    if (folder === undefined || more.length > 0) throw new UsageError('name one folder')
    const seed = args.number('seed', { min: 0, max: 2 ** 31 }) ?? 1
    const path = resolve(io.cwd, folder)
    const manifest = await readManifestFile(path)
    const run = new ConformanceRun(path, manifest, io)
    return run.check(seed)
  },
}

async function readManifestFile(folder: string): Promise<ConformanceManifest> {
  const file = join(folder, 'manifest.json')
  const parsed = parseManifest(await readJson(file), basename(folder), EVENT_FORMATS)
  if (!parsed.ok) throw new UsageError(`${file}: ${parsed.pointer} ${parsed.detail}`)
  return parsed.manifest
}

async function readJson(file: string): Promise<unknown> {
  const text = await readText(file)
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw new UsageError(`there is no ${file}; server/conformance/README.md shows what a folder holds`)
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

class ConformanceRun {
  readonly #folder: string
  readonly #manifest: ConformanceManifest
  readonly #io: CommandIo
  #differences = 0

  constructor(folder: string, manifest: ConformanceManifest, io: CommandIo) {
    this.#folder = folder
    this.#manifest = manifest
    this.#io = io
  }

  async check(seed: number): Promise<number> {
    const expected = await this.#expectedDays()
    const events: DeliveredEvent[] = []
    for (const [index, files] of this.#manifest.files.entries()) await this.#read(files, index, events)
    const root = await mkdtemp(join(tmpdir(), 'vigie-conformance-'))
    try {
      const template = join(root, 'template')
      const store = await openStore(template)
      try {
        for (const schedule of this.#manifest.schedules) await this.#putSchedule(store, schedule)
      } finally {
        await store.database.close()
      }
      for (const { name, runs } of arrangementsOf(events, seed)) {
        const folder = join(root, name.replaceAll(' ', '-'))
        await mkdir(folder)
        await cp(join(template, 'pgdata'), join(folder, 'pgdata'), { recursive: true })
        await this.#checkArrangement(name, folder, runs, expected)
      }
    } finally {
      await rm(root, { recursive: true, force: true })
    }
    return this.#differences === 0 ? 0 : 1
  }

  async #expectedDays(): Promise<readonly ExpectedDay[]> {
    const file = join(this.#folder, this.#manifest.expected)
    const value = await readJson(file)
    const reports: readonly unknown[] = Array.isArray(value) ? value : [value]
    if (reports.length === 0) throw new UsageError(`${file}: no report is expected`)
    return reports.map((report) => {
      if (typeof report !== 'object' || report === null)
        throw new UsageError(`${file}: a report is an object`)
      const date = 'date' in report ? report.date : this.#manifest.date
      if (typeof date !== 'string' || !isSiteDay(date))
        throw new UsageError(
          `${file}: ${typeof date === 'string' ? `"${date}" is no day; ` : ''}say of which date the figures are, as 2024-06-03, in it or in manifest.json`,
        )
      const view = 'view' in report ? report.view : null
      const known = INTERVAL_VIEWS.find((name) => name === view) ?? null
      if (view !== known) throw new UsageError(`${file}: the view is one of ${INTERVAL_VIEWS.join(', ')}`)
      return { date, view: known, report }
    })
  }

  async #putSchedule({ figures }: DataServices, { date, path }: ConformanceSchedule): Promise<void> {
    const file = join(this.#folder, path)
    const schedules = createScheduleService({
      store: figures,
      zone: () => this.#manifest.zone,
      nowMs: () => realClock.nowMs(),
      onChange: () => undefined,
    })
    const stored = await schedules.put(date, await readText(file), 'conformance')
    if (!('problems' in stored)) return
    const [first] = stored.problems
    throw new UsageError(`${file}: line ${first?.line ?? 1}: ${first?.detail ?? 'is no schedule'}`)
  }

  async #read(files: ConformanceFiles, index: number, events: DeliveredEvent[]): Promise<void> {
    const { format, source, zone } = files
    if (!isEventFormat(format)) return
    const paths = files.paths.map((path) => join(this.#folder, path))
    const mapFile = files.map === undefined ? undefined : join(this.#folder, files.map)
    const map = await contactsMap(mapFile, (path) => readFile(path, 'utf8'))
    let rejected = 0
    for await (const item of readEvents(format, paths, { source, zone, nowMs: realClock.nowMs() }, map)) {
      if (item.kind === 'event') events.push({ zone, envelope: item.envelope })
      if (item.kind !== 'rejected') continue
      rejected += 1
      if (rejected <= REJECTED_SHOWN_MAX)
        this.#io.stderr.write(
          `${files.paths.join(', ')}: line ${item.line}: ${item.reason}: ${item.excerpt}\n`,
        )
    }
    if (rejected === files.rejected) return
    this.#differs(['reading', '', `files[${index}].rejected`, String(files.rejected), String(rejected)])
  }

  async #checkArrangement(
    name: string,
    folder: string,
    runs: readonly (readonly (readonly DeliveredEvent[])[])[],
    expected: readonly ExpectedDay[],
  ): Promise<void> {
    const applied: LedgerEvent[] = []
    let figures = 0
    let differing = 0
    for (const [index, batches] of runs.entries()) {
      const data = await openStore(folder)
      try {
        data.ingest.onAccepted((accepted) => applied.push(...accepted))
        for (const batch of batches) await append(data, batch)
        if (index < runs.length - 1) continue
        const live = new LiveState(frozenSettingsView(data.settings))
        live.applyAll(applied)
        for (const { date, view: asked, report } of expected) {
          for (const [view, state] of [['ledger', undefined] as const, ['live', live] as const]) {
            const compared = compareReports(
              report,
              await this.#report(data, { date, view: asked }, state),
              this.#manifest.tolerance,
            )
            figures += compared.figures
            differing += compared.differences.length
            for (const difference of compared.differences) this.#print(name, view, date, difference)
          }
        }
      } finally {
        await data.database.close()
      }
    }
    // A folder that names no figure would hold whatever happens.
    if (figures === 0) throw new UsageError(`${this.#manifest.expected} names no figure: nothing is checked`)
    const summary = differing === 0 ? 'holds' : 'differs'
    this.#io.stdout.write(`${summary}\t${name}\t${figures} figures, ${differing} differ\n`)
  }

  #report(
    data: DataServices,
    { date: day, view }: Pick<ExpectedDay, 'date' | 'view'>,
    live: LiveState | undefined,
  ) {
    const { answerThresholdSeconds, shortAbandonSeconds, intervalMinutes } = this.#manifest
    const reports = createDayReports({
      ledger: data.ledger,
      dayCloses: data.dayCloses,
      figures: data.figures,
      nowMs: () => data.clock.nowMs(),
      settings: liveSettingsView(data.settings),
      site: () => data.settings.site(),
      notes: async () => [],
      liveDay: () => live,
    })
    return reports.json({
      day,
      queueId: null,
      answerThresholdSeconds,
      shortAbandonSeconds,
      intervalMinutes,
      view,
      clientId: null,
      language: 'en',
    })
  }

  #print(name: string, view: string, date: string, { figure, expected, actual }: Difference): void {
    this.#differs([name, view, `${date} ${figure}`, expected ?? 'nothing', actual ?? 'nothing'])
  }

  #differs([arrangement, view, figure, expected, actual]: readonly [
    string,
    string,
    string,
    string,
    string,
  ]): void {
    this.#differences += 1
    if (this.#differences > DIFFERENCES_SHOWN_MAX) return
    this.#io.stdout.write(`figure\t${arrangement}\t${view}\t${figure}\texpected ${expected}\tgot ${actual}\n`)
  }
}

function openStore(dataDir: string): Promise<DataServices> {
  return openDataServices({
    location: { dataDir, databaseUrl: undefined },
    role: 'command',
    migrate: true,
    clock: realClock,
    log: () => undefined,
  })
}

async function append(data: DataServices, batch: readonly DeliveredEvent[]): Promise<void> {
  for (const zone of new Set(batch.map((event) => event.zone))) {
    const named = batch.filter((event) => event.zone === zone).map(({ envelope }) => envelope.data)
    await data.settings.ensure({
      queueIds: new Set(named.flatMap(({ queueId }) => (queueId === undefined ? [] : [queueId]))),
      agentIds: new Set(named.flatMap(({ agentId }) => (agentId === undefined ? [] : [agentId]))),
      zone,
    })
  }
  await data.ingest.append(batch.map(({ envelope }) => envelope))
}
