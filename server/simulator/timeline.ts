/** The future of a discrete-event simulation: a binary heap by instant; equal instants keep the order they were scheduled in. */

interface Entry {
  readonly atMs: number
  readonly order: number
  readonly act: () => void
}

export class Timeline {
  nowMs = Number.NEGATIVE_INFINITY
  private readonly heap: Entry[] = []
  private scheduled = 0

  /** Instants are whole milliseconds, and never in the past. */
  schedule(atMs: number, act: () => void): void {
    const entry = { atMs: Math.max(Math.round(atMs), this.nowMs), order: this.scheduled++, act }
    this.heap.push(entry)
    this.rise(this.heap.length - 1, entry)
  }

  /** Acts on everything in order until nothing is left to happen. */
  run(): void {
    for (let entry = this.pop(); entry !== undefined; entry = this.pop()) {
      this.nowMs = entry.atMs
      entry.act()
    }
  }

  private pop(): Entry | undefined {
    const first = this.heap[0]
    const last = this.heap.pop()
    if (first !== undefined && last !== undefined && this.heap.length > 0) this.sink(last)
    return first
  }

  private rise(from: number, entry: Entry): void {
    let index = from
    while (index > 0) {
      const parentIndex = (index - 1) >> 1
      const parent = this.heap[parentIndex]
      if (parent === undefined || isBefore(parent, entry)) break
      this.heap[index] = parent
      index = parentIndex
    }
    this.heap[index] = entry
  }

  private sink(entry: Entry): void {
    let index = 0
    for (;;) {
      const left = this.heap[2 * index + 1]
      const right = this.heap[2 * index + 2]
      if (left === undefined) break
      const takesRight = right !== undefined && isBefore(right, left)
      const child = takesRight ? right : left
      if (isBefore(entry, child)) break
      this.heap[index] = child
      index = 2 * index + (takesRight ? 2 : 1)
    }
    this.heap[index] = entry
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
}
