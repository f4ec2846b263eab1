/**
 * The live state: every event applied, in any order, equals a replay of the ledger. An event touches one contact or one
 * agent; that one is folded again from its stored events and its part in the figures is replaced. Folding waits until
 * somebody reads, so that loading a day folds each contact once.
 */
import { isAgentEvent, type LedgerEvent } from '../domain/event.ts'
import { siteDayOf } from '../domain/site-calendar.ts'
import { EventPage } from '../ledger/event-page.ts'
import { type AgentBase, type AgentTimeline, foldAgent, forgetAgentBefore } from './agent-fold.ts'
import { type AgentNow, AgentWork, agentNow, stateForQueue } from './agent-now.ts'
import { AheadEvents } from './ahead-events.ts'
import { ContactAliases } from './contact-aliases.ts'
import { type ContactFold, foldContact } from './contact-fold.ts'
import { buildDayReport, type DayReportOptions, type FoldedDay } from './day-report.ts'
import { EventRows } from './event-rows.ts'
import type { DayReport } from './figures.ts'
import { type FoldEvent, Interner, toDetail, toFoldEvent } from './fold-event.ts'
import type { FoldedInterval, IntervalKey, SourceProgress } from './interval-revisions.ts'
import { orderEvents } from './order.ts'
import { type SourceNotes, sourceNotes } from './page-notes.ts'
import { type IntervalTotals, QueueTally } from './queue-tally.ts'
import type { SettingsView } from './settings-view.ts'
import { type GapQuestion, SourceMarks } from './source-marks.ts'
import { SourceResets } from './source-resets.ts'
import { emptyTotals, type Totals } from './totals.ts'
import type { Visit } from './visit.ts'

/** Contacts folded in one go at most between reads: bounds the pause that a read after a flood makes. */
const DIRTY_CONTACTS_MAX = 4096
/** Contacts without an end are kept this much longer than others: they may still be waiting. */
const OPEN_KEPT_MS = 2 * 86_400_000
const SLIDING_WINDOW_MS = 30 * 60_000

interface ContactRecord {
  readonly contactId: string
  /** Its events: a chain of rows. */
  firstRow: number
  lastRow: number
  eventCount: number
  fold: ContactFold | null
  dirty: boolean
  lastMs: number
}

interface AgentRecord {
  readonly agentId: string
  base: AgentBase | null
  events: FoldEvent[]
  timeline: AgentTimeline | null
  readonly work: AgentWork
}

interface SourceRecord {
  newestMs: number
  /** From the newest event to its receipt. */
  delayMs: number
  /** Greatest sequence seen, and newest time of events without one. */
  lastSequence: string
  lastTimedMs: number
}

export interface AgentCounts {
  available: number
  onContact: number
  reserved: number
  afterContactWork: number
  notReady: number
  /** On contact, ringing, in after-call work or available. */
  staffed: number
}

export interface QueueNow {
  readonly queueId: string
  readonly waiting: number
  readonly waitingPastThreshold: number
  readonly longestWaitingSinceMs: number | null
  /** Contacts of the queue that an agent talks to. */
  readonly talking: number
  readonly agents: AgentCounts
}

export interface AgentLine extends AgentNow {
  readonly contactsToday: number
  /** Times in a row, until now, that the telephone rang in vain. */
  readonly ringNoAnswerStreak: number
}

export interface StateQuality {
  readonly orphanEvents: number
  readonly negativeDurations: number
  readonly differingDurations: number
  readonly ignoredEvents: number
}

export class LiveState implements FoldedDay {
  #settings: SettingsView
  #interner = new Interner()
  #rows = new EventRows()
  #aliases = new ContactAliases()
  #contacts = new Map<string, ContactRecord>()
  #agents = new Map<string, AgentRecord>()
  #sources = new Map<string, SourceRecord>()
  #resets = new SourceResets()
  #marks = new SourceMarks()
  #ahead = new AheadEvents()
  /** Contacts to fold, each once; one that a merge took away meanwhile is no longer marked. */
  #dirty: ContactRecord[] = []
  #queues = new Map<string, QueueTally>()
  #quality = { orphanEvents: 0, negativeDurations: 0, differingDurations: 0, ignoredEvents: 0 }
  #revision = 0

