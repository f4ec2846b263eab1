/**
 * Events dated after their receipt: their source's clock is ahead. Stored times and figures keep the source's own time; what a
 * caller is seen to wait counts from the receipt, never from the future.
 */
import type { LedgerEvent } from '../domain/event.ts'

const AHEAD_MS = 2_000
/** Further ahead nothing is let in: such a receipt is none of a live feed. */
const AHEAD_MS_MAX = 24 * 3_600_000
/** A source far ahead dates all its events so: what is open now is among the newest. */
const EVENTS_MAX = 50_000

export class AheadEvents {
  readonly #receivedMs = new Map<string, number>()

  /** `subjects`: the contact and the agent that the event is about. */
  note({ occurredAtMs, receivedAtMs }: LedgerEvent, subjects: readonly (string | undefined)[]): void {
    const aheadMs = occurredAtMs - receivedAtMs
    if (aheadMs <= AHEAD_MS || aheadMs > AHEAD_MS_MAX) return
    for (const subject of subjects) {
      if (subject === undefined) continue
      const key = keyOf(subject, occurredAtMs)
      const known = this.#receivedMs.get(key)
      // Whichever came first, in whatever order they are read.
      if (known === undefined || receivedAtMs < known) this.#receivedMs.set(key, receivedAtMs)
      if (this.#receivedMs.size <= EVENTS_MAX) continue
      const [oldest] = this.#receivedMs.keys()
      if (oldest !== undefined) this.#receivedMs.delete(oldest)
    }
  }

  /** From when on to count for somebody who looks now. */
  shownMs(subject: string, occurredAtMs: number, nowMs: number): number {
    if (this.#receivedMs.size === 0) return Math.min(occurredAtMs, nowMs)
    return Math.min(this.#receivedMs.get(keyOf(subject, occurredAtMs)) ?? occurredAtMs, nowMs)
  }
}

const keyOf = (subject: string, occurredAtMs: number) => `${occurredAtMs} ${subject}`
