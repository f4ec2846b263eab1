/** The state of an agent at an instant, from both axes: what the contacts say that the agent does, and what the agent set. */
import type { AgentState } from '../domain/event.ts'
import type { AgentNowBody } from '../wire/figures.ts'
import type { AgentTimeline, SetChange } from './agent-fold.ts'
import type { Handling, Rung, Visit } from './visit.ts'

export interface AgentNow extends Omit<AgentNowBody, 'ringNoAnswerStreak'> {
  readonly agentId: string
}

/** What contacts say about an agent. Filled and emptied by whoever folds the contacts. */
export class AgentWork {
  readonly handling = new Map<Handling, Visit>()
  readonly ringing = new Map<Visit, number>()
  /** Where the agent's telephone rang in vain. */
  readonly rung = new Map<Rung, Visit>()
  /** Visits that the agent answered, still kept. */
  readonly answered = new Map<Handling, Visit>()
  #last: Handling | null = null
  #lastKnown = true

  addHandling(handling: Handling, visit: Visit): void {
    this.answered.set(handling, visit)
    this.#lastKnown = false
    if (handling.endMs === null) this.handling.set(handling, visit)
  }

  removeHandling(handling: Handling): void {
    this.answered.delete(handling)
    this.handling.delete(handling)
    this.#lastKnown = false
  }

  /** Times in a row, until now, that the agent let it ring. */
  ringNoAnswerStreak(): number {
    if (this.rung.size === 0) return 0
    let answeredMs = Number.NEGATIVE_INFINITY
    for (const { startMs } of this.answered.keys()) if (startMs > answeredMs) answeredMs = startMs
    let streak = 0
    for (const { toMs, isNoAnswer } of this.rung.keys()) if (isNoAnswer && toMs > answeredMs) streak += 1
    return streak
  }

  /** The part that ended last; null when none has. */
  lastEnded(): Handling | null {
    if (this.#lastKnown) return this.#last
    let last: Handling | null = null
    for (const handling of this.answered.keys()) {
      if (handling.endMs !== null && (last === null || endsLater(handling, last))) last = handling
    }
    this.#last = last
    this.#lastKnown = true
    return last
  }
}

/** Ties are broken by what the parts are, never by the order in which they were folded. */
function endsLater(a: Handling, b: Handling): boolean {
  const difference = (a.endMs ?? 0) - (b.endMs ?? 0) || a.startMs - b.startMs || a.acwMs - b.acwMs
  return difference > 0
}

export function agentNow(agentId: string, timeline: AgentTimeline, work: AgentWork, nowMs: number): AgentNow {
  const { memberQueueIds } = timeline
  const last = work.lastEnded()
  const lastEndMs = last?.endMs ?? Number.NEGATIVE_INFINITY
  const set = setState(timeline, lastEndMs)
  const at = (state: AgentState, sinceMs: number | null, reason: string | null, queueId: string | null) => ({
    agentId,
    state,
    sinceMs,
    reason,
    queueId,
    memberQueueIds,
    set: { state: set.state, reason: set.reason },
    notReadyPending: set.state === 'not-ready' && state !== 'not-ready',
  })
  const talking = latest([...work.handling].map(([part, visit]) => [visit, part.startMs]))
  if (talking !== null) return at('on-contact', talking.sinceMs, null, talking.visit.queueId)
  const ringing = latest([...work.ringing])
  if (ringing !== null) return at('reserved', ringing.sinceMs, null, ringing.visit.queueId)
  const { doing, own } = timeline
  if (doing !== null && !isOutlived(doing, last)) return at(doing.state, doing.sinceMs, null, null)
  const wrapping =
    last !== null &&
    last.acwMs > 0 &&
    nowMs < lastEndMs + last.acwMs &&
    (own === null || own.atMs <= lastEndMs)
  if (wrapping && set.state !== 'offline') return at('after-contact-work', lastEndMs, null, null)
  return at(set.state, set.sinceMs, set.reason, null)
}

/** State towards one queue: ready for some queues is not ready for all. */
export function stateForQueue(now: AgentNow, timeline: AgentTimeline, queueId: string): AgentState {
  if (now.state !== 'ready' && now.state !== 'not-ready') return now.state
  return timeline.byQueue.get(queueId)?.state ?? timeline.own?.state ?? now.state
}

/** A feed that says what the agent does may miss the end of it; a contact that ended later tells. */
function isOutlived(
  doing: { readonly state: string; readonly sinceMs: number },
  last: Handling | null,
): boolean {
  if (last === null) return false
  return doing.state === 'after-contact-work'
    ? doing.sinceMs < last.startMs
    : doing.sinceMs <= (last.endMs ?? Number.NEGATIVE_INFINITY)
}

function latest(
  open: readonly (readonly [visit: Visit, sinceMs: number])[],
): { visit: Visit; sinceMs: number } | null {
  let found: { visit: Visit; sinceMs: number } | null = null
  for (const [visit, sinceMs] of open) {
    const later =
      found === null ||
      sinceMs > found.sinceMs ||
      (sinceMs === found.sinceMs && visit.visitId > found.visit.visitId)
    if (later) found = { visit, sinceMs }
  }
  return found
}

/** What is set, over all queues of the agent; `lastEndMs`: before it the agent was at work. */
export function setState(
  timeline: Pick<AgentTimeline, 'own' | 'byQueue' | 'memberQueueIds'>,
  lastEndMs: number,
): { state: AgentState; sinceMs: number | null; reason: string | null } {
  const { own, byQueue, memberQueueIds } = timeline
  if (own?.state === 'offline') return { state: 'offline', sinceMs: own.atMs, reason: own.reason ?? null }
  const queueIds = memberQueueIds.length > 0 ? memberQueueIds : [...byQueue.keys()]
  const effective = queueIds.map((queueId) => byQueue.get(queueId) ?? own)
  const known = effective.length > 0 ? effective : [own]
  const changes = known.filter((change): change is SetChange => change !== null)
  if (changes.length === 0) return { state: 'unknown', sinceMs: null, reason: null }
  const ready = changes.filter((change) => change.state !== 'not-ready')
  if (ready.length === 0) {
    // Not ready since the last of the queues was set so; its reason is the one given then.
    const newest = changes.reduce((a, b) => (b.atMs > a.atMs ? b : a))
    return { state: 'not-ready', sinceMs: newest.atMs, reason: newest.reason ?? null }
  }
  const sinceMs = ready.reduce((least, change) => Math.min(least, change.atMs), Number.POSITIVE_INFINITY)
  const state = ready.some((change) => change.state === 'ready') ? 'ready' : 'unknown'
  return { state, sinceMs: Math.max(sinceMs, lastEndMs), reason: null }
}
