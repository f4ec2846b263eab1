/**
 * Everybody who watches a board. Rules of wire/PROTOCOL.md: first change at once, then at most ten frames a second; one
 * computation and one serialised frame for all viewers of a scope; a slow viewer loses patches, gets a snapshot later and
 * never holds the others up; one that never reads, or sends garbage, is closed with a listed code.
 */
import type { CompositionMessage, HelloMessage } from '../wire/board.ts'
import { type BoardNeed, needOf } from '../wire/board-composition.ts'
import { LIVE_CLOSE_CODES, type LiveCloseReason } from '../wire/close-codes.ts'
import { BoardChannel, type Frame } from './board-channel.ts'
import { type BoardView, viewKey } from './board-view.ts'
import { parseClientMessage } from './client-message.ts'
import {
  type BoardDirectory,
  type BoardSource,
  LIVE_LIMITS,
  type LiveLimits,
  type LiveSocket,
  type LiveViewer,
  type Timers,
} from './live-viewer.ts'

/** Time between close and cutting the connection of a peer that does not answer. */
const CLOSE_GRACE_MS = 2_000

interface Session {
  readonly socket: LiveSocket
  readonly viewer: LiveViewer
  scope: Scope
  /** Since when it is slow; null = keeps up. */
  slowSinceMs: number | null
  awaitsPong: boolean
  closing: boolean
  messagesInSecond: number
  messageSecond: number
}
interface Scope {
  readonly key: string
  readonly channel: BoardChannel
  readonly sessions: Set<Session>
}

export interface LiveHubOptions {
  readonly source: BoardSource
  readonly boards: BoardDirectory
  readonly version: string
  /** The site's clock, maybe scaled. */
  readonly clock: { nowMs(): number; readonly speed: number }
  readonly timers: Timers
  /** 0…1, for the first number of each board. */
  readonly random: () => number
  readonly limits?: Partial<LiveLimits>
}

/** So many that a number of another board, or of an earlier life of the server, is not met again. */
const FIRST_SEQ_MAX = 2 ** 52
const NOTHING: BoardNeed = { scopes: [], slices: [] }

export class LiveHub {
  readonly #options: LiveHubOptions
  readonly #limits: LiveLimits
  readonly #scopes = new Map<string, Scope>()
  readonly #endSubscription: () => void
  #viewerCount = 0
  #lastTickMs = Number.NEGATIVE_INFINITY
  #cancelTick: (() => void) | undefined
  #cancelHeartbeat: (() => void) | undefined
  #lastPingMs: number
  #closed = false
  #framesSent = 0
  #framesSkipped = 0

  constructor(options: LiveHubOptions) {
    this.#options = options
    this.#limits = { ...LIVE_LIMITS, ...options.limits }
    this.#lastPingMs = options.timers.nowMs()
    this.#endSubscription = options.source.onChange(() => this.#changed())
    this.#scheduleHeartbeat()
  }

  get viewerCount(): number {
    return this.#viewerCount
  }
  get framesSent(): number {
    return this.#framesSent
  }
  get framesSkipped(): number {
    return this.#framesSkipped
  }

