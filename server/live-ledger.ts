/** Keeps the live state equal to the ledger: rebuilt at start, then fed by what this process and others append. */

import { isAgentEvent, type LedgerEvent } from './domain/event.ts'
import { addDays, dayStartMs, siteDayOf } from './domain/site-calendar.ts'
import type { LedgerStore } from './ledger/ledger.ts'
import { LiveState } from './state/live-state.ts'
import type { SettingsView } from './state/settings-view.ts'

/** Today and yesterday, and so much more that they are whole in every time zone. */
const MARGIN_MS = 26 * 3_600_000
const END_OF_TIME_MS = Date.UTC(2200, 0, 1)
const FOLLOW_MS = 500
const FOLLOW_EVENTS_MAX = 5_000

export interface LiveLedgerOptions {
  readonly ledger: LedgerStore
  /** A view that never changes: the state is told when there is a new one. */
  readonly settings: SettingsView
  readonly siteZone: () => string
  readonly nowMs: () => number
  readonly onApplied: () => void
  readonly onError: (message: string, error: unknown) => void
}

export class LiveLedger {
  readonly state: LiveState
  /** Folded anew from the ledger while `state` still serves; gets every event that `state` gets. */
  #fresh: LiveState | undefined
  #aliasKey: string
  readonly #options: LiveLedgerOptions
  #cursor = 0
  #yesterday = ''
  #following: Promise<void> | undefined
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(options: LiveLedgerOptions) {
    this.#options = options
    this.state = new LiveState(options.settings)
    this.#aliasKey = options.settings.aliasKey
  }

  /** Folds today, yesterday and every agent event up to what is in the ledger now. */
  async rebuild(): Promise<void> {
    this.#yesterday = this.#yesterdayNow()
    this.#cursor = await this.#options.ledger.lastIngestSeq()
    await this.#foldInto(this.state, this.#cursor)
  }

  /**
   * The settings changed. New aliases say anew whom the stored events mean: everything is folded again from the ledger, and
   * until that is done the figures stay what they were.
   */
  async useSettings(settings: SettingsView): Promise<void> {
    this.state.useSettings(settings)
    this.#fresh?.useSettings(settings)
    if (settings.aliasKey === this.#aliasKey) return
    this.#aliasKey = settings.aliasKey
    const fresh = new LiveState(settings)
    this.#fresh = fresh
    await this.#foldInto(fresh, await this.#options.ledger.lastIngestSeq())
    // Still newer aliases came meanwhile: their fold takes over.
    if (this.#fresh !== fresh) return
    this.#fresh = undefined
    this.state.adopt(fresh)
    this.#options.onApplied()
  }

  async #foldInto(state: LiveState, upToSeq: number): Promise<void> {
    const { ledger } = this.#options
    const contactEvents = ledger.lendContactEvents(this.#windowStartMs(), END_OF_TIME_MS)
    for await (const page of ledger.lendAgentEvents(END_OF_TIME_MS)) state.applyAll(page, upToSeq)
    for await (const page of contactEvents) state.applyAll(page, upToSeq)
  }

  /** Events that this process has just appended, where no other process appends. */
  applyOwn(events: readonly LedgerEvent[]): void {
    const last = events.at(-1)
    if (last !== undefined && last.ingestSeq > this.#cursor) this.#cursor = last.ingestSeq
    this.#apply(events)
  }

  /**
   * Events that this process has just appended, where others append too: applied as they are when nothing was written
   * between the last applied one and them, else read back in the order of commits. Reading everything back would make the
   * database write out each event that this process has in its hands.
   */
  applyAppended(events: readonly LedgerEvent[]): void {
    if (events[0]?.ingestSeq === this.#cursor + 1) this.applyOwn(events)
    else void this.follow()
  }

  /** Reads what was appended since, by whomever. One reader at a time, in the order of commits. */
  follow(): Promise<void> {
    this.#following ??= this.#readTail()
      .catch((error: unknown) => this.#options.onError('the ledger could not be followed', error))
      .finally(() => {
        this.#following = undefined
      })
    return this.#following
  }

  startFollowing(): void {
    this.#timer = setInterval(() => void this.follow(), FOLLOW_MS)
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#following
  }

  /** The state where it holds the whole of that day. */
  holds(day: string): boolean {
    return day >= this.#yesterday
  }

  /** At a new day the one before yesterday is let go. Call now and then. */
  forgetOld(): void {
    const yesterday = this.#yesterdayNow()
    if (yesterday <= this.#yesterday) return
    this.#yesterday = yesterday
    this.state.forgetBefore(this.#windowStartMs())
  }

  #yesterdayNow(): string {
    const { siteZone, nowMs } = this.#options
    return addDays(siteDayOf(siteZone(), nowMs()), -1)
  }

  #windowStartMs(): number {
    return dayStartMs(this.#options.siteZone(), this.#yesterday) - MARGIN_MS
  }

  async #readTail(): Promise<void> {
    for (;;) {
      const events = await this.#options.ledger.readAfter(this.#cursor, FOLLOW_EVENTS_MAX)
      const last = events.at(-1)
      if (last === undefined) return
      // Own events may have been applied while these were read.
      const fresh = events.filter((event) => event.ingestSeq > this.#cursor)
      this.#cursor = Math.max(this.#cursor, last.ingestSeq)
      this.#apply(fresh)
      if (events.length < FOLLOW_EVENTS_MAX) return
    }
  }

  /** An import of last year's calls is no business of the live state; reports read it from the ledger. */
  #apply(events: readonly LedgerEvent[]): void {
    const fromMs = this.#windowStartMs()
    let applied = false
    for (const event of events) {
      if (event.occurredAtMs < fromMs && !isAgentEvent(event.type)) continue
      this.state.apply(event)
      this.#fresh?.apply(event)
      applied = true
    }
    if (applied) this.#options.onApplied()
  }
}
