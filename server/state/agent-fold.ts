/**
 * The fold of one agent: sessions, memberships of queues and what the agent set. Two axes are kept apart: what was set
 * (ready, not ready with a reason; for all queues or for one) and what is done, which contacts tell (agent-now.ts).
 */
import { LOGOFF_KEEPS_MEMBERSHIP } from '../domain/event.ts'
import type { FoldEvent } from './fold-event.ts'
import { orderEvents } from './order.ts'

export type SetState = 'ready' | 'not-ready' | 'offline' | 'unknown'
export type DoingState = 'reserved' | 'on-contact' | 'after-contact-work'

export interface Membership {
  readonly queueId: string
  readonly source: string
  readonly fromMs: number
  /** Null while it lasts: it counts to the newest event of its source. */
  toMs: number | null
}

/** A time in which a feed itself said what the agent does. Null while it lasts. */
export interface DoingSpan {
  readonly state: DoingState
  readonly source: string
  readonly fromMs: number
  toMs: number | null
}

/** A change of the set axis. `queueId` null: for all queues. `state` null: the queue follows the agent's own state again. */
export interface SetChange {
  readonly atMs: number
  readonly source: string
  readonly queueId: string | null
  readonly state: SetState | null
  readonly reason: string | undefined
  /** What is set for single queues goes on: a log-on says nothing about it. */
  readonly keepsQueues: boolean
}

export interface AgentTimeline {
  readonly memberships: readonly Membership[]
  readonly changes: readonly SetChange[]
  /** What a feed said that the agent does, when it says so itself; contacts may know better. */
  readonly doing: { readonly state: DoingState; readonly sinceMs: number } | null
  readonly doings: readonly DoingSpan[]
  /** The agent's own state now, and where queues differ from it. */
  readonly own: SetChange | null
  readonly byQueue: ReadonlyMap<string, SetChange>
  readonly memberQueueIds: readonly string[]
}

interface Folding {
  readonly memberships: Membership[]
  readonly open: Map<string, Membership>
  /** Memberships that a log-off interrupted: they go on at the next log-on. */
  readonly suspended: Set<string>
  readonly changes: SetChange[]
  readonly byQueue: Map<string, SetChange>
  own: SetChange | null
  doing: { state: DoingState; sinceMs: number } | null
  readonly doings: DoingSpan[]
  /** A log-on was told. Without one the session ends with the last membership. */
  loggedOn: boolean
}

/** How things stood when older events were forgotten: the fold goes on from here. */
export type AgentBase = Readonly<Folding>

export function foldAgent(events: readonly FoldEvent[], base: AgentBase | null = null): AgentTimeline {
  const folding = startFrom(base)
  for (const event of orderEvents(events)) applyEvent(folding, event)
  const { memberships, changes, doing, doings, own, byQueue } = folding
  return { memberships, changes, doing, doings, own, byQueue, memberQueueIds: [...folding.open.keys()] }
}

function startFrom(base: AgentBase | null): Folding {
  const memberships = (base?.memberships ?? []).map((membership) => ({ ...membership }))
  const open = new Map<string, Membership>()
  for (const membership of memberships) if (membership.toMs === null) open.set(membership.queueId, membership)
  return {
    memberships,
    open,
    suspended: new Set(base?.suspended),
    changes: [...(base?.changes ?? [])],
    byQueue: new Map(base?.byQueue),
    own: base?.own ?? null,
    doing: base?.doing ?? null,
    doings: (base?.doings ?? []).map((span) => ({ ...span })),
    loggedOn: base?.loggedOn ?? false,
  }
}

function applyEvent(folding: Folding, event: FoldEvent): void {
  switch (event.type) {
    case 'cc.agent.logged-on.v1':
      folding.loggedOn = true
      comeOnline(folding, event)
      break
    case 'cc.agent.logged-off.v1':
      goOffline(folding, event, event.detail?.reason === LOGOFF_KEEPS_MEMBERSHIP)
      break
    case 'cc.agent.state-changed.v1':
      changeState(folding, event)
      break
    case 'cc.agent.queue-joined.v1':
      if (event.queueId !== undefined) join(folding, event, event.queueId)
      break
    case 'cc.agent.queue-left.v1':
      if (event.queueId !== undefined) leave(folding, event, event.queueId)
      break
    default:
      break
  }
}

