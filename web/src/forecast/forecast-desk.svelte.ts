/** One queue and range of days under edit: what the server knows, what was changed here, and what became of saving it. */
import { addDays } from '../../../server/domain/site-calendar.ts'
import type { PlanDayBody } from '../../../server/wire/api.ts'
import type {
  ForecastCsvUploadBody,
  ForecastEditBody,
  ForecastRangeBody,
  NewOneOffBody,
  OneOffBody,
} from '../../../server/wire/forecast-api.ts'
import { request } from '../session/api.ts'
import type { ForecastSpan } from '../shell/route.ts'
import type { Sheet } from './gestures.ts'
import {
  condensed,
  NOTHING_PENDING,
  type PendingEdit,
  type PendingHistory,
  redone,
  undone,
  withEdit,
} from './pending.ts'
import { previewSheet, sheetOf } from './preview.ts'
import { type DayRange, hasIntervals, rangeOf } from './range.ts'

export type DeskNotice =
  | { readonly kind: 'saved' | 'uploaded'; readonly count: number }
  | { readonly kind: 'removed'; readonly edit: ForecastEditBody }
  | { readonly kind: 'restored' | 'marked' | 'unmarked' }

/** How far back the errors of past forecasts are looked at. */
export const PAST_DAYS = 28

/** Edits that were not saved, by queue and range: they outlive a look at another page. */
const kept = new Map<string, PendingHistory>()

const EMPTY_SHEET: Sheet = { days: [], intervals: [], intervalMinutes: 30 }

export class ForecastDesk {
  readonly queueId: string
  readonly span: ForecastSpan
  readonly range: DayRange
  body = $state.raw<ForecastRangeBody | null>(null)
  /** With those that were taken back. */
  edits = $state.raw<readonly ForecastEditBody[]>([])
  oneOffs = $state.raw<readonly OneOffBody[]>([])
  /** The last weeks before today: how good forecasts of this queue have been. Null = not loaded, or not to be had. */
  past = $state.raw<ForecastRangeBody | null>(null)
  /** What staffing needs to know of the day; only for a range of one day. */
  plan = $state.raw<PlanDayBody | null>(null)
  pending = $state.raw<PendingHistory>(NOTHING_PENDING)
  error = $state.raw<unknown>(null)
  /** What was tried and refused, apart from loading: the page stays. */
  problem = $state.raw<unknown>(null)
  notice = $state.raw<DeskNotice | null>(null)
  busy = $state(false)

  readonly unsaved = $derived(condensed(this.pending.present))
  readonly saved = $derived(this.body === null ? EMPTY_SHEET : sheetOf(this.body))
  /** The figures with what is not saved yet. */
  readonly sheet = $derived(
    this.body === null || this.unsaved.length === 0 ? this.saved : previewSheet(this.body, this.unsaved),
  )

  constructor(queueId: string, day: string, span: ForecastSpan) {
    this.queueId = queueId
    this.span = span
    this.range = rangeOf(day, span)
    this.pending = kept.get(this.#key) ?? NOTHING_PENDING
  }

  get #key(): string {
    return `${this.queueId} ${this.range.fromDay} ${this.span}`
  }

  get path(): string {
    return `/forecasts/${encodeURIComponent(this.queueId)}`
  }

