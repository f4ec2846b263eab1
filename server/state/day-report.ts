/** The report of a day: every queue and client with the counts behind their percentages. Contacts by arrival, the date in each queue's zone. */
import {
  SERVICE_LEVEL_DEFINITIONS_VERSION,
  SERVICE_LEVEL_FORMULAS,
  serviceLevelFraction,
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
import { type AgentTimeline, membershipMs, notReadyMs, type TimeWindow } from './agent-fold.ts'
import type {
  AgentDayFigures,
  ClientDayFigures,
  DayReport,
  IntervalFigures,
  QueueDayReport,
  QueueFigures,
} from './figures.ts'
import { type Promised, promisedFor, type SettingsView } from './settings-view.ts'
import { addTotals, addVisit, emptyTotals, type Totals, toFigures } from './totals.ts'
import type { Visit } from './visit.ts'

export interface DayReportOptions {
  readonly date: SiteDay
  /** Only this queue. */
  readonly queueId?: string
  /** Instead of the promise's. */
  readonly answerThresholdSeconds?: number
  readonly shortAbandonSeconds?: number
  readonly intervalMinutes?: number
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
}

interface QueueDay {
  readonly queueId: string
  readonly clientId: string | null
  readonly promised: Promised
  readonly totals: Totals
  readonly byStart: ReadonlyMap<number, Totals>
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
    queues: days.map((day) => day.report),
    clients: clientFigures(days, settings, options),
  }
}

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
    answerThresholdSeconds: options.answerThresholdSeconds ?? promise.answerThresholdSeconds,
    shortAbandonSeconds: options.shortAbandonSeconds ?? promise.shortAbandonSeconds,
  }
  const { startMs, endMs } = dayBounds(setting.zone, options.date)
  const intervalMinutes = options.intervalMinutes ?? setting.intervalMinutes
  const byStart = new Map<number, Totals>()
  for (const start of intervalStarts(setting.zone, options.date, intervalMinutes)) {
    if (isOpen(setting.openingHours, setting.zone, options.date, start, intervalMinutes)) {
      byStart.set(start, emptyTotals())
    }
  }
  const totals = emptyTotals()
  const visits = folded.visits(queueId, startMs, endMs)
  const stepMs = intervalMinutes * 60_000
  for (const visit of visits) {
    const start = startMs + Math.floor((visit.queuedAtMs - startMs) / stepMs) * stepMs
    let interval = byStart.get(start)
    if (interval === undefined) {
      interval = emptyTotals()
      byStart.set(start, interval)
    }
    addVisit(interval, visit, promised, 1)
    addVisit(totals, visit, promised, 1)
  }
  const intervals = [...byStart]
    .sort(([a], [b]) => a - b)
    .map(
      ([start, sums]): IntervalFigures => ({
        start: formatWithOffset(setting.zone, start),
        ...toFigures(sums),
      }),
    )
  const window: TimeWindow = {
    fromMs: startMs,
    toMs: endMs,
    sourceEndMs: (source) => folded.sourceEndMs(source),
  }
  const report: QueueDayReport = {
    queue: queueId,
    name: setting.name,
    answerThresholdSeconds: promised.answerThresholdSeconds,
    shortAbandonSeconds: promised.shortAbandonSeconds,
    ...toFigures(totals),
    intervals,
    ...(options.forClient === undefined ? { agents: agentFigures(folded, queueId, visits, window) } : {}),
  }
  return { queueId, clientId: setting.clientId, promised, totals, byStart, report }
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

interface AgentSums {
  answered: number
  talkMs: number
  ringNoAnswer: number
}

