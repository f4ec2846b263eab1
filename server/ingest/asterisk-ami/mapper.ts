/**
 * Events of Asterisk's manager interface as events of ours. Small state: which call a channel belongs to (Linkedid may change
 * under way), who has left a queue a moment ago, and the members. A caller's leaving is reported before the agent's answer,
 * so leaving alone decides nothing until 2 s have passed.
 */
import type { EventData, EventType } from '../../domain/event.ts'
import { OPEN_CONTACTS_MAX } from '../../wire/event-schema.ts'
import { BoundedMap, type CanonicalEvent, canonicalEvent } from '../canonical-event.ts'
import type { AmiBlock } from './blocks.ts'
import { type AgentChange, agentIdOf, QueueMembers } from './members.ts'
import { compact, hashed, type Moment, momentOf, WITHOUT_MEANING } from './moments.ts'

/** Calls known at once: those whose end never came must not pile up. */
const CALLS_MAX = 50_000
const QUEUES_MAX = 10_000
const LEFT_WITHOUT_ANSWER_MS = 2_000
/** Between two looks, which are half a second apart. */
const CLOCK_JUMP_MS = 60_000
/** Consultations that wait in a queue for the caller whom they were made for, and pairs of ids told to be one. */
const TRANSFERS_MAX = 10_000

type TimedChange = AgentChange & { readonly atMs?: number }
type CallState = 'waiting' | 'left' | 'talking' | 'held'

interface Call {
  readonly contactId: string
  readonly queueId: string
  state: CallState
  readonly joinedAtMs: number
  leftAtMs: number
}

export class AmiMapper {
  readonly #source: string
  readonly #calls = new BoundedMap<string, Call>(CALLS_MAX)
  readonly #agentOnCall = new BoundedMap<string, string>(CALLS_MAX)
  /** Channels that left their queue and are not settled yet, and when we heard so: the source's clock may differ from ours. */
  readonly #leaving = new Map<string, number>()
  #settledAtMs: number | null = null
  /** By contact: the channel whose place in a queue it has taken over by an attended transfer. */
  readonly #placeOf = new BoundedMap<string, string>(TRANSFERS_MAX)
  readonly #merged = new BoundedMap<string, true>(TRANSFERS_MAX)
  readonly #queueParams = new BoundedMap<string, string>(QUEUES_MAX)
  readonly #members = new QueueMembers()
  /** Channels that a snapshot under way, or an event since its begin, has told of. */
  #listedChannels: Set<string> | null = null
  /** Before all numbers of the connection before, so that order survives a reconnect. */
  #epochMs = 0
  #count = 0
  #heardAtMs = 0

  constructor(source: string) {
    this.#source = source
  }

  /** A new connection: numbering starts again after all that was numbered before. */
  startConnection(nowMs: number): void {
    this.#epochMs = Math.max(nowMs, this.#epochMs + 1)
    this.#count = 0
  }

