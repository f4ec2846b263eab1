/**
 * An event as the fold keeps it in memory: what orders it and what figures need, nothing else. A day of a million events
 * stays in memory, so texts that repeat are shared and a detail object exists only where there is a detail.
 */
import { EVENT_TYPES, type EventData, type EventEnvelope, type EventType } from '../domain/event.ts'
import { sequenceDigits, sequenceNumber, sequencePrefix } from '../domain/sequence.ts'

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
  /** Its last digits as a number, and what stands before them: see `sequenceDigits`. -1 where it ends in none, or there is none. */
  readonly sequenceNumber: number
  readonly sequencePrefix: string
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

export function isNumbered(event: FoldEvent): boolean {
  return event.sequenceNumber >= 0 || event.sequence !== undefined
}

/** By their sequences; 0 where these say nothing. */
export function compareSequences(a: FoldEvent, b: FoldEvent): number {
  if (a.sequenceNumber >= 0 && b.sequenceNumber >= 0 && a.sequencePrefix === b.sequencePrefix)
    return a.sequenceNumber - b.sequenceNumber
  const { sequence } = a
  const other = b.sequence
  if (sequence === undefined || other === undefined || sequence === other) return 0
  return sequence < other ? -1 : 1
}

/** Whom the ids of a feed mean. */
export interface IdAliases {
  queueOf(sourceId: string): string
  agentOf(sourceId: string): string
}

export function toFoldEvent(event: EventEnvelope, interner: Interner, aliases: IdAliases): FoldEvent {
  const { data, sequence } = event
  const digits = sequence === undefined ? 0 : sequenceDigits(sequence)
  return {
    type: event.type,
    source: interner.share(event.source),
    id: event.id,
    occurredAtMs: event.occurredAtMs,
    sequence,
    sequenceNumber: sequence === undefined ? -1 : sequenceNumber(sequence, digits),
    sequencePrefix: sequence === undefined ? '' : sequencePrefix(sequence, digits),
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
