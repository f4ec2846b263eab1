/**
 * What waits for a commit, by sender: one that floods is turned away at its own bound and takes turns with the others, so
 * that nobody waits for more than one round of commits because of somebody else.
 */

/** Events of one sender that wait: some seconds of work; beyond it the sender is told to come again. */
export const PENDING_PER_SENDER_MAX = 20_000
/** Events that wait in all. A sender of whom nothing waits is let in beyond it, for the flood is not its own. */
export const PENDING_MAX = 50_000
/** And never more than this, however many senders there are. */
const PENDING_EVER_MAX = 200_000

export type Admission = 'admitted' | 'flood' | 'busy'

export class FairQueue<T> {
  readonly #sizeOf: (item: T) => number
  /** In the order of their turns. */
  readonly #waiting = new Map<string, T[]>()
  /** Of items that wait or are being written. */
  readonly #pending = new Map<string, number>()
  #total = 0

  constructor(sizeOf: (item: T) => number) {
    this.#sizeOf = sizeOf
  }

  /** Events that wait or are being written. */
  get total(): number {
    return this.#total
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0
  }

  /** An item of whatever size is let in when nothing of its sender waits: it would never fit otherwise. */
  admission(sender: string, size: number): Admission {
    const own = this.#pending.get(sender) ?? 0
    if (own > 0 && own + size > PENDING_PER_SENDER_MAX) return 'flood'
    if (this.#total > 0 && this.#total + size > (own === 0 ? PENDING_EVER_MAX : PENDING_MAX)) return 'busy'
    return 'admitted'
  }

  push(sender: string, item: T): void {
    const size = this.#sizeOf(item)
    this.#total += size
    this.#pending.set(sender, (this.#pending.get(sender) ?? 0) + size)
    const list = this.#waiting.get(sender)
    if (list === undefined) this.#waiting.set(sender, [item])
    else list.push(item)
  }

  /** Items of one commit, each sender in its turn; at least one, however large. */
  take(sizeMax: number): { readonly sender: string; readonly item: T }[] {
    const group: { readonly sender: string; readonly item: T }[] = []
    let size = 0
    while (this.#waiting.size > 0) {
      const [turn] = this.#waiting
      if (turn === undefined) break
      const [sender, list] = turn
      const [item] = list
      if (item === undefined || (group.length > 0 && size + this.#sizeOf(item) > sizeMax)) break
      list.shift()
      size += this.#sizeOf(item)
      group.push({ sender, item })
      // The next turn is somebody else's.
      this.#waiting.delete(sender)
      if (list.length > 0) this.#waiting.set(sender, list)
    }
    return group
  }

  /** An item was written, or refused. */
  done(sender: string, item: T): void {
    const size = this.#sizeOf(item)
    this.#total -= size
    const left = (this.#pending.get(sender) ?? 0) - size
    if (left > 0) this.#pending.set(sender, left)
    else this.#pending.delete(sender)
  }
}
