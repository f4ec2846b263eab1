/** `vigie replay`: sends a file live through the API, with its own spacing, shifted so that the first event is now. */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { EventEnvelope } from '../domain/event.ts'
import { isZone } from '../domain/site-calendar.ts'
import { parseArguments, UsageError } from './arguments.ts'
import type { CommandDefinition, CommandIo } from './command.ts'
import { contactsMap, EVENT_FORMATS, type EventFormat, isEventFormat, readEvents } from './event-files.ts'
import { Progress } from './progress.ts'

const OPTIONS = {
  format: { type: 'string' },
  speed: { type: 'string' },
  url: { type: 'string' },
  token: { type: 'string' },
  map: { type: 'string' },
  zone: { type: 'string' },
  source: { type: 'string' },
} as const

/** Events are sent when they are due, those of one step together. */
const STEP_MS = 100
const EVENTS_PER_REQUEST_MAX = 1_000
const ATTEMPTS_MAX = 60
const RETRY_MS = 1_000
/** The server's clock and the asked speed may differ by rounding, not by more. */
const SPEED_TOLERANCE = 0.001

interface Target {
  readonly url: string
  readonly token: string
}
interface ServerClock {
  readonly nowMs: number
  readonly speed: number
}

export const command: CommandDefinition = {
  name: 'replay',
  summary: 'send a file live through the API',
  usage: `Usage: vigie replay FILE --format FORMAT --speed N --url URL --token TOKEN [OPTIONS]

  --format FORMAT  ${EVENT_FORMATS.join(', ')}
  --speed N        simulated seconds per second (default: the server's clock)
  --url URL        the server (default http://127.0.0.1:8080)
  --token TOKEN    an API token of role ingest
  --map FILE.json  contacts-csv: which column is which
  --zone ZONE      of local times in the file (default UTC), and of queues that the server does not know yet
                   (default: the site's)
  --source NAME    what the events' source is called (default replay)

Keeps the original spacing, shifted so that the first event is the server's now. A speed above 1 needs a server
that runs on a scaled clock (serve --clock-speed N); on another it is refused.`,
  async run(argv, io) {
    const args = parseArguments(argv, OPTIONS, io.env)
    const [file] = args.positionals
    if (file === undefined || args.positionals.length !== 1) throw new UsageError('name one file')
    const format = args.required('format')
    if (!isEventFormat(format)) throw new UsageError(`--format must be one of ${EVENT_FORMATS.join(', ')}`)
    const url = args.textOr('url', 'http://127.0.0.1:8080').replace(/\/+$/, '')
    if (!URL.canParse(url)) throw new UsageError(`--url: "${url}" is not an address`)
    const target = { url, token: args.required('token') }
    const ownZone = args.text('zone')
    const zone = ownZone ?? 'UTC'
    if (!isZone(zone)) throw new UsageError(`--zone: "${zone}" is not a time zone`)
    const mapFile = args.text('map')
    const map = await contactsMap(mapFile === undefined ? undefined : resolve(io.cwd, mapFile), (path) =>
      readFile(path, 'utf8'),
    )
    const clock = await serverClock(target)
    const speed = args.number('speed', { min: 0.001, max: 3_600 }) ?? clock.speed
    refuseOtherSpeed(speed, clock.speed)
    const source = args.textOr('source', 'replay')
    const context = { source, zone, nowMs: Date.now() }
    const read = await readAll(format, [resolve(io.cwd, file)], context, map, io)
    if (read.events.length === 0) {
      io.stderr.write('vigie replay: the file holds no event\n')
      return read.rejected > 0 ? 1 : 0
    }
    const events =
      ownZone === undefined ? read.events : [...whereQueuesAre(read.events, zone), ...read.events]
    const refused = await play({ events, target, clock, io })
    return read.rejected + refused > 0 ? 1 : 0
  },
}

function refuseOtherSpeed(speed: number, serverSpeed: number): void {
  if (Math.abs(speed / serverSpeed - 1) <= SPEED_TOLERANCE) return
  if (serverSpeed === 1 && speed > 1)
    throw new UsageError(
      `--speed ${speed}: the server runs on the real clock; start it with --clock-speed ${speed}`,
    )
  throw new UsageError(`--speed ${speed}: the server's clock runs at ${serverSpeed}; the two must agree`)
}

/** The server tells its clock to whoever holds a token. */
async function serverClock({ url, token }: Target): Promise<ServerClock> {
  let response: Response
  try {
    response = await fetch(`${url}/api/v1/clock`, { headers: { authorization: `Bearer ${token}` } })
  } catch {
    throw new UsageError(`--url: no server answers at ${url}`)
  }
  if (response.status === 401) throw new UsageError('--token: the server does not know it')
  if (!response.ok) throw new UsageError(`the server answers ${response.status} when asked for its clock`)
  const { nowMs, clockSpeed } = (await response.json()) as { nowMs: number; clockSpeed: number }
  return { nowMs, speed: clockSpeed }
}

