/** What the hub asks of its surroundings: boards, viewers, sockets and time, and the limits it keeps. */
import type { Board, BoardSliceName } from '../wire/board.ts'
import type { BoardComposition } from '../wire/board-composition.ts'
import type { BoardView } from './board-view.ts'

/** Where boards come from. */
export interface BoardSource {
  board(view: BoardView): Board
  /** Told whenever figures may have changed; cheap to call often. Returns the end of the subscription. */
  onChange(listener: () => void): () => void
}

/** The part of a WebSocket that the hub uses. */
export interface LiveSocket {
  readonly bufferedAmount: number
  send(data: Buffer, options: { readonly binary: false }, done?: (error?: Error) => void): void
  close(code: number, reason: string): void
  terminate(): void
  ping(): void
  on(event: 'message', listener: (data: Buffer | ArrayBuffer | Buffer[], isBinary: boolean) => void): unknown
  on(event: 'pong', listener: () => void): unknown
  on(event: 'close', listener: () => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
}

/** The composed boards, newest version each; `body` null where one was deleted. */
export interface BoardDirectory {
  /** `clientId`: as a viewer of that client sees it, where it is the client's to see; null = everybody else. */
  find(
    boardId: string,
    clientId: string | null,
  ): { readonly version: number; readonly body: BoardComposition | null } | undefined
}

/** What a viewer asks for: everything that it may see, or a composed board. */
export type Watched =
  | { readonly kind: 'everything'; readonly slices: readonly BoardSliceName[] }
  | { readonly kind: 'board'; readonly boardId: string }

export interface LiveViewer {
  readonly clientId: string | null
  readonly watched: Watched
  /** Whether agents are named to this viewer: the staff, nobody, or as the board says. */
  readonly agentNames: 'always' | 'never' | 'by-board'
  /** The board link that it came by. */
  readonly linkId: string | null
  /** Session hash or token id, and the person: connections end with the rights they were opened with. */
  readonly credentialKey: string
  readonly userId: string | null
  /** Last sequence seen before a break; the snapshot is left out when the patches since then are still held. */
  readonly resumeSeq: number | null
}

/** Real time, passed in for tests. */
export interface Timers {
  nowMs(): number
  /** Calls back once; the answer cancels it. */
  after(delayMs: number, run: () => void): () => void
}

export interface LiveLimits {
  readonly batchMs: number
  readonly heartbeatMs: number
  readonly staleAfterMs: number
  readonly viewersMax: number
  /** Unsent bytes above which a viewer is slow: it gets no more patches. */
  readonly slowBytes: number
  /** A viewer that is slow for so long without a pause is closed. */
  readonly slowMsMax: number
  readonly pingMs: number
  readonly messagesPerSecondMax: number
}

export const LIVE_LIMITS: LiveLimits = {
  batchMs: 100,
  heartbeatMs: 1_000,
  staleAfterMs: 2_500,
  viewersMax: 20_000,
  slowBytes: 262_144,
  slowMsMax: 20_000,
  pingMs: 30_000,
  messagesPerSecondMax: 20,
}