  get #days(): string {
    return `from=${this.range.fromDay}&to=${this.range.toDay}`
  }

  get csvAddress(): string {
    return `/api/v1${this.path}/csv?${this.#days}`
  }

  async load(): Promise<void> {
    this.error = null
    try {
      await this.#read()
    } catch (error) {
      this.error = error
    }
  }

  async #read(): Promise<void> {
    const detail = hasIntervals(this.span) ? '&detail=intervals' : ''
    const [body, edits, oneOffs] = await Promise.all([
      request<ForecastRangeBody>('GET', `${this.path}?${this.#days}${detail}`),
      request<readonly ForecastEditBody[]>('GET', `${this.path}/edits?${this.#days}&removed=true`),
      request<readonly OneOffBody[]>('GET', `${this.path}/one-offs?${this.#days}`),
    ])
    this.body = body
    this.edits = edits
    this.oneOffs = oneOffs
    void this.#readBeside(body.today)
  }

  /** What stands beside the forecast: the page does not wait for it. */
  async #readBeside(today: string): Promise<void> {
    const past = `from=${addDays(today, -PAST_DAYS)}&to=${addDays(today, -1)}`
    const [before, plan] = await Promise.all([
      request<ForecastRangeBody>('GET', `${this.path}?${past}`).catch(() => null),
      this.span === 'day'
        ? request<PlanDayBody>(
            'GET',
            `/plans/${encodeURIComponent(this.queueId)}/${this.range.fromDay}`,
          ).catch(() => null)
        : null,
    ])
    this.past = before
    this.plan = plan
  }

  add(edits: readonly PendingEdit[], merge = false): void {
    let history = this.pending
    for (const [place, edit] of edits.entries()) history = withEdit(history, edit, merge && place === 0)
    this.#put(history)
    this.notice = null
    this.problem = null
  }

  undo(): void {
    this.#put(undone(this.pending))
  }

  redo(): void {
    this.#put(redone(this.pending))
  }

  discard(): void {
    this.#put(NOTHING_PENDING)
  }

  #put(history: PendingHistory): void {
    this.pending = history
    if (history.present.length === 0) kept.delete(this.#key)
    else kept.set(this.#key, history)
  }

  /** In order, one after the other: what was taken is off the list, so that nothing is sent twice after a failure. */
  async save(reason: string): Promise<void> {
    await this.#doing(async () => {
      const edits = this.unsaved
      let done = 0
      try {
        for (const edit of edits) {
          await request<ForecastEditBody>('POST', `${this.path}/edits`, { ...edit, reason })
          done += 1
        }
      } finally {
        const rest = edits.slice(done)
        this.#put(rest.length === 0 ? NOTHING_PENDING : { past: [], present: rest, future: [] })
        if (done > 0) await this.#read()
      }
      this.notice = { kind: 'saved', count: done }
    })
  }

  async upload(file: File, reason: string): Promise<void> {
    await this.#doing(async () => {
      const { edits } = await request<ForecastCsvUploadBody>(
        'POST',
        `${this.path}/edits/csv?reason=${encodeURIComponent(reason)}`,
        new Blob([file], { type: 'text/csv' }),
      )
      await this.#read()
      this.notice = { kind: 'uploaded', count: edits.reduce((sum, edit) => sum + (edit.cellCount ?? 0), 0) }
    })
  }

  async removeEdit(edit: ForecastEditBody): Promise<void> {
    await this.#doing(async () => {
      await request('DELETE', `${this.path}/edits/${encodeURIComponent(edit.id)}`)
      await this.#read()
      this.notice = { kind: 'removed', edit }
    })
  }

  async restoreEdit(edit: ForecastEditBody): Promise<void> {
    await this.#doing(async () => {
      await request('POST', `${this.path}/edits/${encodeURIComponent(edit.id)}/restore`)
      await this.#read()
      this.notice = { kind: 'restored' }
    })
  }

  async markOneOff(mark: NewOneOffBody): Promise<void> {
    await this.#doing(async () => {
      await request('POST', `${this.path}/one-offs`, mark)
      await this.#read()
      this.notice = { kind: 'marked' }
    })
  }

  async unmarkOneOff(mark: OneOffBody): Promise<void> {
    await this.#doing(async () => {
      await request('DELETE', `${this.path}/one-offs/${encodeURIComponent(mark.id)}`)
      await this.#read()
      this.notice = { kind: 'unmarked' }
    })
  }

  async #doing(work: () => Promise<void>): Promise<void> {
    this.busy = true
    this.problem = null
    this.notice = null
    try {
      await work()
    } catch (error) {
      this.problem = error
    } finally {
      this.busy = false
    }
  }
}
