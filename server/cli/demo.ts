/** `vigie demo`: the whole product on a simulated contact centre, in a throw-away folder. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DataServices, openDataServices } from '../data-services.ts'
import { scaledClock } from '../domain/clock.ts'
import { addDays, dayBounds, siteDayOf, wallClockToEpochMs, weekdayOf } from '../domain/site-calendar.ts'
import type { RunningServer } from '../main.ts'
import { type ContactCentre, createContactCentre } from '../simulator/contact-centre.ts'
import { type Gateway, startGateway } from '../simulator/gateway.ts'
import { GATEWAY_SOURCE, toEnvelope } from '../simulator/recorder.ts'
import { parseArguments, UsageError } from './arguments.ts'
import type { CommandDefinition, CommandIo } from './command.ts'
import { programVersion } from './version.ts'

const OPTIONS = {
  port: { type: 'string' },
  host: { type: 'string' },
  seed: { type: 'string' },
  speed: { type: 'string' },
} as const

const ZONE = 'Europe/Paris'
const START_HOUR = 10
const HISTORY_DAYS = 42
const EVENT_DAYS = 7
const EVENTS_PER_APPEND = 5_000
const SPEED_MAX = 600
const FEED_ID = 'demo-gateway'
const READY_CHECK_MS = 200

export const command: CommandDefinition = {
  name: 'demo',
  summary: 'the whole product on simulated calls, in a throw-away folder',
  usage: `Usage: vigie demo [OPTIONS]

  --port N    port to listen on, 0 takes a free one (default 8080)
  --host HOST address to listen on (default 127.0.0.1)
  --seed N    another contact centre (default 1)
  --speed N   simulated seconds per second, up to ${SPEED_MAX} (default 1)

Three client companies, eight queues, 120 agents: six weeks of history, then today's calls live through a Socket.IO feed.
The clock starts at ${START_HOUR}:00 of a working day. Prints three sign-in links; everything is thrown away at the end.`,
  async run(argv, io) {
    const args = parseArguments(argv, OPTIONS, io.env)
    if (args.positionals.length > 0) throw new UsageError(`"${args.positionals[0]}" is not expected`)
    const port = args.number('port', { min: 0, max: 65_535 }) ?? 8080
    const seed = args.number('seed', { min: 0, max: 2 ** 31 - 1 }) ?? 1
    const speed = args.number('speed', { min: 0.1, max: SPEED_MAX }) ?? 1
    if (!Number.isInteger(port) || !Number.isInteger(seed))
      throw new UsageError('--port and --seed are whole numbers')
    const host = args.textOr('host', '127.0.0.1')
    const { checkAddress } = await import('../main.ts')
    await checkAddress({ host, port })
    const dataDir = await mkdtemp(join(tmpdir(), 'vigie-demo-'))
    try {
      return await runDemo({ dataDir, port, seed, speed, host, io })
    } finally {
      await rm(dataDir, { recursive: true, force: true })
    }
  },
}

interface DemoOptions {
  readonly dataDir: string
  readonly host: string
  readonly port: number
  readonly seed: number
  readonly speed: number
  readonly io: CommandIo
}

async function runDemo({ dataDir, host, port, seed, speed, io }: DemoOptions): Promise<number> {
  const say = (line: string) => io.stdout.write(`${line}\n`)
  const day = workingDay(Date.now())
  const startMs = wallClockToEpochMs(ZONE, Date.parse(`${day}T${String(START_HOUR).padStart(2, '0')}:00:00Z`))
  const centre = createContactCentre({ seed, zone: ZONE })
  const location = { dataDir, databaseUrl: undefined }
  const log = (message: string, error: unknown) =>
    io.stderr.write(`vigie demo: ${message}: ${String(error)}\n`)

  say(`vigie demo: writing six weeks of history (seed ${seed})`)
  const past = { nowMs: () => startMs, speed: 1 }
  const data = await openDataServices({ location, role: 'server', migrate: true, clock: past, log })
  try {
    await writeSettings(data, centre)
    await writeHistory(data, centre, day, startMs)
  } finally {
    await data.database.close()
  }

  const clock = scaledClock(startMs, speed)
  const token = `demo-${seed}`
  let gateway: Gateway | undefined
  let server: RunningServer | undefined
  try {
    gateway = await startGateway({ centre, clock, token, fromMs: startMs })
    const { startServer } = await import('../main.ts')
    server = await startServer({
      host,
      port,
      location,
      clock,
      trustProxy: false,
      migrate: true,
      version: programVersion(),
      sourceSecret: () => token,
      log: (line) => io.stderr.write(`${line}\n`),
    })
    await connectFeed(server.data, gateway.url)
    say(`vigie demo: listens on ${server.url}, preparing forecasts`)
    await untilForecast(server, centre, day, io.signal)
    await publishPlans(server, centre, day)
    await printSignIns(server, centre, say)
    say(
      `vigie demo: ready. It is ${START_HOUR}:00 on ${day} in ${ZONE}, at ${speed} simulated seconds a second.`,
    )
    say('Stop with Ctrl-C; the data folder is thrown away.')
    await aborted(io.signal)
    return 0
  } finally {
    await gateway?.close()
    await server?.stop()
  }
}

/** Today where it is a working day, else the Friday before: history then ends yesterday. */
function workingDay(nowMs: number): string {
  const today = siteDayOf(ZONE, nowMs)
  return addDays(today, -Math.max(0, weekdayOf(today) - 4))
}

