/** Binary heap of timed events on typed arrays; equal times leave in the order they came. */

export class EventHeap {
  length = 0
  /** Of the event last taken out. */
  time = 0
  kind = 0
  subject = 0
  /** Tells an event that was overtaken (an answered caller's patience) from one that still counts. */
  serial = 0
  private times: Float64Array = new Float64Array(256)
  private orders: Float64Array = new Float64Array(256)
  private kinds: Uint8Array = new Uint8Array(256)
  private subjects: Int32Array = new Int32Array(256)
  private serials: Int32Array = new Int32Array(256)
  private pushed = 0

  push(time: number, kind: number, subject: number, serial: number): void {
    if (this.length === this.times.length) this.grow()
    const order = this.pushed++
    let hole = this.length++
    while (hole > 0) {
      const parent = (hole - 1) >> 1
      if (this.isBefore(parent, time, order)) break
      this.move(parent, hole)
      hole = parent
    }
    this.times[hole] = time
    this.orders[hole] = order
    this.kinds[hole] = kind
    this.subjects[hole] = subject
    this.serials[hole] = serial
  }

  /** Takes out the earliest event; false when there is none. */
  pop(): boolean {
    if (this.length === 0) return false
    this.time = this.times[0] as number
    this.kind = this.kinds[0] as number
    this.subject = this.subjects[0] as number
    this.serial = this.serials[0] as number
    const last = --this.length
    const time = this.times[last] as number
    const order = this.orders[last] as number
    let hole = 0
    for (;;) {
      let child = 2 * hole + 1
      if (child >= last) break
      const right = child + 1
      if (right < last && this.isBefore(right, this.times[child] as number, this.orders[child] as number)) {
        child = right
      }
      if (!this.isBefore(child, time, order)) break
      this.move(child, hole)
      hole = child
    }
    this.move(last, hole)
    return true
  }

  private isBefore(index: number, time: number, order: number): boolean {
    const other = this.times[index] as number
    return other < time || (other === time && (this.orders[index] as number) < order)
  }

  private move(from: number, to: number): void {
    this.times[to] = this.times[from] as number
    this.orders[to] = this.orders[from] as number
    this.kinds[to] = this.kinds[from] as number
    this.subjects[to] = this.subjects[from] as number
    this.serials[to] = this.serials[from] as number
  }

  private grow(): void {
    const size = 2 * this.times.length
    this.times = copyInto(new Float64Array(size), this.times)
    this.orders = copyInto(new Float64Array(size), this.orders)
    this.kinds = copyInto(new Uint8Array(size), this.kinds)
    this.subjects = copyInto(new Int32Array(size), this.subjects)
    this.serials = copyInto(new Int32Array(size), this.serials)
  }
}

function copyInto<T extends { set(source: T): void }>(target: T, source: T): T {
  target.set(source)
  return target
}
