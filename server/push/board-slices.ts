/** The parts of a board that only some boards need: agents one by one, and the intervals of the day. */
import { createHash } from 'node:crypto'
import { serviceLevelFraction } from '../domain/service-level.ts'
import { dayBounds, intervalStarts, siteDayOf } from '../domain/site-calendar.ts'
import type { Settled } from '../state/interval-revisions.ts'
import type { AgentLine, LiveState } from '../state/live-state.ts'
import { promisedFor, type SettingsView } from '../state/settings-view.ts'
import { type Totals, toFigures } from '../state/totals.ts'
import type { AheadQueueBody } from '../wire/ahead.ts'
import type { AlertBody, BoardNoteRow } from '../wire/alerts.ts'
import type { BoardAgentRow, BoardIntervalRow, BoardSliceName, BoardSliceRows } from '../wire/board.ts'
import type { BoardMonthRow } from '../wire/moment.ts'
import type { BoardView } from './board-view.ts'
import { isOpenAt } from './open-hours.ts'
import { StaffedHistory } from './staffed-history.ts'

export interface SliceContext {
  readonly view: BoardView
  /** Queues of the view. */
  readonly queueIds: readonly string[]
  readonly nowMs: number
}
export type BoardSliceSources = {
  readonly [Name in BoardSliceName]: (context: SliceContext) => readonly BoardSliceRows[Name][]
}

/** What planning knows of a queue's day, by interval. */
export interface IntervalColumns {
  readonly startMs: readonly number[]
  readonly contactsMean: readonly number[] | undefined
  readonly required: readonly (number | null)[] | undefined
  readonly planned: readonly number[] | undefined
  readonly scheduled?: readonly (number | null)[] | undefined
}

export interface BoardSliceOptions {
  readonly state: LiveState
  readonly settings: SettingsView
  readonly teamName: (teamId: string) => string | null
  readonly columns: (queueId: string) => IntervalColumns | undefined
  /** Whether the figures of an interval are final, and how often they changed since. */
  readonly settled: (queueId: string, startMs: number) => Settled
  /** A secret of this process: keys of agents without names must not give the names away. */
  readonly keySalt: string
  readonly alerts: (context: SliceContext) => readonly AlertBody[]
  readonly ahead: (context: SliceContext) => readonly AheadQueueBody[]
  readonly notes: (context: SliceContext) => readonly BoardNoteRow[]
  readonly months: (context: SliceContext) => readonly BoardMonthRow[]
}

export function createBoardSlices(options: BoardSliceOptions) {
  const staffed = new StaffedHistory(options.state)
  return {
    alerts: options.alerts,
    ahead: options.ahead,
    notes: options.notes,
    months: options.months,
    agents: (context: SliceContext) => agentRows(options, context),
    intervals: (context: SliceContext) =>
      context.queueIds.flatMap((queueId) => intervalRows(options, staffed, queueId, context.nowMs)),
  }
}

function agentRows(
  { state, settings, teamName, keySalt }: BoardSliceOptions,
  { view, queueIds, nowMs }: SliceContext,
): readonly BoardAgentRow[] {
  const own = new Set(queueIds)
  const teams = new Set(view.need.scopes.flatMap((scope) => (scope.kind === 'team' ? [scope.teamId] : [])))
  const everybody = view.clientId === null && view.need.scopes.some(({ kind }) => kind === 'all')
  const today = dayBounds(settings.siteZone, siteDayOf(settings.siteZone, nowMs))
  const rows: BoardAgentRow[] = []
  for (const line of state.agentsNow(nowMs)) {
    if (line.state === 'offline' || line.state === 'unknown') continue
    const setting = settings.agent(line.agentId)
    const teamId = setting?.teamId ?? null
    const inTeam = view.clientId === null && teamId !== null && teams.has(teamId)
    if (!everybody && !inTeam && !worksFor(line, own)) continue
    rows.push({
      key: view.agentNames ? line.agentId : hiddenKey(line.agentId, keySalt),
      name: view.agentNames ? (setting?.name ?? line.agentId) : null,
      teamId: view.clientId === null ? teamId : null,
      teamName: view.clientId === null && teamId !== null ? teamName(teamId) : null,
      state: line.state,
      reason: line.reason,
      sinceMs: line.sinceMs,
      queueId: line.queueId !== null && own.has(line.queueId) ? line.queueId : null,
      memberQueueIds: line.memberQueueIds.filter((id) => own.has(id)),
      // How much others called is no business of a client's.
      contactsToday:
        view.clientId === null ? line.contactsToday : ownContacts(state, line.agentId, own, today),
    })
  }
  // By key, so that hidden names cannot be read from the order either.
  return rows.sort((a, b) => (a.key < b.key ? -1 : 1))
}

