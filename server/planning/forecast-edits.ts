/** Manual edits of forecasts: checked, stored with author, time and reason, taken back and put back. A bad one changes nothing. */
import type { Clock } from '../domain/clock.ts'
import type { QueueSetting } from '../domain/settings.ts'
import { isSiteDay, type SiteDay, siteDayOf } from '../domain/site-calendar.ts'
import type { ForecastEditBody, NewForecastEditBody } from '../wire/forecast-api.ts'
import { dayGrid } from './day-grid.ts'
import type { FieldProblem, ForecastOutcome } from './forecast-outcome.ts'
import { daysBetween } from './forecast-span.ts'
import type { PlanningSettings } from './planning-settings.ts'
import type { ForecastEdit, PlanningStore, QueueSpan } from './planning-store.ts'

const CONTACTS_MAX = 1_000_000
const AHT_SECONDS_MAX = 86_400
const PERCENT_MAX = 10_000
const SMOOTH_INTERVALS_MIN = 3
const SMOOTH_INTERVALS_MAX = 25
/** More than a year of quarter hours: nobody types that, and a mistyped year would. */
const RANGE_DAYS_MAX = 400
export const EDIT_CELLS_MAX = 50_000

export interface ForecastEditsOptions {
  readonly store: PlanningStore
  readonly settings: PlanningSettings
  readonly clock: Clock
  /** The effective forecast of these days has changed. */
  readonly onChanged: (span: QueueSpan) => Promise<void>
}

export class ForecastEdits {
  readonly #options: ForecastEditsOptions

  constructor(options: ForecastEditsOptions) {
    this.#options = options
  }

  /** Newest first; undefined when the queue is unknown. */
  async list(span: QueueSpan, withRemoved: boolean): Promise<readonly ForecastEditBody[] | undefined> {
    if (this.#options.settings.queue(span.queueId) === undefined) return undefined
    const edits = await this.#options.store.forecastEdits(span)
    return edits
      .filter(({ removedAtMs }) => withRemoved || removedAtMs === null)
      .map(toEditBody)
      .reverse()
  }

  async add(
    queueId: string,
    edit: NewForecastEditBody,
    author: string,
  ): Promise<ForecastOutcome<ForecastEditBody>> {
    const outcome = await this.addAll(queueId, [edit], author)
    if (outcome.kind !== 'done') return outcome
    const [stored] = outcome.value
    if (stored === undefined) throw new Error('the store gave no edit back')
    return { kind: 'done', value: stored }
  }

  /** All or none. */
  async addAll(
    queueId: string,
    edits: readonly NewForecastEditBody[],
    author: string,
  ): Promise<ForecastOutcome<readonly ForecastEditBody[]>> {
    const { store, settings, clock, onChanged } = this.#options
    const queue = settings.queue(queueId)
    if (queue === undefined) return { kind: 'not-found' }
    const problems = edits.flatMap((edit) => editProblems(edit, queue))
    if (problems.length > 0) return { kind: 'invalid', problems }
    const base = { queueId, author, createdAtMs: clock.nowMs(), intervalMinutes: queue.intervalMinutes }
    const stored = await store.addForecastEdits(edits.map((edit) => ({ ...base, ...wholeEdit(edit, queue) })))
    for (const { fromDay, toDay } of stored) await onChanged({ queueId, fromDay, toDay })
    return { kind: 'done', value: stored.map(toEditBody) }
  }

  remove(queueId: string, id: string, by: string): Promise<ForecastOutcome<ForecastEditBody>> {
    return this.#change(queueId, id, { atMs: this.#options.clock.nowMs(), by })
  }

  restore(queueId: string, id: string): Promise<ForecastOutcome<ForecastEditBody>> {
    return this.#change(queueId, id, null)
  }

  async #change(
    queueId: string,
    id: string,
    removed: { readonly atMs: number; readonly by: string } | null,
  ): Promise<ForecastOutcome<ForecastEditBody>> {
    const edit = await this.#options.store.changeForecastEdit({ queueId, id, removed })
    if (edit === undefined) return { kind: 'not-found' }
    await this.#options.onChanged({ queueId, fromDay: edit.fromDay, toDay: edit.toDay })
    return { kind: 'done', value: toEditBody(edit) }
  }
}

export function toEditBody(edit: ForecastEdit): ForecastEditBody {
  const { id, queueId, author, createdAtMs, reason, measure, operation, fromDay, toDay } = edit
  const { fromMinute, toMinute, weekdays, amount, spread, cells, removedAtMs, removedBy } = edit
  return {
    id,
    queueId,
    author,
    createdAtMs,
    reason,
    measure,
    operation,
    fromDay,
    toDay,
    fromMinute,
    toMinute,
    ...(weekdays !== null && { weekdays }),
    ...(amount !== null && { amount }),
    spread,
    cellCount: operation === 'cells' ? cells.length : null,
    removedAtMs,
    removedBy,
  }
}

type Whole = Pick<
  ForecastEdit,
  | 'reason'
  | 'measure'
  | 'operation'
  | 'fromDay'
  | 'toDay'
  | 'fromMinute'
  | 'toMinute'
  | 'weekdays'
  | 'amount'
  | 'spread'
  | 'cells'
>

/** `editProblems` has found nothing. */
function wholeEdit(edit: NewForecastEditBody, queue: QueueSetting): Whole {
  const cells = edit.cells ?? []
  const days = cells.map(({ startMs }) => siteDayOf(queue.zone, startMs)).sort()
  return {
    reason: edit.reason.trim(),
    measure: edit.measure,
    operation: edit.operation,
    fromDay: days[0] ?? edit.fromDay ?? '',
    toDay: days.at(-1) ?? edit.toDay ?? '',
    fromMinute: edit.fromMinute ?? 0,
    toMinute: edit.toMinute ?? 1440,
    weekdays: edit.weekdays ?? null,
    amount: edit.amount ?? null,
    spread: edit.spread ?? 'each',
    cells,
  }
}

