/**
 * An event as the fold keeps it in memory: what orders it and what figures need, nothing else. A day of a million events
 * stays in memory, so texts that repeat are shared and a detail object exists only where there is a detail.
 */
import { EVENT_TYPES, type EventData, type EventEnvelope, type EventType } from '../domain/event.ts'

export interface FoldDetail {
  readonly visitId: string | undefined
  readonly reason: string | undefined
  readonly state: EventData['state']
  readonly endedBy: EventData['endedBy']
  readonly waitSeconds: number | undefined
  readonly talkSeconds: number | undefined
  readonly holdSeconds: number | undefined
  readonly acwSeconds: number | undefined
}

export interface FoldEvent {
  readonly type: EventType
  readonly source: string
  readonly id: string
  readonly occurredAtMs: number
  readonly sequence: string | undefined
  /** Of a sequence of digits, as most are; -1 for another, and for none. Numbers compare as their texts do. */
  readonly sequenceNumber: number
  readonly queueId: string | undefined
  readonly agentId: string | undefined
  readonly detail: FoldDetail | undefined
}

/** Shares equal texts: ids of queues, agents and sources come in fresh with every row of the ledger. */
export class Interner {
  readonly #known = new Map<string, string>()

  share(text: string): string {
    const known = this.#known.get(text)
    if (known !== undefined) return known
    // Bounded: a feed may invent names without end. Starting again costs memory, never a figure.
    if (this.#known.size >= 100_000) this.#known.clear()
    this.#known.set(text, text)
    return text
  }
}

export const NO_DETAIL: FoldDetail = {
  visitId: undefined,
  reason: undefined,
  state: undefined,
  endedBy: undefined,
  waitSeconds: undefined,
  talkSeconds: undefined,
  holdSeconds: undefined,
  acwSeconds: undefined,
}

/** Numbers in a sequence are padded to this: see ingest/validate.ts. */
export const SEQUENCE_DIGITS = 20
const ZERO = 48
const NINE = 57

export function numberOfSequence(sequence: string | undefined): number {
  if (sequence === undefined || sequence.length !== SEQUENCE_DIGITS) return -1
  let number = 0
  for (let at = 0; at < SEQUENCE_DIGITS; at += 1) {
    const code = sequence.charCodeAt(at)
    if (code < ZERO || code > NINE) return -1
    number = number * 10 + (code - ZERO)
  }
  return number <= Number.MAX_SAFE_INTEGER ? number : -1
}

/** Whom the ids of a feed mean. */
export interface IdAliases {
  queueOf(sourceId: string): string
  agentOf(sourceId: string): string
}

export function toFoldEvent(event: EventEnvelope, interner: Interner, aliases: IdAliases): FoldEvent {
  const { data } = event
  return {
    type: event.type,
    source: interner.share(event.source),
    id: event.id,
    occurredAtMs: event.occurredAtMs,
    sequence: event.sequence,
    sequenceNumber: numberOfSequence(event.sequence),
    queueId: data.queueId === undefined ? undefined : interner.share(aliases.queueOf(data.queueId)),
    agentId: data.agentId === undefined ? undefined : interner.share(aliases.agentOf(data.agentId)),
    detail: toDetail(data, interner),
  }
}

export function toDetail(data: EventData, interner: Interner): FoldDetail | undefined {
  const { visitId, reason, state, endedBy } = data
  const { waitSeconds, talkSeconds, holdSeconds, acwSeconds } = data
  if (
    waitSeconds === undefined &&
    talkSeconds === undefined &&
    holdSeconds === undefined &&
    acwSeconds === undefined &&
    reason === undefined &&
    state === undefined &&
    endedBy === undefined &&
    visitId === undefined
  ) {
    return undefined
  }
  return {
    visitId,
    reason: reason === undefined ? undefined : interner.share(reason),
    state,
    endedBy,
    waitSeconds,
    talkSeconds,
    holdSeconds,
    acwSeconds,
  }
}

export function rankOf(type: EventType): number {
  return EVENT_TYPES[type].rank
}
