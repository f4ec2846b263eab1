/** The gateway's bounded memory of what it sent: places by number, the oldest forgotten first but not what they left open. */
import type { SimulatedEvent } from './recorder.ts'

export class ReplayLog {
  private readonly events: SimulatedEvent[] = []
  private readonly eventsMax: number
  /** Place of the oldest event kept. */
  private firstPlace = 0
  private newestForgotten: SimulatedEvent | null = null
  /** Contacts that were open after the newest forgotten event. */
  private readonly openContacts = new Set<string>()

  constructor(eventsMax: number) {
    this.eventsMax = eventsMax
  }

  get start(): number {
    return this.firstPlace
  }

  /** Place after the newest event. */
  get end(): number {
    return this.firstPlace + this.events.length
  }

  push(event: SimulatedEvent): void {
    this.events.push(event)
    // A quarter at a time: forgetting moves the whole array.
    if (this.events.length > this.eventsMax) this.forget(Math.ceil(this.eventsMax / 4))
  }

  slice(fromPlace: number, count: number): readonly SimulatedEvent[] {
    const from = fromPlace - this.firstPlace
    return this.events.slice(from, from + count)
  }

  /** Place after the event of this id; null when it is not (or no longer) known. */
  placeAfter(id: string): number | null {
    if (this.newestForgotten?.id === id) return this.firstPlace
    for (let index = this.events.length - 1; index >= 0; index--) {
      if (this.events[index]?.id === id) return this.firstPlace + index + 1
    }
    return null
  }

  /** What to tell somebody who has missed forgotten events: that there is a gap, and which contacts were open after it. */
  gapEvents(): readonly SimulatedEvent[] {
    const last = this.newestForgotten
    if (last === null) return []
    const { occurredAtMs } = last
    const openContactIds = [...this.openContacts]
    return [
      {
        id: `${last.id}-gap`,
        sequence: sequenceAfter(last, 1),
        type: 'cc.source.gap.v1',
        occurredAtMs,
        data: { reason: 'replay-exceeded' },
      },
      {
        id: `${last.id}-snapshot`,
        sequence: sequenceAfter(last, 2),
        type: 'cc.source.snapshot.v1',
        occurredAtMs,
        data: { openContactIds },
      },
    ]
  }

  private forget(count: number): void {
    for (const event of this.events.splice(0, count)) {
      this.newestForgotten = event
      const { contactId } = event.data
      if (contactId === undefined) continue
      if (event.type === 'cc.contact.queued.v1') this.openContacts.add(contactId)
      else if (CLOSING_TYPES.has(event.type)) this.openContacts.delete(contactId)
    }
    this.firstPlace += count
  }
}

/** Sorts after the forgotten event and before the next one: events leave the last two digits of their sequence free. */
function sequenceAfter(event: SimulatedEvent, place: number): string {
  return event.sequence.slice(0, -2) + String(place).padStart(2, '0')
}

const CLOSING_TYPES: ReadonlySet<string> = new Set([
  'cc.contact.ended.v1',
  'cc.contact.abandoned.v1',
  'cc.contact.left-queue.v1',
])