async function writeSettings({ settings }: DataServices, centre: ContactCentre): Promise<void> {
  for (const { kind, id, body } of centre.settings) {
    const outcome = await settings.put({ kind, id, body, baseVersion: 0, changedBy: 'demo' })
    if (outcome.kind !== 'stored')
      throw new Error(`the demo's ${kind} "${id}" was not taken: ${JSON.stringify(outcome)}`)
  }
}

/** Totals for all six weeks, single contacts for the last seven days and for today until the clock starts. */
async function writeHistory({ ledger }: DataServices, centre: ContactCentre, day: string, startMs: number) {
  const totals = centre.historyTotals(addDays(day, -HISTORY_DAYS), day)
  await ledger.putIntervalTotals(totals.map((total) => ({ ...total, source: 'simulator' })))
  for (let past = addDays(day, -EVENT_DAYS); past <= day; past = addDays(past, 1)) {
    const { endMs } = dayBounds(ZONE, past)
    const untilMs = Math.min(endMs, startMs)
    const events = centre
      .simulateDay(past)
      .events.filter(({ occurredAtMs }) => occurredAtMs < untilMs)
      .map((event) => toEnvelope(event, event.occurredAtMs))
    for (let at = 0; at < events.length; at += EVENTS_PER_APPEND)
      await ledger.append(events.slice(at, at + EVENTS_PER_APPEND))
  }
}

async function connectFeed({ settings }: DataServices, url: string): Promise<void> {
  await settings.put({
    kind: 'source',
    id: FEED_ID,
    baseVersion: 0,
    changedBy: 'demo',
    body: { adapter: 'socket-io', url, options: { sources: [GATEWAY_SOURCE] }, enabled: true },
  })
}

/** Ready is when the board knows what is required. */
async function untilForecast(
  { planning }: RunningServer,
  centre: ContactCentre,
  day: string,
  signal: AbortSignal,
): Promise<void> {
  for (const { id } of centre.plan.queues) {
    for (;;) {
      if (signal.aborted) return
      const plan = await planning.plans.planDay(id, day)
      if (plan === undefined || plan.forecast !== null) break
      await new Promise((resolve) => setTimeout(resolve, READY_CHECK_MS))
    }
  }
}

/** A centre at work has a plan: what its own forecast requires, published as the director would. */
async function publishPlans({ planning }: RunningServer, centre: ContactCentre, day: string): Promise<void> {
  for (const { id } of centre.plan.queues) {
    const body = await planning.plans.planDay(id, day)
    if (body === undefined || body.forecast === null) continue
    const agents = body.intervals.map(({ required }) => required ?? 0)
    await planning.plans.publish({
      queueId: id,
      day,
      agents,
      baseVersion: body.plan?.version ?? 0,
      author: 'demo',
    })
  }
}

async function printSignIns(
  { data, url }: RunningServer,
  centre: ContactCentre,
  say: (line: string) => void,
): Promise<void> {
  const [client] = centre.plan.clients
  const people = [
    { title: 'director  ', name: 'Demo director', role: 'director', clientId: null },
    { title: 'supervisor', name: 'Demo supervisor', role: 'supervisor', clientId: null },
    { title: 'client    ', name: 'Demo client', role: 'client', clientId: client?.id ?? null },
  ] as const
  say('')
  say(`  address    ${url}`)
  for (const { title, ...user } of people) {
    const { secret } = await data.people.createUser(user)
    say(`  ${title} ${url}/#/sign-in/${secret}`)
  }
  say('')
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