  readonly #dirtyMax: number

  /** `short-lived`: a day that is read once. Each contact is folded once, at the end. */
  constructor(settings: SettingsView, use: 'live' | 'short-lived' = 'live') {
    this.#settings = settings
    this.#dirtyMax = use === 'live' ? DIRTY_CONTACTS_MAX : Number.POSITIVE_INFINITY
  }

  /** Grows with every event applied: whoever shows figures can tell whether anything may have changed. */
  get revision(): number {
    return this.#revision
  }

  apply(event: LedgerEvent): void {
    this.#revision += 1
    this.#noteSource(event)
    const { type } = event
    const { contactId, agentId } = event.data
    if (event.occurredAtMs > event.receivedAtMs) this.#noteAhead(event)
    if (type.startsWith('cc.contact.')) {
      if (contactId === undefined) this.#quality.ignoredEvents += 1
      else if (type === 'cc.contact.merged.v1') this.#merge([contactId, ...(event.data.aliasIds ?? [])])
      else this.#applyToContact(this.#aliases.rootOf(contactId), event)
    } else if (isAgentEvent(type)) {
      if (agentId === undefined) this.#quality.ignoredEvents += 1
      else this.#applyToAgent(this.#settings.agentOf(agentId), this.#toFoldEvent(event))
    } else if (type.startsWith('cc.callback.')) {
      if (contactId === undefined) this.#quality.ignoredEvents += 1
      else this.#applyToContact(this.#aliases.rootOf(contactId), event)
    } else if (type === 'cc.source.started.v1' || type === 'cc.source.snapshot.v1') {
      this.#applyReset(event, this.#toFoldEvent(event))
    }
  }

  /** A page of the ledger is taken in as columns; where one goes further than `lastSeq`, as the events up to there. */
  applyAll(events: Iterable<LedgerEvent>, lastSeq = Number.POSITIVE_INFINITY): void {
    if (events instanceof EventPage && events.endsBy(lastSeq)) this.#applyPage(events)
    else for (const event of events) if (event.ingestSeq <= lastSeq) this.apply(event)
  }

