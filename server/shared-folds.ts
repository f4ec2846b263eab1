/** Folds of past days that are under way: who asks for the same day of the same ledger meanwhile gets the same one. */
import type { LiveState } from './state/live-state.ts'

export interface SharedFoldsOptions {
  readonly lastIngestSeq: () => Promise<number>
  readonly load: (day: string) => Promise<LiveState>
}

interface FoldUnderWay {
  /** Where the ledger ended before the fold began: it holds all of that. */
  readonly endSeq: number
  readonly folded: Promise<LiveState>
}

/** A large day takes seconds and hundreds of megabytes: ten readers of it, or one and the day's close, cost one fold. */
export class SharedFolds {
  readonly #options: SharedFoldsOptions
  readonly #underWay = new Map<string, FoldUnderWay>()

  constructor(options: SharedFoldsOptions) {
    this.#options = options
  }

  /** With every event that was stored before the call. */
  async fold(day: string): Promise<LiveState> {
    const endSeq = await this.#options.lastIngestSeq()
    const known = this.#underWay.get(day)
    if (known !== undefined && known.endSeq >= endSeq) return known.folded
    const folded = this.#options.load(day).finally(() => {
      if (this.#underWay.get(day)?.folded === folded) this.#underWay.delete(day)
    })
    this.#underWay.set(day, { endSeq, folded })
    return folded
  }

  /** What is under way was begun by other settings: who asks from now on is given none of it. */
  forget(): void {
    this.#underWay.clear()
  }
}
