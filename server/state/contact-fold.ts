/**
 * The fold of one contact: its events in order become visits. Pure: the same events give the same visits, in whatever
 * order they came in. Rows without a visit to belong to are orphans: counted apart and in no figure.
 */
import type { EventType } from '../domain/event.ts'
import { compareSequences, type FoldEvent, isNumbered, NO_DETAIL } from './fold-event.ts'
import type { SourceResets } from './source-resets.ts'
import type { Handling, Ringing, Rung, Visit } from './visit.ts'

export interface ContactFold {
  readonly visits: readonly Visit[]
  /** Events without a visit to belong to. */
  orphanEvents: number
  /** Differences of times below zero: taken as 0. */
  negativeDurations: number
  /** Durations of the source that differ from the difference of times by more than 2 s. */
  differingDurations: number
}

/** Two sources that tell of one contact agree about an instant to this. */
const SAME_MOMENT_MS = 2000

interface Folding extends ContactFold {
  readonly contactId: string
  visits: Visit[]
}

/** `ordered` as `orderEvents` gives them. `contactIds`: every id that the contact has in its sources. */
export function foldContact(
  contactId: string,
  ordered: readonly FoldEvent[],
  resets: SourceResets,
  contactIds: readonly string[] = [contactId],
): ContactFold {
  const folding: Folding = {
    contactId,
    visits: [],
    orphanEvents: 0,
    negativeDurations: 0,
    differingDurations: 0,
  }
  if (resets.empty) for (const event of ordered) applyEvent(folding, event)
  else applyWithResets(folding, ordered, resets, contactIds)
  return folding
}

/** Applies a source's resets between its events: each closes what that source has open. */
function applyWithResets(
  folding: Folding,
  ordered: readonly FoldEvent[],
  resets: SourceResets,
  contactIds: readonly string[],
): void {
  const nextReset = new Map<string, FoldEvent | null>()
  for (const event of ordered) {
    const reset = nextReset.get(event.source)
    if (reset !== undefined && reset !== null && !isBefore(event, reset)) closeLost(folding, reset)
    applyEvent(folding, event)
    if (reset === undefined || (reset !== null && !isBefore(event, reset))) {
      nextReset.set(event.source, resets.firstAfter(event, contactIds))
    }
  }
  for (const reset of nextReset.values()) if (reset !== null) closeLost(folding, reset)
}

function isBefore(event: FoldEvent, reset: FoldEvent): boolean {
  if (isNumbered(event) && isNumbered(reset)) return compareSequences(event, reset) < 0
  return event.occurredAtMs < reset.occurredAtMs
}

function closeLost(folding: Folding, reset: FoldEvent): void {
  for (const visit of folding.visits) {
    if (visit.closed || visit.source !== reset.source) continue
    if (visit.outcome === 'waiting') {
      visit.outcome = 'lost'
      visit.waitEndMs = reset.occurredAtMs
    }
    // The talk was real but its length is unknown: null, and in no mean.
    for (const handling of visit.handlings) handling.endMs ??= reset.occurredAtMs
    endRinging(visit, reset.occurredAtMs)
    visit.closed = true
  }
}

function applyEvent(folding: Folding, event: FoldEvent): void {
  const apply = APPLY[event.type]
  if (apply === undefined) folding.orphanEvents += 1
  else apply(folding, event)
}

/** Latest visit of the event's queue (or of the visit id, where the source has one); without either, the latest. */
function findVisit(folding: Folding, event: FoldEvent): Visit | undefined {
  const visitId = event.detail?.visitId
  for (let index = folding.visits.length - 1; index >= 0; index -= 1) {
    const visit = folding.visits[index] as Visit
    if (visitId !== undefined && visit.visitId === visitId) return visit
    if (event.queueId !== undefined && visit.queueId !== event.queueId) continue
    if (maybeVisit(folding, visit, visitId)) return visit
  }
  return undefined
}

/** A visit that has an id of its source's own is meant by that id, or by an event that names none. */
function maybeVisit(folding: Folding, visit: Visit, visitId: string | undefined): boolean {
  return (
    visitId === undefined || visit.visitId === visitId || visit.visitId.startsWith(`${folding.contactId}#`)
  )
}

