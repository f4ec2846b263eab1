/**
 * The manager interface as a live source: connects, signs in, narrows the stream to queues and agents, asks how things stand,
 * and follows. After a lost connection: a gap, and a snapshot that closes what ended meanwhile. States: connecting →
 * connected ⇄ waiting → closed.
 */
import { createHash } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { type Clock, realClock } from '../../domain/clock.ts'
import { type FeedWord, feedWord } from '../../wire/feed-state.ts'
import { FeedDelivery, type FeedOptions, type RunningFeedSource } from '../feed-delivery.ts'
import { FeedFault, wordOf } from '../feed-fault.ts'
import { type AmiBlock, AmiBlockReader, amiAction } from './blocks.ts'
import { AmiMapper } from './mapper.ts'

const RECONNECT_MS_MIN = 250
const RECONNECT_MS_MAX = 10_000
/** A manager that says nothing for so long is asked, and given up when it does not answer. */
const PING_MS = 15_000
const SETTLE_MS = 500
/** Channels of one snapshot. */
const CHANNELS_MAX = 100_000

export interface AsteriskAmiOptions extends FeedOptions {
  readonly host: string
  readonly port: number
  readonly username: string
  readonly secret: string
  readonly name: string
  readonly tls?: boolean
  readonly pingMs?: number
}

export function startAsteriskAmiSource(options: AsteriskAmiOptions): RunningFeedSource {
  const source = new Ami(options)
  return { state: () => source.delivery.state(), close: () => source.close() }
}

interface Snapshot {
  /** Null where the user may not list them. */
  channels: AmiBlock[] | null
  queuesDone: boolean
  channelsDone: boolean
}

class Ami {
  readonly delivery: FeedDelivery
  readonly #options: AsteriskAmiOptions
  readonly #clock: Clock
  readonly #mapper: AmiMapper
  #socket: Socket | null = null
  #snapshot: Snapshot | null = null
  #reconnectMs = RECONNECT_MS_MIN
  #reconnecting: ReturnType<typeof setTimeout> | undefined
  #pinging: ReturnType<typeof setInterval> | undefined
  readonly #settling: ReturnType<typeof setInterval>
  #heardSincePing = true
  /** Signed in on this connection: what happens after its loss is missed. */
  #isFollowing = false
  #closed = false