  #applyPage(page: EventPage): void {
    const { count, contacts, contactIds, times, delays, types, texts } = page.columns
    // Whoever the ids mean is looked up once a page; a merge may change it.
    let records: (ContactRecord | undefined)[] = new Array(contactIds.length)
    for (let from = 0; from < count; ) {
      const taken = this.#rows.take(page, from, this.#settings)
      for (const notes of sourceNotes(page, from, taken.direct)) this.#noteSources(notes)
      for (let at = 0; at < taken.count; at += 1) {
        const row = from + at
        if (taken.direct[at] === 1) {
          const contact = contacts[row] as number
          const record = this.#chainRow(
            records[contact] ?? this.#aliases.rootOf(contactIds[contact] as string),
            taken.firstRow | at,
            times[row] as number,
          )
          records[contact] = record
          if ((delays[row] as number) < 0) this.#noteAhead(page.event(row))
        } else if (page.has(row)) {
          this.apply(page.event(row))
          if (texts[types[row] as number] === 'cc.contact.merged.v1') records = new Array(contactIds.length)
        }
      }
      from += taken.count
      this.#revision += taken.count
      if (this.#dirty.length >= this.#dirtyMax) this.#flush()
    }
  }

  /**
   * The set-up changed: contacts stay as they are folded, what is counted of them is counted again. New aliases need a new
   * fold: see `adopt`.
   */
  useSettings(settings: SettingsView): void {
    this.#flush()
    this.#settings = settings
    this.#queues = new Map()
    this.#revision += 1
    for (const record of this.#contacts.values()) {
      for (const visit of record.fold?.visits ?? []) this.#tally(visit.queueId).add(visit)
    }
  }

  /** Becomes what the other state is, which nobody uses afterwards: whoever holds this one sees the figures change at once. */
  adopt(other: LiveState): void {
    this.#settings = other.#settings
    this.#interner = other.#interner
    this.#rows = other.#rows
    this.#aliases = other.#aliases
    this.#contacts = other.#contacts
    this.#agents = other.#agents
    this.#sources = other.#sources
    this.#resets = other.#resets
    this.#marks = other.#marks
    this.#ahead = other.#ahead
    this.#dirty = other.#dirty
    this.#queues = other.#queues
    this.#quality = other.#quality
    this.#countsCache = null
    this.#revision += 1
  }

  /** Tells how far a source has come, where its newest events are not applied here (a report over a window). */
  noteSourceEnd(source: string, newestMs: number): void {
    const record = this.#source(source)
    record.newestMs = Math.max(record.newestMs, newestMs)
  }

  queueNow(queueId: string, nowMs: number): QueueNow {
    this.#flush()
    const { waiting, talking, rules } = this.#openIn(queueId, nowMs)
    let longestWaitingSinceMs: number | null = null
    let waitingPastThreshold = 0
    for (const { contactId, queuedAtMs } of waiting) {
      const sinceMs = this.#ahead.shownMs(contactId, queuedAtMs, nowMs)
      if (longestWaitingSinceMs === null || sinceMs < longestWaitingSinceMs) longestWaitingSinceMs = sinceMs
      if (nowMs - sinceMs > rules.answerThresholdSeconds * 1000) waitingPastThreshold += 1
    }
    const agents = this.#agentCounts(nowMs).byQueue.get(queueId) ?? emptyAgentCounts()
    return { queueId, waiting: waiting.size, waitingPastThreshold, longestWaitingSinceMs, talking, agents }
  }

  /** All agents of the site, each counted once. */
  siteAgents(nowMs: number): AgentCounts {
    this.#flush()
    return this.#agentCounts(nowMs).site
  }

  agentsNow(nowMs: number): AgentLine[] {
    this.#flush()
    const today = siteDayOf(this.#settings.siteZone, nowMs)
    return [...this.#agents.values()]
      .map((record) => ({
        ...this.#seenNow(agentNow(record.agentId, timelineOf(record), record.work, nowMs), nowMs),
        contactsToday: this.#contactsOn(record, today),
        ringNoAnswerStreak: record.work.ringNoAnswerStreak(),
      }))
      .sort((a, b) => (a.agentId < b.agentId ? -1 : 1))
  }

  dayTotals(queueId: string, day: string): Totals {
    this.#flush()
    return this.#queues.get(queueId)?.dayTotals(day) ?? emptyTotals()
  }

  /** Intervals of the day that have contacts, of the queue's own length. */
  dayIntervals(queueId: string, day: string): readonly IntervalTotals[] {
    this.#flush()
    return this.#queues.get(queueId)?.intervals(day) ?? []
  }

  /** The last 30 minutes, sliding, by arrival. */
  slidingTotals(queueId: string, nowMs: number, windowMs = SLIDING_WINDOW_MS): Totals {
    this.#flush()
    return this.#queues.get(queueId)?.slidingTotals(nowMs, windowMs) ?? emptyTotals()
  }

  dayReport(date: string, options: Omit<DayReportOptions, 'date'> = {}): DayReport {
    return buildDayReport(this, this.#settings, { ...options, date })
  }

  visits(queueId: string, fromMs: number, toMs: number): readonly Visit[] {
    this.#flush()
    return this.#queues.get(queueId)?.visits(fromMs, toMs) ?? []
  }

  /** Visits of one contact, in order. */
  contactVisits(contactId: string): readonly Visit[] {
    this.#flush()
    return this.#contacts.get(this.#aliases.rootOf(contactId))?.fold?.visits ?? []
  }

  /** Every id that the contact has in its sources, where they told that they mean one. */
  contactIds(contactId: string): readonly string[] {
    return this.#aliases.idsOf(this.#aliases.rootOf(contactId))
  }

  seenQueueIds(): readonly string[] {
    this.#flush()
    const ids = new Set<string>()
    for (const tally of this.#queues.values()) if (!tally.empty) ids.add(tally.queueId)
    for (const record of this.#agents.values()) {
      for (const { queueId } of timelineOf(record).memberships) ids.add(queueId)
    }
    return [...ids]
  }

  *agentTimelines(): Generator<readonly [string, AgentTimeline]> {
    for (const record of this.#agents.values()) yield [record.agentId, timelineOf(record)]
  }

  agentIds(): readonly string[] {
    this.#flush()
    return [...this.#agents.keys()]
  }

  /** What the agent's day is made of; null for one of whom nothing was heard. */
  agentRecord(agentId: string): { readonly timeline: AgentTimeline; readonly work: AgentWork } | null {
    this.#flush()
    const record = this.#agents.get(agentId)
    return record === undefined ? null : { timeline: timelineOf(record), work: record.work }
  }

  sourceEndMs(source: string): number {
    return this.#sources.get(source)?.newestMs ?? Number.NEGATIVE_INFINITY
  }

  /** Newest event time of every source. */
  newestBySource(): ReadonlyMap<string, number> {
    return new Map([...this.#sources].map(([source, { newestMs }]) => [source, newestMs]))
  }

  /** How far every source has told of everything, and how late its newest event was. */
  sourceProgress(nowMs: number): readonly SourceProgress[] {
    return [...this.#sources].map(([source, { newestMs, delayMs }]) => {
      const gapSinceMs = this.#marks.gapSinceMs(source, { nowMs }) ?? Number.POSITIVE_INFINITY
      return { newestMs: Math.min(newestMs, gapSinceMs), delayMs }
    })
  }

  /** Since when the source has a hole that nothing has filled; null for none. */
  gapSinceMs(source: string, question: GapQuestion): number | null {
    return this.#marks.gapSinceMs(source, question)
  }

  /** Sources that told of contacts of the queue since the instant. */
  sourcesOf(queueId: string, fromMs: number): readonly string[] {
    return this.#marks.sourcesOf(queueId, fromMs)
  }

  /** Intervals that changed since they were settled, of all queues. */
  *unsettledIntervals(): Generator<FoldedInterval> {
    this.#flush()
    for (const tally of this.#queues.values()) yield* tally.unsettled()
  }

  /** The interval as it is now has been looked at: it comes again only when it changes. */
  settle({ queueId, startMs }: IntervalKey): void {
    this.#queues.get(queueId)?.settle(startMs)
  }

  quality(): StateQuality {
    this.#flush()
    return { ...this.#quality }
  }

  /** The same for one queue: quick enough to ask at every tick of a board. */
  hasOpenIn(queueId: string, fromMs: number, toMs: number): boolean {
    this.#flush()
    return this.#queues.get(queueId)?.hasOpen(fromMs, toMs) ?? false
  }

  /** Whether any contact that arrived in the span still has an end to come. */
  hasOpenVisits(fromMs: number, toMs: number): boolean {
    this.#flush()
    for (const { fold } of this.#contacts.values()) {
      for (const visit of fold?.visits ?? []) {
        if (!visit.closed && visit.queuedAtMs >= fromMs && visit.queuedAtMs < toMs) return true
      }
    }
    return false
  }

  /** Drops contacts that ended before the instant and agent events that no longer matter after it. */
  forgetBefore(beforeMs: number): void {
    this.#flush()
    for (const record of this.#contacts.values()) {
      const open = record.fold?.visits.some((visit) => !visit.closed) ?? false
      if (record.lastMs >= (open ? beforeMs - OPEN_KEPT_MS : beforeMs)) continue
      this.#withdraw(record)
      this.#rows.free(record.firstRow)
      this.#contacts.delete(record.contactId)
    }
    for (const record of this.#agents.values()) {
      Object.assign(record, forgetAgentBefore(record.events, record.base, beforeMs))
      record.timeline = null
    }
    this.#aliases.keepOnly((root) => this.#contacts.has(root))
    this.#resets.forgetBefore(beforeMs - OPEN_KEPT_MS)
    this.#marks.forgetBefore(beforeMs)
    for (const [queueId, tally] of this.#queues) if (tally.empty) this.#queues.delete(queueId)
    this.#revision += 1
  }

  #source(source: string): SourceRecord {
    let record = this.#sources.get(source)
    if (record === undefined) {
      const never = Number.NEGATIVE_INFINITY
      record = { newestMs: never, delayMs: 0, lastSequence: '', lastTimedMs: never }
      this.#sources.set(source, record)
    }
    return record
  }

  #toFoldEvent(event: LedgerEvent): FoldEvent {
    return toFoldEvent(event, this.#interner, this.#settings)
  }

  #noteAhead(event: LedgerEvent): void {
    const { contactId } = event.data
    if (contactId !== undefined) this.#ahead.note(event, [this.#aliases.rootOf(contactId)])
  }

  /** A state is never shown as one that is still to begin. */
  #seenNow(now: AgentNow, nowMs: number): AgentNow {
    const { sinceMs } = now
    return sinceMs === null || sinceMs <= nowMs ? now : { ...now, sinceMs: nowMs }
  }

  #noteSource(event: LedgerEvent): void {
    this.#marks.note(event)
    const { type, source, occurredAtMs, sequence } = event
    // What is said of a source is no word of its own: it makes nothing look fresh.
    if (type === 'cc.source.gap.v1') return
    const { queueId } = event.data
    if (type === 'cc.contact.queued.v1' && queueId !== undefined)
      this.#marks.noteQueue(this.#settings.queueOf(queueId), source, occurredAtMs)
    const record = this.#source(source)
    noteNewest(record, occurredAtMs, event.receivedAtMs - occurredAtMs)
    if (sequence === undefined) record.lastTimedMs = Math.max(record.lastTimedMs, occurredAtMs)
    else if (sequence > record.lastSequence) record.lastSequence = sequence
  }

  /** What `#noteSource` keeps of one event, of many. */
  #noteSources({ source, queues, lastReceivedMs, ...notes }: SourceNotes): void {
    this.#marks.noteHeard(source, lastReceivedMs)
    for (const [queueId, newestMs] of queues)
      this.#marks.noteQueue(this.#settings.queueOf(queueId), source, newestMs)
    const record = this.#source(source)
    noteNewest(record, notes.newestMs, notes.delayMs)
    if (notes.lastTimedMs > record.lastTimedMs) record.lastTimedMs = notes.lastTimedMs
    if (notes.lastSequence > record.lastSequence) record.lastSequence = notes.lastSequence
  }

  #applyToContact(contactId: string, event: LedgerEvent): void {
    const { data, occurredAtMs } = event
    const { queueId, agentId } = data
    const row = this.#rows.add({
      type: event.type,
      source: event.source,
      id: event.id,
      occurredAtMs,
      sequence: event.sequence,
      queueId: queueId === undefined ? undefined : this.#settings.queueOf(queueId),
      agentId: agentId === undefined ? undefined : this.#settings.agentOf(agentId),
      detail: toDetail(data, this.#interner),
    })
    this.#chain({ contactId, firstRow: row, lastRow: row, eventCount: 1, lastMs: occurredAtMs })
    if (this.#dirty.length >= this.#dirtyMax) this.#flush()
  }

  /** Puts a row behind those that the contact has. */
  #chainRow(contact: ContactRecord | string, row: number, atMs: number): ContactRecord {
    const record = typeof contact === 'string' ? this.#contacts.get(contact) : contact
    if (record === undefined) {
      const contactId = contact as string
      const fresh = {
        contactId,
        firstRow: row,
        lastRow: row,
        eventCount: 1,
        fold: null,
        dirty: false,
        lastMs: atMs,
      }
      this.#contacts.set(contactId, fresh)
      this.#markDirty(fresh)
      return fresh
    }
    this.#rows.link(record.lastRow, row)
    record.lastRow = row
    record.eventCount += 1
    if (atMs > record.lastMs) record.lastMs = atMs
    this.#markDirty(record)
    return record
  }

  /** Puts rows behind those that the contact has. */
  #chain({ contactId, firstRow, lastRow, eventCount, lastMs }: Omit<ContactRecord, 'fold' | 'dirty'>): void {
    let record = this.#contacts.get(contactId)
    if (record === undefined) {
      record = { contactId, firstRow, lastRow, eventCount, fold: null, dirty: false, lastMs }
      this.#contacts.set(contactId, record)
    } else {
      this.#rows.link(record.lastRow, firstRow)
      record.lastRow = lastRow
      record.eventCount += eventCount
      if (lastMs > record.lastMs) record.lastMs = lastMs
    }
    this.#markDirty(record)
  }

  /** These ids are one contact: what came under any of them is folded together. */
  #merge(contactIds: readonly string[]): void {
    const { root, absorbed } = this.#aliases.join(contactIds)
    for (const id of absorbed) {
      const record = this.#contacts.get(id)
      if (record === undefined) continue
      this.#withdraw(record)
      record.dirty = false
      this.#contacts.delete(id)
      this.#chain({ ...record, contactId: root })
    }
    const kept = this.#contacts.get(root)
    // A snapshot may list the contact under its other id.
    if (absorbed.length > 0 && kept !== undefined) this.#markDirty(kept)
  }

  #applyToAgent(agentId: string, event: FoldEvent): void {
    const record = this.#agent(agentId)
    record.events.push(event)
    record.timeline = null
  }

  #applyReset(event: LedgerEvent, folded: FoldEvent): void {
    const listed = event.type === 'cc.source.snapshot.v1' ? event.data.openContactIds : undefined
    // A snapshot that lists nothing at all says nothing about contacts; an empty list says that none is open.
    if (event.type === 'cc.source.snapshot.v1' && listed === undefined) return
    const openContactIds = listed === undefined ? null : new Set(listed)
    if (!this.#resets.add({ event: folded, openContactIds })) return
    const late = this.#isLate(folded)
    for (const record of this.#contacts.values()) {
      if (record.dirty) continue
      if (late || record.fold?.visits.some((visit) => !visit.closed) === true) this.#markDirty(record)
    }
  }

  /** Whether events of the source are known that come after it: then closed contacts may change too. */
  #isLate(event: FoldEvent): boolean {
    const { lastSequence, lastTimedMs } = this.#source(event.source)
    return (event.sequence !== undefined && event.sequence < lastSequence) || event.occurredAtMs < lastTimedMs
  }

  #markDirty(record: ContactRecord): void {
    if (record.dirty) return
    record.dirty = true
    this.#dirty.push(record)
  }

  #flush(): void {
    if (this.#dirty.length === 0) return
    for (const record of this.#dirty) {
      if (!record.dirty) continue
      this.#withdraw(record)
      const events = orderEvents(this.#rows.chain(record.firstRow, record.eventCount))
      record.fold = foldContact(record.contactId, events, this.#resets, this.#aliases.idsOf(record.contactId))
      this.#contribute(record.fold)
      record.dirty = false
    }
    this.#dirty = []
  }

  #contribute(fold: ContactFold): void {
    this.#quality.orphanEvents += fold.orphanEvents
    this.#quality.negativeDurations += fold.negativeDurations
    this.#quality.differingDurations += fold.differingDurations
    for (const visit of fold.visits) {
      this.#tally(visit.queueId).add(visit)
      for (const handling of visit.handlings) {
        if (handling.agentId !== undefined) this.#agent(handling.agentId).work.addHandling(handling, visit)
      }
      for (const { agentId, sinceMs } of visit.ringing ?? []) {
        this.#agent(agentId).work.ringing.set(visit, sinceMs)
      }
      if (visit.rung !== null)
        for (const rung of visit.rung) this.#agent(rung.agentId).work.rung.set(rung, visit)
    }
  }

  #withdraw({ fold }: ContactRecord): void {
    if (fold === null) return
    this.#quality.orphanEvents -= fold.orphanEvents
    this.#quality.negativeDurations -= fold.negativeDurations
    this.#quality.differingDurations -= fold.differingDurations
    for (const visit of fold.visits) {
      this.#tally(visit.queueId).remove(visit)
      for (const handling of visit.handlings) {
        if (handling.agentId !== undefined) this.#agent(handling.agentId).work.removeHandling(handling)
      }
      for (const { agentId } of visit.ringing ?? []) this.#agent(agentId).work.ringing.delete(visit)
      if (visit.rung !== null) for (const rung of visit.rung) this.#agent(rung.agentId).work.rung.delete(rung)
    }
  }

  #tally(queueId: string): QueueTally {
    let tally = this.#queues.get(queueId)
    if (tally === undefined) {
      tally = new QueueTally(queueId, this.#settings)
      this.#queues.set(queueId, tally)
    }
    return tally
  }

  #agent(agentId: string): AgentRecord {
    let record = this.#agents.get(agentId)
    if (record === undefined) {
      record = { agentId, base: null, events: [], timeline: null, work: new AgentWork() }
      this.#agents.set(agentId, record)
    }
    return record
  }

  #openIn(queueId: string, nowMs: number) {
    const tally = this.#queues.get(queueId) ?? new QueueTally(queueId, this.#settings)
    return { waiting: tally.waiting, talking: tally.talking.size, rules: tally.rulesAt(nowMs) }
  }

  #contactsOn(record: AgentRecord, day: string): number {
    let count = 0
    for (const { queuedAtMs } of record.work.answered.values()) {
      if (siteDayOf(this.#settings.siteZone, queuedAtMs) === day) count += 1
    }
    return count
  }

  #countsCache: { revision: number; nowMs: number; counts: CountedAgents } | null = null

  /** One pass over the agents serves every queue of a board tick. */
  #agentCounts(nowMs: number): CountedAgents {
    const cached = this.#countsCache
    if (cached !== null && cached.revision === this.#revision && cached.nowMs === nowMs) return cached.counts
    const counts: CountedAgents = { site: emptyAgentCounts(), byQueue: new Map() }
    for (const record of this.#agents.values()) {
      const timeline = timelineOf(record)
      const now = agentNow(record.agentId, timeline, record.work, nowMs)
      countAgent(counts.site, now.state)
      for (const queueId of now.memberQueueIds) {
        countAgent(countsOf(counts, queueId), stateForQueue(now, timeline, queueId))
      }
      // Whoever talks for a queue works for it, member or not.
      if (now.queueId !== null && !now.memberQueueIds.includes(now.queueId)) {
        countAgent(countsOf(counts, now.queueId), now.state)
      }
    }
    this.#countsCache = { revision: this.#revision, nowMs, counts }
    return counts
  }
}

