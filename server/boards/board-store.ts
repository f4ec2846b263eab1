/** What keeps boards and their links. Versions are only added; a revoked link is removed. */
import type { BoardComposition, BoardLink, BoardVersion } from '../wire/board-composition.ts'

export interface BoardStore {
  /** Newest version of every board, deleted ones too. */
  current(): Promise<readonly BoardVersion[]>
  history(boardId: string): Promise<readonly BoardVersion[]>
  /** Writes version `baseVersion + 1`; undefined when `baseVersion` is no longer the newest (0 = the board is new). */
  put(change: {
    readonly boardId: string
    readonly baseVersion: number
    readonly changedAtMs: number
    readonly changedBy: string
    readonly body: BoardComposition | null
  }): Promise<BoardVersion | undefined>
}

export interface BoardLinkStore {
  add(link: BoardLink & { readonly secretHash: string }): Promise<void>
  ofBoard(boardId: string): Promise<readonly BoardLink[]>
  /** Takes the secret for a screen's session, once; undefined when it is unknown or was taken before. */
  open(change: {
    readonly secretHash: string
    readonly sessionHash: string
    readonly openedAtMs: number
  }): Promise<BoardLink | undefined>
  bySecret(secretHash: string): Promise<BoardLink | undefined>
  bySession(sessionHash: string): Promise<BoardLink | undefined>
  touch(linkId: string, usedAtMs: number): Promise<void>
  /** False when unknown. */
  remove(linkId: string): Promise<boolean>
}
