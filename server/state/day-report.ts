/** The report of a day: every queue and client with the counts behind their percentages. Contacts by arrival, the date in each queue's zone. */
import {
  DEFAULT_INTERVAL_VIEW,
  type IntervalView,
  SERVICE_LEVEL_DEFINITIONS_VERSION,
  serviceLevelRatio,
} from '../domain/service-level.ts'
import type { OpeningHours } from '../domain/settings.ts'
import {
  dayBounds,
  epochMsToWallClock,
  formatWithOffset,
  intervalStarts,
  type SiteDay,
  weekdayOf,
} from '../domain/site-calendar.ts'
import { agentFigures, type ScheduleSegment } from './agent-figures.ts'
import { type AgentTimeline, foldAgent, type TimeWindow } from './agent-fold.ts'
import { AgentWork } from './agent-now.ts'
import type { AgentFigures, ClientDayFigures, DayReport, IntervalFigures, QueueDayReport } from './figures.ts'
import {
  addTally,
  emptyTally,
  intervalsMetRatio,
  type PeriodTally,
  reachesBackMs,
  type Tally,
  tallyFigures,
  tallyPeriod,
} from './period-tally.ts'
import { queueAgentFigures } from './queue-agent-figures.ts'
import { type Promised, promisedFor, type SettingsView } from './settings-view.ts'
import type { Visit } from './visit.ts'

export interface DayReportOptions {
  readonly date: SiteDay
  /** Only this queue. */
  readonly queueId?: string
  /** Instead of the promise's. */
  readonly answerThresholdSeconds?: number
  readonly shortAbandonSeconds?: number
  readonly intervalMinutes?: number
  /** Of the queues' rows (by arrival unless said) and, instead of the promise's, of the clients' too. */
  readonly view?: IntervalView
  /** What each agent was to do on the day; with it (an empty one too) the report has the agents over all queues. */
  readonly schedule?: ReadonlyMap<string, readonly ScheduleSegment[]>
  /** For this client's eyes: its own queues, no agent's name. */
  readonly forClient?: string
}

/** What a report is made of; `LiveState` is one. */
export interface FoldedDay {
  /** Queues that any contact or membership names. */
  seenQueueIds(): Iterable<string>
  /** Visits by arrival, from <= queuedAt < to. */
  visits(queueId: string, fromMs: number, toMs: number): readonly Visit[]
  agentTimelines(): Iterable<readonly [agentId: string, timeline: AgentTimeline]>
  sourceEndMs(source: string): number
  agentIds(): readonly string[]
  agentRecord(agentId: string): { readonly timeline: AgentTimeline; readonly work: AgentWork } | null
  /** Newest event time of every source. */
  newestBySource(): ReadonlyMap<string, number>
}

interface QueueDay {
  readonly clientId: string | null
  readonly promised: Promised
  /** In the promise's view, whatever the report shows. */
  readonly tally: PeriodTally
  readonly report: QueueDayReport
}

export function buildDayReport(
  folded: FoldedDay,
  settings: SettingsView,
  options: DayReportOptions,
): DayReport {
  const days = reportedQueueIds(folded, settings, options).map((queueId) =>
    queueDay(folded, settings, queueId, options),
  )
  return {
    date: options.date,
    definitionsVersion: SERVICE_LEVEL_DEFINITIONS_VERSION,
    view: options.view ?? DEFAULT_INTERVAL_VIEW,
    queues: days.map((day) => day.report),
    clients: clientFigures(days, settings, options),
    ...(options.forClient === undefined && options.queueId === undefined && options.schedule !== undefined
      ? { agents: siteAgentFigures(folded, settings, options) }
      : {}),
  }
}

/** Agents who were there or answered anything that day. */
function siteAgentFigures(
  folded: FoldedDay,
  settings: SettingsView,
  { date, schedule }: DayReportOptions,
): AgentFigures[] {
  const { startMs, endMs } = dayBounds(settings.siteZone, date)
  const sourceEndMs = (source: string) => folded.sourceEndMs(source)
  const window: TimeWindow = { fromMs: startMs, toMs: endMs, sourceEndMs }
  const knownToMs = Math.max(...folded.newestBySource().values())
  return [...new Set([...folded.agentIds(), ...(schedule?.keys() ?? [])])].sort().flatMap((agentId) => {
    const { timeline, work } = folded.agentRecord(agentId) ?? NOT_SEEN
    const setting = settings.agent(agentId)
    const figures = agentFigures({
      agentId,
      name: setting?.name ?? agentId,
      teamId: setting?.teamId ?? null,
      timeline,
      work,
      window,
      schedule: schedule?.get(agentId) ?? [],
      knownToMs,
    })
    const seen = figures.loggedInSeconds + figures.contacts + figures.ringNoAnswer > 0
    return seen || figures.scheduledSeconds !== null ? [figures] : []
  })
}

const NOT_SEEN = { timeline: foldAgent([]), work: new AgentWork() }

function reportedQueueIds(folded: FoldedDay, settings: SettingsView, options: DayReportOptions): string[] {
  const ids = new Set([...settings.queueIds(), ...folded.seenQueueIds()])
  return [...ids]
    .filter((queueId) => options.queueId === undefined || queueId === options.queueId)
    .filter(
      (queueId) => options.forClient === undefined || settings.queue(queueId).clientId === options.forClient,
    )
    .sort()
}