function isOnline(folding: Folding): boolean {
  return folding.own !== null && folding.own.state !== 'offline' && folding.own.state !== 'unknown'
}

function setOwn(folding: Folding, event: FoldEvent, state: SetState, keepsQueues: boolean): void {
  const change: SetChange = {
    atMs: event.occurredAtMs,
    source: event.source,
    queueId: null,
    state,
    reason: event.detail?.reason,
    keepsQueues,
  }
  folding.own = change
  folding.changes.push(change)
}

function setForQueue(folding: Folding, event: FoldEvent, queueId: string, state: SetState | null): void {
  const { occurredAtMs: atMs, source } = event
  const reason = state === 'not-ready' ? event.detail?.reason : undefined
  const change: SetChange = { atMs, source, queueId, state, reason, keepsQueues: true }
  folding.changes.push(change)
  if (state === null) folding.byQueue.delete(queueId)
  else folding.byQueue.set(queueId, change)
}

function comeOnline(folding: Folding, event: FoldEvent): void {
  if (isOnline(folding)) return
  setOwn(folding, event, 'ready', true)
  resumeMemberships(folding, event)
}

function resumeMemberships(folding: Folding, event: FoldEvent): void {
  for (const queueId of folding.suspended) openMembership(folding, event, queueId)
  folding.suspended.clear()
}

function endDoing(folding: Folding, atMs: number): void {
  folding.doing = null
  const last = folding.doings.at(-1)
  if (last !== undefined) last.toMs ??= atMs
}

function goOffline(folding: Folding, event: FoldEvent, keepMemberships: boolean): void {
  endDoing(folding, event.occurredAtMs)
  folding.loggedOn = false
  setOwn(folding, event, 'offline', keepMemberships)
  if (keepMemberships) return
  folding.byQueue.clear()
  for (const [queueId, membership] of folding.open) {
    membership.toMs = event.occurredAtMs
    folding.suspended.add(queueId)
  }
  folding.open.clear()
}

function changeState(folding: Folding, event: FoldEvent): void {
  const state = event.detail?.state
  if (state === undefined) return
  if (state === 'reserved' || state === 'on-contact' || state === 'after-contact-work') {
    comeOnline(folding, event)
    endDoing(folding, event.occurredAtMs)
    folding.doing = { state, sinceMs: event.occurredAtMs }
    folding.doings.push({ state, source: event.source, fromMs: event.occurredAtMs, toMs: null })
    return
  }
  if (state === 'offline') {
    goOffline(folding, event, event.detail?.reason === LOGOFF_KEEPS_MEMBERSHIP)
    return
  }
  if (event.queueId !== undefined) {
    setForQueue(folding, event, event.queueId, state)
    return
  }
  const wasDoing = folding.doing !== null
  endDoing(folding, event.occurredAtMs)
  folding.byQueue.clear()
  const wasOffline = !isOnline(folding)
  // Said again, it has lasted since it was first said; after work of another kind it begins anew.
  if (
    folding.own?.state !== state ||
    folding.own.reason !== event.detail?.reason ||
    folding.changes.at(-1) !== folding.own ||
    wasDoing
  ) {
    setOwn(folding, event, state, false)
  }
  if (wasOffline && isOnline(folding)) resumeMemberships(folding, event)
}

function openMembership(folding: Folding, event: FoldEvent, queueId: string): void {
  if (folding.open.has(queueId)) return
  const membership: Membership = {
    queueId,
    source: event.source,
    fromMs: event.occurredAtMs,
    toMs: null,
  }
  folding.memberships.push(membership)
  folding.open.set(queueId, membership)
}

function join(folding: Folding, event: FoldEvent, queueId: string): void {
  folding.suspended.delete(queueId)
  if (!folding.open.has(queueId)) {
    openMembership(folding, event, queueId)
    if (folding.byQueue.has(queueId)) setForQueue(folding, event, queueId, null)
  }
  if (!isOnline(folding)) setOwn(folding, event, 'ready', true)
}

