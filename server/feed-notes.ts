/** What feeds could not use: collected, and written to the ledger now and then, so that a flood costs a query and not a flood of them. */
import { excerptOf } from './ingest/excerpt.ts'
import { wellFormed } from './ingest/validate.ts'
import type { DeadLetter, LedgerStore } from './ledger/ledger.ts'

const LETTERS_WAITING_MAX = 1_000
const VERBS_WAITING_MAX = 1_000
/** Anybody may send a wrong signature: one line a minute and source tells enough, and pushes nothing else out of the list. */
const REFUSALS_TOLD_MS = 60_000

interface Refusals {
  sinceStart: number
  untold: number
  toldAtMs: number
}

export interface FeedNotesOptions {
  readonly ledger: Pick<LedgerStore, 'recordDeadLetters' | 'recordUnknownVerbs'>
  readonly nowMs: () => number
  /** Runs evenly, whatever the site's clock does. */
  readonly realNowMs: () => number
  readonly onError: (message: string, error: unknown) => void
}

export class FeedNotes {
  readonly #options: FeedNotesOptions
  readonly #refusals = new Map<string, Refusals>()
  #letters: DeadLetter[] = []
  #verbs = new Map<string, Map<string, number>>()
  #writing: Promise<void> = Promise.resolve()

  constructor(options: FeedNotesOptions) {
    this.#options = options
  }

  unknownVerb(source: string, named: string): void {
    const verb = wellFormed(named)
    const counts = this.#verbs.get(source) ?? new Map<string, number>()
    this.#verbs.set(source, counts)
    if (counts.has(verb) || counts.size < VERBS_WAITING_MAX) counts.set(verb, (counts.get(verb) ?? 0) + 1)
  }

  rejected(source: string, letter: Pick<DeadLetter, 'place' | 'reason' | 'excerpt'>): void {
    if (this.#letters.length >= LETTERS_WAITING_MAX) return
    const excerpt = excerptOf(letter.excerpt)
    this.#letters.push({ ...letter, excerpt, source, receivedAtMs: this.#options.nowMs() })
  }

  refused(source: string): void {
    const known = this.#refusals.get(source) ?? {
      sinceStart: 0,
      untold: 0,
      toldAtMs: Number.NEGATIVE_INFINITY,
    }
    known.sinceStart += 1
    known.untold += 1
    this.#refusals.set(source, known)
  }

  refusedCount(source: string): number {
    return this.#refusals.get(source)?.sinceStart ?? 0
  }

  /** Resolves when what was noted before is written, or could not be. */
  async flush(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write())
    await this.#writing
  }

  async #write(): Promise<void> {
    this.#tellRefusals()
    const letters = this.#letters
    const verbs = this.#verbs
    this.#letters = []
    this.#verbs = new Map()
    try {
      if (letters.length > 0) await this.#options.ledger.recordDeadLetters(letters)
      for (const [source, counts] of verbs)
        await this.#options.ledger.recordUnknownVerbs(source, Object.fromEntries(counts))
    } catch (error) {
      this.#options.onError('what a feed could not use could not be recorded', error)
    }
  }

  #tellRefusals(): void {
    const nowMs = this.#options.realNowMs()
    for (const [source, refusals] of this.#refusals) {
      if (refusals.untold === 0 || nowMs - refusals.toldAtMs < REFUSALS_TOLD_MS) continue
      const reason = `requests refused for their signature: ${refusals.untold}`
      this.rejected(source, { place: 'signature', reason, excerpt: '' })
      refusals.untold = 0
      refusals.toldAtMs = nowMs
    }
  }
}
