/**
 * Days of the ledger held in memory, folded up to any instant: forward by applying what came since, backward by folding
 * again. One fold at a time, in small steps, so that the live board never waits for somebody who looks back.
 */
import { isAgentEvent, type LedgerEvent } from '../domain/event.ts'
import { dayBounds, type SiteDay, siteDayOf } from '../domain/site-calendar.ts'
import type { LedgerStore } from '../ledger/ledger.ts'
import { LiveState } from '../state/live-state.ts'
import type { SettingsView } from '../state/settings-view.ts'
import { neededFrom } from './agent-past.ts'

export type MomentLedger = Pick<
  LedgerStore,
  'readContactEvents' | 'readAgentEvents' | 'readAfter' | 'lastIngestSeq'
>

export interface MomentDaysOptions {
  readonly ledger: MomentLedger
  /** A view that does not change; a new one when the set-up did. */
  readonly settings: () => SettingsView
}

export interface FoldedMoment {
  readonly state: LiveState
  /** Events of the site's day until the instant. */
  readonly eventCount: number
}

interface HeldDay {
  readonly day: SiteDay
  readonly startMs: number
  readonly endMs: number
  /** By occurredAt; those before the day's start too, as far as the day needs them. */
  events: LedgerEvent[]
  seq: number
  settings: SettingsView
  state: LiveState
  /** Events applied to `state`, and the instant up to which. */
  applied: number
  atMs: number
}

export class MomentsBusy extends Error {}

/** Days held: today, and the one or two that somebody compares it with. */
const DAYS_MAX = 3
/** Who waits longer than so many others is told to come again. */
const WAITING_MAX = 16
/** Events between two breaths: some ten milliseconds. */
const EVENTS_PER_STEP = 2_000
const TAIL_EVENTS = 5_000
/** Further behind than this, a day is read again rather than brought up to date. */
const TAIL_EVENTS_MAX = 100_000
/** A contact that was open so long before the day began is not of the day. */
const BEFORE_MS = 36 * 3_600_000

export class MomentDays {
  readonly #options: MomentDaysOptions
  #days: HeldDay[] = []
  #last: Promise<unknown> = Promise.resolve()
  #waiting = 0

  constructor(options: MomentDaysOptions) {
    this.#options = options
  }

  /** `use` gets the state at the instant; it must not keep it. */
  async at<T>(atMs: number, use: (moment: FoldedMoment) => Promise<T> | T): Promise<T> {
    if (this.#waiting >= WAITING_MAX) throw new MomentsBusy('too many moments are being folded')
    this.#waiting += 1
    const mine = this.#last.then(async () => use(await this.#fold(atMs)))
    this.#last = mine.catch(() => undefined)
    try {
      return await mine
    } finally {
      this.#waiting -= 1
    }
  }

  async #fold(atMs: number): Promise<FoldedMoment> {
    const settings = this.#options.settings()
    const held = await this.#held(siteDayOf(settings.siteZone, atMs), settings)
    if (atMs < held.atMs || held.settings !== settings) {
      held.settings = settings
      held.state = new LiveState(settings)
      held.applied = 0
    }
    const end = firstAfter(held.events, atMs)
    while (held.applied < end) {
      const next = Math.min(end, held.applied + EVENTS_PER_STEP)
      held.state.applyAll(held.events.slice(held.applied, next))
      // Folding waits for a reader: read, so that a step is a step.
      held.state.seenQueueIds()
      held.applied = next
      await breathe()
    }
    held.atMs = atMs
    return { state: held.state, eventCount: end - firstAfter(held.events, held.startMs - 1) }
  }

  async #held(day: SiteDay, settings: SettingsView): Promise<HeldDay> {
    const known = this.#days.find((one) => one.day === day)
    // Under new aliases other events of the agents before the day matter.
    const usable = known?.settings.aliasKey === settings.aliasKey ? known : undefined
    const held =
      usable !== undefined && (await this.#catchUp(usable)) ? usable : await this.#load(day, settings)
    this.#days = [held, ...this.#days.filter((one) => one.day !== day)].slice(0, DAYS_MAX)
    return held
  }

  async #load(day: SiteDay, settings: SettingsView): Promise<HeldDay> {
    const { ledger } = this.#options
    const { startMs, endMs } = dayBounds(settings.siteZone, day)
    const before = await this.#newestBefore(day, settings)
    const seq = before?.seq ?? (await ledger.lastIngestSeq())
    const take = async (pages: AsyncIterable<readonly LedgerEvent[]>) => {
      const events: LedgerEvent[] = []
      for await (const page of pages) {
        for (const event of page) if (event.ingestSeq <= seq) events.push(event)
        await breathe()
      }
      return events
    }
    // What an earlier day needed of the agents' past, and that day itself, is all that a later one can need of it.
    const known = before?.events.filter(({ type }) => isAgentEvent(type)) ?? []
    const since = await take(ledger.readAgentEvents(endMs, before?.endMs))
    const agents = neededFrom(startMs, [...known, ...since], settings.agentOf)
    const contacts = await take(ledger.readContactEvents(startMs - BEFORE_MS, endMs))
    const events = [...agents, ...contacts].sort(byTime)
    const state = new LiveState(settings)
    return { day, startMs, endMs, events, seq, settings, state, applied: 0, atMs: Number.NEGATIVE_INFINITY }
  }

  /** The held day nearest before the given one, with all that the ledger has got since. */
  async #newestBefore(day: SiteDay, settings: SettingsView): Promise<HeldDay | undefined> {
    const [nearest] = this.#days
      .filter((one) => one.day < day && one.settings.aliasKey === settings.aliasKey)
      .sort((a, b) => (a.day < b.day ? 1 : -1))
    return nearest !== undefined && (await this.#catchUp(nearest)) ? nearest : undefined
  }

  /** Late events too: what the ledger has got since. False when reading the day again is quicker. */
  async #catchUp(held: HeldDay): Promise<boolean> {
    const { ledger } = this.#options
    if ((await ledger.lastIngestSeq()) - held.seq > TAIL_EVENTS_MAX) return false
    for (;;) {
      const tail = await ledger.readAfter(held.seq, TAIL_EVENTS)
      const last = tail.at(-1)
      if (last === undefined) return true
      held.seq = last.ingestSeq
      const fresh = tail.filter((event) => isOfDay(event, held))
      if (fresh.length > 0) {
        held.events = [...held.events, ...fresh].sort(byTime)
        // Somebody told late of what came before the instant that is folded: fold again.
        if (fresh.some(({ occurredAtMs }) => occurredAtMs <= held.atMs)) {
          held.state = new LiveState(held.settings)
          held.applied = 0
          held.atMs = Number.NEGATIVE_INFINITY
        }
      }
      if (tail.length < TAIL_EVENTS) return true
    }
  }
}

function isOfDay({ occurredAtMs, type }: LedgerEvent, { startMs, endMs }: HeldDay): boolean {
  return occurredAtMs < endMs && (isAgentEvent(type) || occurredAtMs >= startMs - BEFORE_MS)
}

function byTime(a: LedgerEvent, b: LedgerEvent): number {
  return a.occurredAtMs - b.occurredAtMs || a.ingestSeq - b.ingestSeq
}

/** Index of the first event after the instant. */
function firstAfter(events: readonly LedgerEvent[], atMs: number): number {
  let low = 0
  let high = events.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((events[middle]?.occurredAtMs ?? Number.POSITIVE_INFINITY) <= atMs) low = middle + 1
    else high = middle
  }
  return low
}

function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
