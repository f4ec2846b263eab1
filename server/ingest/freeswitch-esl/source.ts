/**
 * FreeSWITCH's event socket as a live source: signs in, asks for mod_callcenter's events and how things stand, follows, and
 * comes back after a loss with a gap told and a snapshot that closes what ended meanwhile.
 */
import { connect, type Socket } from 'node:net'
import { type Clock, realClock } from '../../domain/clock.ts'
import { type FeedWord, feedWord } from '../../wire/feed-state.ts'
import { isRecord } from '../canonical-event.ts'
import { FeedDelivery, type FeedOptions, type RunningFeedSource } from '../feed-delivery.ts'
import { FeedFault, wordOf } from '../feed-fault.ts'
import { type EslFrame, EslFrameReader, parseHeaders } from './frames.ts'
import { type EslFields, mapCallCenterEvent } from './mapper.ts'
import { EslSnapshot, type KnownTiers } from './snapshot.ts'

const RECONNECT_MS_MIN = 250
const RECONNECT_MS_MAX = 10_000
/** A switch that says nothing for so long is asked, and given up when it does not answer. */
const PING_MS = 15_000

export interface FreeswitchEslOptions extends FeedOptions {
  readonly host: string
  readonly port: number
  readonly password: string
  readonly name: string
  readonly pingMs?: number
}

export function startFreeswitchEslSource(options: FreeswitchEslOptions): RunningFeedSource {
  const source = new Esl(options)
  return { state: () => source.delivery.state(), close: () => source.close() }
}

class Esl {
  readonly delivery: FeedDelivery
  readonly #options: FreeswitchEslOptions
  readonly #source: string
  readonly #clock: Clock
  #socket: Socket | null = null
  #step: 'greeting' | 'auth' | 'subscribe' | 'following' = 'greeting'
  #reconnectMs = RECONNECT_MS_MIN
  #reconnecting: ReturnType<typeof setTimeout> | undefined
  #pinging: ReturnType<typeof setInterval> | undefined
  #heardSincePing = true
  /** Subscribed on this connection: what happens after its loss is missed. */
  #isFollowing = false
  #closed = false
  readonly #tiers: KnownTiers = new Map()
  readonly #queues = new Set<string>()
  #snapshot: EslSnapshot | null = null
  /** Answers come in the order of the commands: which of them belong to the snapshot. */
  #awaited: ('snapshot' | 'ping')[] = []

  constructor(options: FreeswitchEslOptions) {
    this.#options = options
    this.#clock = options.clock ?? realClock
    this.#source = `/freeswitch-esl/${options.name}`
    this.delivery = new FeedDelivery(this.#source, options, {
      pause: () => this.#socket?.pause(),
      resume: () => this.#socket?.resume(),
    })
    this.#connect()
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#reconnecting)
    clearInterval(this.#pinging)
    this.#socket?.destroy()
    await this.delivery.close()
  }

  #connect(): void {
    const { host, port } = this.#options
    const socket = connect({ host, port })
    this.#socket = socket
    if (this.delivery.isPaused) socket.pause()
    this.#step = 'greeting'
    this.#snapshot = null
    this.#awaited = []
    this.#heardSincePing = true
    const reader = new EslFrameReader()
    let reason = feedWord('closed-by-peer')
    clearInterval(this.#pinging)
    this.#pinging = setInterval(() => this.#ping(socket), this.#options.pingMs ?? PING_MS)
    socket.on('data', (chunk: Buffer) => {
      this.#heardSincePing = true
      this.delivery.heard()
      const frames = reader.read(chunk)
      if (frames === null) socket.destroy(new FeedFault('other-protocol'))
      else for (const frame of frames) this.#receive(socket, frame)
    })
    socket.on('error', (error) => {
      reason = wordOf(error)
    })
    socket.on('close', () => this.#lose(reason))
  }

  #ping(socket: Socket): void {
    if (this.delivery.isPaused) return
    if (!this.#heardSincePing) {
      socket.destroy(new FeedFault('no-answer'))
      return
    }
    this.#heardSincePing = false
    if (this.#step === 'following') this.#ask(socket, 'ping', ['api status\n\n'])
  }

  #receive(socket: Socket, { headers, body }: EslFrame): void {
    const contentType = headers.get('content-type')
    if (contentType === 'auth/request') {
      this.#step = 'auth'
      socket.write(`auth ${this.#options.password.replace(/[\r\n]/g, '')}\n\n`)
    } else if (contentType === 'command/reply') this.#answer(socket, headers.get('reply-text') ?? '')
    else if (contentType === 'text/event-json') this.#event(jsonFields(body), body)
    else if (contentType === 'text/event-plain') this.#event(plainFields(body), body)
    else if (contentType === 'api/response') this.#told(socket, body)
    else if (contentType === 'text/disconnect-notice') socket.destroy()
    else if (contentType === 'text/rude-rejection') socket.destroy(new FeedFault('address-refused'))
  }

