/**
 * The order of the events of one contact or one agent (DOMAIN.md 4). The events of one source keep that source's own
 * sequence (without one, its clock); sources are merged by the running maximum of occurredAt within each of them; ties go
 * by life-cycle rank, source, id. When we received an event never decides.
 */
import { compareSequences, type FoldEvent, isNumbered, rankOf } from './fold-event.ts'

/** Order of two events of one source. Sequences compare with sequences; otherwise the clock, rank and id decide. */
export function compareInSource(a: FoldEvent, b: FoldEvent): number {
  const bySequence = compareSequences(a, b)
  if (bySequence !== 0) return bySequence
  return a.occurredAtMs - b.occurredAtMs || rankOf(a.type) - rankOf(b.type) || compareText(a.id, b.id)
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** The events in order, each (source, id) once. The input is left as it is, and is the answer where it is in order. */
export function orderEvents(events: readonly FoldEvent[]): readonly FoldEvent[] {
  if (events.length < 2 || isInOrder(events)) return events
  const streams = splitStreams(events)
  const first = streams[0]
  if (streams.length === 1 && first !== undefined) return first
  return mergeStreams(streams)
}

/** Of one source, in its order and without doubles, as events nearly always come. */
function isInOrder(events: readonly FoldEvent[]): boolean {
  let before = events[0] as FoldEvent
  const numbered = isNumbered(before)
  for (let index = 1; index < events.length; index += 1) {
    const event = events[index] as FoldEvent
    if (event.source !== before.source || isNumbered(event) !== numbered) return false
    if (compareInSource(before, event) >= 0) return false
    before = event
  }
  return true
}

/**
 * One stream a source; a source that numbers only some of its events gives two, since no order over both kinds at once
 * is free of circles. Streams are sorted and hold no event twice.
 */
function splitStreams(events: readonly FoldEvent[]): FoldEvent[][] {
  const byKey = new Map<string, FoldEvent[]>()
  for (const event of events) {
    const key = isNumbered(event) ? `s${event.source}` : `t${event.source}`
    const stream = byKey.get(key)
    if (stream === undefined) byKey.set(key, [event])
    else stream.push(event)
  }
  return [...byKey.values()].map(sortOnce)
}

function sortOnce(stream: FoldEvent[]): FoldEvent[] {
  let sorted = true
  for (let index = 1; index < stream.length && sorted; index += 1) {
    sorted = compareInSource(stream[index - 1] as FoldEvent, stream[index] as FoldEvent) < 0
  }
  if (sorted) return stream
  stream.sort(compareInSource)
  const seen = new Set<string>()
  return stream.filter((event) => {
    const fresh = !seen.has(event.id)
    seen.add(event.id)
    return fresh
  })
}

interface Head {
  readonly stream: readonly FoldEvent[]
  index: number
  event: FoldEvent
  /** Running maximum of occurredAt in this stream: a clock that goes back must not pull its source before the others. */
  reachedMs: number
}

function mergeStreams(streams: readonly (readonly FoldEvent[])[]): FoldEvent[] {
  const heads: Head[] = []
  for (const stream of streams) {
    const event = stream[0]
    if (event !== undefined) heads.push({ stream, index: 0, event, reachedMs: event.occurredAtMs })
  }
  const ordered: FoldEvent[] = []
  while (heads.length > 0) {
    let bestIndex = 0
    for (let index = 1; index < heads.length; index += 1) {
      if (compareHeads(heads[index] as Head, heads[bestIndex] as Head) < 0) bestIndex = index
    }
    const best = heads[bestIndex] as Head
    ordered.push(best.event)
    best.index += 1
    const next = best.stream[best.index]
    if (next === undefined) heads.splice(bestIndex, 1)
    else {
      best.event = next
      best.reachedMs = Math.max(best.reachedMs, next.occurredAtMs)
    }
  }
  return ordered
}

function compareHeads(a: Head, b: Head): number {
  return (
    a.reachedMs - b.reachedMs ||
    rankOf(a.event.type) - rankOf(b.event.type) ||
    compareText(a.event.source, b.event.source) ||
    compareText(a.event.id, b.event.id)
  )
}
