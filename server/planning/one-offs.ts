/** One-off marks: a supervisor says that a stretch of a day will not come again, and nothing is learned from it. */
import type { Clock } from '../domain/clock.ts'
import type { QueueSetting } from '../domain/settings.ts'
import { isSiteDay, siteDayOf } from '../domain/site-calendar.ts'
import type { NewOneOffBody, OneOffBody } from '../wire/forecast-api.ts'
import { dayGrid } from './day-grid.ts'
import type { FieldProblem, ForecastOutcome } from './forecast-outcome.ts'
import { activeMarks } from './past-of-queue.ts'
import type { PlanningSettings } from './planning-settings.ts'
import type { PlanningStore, QueueSpan } from './planning-store.ts'

export interface OneOffsOptions {
  readonly store: PlanningStore
  readonly settings: PlanningSettings
  readonly clock: Clock
  /** What is learned from this day has changed. */
  readonly onChanged: (span: QueueSpan) => Promise<void>
}

export class OneOffs {
  readonly #options: OneOffsOptions

  constructor(options: OneOffsOptions) {
    this.#options = options
  }

  async list(span: QueueSpan): Promise<readonly OneOffBody[] | undefined> {
    const { store, settings } = this.#options
    return settings.queue(span.queueId) === undefined ? undefined : activeMarks(store, span)
  }

  async add(queueId: string, mark: NewOneOffBody, author: string): Promise<ForecastOutcome<OneOffBody>> {
    const { store, settings, clock, onChanged } = this.#options
    const queue = settings.queue(queueId)
    if (queue === undefined) return { kind: 'not-found' }
    const problems = markProblems(mark, queue, clock.nowMs())
    if (problems.length > 0) return { kind: 'invalid', problems }
    const { day, fromMinute, toMinute, reason } = mark
    const stored = await store.addOneOff({
      queueId,
      day,
      fromMinute,
      toMinute,
      reason: reason.trim(),
      author,
      createdAtMs: clock.nowMs(),
    })
    await onChanged({ queueId, fromDay: day, toDay: day })
    return { kind: 'done', value: stored }
  }

  async remove(queueId: string, id: string, by: string): Promise<ForecastOutcome<OneOffBody>> {
    const { store, clock, onChanged } = this.#options
    const mark = await store.changeOneOff({ queueId, id, removed: { atMs: clock.nowMs(), by } })
    if (mark === undefined) return { kind: 'not-found' }
    await onChanged({ queueId, fromDay: mark.day, toDay: mark.day })
    return { kind: 'done', value: mark }
  }
}

function markProblems(mark: NewOneOffBody, queue: QueueSetting, nowMs: number): readonly FieldProblem[] {
  const { day, fromMinute, toMinute, reason } = mark
  if (!isSiteDay(day)) return [{ pointer: '/day', detail: 'a day is written YYYY-MM-DD' }]
  const problems: FieldProblem[] = []
  if (reason.trim() === '') problems.push({ pointer: '/reason', detail: 'say what it was' })
  const onGrid = (minute: number) => minute % queue.intervalMinutes === 0
  if (!onGrid(fromMinute) || !onGrid(toMinute) || fromMinute >= toMinute)
    problems.push({
      pointer: '/fromMinute',
      detail: `must rise from 0 to 1440 on the grid of ${queue.intervalMinutes} minutes, [fromMinute, toMinute)`,
    })
  // The interval that runs may be marked: its end is what will be left out.
  const begun = dayGrid(queue, day).some(({ startMs, label }) => {
    const minute = Number(label.slice(0, 2)) * 60 + Number(label.slice(3, 5))
    return minute >= fromMinute && minute < toMinute && startMs <= nowMs
  })
  if (problems.length === 0 && (day > siteDayOf(queue.zone, nowMs) || !begun))
    problems.push({ pointer: '/fromMinute', detail: 'has not begun: only what came can be one-off' })
  return problems
}
