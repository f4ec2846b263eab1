/** `vigie report day`: the figures of a day, the same as the board's and the API's. */
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { createDayReports } from '../day-reports.ts'
import { INTERVAL_VIEWS } from '../domain/service-level.ts'
import { isSiteDay } from '../domain/site-calendar.ts'
import { liveSettingsView } from '../settings-view.ts'
import { DATA_OPTIONS, DATA_USAGE, dataLocation, parseArguments, UsageError } from './arguments.ts'
import type { CommandDefinition, CommandIo } from './command.ts'
import { withDataServices } from './command-services.ts'

const OPTIONS = {
  ...DATA_OPTIONS,
  date: { type: 'string' },
  queue: { type: 'string' },
  threshold: { type: 'string' },
  'short-abandon': { type: 'string' },
  interval: { type: 'string' },
  view: { type: 'string' },
  format: { type: 'string' },
  language: { type: 'string' },
  out: { type: 'string' },
} as const

const SECONDS_MAX = 86_400

export const command: CommandDefinition = {
  name: 'report',
  summary: 'the figures of a day as JSON, CSV or PDF',
  usage: `Usage: vigie report day --date YYYY-MM-DD [OPTIONS]

  --queue ID           only this queue
  --threshold SECONDS  answer threshold T instead of the promise's
  --short-abandon S    short abandon instead of the promise's
  --interval MINUTES   5, 15, 30 or 60 instead of the queue's
  --view VIEW          where a contact counts: arrival (default), event or worked
  --format FORMAT      json (default), csv or pdf
  --language en|fr     of the PDF
  --out FILE           instead of standard output
${DATA_USAGE}

The date is in each queue's zone. Contacts count by arrival, and for a client in the view of its promise.`,
  async run(argv, io) {
    const args = parseArguments(argv, OPTIONS, io.env)
    if (args.positionals.length !== 1 || args.positionals[0] !== 'day')
      throw new UsageError('say what to report: "report day"')
    const day = args.required('date')
    if (!isSiteDay(day)) throw new UsageError(`--date must be a day such as 2018-03-05, not "${day}"`)
    const format = args.textOr('format', 'json')
    if (!['json', 'csv', 'pdf'].includes(format))
      throw new UsageError(`--format must be json, csv or pdf, not "${format}"`)
    const language = args.textOr('language', 'en')
    if (language !== 'en' && language !== 'fr') throw new UsageError('--language must be en or fr')
    const intervalMinutes = args.number('interval', { min: 5, max: 60 }) ?? null
    if (intervalMinutes !== null && ![5, 15, 30, 60].includes(intervalMinutes))
      throw new UsageError('--interval must be 5, 15, 30 or 60')
    const asked = args.text('view')
    const view = INTERVAL_VIEWS.find((name) => name === asked) ?? null
    if (asked !== undefined && view === null)
      throw new UsageError(`--view must be arrival, event or worked, not "${asked}"`)
    const seconds = { min: 0, max: SECONDS_MAX }
    const query = {
      day,
      queueId: args.text('queue') ?? null,
      answerThresholdSeconds: args.number('threshold', seconds) ?? null,
      shortAbandonSeconds: args.number('short-abandon', seconds) ?? null,
      intervalMinutes,
      view,
      clientId: null,
      language,
    }
    return withDataServices(io, ['report', ...argv], dataLocation(args, io), async (data) => {
      const reports = createDayReports({
        ledger: data.ledger,
        dayCloses: data.dayCloses,
        figures: data.figures,
        nowMs: () => data.clock.nowMs(),
        settings: liveSettingsView(data.settings),
        site: () => data.settings.site(),
        notes: (fromMs, toMs) => data.noteStore.notes(fromMs, toMs),
        liveDay: () => undefined,
      })
      const body =
        format === 'pdf'
          ? await reports.pdf(query)
          : format === 'csv'
            ? await reports.csv(query)
            : jsonText(await reports.json(query))
      if (body === undefined) throw new UsageError(`there is no queue "${query.queueId}"`)
      await put(body, args.text('out'), io)
      return 0
    })
  },
}

function jsonText(report: object | undefined): string | undefined {
  return report === undefined ? undefined : `${JSON.stringify(report)}\n`
}

async function put(body: string | Uint8Array, out: string | undefined, io: CommandIo): Promise<void> {
  if (out !== undefined) {
    await writeFile(resolve(io.cwd, out), body)
    return
  }
  await new Promise<void>((done, fail) => {
    io.stdout.write(body, (error) => (error === null || error === undefined ? done() : fail(error)))
  })
}
