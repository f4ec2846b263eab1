/**
 * One day on the floor, as a discrete-event simulation: callers wait in queues, agents serve whoever has waited longest
 * among the queues they know, the agent idle longest is rung first. Ringing counts as waiting.
 */
import { assert } from '../domain/assert.ts'
import type { LeftQueueReason } from '../domain/event.ts'
import type { QueuePlan } from './centre-plan.ts'
import { type Arrival, type Caller, drawCaller } from './demand.ts'
import type { RandomStream } from './random.ts'
import type { Recorder } from './recorder.ts'
import type { NotReadyReason, Pause, Shift } from './roster.ts'
import { Timeline } from './timeline.ts'
import type { ContactOrigin, QueueCounter } from './truth.ts'
import { WaitingLines } from './waiting-lines.ts'

const RING_SECONDS_MEAN = 3.5
const RING_VARIATION = 0.45
const RING_TIMEOUT_MS = 15_000
const RING_NO_ANSWER_RATIO = 0.012
const MISSED_CALL_PAUSE_MS = 60_000
const REDIAL_RATIO = 0.35
const REDIAL_SECONDS_MIN = 20
const REDIAL_SECONDS_MEAN = 240
/** Callers still waiting this long after closing time are sent away. */
const CLOSING_GRACE_MS = 5 * 60_000
const VISITS_MAX = 3

export interface FloorQueue {
  readonly plan: QueuePlan
  /** Opening hours of the day as instants. */
  readonly open: readonly { readonly startMs: number; readonly endMs: number }[]
  readonly counter: QueueCounter
}

export interface FloorInput {
  readonly queues: readonly FloorQueue[]
  readonly shifts: readonly Shift[]
  readonly arrivals: readonly Arrival[]
  readonly recorder: Recorder
  /** Before every contact id, so that ids of two days never meet. */
  readonly contactPrefix: string
  /** Draws that depend on what happens on the floor: ringing, redials, the second talk of a transfer. */
  readonly random: RandomStream
}

interface Contact {
  readonly id: string
  /** First contact of the same caller's journey through transfers. */
  readonly firstId: string
  readonly visit: number
  readonly queue: FloorQueue
  readonly queuedAtMs: number
  readonly caller: Caller
  offers: number
  state: 'waiting' | 'ringing' | 'connected' | 'gone'
  ring: { readonly agent: FloorAgent; readonly offerId: string; readonly startedAtMs: number } | null
}

interface FloorAgent {
  readonly shift: Shift
  readonly id: string
  state: 'off' | 'idle' | 'ringing' | 'busy' | 'not-ready'
  idleSinceMs: number
  pendingPause: Pause | null
  leaving: boolean
}

interface EntryInput {
  readonly queue: FloorQueue
  readonly caller: Caller
  readonly origin: ContactOrigin
  /** The visit this one continues. */
  readonly after?: Contact
}

/** Plays the day to its end: afterwards nobody waits and nobody is logged on. */
export function playDay(input: FloorInput): void {
  const floor = new Floor(input)
  floor.play()
}

class Floor {
  private readonly timeline = new Timeline()
  private readonly input: FloorInput
  private readonly queueById: ReadonlyMap<string, FloorQueue>
  private readonly agents: readonly FloorAgent[]
  private readonly agentsByQueue: ReadonlyMap<string, readonly FloorAgent[]>
  private readonly lines: WaitingLines<Contact>
  private contactCount = 0

  constructor(input: FloorInput) {
    this.input = input
    this.queueById = new Map(input.queues.map((queue) => [queue.plan.id, queue]))
    this.agents = input.shifts.map((shift) => ({
      shift,
      id: shift.agent.id,
      state: 'off',
      idleSinceMs: 0,
      pendingPause: null,
      leaving: false,
    }))
    this.agentsByQueue = new Map(
      input.queues.map(({ plan }) => [
        plan.id,
        this.agents.filter(({ shift }) => shift.agent.queueIds.includes(plan.id)),
      ]),
    )
    this.lines = new WaitingLines(input.queues.map(({ plan }) => plan.id))
  }