async function readAll(
  format: EventFormat,
  files: readonly string[],
  context: Parameters<typeof readEvents>[2],
  map: Parameters<typeof readEvents>[3],
  io: CommandIo,
) {
  const events: EventEnvelope[] = []
  let rejected = 0
  for await (const item of readEvents(format, files, context, map)) {
    if (item.kind === 'event') events.push(item.envelope)
    else if (item.kind === 'rejected') {
      rejected += 1
      io.stderr.write(`line ${item.line}: ${item.reason}\n`)
    }
  }
  // By time, not by line: a contacts file lists a whole contact before the next one begins. Equal times keep the file's order.
  return { events: events.sort((a, b) => a.occurredAtMs - b.occurredAtMs), rejected }
}

/** Said before the first call: a queue that the server makes of it lies in the zone of the file. */
function whereQueuesAre(events: readonly EventEnvelope[], zone: string): readonly EventEnvelope[] {
  const [first] = events
  if (first === undefined) return []
  const queueIds = new Set(events.flatMap(({ data }) => data.queueId ?? []))
  return [...queueIds].map((queueId) => ({
    id: `queue ${queueId}`,
    source: first.source,
    type: 'cc.queue.configured.v1',
    occurredAtMs: first.occurredAtMs,
    receivedAtMs: first.receivedAtMs,
    data: { queueId, raw: { zone } },
  }))
}

async function play(options: {
  readonly events: readonly EventEnvelope[]
  readonly target: Target
  readonly clock: ServerClock
  readonly io: CommandIo
}): Promise<number> {
  const { events, target, clock, io } = options
  const shiftMs = clock.nowMs - (events[0]?.occurredAtMs ?? 0)
  const startedMs = performance.now()
  const nowMs = () => clock.nowMs + (performance.now() - startedMs) * clock.speed
  const total = { accepted: 0, duplicates: 0, conflicts: 0, rejected: 0 }
  const progress = new Progress(io.stderr, 'events sent')
  for (let at = 0; at < events.length && !io.signal.aborted; ) {
    const due: EventEnvelope[] = []
    const untilMs = nowMs()
    for (
      let event = events[at];
      event !== undefined && due.length < EVENTS_PER_REQUEST_MAX;
      event = events[at]
    ) {
      if (event.occurredAtMs + shiftMs > untilMs) break
      due.push(event)
      at += 1
    }
    if (due.length === 0) {
      await sleep(STEP_MS, io.signal)
      continue
    }
    const reply = await send(target, due.map((event) => cloudEvent(event, shiftMs)).join('\n'), io.signal)
    total.accepted += reply.accepted
    total.duplicates += reply.duplicates
    total.conflicts += reply.conflicts
    total.rejected += reply.rejected.length
    progress.note(at, events.length)
    for (const { pointer, detail } of reply.rejected) io.stderr.write(`refused: ${pointer} ${detail}\n`)
  }
  progress.end(total.accepted + total.duplicates + total.rejected)
  for (const [name, value] of Object.entries(total)) io.stdout.write(`total\t${name}\t${value}\n`)
  return total.rejected
}

/** The id carries the shift: the same file replayed again is another day, sent twice it is the same. */
function cloudEvent(event: EventEnvelope, shiftMs: number): string {
  const { id, source, type, occurredAtMs, sequence, data } = event
  return JSON.stringify({
    specversion: '1.0',
    id: `${id}+${Math.round(shiftMs)}`,
    source,
    type,
    time: new Date(occurredAtMs + shiftMs).toISOString(),
    ...(sequence === undefined ? {} : { sequence }),
    data: shiftedContact(data, shiftMs),
  })
}

/** A contact of the replay is not the contact of the file: yesterday's replay must not answer today's callers. */
function shiftedContact(data: EventEnvelope['data'], shiftMs: number): EventEnvelope['data'] {
  const shifted = (id: string) => `${id}+${Math.round(shiftMs / 1000)}`
  const { contactId, aliasIds, openContactIds } = data
  return {
    ...data,
    ...(contactId === undefined ? {} : { contactId: shifted(contactId) }),
    ...(aliasIds === undefined ? {} : { aliasIds: aliasIds.map(shifted) }),
    ...(openContactIds === undefined ? {} : { openContactIds: openContactIds.map(shifted) }),
  }
}

interface Reply {
  readonly accepted: number
  readonly duplicates: number
  readonly conflicts: number
  readonly rejected: readonly { readonly pointer: string; readonly detail: string }[]
}

/** Under pressure, or while the server starts again, the same request is sent again: nothing is counted twice. */
async function send(target: Target, body: string, signal: AbortSignal): Promise<Reply> {
  let reason = ''
  for (let attempt = 0; attempt < ATTEMPTS_MAX && !signal.aborted; attempt++) {
    const response = await fetch(`${target.url}/api/v1/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${target.token}`, 'content-type': 'application/x-ndjson' },
      body,
    }).catch((error: unknown) => String(error))
    if (typeof response === 'string') reason = response
    else if (response.ok) return (await response.json()) as Reply
    else if (response.status === 429 || response.status === 503) reason = `status ${response.status}`
    else throw new Error(`the server answers ${response.status}: ${(await response.text()).slice(0, 300)}`)
    await sleep(RETRY_MS, signal)
  }
  throw new Error(signal.aborted ? 'stopped' : `the server takes nothing: ${reason}`)
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const timer = setTimeout(done, ms)
    function done(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done)
  })
}
