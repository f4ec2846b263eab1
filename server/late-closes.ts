/**
 * Closes days again that late events have touched, and remembers how far it has looked: what a killed server had taken and
 * not yet looked at is looked at by the next one.
 */
import type { CloseCursor } from './contracts/close-cursor.ts'
import type { EventEnvelope } from './domain/event.ts'
import type { SiteDay } from './domain/site-calendar.ts'
import type { LedgerStore } from './ledger/ledger.ts'
import type { TouchedDays } from './touched-days.ts'

const PAGE_EVENTS = 5_000

export interface LateClosesOptions {
  readonly ledger: Pick<LedgerStore, 'lastIngestSeq' | 'readAfter' | 'keptFromMs'>
  readonly cursor: CloseCursor
  readonly touched: TouchedDays
  readonly closeAgain: (days: readonly SiteDay[]) => Promise<void>
}

export class LateCloses {
  readonly #options: LateClosesOptions
  /** The ledger's end at the last run: what was committed by then has been noted by now. */
  #seenSeq: number | null = null
  #written: number | null = null
  #running: Promise<void> | undefined

  constructor(options: LateClosesOptions) {
    this.#options = options
  }

  /** Before anything is accepted: notes what an earlier server left unlooked at. */
  async catchUp(): Promise<void> {
    const { ledger, cursor, touched } = this.#options
    const endSeq = await ledger.lastIngestSeq()
    const storedSeq = await cursor.read()
    let atSeq = storedSeq ?? endSeq
    if (storedSeq === null) await cursor.advance(endSeq)
    this.#written = atSeq
    while (atSeq < endSeq) {
      const events = await ledger.readAfter(atSeq, PAGE_EVENTS)
      const last = events.at(-1)
      if (last === undefined) break
      touched.note(events)
      atSeq = last.ingestSeq
    }
    this.#seenSeq = endSeq
  }

  note(events: readonly EventEnvelope[]): void {
    this.#options.touched.note(events)
  }

  /** Call now and then; a call while another one closes is the same one. */
  run(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #run(): Promise<void> {
    const { ledger, cursor, touched, closeAgain } = this.#options
    const doneSeq = this.#seenSeq
    const endSeq = await ledger.lastIngestSeq()
    touched.forgetBefore(await ledger.keptFromMs())
    const days = touched.take()
    try {
      await closeAgain(days)
    } catch (error) {
      touched.putBack(days)
      throw error
    }
    this.#seenSeq = endSeq
    if (doneSeq === null || doneSeq === this.#written) return
    await cursor.advance(doneSeq)
    this.#written = doneSeq
  }
}
