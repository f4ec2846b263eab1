/**
 * The one way into the ledger: checked envelopes in, a durable answer out. Requests that arrive while a commit is
 * under way share the next one (group commit), so many small requests cost about as much as one large one.
 */
import { setImmediate as sent } from 'node:timers/promises'
import type { Clock } from '../domain/clock.ts'
import type { EventEnvelope, LedgerEvent } from '../domain/event.ts'
import type { ToldQueue } from '../domain/settings.ts'
import type { AppendResult, DeadLetter, LedgerStore } from '../ledger/ledger.ts'
import { isRecord } from './canonical-event.ts'
import { excerptOf } from './excerpt.ts'
import { FairQueue } from './fair-queue.ts'
import { toldQueue } from './queue-configuration.ts'
import { toEnvelope, wellFormed } from './validate.ts'

/** Events of one commit: large enough to amortise it, small enough to answer within a fraction of a second. */
const EVENTS_PER_COMMIT_MAX = 5_000
const RETRY_AFTER_SECONDS = 2
/** Dead letters kept of one request: the rest is only counted in the reply. */
const DEAD_LETTERS_PER_REQUEST_MAX = 200

/** A database that says nothing: so long a request is held. What is stored later all the same is then a duplicate. */
const HOLD_MS_MAX = 10_000

export interface RejectedItem {
  readonly index: number
  readonly pointer: string
  readonly detail: string
}

export interface IngestReply {
  readonly accepted: number
  readonly duplicates: number
  readonly conflicts: number
  readonly rejected: readonly RejectedItem[]
}

/** Nothing of the batch is stored and the sender should come again. */
export class IngestUnavailable extends Error {
  /** `flood`: too much of this sender waits; `busy`: too much of all. */
  readonly reason: UnavailableReason
  readonly retryAfterSeconds = RETRY_AFTER_SECONDS
  constructor(reason: UnavailableReason, cause?: unknown) {
    super(UNAVAILABLE[reason], { cause })
    this.reason = reason
  }
}
const UNAVAILABLE = {
  flood: 'too many events of this sender are waiting to be written',
  busy: 'too many events are waiting to be written',
  database: 'the database cannot be written now',
} as const
export type UnavailableReason = keyof typeof UNAVAILABLE

/** One item of a request: what was parsed, or why it could not be. */
export type IngestItem = { readonly value: unknown } | { readonly unparsable: string; readonly text: string }

/** Creates what an event names and nobody has set up. */
export interface KnownThings {
  ensure(ids: {
    readonly queueIds: Iterable<string>
    readonly agentIds: Iterable<string>
    /** What the feed said of the set-up of its queues. */
    readonly toldByQueue?: ReadonlyMap<string, ToldQueue>
  }): Promise<void>
}

interface Submission {
  readonly batch: readonly EventEnvelope[]
  readonly resolve: (counts: SubmissionCounts) => void
  readonly reject: (error: unknown) => void
}

/** A commit that is done, and whom to tell. */
interface Written {
  readonly events: readonly LedgerEvent[]
  readonly answer: () => void
}
const NOTHING_WRITTEN: Written = { events: [], answer: () => undefined }

export interface SubmissionCounts {
  readonly accepted: number
  readonly duplicates: number
  readonly conflicts: number
}

export interface IngestServiceOptions {
  readonly ledger: Pick<LedgerStore, 'append' | 'recordDeadLetters'> &
    Partial<Pick<LedgerStore, 'recordUnknownVerbs'>>
  readonly things: KnownThings
  readonly clock: Clock
  readonly log?: (message: string, error: unknown) => void
}

export type IngestService = ReturnType<typeof createIngestService>