  /** Takes over a socket that has just been opened. */
  attach(socket: LiveSocket, viewer: LiveViewer): void {
    socket.on('error', () => socket.terminate())
    const full = this.#viewerCount >= this.#limits.viewersMax
    if (this.#closed || full) {
      closeSocket(socket, this.#closed ? 'goingAway' : 'full', this.#options.timers)
      return
    }
    const session: Session = {
      socket,
      viewer,
      scope: this.#scope(this.#viewOf(viewer)),
      slowSinceMs: null,
      awaitsPong: false,
      closing: false,
      messagesInSecond: 0,
      messageSecond: 0,
    }
    session.scope.sessions.add(session)
    this.#viewerCount += 1
    socket.on('close', () => this.#detach(session))
    socket.on('pong', () => {
      session.awaitsPong = false
    })
    socket.on('message', (data, isBinary) => this.#message(session, data, isBinary))
    this.#send(session, Buffer.from(JSON.stringify(this.#hello())))
    this.#sendComposition(session)
    if (viewer.resumeSeq === null) this.#send(session, session.scope.channel.snapshot().bytes)
    else this.#resume(session, viewer.resumeSeq)
  }

  /** A composed board was stored or deleted: its viewers get it, and what it needs now. */
  boardChanged(boardId: string): void {
    for (const session of [...this.#sessions()]) {
      const { watched } = session.viewer
      if (watched.kind !== 'board' || watched.boardId !== boardId) continue
      const before = session.scope
      const view = this.#viewOf(session.viewer)
      if (viewKey(view) !== before.key) {
        session.scope = this.#scope(view)
        session.scope.sessions.add(session)
        this.#leave(session, before)
      }
      // A slow viewer gets both when it has caught up.
      if (this.#isSlow(session)) continue
      this.#sendComposition(session)
      if (session.scope !== before) this.#send(session, session.scope.channel.snapshot().bytes)
    }
  }

  /** Ends the connections that were opened with rights which are gone. */
  endRights(ended: {
    readonly credentialKey?: string
    readonly userId?: string
    readonly linkId?: string
  }): void {
    for (const session of [...this.#sessions()]) {
      const { credentialKey, userId, linkId } = session.viewer
      const ends =
        credentialKey === ended.credentialKey ||
        (userId !== null && userId === ended.userId) ||
        (linkId !== null && linkId === ended.linkId)
      if (ends) this.#close(session, endReason(session.viewer))
    }
  }

  /** Asks for every viewer whether it may still watch (rights may have ended in another process). */
  async recheck(mayWatch: (viewer: LiveViewer) => Promise<boolean>): Promise<void> {
    const answers = new Map<string, boolean>()
    for (const session of [...this.#sessions()]) {
      const key = session.viewer.credentialKey
      const allowed = answers.get(key) ?? (await mayWatch(session.viewer))
      answers.set(key, allowed)
      if (!allowed) this.#close(session, endReason(session.viewer))
    }
  }

  close(): void {
    this.#closed = true
    this.#endSubscription()
    this.#cancelTick?.()
    this.#cancelHeartbeat?.()
    for (const session of [...this.#sessions()]) this.#close(session, 'goingAway')
  }

  *#sessions(): Iterable<Session> {
    for (const scope of this.#scopes.values()) yield* scope.sessions
  }

  #viewOf({ clientId, watched, agentNames }: LiveViewer): BoardView {
    const composition =
      watched.kind === 'board' ? this.#options.boards.find(watched.boardId, clientId)?.body : undefined
    const need: BoardNeed =
      watched.kind === 'everything'
        ? { scopes: [{ kind: 'all' }], slices: watched.slices }
        : composition == null
          ? NOTHING
          : needOf(composition)
    const named = agentNames === 'always' || (agentNames === 'by-board' && composition?.namesOnLinks === true)
    // Where no agent is shown, names make no difference: more viewers share one frame.
    return { clientId, need, agentNames: named && need.slices.includes('agents') }
  }

  #scope(view: BoardView): Scope {
    const key = viewKey(view)
    const known = this.#scopes.get(key)
    if (known !== undefined) return known
    const { source, clock, random } = this.#options
    const channel = new BoardChannel({
      compute: () => source.board(view),
      nowMs: () => clock.nowMs(),
      firstSeq: Math.floor(random() * FIRST_SEQ_MAX),
    })
    channel.tick()
    const scope = { key, channel, sessions: new Set<Session>() }
    this.#scopes.set(key, scope)
    return scope
  }

  #sendComposition(session: Session): void {
    const { watched, clientId } = session.viewer
    if (watched.kind !== 'board') return
    const board = this.#options.boards.find(watched.boardId, clientId)
    const message: CompositionMessage = {
      type: 'composition',
      boardId: watched.boardId,
      version: board?.version ?? 0,
      nowMs: this.#options.clock.nowMs(),
      body: board?.body ?? null,
    }
    this.#send(session, Buffer.from(JSON.stringify(message)))
  }

  #hello(): HelloMessage {
    return {
      type: 'hello',
      protocol: 1,
      version: this.#options.version,
      heartbeatMs: this.#limits.heartbeatMs,
      staleAfterMs: this.#limits.staleAfterMs,
      nowMs: this.#options.clock.nowMs(),
      clockSpeed: this.#options.clock.speed,
    }
  }

  /** First change at once; further ones wait for the end of the batch period. */
  #changed(): void {
    if (this.#cancelTick !== undefined || this.#closed) return
    const sinceLastMs = this.#options.timers.nowMs() - this.#lastTickMs
    const delayMs = Math.max(0, this.#limits.batchMs - sinceLastMs)
    if (delayMs === 0) this.#tick()
    else
      this.#cancelTick = this.#options.timers.after(delayMs, () => {
        this.#cancelTick = undefined
        this.#tick()
      })
  }

  #tick(): void {
    this.#lastTickMs = this.#options.timers.nowMs()
    for (const scope of this.#scopes.values()) {
      if (scope.sessions.size === 0) continue
      const frame = scope.channel.tick()
      if (frame !== undefined) for (const session of scope.sessions) this.#offer(session, frame)
    }
  }

  /** A frame for one viewer: sent, or left out when the viewer has not taken the earlier ones. */
  #offer(session: Session, frame: Frame): void {
    if (this.#isSlow(session)) this.#framesSkipped += 1
    else this.#send(session, frame.bytes)
  }

  /** A slow viewer that has caught up gets the whole board; one that stays slow is closed. */
  #lookAfterSlow(session: Session): void {
    if (session.slowSinceMs === null) return
    if (session.socket.bufferedAmount === 0) {
      session.slowSinceMs = null
      this.#sendComposition(session)
      this.#send(session, session.scope.channel.snapshot().bytes)
    } else if (this.#options.timers.nowMs() - session.slowSinceMs > this.#limits.slowMsMax)
      this.#close(session, 'tooSlow')
  }

  #scheduleHeartbeat(): void {
    this.#cancelHeartbeat = this.#options.timers.after(this.#limits.heartbeatMs, () => {
      this.#heartbeat()
      this.#scheduleHeartbeat()
    })
  }