/** Of several at one instant the latest to be received tells, in whatever order they are applied. */
function noteNewest(record: SourceRecord, occurredAtMs: number, delayMs: number): void {
  if (occurredAtMs > record.newestMs) {
    record.newestMs = occurredAtMs
    record.delayMs = delayMs
  } else if (occurredAtMs === record.newestMs && delayMs > record.delayMs) record.delayMs = delayMs
}

interface CountedAgents {
  readonly site: AgentCounts
  readonly byQueue: Map<string, AgentCounts>
}

function countsOf(counts: CountedAgents, queueId: string): AgentCounts {
  let found = counts.byQueue.get(queueId)
  if (found === undefined) {
    found = emptyAgentCounts()
    counts.byQueue.set(queueId, found)
  }
  return found
}

function emptyAgentCounts(): AgentCounts {
  return { available: 0, onContact: 0, reserved: 0, afterContactWork: 0, notReady: 0, staffed: 0 }
}

function countAgent(counts: AgentCounts, state: AgentNow['state']): void {
  if (state === 'ready') counts.available += 1
  else if (state === 'on-contact') counts.onContact += 1
  else if (state === 'reserved') counts.reserved += 1
  else if (state === 'after-contact-work') counts.afterContactWork += 1
  else if (state === 'not-ready') counts.notReady += 1
  else return
  if (state !== 'not-ready') counts.staffed += 1
}

function timelineOf(record: AgentRecord): AgentTimeline {
  record.timeline ??= foldAgent(record.events, record.base)
  return record.timeline
}
