/**
 * How many agents a queue had in each interval of the day, and how busy they were: the agents' days, as they are folded, laid
 * into slots of five minutes. A day of many agents takes long to draw, so they are drawn in turn, some with each question.
 */
import { agentSegments } from '../state/agent-day.ts'
import type { LiveState } from '../state/live-state.ts'

export interface StaffedInterval {
  /** Mean number of the queue's agents who were on contact, ringing, in after-call work or free. */
  readonly staffedMean: number
  /** Time of these agents on contacts and in after-call work, of this queue and of others. */
  readonly handlingSeconds: number
  /** Time in which they were free. */
  readonly availableSeconds: number
}

/** Every length that an interval may have is a multiple of it, and so is every zone's offset. */
const SLOT_MS = 5 * 60_000
/** The longest day has 25 hours. */
const DRAWN_BACK_MS = 26 * 3_600_000
/** About 10 ms of drawing; 1 000 agents are all drawn again within 20 s. */
const AGENTS_PER_TURN = 50
/** A board is made several times a second for several views: one turn serves them all. */
const TURN_EVERY_MS = 1_000

interface SlotSums {
  staffedMs: number
  handlingMs: number
  availableMs: number
}
/** Of one agent: by queue and slot. */
type AgentSlots = ReadonlyMap<string, ReadonlyMap<number, SlotSums>>

export class StaffedHistory {
  readonly #state: LiveState
  readonly #byQueue = new Map<string, Map<number, SlotSums>>()
  readonly #byAgent = new Map<string, AgentSlots>()
  #waiting: string[] = []
  #turnAtMs = Number.NEGATIVE_INFINITY
  /** The instant to which the agents of this turn are drawn, and the one to which all are. */
  #roundMs = 0
  #drawnToMs: number | null = null

  constructor(state: LiveState) {
    this.#state = state
  }

  /** Null for what has not begun, and until every agent has been drawn once. Of the running interval: until now. */
  of(queueId: string, startMs: number, endMs: number, nowMs: number): StaffedInterval | null {
    if (Math.abs(nowMs - this.#turnAtMs) >= TURN_EVERY_MS) this.#turn(nowMs)
    if (this.#drawnToMs === null || this.#drawnToMs <= startMs) return null
    const lengthMs = Math.min(endMs, this.#drawnToMs) - startMs
    const slots = this.#byQueue.get(queueId)
    const sums: SlotSums = { staffedMs: 0, handlingMs: 0, availableMs: 0 }
    for (let slot = startMs / SLOT_MS; slot < endMs / SLOT_MS; slot += 1) add(sums, slots?.get(slot), 1)
    return {
      // A tenth of an agent and whole seconds: finer digits would only be patches.
      staffedMean: Math.round((10 * sums.staffedMs) / lengthMs) / 10,
      handlingSeconds: Math.round(sums.handlingMs / 1000),
      availableSeconds: Math.round(sums.availableMs / 1000),
    }
  }

  #turn(nowMs: number): void {
    this.#turnAtMs = nowMs
    if (this.#waiting.length === 0) this.#begin(nowMs)
    for (const agentId of this.#waiting.splice(0, AGENTS_PER_TURN)) {
      this.#put(this.#byAgent.get(agentId), -1)
      const drawn = this.#draw(agentId, this.#roundMs)
      this.#byAgent.set(agentId, drawn)
      this.#put(drawn, 1)
    }
    if (this.#waiting.length === 0) this.#drawnToMs = this.#roundMs
  }

  #begin(nowMs: number): void {
    this.#roundMs = nowMs
    this.#waiting = [...this.#state.agentIds()]
    const known = new Set(this.#waiting)
    for (const [agentId, slots] of this.#byAgent) {
      if (known.has(agentId)) continue
      this.#put(slots, -1)
      this.#byAgent.delete(agentId)
    }
  }

  #put(slotsByQueue: AgentSlots | undefined, sign: 1 | -1): void {
    for (const [queueId, slots] of slotsByQueue ?? []) {
      const all = this.#byQueue.get(queueId) ?? new Map<number, SlotSums>()
      this.#byQueue.set(queueId, all)
      for (const [slot, sums] of slots) {
        const sum = all.get(slot) ?? { staffedMs: 0, handlingMs: 0, availableMs: 0 }
        add(sum, sums, sign)
        // Whole milliseconds: what was put and taken is nothing again.
        if (sum.staffedMs === 0) all.delete(slot)
        else all.set(slot, sum)
      }
    }
  }

  #draw(agentId: string, toMs: number): AgentSlots {
    const record = this.#state.agentRecord(agentId)
    const byQueue = new Map<string, Map<number, SlotSums>>()
    if (record === null) return byQueue
    const { timeline, work } = record
    const sourceEndMs = (source: string) => this.#state.sourceEndMs(source)
    const fromMs = Math.floor((toMs - DRAWN_BACK_MS) / SLOT_MS) * SLOT_MS
    const segments = agentSegments(timeline, work, { fromMs, toMs, sourceEndMs })
    for (const { queueId, source, fromMs: memberFromMs, toMs: endMs } of timeline.memberships) {
      const memberToMs = endMs ?? sourceEndMs(source)
      if (memberToMs <= fromMs) continue
      const slots = byQueue.get(queueId) ?? new Map<number, SlotSums>()
      byQueue.set(queueId, slots)
      for (const segment of segments) {
        const field = FIELD_OF[segment.state]
        if (field === undefined) continue
        spread(slots, field, Math.max(segment.fromMs, memberFromMs), Math.min(segment.toMs, memberToMs))
      }
    }
    return byQueue
  }
}

/** What a state counts as, beside being there; absent = not there. */
const FIELD_OF: Readonly<Record<string, 'handlingMs' | 'availableMs' | 'none' | undefined>> = {
  ready: 'availableMs',
  reserved: 'none',
  'on-contact': 'handlingMs',
  'after-contact-work': 'handlingMs',
}

function spread(
  slots: Map<number, SlotSums>,
  field: 'handlingMs' | 'availableMs' | 'none',
  fromMs: number,
  toMs: number,
): void {
  for (let slot = Math.floor(fromMs / SLOT_MS); slot * SLOT_MS < toMs; slot += 1) {
    const ms = Math.min(toMs, (slot + 1) * SLOT_MS) - Math.max(fromMs, slot * SLOT_MS)
    if (ms <= 0) continue
    const sums = slots.get(slot) ?? { staffedMs: 0, handlingMs: 0, availableMs: 0 }
    sums.staffedMs += ms
    if (field !== 'none') sums[field] += ms
    slots.set(slot, sums)
  }
}

function add(sum: SlotSums, part: SlotSums | undefined, sign: 1 | -1): void {
  if (part === undefined) return
  sum.staffedMs += sign * part.staffedMs
  sum.handlingMs += sign * part.handlingMs
  sum.availableMs += sign * part.availableMs
}
