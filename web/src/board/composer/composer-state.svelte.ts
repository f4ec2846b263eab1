/** The board that is being composed: what it is now, what it was, what of it is stored. */
import type { BoardComposition, BoardVersion } from '../../../../server/wire/board-composition.ts'
import { ApiProblem, request } from '../../session/api.ts'

const STEPS_MAX = 200

export type SaveOutcome =
  | { readonly kind: 'saved'; readonly version: BoardVersion }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'refused'; readonly detail: string }

export class ComposerState {
  board = $state.raw<BoardComposition>() as BoardComposition
  boardId = $state<string | null>(null)
  version = $state(0)
  #past = $state.raw<readonly BoardComposition[]>([])
  #future = $state.raw<readonly BoardComposition[]>([])
  #stored = $state.raw<BoardComposition | null>(null)
  #lastLabel = ''

  constructor(board: BoardComposition, stored: BoardVersion | null) {
    this.board = board
    if (stored !== null) this.#keep(stored)
  }

  get dirty(): boolean {
    return this.board !== this.#stored
  }
  get canUndo(): boolean {
    return this.#past.length > 0
  }
  get canRedo(): boolean {
    return this.#future.length > 0
  }

  /** `label`: changes of the same label in a row are one step, as a name that is typed or a tile that is dragged. */
  change(next: BoardComposition, label = ''): void {
    if (next === this.board) return
    if (label === '' || label !== this.#lastLabel) this.#past = [...this.#past, this.board].slice(-STEPS_MAX)
    this.#lastLabel = label
    this.#future = []
    this.board = next
  }

  /** The next change is a step of its own. */
  endStep(): void {
    this.#lastLabel = ''
  }

  undo(): void {
    const previous = this.#past.at(-1)
    if (previous === undefined) return
    this.#past = this.#past.slice(0, -1)
    this.#future = [this.board, ...this.#future]
    this.board = previous
    this.endStep()
  }

  redo(): void {
    const [next, ...rest] = this.#future
    if (next === undefined) return
    this.#past = [...this.#past, this.board]
    this.#future = rest
    this.board = next
    this.endStep()
  }

  async save(): Promise<SaveOutcome> {
    const body = this.board
    try {
      const version =
        this.boardId === null
          ? await request<BoardVersion>('POST', '/boards', { body })
          : await request<BoardVersion>('PUT', `/boards/${encodeURIComponent(this.boardId)}`, {
              version: this.version,
              body,
            })
      this.#keep(version, body)
      return { kind: 'saved', version }
    } catch (error) {
      if (error instanceof ApiProblem && error.slug === 'board-changed') return { kind: 'conflict' }
      if (!(error instanceof ApiProblem)) throw error
      const [first] = error.body.errors ?? []
      return {
        kind: 'refused',
        detail: first === undefined ? error.message : `${first.pointer} ${first.detail}`,
      }
    }
  }

  /** From here on a board of its own: what was edited stays as somebody else stored it. */
  detach(name: string): void {
    this.boardId = null
    this.version = 0
    this.change({ ...this.board, name })
  }

  /** Takes what is stored in place of what was composed here. */
  load(stored: BoardVersion): void {
    if (stored.body === null) return
    this.change(stored.body)
    this.#keep(stored, stored.body)
  }

  #keep(stored: BoardVersion, body: BoardComposition = this.board): void {
    this.boardId = stored.boardId
    this.version = stored.version
    this.#stored = body
  }
}