function ownContacts(
  state: LiveState,
  agentId: string,
  own: ReadonlySet<string>,
  today: ReturnType<typeof dayBounds>,
): number {
  let count = 0
  for (const { queueId, queuedAtMs } of state.agentRecord(agentId)?.work.answered.values() ?? [])
    if (own.has(queueId) && queuedAtMs >= today.startMs && queuedAtMs < today.endMs) count += 1
  return count
}

export function worksFor(agent: AgentLine, queueIds: ReadonlySet<string>): boolean {
  return agent.memberQueueIds.some((id) => queueIds.has(id)) || queueIds.has(agent.queueId ?? '')
}

function hiddenKey(agentId: string, salt: string): string {
  return createHash('sha256').update(salt).update(agentId).digest('base64url').slice(0, 12)
}

function intervalRows(
  { state, settings, columns, settled }: BoardSliceOptions,
  staffed: StaffedHistory,
  queueId: string,
  nowMs: number,
): readonly BoardIntervalRow[] {
  const setting = settings.queue(queueId)
  const day = siteDayOf(setting.zone, nowMs)
  const promised = promisedFor(settings, queueId, day)
  const totalsByStart = new Map(
    state.dayIntervals(queueId, day).map(({ startMs, totals }) => [startMs, totals]),
  )
  const planning = columns(queueId)
  const place = new Map(planning?.startMs.map((startMs, index) => [startMs, index]))
  const stepMs = setting.intervalMinutes * 60_000
  return intervalStarts(setting.zone, day, setting.intervalMinutes).flatMap((startMs) => {
    const totals = totalsByStart.get(startMs)
    const open = isOpenAt(setting.openingHours, setting.zone, startMs)
    if (!open && totals === undefined) return []
    const index = place.get(startMs) ?? -1
    const endMs = startMs + stepMs
    const settlement = settled(queueId, startMs)
    const there = staffed.of(queueId, startMs, endMs, nowMs)
    return [
      {
        key: `${queueId} ${startMs}`,
        queueId,
        startMs,
        endMs,
        open,
        ...actuals(totals, promised.formula),
        targetRatio: promised.targetRatio,
        forecastContacts: planning?.contactsMean?.[index] ?? null,
        required: planning?.required?.[index] ?? null,
        planned: planning?.planned?.[index] ?? null,
        scheduled: planning?.scheduled?.[index] ?? null,
        staffedMean: there?.staffedMean ?? null,
        handlingSeconds: there?.handlingSeconds ?? null,
        availableSeconds: there?.availableSeconds ?? null,
        provisional: startMs <= nowMs && settlement.provisional,
        revision: settlement.revision,
      },
    ]
  })
}

function actuals(totals: Totals | undefined, formula: Parameters<typeof serviceLevelFraction>[0]) {
  if (totals === undefined)
    return {
      offered: 0,
      answered: 0,
      abandoned: 0,
      waiting: 0,
      numerator: 0,
      denominator: 0,
      asaSeconds: null,
      ahtSeconds: null,
      handled: 0,
    }
  const { offered, answered, abandoned, waiting, asaSeconds, ahtSeconds } = toFigures(totals)
  const { numerator, denominator } = serviceLevelFraction(formula, totals)
  return {
    offered,
    answered,
    abandoned,
    waiting,
    numerator,
    denominator,
    asaSeconds,
    ahtSeconds,
    handled: totals.handled,
  }
}
