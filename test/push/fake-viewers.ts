/** A socket that keeps what it was sent and can stop reading, timers that a test moves by hand, and a small board. */

import { type BoardView, viewKey } from '../../server/push/board-view.ts'
import type { BoardDirectory, LiveSocket, Timers } from '../../server/push/live-viewer.ts'
import type { Board, BoardQueueRow, ServerMessage } from '../../server/wire/board.ts'
import type { BoardComposition } from '../../server/wire/board-composition.ts'

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
    promise: {
      targetRatio: 0.8,
      answerThresholdSeconds: 20,
      formula: 'SL4',
      shortAbandonSeconds: 5,
      view: 'arrival',
    },
    staleSinceMs: null,
    interval: level,
    intervalStartMs: 0,
    halfHour: level,
    today: level,
    intervalCounts: [10, 8, 2, 1, 1, 0, 0],
    halfHourCounts: [90, 80, 10, 4, 2, 0, 0],
    todayCounts: [900, 800, 90, 20, 9, 5, 0],
    offeredToday: 0,
    answeredToday: 0,
    abandonedToday: 0,
    flowedOutToday: 0,
    lostToday: 0,
    answeredWithinThresholdToday: 0,
    abandonedWithinThresholdToday: 0,
    asaSecondsToday: null,
    ahtSecondsToday: null,
    handledToday: 900,
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
    scheduled: null,
    forecastContactsToday: null,
    forecastContactsSoFar: null,
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
  agentState: 'ready' | 'on-contact' = 'ready'
  readonly computations = new Map<string, number>()
  #listeners = new Set<() => void>()

  board(view: BoardView): Board {
    const { clientId, need } = view
    this.computations.set(viewKey(view), (this.computations.get(viewKey(view)) ?? 0) + 1)
    const shows = (queueId: string) =>
      need.scopes.some(
        (scope) => scope.kind === 'all' || (scope.kind === 'queues' && scope.queueIds.includes(queueId)),
      )
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
        .filter(([queueId]) => shows(queueId) && (clientId === null || owner(queueId) === clientId))
        .map(([queueId, waiting]) => row(queueId, owner(queueId), waiting)),
      sources: [],
      ...(need.slices.includes('agents')
        ? {
            slices: {
              agents: [
                {
                  key: view.agentNames ? 'anna' : 'k1',
                  name: view.agentNames ? 'Anna Martin' : null,
                  teamId: null,
                  teamName: null,
                  state: this.agentState,
                  reason: null,
                  sinceMs: 0,
                  queueId: null,
                  memberQueueIds: [],
                  contactsToday: 3,
                },
              ],
            },
          }
        : {}),
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
  setAgent(state: 'ready' | 'on-contact'): void {
    this.agentState = state
    for (const listener of this.#listeners) listener()
  }
  remove(queueId: string): void {
    this.waiting.delete(queueId)
    for (const listener of this.#listeners) listener()
  }
}

/** Composed boards that a test stores by hand. */
export class FakeDirectory implements BoardDirectory {
  readonly boards = new Map<string, { version: number; body: BoardComposition | null }>()

  find(boardId: string) {
    return this.boards.get(boardId)
  }
  put(boardId: string, body: BoardComposition | null): void {
    this.boards.set(boardId, { version: (this.boards.get(boardId)?.version ?? 0) + 1, body })
  }
}

export function composition(
  queueIds: readonly string[],
  more: Partial<BoardComposition> & { readonly agents?: boolean } = {},
): BoardComposition {
  const { agents = false, ...rest } = more
  const scope = { kind: 'queues', queueIds } as const
  const tile = { measure: null, title: '', scope, thresholds: null, columns: 12, rows: 6 } as const
  return {
    name: 'Board',
    theme: 'dark',
    locale: null,
    size: 'room',
    rotationSeconds: 0,
    namesOnLinks: false,
    pages: [
      {
        id: 'p1',
        title: '',
        tiles: [
          { ...tile, id: 't1', kind: 'queues' },
          ...(agents ? [{ ...tile, id: 't2', kind: 'agents' } as const] : []),
        ],
      },
    ],
    ...rest,
  }
}