  /** Events of one block; null for an event that nobody knows. */
  map(block: AmiBlock, receivedAtMs: number): CanonicalEvent[] | null {
    const name = block.get('Event') ?? ''
    const reader = this.#readers[name.toLowerCase()]
    if (reader === undefined) return WITHOUT_MEANING.has(name) ? [] : null
    this.#heardAtMs = receivedAtMs
    const moment = momentOf(block, receivedAtMs)
    return reader(block, moment.atMs).map((change, index) => this.#event(change, moment, index))
  }

  /** Callers who left a while ago and were neither answered nor called abandoned. */
  settleLeft(nowMs: number): CanonicalEvent[] {
    const sinceMs = this.#settledAtMs === null ? 0 : nowMs - this.#settledAtMs
    this.#settledAtMs = nowMs
    if (sinceMs < 0 || sinceMs > CLOCK_JUMP_MS) {
      // Our own clock was set: the two seconds begin anew, for nobody knows how much of them has passed.
      for (const channelId of this.#leaving.keys()) this.#leaving.set(channelId, nowMs)
      return []
    }
    const events: CanonicalEvent[] = []
    for (const [channelId, heardAtMs] of this.#leaving) {
      const call = this.#calls.get(channelId)
      if (call?.state === 'left' && nowMs - heardAtMs < LEFT_WITHOUT_ANSWER_MS) continue
      this.#leaving.delete(channelId)
      if (call?.state !== 'left') continue
      this.#calls.delete(channelId)
      const data: EventData = {
        contactId: call.contactId,
        queueId: call.queueId,
        reason: 'other',
        waitSeconds: Math.max(0, Math.round((call.leftAtMs - call.joinedAtMs) / 1000)),
      }
      events.push(
        this.#event(
          { type: 'cc.contact.left-queue.v1', data },
          {
            atMs: call.leftAtMs,
            identity: `left ${channelId} ${call.queueId} ${call.joinedAtMs}`,
          },
          0,
        ),
      )
    }
    return events
  }

  /** How things stand is being told: rows and events come mixed, each as it was when it was sent. */
  beginSnapshot(): void {
    this.#listedChannels = new Set()
    this.#members.beginSnapshot()
  }

  /** QueueParams: how a queue is set up. Told when it is new or has changed; 0 seconds is "not set" there. */
  queueParams(block: AmiBlock, receivedAtMs: number): CanonicalEvent[] {
    const queueId = block.get('Queue')
    if (queueId === undefined) return []
    const serviceLevelSeconds = block.number('ServiceLevel') ?? 0
    const raw = serviceLevelSeconds > 0 ? { serviceLevelSeconds } : {}
    const told = JSON.stringify(raw)
    if (this.#queueParams.get(queueId) === told) return []
    this.#queueParams.set(queueId, told)
    const change = { type: 'cc.queue.configured.v1', data: { queueId, raw } } as const
    return [this.#event(change, { atMs: receivedAtMs, identity: null }, 0)]
  }

  /** A row QueueMember or QueueEntry of the snapshot. */
  snapshotRow(block: AmiBlock, receivedAtMs: number): CanonicalEvent[] {
    const changes: readonly TimedChange[] =
      block.get('Event') === 'QueueEntry'
        ? this.#waitingEntry(block, receivedAtMs)
        : this.#members.seen(block)
    return changes.map((change, index) =>
      this.#event(change, { atMs: change.atMs ?? receivedAtMs, identity: null }, index),
    )
  }

  /**
   * The end of the snapshot: contacts that are not open any more ended while nobody listened. `channels` are all live ones,
   * null where the user may not list them: then the calls under way are taken to go on, for nothing says that they ended.
   */
  finishSnapshot(channels: readonly AmiBlock[] | null, nowMs: number): CanonicalEvent[] {
    const openContactIds = this.#openContacts(this.#listedChannels ?? new Set(), channels)
    this.#listedChannels = null
    const changes: AgentChange[] = [
      { type: 'cc.source.snapshot.v1', data: { reason: 'resync', openContactIds } },
      ...this.#members.finishSnapshot(),
    ]
    return changes.map((change, index) => this.#event(change, { atMs: nowMs, identity: null }, index))
  }

  #waitingEntry(entry: AmiBlock, nowMs: number): TimedChange[] {
    const channelId = entry.get('Uniqueid')
    const queueId = entry.get('Queue')
    if (channelId === undefined || queueId === undefined) return []
    const known = this.#calls.get(channelId)
    this.#listedChannels?.add(channelId)
    if (known?.state === 'waiting' && known.queueId === queueId) return []
    const contactId = known?.contactId ?? entry.get('Linkedid') ?? channelId
    const joinedAtMs = nowMs - (entry.number('Wait') ?? 0) * 1000
    this.#calls.set(channelId, { contactId, queueId, state: 'waiting', joinedAtMs, leftAtMs: 0 })
    const data = compact({ contactId, queueId, callerNumber: entry.get('CallerIDNum') })
    const queued = { type: 'cc.contact.queued.v1' as const, data, atMs: joinedAtMs }
    if (known?.state !== 'waiting') return [queued]
    // From one queue into another while nobody listened.
    const left = { contactId, queueId: known.queueId, reason: 'other' }
    return [{ type: 'cc.contact.left-queue.v1', data: left, atMs: joinedAtMs }, queued]
  }

  #openContacts(listed: ReadonlySet<string>, channels: readonly AmiBlock[] | null): string[] {
    const live = channels === null ? null : new Set<string>()
    const open = new Set<string>()
    for (const block of channels ?? []) {
      for (const id of [block.get('Uniqueid'), block.get('Linkedid')]) {
        if (id === undefined) continue
        live?.add(id)
        // A call of before our own start: its contact is known by one of these.
        open.add(id)
      }
    }
    const goesOn = (channelId: string, { state }: Call) =>
      listed.has(channelId) ||
      ((state === 'talking' || state === 'held') && (live === null || live.has(channelId)))
    for (const [channelId, call] of this.#calls.entries()) {
      if (goesOn(channelId, call)) continue
      this.#calls.delete(channelId)
      open.delete(call.contactId)
    }
    for (const [, { contactId }] of this.#calls.entries()) open.add(contactId)
    return [...open].slice(0, OPEN_CONTACTS_MAX)
  }

  #event(
    change: { readonly type: EventType; readonly data: EventData },
    { atMs, identity }: Moment,
    index: number,
  ): CanonicalEvent {
    this.#count += 1
    const sequence = `${String(this.#epochMs).padStart(14, '0')}-${String(this.#count).padStart(10, '0')}`
    const id = identity === null ? `seq-${sequence}` : hashed(identity)
    const { type, data } = change
    return canonicalEvent({
      id: index === 0 ? id : `${id}-${index}`,
      source: this.#source,
      type,
      timeMs: atMs,
      sequence,
      data,
    })
  }

  readonly #queued = (block: AmiBlock, atMs: number): AgentChange[] => {
    const channelId = block.get('Uniqueid')
    const queueId = block.get('Queue')
    if (channelId === undefined || queueId === undefined) return []
    this.#listedChannels?.add(channelId)
    const known = this.#calls.get(channelId)
    // Listed by a snapshot already, which was told after this.
    if (known?.state === 'waiting' && known.queueId === queueId) return []
    const contactId = block.get('Linkedid') ?? channelId
    this.#calls.set(channelId, { contactId, queueId, state: 'waiting', joinedAtMs: atMs, leftAtMs: 0 })
    const callerNumber = block.get('CallerIDNum')
    return [{ type: 'cc.contact.queued.v1', data: compact({ contactId, queueId, callerNumber }) }]
  }

  readonly #left = (block: AmiBlock, atMs: number): AgentChange[] => {
    const place = this.#placeIn(block)
    const call = this.#calls.get(place)
    if (call?.state === 'waiting' && call.queueId === block.get('Queue')) {
      call.state = 'left'
      call.leftAtMs = atMs
      this.#leaving.set(place, this.#heardAtMs)
    }
    return []
  }