export function createIngestService(options: IngestServiceOptions) {
  const { ledger, things, clock } = options
  const listeners = new Set<(events: readonly LedgerEvent[]) => void>()
  const queue = new FairQueue<Submission>(({ batch }) => batch.length)
  const refused: Record<UnavailableReason, number> = { flood: 0, busy: 0, database: 0 }
  let writing: Promise<void> | undefined

  /** While the database writes one commit, what the former one brought is told: both have something to do. */
  async function writeAll(): Promise<void> {
    let former: Written | undefined
    while (!queue.isEmpty) {
      const group = queue.take(EVENTS_PER_COMMIT_MAX)
      const writing = writeGroup(group.map(({ item }) => item))
      if (former !== undefined) {
        await sent()
        tell(former)
      }
      former = await writing
      for (const { sender, item } of group) queue.done(sender, item)
      if (!queue.isEmpty) continue
      tell(former)
      former = undefined
    }
    writing = undefined
  }

  /** The listeners first: who has an answer finds its events in the figures. */
  function tell({ events, answer }: Written): void {
    if (events.length > 0) for (const listener of listeners) listener(events)
    answer()
  }

  async function writeGroup(group: readonly Submission[]): Promise<Written> {
    const batch =
      group.length === 1 ? (group[0]?.batch ?? []) : group.flatMap((submission) => submission.batch)
    let result: AppendResult
    try {
      await things.ensure(namedThings(batch))
      result = await ledger.append(batch)
    } catch (error) {
      options.log?.('events could not be written', error)
      refused.database += group.length
      for (const submission of group) submission.reject(new IngestUnavailable('database', error))
      return NOTHING_WRITTEN
    }
    return {
      events: result.events,
      answer() {
        const counts = countsBySubmission(group, result)
        for (const [index, submission] of group.entries())
          submission.resolve(counts[index] ?? { accepted: 0, duplicates: 0, conflicts: 0 })
      },
    }
  }

  /** Appends checked envelopes: resolves after the commit, rejects with IngestUnavailable when nothing was stored. */
  function append(batch: readonly EventEnvelope[], sender = ''): Promise<SubmissionCounts> {
    if (batch.length === 0) return Promise.resolve({ accepted: 0, duplicates: 0, conflicts: 0 })
    const admission = queue.admission(sender, batch.length)
    if (admission !== 'admitted') {
      refused[admission] += 1
      return Promise.reject(new IngestUnavailable(admission))
    }
    const done = new Promise<SubmissionCounts>((resolve, reject) =>
      queue.push(sender, { batch, resolve, reject }),
    )
    writing ??= writeAll()
    return heldAtMost(HOLD_MS_MAX, done)
  }

  return {
    append,

    /** Items of one request in their order: each is accepted, a duplicate, or refused with a pointer to the field. */
    async ingest(items: Iterable<IngestItem>, sender: string): Promise<IngestReply> {
      const receivedAtMs = clock.nowMs()
      const batch: EventEnvelope[] = []
      const rejected: RejectedItem[] = []
      const letters: DeadLetter[] = []
      const unknownTypes = new Map<string, Map<string, number>>()
      let index = -1
      for (const item of items) {
        index += 1
        const checked = checkItem(item, receivedAtMs)
        if (checked.envelope !== undefined) {
          batch.push(checked.envelope)
          continue
        }
        rejected.push({ index, pointer: checked.pointer, detail: checked.detail })
        countUnknownType(unknownTypes, item, checked.pointer, sender)
        if (letters.length < DEAD_LETTERS_PER_REQUEST_MAX)
          letters.push(deadLetter(item, index, checked, sender, receivedAtMs))
      }
      const counts = await append(batch, sender)
      if (letters.length > 0)
        await ledger
          .recordDeadLetters(letters)
          .catch((error: unknown) => options.log?.('refused events could not be recorded', error))
      for (const [source, counts] of unknownTypes)
        await ledger
          .recordUnknownVerbs?.(source, Object.fromEntries(counts))
          .catch((error: unknown) => options.log?.('unknown types could not be counted', error))
      return { ...counts, rejected }
    },

    /** Told of every accepted event after its commit, in the order of the ledger. */
    onAccepted(listener: (events: readonly LedgerEvent[]) => void): () => void {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },

    pendingEvents: () => queue.total,

    /** Requests of which nothing was taken, by reason, since the start. */
    refusedRequests: (): Readonly<Record<UnavailableReason, number>> => refused,

    /** Resolves when all that was taken has been written (or refused). */
    async drain(): Promise<void> {
      while (writing !== undefined) await writing
    },
  }
}

function heldAtMost<T>(holdMs: number, done: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new IngestUnavailable('database')), holdMs)
    done.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/**
 * What became of each request of a shared commit. The first request that holds an event is the one that brought it;
 * the same event again, in any request of the group, is a duplicate.
 */
