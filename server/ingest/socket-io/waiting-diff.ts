/**
 * Callers who wait, out of repeated snapshots of a queue: who is new has come, who is missing has gone. Why somebody went is
 * only told by a counter of abandons; where it does not say, the end is unknown, and neither an answer nor an abandon is made up.
 */
import { createHash } from 'node:crypto'
import { BoundedMap, type CanonicalEvent, canonicalEvent, textOf } from '../canonical-event.ts'
import { isRecord, type WaitingMapping } from './mapping.ts'
import { pointAt, type ReadSnapshot } from './snapshot-diff.ts'

const QUEUES_MAX = 10_000
const CALLERS_PER_QUEUE_MAX = 10_000

interface KnownQueue {
  readonly callers: Map<string, string>
  readonly abandoned: number | null
  /** Told before the connection was lost: what went on meanwhile is not known. */
  readonly isOld: boolean
}

export class WaitingDiff {
  readonly #source: string
  readonly #queues = new BoundedMap<string, KnownQueue>(QUEUES_MAX)

  constructor(source: string) {
    this.#source = source
  }

  /** The connection was lost: the next snapshot of each queue says who is left, not why the others went. */
  lost(): void {
    for (const [queueId, known] of this.#queues.entries())
      this.#queues.set(queueId, { ...known, isOld: true })
  }

  changes(mapping: WaitingMapping, message: unknown, receivedAtMs: number): ReadSnapshot {
    const queueId = nameAt(message, mapping.queue)
    const found = pointAt(message, mapping.items)
    if (queueId === undefined) return { events: [], unusable: [`no queue at ${mapping.queue}`] }
    const items: readonly unknown[] | null = Array.isArray(found)
      ? found
      : isRecord(found)
        ? Object.values(found)
        : null
    if (items === null) return { events: [], unusable: [`no callers at ${mapping.items}`] }
    const known = this.#queues.get(queueId)
    const abandoned = numberAt(message, mapping.abandonedCount)
    const callers = new Map<string, string>()
    const events: CanonicalEvent[] = []
    const unusable: string[] = []
    if (items.length > CALLERS_PER_QUEUE_MAX)
      unusable.push(`more than ${CALLERS_PER_QUEUE_MAX} callers in one queue`)
    for (const item of items.slice(0, CALLERS_PER_QUEUE_MAX)) {
      const name = nameAt(item, mapping.key)
      if (name === undefined) {
        unusable.push(`a caller without a name at ${mapping.key}`)
        continue
      }
      const contactId = known?.callers.get(name) ?? contactIdOf(name, receivedAtMs)
      callers.set(name, contactId)
      if (known?.callers.has(name) === true) continue
      const callerNumber = nameAt(item, mapping.callerNumber)
      events.push(this.#event('cc.contact.queued.v1', { contactId, queueId, callerNumber }, receivedAtMs))
    }
    const gone = [...(known?.callers ?? [])].filter(([name]) => !callers.has(name))
    const abandons =
      known?.isOld === false && abandoned !== null ? abandoned - (known.abandoned ?? abandoned) : 0
    for (const [, contactId] of gone) {
      // As many abandons as callers gone: then it is known of each of them.
      const type = abandons === gone.length ? 'cc.contact.abandoned.v1' : 'cc.contact.ended.v1'
      events.push(this.#event(type, { contactId, queueId }, receivedAtMs))
    }
    this.#queues.set(queueId, { callers, abandoned, isOld: false })
    return { events, unusable }
  }

  /** Coming and going of a caller happen once: told again, also after a restart of ours, it is the same event. */
  #event(
    type: CanonicalEvent['type'],
    data: CanonicalEvent['data'] | { callerNumber: string | undefined },
    timeMs: number,
  ) {
    const { contactId, queueId } = data as CanonicalEvent['data']
    const id = createHash('sha256')
      .update(JSON.stringify([type, contactId, queueId]))
      .digest('hex')
    return canonicalEvent({ id: id.slice(0, 32), source: this.#source, type, timeMs, data })
  }
}

/** Channels are numbered anew when the telephone system restarts: the day keeps its calls apart from older ones. */
function contactIdOf(name: string, atMs: number): string {
  return `${name}@${new Date(atMs).toISOString().slice(0, 10)}`
}

function nameAt(value: unknown, pointer: string | undefined): string | undefined {
  const found = pointer === undefined ? undefined : pointAt(value, pointer)
  return typeof found === 'number' ? String(found) : textOf(found)
}

function numberAt(value: unknown, pointer: string | undefined): number | null {
  const found = pointer === undefined ? undefined : pointAt(value, pointer)
  const number = typeof found === 'string' && found !== '' ? Number(found) : found
  return typeof number === 'number' && Number.isFinite(number) ? number : null
}
