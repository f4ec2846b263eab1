/** The look-ahead of a past moment: by the same paths as the live board's, from what was counted and known then. */
import { LookAhead, type LookAheadOptions } from '../planning/look-ahead.ts'
import type { DayObserver } from '../planning/look-ahead-observation.ts'
import type { Today } from '../planning/today.ts'

export type LookAheadThenOptions = Pick<LookAheadOptions, 'settings' | 'lessons' | 'thread'>

export interface MomentKnown {
  readonly atMs: number
  readonly store: LookAheadOptions['store']
  /** Folded up to the instant, and not moved meanwhile. */
  readonly observer: DayObserver
}

/** The live board looks ahead when an interval ends: so long the paths of a moment serve those after it. */
const SERVES_MS = 15 * 60_000

export class LookAheadThen {
  readonly #options: LookAheadThenOptions
  /** From when the paths are that a book of the day has now. */
  readonly #fromMs = new WeakMap<Today, number>()

  constructor(options: LookAheadThenOptions) {
    this.#options = options
  }

  /** Gives the book the paths that hold at the moment. False: nothing could be said of any queue. */
  async lead(today: Today, { atMs, store, observer }: MomentKnown): Promise<boolean> {
    const known = this.#fromMs.get(today)
    // Paths from later would know what was still to come.
    if (known !== undefined && known <= atMs && slotOf(known) === slotOf(atMs)) return true
    const ahead = new LookAhead({
      ...this.#options,
      store: gently(store),
      observer,
      clock: { nowMs: () => atMs, speed: 1 },
      trainings: async () => [],
      help: false,
    })
    ahead.onPaths((queueId, day, rest) => today.usePaths(queueId, day, rest))
    const { queues } = await ahead.run()
    if (queues.length > 0) this.#fromMs.set(today, atMs)
    else this.#fromMs.delete(today)
    return queues.length > 0
  }

  close(): Promise<void> {
    return this.#options.thread.close()
  }
}

/** Of each queue some ten milliseconds are done here before its thread is asked: the loop runs in between. */
function gently(store: LookAheadOptions['store']): LookAheadOptions['store'] {
  return {
    publishedPlan: (queueId, day) => store.publishedPlan(queueId, day),
    async newestForecast(queueId, day) {
      await new Promise((resolve) => setImmediate(resolve))
      return store.newestForecast(queueId, day)
    },
  }
}

function slotOf(atMs: number): number {
  return Math.floor(atMs / SERVES_MS)
}