  /**
   * Time alone changes figures too (the sliding half hour, opening hours), so each heartbeat computes the boards as well;
   * it goes to everybody who keeps up and says which number they should be at.
   */
  #heartbeat(): void {
    if (this.#cancelTick === undefined) this.#tick()
    const nowMs = this.#options.timers.nowMs()
    const pingDue = nowMs - this.#lastPingMs >= this.#limits.pingMs
    if (pingDue) this.#lastPingMs = nowMs
    for (const scope of this.#scopes.values()) {
      if (scope.sessions.size === 0) continue
      const frame = this.#heartbeatFrame(scope.channel)
      for (const session of [...scope.sessions]) {
        this.#lookAfterSlow(session)
        if (pingDue) this.#pingPeer(session)
        if (!session.closing) this.#offer(session, frame)
      }
    }
  }

  /** Finds peers that vanished without closing: no pong until the next ping. */
  #pingPeer(session: Session): void {
    if (session.awaitsPong) {
      this.#close(session, 'tooSlow')
      return
    }
    session.awaitsPong = true
    session.socket.ping()
  }

  #message(session: Session, data: Buffer | ArrayBuffer | Buffer[], isBinary: boolean): void {
    if (session.closing) return
    const message = isBinary || !Buffer.isBuffer(data) ? undefined : parseClientMessage(data.toString('utf8'))
    if (this.#sendsTooMuch(session)) this.#close(session, 'tooManyMessages')
    else if (message === undefined) this.#close(session, 'badMessage')
    // Answers would only pile up at a viewer that does not read; it gets a snapshot once it does.
    else if (this.#isSlow(session)) return
    else if (message.type === 'resume') this.#resume(session, message.seq)
    else {
      const nowMs = this.#options.clock.nowMs()
      this.#send(session, Buffer.from(JSON.stringify({ type: 'pong', sentAt: message.sentAt, nowMs })))
    }
  }

  #sendsTooMuch(session: Session): boolean {
    const second = Math.floor(this.#options.timers.nowMs() / 1000)
    if (second !== session.messageSecond) {
      session.messageSecond = second
      session.messagesInSecond = 0
    }
    session.messagesInSecond += 1
    return session.messagesInSecond > this.#limits.messagesPerSecondMax
  }

  #isSlow(session: Session): boolean {
    if (session.slowSinceMs === null && session.socket.bufferedAmount > this.#limits.slowBytes)
      session.slowSinceMs = this.#options.timers.nowMs()
    return session.slowSinceMs !== null
  }

  #resume(session: Session, seq: number): void {
    const { channel } = session.scope
    const frames = channel.since(seq)
    if (frames === undefined) {
      this.#send(session, channel.snapshot().bytes)
      return
    }
    for (const frame of frames) this.#send(session, frame.bytes)
    // A viewer that missed nothing hears so at once and need not wait for the heartbeat.
    if (frames.length === 0) this.#send(session, this.#heartbeatFrame(channel).bytes)
  }

  #heartbeatFrame(channel: BoardChannel): Frame {
    const text = `{"type":"heartbeat","seq":${channel.seq},"nowMs":${this.#options.clock.nowMs()}}`
    return { seq: channel.seq, bytes: Buffer.from(text) }
  }

  #send(session: Session, bytes: Buffer): void {
    if (session.closing) return
    this.#framesSent += 1
    session.socket.send(bytes, { binary: false })
  }

  #close(session: Session, reason: LiveCloseReason): void {
    if (session.closing) return
    session.closing = true
    closeSocket(session.socket, reason, this.#options.timers)
    this.#detach(session)
  }

  #detach(session: Session): void {
    if (this.#leave(session, session.scope)) this.#viewerCount -= 1
  }

  /** A board that nobody watches is forgotten: what changes meanwhile is not recorded, so nobody may resume across it. */
  #leave(session: Session, scope: Scope): boolean {
    const left = scope.sessions.delete(session)
    if (scope.sessions.size === 0 && this.#scopes.get(scope.key) === scope) this.#scopes.delete(scope.key)
    return left
  }
}

function endReason({ linkId }: LiveViewer): LiveCloseReason {
  return linkId === null ? 'rightsEnded' : 'linkRevoked'
}

function closeSocket(socket: LiveSocket, reason: LiveCloseReason, timers: Timers): void {
  const { code } = LIVE_CLOSE_CODES[reason]
  socket.close(code, reason)
  const cancel = timers.after(CLOSE_GRACE_MS, () => socket.terminate())
  socket.on('close', cancel)
}