  /** The channel under which the event's call waits in the event's queue: its own, or the one whose place it has taken. */
  #placeIn(block: AmiBlock): string {
    const channelId = block.get('Uniqueid') ?? ''
    const queueId = block.get('Queue')
    const own = this.#calls.get(channelId)
    if (own?.queueId === queueId && own?.state !== 'talking' && own?.state !== 'held') return channelId
    for (const contactId of [own?.contactId, block.get('Linkedid'), channelId]) {
      const taken = contactId === undefined ? undefined : this.#placeOf.get(contactId)
      if (taken !== undefined && this.#calls.get(taken)?.queueId === queueId) return taken
    }
    return channelId
  }

  /**
   * The agent's consultation waits in a queue, or talks there, and now the caller is put in its place: both are one contact,
   * and what follows may come under the id of either (asterisk issue 759).
   */
  readonly #transferred = (block: AmiBlock): AgentChange[] => {
    if (block.get('Result')?.toLowerCase() === 'fail') return []
    const channelId = block.get('SecondTransfererUniqueid') ?? ''
    const consultation = this.#calls.get(channelId)
    const transferee = block.get('TransfereeUniqueid')
    const contactId =
      this.#calls.get(transferee ?? '')?.contactId ??
      block.get('TransfereeLinkedid', 'OrigTransfererLinkedid') ??
      transferee
    if (consultation === undefined || contactId === undefined) return []
    this.#placeOf.set(contactId, channelId)
    if (transferee !== undefined) this.#placeOf.set(transferee, channelId)
    return this.#merge(contactId, consultation.contactId)
  }

  /** Told once of each pair. */
  #merge(contactId: string, aliasId: string): AgentChange[] {
    const pair = `${contactId}\n${aliasId}`
    if (contactId === aliasId || this.#merged.has(pair)) return []
    this.#merged.set(pair, true)
    return [{ type: 'cc.contact.merged.v1', data: { contactId, aliasIds: [aliasId] } }]
  }

  /**
   * A channel that goes by another linked id than when it entered has been joined to another call. Only calls of queues are
   * made one: the linked id of an agent who stays on the line all day is that of every call of the day.
   */
  #joined(call: Call, linkedId: string | undefined): AgentChange[] {
    if (linkedId === undefined || linkedId === call.contactId) return []
    const isCallOfAQueue = this.#calls.entries().some(([, { contactId }]) => contactId === linkedId)
    return isCallOfAQueue ? this.#merge(linkedId, call.contactId) : []
  }

  readonly #abandoned = (block: AmiBlock): AgentChange[] => {
    const waitSeconds = block.number('HoldTime')
    const changes = this.#ofCall(block, 'cc.contact.abandoned.v1', { waitSeconds })
    this.#calls.delete(this.#placeIn(block))
    return changes
  }

  readonly #connected = (block: AmiBlock, atMs: number): AgentChange[] => {
    const changes = this.#ofCall(block, 'cc.contact.answered.v1', {
      agentId: agentIdOf(block),
      offerId: block.get('DestUniqueid', 'DestUniqueID'),
      waitSeconds: block.number('HoldTime'),
      ringSeconds: block.number('RingTime'),
    })
    const channelId = block.get('Uniqueid')
    const [answer] = changes
    if (channelId === undefined || answer?.data.contactId === undefined) return changes
    this.#listedChannels?.add(channelId)
    const place = this.#placeIn(block)
    const known = this.#calls.get(place)
    // Whoever waited in that place is answered under the channel of now.
    if (place !== channelId) this.#calls.delete(place)
    this.#calls.set(channelId, {
      contactId: answer.data.contactId,
      queueId: answer.data.queueId ?? '',
      state: 'talking',
      joinedAtMs: known?.joinedAtMs ?? atMs,
      leftAtMs: atMs,
    })
    return changes
  }

  readonly #completed = (block: AmiBlock): AgentChange[] => {
    const agentId = agentIdOf(block)
    const wrapUpSeconds = this.#members.wrapUpSeconds(block.get('Queue') ?? '', agentId ?? '')
    const reason = block.get('Reason')?.toLowerCase()
    const talkSeconds = block.number('TalkTime')
    const parts = { agentId, talkSeconds, acwSeconds: wrapUpSeconds > 0 ? wrapUpSeconds : undefined }
    const changes =
      reason === 'transfer'
        ? this.#ofCall(block, 'cc.contact.transferred.v1', { ...parts, kind: 'blind' })
        : this.#ofCall(block, 'cc.contact.ended.v1', {
            ...parts,
            endedBy: reason === 'agent' ? 'agent' : reason === 'caller' ? 'customer' : undefined,
          })
    const channelId = block.get('Uniqueid') ?? ''
    // It may talk in another queue already, in the place of a consultation.
    if (this.#calls.get(channelId)?.queueId === block.get('Queue')) this.#calls.delete(channelId)
    return changes
  }

  /** Music for the caller of an agent is a hold; for a caller in the queue it is the queue's own. */
  readonly #music = (block: AmiBlock, starts: boolean): AgentChange[] => {
    const call = this.#calls.get(block.get('Uniqueid') ?? '')
    if (call === undefined || call.state !== (starts ? 'talking' : 'held')) return []
    call.state = starts ? 'held' : 'talking'
    const agentId = this.#agentOnCall.get(call.contactId)
    if (agentId === undefined) return []
    const type = starts ? 'cc.contact.held.v1' : 'cc.contact.retrieved.v1'
    return [{ type, data: { contactId: call.contactId, queueId: call.queueId, agentId } }]
  }

  /** The contact with which the channel entered its queue; for a call that was under way before, what the event says. */
  #ofCall(block: AmiBlock, type: EventType, more: Parameters<typeof compact>[0]): AgentChange[] {
    const channelId = block.get('Uniqueid')
    const queueId = block.get('Queue')
    const known = this.#calls.get(channelId ?? '')
    const contactId = known?.contactId ?? block.get('Linkedid') ?? channelId
    if (contactId === undefined || queueId === undefined) return []
    const needsAgent = type !== 'cc.contact.abandoned.v1' && type !== 'cc.contact.ended.v1'
    if (needsAgent && more.agentId === undefined) return []
    if (type === 'cc.contact.answered.v1' && more.agentId !== undefined)
      this.#agentOnCall.set(contactId, more.agentId)
    if (type === 'cc.contact.ended.v1' || type === 'cc.contact.transferred.v1')
      this.#agentOnCall.delete(contactId)
    const change = { type, data: compact({ contactId, queueId, ...more }) }
    // The event itself comes first: its id must not depend on what is known besides.
    return known === undefined ? [change] : [change, ...this.#joined(known, block.get('Linkedid'))]
  }

  #session(type: EventType): (block: AmiBlock) => AgentChange[] {
    return (block) => {
      const agent = block.get('Agent')
      if (agent === undefined) return []
      // The queue log writes agents of the pool with this prefix.
      const agentId = agent.includes('/') ? agent : `Agent/${agent}`
      const reason = type === 'cc.agent.logged-off.v1' ? 'membership-kept' : undefined
      return [{ type, data: compact({ agentId, reason }) }]
    }
  }

  /** By name in lower case; the names of before Asterisk 12 beside those of after. */
  readonly #readers: Readonly<Record<string, (block: AmiBlock, atMs: number) => AgentChange[]>> = {
    queuecallerjoin: this.#queued,
    join: this.#queued,
    queuecallerleave: this.#left,
    leave: this.#left,
    queuecallerabandon: this.#abandoned,
    agentcalled: (block) =>
      this.#ofCall(block, 'cc.contact.offered.v1', {
        agentId: agentIdOf(block),
        offerId: block.get('DestUniqueid', 'DestUniqueID'),
      }),
    agentringnoanswer: (block) => this.#offerEnded(block, 'noAnswer'),
    agentdump: (block) => this.#offerEnded(block, 'failed'),
    agentconnect: this.#connected,
    agentcomplete: this.#completed,
    attendedtransfer: this.#transferred,
    musiconholdstart: (block) => this.#music(block, true),
    musiconholdstop: (block) => this.#music(block, false),
    queuememberadded: (block) => this.#members.seen(block),
    queuememberstatus: (block) => this.#members.seen(block),
    queuememberpause: (block) => this.#members.seen(block),
    queuememberpaused: (block) => this.#members.seen(block),
    queuememberremoved: (block) => this.#members.removed(block),
    agentlogin: this.#session('cc.agent.logged-on.v1'),
    agentlogoff: this.#session('cc.agent.logged-off.v1'),
  }

  #offerEnded(block: AmiBlock, reason: 'noAnswer' | 'failed'): AgentChange[] {
    const offerId = block.get('DestUniqueid', 'DestUniqueID')
    return this.#ofCall(block, 'cc.contact.offer-ended.v1', { agentId: agentIdOf(block), offerId, reason })
  }
}