  play(): void {
    for (const agent of this.agents) this.scheduleShift(agent)
    for (const queue of this.input.queues) {
      for (const { endMs } of queue.open) {
        this.timeline.schedule(endMs + CLOSING_GRACE_MS, () => this.sendAway(queue))
      }
    }
    for (const arrival of this.input.arrivals) {
      const queue = this.queueById.get(arrival.queueId)
      if (queue === undefined) continue
      this.timeline.schedule(arrival.atMs, () =>
        this.enter({ queue, caller: arrival.caller, origin: 'firstCalls' }),
      )
    }
    this.timeline.run()
    assert(this.lines.isEmpty, 'a day ends with empty queues')
  }

  private get nowMs(): number {
    return this.timeline.nowMs
  }

  private after(delayMs: number, act: () => void): void {
    this.timeline.schedule(this.nowMs + delayMs, act)
  }

  // Contacts

  private enter({ queue, caller, origin, after }: EntryInput): void {
    const id = this.input.contactPrefix + String(++this.contactCount).padStart(6, '0')
    const contact: Contact = {
      id,
      firstId: after?.firstId ?? id,
      visit: (after?.visit ?? 0) + 1,
      queue,
      queuedAtMs: this.nowMs,
      caller,
      offers: 0,
      state: 'waiting',
      ring: null,
    }
    queue.counter.offered(this.nowMs, origin)
    this.input.recorder.record(this.nowMs, 'cc.contact.queued.v1', {
      contactId: id,
      queueId: queue.plan.id,
      // A later visit is a contact of its own, linked to the first.
      ...(contact.visit > 1 ? { visitId: `${contact.firstId}#${contact.visit}` } : {}),
      channel: 'voice',
    })
    this.after(caller.patienceMs, () => this.losePatience(contact))
    const limit = queue.plan.maxWait
    if (limit !== null) this.after(limit.seconds * 1000, () => this.reachLimit(contact, limit.to))
    const agent = this.longestIdle(queue)
    if (agent === undefined) this.lines.add(queue.plan.id, contact)
    else this.offer(contact, agent)
  }

  private offer(contact: Contact, agent: FloorAgent): void {
    const offerId = `${contact.id}.${++contact.offers}`
    contact.state = 'ringing'
    contact.ring = { agent, offerId, startedAtMs: this.nowMs }
    agent.state = 'ringing'
    const { random, recorder } = this.input
    const noAnswer = random.chance(RING_NO_ANSWER_RATIO)
    const ringMs = Math.round(random.lognormal(RING_SECONDS_MEAN, RING_VARIATION) * 1000)
    recorder.record(this.nowMs, 'cc.contact.offered.v1', this.offerData(contact, agent, offerId))
    const isStillRinging = () => contact.ring?.offerId === offerId
    if (noAnswer || ringMs >= RING_TIMEOUT_MS) {
      this.after(RING_TIMEOUT_MS, () => isStillRinging() && this.missCall(contact, agent))
    } else {
      this.after(ringMs, () => isStillRinging() && this.answer(contact, agent))
    }
  }

  private answer(contact: Contact, agent: FloorAgent): void {
    const ringMs = this.stopRinging(contact)
    contact.state = 'connected'
    agent.state = 'busy'
    contact.queue.counter.answered(contact.queuedAtMs, this.nowMs)
    this.input.recorder.record(this.nowMs, 'cc.contact.answered.v1', {
      contactId: contact.id,
      queueId: contact.queue.plan.id,
      agentId: agent.id,
      waitSeconds: this.waitSeconds(contact),
      ringSeconds: ringMs / 1000,
    })
    const talkMs = Math.round(contact.caller.talkMs * agent.shift.agent.talkFactor)
    const { holdMs } = contact.caller
    if (holdMs > 0) this.scheduleHold(contact, agent, Math.round(talkMs * 0.4))
    this.after(talkMs + holdMs, () => this.finish(contact, agent, talkMs))
  }

  private scheduleHold(contact: Contact, agent: FloorAgent, afterMs: number): void {
    const data = { contactId: contact.id, agentId: agent.id }
    const { recorder } = this.input
    this.after(afterMs, () => recorder.record(this.nowMs, 'cc.contact.held.v1', data))
    this.after(afterMs + contact.caller.holdMs, () =>
      recorder.record(this.nowMs, 'cc.contact.retrieved.v1', data),
    )
  }