function queued(folding: Folding, event: FoldEvent): void {
  const queueId = event.queueId
  if (queueId === undefined) {
    folding.orphanEvents += 1
    return
  }
  const earlier = findVisit(folding, event)
  if (earlier !== undefined && earlier.queueId === queueId) {
    if (isSameStay(earlier, event)) return
    if (earlier.outcome === 'waiting') {
      // Nobody waits twice in one queue: the end of the first stay went unrecorded.
      earlier.outcome = 'lost'
      earlier.waitEndMs = event.occurredAtMs
      endRinging(earlier, event.occurredAtMs)
      earlier.closed = true
    }
  }
  const visit: Visit = {
    contactId: folding.contactId,
    visitId: event.detail?.visitId ?? `${folding.contactId}#${folding.visits.length + 1}`,
    queueId,
    source: event.source,
    queuedAtMs: event.occurredAtMs,
    outcome: 'waiting',
    waitEndMs: null,
    waitMs: null,
    leftReason: undefined,
    handlings: [],
    transfers: 0,
    ringing: null,
    rung: null,
    closed: false,
  }
  folding.visits = [...folding.visits, visit]
}

function isSameStay(visit: Visit, event: FoldEvent): boolean {
  const visitId = event.detail?.visitId
  if (visitId !== undefined && visitId === visit.visitId) return true
  const apartMs = Math.abs(event.occurredAtMs - visit.queuedAtMs)
  if (event.source !== visit.source) return visit.outcome === 'waiting' || apartMs <= SAME_MOMENT_MS
  // The same row once torn and once whole.
  return apartMs === 0 && visit.outcome === 'waiting' && visitId === undefined
}

function offered(folding: Folding, event: FoldEvent): void {
  const visit = findVisit(folding, event)
  if (visit === undefined || visit.closed || event.agentId === undefined) {
    folding.orphanEvents += visit === undefined ? 1 : 0
    return
  }
  const ringing = { agentId: event.agentId, sinceMs: event.occurredAtMs }
  if (visit.ringing === null) visit.ringing = [ringing]
  else if (!visit.ringing.some((other) => other.agentId === event.agentId)) visit.ringing.push(ringing)
}

function offerEnded(folding: Folding, event: FoldEvent): void {
  const visit = findVisit(folding, event)
  if (visit === undefined) {
    folding.orphanEvents += 1
    return
  }
  const { agentId, occurredAtMs, detail } = event
  if (agentId === undefined) return
  const isNoAnswer = detail?.reason === 'noAnswer'
  const rang = endRinging(visit, occurredAtMs, { agentId, isNoAnswer })
  if (isNoAnswer && !rang)
    addRung(visit, { agentId, fromMs: occurredAtMs, toMs: occurredAtMs, isNoAnswer: true })
}

/** It rings no more: at that agent, or at all. Kept, but for the telephone that was answered. True where it rang. */
function endRinging(
  visit: Visit,
  atMs: number,
  only?: { readonly agentId: string; readonly isNoAnswer: boolean },
): boolean {
  if (visit.ringing === null) return false
  const isNoAnswer = only?.isNoAnswer === true
  const goesOn: Ringing[] = []
  for (const ringing of visit.ringing) {
    const { agentId, sinceMs } = ringing
    if (only !== undefined && agentId !== only.agentId) goesOn.push(ringing)
    else if (isNoAnswer || atMs > sinceMs)
      addRung(visit, { agentId, fromMs: Math.min(sinceMs, atMs), toMs: atMs, isNoAnswer })
  }
  const rang = goesOn.length < visit.ringing.length
  visit.ringing = goesOn.length === 0 ? null : goesOn
  return rang
}

/** A list that grows by itself keeps room for sixteen more, and nearly every visit has few. */
const EXACT_LIST_MAX = 4

function addRung(visit: Visit, rung: Rung): void {
  if (visit.rung === null) visit.rung = [rung]
  else if (visit.rung.length < EXACT_LIST_MAX) visit.rung = [...visit.rung, rung]
  else visit.rung.push(rung)
}

