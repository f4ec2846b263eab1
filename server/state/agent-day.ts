/**
 * The day of one agent as a line of segments, each with the state that a supervisor would have seen: contacts, talked to
 * or ringing, outrank what a feed says that the agent does, that outranks after-call work by the contact's word, and that outranks what was set.
 */
import type { AgentState } from '../domain/event.ts'
import type { AgentTimeline, DoingSpan, SetChange, TimeWindow } from './agent-fold.ts'
import { type AgentWork, setState } from './agent-now.ts'
import type { Handling, Visit } from './visit.ts'

export interface AgentSegment {
  readonly fromMs: number
  readonly toMs: number
  readonly state: AgentState
  readonly reason: string | null
  readonly queueId: string | null
  readonly contactId: string | null
}

/** A span of something that outranks what was set. The higher rank wins, among equals the later start. */
interface Span extends AgentSegment {
  readonly rank: number
}

export function agentSegments(
  timeline: AgentTimeline,
  work: Pick<AgentWork, 'answered' | 'rung' | 'ringing'>,
  window: TimeWindow,
): AgentSegment[] {
  const handlings = [...work.answered].sort(
    ([a], [b]) => a.startMs - b.startMs || (a.endMs ?? 0) - (b.endMs ?? 0),
  )
  const spans = [
    ...setSpans(timeline, window),
    ...handlings.flatMap(([part, visit]) => workSpans(part, visit, timeline, window)),
    ...ringingSpans(work, window),
    ...timeline.doings.map((span) => doingSpan(span, handlings, window)),
  ]
  return flatten(spans, window)
}

/** What was set, as spans one after the other. What still holds does so until the newest event of its source. */
function setSpans(timeline: AgentTimeline, window: TimeWindow): Span[] {
  const own: { value: SetChange | null } = { value: null }
  const byQueue = new Map<string, SetChange>()
  const members = new Set<string>()
  const points: { readonly atMs: number; readonly source: string; apply(): void }[] = []
  for (const { fromMs, toMs, queueId, source } of timeline.memberships) {
    points.push({ atMs: fromMs, source, apply: () => members.add(queueId) })
    if (toMs !== null) points.push({ atMs: toMs, source, apply: () => members.delete(queueId) })
  }
  for (const change of timeline.changes) {
    points.push({ atMs: change.atMs, source: change.source, apply: () => applyChange(change, own, byQueue) })
  }
  points.sort((a, b) => a.atMs - b.atMs)
  const spans: Span[] = []
  for (let index = 0; index < points.length; index += 1) {
    const point = points[index]
    if (point === undefined) break
    point.apply()
    const next = points[index + 1]
    // All that happens at one instant is one change.
    if (next !== undefined && next.atMs === point.atMs) continue
    const toMs = next?.atMs ?? lastEnd(timeline, point.source, window)
    // Before the window it is enough to know how things stood.
    if (toMs <= window.fromMs) continue
    const { state, reason } = setState(
      { own: own.value, byQueue, memberQueueIds: [...members] },
      Number.NEGATIVE_INFINITY,
    )
    if (state === 'unknown') continue
    spans.push({ fromMs: point.atMs, toMs, state, reason, queueId: null, contactId: null, rank: 0 })
  }
  return spans
}

function applyChange(
  change: SetChange,
  own: { value: SetChange | null },
  byQueue: Map<string, SetChange>,
): void {
  if (change.queueId === null) {
    own.value = change
    if (!change.keepsQueues) byQueue.clear()
  } else if (change.state === null) byQueue.delete(change.queueId)
  else byQueue.set(change.queueId, change)
}

/** The newest word of any source that tells of the agent: each may be silent about what it does not know. */
function lastEnd(timeline: AgentTimeline, source: string, window: TimeWindow): number {
  let endMs = window.sourceEndMs(source)
  for (const change of timeline.changes) endMs = Math.max(endMs, window.sourceEndMs(change.source))
  return endMs
}