function countsBySubmission(group: readonly Submission[], result: AppendResult): readonly SubmissionCounts[] {
  const [only] = group
  if (group.length === 1 && only !== undefined)
    return [{ accepted: result.accepted, duplicates: result.duplicates, conflicts: result.conflicts }]
  if (result.duplicates === 0)
    return group.map(({ batch }) => ({ accepted: batch.length, duplicates: 0, conflicts: 0 }))
  const fresh = new Set(result.events.map(eventKey))
  const conflictsLeft = new Map<string, number>()
  for (const key of result.conflictKeys.map(eventKey))
    conflictsLeft.set(key, (conflictsLeft.get(key) ?? 0) + 1)
  return group.map(({ batch }) => {
    let accepted = 0
    let conflicts = 0
    for (const event of batch) {
      const key = eventKey(event)
      if (fresh.delete(key)) {
        accepted += 1
        continue
      }
      const left = conflictsLeft.get(key) ?? 0
      if (left === 0) continue
      conflictsLeft.set(key, left - 1)
      conflicts += 1
    }
    return { accepted, duplicates: batch.length - accepted, conflicts }
  })
}

function eventKey(event: { readonly source: string; readonly id: string }): string {
  return `${event.source}\n${event.id}`
}

type Checked =
  | { readonly envelope: EventEnvelope }
  | { readonly envelope?: undefined; readonly pointer: string; readonly detail: string }

function checkItem(item: IngestItem, nowMs: number): Checked {
  if ('unparsable' in item) return { pointer: '', detail: item.unparsable }
  const result = toEnvelope(item.value, { receivedAtMs: nowMs, nowMs })
  return result.ok ? { envelope: result.envelope } : { pointer: result.pointer, detail: result.detail }
}

function deadLetter(
  item: IngestItem,
  index: number,
  reason: { readonly pointer: string; readonly detail: string },
  sender: string,
  receivedAtMs: number,
): DeadLetter {
  const text = 'unparsable' in item ? item.text : textOf(item.value)
  return {
    source: sourceOf(item) ?? sender,
    receivedAtMs,
    place: `${index}${reason.pointer}`,
    reason: reason.detail,
    excerpt: excerptOf(text),
  }
}

function textOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    // Nested so deeply that it can be read but not written.
    return '[…]'
  }
}

/** A type of our family that nobody knows: told by its name to whoever runs the source. */
function countUnknownType(
  unknownTypes: Map<string, Map<string, number>>,
  item: IngestItem,
  pointer: string,
  sender: string,
): void {
  if (pointer !== '/type' || !('value' in item) || !isRecord(item.value)) return
  const { type: given } = item.value
  if (typeof given !== 'string' || given === '') return
  const type = wellFormed(given)
  const source = sourceOf(item) ?? sender
  let counts = unknownTypes.get(source)
  if (counts === undefined) {
    if (unknownTypes.size >= UNKNOWN_TYPES_MAX) return
    counts = new Map()
    unknownTypes.set(source, counts)
  }
  if (counts.has(type) || counts.size < UNKNOWN_TYPES_MAX) counts.set(type, (counts.get(type) ?? 0) + 1)
}

/** Sources of one request, and types of each, that are counted by name. */
const UNKNOWN_TYPES_MAX = 100
const SOURCE_LENGTH_MAX = 200

function sourceOf(item: IngestItem): string | undefined {
  if (!('value' in item) || typeof item.value !== 'object' || item.value === null) return undefined
  const source = 'source' in item.value ? item.value.source : undefined
  const usable = typeof source === 'string' && source !== '' && source.length <= SOURCE_LENGTH_MAX
  return usable ? source : undefined
}

function namedThings(batch: readonly EventEnvelope[]) {
  const queueIds = new Set<string>()
  const agentIds = new Set<string>()
  let toldByQueue: Map<string, ToldQueue> | undefined
  for (const event of batch) {
    const { type, data } = event
    if (data.queueId !== undefined) queueIds.add(data.queueId)
    if (data.agentId !== undefined) agentIds.add(data.agentId)
    if (type !== 'cc.queue.configured.v1' || data.queueId === undefined) continue
    const told = toldQueue(event)
    if (told === null) continue
    toldByQueue ??= new Map()
    toldByQueue.set(data.queueId, { ...toldByQueue.get(data.queueId), ...told })
  }
  return { queueIds, agentIds, ...(toldByQueue === undefined ? {} : { toldByQueue }) }
}