function leave(folding: Folding, event: FoldEvent, queueId: string): void {
  folding.suspended.delete(queueId)
  const membership = folding.open.get(queueId)
  if (membership !== undefined) {
    membership.toMs = event.occurredAtMs
    folding.open.delete(queueId)
  }
  if (folding.byQueue.has(queueId)) setForQueue(folding, event, queueId, null)
  if (membership !== undefined && !folding.loggedOn && folding.open.size === 0) {
    setOwn(folding, event, 'offline', true)
  }
}

export interface TimeWindow {
  readonly fromMs: number
  readonly toMs: number
  /** Newest instant that the source has told of: what is still open counts to there. */
  readonly sourceEndMs: (source: string) => number
}

/** Time as a member of the queue within the window. */
export function membershipMs(timeline: AgentTimeline, queueId: string, window: TimeWindow): number {
  let totalMs = 0
  for (const membership of timeline.memberships) {
    if (membership.queueId !== queueId) continue
    totalMs += overlapMs(membership.fromMs, membership.toMs ?? window.sourceEndMs(membership.source), window)
  }
  return totalMs
}

/**
 * Time not ready for the queue within the window: set for all queues or for this one, never counted twice. Only while a
 * member, where the feed tells of memberships of this queue at all (fixed members of Asterisk are never announced).
 */
export function notReadyMs(timeline: AgentTimeline, queueId: string, window: TimeWindow): number {
  const spans = notReadySpans(timeline, queueId, window)
  const memberships = timeline.memberships.filter((membership) => membership.queueId === queueId)
  let totalMs = 0
  for (const [fromMs, toMs] of spans) {
    if (memberships.length === 0) totalMs += overlapMs(fromMs, toMs, window)
    for (const { fromMs: memberFromMs, toMs: memberToMs, source } of memberships) {
      const endMs = memberToMs ?? window.sourceEndMs(source)
      totalMs += overlapMs(Math.max(fromMs, memberFromMs), Math.min(toMs, endMs), window)
    }
  }
  return totalMs
}

function notReadySpans(timeline: AgentTimeline, queueId: string, window: TimeWindow): [number, number][] {
  const spans: [number, number][] = []
  let own: SetState = 'unknown'
  let forQueue: SetState | null = null
  let since: SetChange | null = null
  for (const change of timeline.changes) {
    if (change.queueId !== null && change.queueId !== queueId) continue
    if (change.queueId === null) {
      own = change.state ?? own
      if (!change.keepsQueues) forQueue = null
    } else forQueue = change.state
    const notReady = (forQueue ?? own) === 'not-ready'
    if (notReady && since === null) since = change
    if (!notReady && since !== null) {
      spans.push([since.atMs, change.atMs])
      since = null
    }
  }
  if (since !== null) spans.push([since.atMs, window.sourceEndMs(since.source)])
  return spans
}

function overlapMs(fromMs: number, toMs: number, window: TimeWindow): number {
  return Math.max(0, Math.min(toMs, window.toMs) - Math.max(fromMs, window.fromMs))
}

/**
 * Forgets the time before an instant: what was folded of it becomes a base of a few facts, the later events are kept as
 * they are. The fold of both agrees with the fold of everything from that instant on.
 */
export function forgetAgentBefore(
  events: readonly FoldEvent[],
  base: AgentBase | null,
  beforeMs: number,
): { readonly base: AgentBase | null; readonly events: FoldEvent[] } {
  const ordered = orderEvents(events)
  const kept = ordered.findIndex((event) => event.occurredAtMs >= beforeMs)
  const old = kept < 0 ? ordered : ordered.slice(0, kept)
  if (old.length === 0) return { base, events: [...ordered] }
  const folding = startFrom(base)
  for (const event of old) applyEvent(folding, event)
  const { own, byQueue } = folding
  const memberships = folding.memberships.filter(({ toMs }) => toMs === null || toMs > beforeMs)
  const doings = folding.doings.filter(({ toMs }) => toMs === null || toMs > beforeMs)
  const changes = [...(own === null ? [] : [own]), ...byQueue.values()]
  return { base: { ...folding, memberships, changes, doings }, events: ordered.slice(old.length) }
}