function agentFigures(
  folded: FoldedDay,
  queueId: string,
  visits: readonly Visit[],
  window: TimeWindow,
): AgentDayFigures[] {
  const sums = new Map<string, AgentSums>()
  const of = (agentId: string): AgentSums => {
    let row = sums.get(agentId)
    if (row === undefined) {
      row = { answered: 0, talkMs: 0, ringNoAnswer: 0 }
      sums.set(agentId, row)
    }
    return row
  }
  for (const visit of visits) {
    for (const { agentId, talkMs } of visit.handlings) {
      if (agentId === undefined) continue
      const row = of(agentId)
      row.answered += 1
      row.talkMs += talkMs ?? 0
    }
    for (const agentId of visit.ringNoAnswers ?? []) if (agentId !== undefined) of(agentId).ringNoAnswer += 1
  }
  const times = new Map<string, { loggedInMs: number; notReadyMs: number }>()
  for (const [agentId, timeline] of folded.agentTimelines()) {
    const loggedInMs = membershipMs(timeline, queueId, window)
    if (loggedInMs > 0) of(agentId)
    if (sums.has(agentId))
      times.set(agentId, { loggedInMs, notReadyMs: notReadyMs(timeline, queueId, window) })
  }
  return [...sums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([agent, { answered, talkMs, ringNoAnswer }]) => ({
      agent,
      answered,
      talkSeconds: talkMs / 1000,
      ringNoAnswer,
      loggedInSeconds: (times.get(agent)?.loggedInMs ?? 0) / 1000,
      notReadySeconds: (times.get(agent)?.notReadyMs ?? 0) / 1000,
    }))
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
      const { formula, targetRatio, answerThresholdSeconds, shortAbandonSeconds } = day.promised
      const key = [formula, targetRatio, answerThresholdSeconds, shortAbandonSeconds].join(' ')
      const group = groups.get(key)
      if (group === undefined) groups.set(key, [day])
      else group.push(day)
    }
    for (const group of groups.values()) rows.push(clientRow(clientId, name, group))
  }
  return rows
}

function clientRow(client: string, name: string, group: readonly QueueDay[]): ClientDayFigures {
  const totals = emptyTotals()
  const byStart = new Map<number, Totals>()
  for (const day of group) {
    addTotals(totals, day.totals)
    for (const [start, sums] of day.byStart) {
      const into = byStart.get(start) ?? emptyTotals()
      addTotals(into, sums)
      byStart.set(start, into)
    }
  }
  const { formula, targetRatio, answerThresholdSeconds } = (group[0] as QueueDay).promised
  let counted = 0
  let met = 0
  for (const sums of byStart.values()) {
    const { numerator, denominator } = serviceLevelFraction(formula, sums)
    if (denominator === 0) continue
    counted += 1
    if (numerator / denominator >= targetRatio) met += 1
  }
  return {
    client,
    name,
    formula,
    target: targetRatio,
    answerThresholdSeconds,
    ...toFigures(totals),
    serviceLevelRatio: serviceLevelRatio(formula, totals),
    intervalsMetRatio: counted === 0 ? null : met / counted,
    queues: group.map((day) => day.queueId),
  }
}

const COUNT_COLUMNS = [
  'offered',
  'answered',
  'abandoned',
  'flowedOut',
  'lost',
  'waiting',
  'answeredWithinThreshold',
  'abandonedWithinThreshold',
  'shortAbandons',
  'callbacksWithinThreshold',
] as const satisfies readonly (keyof QueueFigures)[]
const MEASURE_COLUMNS = [
  'asaSeconds',
  'waitSecondsMax',
  'talkSecondsMean',
  'ahtSeconds',
  'transfers',
] as const satisfies readonly (keyof QueueFigures)[]

/** One row a queue and interval, the same names as in the JSON; a null is an empty field. */
export function dayReportCsv(report: DayReport): string {
  const lines = [
    ['queue', 'start', ...COUNT_COLUMNS, ...SERVICE_LEVEL_FORMULAS, ...MEASURE_COLUMNS].join(','),
  ]
  for (const { queue, intervals } of report.queues) {
    for (const interval of intervals) {
      const cells = [
        csvField(queue),
        interval.start,
        ...COUNT_COLUMNS.map((name) => interval[name]),
        ...SERVICE_LEVEL_FORMULAS.map((formula) => interval.serviceLevelRatios[formula]),
        ...MEASURE_COLUMNS.map((name) => interval[name]),
      ]
      lines.push(cells.map((cell) => cell ?? '').join(','))
    }
  }
  return `${lines.join('\r\n')}\r\n`
}

/** Quoted where needed; a leading = + - @ would run as a formula in a spreadsheet, so such an id gets an apostrophe. */
function csvField(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
