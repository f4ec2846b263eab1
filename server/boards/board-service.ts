/** Composed boards: the newest version of each in memory, checked before it is stored, told to whoever listens. */
import type { Clock } from '../domain/clock.ts'
import type { BoardComposition, BoardVersion } from '../wire/board-composition.ts'
import { type BoardProblem, boardProblems } from './board-rules.ts'
import type { BoardStore } from './board-store.ts'

/** More than any site hangs up; a program gone wild must not fill the database. */
export const BOARDS_MAX = 500

export interface BoardChange {
  readonly boardId: string
  /** The version that was edited; 0 = the board is new. */
  readonly baseVersion: number
  readonly changedBy: string
  /** Null deletes it. Storing a composition over a deleted board restores it. */
  readonly body: BoardComposition | null
}

export type BoardOutcome =
  | { readonly kind: 'stored'; readonly version: BoardVersion }
  | { readonly kind: 'conflict'; readonly newestVersion: number }
  | { readonly kind: 'invalid'; readonly problems: readonly BoardProblem[] }

export type BoardService = Awaited<ReturnType<typeof createBoardService>>

export async function createBoardService(options: { readonly store: BoardStore; readonly clock: Clock }) {
  const { store, clock } = options
  const newest = new Map<string, BoardVersion>()
  const listeners = new Set<(boardId: string) => void>()

  function keep(version: BoardVersion): boolean {
    if ((newest.get(version.boardId)?.version ?? 0) >= version.version) return false
    newest.set(version.boardId, version)
    return true
  }
  function tell(boardId: string): void {
    for (const listener of listeners) listener(boardId)
  }
  for (const version of await store.current()) keep(version)

  return {
    /** Newest version of every board by name, deleted ones last. */
    list(): readonly BoardVersion[] {
      return [...newest.values()].sort(
        (a, b) =>
          Number(a.body === null) - Number(b.body === null) ||
          (a.body?.name ?? '').localeCompare(b.body?.name ?? '') ||
          (a.boardId < b.boardId ? -1 : 1),
      )
    },
    find: (boardId: string): BoardVersion | undefined => newest.get(boardId),
    history: (boardId: string) => store.history(boardId),

    async put(change: BoardChange): Promise<BoardOutcome> {
      const problems = change.body === null ? [] : boardProblems(change.body)
      if (problems.length > 0) return { kind: 'invalid', problems }
      if (change.baseVersion === 0 && newest.size >= BOARDS_MAX)
        return {
          kind: 'invalid',
          problems: [{ pointer: '/name', detail: `there are ${BOARDS_MAX} boards already` }],
        }
      const version = await store.put({ ...change, changedAtMs: clock.nowMs() })
      if (version === undefined) {
        await this.refresh()
        return { kind: 'conflict', newestVersion: newest.get(change.boardId)?.version ?? 0 }
      }
      if (keep(version)) tell(version.boardId)
      return { kind: 'stored', version }
    },

    /** Reads what other processes stored. */
    async refresh(): Promise<void> {
      for (const version of await store.current()) if (keep(version)) tell(version.boardId)
    },

    onChange(listener: (boardId: string) => void): () => void {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
