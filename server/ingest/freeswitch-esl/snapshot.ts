/**
 * How things stand in mod_callcenter, asked by commands after each sign-in: queues, their members, agents and tiers, each a
 * table with "|". Contacts that are not listed any more ended while nobody listened. A table that is refused says nothing:
 * then nobody is closed.
 */
import type { EventData, EventType } from '../../domain/event.ts'
import { OPEN_CONTACTS_MAX } from '../../wire/event-schema.ts'
import { type CanonicalEvent, canonicalEvent } from '../canonical-event.ts'
import { agentStatus } from './mapper.ts'

const QUEUES_MAX = 1_000
const RESYNC = 'resync'
const ENDED = new Set(['Abandoned', 'Unknown'])

type Row = ReadonlyMap<string, string>
interface Said {
  readonly type: EventType
  readonly id: string
  readonly timeMs: number | null
  readonly data: { readonly [field in keyof EventData]: EventData[field] | undefined }
}

/** Who is in which queue, from one snapshot to the next. */
export type KnownTiers = Map<string, { readonly queueId: string; readonly agentId: string }>

export class EslSnapshot {
  readonly #source: string
  readonly #tiers: KnownTiers
  readonly #queues: Set<string>
  readonly #startedAtMs: number
  readonly #open = new Set<string>()
  /** Commands in the order of their answers. */
  readonly #asked: string[] = ['queue list', 'agent list', 'tier list']
  #isWhole = true

  constructor(options: {
    readonly source: string
    readonly tiers: KnownTiers
    /** Queues that were told of already. */
    readonly queues: Set<string>
    readonly nowMs: number
  }) {
    this.#source = options.source
    this.#tiers = options.tiers
    this.#queues = options.queues
    this.#startedAtMs = options.nowMs
  }

  get firstCommands(): readonly string[] {
    return this.#asked.map(toCommand)
  }

  get isDone(): boolean {
    return this.#asked.length === 0
  }

  /** An event that came meanwhile: its contact is open as far as the snapshot is concerned. */
  seen(event: CanonicalEvent): void {
    if (event.data.contactId !== undefined) this.#open.add(event.data.contactId)
  }