function workSpans(part: Handling, visit: Visit, timeline: AgentTimeline, window: TimeWindow): Span[] {
  const { queueId, contactId } = visit
  const endMs = part.endMs ?? window.sourceEndMs(visit.source)
  // Written out, all of one form: a day has a hundred thousand of them.
  const talk: Span = {
    fromMs: part.startMs,
    toMs: endMs,
    state: 'on-contact',
    reason: null,
    queueId,
    contactId,
    rank: 4,
  }
  const spans = [talk]
  if (part.ringMs > 0)
    spans.push(ringingSpan(visit, { fromMs: part.startMs - part.ringMs, toMs: part.startMs }))
  if (part.acwMs === 0) return spans
  // Whoever sets something after the contact has finished the work on it.
  const set = timeline.changes.find((change) => change.queueId === null && change.atMs > endMs)
  const acwEndMs = Math.min(endMs + part.acwMs, set?.atMs ?? Number.POSITIVE_INFINITY)
  spans.push({
    fromMs: endMs,
    toMs: acwEndMs,
    state: 'after-contact-work',
    reason: null,
    queueId,
    contactId,
    rank: 1,
  })
  return spans
}

/** Telephones that rang in vain, and those that still ring. */
function ringingSpans({ rung, ringing }: Pick<AgentWork, 'rung' | 'ringing'>, window: TimeWindow): Span[] {
  const spans: Span[] = []
  for (const [span, visit] of rung) if (span.toMs > span.fromMs) spans.push(ringingSpan(visit, span))
  for (const [visit, fromMs] of ringing)
    spans.push(ringingSpan(visit, { fromMs, toMs: window.sourceEndMs(visit.source) }))
  return spans
}

function ringingSpan(
  { queueId, contactId }: Visit,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): Span {
  return { fromMs, toMs, state: 'reserved', reason: null, queueId, contactId, rank: 3 }
}

/** A feed that says what the agent does may miss the end of it: a contact that ends or begins later tells. */
function doingSpan(
  { state, source, fromMs, toMs }: DoingSpan,
  handlings: readonly (readonly [Handling, Visit])[],
  window: TimeWindow,
): Span {
  let endMs = toMs ?? window.sourceEndMs(source)
  for (const [part] of handlings) {
    const outlivedMs = state === 'after-contact-work' ? part.startMs : (part.endMs ?? endMs)
    const outlived = state === 'after-contact-work' ? outlivedMs > fromMs : outlivedMs >= fromMs
    if (outlived) {
      endMs = Math.min(endMs, outlivedMs)
      break
    }
  }
  return { fromMs, toMs: endMs, state, reason: null, queueId: null, contactId: null, rank: 2 }
}

/** One line of the highest spans, cut to the window. */
function flatten(spans: readonly Span[], { fromMs, toMs }: TimeWindow): AgentSegment[] {
  const inside: Span[] = []
  for (const span of spans) {
    const startMs = Math.max(span.fromMs, fromMs)
    const endMs = Math.min(span.toMs, toMs)
    if (endMs <= startMs) continue
    const isWhole = startMs === span.fromMs && endMs === span.toMs
    inside.push(isWhole ? span : { ...span, fromMs: startMs, toMs: endMs })
  }
  inside.sort((a, b) => a.fromMs - b.fromMs)
  const cuts = new Float64Array(inside.length * 2)
  for (let index = 0; index < inside.length; index += 1) {
    const span = inside[index] as Span
    cuts[index * 2] = span.fromMs
    cuts[index * 2 + 1] = span.toMs
  }
  cuts.sort()
  const line: AgentSegment[] = []
  const active: Span[] = []
  let next = 0
  for (let index = 0; index + 1 < cuts.length; index += 1) {
    const start = cuts[index] as number
    const end = cuts[index + 1] as number
    if (end === start) continue
    for (let span = inside[next]; span !== undefined && span.fromMs <= start; span = inside[next]) {
      active.push(span)
      next += 1
    }
    const top = highest(active, start)
    if (top !== null) append(line, top, start, end)
  }
  return line
}

/** Of those that last beyond the instant; the others are let go. */
function highest(active: Span[], atMs: number): Span | null {
  let top: Span | null = null
  let kept = 0
  for (const span of active) {
    if (span.toMs <= atMs) continue
    active[kept] = span
    kept += 1
    if (top === null || outranks(span, top)) top = span
  }
  active.length = kept
  return top
}

function outranks(a: Span, b: Span): boolean {
  return a.rank > b.rank || (a.rank === b.rank && a.fromMs >= b.fromMs)
}

function append(line: AgentSegment[], span: Span, fromMs: number, toMs: number): void {
  const { state, reason, queueId, contactId } = span
  const last = line.at(-1)
  const goesOn =
    last !== undefined &&
    last.toMs === fromMs &&
    last.state === state &&
    last.reason === reason &&
    last.contactId === contactId &&
    last.queueId === queueId
  if (goesOn) line[line.length - 1] = { ...last, toMs }
  else line.push({ fromMs, toMs, state, reason, queueId, contactId })
}
