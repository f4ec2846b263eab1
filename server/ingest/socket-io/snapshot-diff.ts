/** Turns repeated snapshots of things into events: an event is made only where a watched value has changed. */
import { createHash } from 'node:crypto'
import { type ChangeRule, type EventMapping, isRecord, type ValueRule } from './mapping.ts'

/** Things remembered per source; beyond it the one not seen for longest is forgotten and counts as new again. */
const THINGS_MAX = 100_000

type SnapshotMapping = Extract<EventMapping, { kind: 'snapshot' }>

export interface DiffInput {
  readonly eventName: string
  readonly mapping: SnapshotMapping
  readonly message: unknown
  readonly receivedAtMs: number
}

/** What a message of things as they are gave, and in words what of it could not be read. */
export interface ReadSnapshot {
  readonly events: readonly unknown[]
  readonly unusable: readonly string[]
}

/** Of a change that nobody saw happen, it is said that it was found. */
const FOUND_LATER = 'resync'
const TAKES_A_REASON = new Set<string>(['cc.agent.state-changed.v1', 'cc.agent.queue-left.v1'])

/** Remembers what was last said of each thing. One per source. */
export class SnapshotDiff {
  private readonly source: string
  private readonly lastByThing = new Map<string, unknown>()
  /** Things last told of before the connection was lost. */
  private old = new Set<string>()

  constructor(source: string) {
    this.source = source
  }

  /** The connection was lost: what is told next of each thing may have changed at any time since. */
  lost(): void {
    this.old = new Set(this.lastByThing.keys())
  }

  /** CloudEvents for what is new in the message. */
  changes(input: DiffInput): ReadSnapshot {
    const { items: pointer, key } = input.mapping
    const items = itemsOf(pointAt(input.message, pointer), pointer)
    if (items === null)
      return { events: [], unusable: [`nothing to read at ${pointer === '' ? 'the root' : pointer}`] }
    const named = items.filter((item) => key.some((at) => isNamed(pointAt(item, at))))
    const nameless = items.length - named.length
    return {
      events: named.flatMap((item) => this.changesOf(item, input)),
      unusable: nameless === 0 ? [] : [`${nameless} without a name at ${key.join(', ')}`],
    }
  }

  private changesOf(item: unknown, { eventName, mapping, receivedAtMs }: DiffInput): readonly unknown[] {
    const thing = JSON.stringify([eventName, ...mapping.key.map((pointer) => pointAt(item, pointer) ?? null)])
    const isFirst = !this.lastByThing.has(thing)
    const last = this.lastByThing.get(thing)
    this.lastByThing.delete(thing)
    this.lastByThing.set(thing, item)
    const isOld = this.old.delete(thing)
    const [oldest] = this.lastByThing.keys()
    if (this.lastByThing.size > THINGS_MAX && oldest !== undefined) {
      this.lastByThing.delete(oldest)
      this.old.delete(oldest)
    }
    return mapping.rules
      .filter((rule) => {
        if (pointAt(item, rule.changed) !== rule.becomes) return false
        return isFirst ? rule.onFirst : pointAt(last, rule.changed) !== rule.becomes
      })
      .map((rule) => this.toEvent({ rule, thing, item, receivedAtMs, isFirst, isOld }))
  }

  private toEvent(change: {
    readonly rule: ChangeRule
    readonly thing: string
    readonly item: unknown
    readonly receivedAtMs: number
    readonly isFirst: boolean
    readonly isOld: boolean
  }): unknown {
    const { rule, thing, item, receivedAtMs, isFirst, isOld } = change
    const told: Record<string, unknown> = Object.fromEntries(
      Object.entries(rule.data)
        .map(([field, value]) => [field, fieldValue(item, value)] as const)
        .filter(([, value]) => value !== undefined && value !== null && value !== ''),
    )
    const isFound = isOld && TAKES_A_REASON.has(rule.type) && told.reason === undefined
    const data = isFound ? { ...told, reason: FOUND_LATER } : told
    const said = isFirst || rule.time === undefined ? undefined : pointAt(item, rule.time.pointer)
    const saidMs = typeof said === 'number' && said > 0 ? said * (rule.time?.unit === 'ms' ? 1 : 1000) : null
    // The feed gives no ids: the same change told twice within a second is the same event.
    const key = [thing, rule.type, data, Math.floor(receivedAtMs / 1000)]
    return {
      specversion: '1.0',
      id: createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 32),
      source: this.source,
      type: rule.type,
      time: new Date(saidMs ?? receivedAtMs).toISOString(),
      data,
    }
  }
}

/** The value at a JSON pointer (RFC 6901); undefined where there is none. */
export function pointAt(value: unknown, pointer: string): unknown {
  if (pointer === '') return value
  let at = value
  for (const escaped of pointer.slice(1).split('/')) {
    const token = escaped.replaceAll('~1', '/').replaceAll('~0', '~')
    if (Array.isArray(at)) at = at[Number(token)]
    else if (isRecord(at) && Object.hasOwn(at, token)) at = at[token]
    else return undefined
  }
  return at
}

/** A list gives its entries; an object found by a pointer its values; the whole message, unless a list, is one item. */
function itemsOf(found: unknown, pointer: string): readonly unknown[] | null {
  if (Array.isArray(found)) return found
  if (!isRecord(found)) return null
  return pointer === '' ? [found] : Object.values(found)
}

/** Ids that a feed writes as numbers become texts; a field that the ledger wants as a number has none here. */
function fieldValue(item: unknown, rule: ValueRule): unknown {
  if ('const' in rule) return rule.const
  const value = pointAt(item, rule.pointer)
  return typeof value === 'number' ? String(value) : value
}

function isNamed(value: unknown): boolean {
  return (typeof value === 'string' && value !== '') || typeof value === 'number'
}
