/**
 * One simulated run of a contact centre, event by event. Trades memory for speed: contacts live in reused slots of
 * typed arrays, a caller's patience that no longer matters stays in the heap and is told apart by its serial.
 * After the last interval nobody arrives any more and the rest is served by those still there.
 */
import { EventHeap } from './event-heap.ts'
import { LinkedLists } from './linked-lists.ts'
import { createRandom, createSampler, type Sampler } from './random.ts'
import type { GroupSkill, SimulationInput } from './simulation-input.ts'

/** Sums by skill and interval of arrival (row skill x intervals + interval), and by group and interval. */
export interface RunTally {
  readonly offered: Float64Array
  readonly waited: Float64Array
  readonly answered: Float64Array
  readonly answeredWithin: Float64Array
  readonly abandoned: Float64Array
  readonly abandonedWithin: Float64Array
  readonly answeredWaitSeconds: Float64Array
  readonly allWaitSeconds: Float64Array
  /** Of the interval in which they pass, not of the arrival. */
  readonly queueSeconds: Float64Array
  readonly busySeconds: Float64Array
  readonly loggedInSeconds: Float64Array
}

const BOUNDARY = 0
const ARRIVAL = 1
const HANDLED = 2
const ABANDON = 3

const WAITING = 1
const IN_SERVICE = 2

/** Lists of each group's agents. */
const IDLE = 0
const OFF = 1
const BUSY = 2
/** Finishing a contact after the end of the shift. */
const LEAVING = 3
const AGENT_STATES = 4

const NOT_ANSWERED = 0
const ANSWERED_LATE = 1
const ANSWERED_WITHIN = 2

export class ContactCentreRun {
  readonly tally: RunTally
  private readonly input: SimulationInput
  private readonly intervals: number
  private readonly skills: number
  private readonly groups: number
  private readonly groupsBySkill: readonly (readonly GroupSkill[])[]
  private readonly arrivalRandom: readonly Sampler[]
  private readonly handling: readonly Sampler[]
  private readonly patience: readonly (Sampler | null)[]
  private readonly events = new EventHeap()
  private readonly agents: LinkedLists
  private readonly agentGroup: Int32Array
  private readonly agentState: Uint8Array
  private readonly agentContact: Int32Array
  private readonly agentSerial: Int32Array
  private readonly idleSince: Float64Array
  private readonly queues: LinkedLists
  private arrivedAt: Float64Array = new Float64Array(64)
  private handlingSeconds: Float64Array = new Float64Array(64)
  private startedAt: Float64Array = new Float64Array(64)
  private contactRow: Int32Array = new Int32Array(64)
  private contactSkill: Int32Array = new Int32Array(64)
  private contactSerial: Int32Array = new Int32Array(64)
  private contactState: Uint8Array = new Uint8Array(64)
  private contactAnswer: Uint8Array = new Uint8Array(64)
  private readonly freeSlots: number[] = []
  private slots = 0
  private now = 0
  private interval = 0

  constructor(input: SimulationInput, replication: number) {
    this.input = input
    this.skills = input.skills.length
    this.groups = input.groups.length
    this.intervals = input.skills[0]?.contacts.length ?? 0
    this.tally = createTally(this.skills * this.intervals, this.groups * this.intervals)
    this.groupsBySkill = input.skills.map((_, skill) => groupsWith(input, skill))
    const stream = (purpose: number, skill: number) =>
      createRandom(input.seed, (replication * 3 + purpose) * this.skills + skill)
    this.arrivalRandom = input.skills.map((_, skill) => stream(0, skill))
    this.handling = input.skills.map((s, skill) => createSampler(s.handling, stream(1, skill)))
    this.patience = input.skills.map(({ patience }, skill) =>
      patience === undefined ? null : createSampler(patience, stream(2, skill)),
    )
    const heads = input.groups.map((group) => Math.max(...group.agents))
    const agents = heads.reduce((sum, count) => sum + count, 0)
    this.agents = new LinkedLists(AGENT_STATES * this.groups, agents)
    this.agentGroup = new Int32Array(agents)
    this.agentState = new Uint8Array(agents).fill(OFF)
    this.agentContact = new Int32Array(agents)
    this.agentSerial = new Int32Array(agents)
    this.idleSince = new Float64Array(agents)
    this.queues = new LinkedLists(this.skills, 64)
    let agent = 0
    heads.forEach((count, group) => {
      for (let i = 0; i < count; i++) {
        this.agentGroup[agent] = group
        this.agents.append(this.list(group, OFF), agent++)
      }
    })
  }

