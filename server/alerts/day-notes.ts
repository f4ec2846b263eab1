/** The notes of the running day, held so that a board can be written without waiting; read again when one changes or the day does. */
import type { SiteDay } from '../domain/site-calendar.ts'
import type { BoardNoteRow, NoteBody } from '../wire/alerts.ts'

export interface DayNotesOptions {
  readonly today: () => { readonly day: SiteDay; readonly startMs: number; readonly endMs: number }
  readonly read: (fromMs: number, toMs: number) => Promise<readonly NoteBody[]>
  /** Boards show other notes than before. */
  readonly onChange: () => void
  readonly onError: (error: unknown) => void
}

export class DayNotes {
  readonly #options: DayNotesOptions
  #day: SiteDay | undefined
  #notes: readonly NoteBody[] = []

  constructor(options: DayNotesOptions) {
    this.#options = options
  }

  /** In order of time; of the queues that are asked for, and of the whole site. */
  rows(queueIds: readonly string[], named: boolean): readonly BoardNoteRow[] {
    const { day } = this.#options.today()
    if (day !== this.#day) {
      this.#notes = []
      this.refresh()
    }
    const own = new Set(queueIds)
    return this.#notes
      .filter(({ queueId }) => queueId === null || own.has(queueId))
      .map((note) => ({ ...note, key: note.noteId, author: named ? note.author : null }))
  }

  refresh(): void {
    const { today, read, onChange, onError } = this.#options
    const { day, startMs, endMs } = today()
    this.#day = day
    read(startMs, endMs).then((notes) => {
      // A later day has been asked for meanwhile.
      if (day !== this.#day) return
      this.#notes = notes
      onChange()
    }, onError)
  }
}