function queueDay(
  folded: FoldedDay,
  settings: SettingsView,
  queueId: string,
  options: DayReportOptions,
): QueueDay {
  const setting = settings.queue(queueId)
  const promise = promisedFor(settings, queueId, options.date)
  const promised: Promised = {
    ...promise,
    view: options.view ?? promise.view,
    answerThresholdSeconds: options.answerThresholdSeconds ?? promise.answerThresholdSeconds,
    shortAbandonSeconds: options.shortAbandonSeconds ?? promise.shortAbandonSeconds,
  }
  const bounds = dayBounds(setting.zone, options.date)
  const intervalMinutes = options.intervalMinutes ?? setting.intervalMinutes
  const open = intervalStarts(setting.zone, options.date, intervalMinutes).filter((start) =>
    isOpen(setting.openingHours, setting.zone, options.date, start, intervalMinutes),
  )
  const inView = (view: IntervalView): PeriodTally => {
    const tallied = { view, rules: promised, ...bounds, stepMs: intervalMinutes * 60_000 }
    return tallyPeriod(folded.visits(queueId, reachesBackMs(tallied), bounds.endMs), open, tallied)
  }
  const view = options.view ?? DEFAULT_INTERVAL_VIEW
  const shown = inView(view)
  const byPromise = promised.view === view ? shown : inView(promised.view)
  const intervals = [...shown.byStart]
    .sort(([a], [b]) => a - b)
    .map(
      ([start, tally]): IntervalFigures => ({
        start: formatWithOffset(setting.zone, start),
        ...tallyFigures(tally),
      }),
    )
  const window: TimeWindow = {
    fromMs: bounds.startMs,
    toMs: bounds.endMs,
    sourceEndMs: (source) => folded.sourceEndMs(source),
  }
  const visits = folded.visits(queueId, bounds.startMs, bounds.endMs)
  const target = settings.promiseFor(queueId, options.date) === null ? null : promised.targetRatio
  const report: QueueDayReport = {
    queue: queueId,
    name: setting.name,
    answerThresholdSeconds: promised.answerThresholdSeconds,
    shortAbandonSeconds: promised.shortAbandonSeconds,
    formula: promised.formula,
    target,
    serviceLevelRatio: serviceLevelRatio(promised.formula, byPromise.whole.totals),
    intervalsMetRatio:
      target === null ? null : intervalsMetRatio(byPromise.byStart.values(), promised.formula, target),
    ...tallyFigures(shown.whole),
    intervals,
    ...(options.forClient === undefined
      ? { agents: queueAgentFigures(folded, queueId, visits, window) }
      : {}),
  }
  return { clientId: setting.clientId, promised, tally: byPromise, report }
}

/** Whether any part of the interval lies in the opening hours; both are the wall clock's. */
function isOpen(
  hours: OpeningHours,
  zone: string,
  day: SiteDay,
  startMs: number,
  intervalMinutes: number,
): boolean {
  const minute = (epochMsToWallClock(zone, startMs) - Date.parse(`${day}T00:00:00Z`)) / 60_000
  const today = hours[weekdayOf(day)] ?? []
  return today.some(([from, to]) => minute < to && minute + intervalMinutes > from)
}

/** A row for each client and promise: queues under different promises are never put into one percentage. */
function clientFigures(
  days: readonly QueueDay[],
  settings: SettingsView,
  options: DayReportOptions,
): ClientDayFigures[] {
  const rows: ClientDayFigures[] = []
  for (const { clientId, name } of settings.clients()) {
    if (options.forClient !== undefined && clientId !== options.forClient) continue
    const groups = new Map<string, QueueDay[]>()
    for (const day of days) {
      if (day.clientId !== clientId) continue
      const { formula, view, targetRatio, answerThresholdSeconds, shortAbandonSeconds } = day.promised
      const key = [formula, view, targetRatio, answerThresholdSeconds, shortAbandonSeconds].join(' ')
      const group = groups.get(key)
      if (group === undefined) groups.set(key, [day])
      else group.push(day)
    }
    for (const group of groups.values()) rows.push(clientRow(clientId, name, group))
  }
  return rows
}

function clientRow(client: string, name: string, group: readonly QueueDay[]): ClientDayFigures {
  const whole = emptyTally()
  const byStart = new Map<number, Tally>()
  for (const { tally } of group) {
    addTally(whole, tally.whole)
    for (const [start, part] of tally.byStart) {
      const into = byStart.get(start) ?? emptyTally()
      addTally(into, part)
      byStart.set(start, into)
    }
  }
  const { formula, view, targetRatio, answerThresholdSeconds } = (group[0] as QueueDay).promised
  return {
    client,
    name,
    formula,
    view,
    target: targetRatio,
    answerThresholdSeconds,
    ...tallyFigures(whole),
    serviceLevelRatio: serviceLevelRatio(formula, whole.totals),
    intervalsMetRatio: intervalsMetRatio(byStart.values(), formula, targetRatio),
    queues: group.map((day) => day.report.queue),
  }
}