/** Empty = good. Pointers are into the body. */
export function editProblems(edit: NewForecastEditBody, queue: QueueSetting): readonly FieldProblem[] {
  const problems: FieldProblem[] = []
  const say = (pointer: string, detail: string) => problems.push({ pointer, detail })
  if (edit.reason.trim() === '') say('/reason', 'say why, for those who read the forecast later')
  if (edit.operation === 'cells') return [...problems, ...cellProblems(edit, queue)]
  if (edit.cells !== undefined) say('/cells', 'belongs to the operation "cells"')
  const days = daysProblem(edit.fromDay, edit.toDay)
  if (days !== undefined) problems.push(days)
  const { fromMinute = 0, toMinute = 1440 } = edit
  const onGrid = (minute: number) => minute % queue.intervalMinutes === 0
  if (!onGrid(fromMinute) || !onGrid(toMinute) || fromMinute < 0 || toMinute > 1440 || fromMinute >= toMinute)
    say(
      '/fromMinute',
      `must rise from 0 to 1440 on the grid of ${queue.intervalMinutes} minutes, [fromMinute, toMinute)`,
    )
  const amount = amountProblem(edit)
  if (amount !== undefined) say('/amount', amount)
  if (edit.spread === 'shape') {
    const possible = edit.measure === 'contacts' && (edit.operation === 'set' || edit.operation === 'add')
    if (!possible) say('/spread', '"shape" belongs to "set" and "add" of contacts')
  }
  return problems
}

export function daysProblem(
  fromDay: SiteDay | undefined,
  toDay: SiteDay | undefined,
): FieldProblem | undefined {
  if (fromDay === undefined || !isSiteDay(fromDay))
    return { pointer: '/fromDay', detail: 'a day is written YYYY-MM-DD' }
  if (toDay === undefined || !isSiteDay(toDay))
    return { pointer: '/toDay', detail: 'a day is written YYYY-MM-DD' }
  if (toDay < fromDay) return { pointer: '/toDay', detail: 'is before fromDay' }
  if (daysBetween(fromDay, toDay) >= RANGE_DAYS_MAX)
    return { pointer: '/toDay', detail: `is more than ${RANGE_DAYS_MAX} days from fromDay` }
  return undefined
}

function amountProblem({ measure, operation, amount }: NewForecastEditBody): string | undefined {
  if (amount === undefined || !Number.isFinite(amount)) return 'must be a number'
  const within = (least: number, most: number) =>
    amount >= least && amount <= most ? undefined : `must be a number from ${least} to ${most}`
  if (operation === 'percent') return within(-100, PERCENT_MAX)
  if (operation === 'smooth')
    return Number.isInteger(amount) &&
      amount % 2 === 1 &&
      within(SMOOTH_INTERVALS_MIN, SMOOTH_INTERVALS_MAX) === undefined
      ? undefined
      : `must be an odd number of intervals from ${SMOOTH_INTERVALS_MIN} to ${SMOOTH_INTERVALS_MAX}`
  const most = measure === 'contacts' ? CONTACTS_MAX : AHT_SECONDS_MAX
  if (operation === 'add') return within(-most, most)
  return within(measure === 'aht' && operation !== 'max' ? 1 : 0, most)
}

function cellProblems(edit: NewForecastEditBody, queue: QueueSetting): readonly FieldProblem[] {
  for (const field of ['fromDay', 'toDay', 'fromMinute', 'toMinute', 'weekdays', 'amount', 'spread'] as const)
    if (edit[field] !== undefined) return [{ pointer: `/${field}`, detail: 'does not belong to "cells"' }]
  const cells = edit.cells ?? []
  if (cells.length === 0 || cells.length > EDIT_CELLS_MAX)
    return [{ pointer: '/cells', detail: `must be a list of 1 to ${EDIT_CELLS_MAX} cells` }]
  const problems: FieldProblem[] = []
  const check = cellCheck(queue, edit.measure)
  const seen = new Set<number>()
  cells.forEach(({ startMs, value }, index) => {
    if (problems.length >= PROBLEMS_MAX) return
    const detail = seen.has(startMs) ? 'is given twice' : check(startMs, value)
    seen.add(startMs)
    if (detail !== undefined) problems.push({ pointer: `/cells/${index}`, detail })
  })
  return problems
}

/** The first ones tell what is wrong with all. */
export const PROBLEMS_MAX = 20

/** Says what is wrong with one cell; the grids of the days it meets are made once. */
export function cellCheck(
  queue: QueueSetting,
  measure: ForecastEdit['measure'],
): (startMs: number, value: number) => string | undefined {
  const grids = new Map<SiteDay, ReadonlyMap<number, boolean>>()
  const most = measure === 'contacts' ? CONTACTS_MAX : AHT_SECONDS_MAX
  const least = measure === 'contacts' ? 0 : 1
  return (startMs, value) => {
    const day = siteDayOf(queue.zone, startMs)
    const grid = grids.get(day) ?? new Map(dayGrid(queue, day).map((one) => [one.startMs, one.open]))
    grids.set(day, grid)
    const open = grid.get(startMs)
    if (open === undefined) return `is no start of an interval of ${queue.intervalMinutes} minutes`
    if (!open) return 'lies outside the opening hours'
    return value >= least && value <= most
      ? undefined
      : `${measure} ${value} is not between ${least} and ${most}`
  }
}
