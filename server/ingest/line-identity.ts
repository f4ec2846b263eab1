/** Ids for rows that have none: the hash of the row and its ordinal among equal rows of the same second. Stable over re-reading, rotation and copies; byte offsets are not. */
import { hash } from 'node:crypto'

/** Rows are written nearly in time order: equal rows of one second lie within this of each other. */
const KEPT_SECONDS = 5
/** Distinct repeated rows remembered at most; a flood of one second stays bounded. */
const KEPT_ROWS_MAX = 200_000

export class LineIdentity {
  /** Second by second, the rows seen and how often. */
  readonly #bySecond = new Map<number, Map<string, number>>()
  #rows = 0

  idOf(text: string, occurredAtMs: number): string {
    const digest = hash('sha256', text, 'hex').slice(0, 32)
    const second = Math.floor(occurredAtMs / 1000)
    let seen = this.#bySecond.get(second)
    if (seen === undefined) {
      this.#forget(second)
      seen = new Map()
      this.#bySecond.set(second, seen)
    }
    const ordinal = seen.get(digest) ?? 0
    seen.set(digest, ordinal + 1)
    this.#rows += 1
    return `${digest}-${ordinal}`
  }

  #forget(second: number): void {
    for (const [kept, rows] of this.#bySecond) {
      if (Math.abs(kept - second) <= KEPT_SECONDS && this.#rows < KEPT_ROWS_MAX) continue
      this.#bySecond.delete(kept)
      this.#rows -= rows.size
    }
  }
}