  /** The conversation is over. What follows for the agent is known to the simulator already and told with it. */
  private finish(contact: Contact, agent: FloorAgent, talkMs: number): void {
    const { acwMs, holdMs } = contact.caller
    const target = this.transferTarget(contact)
    contact.state = 'gone'
    contact.queue.counter.handled(contact.queuedAtMs, talkMs + holdMs + acwMs)
    const ids = { contactId: contact.id, agentId: agent.id }
    const { recorder } = this.input
    if (target !== undefined) {
      const toQueueId = target.plan.id
      recorder.record(this.nowMs, 'cc.contact.transferred.v1', { ...ids, kind: 'blind', toQueueId })
    }
    recorder.record(this.nowMs, 'cc.contact.ended.v1', {
      ...ids,
      endedBy: target === undefined ? contact.caller.endedBy : 'agent',
      talkSeconds: talkMs / 1000,
      holdSeconds: holdMs / 1000,
      acwSeconds: acwMs / 1000,
    })
    if (acwMs > 0) {
      this.setAgentState(agent, 'after-contact-work')
      this.after(acwMs, () => this.release(agent, true))
    }
    if (target !== undefined) this.enterAgain(contact, target)
    if (acwMs === 0) this.release(agent, false)
  }

  private enterAgain(contact: Contact, queue: FloorQueue): void {
    const caller = drawCaller(this.input.random, queue.plan)
    this.enter({ queue, caller, origin: 'transfersIn', after: contact })
  }

  private transferTarget(contact: Contact): FloorQueue | undefined {
    if (!contact.caller.transfers || contact.visit >= VISITS_MAX) return undefined
    const target = this.queueById.get(contact.queue.plan.transferTo ?? '')
    return target !== undefined && this.isOpen(target) ? target : undefined
  }

  private missCall(contact: Contact, agent: FloorAgent): void {
    this.endOffer(contact, agent, 'noAnswer')
    contact.state = 'waiting'
    this.lines.add(contact.queue.plan.id, contact)
    this.pause(agent, 'missed-call', MISSED_CALL_PAUSE_MS)
    const next = this.longestIdle(contact.queue)
    if (next !== undefined) this.serve(next)
  }

  private losePatience(contact: Contact): void {
    if (contact.state !== 'waiting' && contact.state !== 'ringing') return
    const agent = contact.ring?.agent
    if (agent !== undefined) this.endOffer(contact, agent, 'cancelled')
    else this.lines.remove(contact.queue.plan.id, contact)
    contact.state = 'gone'
    contact.queue.counter.abandoned(contact.queuedAtMs, this.nowMs)
    this.input.recorder.record(this.nowMs, 'cc.contact.abandoned.v1', {
      contactId: contact.id,
      queueId: contact.queue.plan.id,
      waitSeconds: this.waitSeconds(contact),
    })
    this.maybeRedial(contact.queue)
    if (agent !== undefined) this.release(agent, false)
  }

  private maybeRedial(queue: FloorQueue): void {
    const { random } = this.input
    const delaySeconds = REDIAL_SECONDS_MIN + random.exponential(REDIAL_SECONDS_MEAN - REDIAL_SECONDS_MIN)
    if (!random.chance(REDIAL_RATIO)) return
    this.after(delaySeconds * 1000, () => {
      if (!this.isOpen(queue)) return
      this.enter({ queue, caller: drawCaller(random, queue.plan), origin: 'redials' })
    })
  }

  private reachLimit(contact: Contact, to: 'voicemail' | 'overflow'): void {
    if (contact.state !== 'waiting') return
    const target = this.queueById.get(contact.queue.plan.transferTo ?? '')
    const overflows = to === 'overflow' && target !== undefined && this.isOpen(target)
    if (to === 'overflow' && !overflows) return
    this.leave(contact, to)
    if (overflows) this.enterAgain(contact, target)
  }

  private sendAway(queue: FloorQueue): void {
    for (const contact of this.lines.all(queue.plan.id)) this.leave(contact, 'closed')
  }

  private leave(contact: Contact, reason: LeftQueueReason): void {
    this.lines.remove(contact.queue.plan.id, contact)
    contact.state = 'gone'
    contact.queue.counter.flowedOut(contact.queuedAtMs)
    this.input.recorder.record(this.nowMs, 'cc.contact.left-queue.v1', {
      contactId: contact.id,
      queueId: contact.queue.plan.id,
      reason,
      waitSeconds: this.waitSeconds(contact),
    })
  }

  private endOffer(contact: Contact, agent: FloorAgent, reason: 'noAnswer' | 'cancelled'): void {
    const offerId = contact.ring?.offerId ?? ''
    const ringSeconds = this.stopRinging(contact) / 1000
    this.input.recorder.record(this.nowMs, 'cc.contact.offer-ended.v1', {
      ...this.offerData(contact, agent, offerId),
      reason,
      ringSeconds,
    })
  }

