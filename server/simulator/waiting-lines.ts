/** Who waits, by queue, longest first. A caller whose telephone rang unanswered goes back to the old place. */
import { assert } from '../domain/assert.ts'

export interface Waiting {
  readonly queuedAtMs: number
}

export class WaitingLines<T extends Waiting> {
  private readonly lines: ReadonlyMap<string, T[]>

  constructor(queueIds: readonly string[]) {
    this.lines = new Map(queueIds.map((queueId) => [queueId, []]))
  }

  get isEmpty(): boolean {
    return [...this.lines.values()].every((line) => line.length === 0)
  }

  add(queueId: string, caller: T): void {
    const line = this.lineOf(queueId)
    const place = line.findIndex(({ queuedAtMs }) => queuedAtMs > caller.queuedAtMs)
    line.splice(place === -1 ? line.length : place, 0, caller)
  }

  remove(queueId: string, caller: T): void {
    const line = this.lineOf(queueId)
    const place = line.indexOf(caller)
    assert(place !== -1, 'only who waits leaves the line')
    line.splice(place, 1)
  }

  all(queueId: string): readonly T[] {
    return [...this.lineOf(queueId)]
  }

  /** Who has waited longest in any of these queues. */
  longest(queueIds: readonly string[]): T | undefined {
    let longest: T | undefined
    for (const queueId of queueIds) {
      const first = this.lineOf(queueId)[0]
      if (first !== undefined && (longest === undefined || first.queuedAtMs < longest.queuedAtMs))
        longest = first
    }
    return longest
  }

  private lineOf(queueId: string): T[] {
    const line = this.lines.get(queueId)
    assert(line !== undefined, 'every queue has a line')
    return line
  }
}