  run(): RunTally {
    for (let interval = 0; interval <= this.intervals; interval++) {
      this.events.push(interval * this.input.intervalSeconds, BOUNDARY, interval, 0)
    }
    const { events } = this
    while (events.pop()) {
      this.accrue(events.time)
      this.now = events.time
      const { kind, subject, serial } = events
      if (kind === HANDLED) this.onHandled(subject, serial)
      else if (kind === ARRIVAL) this.onArrival(subject, serial)
      else if (kind === ABANDON) this.onPatienceEnd(subject, serial)
      else this.onBoundary(subject)
    }
    return this.tally
  }

  private list(group: number, state: number): number {
    return AGENT_STATES * group + state
  }

  /** Adds the time since the last event to what is integrated over time. */
  private accrue(time: number): void {
    const seconds = time - this.now
    if (seconds <= 0 || this.interval >= this.intervals) return
    const { queueSeconds, busySeconds, loggedInSeconds } = this.tally
    for (let skill = 0; skill < this.skills; skill++) {
      const waiting = this.queues.lengths[skill] as number
      if (waiting > 0) add(queueSeconds, skill * this.intervals + this.interval, waiting * seconds)
    }
    for (let group = 0; group < this.groups; group++) {
      const row = group * this.intervals + this.interval
      const { lengths } = this.agents
      const idle = lengths[this.list(group, IDLE)] as number
      const busy =
        (lengths[this.list(group, BUSY)] as number) + (lengths[this.list(group, LEAVING)] as number)
      add(busySeconds, row, busy * seconds)
      add(loggedInSeconds, row, (busy + idle) * seconds)
    }
  }

  private onBoundary(interval: number): void {
    this.interval = interval
    if (interval === this.intervals) return
    for (let skill = 0; skill < this.skills; skill++) this.scheduleArrival(skill)
    for (let group = 0; group < this.groups; group++) {
      this.staffGroup(group, this.input.groups[group]?.agents[interval] ?? 0)
    }
  }

  /** Poisson arrivals forget: the next one is drawn anew where the rate changes. */
  private scheduleArrival(skill: number): void {
    const { intervalSeconds, skills } = this.input
    const contacts = skills[skill]?.contacts[this.interval] ?? 0
    if (contacts === 0) return
    const random = this.arrivalRandom[skill] as Sampler
    const time = this.now - (Math.log(random()) * intervalSeconds) / contacts
    if (time < (this.interval + 1) * intervalSeconds) this.events.push(time, ARRIVAL, skill, this.interval)
  }

  private staffGroup(group: number, target: number): void {
    const { lengths } = this.agents
    const idle = this.list(group, IDLE)
    const busy = this.list(group, BUSY)
    const atWork = () => (lengths[idle] as number) + (lengths[busy] as number)
    while (atWork() > target) {
      const rested = this.agents.tail(idle)
      if (rested >= 0) this.moveAgent(rested, IDLE, OFF)
      else this.releaseBusy(this.agents.tail(busy))
    }
    while (atWork() < target) {
      const finishing = this.agents.head(this.list(group, LEAVING))
      if (finishing >= 0) this.moveAgent(finishing, LEAVING, BUSY)
      else this.becomeFree(this.agents.head(this.list(group, OFF)), OFF)
    }
  }

  private releaseBusy(agent: number): void {
    if (this.input.leaving !== 'return-to-queue') {
      this.moveAgent(agent, BUSY, LEAVING)
      return
    }
    const contact = this.agentContact[agent] as number
    this.agentSerial[agent] = (this.agentSerial[agent] as number) + 1
    this.moveAgent(agent, BUSY, OFF)
    const handled = this.now - (this.startedAt[contact] as number)
    this.handlingSeconds[contact] = Math.max(0, (this.handlingSeconds[contact] as number) - handled)
    if (this.offerToIdle(contact)) return
    this.waitInQueue(contact, true)
  }