  /** The answer to the command that was asked first; gives events, and commands that follow from it. */
  answer(body: string): { readonly events: readonly CanonicalEvent[]; readonly commands: readonly string[] } {
    const asked = this.#asked.shift() ?? ''
    const rows = rowsOf(body)
    if (rows === null) {
      this.#isWhole = this.#isWhole && asked !== 'queue list' && !asked.startsWith('queue list members')
      return { events: this.#finished(), commands: [] }
    }
    if (asked === 'queue list') {
      const queues = rows.flatMap((row) => row.get('name') ?? []).filter((name) => /^[^\s|]+$/.test(name))
      const commands = queues.slice(0, QUEUES_MAX).map((name) => `queue list members ${name}`)
      this.#isWhole = this.#isWhole && queues.length <= QUEUES_MAX
      this.#asked.push(...commands)
      // That a queue is there is all that the switch says of it that we could use.
      const fresh = queues.slice(0, QUEUES_MAX).filter((queueId) => !this.#queues.has(queueId))
      if (this.#queues.size > QUEUES_MAX) this.#queues.clear()
      for (const queueId of fresh) this.#queues.add(queueId)
      const events = fresh.map((queueId) =>
        this.#event({
          type: 'cc.queue.configured.v1',
          id: `queue-${queueId}-${this.#startedAtMs}`,
          timeMs: this.#startedAtMs,
          data: { queueId },
        }),
      )
      return { events, commands: commands.map(toCommand) }
    }
    const said =
      asked === 'agent list'
        ? rows.flatMap(agentSaid)
        : asked === 'tier list'
          ? this.#tierChanges(rows)
          : rows.flatMap((row) => this.#memberSaid(row))
    return { events: [...said.map((one) => this.#event(one)), ...this.#finished()], commands: [] }
  }

  /** Dated when it was asked for: what has happened since is newer than the snapshot. */
  #finished(): readonly CanonicalEvent[] {
    if (!this.isDone || !this.#isWhole) return []
    const openContactIds = [...this.#open].slice(0, OPEN_CONTACTS_MAX)
    const id = `snapshot-${this.#startedAtMs}`
    const data = { reason: RESYNC, openContactIds }
    return [this.#event({ type: 'cc.source.snapshot.v1', id, timeMs: this.#startedAtMs, data })]
  }

  #memberSaid(row: Row): readonly Said[] {
    const visitId = row.get('uuid')
    const contactId = row.get('session_uuid') ?? visitId
    const queueId = row.get('queue')
    const state = row.get('state') ?? ''
    if (visitId === undefined || contactId === undefined || queueId === undefined || ENDED.has(state))
      return []
    this.#open.add(contactId)
    const visit = { contactId, visitId, queueId }
    const joinedMs = epochMs(row.get('joined_epoch')) ?? this.#startedAtMs
    const said: Said[] = [
      {
        type: 'cc.contact.queued.v1',
        id: `listed-${visitId}`,
        timeMs: joinedMs,
        data: { ...visit, callerNumber: row.get('cid_number') },
      },
    ]
    const bridgedMs = epochMs(row.get('bridge_epoch'))
    const agentId = row.get('serving_agent')
    if (state === 'Answered' && bridgedMs !== null && agentId !== undefined) {
      const waitSeconds = Math.max(0, (bridgedMs - joinedMs) / 1000)
      const data = { ...visit, agentId, waitSeconds }
      said.push({ type: 'cc.contact.answered.v1', id: `listed-${visitId}-a`, timeMs: bridgedMs, data })
    }
    return said
  }

  /** Only what has changed since the last snapshot: joining is no news of who was there. */
  #tierChanges(rows: readonly Row[]): readonly Said[] {
    const listed: KnownTiers = new Map(
      rows.flatMap((row) => {
        const queueId = row.get('queue')
        const agentId = row.get('agent')
        if (queueId === undefined || agentId === undefined) return []
        return [[`${queueId}\n${agentId}`, { queueId, agentId }] as const]
      }),
    )
    const said: Said[] = []
    const timeMs = this.#startedAtMs
    for (const [key, data] of listed) {
      if (this.#tiers.has(key)) continue
      this.#tiers.set(key, data)
      said.push({ type: 'cc.agent.queue-joined.v1', id: `tier-${timeMs}-${said.length}`, timeMs, data })
    }
    for (const [key, ids] of this.#tiers) {
      if (listed.has(key)) continue
      this.#tiers.delete(key)
      const data = { ...ids, reason: RESYNC }
      said.push({ type: 'cc.agent.queue-left.v1', id: `tier-${timeMs}-${said.length}`, timeMs, data })
    }
    return said
  }

  #event({ type, id, timeMs, data }: Said): CanonicalEvent {
    return canonicalEvent({ type, id, source: this.#source, timeMs, data })
  }
}

function agentSaid(row: Row): readonly Said[] {
  const agentId = row.get('name')
  const status = row.get('status')
  if (agentId === undefined || status === undefined) return []
  const timeMs = epochMs(row.get('last_status_change'))
  const { type, data } = agentStatus(agentId, status)
  // Nobody saw it happen: it was found. A status that is a reason by itself, as "On Break", stays the reason.
  const found = { reason: RESYNC, ...data }
  return [{ type, data: found, id: `status-${agentId}-${timeMs ?? ''}-${status}`, timeMs }]
}

const toCommand = (command: string) => `api callcenter_config ${command}\n\n`

/** A header line, rows, and "+OK" at the end; null for "-ERR" and for what is no table. */
function rowsOf(body: string): readonly Row[] | null {
  const lines = body.split('\n').map((line) => line.trim())
  if (lines.some((line) => line.startsWith('-ERR'))) return null
  const [header, ...rest] = lines.filter((line) => line !== '')
  if (header === undefined || header.startsWith('-')) return null
  if (header === '+OK') return []
  if (!header.includes('|')) return null
  const names = header.split('|')
  return rest
    .filter((line) => line.includes('|'))
    .map((line) => {
      const values = line.split('|')
      return new Map(
        names.flatMap((name, index) => {
          const value = values[index]
          return value === undefined || value === '' ? [] : [[name, value] as const]
        }),
      )
    })
}

function epochMs(text: string | undefined): number | null {
  const seconds = Number(text)
  return Number.isFinite(seconds) && seconds > 0 ? Math.round(seconds * 1000) : null
}
