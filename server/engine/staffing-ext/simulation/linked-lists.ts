/** Several first-in first-out lists over one set of numbered members; any member leaves in O(1). */

const NONE = -1

export class LinkedLists {
  readonly lengths: Int32Array
  private readonly heads: Int32Array
  private readonly tails: Int32Array
  private next: Int32Array
  private previous: Int32Array

  constructor(lists: number, members: number) {
    this.lengths = new Int32Array(lists)
    this.heads = new Int32Array(lists).fill(NONE)
    this.tails = new Int32Array(lists).fill(NONE)
    this.next = new Int32Array(members)
    this.previous = new Int32Array(members)
  }

  /** First member, or -1. */
  head(list: number): number {
    return this.heads[list] as number
  }

  /** Last member, or -1. */
  tail(list: number): number {
    return this.tails[list] as number
  }

  append(list: number, member: number): void {
    const tail = this.tails[list] as number
    this.next[member] = NONE
    this.previous[member] = tail
    if (tail === NONE) this.heads[list] = member
    else this.next[tail] = member
    this.tails[list] = member
    this.lengths[list] = (this.lengths[list] as number) + 1
  }

  prepend(list: number, member: number): void {
    const head = this.heads[list] as number
    this.next[member] = head
    this.previous[member] = NONE
    if (head === NONE) this.tails[list] = member
    else this.previous[head] = member
    this.heads[list] = member
    this.lengths[list] = (this.lengths[list] as number) + 1
  }

  remove(list: number, member: number): void {
    const before = this.previous[member] as number
    const after = this.next[member] as number
    if (before === NONE) this.heads[list] = after
    else this.next[before] = after
    if (after === NONE) this.tails[list] = before
    else this.previous[after] = before
    this.lengths[list] = (this.lengths[list] as number) - 1
  }

  growTo(members: number): void {
    const next = new Int32Array(members)
    next.set(this.next)
    this.next = next
    const previous = new Int32Array(members)
    previous.set(this.previous)
    this.previous = previous
  }
}