  private moveAgent(agent: number, from: number, to: number): void {
    const group = this.agentGroup[agent] as number
    this.agents.remove(this.list(group, from), agent)
    this.agents.append(this.list(group, to), agent)
    this.agentState[agent] = to
  }

  private onArrival(skill: number, interval: number): void {
    if (interval !== this.interval) return
    this.scheduleArrival(skill)
    const contact = this.takeSlot()
    this.arrivedAt[contact] = this.now
    this.handlingSeconds[contact] = (this.handling[skill] as Sampler)()
    this.contactSkill[contact] = skill
    this.contactRow[contact] = skill * this.intervals + this.interval
    this.contactAnswer[contact] = NOT_ANSWERED
    const row = this.contactRow[contact] as number
    add(this.tally.offered, row, 1)
    // Drawn for every caller, waiting or not: two staffings then meet the same callers.
    const patienceSeconds = this.patience[skill]?.() ?? Number.POSITIVE_INFINITY
    if (this.offerToIdle(contact)) return
    add(this.tally.waited, row, 1)
    this.waitInQueue(contact, false, patienceSeconds)
  }

  private waitInQueue(contact: number, atHead: boolean, drawnPatienceSeconds?: number): void {
    const skill = this.contactSkill[contact] as number
    this.contactState[contact] = WAITING
    if (atHead) this.queues.prepend(skill, contact)
    else this.queues.append(skill, contact)
    const seconds = drawnPatienceSeconds ?? this.patience[skill]?.() ?? Number.POSITIVE_INFINITY
    if (seconds === Number.POSITIVE_INFINITY) return
    this.events.push(this.now + seconds, ABANDON, contact, this.contactSerial[contact] as number)
  }

  private offerToIdle(contact: number): boolean {
    const skill = this.contactSkill[contact] as number
    const byPriority = this.input.routing === 'priority'
    let chosen = -1
    let chosenPriority = 0
    for (const { skill: group, priority } of this.groupsBySkill[skill] as readonly GroupSkill[]) {
      const agent = this.agents.head(this.list(group, IDLE))
      if (agent < 0) continue
      const longer = chosen < 0 || (this.idleSince[agent] as number) < (this.idleSince[chosen] as number)
      const better =
        byPriority && chosen >= 0 && priority !== chosenPriority ? priority < chosenPriority : longer
      if (!better) continue
      chosen = agent
      chosenPriority = priority
    }
    if (chosen < 0) return false
    this.startHandling(chosen, IDLE, contact)
    return true
  }

  private startHandling(agent: number, from: number, contact: number): void {
    this.moveAgent(agent, from, BUSY)
    this.contactState[contact] = IN_SERVICE
    const serial = (this.contactSerial[contact] as number) + 1
    this.contactSerial[contact] = serial
    this.startedAt[contact] = this.now
    this.agentContact[agent] = contact
    this.recordAnswer(contact)
    this.events.push(
      this.now + (this.handlingSeconds[contact] as number),
      HANDLED,
      agent,
      this.agentSerial[agent] as number,
    )
  }

  private recordAnswer(contact: number): void {
    if (this.contactAnswer[contact] !== NOT_ANSWERED) return
    const row = this.contactRow[contact] as number
    const waitSeconds = this.now - (this.arrivedAt[contact] as number)
    const within = waitSeconds <= this.thresholdOf(contact)
    this.contactAnswer[contact] = within ? ANSWERED_WITHIN : ANSWERED_LATE
    add(this.tally.answered, row, 1)
    if (within) add(this.tally.answeredWithin, row, 1)
    add(this.tally.answeredWaitSeconds, row, waitSeconds)
    add(this.tally.allWaitSeconds, row, waitSeconds)
  }

  private thresholdOf(contact: number): number {
    return this.input.skills[this.contactSkill[contact] as number]?.answerThresholdSeconds ?? 0
  }

  private onHandled(agent: number, serial: number): void {
    if (this.agentSerial[agent] !== serial) return
    this.freeSlot(this.agentContact[agent] as number)
    this.agentSerial[agent] = serial + 1
    if (this.agentState[agent] === LEAVING) this.moveAgent(agent, LEAVING, OFF)
    else this.becomeFree(agent, BUSY)
  }