  #answer(socket: Socket, reply: string): void {
    if (!reply.startsWith('+OK')) {
      socket.destroy(new FeedFault('sign-in-refused', { cause: reply.slice(0, 200) }))
    } else if (this.#step === 'auth') {
      this.#step = 'subscribe'
      socket.write('event json CUSTOM callcenter::info\n\n')
    } else if (this.#step === 'subscribe') {
      this.#step = 'following'
      this.#reconnectMs = RECONNECT_MS_MIN
      this.#isFollowing = true
      this.#snapshot = new EslSnapshot({
        source: this.#source,
        tiers: this.#tiers,
        queues: this.#queues,
        nowMs: this.#clock.nowMs(),
      })
      this.#ask(socket, 'snapshot', this.#snapshot.firstCommands)
      this.delivery.change(true, feedWord('asking'))
    }
  }

  #ask(socket: Socket, what: 'snapshot' | 'ping', commands: readonly string[]): void {
    for (const command of commands) {
      this.#awaited.push(what)
      socket.write(command)
    }
  }

  #told(socket: Socket, body: string): void {
    const snapshot = this.#snapshot
    if (this.#awaited.shift() !== 'snapshot' || snapshot === null) return
    const { events, commands } = snapshot.answer(body)
    const heardAt = new Date(this.#clock.nowMs()).toISOString()
    this.delivery.push(
      events.map((event) => (event.time === undefined ? { ...event, time: heardAt } : event)),
    )
    this.#ask(socket, 'snapshot', commands)
    if (!snapshot.isDone) return
    this.#snapshot = null
    this.delivery.change(true, feedWord('connected'))
  }

  #event(fields: EslFields | null, body: string): void {
    if (fields === null) {
      this.#reject('not JSON', body)
      return
    }
    const { events, unknownVerb, rejected } = mapCallCenterEvent(fields, this.#source)
    if (unknownVerb !== undefined) this.#options.onUnknownVerb?.(unknownVerb)
    if (rejected !== undefined) this.#reject(rejected, body)
    for (const event of events) this.#snapshot?.seen(event)
    const heardAt = new Date(this.#clock.nowMs()).toISOString()
    this.delivery.push(
      events.map((event) => (event.time === undefined ? { ...event, time: heardAt } : event)),
    )
  }

  #reject(reason: string, body: string): void {
    this.#options.onRejected?.({ place: 'event', reason, excerpt: body.slice(0, 200) })
  }

  #lose(reason: FeedWord): void {
    clearInterval(this.#pinging)
    if (this.#closed) return
    if (this.#isFollowing) this.delivery.push([this.delivery.gap('connection')])
    this.#isFollowing = false
    this.delivery.change(false, reason)
    this.#reconnecting = setTimeout(() => this.#connect(), this.#reconnectMs)
    this.#reconnectMs = Math.min(this.#reconnectMs * 2, RECONNECT_MS_MAX)
  }
}

function jsonFields(body: string): EslFields | null {
  try {
    const value: unknown = JSON.parse(body)
    if (!isRecord(value)) return null
    const fields = new Map<string, string>()
    for (const [name, entry] of Object.entries(value)) {
      if (typeof entry === 'string' || typeof entry === 'number')
        fields.set(name.toLowerCase(), String(entry))
    }
    return fields
  } catch {
    return null
  }
}

/** Values of plain events are written as in an address. */
function plainFields(body: string): EslFields {
  const fields = new Map<string, string>()
  for (const [name, value] of parseHeaders(body)) {
    try {
      fields.set(name, decodeURIComponent(value))
    } catch {
      fields.set(name, value)
    }
  }
  return fields
}
