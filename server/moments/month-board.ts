/** Every contract's month for the boards: the closed days read now and then, today's counts added at once. */
import type { SiteDay } from '../domain/site-calendar.ts'
import type { BoardMonthRow } from '../wire/moment.ts'
import { closedMonth, type MonthOptions, monthRows } from './month-to-date.ts'

export interface MonthBoardOptions extends MonthOptions {
  readonly today: () => SiteDay
  /** Real time. */
  readonly nowMs: () => number
  readonly onChange: () => void
  readonly onError: (error: unknown) => void
}

/** A day that is closed again shows on the boards within this. */
const READ_EVERY_MS = 60_000

export class MonthBoard {
  readonly #options: MonthBoardOptions
  #closed: Awaited<ReturnType<typeof closedMonth>> | undefined
  #readAtMs = Number.NEGATIVE_INFINITY
  #reading = false

  constructor(options: MonthBoardOptions) {
    this.#options = options
  }

  /** Of the contracts that have any of the queues; nothing until the closed days are read. */
  rows(queueIds: readonly string[], clientId: string | null): readonly BoardMonthRow[] {
    const day = this.#options.today()
    const closed = this.#closed?.today === day ? this.#closed : undefined
    if (closed === undefined || this.#options.nowMs() - this.#readAtMs > READ_EVERY_MS) this.#read(day)
    if (closed === undefined) return []
    const own = new Set(queueIds)
    return monthRows(this.#options, closed, clientId)
      .filter((row) => row.queueIds.some((id) => own.has(id)))
      .map((row) => ({ ...row, key: JSON.stringify([row.clientId, row.queueIds]) }))
  }

  #read(day: SiteDay): void {
    if (this.#reading) return
    this.#reading = true
    const { onChange, onError, nowMs } = this.#options
    closedMonth(this.#options, day)
      .then((closed) => {
        this.#closed = closed
        onChange()
      }, onError)
      .finally(() => {
        this.#readAtMs = nowMs()
        this.#reading = false
      })
  }
}
