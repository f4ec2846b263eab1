/** Writes down what the floor does as canonical events, in order of time, each with an id of its own. */
import { assert } from '../domain/assert.ts'
import type { EventData, EventEnvelope, EventType } from '../domain/event.ts'
import type { SiteDay } from '../domain/site-calendar.ts'

/** With the day before and two digits after it, for what the gateway itself says in between: the 20 digits of a sequence. */
const SEQUENCE_NUMBER_DIGITS = 10

export const GATEWAY_SOURCE = '/demo/gateway'

export interface SimulatedEvent {
  /** Unique within the source, and the same whenever the same seed simulates the same day. */
  readonly id: string
  /** The source's own order, over days too: 20 digits, compared as text. */
  readonly sequence: string
  readonly type: EventType
  readonly occurredAtMs: number
  readonly data: EventData
}

/** A CloudEvent 1.0 in structured form, as the gateway sends it. */
export interface SimulatedCloudEvent {
  readonly specversion: '1.0'
  readonly id: string
  readonly source: string
  readonly type: EventType
  readonly time: string
  readonly sequence: string
  readonly datacontenttype: 'application/json'
  readonly data: EventData
}

export function toCloudEvent(event: SimulatedEvent, source = GATEWAY_SOURCE): SimulatedCloudEvent {
  return {
    specversion: '1.0',
    id: event.id,
    source,
    type: event.type,
    time: new Date(event.occurredAtMs).toISOString(),
    sequence: event.sequence,
    datacontenttype: 'application/json',
    data: event.data,
  }
}

/** The stored form, for history that is written without going through the gateway: equal to what its CloudEvent becomes. */
export function toEnvelope(
  event: SimulatedEvent,
  receivedAtMs: number,
  source = GATEWAY_SOURCE,
): EventEnvelope {
  const { id, type, occurredAtMs, sequence, data } = event
  return { id, source, type, occurredAtMs, sequence, receivedAtMs, data }
}

export class Recorder {
  readonly events: SimulatedEvent[] = []
  private readonly idPrefix: string
  private readonly dayDigits: string

  constructor(seed: number, day: SiteDay) {
    this.dayDigits = day.replaceAll('-', '')
    this.idPrefix = `${seed}-${this.dayDigits}-`
  }

  record(occurredAtMs: number, type: EventType, data: EventData): void {
    assert(occurredAtMs >= (this.events.at(-1)?.occurredAtMs ?? 0), 'events happen in order of time')
    const number = String(this.events.length + 1)
    this.events.push({
      id: this.idPrefix + number.padStart(7, '0'),
      sequence: `${this.dayDigits}${number.padStart(SEQUENCE_NUMBER_DIGITS, '0')}00`,
      type,
      occurredAtMs,
      data,
    })
  }
}