  /** How long the agent's telephone rang. */
  private stopRinging(contact: Contact): number {
    const ringMs = this.nowMs - (contact.ring?.startedAtMs ?? this.nowMs)
    contact.ring = null
    return ringMs
  }

  private offerData(contact: Contact, agent: FloorAgent, offerId: string) {
    return { contactId: contact.id, queueId: contact.queue.plan.id, agentId: agent.id, offerId }
  }

  private waitSeconds(contact: Contact): number {
    return (this.nowMs - contact.queuedAtMs) / 1000
  }

  private isOpen(queue: FloorQueue): boolean {
    return queue.open.some(({ startMs, endMs }) => this.nowMs >= startMs && this.nowMs < endMs)
  }

  // Agents

  private scheduleShift(agent: FloorAgent): void {
    const { shift } = agent
    this.timeline.schedule(shift.startMs, () => this.logOn(agent))
    for (const pause of shift.pauses) {
      this.timeline.schedule(pause.atMs, () => this.askPause(agent, pause))
    }
    this.timeline.schedule(shift.endMs, () => this.askLeave(agent))
  }

  private logOn(agent: FloorAgent): void {
    const { recorder } = this.input
    recorder.record(this.nowMs, 'cc.agent.logged-on.v1', { agentId: agent.id })
    for (const queueId of agent.shift.agent.queueIds) {
      recorder.record(this.nowMs, 'cc.agent.queue-joined.v1', { agentId: agent.id, queueId })
    }
    agent.state = 'not-ready'
    this.release(agent, true)
  }

  private logOff(agent: FloorAgent): void {
    const { recorder } = this.input
    agent.state = 'off'
    for (const queueId of agent.shift.agent.queueIds) {
      recorder.record(this.nowMs, 'cc.agent.queue-left.v1', { agentId: agent.id, queueId })
    }
    recorder.record(this.nowMs, 'cc.agent.logged-off.v1', { agentId: agent.id })
  }

  private askPause(agent: FloorAgent, pause: Pause): void {
    if (agent.state === 'idle') this.pause(agent, pause.reason, pause.durationMs)
    // Whoever is with a caller pauses afterwards; whoever pauses already does not pause twice.
    else if (agent.state === 'ringing' || agent.state === 'busy') agent.pendingPause = pause
  }

  private askLeave(agent: FloorAgent): void {
    agent.leaving = true
    if (agent.state === 'idle') this.logOff(agent)
  }

  private pause(agent: FloorAgent, reason: NotReadyReason, durationMs: number): void {
    agent.state = 'not-ready'
    this.setAgentState(agent, 'not-ready', reason)
    this.after(durationMs, () => this.release(agent, true))
  }

  /** An agent is free: leaves, pauses, or takes the next caller. `says` when the source shows another state till now. */
  private release(agent: FloorAgent, says: boolean): void {
    const pause = agent.pendingPause
    agent.pendingPause = null
    if (agent.leaving) this.logOff(agent)
    else if (pause !== null) this.pause(agent, pause.reason, pause.durationMs)
    else {
      agent.state = 'idle'
      agent.idleSinceMs = this.nowMs
      if (says) this.setAgentState(agent, 'ready')
      this.serve(agent)
    }
  }

  private serve(agent: FloorAgent): void {
    const longest = this.lines.longest(agent.shift.agent.queueIds)
    if (longest === undefined) return
    this.lines.remove(longest.queue.plan.id, longest)
    this.offer(longest, agent)
  }

  private longestIdle(queue: FloorQueue): FloorAgent | undefined {
    let longest: FloorAgent | undefined
    for (const agent of this.agentsByQueue.get(queue.plan.id) ?? []) {
      if (agent.state !== 'idle') continue
      if (longest === undefined || agent.idleSinceMs < longest.idleSinceMs) longest = agent
    }
    return longest
  }

  private setAgentState(
    agent: FloorAgent,
    state: 'ready' | 'not-ready' | 'after-contact-work',
    reason?: NotReadyReason,
  ): void {
    this.input.recorder.record(this.nowMs, 'cc.agent.state-changed.v1', {
      agentId: agent.id,
      state,
      ...(reason === undefined ? {} : { reason }),
    })
  }
}