/** How long it rang at the agent who answers now; the others' telephones fall silent. */
function endRingingAnswered(visit: Visit, { agentId, occurredAtMs }: FoldEvent): number {
  if (visit.ringing === null) return 0
  const own = visit.ringing.find((ringing) => ringing.agentId === agentId)
  if (own !== undefined)
    visit.ringing = visit.ringing.length === 1 ? null : visit.ringing.filter((other) => other !== own)
  endRinging(visit, occurredAtMs)
  return own === undefined ? 0 : Math.max(0, Math.round(occurredAtMs - own.sinceMs))
}

function answered(folding: Folding, event: FoldEvent): void {
  const visit = findVisit(folding, event)
  if (visit === undefined || (visit.outcome !== 'waiting' && visit.outcome !== 'answered')) {
    folding.orphanEvents += 1
    return
  }
  if (visit.outcome === 'waiting') {
    visit.outcome = 'answered'
    endWait(folding, visit, event)
  } else if (visit.handlings.some((part) => part.endMs === null && part.agentId === event.agentId)) {
    return
  }
  visit.closed = false
  const handling: Handling = {
    agentId: event.agentId,
    startMs: event.occurredAtMs,
    ringMs: endRingingAnswered(visit, event),
    endMs: null,
    talkMs: null,
    holdMs: 0,
    acwMs: 0,
    endedBy: undefined,
    heldSinceMs: null,
  }
  // Not pushed: a list that grows keeps room for sixteen more, and nearly every visit has one part.
  visit.handlings = [...visit.handlings, handling]
}

function endWait(folding: Folding, visit: Visit, event: FoldEvent): void {
  visit.waitEndMs = event.occurredAtMs
  visit.waitMs = durationMs(folding, event.detail?.waitSeconds, event.occurredAtMs - visit.queuedAtMs)
}

/** The source's duration outranks a difference of times; both are compared, and what does not fit is counted. */
function durationMs(folding: Folding, seconds: number | undefined, differenceMs: number): number {
  if (seconds === undefined) {
    if (differenceMs < 0) folding.negativeDurations += 1
    return Math.max(0, Math.round(differenceMs))
  }
  const givenMs = Math.max(0, Math.round(seconds * 1000))
  if (seconds < 0) folding.negativeDurations += 1
  if (Math.abs(givenMs - differenceMs) > SAME_MOMENT_MS) folding.differingDurations += 1
  return givenMs
}

function leftWaiting(folding: Folding, event: FoldEvent): void {
  const visit = findVisit(folding, event)
  const outcome = event.type === 'cc.contact.abandoned.v1' ? 'abandoned' : 'left'
  if (visit === undefined || visit.outcome !== 'waiting') {
    // A second source may say the same again.
    if (visit === undefined || visit.outcome !== outcome) folding.orphanEvents += 1
    return
  }
  visit.outcome = outcome
  visit.leftReason = outcome === 'left' ? leftReasonOf(event) : undefined
  endWait(folding, visit, event)
  endRinging(visit, event.occurredAtMs)
  visit.closed = true
}

function leftReasonOf(event: FoldEvent): string | undefined {
  return event.type === 'cc.callback.requested.v1' ? 'callback' : event.detail?.reason
}

/** The open part of that agent, in the visit of that queue where the event names them; the latest first. */
function findOpenPart(folding: Folding, event: FoldEvent): { visit: Visit; handling: Handling } | null {
  for (let index = folding.visits.length - 1; index >= 0; index -= 1) {
    const visit = folding.visits[index] as Visit
    if (event.queueId !== undefined && visit.queueId !== event.queueId) continue
    if (!maybeVisit(folding, visit, event.detail?.visitId)) continue
    for (let part = visit.handlings.length - 1; part >= 0; part -= 1) {
      const handling = visit.handlings[part] as Handling
      if (handling.endMs !== null) continue
      if (
        event.agentId === undefined ||
        handling.agentId === undefined ||
        handling.agentId === event.agentId
      ) {
        return { visit, handling }
      }
    }
  }
  return null
}

function heldOrRetrieved(folding: Folding, event: FoldEvent): void {
  const open = findOpenPart(folding, event)
  if (open === null) {
    folding.orphanEvents += 1
    return
  }
  if (event.type === 'cc.contact.held.v1') open.handling.heldSinceMs ??= event.occurredAtMs
  else endHold(open.handling, event.occurredAtMs)
}