  constructor(options: AsteriskAmiOptions) {
    this.#options = options
    this.#clock = options.clock ?? realClock
    const source = `/asterisk-ami/${options.name}`
    this.delivery = new FeedDelivery(source, options, {
      pause: () => this.#socket?.pause(),
      resume: () => this.#socket?.resume(),
    })
    this.#mapper = new AmiMapper(source)
    this.#settling = setInterval(
      () => this.delivery.push(this.#mapper.settleLeft(this.#clock.nowMs())),
      SETTLE_MS,
    )
    this.#connect()
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#reconnecting)
    clearInterval(this.#pinging)
    clearInterval(this.#settling)
    this.#socket?.destroy()
    await this.delivery.close()
  }

  #connect(): void {
    const { host, port, tls } = this.#options
    const socket = tls === true ? connectTls({ host, port, servername: host }) : connect({ host, port })
    this.#socket = socket
    if (this.delivery.isPaused) socket.pause()
    const reader = new AmiBlockReader()
    socket.setNoDelay(true)
    socket.on(tls === true ? 'secureConnect' : 'connect', () => this.#signIn(socket))
    socket.on('data', (chunk: Buffer) => {
      if (socket !== this.#socket) return
      this.#heardSincePing = true
      this.delivery.heard()
      const blocks = reader.read(chunk)
      if (blocks === null) socket.destroy(new FeedFault('other-protocol'))
      else for (const block of blocks) this.#receive(socket, block)
    })
    let reason = feedWord('closed-by-peer')
    socket.on('error', (error) => {
      reason = wordOf(error)
    })
    socket.on('close', () => {
      if (socket === this.#socket) this.#lose(reason)
    })
  }

  #signIn(socket: Socket): void {
    const challenge = amiAction([
      ['Action', 'Challenge'],
      ['ActionID', 'challenge'],
      ['AuthType', 'MD5'],
    ])
    // The secret never goes over the wire where the manager gives a challenge; all versions do.
    socket.write(challenge)
    this.#heardSincePing = true
    clearInterval(this.#pinging)
    this.#pinging = setInterval(() => this.#ping(socket), this.#options.pingMs ?? PING_MS)
  }

  #ping(socket: Socket): void {
    if (this.delivery.isPaused) return
    if (!this.#heardSincePing) {
      socket.destroy(new FeedFault('no-answer'))
      return
    }
    this.#heardSincePing = false
    socket.write(amiAction([['Action', 'Ping']]))
  }

  #receive(socket: Socket, block: AmiBlock): void {
    const actionId = block.get('ActionID')
    if (block.get('Response') !== undefined) this.#answer(socket, actionId, block)
    else if (actionId !== undefined && this.#snapshot !== null) this.#collect(this.#snapshot, block)
    else if (block.get('Event') !== undefined) this.#event(block)
  }

  #answer(socket: Socket, actionId: string | undefined, block: AmiBlock): void {
    const { username, secret } = this.#options
    const isGood = block.get('Response')?.toLowerCase() === 'success'
    if (actionId === 'challenge') {
      const key = createHash('md5')
        .update(`${block.get('Challenge') ?? ''}${secret}`)
        .digest('hex')
      const proof = isGood
        ? ([
            ['AuthType', 'MD5'],
            ['Key', key],
          ] as const)
        : ([['Secret', secret]] as const)
      const login = [
        ['Action', 'Login'],
        ['ActionID', 'login'],
        ['Username', username],
        ...proof,
        ['Events', 'agent,call'],
      ] as const
      socket.write(amiAction(login))
    } else if (actionId === 'login') {
      if (isGood) this.#begin(socket)
      else socket.destroy(new FeedFault('sign-in-refused', { cause: block.get('Message') ?? '–' }))
    } else if (actionId === 'queues' && !isGood && this.#snapshot !== null) {
      this.#snapshot.queuesDone = true
      this.#finishSnapshot(this.#snapshot)
    } else if (actionId === 'channels' && !isGood && this.#snapshot !== null) {
      // The user may not list channels: calls under way are taken to go on.
      this.#snapshot.channels = null
      this.#snapshot.channelsDone = true
      this.#finishSnapshot(this.#snapshot)
    }
  }

  /** Signed in: only what figures need (one queued call makes 221 events unfiltered), then how things stand. */
  #begin(socket: Socket): void {
    this.#reconnectMs = RECONNECT_MS_MIN
    this.#mapper.startConnection(this.#clock.nowMs())
    this.#isFollowing = true
    this.#snapshot = { channels: [], queuesDone: false, channelsDone: false }
    this.#mapper.beginSnapshot()
    for (const filter of [
      'Event: Queue.*',
      'Event: Agent.*',
      'Event: (Join|Leave)',
      'Event: MusicOnHold.*',
      'Event: AttendedTransfer',
    ]) {
      socket.write(
        amiAction([
          ['Action', 'Filter'],
          ['ActionID', 'filter'],
          ['Operation', 'Add'],
          ['Filter', filter],
        ]),
      )
    }
    socket.write(
      amiAction([
        ['Action', 'QueueStatus'],
        ['ActionID', 'queues'],
      ]),
    )
    socket.write(
      amiAction([
        ['Action', 'CoreShowChannels'],
        ['ActionID', 'channels'],
      ]),
    )
    this.delivery.change(true, feedWord('asking'))
  }

  /** Rows are applied as they come: an event between them is newer than the rows before it. */
  #collect(snapshot: Snapshot, block: AmiBlock): void {
    switch (block.get('Event')) {
      case 'QueueMember':
      case 'QueueEntry':
        this.delivery.push(this.#mapper.snapshotRow(block, this.#clock.nowMs()))
        break
      case 'QueueParams':
        this.delivery.push(this.#mapper.queueParams(block, this.#clock.nowMs()))
        break
      case 'CoreShowChannel':
        if ((snapshot.channels?.length ?? 0) < CHANNELS_MAX) snapshot.channels?.push(block)
        break
      case 'QueueStatusComplete':
        snapshot.queuesDone = true
        break
      case 'CoreShowChannelsComplete':
        snapshot.channelsDone = true
        break
      default:
        break
    }
    this.#finishSnapshot(snapshot)
  }

  #finishSnapshot(snapshot: Snapshot): void {
    if (!snapshot.queuesDone || !snapshot.channelsDone) return
    this.#snapshot = null
    this.delivery.push(this.#mapper.finishSnapshot(snapshot.channels, this.#clock.nowMs()))
    this.delivery.change(true, feedWord('connected'))
  }

  #event(block: AmiBlock): void {
    const events = this.#mapper.map(block, this.#clock.nowMs())
    if (events === null) this.#options.onUnknownVerb?.(block.get('Event') ?? '')
    else this.delivery.push(events)
  }

  #lose(reason: FeedWord): void {
    clearInterval(this.#pinging)
    this.#snapshot = null
    if (this.#closed) return
    if (this.#isFollowing) this.delivery.push([this.delivery.gap('connection')])
    this.#isFollowing = false
    this.delivery.change(false, reason)
    this.#reconnecting = setTimeout(() => this.#connect(), this.#reconnectMs)
    this.#reconnectMs = Math.min(this.#reconnectMs * 2, RECONNECT_MS_MAX)
  }
}