  private becomeFree(agent: number, from: number): void {
    const contact = this.nextContactFor(this.agentGroup[agent] as number)
    if (contact >= 0) {
      this.queues.remove(this.contactSkill[contact] as number, contact)
      this.startHandling(agent, from, contact)
      return
    }
    this.idleSince[agent] = this.now
    this.moveAgent(agent, from, IDLE)
  }

  private nextContactFor(group: number): number {
    const byPriority = this.input.routing === 'priority'
    let chosen = -1
    let chosenPriority = 0
    for (const { skill, priority } of this.input.groups[group]?.skills ?? []) {
      const contact = this.queues.head(skill)
      if (contact < 0) continue
      const longer = chosen < 0 || (this.arrivedAt[contact] as number) < (this.arrivedAt[chosen] as number)
      const better =
        byPriority && chosen >= 0 && priority !== chosenPriority ? priority < chosenPriority : longer
      if (!better) continue
      chosen = contact
      chosenPriority = priority
    }
    return chosen
  }

  private onPatienceEnd(contact: number, serial: number): void {
    if (this.contactSerial[contact] !== serial || this.contactState[contact] !== WAITING) return
    this.queues.remove(this.contactSkill[contact] as number, contact)
    const row = this.contactRow[contact] as number
    this.undoAnswer(contact, row)
    const waitSeconds = this.now - (this.arrivedAt[contact] as number)
    add(this.tally.abandoned, row, 1)
    if (waitSeconds <= this.thresholdOf(contact)) add(this.tally.abandonedWithin, row, 1)
    add(this.tally.allWaitSeconds, row, waitSeconds)
    this.freeSlot(contact)
  }

  /** A caller put back by an agent who left, and who gives up, was not served. */
  private undoAnswer(contact: number, row: number): void {
    if (this.contactAnswer[contact] === NOT_ANSWERED) return
    add(this.tally.answered, row, -1)
    if (this.contactAnswer[contact] === ANSWERED_WITHIN) add(this.tally.answeredWithin, row, -1)
  }

  private takeSlot(): number {
    const free = this.freeSlots.pop()
    if (free !== undefined) return free
    if (this.slots === this.arrivedAt.length) this.growSlots()
    return this.slots++
  }

  private freeSlot(contact: number): void {
    this.contactState[contact] = 0
    this.contactSerial[contact] = (this.contactSerial[contact] as number) + 1
    this.freeSlots.push(contact)
  }

  private growSlots(): void {
    const size = 2 * this.arrivedAt.length
    const floats = (old: Float64Array) => copied(new Float64Array(size), old)
    const whole = (old: Int32Array) => copied(new Int32Array(size), old)
    const bytes = (old: Uint8Array) => copied(new Uint8Array(size), old)
    this.arrivedAt = floats(this.arrivedAt)
    this.handlingSeconds = floats(this.handlingSeconds)
    this.startedAt = floats(this.startedAt)
    this.contactRow = whole(this.contactRow)
    this.contactSkill = whole(this.contactSkill)
    this.contactSerial = whole(this.contactSerial)
    this.contactState = bytes(this.contactState)
    this.contactAnswer = bytes(this.contactAnswer)
    this.queues.growTo(size)
  }
}

function copied<T extends { set(source: T): void }>(target: T, source: T): T {
  target.set(source)
  return target
}

function add(sums: Float64Array, row: number, amount: number): void {
  sums[row] = (sums[row] as number) + amount
}

/** For one skill: the groups that have it (`skill` then holds the group), with the group's priority for it. */
function groupsWith(input: SimulationInput, skill: number): GroupSkill[] {
  return input.groups.flatMap((group, index) =>
    group.skills.filter((own) => own.skill === skill).map(({ priority }) => ({ skill: index, priority })),
  )
}

function createTally(skillRows: number, groupRows: number): RunTally {
  return {
    offered: new Float64Array(skillRows),
    waited: new Float64Array(skillRows),
    answered: new Float64Array(skillRows),
    answeredWithin: new Float64Array(skillRows),
    abandoned: new Float64Array(skillRows),
    abandonedWithin: new Float64Array(skillRows),
    answeredWaitSeconds: new Float64Array(skillRows),
    allWaitSeconds: new Float64Array(skillRows),
    queueSeconds: new Float64Array(skillRows),
    busySeconds: new Float64Array(groupRows),
    loggedInSeconds: new Float64Array(groupRows),
  }
}
