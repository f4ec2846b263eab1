/** A socket that keeps what it was sent and can stop reading, timers that a test moves by hand, and a small board. */

import type { LiveSocket, Timers } from '../../server/push/live-hub.ts'
import type { Board, BoardQueueRow, ServerMessage } from '../../server/wire/board.ts'

export class FakeSocket implements LiveSocket {
  readonly frames: Buffer[] = []
  reading = true
  bufferedAmount = 0
  closedWith: number | null = null
  terminated = false
  pings = 0
  readonly #listeners = new Map<string, ((...values: unknown[]) => void)[]>()

  send(data: Buffer): void {
    if (this.reading) this.frames.push(data)
    else this.bufferedAmount += data.length
  }
  close(code: number): void {
    this.closedWith = code
  }
  terminate(): void {
    this.terminated = true
    this.emit('close')
  }
  ping(): void {
    this.pings += 1
    if (this.reading) this.emit('pong')
  }
  on(event: string, listener: never): this {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener])
    return this
  }
  emit(event: string, ...values: unknown[]): void {
    for (const listener of this.#listeners.get(event) ?? []) listener(...values)
  }
  say(text: string): void {
    this.emit('message', Buffer.from(text), false)
  }
  get messages(): readonly ServerMessage[] {
    return this.frames.map((frame) => JSON.parse(frame.toString()) as ServerMessage)
  }
  get types(): readonly string[] {
    return this.messages.map((message) => message.type)
  }
}

export class FakeTimers implements Timers {
  #nowMs = 1_000_000
  #due: { atMs: number; run: () => void }[] = []
  nowMs(): number {
    return this.#nowMs
  }
  after(delayMs: number, run: () => void): () => void {
    const entry = { atMs: this.#nowMs + delayMs, run }
    this.#due.push(entry)
    return () => {
      this.#due = this.#due.filter((one) => one !== entry)
    }
  }
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms
    for (;;) {
      const next = this.#due.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0]
      if (next === undefined) break
      this.#due = this.#due.filter((one) => one !== next)
      this.#nowMs = Math.max(this.#nowMs, next.atMs)
      next.run()
    }
    this.#nowMs = untilMs
  }
}

export function row(queueId: string, clientId: string, waiting: number): BoardQueueRow {
  const level = { ratio: null, numerator: 0, denominator: 0, state: 'no-calls' } as const
  return {
    queueId,
    name: queueId,
    clientId,
    clientName: clientId,
    open: true,
    promise: { targetRatio: 0.8, answerThresholdSeconds: 20, formula: 'SL4' },
    halfHour: level,
    today: level,
    offeredToday: 0,
    answeredToday: 0,
    abandonedToday: 0,
    flowedOutToday: 0,
    lostToday: 0,
    answeredWithinThresholdToday: 0,
    abandonedWithinThresholdToday: 0,
    asaSecondsToday: null,
    ahtSecondsToday: null,
    waiting,
    waitingPastThreshold: 0,
    longestWaitingSinceMs: null,
    agentsAvailable: 0,
    agentsOnContact: 0,
    agentsReserved: 0,
    agentsAfterContactWork: 0,
    agentsNotReady: 0,
    staffed: 0,
    required: null,
    planned: null,
    forecastContactsToday: null,
    missesLeft: null,
    dayLost: false,
    projectedRatio: null,
    projectedKeepProbability: null,
  }
}

/** A source that a test changes by hand; counts how often a board was computed. */
export class FakeBoards {
  readonly waiting = new Map([
    ['orders', 0],
    ['billing', 0],
  ])
  readonly computations = new Map<string | null, number>()
  #listeners = new Set<() => void>()

  board(clientId: string | null): Board {
    this.computations.set(clientId, (this.computations.get(clientId) ?? 0) + 1)
    const owner = (queueId: string) => (queueId === 'orders' ? 'acme' : 'globex')
    return {
      site: {
        name: 'Site',
        zone: 'UTC',
        day: '2026-03-02',
        agentsStaffed: 0,
        agentsPlanned: null,
        agentsOnContact: 0,
        agentsReserved: 0,
        agentsAvailable: 0,
        agentsAfterContactWork: 0,
        agentsNotReady: 0,
        targetRatio: 0.8,
        intervals: [],
      },
      queues: [...this.waiting]
        .filter(([queueId]) => clientId === null || owner(queueId) === clientId)
        .map(([queueId, waiting]) => row(queueId, owner(queueId), waiting)),
      sources: [],
    }
  }
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
  set(queueId: string, waiting: number): void {
    this.waiting.set(queueId, waiting)
    for (const listener of this.#listeners) listener()
  }
  remove(queueId: string): void {
    this.waiting.delete(queueId)
    for (const listener of this.#listeners) listener()
  }
}