function endHold(handling: Handling, atMs: number): void {
  if (handling.heldSinceMs === null) return
  handling.holdMs += Math.max(0, atMs - handling.heldSinceMs)
  handling.heldSinceMs = null
}

function endHandling(folding: Folding, visit: Visit, handling: Handling, event: FoldEvent): void {
  const detail = event.detail ?? NO_DETAIL
  endHold(handling, event.occurredAtMs)
  handling.endMs = event.occurredAtMs
  if (detail.holdSeconds !== undefined) handling.holdMs = Math.max(0, Math.round(detail.holdSeconds * 1000))
  const spanMs = event.occurredAtMs - handling.startMs - handling.holdMs
  handling.talkMs = durationMs(folding, detail.talkSeconds, spanMs)
  if (detail.acwSeconds !== undefined) handling.acwMs = Math.max(0, Math.round(detail.acwSeconds * 1000))
  handling.endedBy = detail.endedBy
  visit.closed = visit.handlings.every((part) => part.endMs !== null)
}

function transferred(folding: Folding, event: FoldEvent): void {
  const open = findOpenPart(folding, event)
  if (open === null) {
    folding.orphanEvents += 1
    return
  }
  open.visit.transfers += 1
  endHandling(folding, open.visit, open.handling, event)
}

function ended(folding: Folding, event: FoldEvent): void {
  const open = findOpenPart(folding, event)
  if (open !== null) {
    endHandling(folding, open.visit, open.handling, event)
    // Without an agent the whole contact is over, whoever else was on it.
    if (event.agentId === undefined) {
      for (const other of open.visit.handlings) {
        if (other.endMs === null) endHandling(folding, open.visit, other, event)
      }
    }
    if (open.visit.closed) endRinging(open.visit, event.occurredAtMs)
    return
  }
  const visit = findVisit(folding, event)
  if (visit === undefined) {
    folding.orphanEvents += 1
    return
  }
  if (visit.outcome === 'waiting') {
    // An end without an answer invents none, and only the source's word makes an abandon.
    visit.outcome = 'lost'
    visit.waitEndMs = event.occurredAtMs
    endRinging(visit, event.occurredAtMs)
    visit.closed = true
    return
  }
  completeHandling(folding, visit, event)
}

/** A second end of the same part (a contact record after the live event) brings what the first did not know. */
function completeHandling(folding: Folding, visit: Visit, event: FoldEvent): void {
  const detail = event.detail ?? NO_DETAIL
  for (let part = visit.handlings.length - 1; part >= 0; part -= 1) {
    const handling = visit.handlings[part] as Handling
    if (event.agentId !== undefined && handling.agentId !== event.agentId) continue
    if (detail.talkSeconds !== undefined) handling.talkMs = Math.max(0, Math.round(detail.talkSeconds * 1000))
    if (detail.holdSeconds !== undefined) handling.holdMs = Math.max(0, Math.round(detail.holdSeconds * 1000))
    if (detail.acwSeconds !== undefined) handling.acwMs = Math.max(0, Math.round(detail.acwSeconds * 1000))
    handling.endedBy ??= detail.endedBy
    return
  }
  folding.orphanEvents += 1
}

/** Told for those who read the contact's events. */
function noFigure(): void {}

const APPLY: Readonly<Partial<Record<EventType, (folding: Folding, event: FoldEvent) => void>>> = {
  'cc.contact.queued.v1': queued,
  'cc.contact.offered.v1': offered,
  'cc.contact.offer-ended.v1': offerEnded,
  'cc.contact.answered.v1': answered,
  'cc.contact.held.v1': heldOrRetrieved,
  'cc.contact.retrieved.v1': heldOrRetrieved,
  'cc.contact.transferred.v1': transferred,
  'cc.contact.ended.v1': ended,
  'cc.contact.abandoned.v1': leftWaiting,
  'cc.contact.left-queue.v1': leftWaiting,
  // The caller is rung back instead of waiting on; the call back is a visit of its own, queued with the channel `callback`.
  'cc.callback.requested.v1': leftWaiting,
  'cc.callback.attempted.v1': noFigure,
  'cc.callback.closed.v1': noFigure,
}
