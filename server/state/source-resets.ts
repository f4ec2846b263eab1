/** Moments at which a source forgot its calls: a restart, or a snapshot after a reconnect that no longer lists them. */
import type { FoldEvent } from './fold-event.ts'
import { compareInSource } from './order.ts'

export interface SourceReset {
  readonly event: FoldEvent
  /** Contacts that live on (a snapshot lists them); null = none does. */
  readonly openContactIds: ReadonlySet<string> | null
}

/** Resets of a source, in its order. Numbered and unnumbered ones apart: see order.ts. */
interface SourceLog {
  readonly numbered: SourceReset[]
  readonly timed: SourceReset[]
}

export class SourceResets {
  readonly #bySource = new Map<string, SourceLog>()

  get empty(): boolean {
    return this.#bySource.size === 0
  }

  /** False when it is known already. */
  add(reset: SourceReset): boolean {
    const { event } = reset
    let log = this.#bySource.get(event.source)
    if (log === undefined) {
      log = { numbered: [], timed: [] }
      this.#bySource.set(event.source, log)
    }
    const list = event.sequence === undefined ? log.timed : log.numbered
    const index = firstAfterIndex(list, event)
    for (let at = index - 1; at >= 0; at -= 1) {
      const earlier = (list[at] as SourceReset).event
      if (earlier.id === event.id) return false
      if (compareInSource(earlier, event) < 0) break
    }
    list.splice(index, 0, reset)
    return true
  }

  /** First reset after the event that the contact does not survive. */
  firstAfter(event: FoldEvent, contactIds: readonly string[]): FoldEvent | null {
    const log = this.#bySource.get(event.source)
    if (log === undefined) return null
    const numbered = firstClosing(log.numbered, event, contactIds)
    const timed = firstClosing(log.timed, event, contactIds)
    if (numbered === null || timed === null) return numbered ?? timed
    return timed.occurredAtMs < numbered.occurredAtMs ? timed : numbered
  }

  /** Restarts older than the instant are of no more use once the contacts before it are forgotten. */
  forgetBefore(beforeMs: number): void {
    for (const [source, log] of this.#bySource) {
      const numbered = log.numbered.filter((reset) => reset.event.occurredAtMs >= beforeMs)
      const timed = log.timed.filter((reset) => reset.event.occurredAtMs >= beforeMs)
      if (numbered.length + timed.length === 0) this.#bySource.delete(source)
      else this.#bySource.set(source, { numbered, timed })
    }
  }
}

function firstAfterIndex(list: readonly SourceReset[], event: FoldEvent): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (compareInSource((list[middle] as SourceReset).event, event) <= 0) low = middle + 1
    else high = middle
  }
  return low
}

function firstClosing(
  list: readonly SourceReset[],
  event: FoldEvent,
  contactIds: readonly string[],
): FoldEvent | null {
  for (let index = firstAfterIndex(list, event); index < list.length; index += 1) {
    const reset = list[index] as SourceReset
    const { openContactIds } = reset
    if (openContactIds === null || !contactIds.some((id) => openContactIds.has(id))) return reset.event
  }
  return null
}
