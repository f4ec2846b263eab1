/** A day report on paper: beside the day's figures its close, the days before it, the month up to it and what was noted. */
import type { DayClose, DayCloseStore } from './contracts/day-close-store.ts'
import { dayReportPdf } from './contracts/report-pdf.ts'
import type { ReportNote, ReportPdfOptions } from './contracts/report-writer.ts'
import { addDays, dayBounds } from './domain/site-calendar.ts'
import type { DayReportQuery } from './http/report-routes.ts'
import { monthRows, monthStart } from './moments/month-to-date.ts'
import type { ClientDayFigures, DayReport } from './state/figures.ts'
import type { SettingsView } from './state/settings-view.ts'

export interface PrintedReportOptions {
  readonly dayCloses: DayCloseStore
  readonly settings: SettingsView
  readonly site: () => { readonly name: string; readonly zone: string }
  /** What was noted of a time, as far as the client (null = the staff) may read it. */
  readonly notes: (fromMs: number, toMs: number, clientId: string | null) => Promise<readonly ReportNote[]>
}

/** With the report's own day, the thirty that the page shows. */
const HISTORY_DAYS = 29
/** Of a line: what may change without its figures, and what a client does not get. */
const NO_FIGURES: ReadonlySet<string> = new Set(['name', 'queues', 'agents'])

export async function printedReport(
  report: DayReport,
  query: DayReportQuery,
  { dayCloses, settings, site, notes }: PrintedReportOptions,
): Promise<Uint8Array> {
  const { name, zone } = site()
  const { day, clientId } = query
  // Under other rules than the promised ones the figures are nobody's close, nor a part of anybody's month.
  const asPromised =
    query.answerThresholdSeconds === null &&
    query.shortAbandonSeconds === null &&
    query.intervalMinutes === null &&
    query.view === null
  const close = asPromised ? await dayCloses.newestDayClose(day) : undefined
  const monthFrom = monthStart(day)
  const historyFrom = addDays(day, -HISTORY_DAYS)
  const before = await dayCloses.dayCloses(
    monthFrom < historyFrom ? monthFrom : historyFrom,
    addDays(day, -1),
  )
  const newest = new Map(before.map((one) => [one.day, one]))
  const { startMs, endMs } = dayBounds(zone, day)
  return dayReportPdf(report, {
    locale: query.language === 'fr' ? 'fr' : 'en',
    siteName: name,
    zone,
    close: close === undefined ? null : { ...close, isCurrent: hasFiguresOf(close, report) },
    history: (client) =>
      [...newest.values()]
        .filter((one) => one.day >= historyFrom)
        .flatMap(({ day, report: closed }) => {
          const line = lineOf(closed.clients, client)
          return line === undefined ? [] : [{ day, ratio: line.serviceLevelRatio }]
        }),
    months: asPromised && query.queueId === null ? months() : [],
    notes: await notes(startMs, endMs, clientId),
  })

  function months(): ReportPdfOptions['months'] {
    const lines = new Map(report.queues.map((line) => [line.queue, line]))
    const closed = {
      today: day,
      fromDay: monthFrom,
      newest: new Map([...newest].filter(([of]) => of >= monthFrom)),
    }
    return monthRows({ settings, dayCounts: (queueId) => lines.get(queueId) }, closed, clientId)
  }
}

/** A client's line under the same promise: that of a queue which both have. */
function lineOf(lines: readonly ClientDayFigures[], client: ClientDayFigures): ClientDayFigures | undefined {
  return lines.find(
    (line) => line.client === client.client && line.queues.some((id) => client.queues.includes(id)),
  )
}

/** Whether the report, maybe of fewer queues, has the figures of the close. Names and new queues without contacts are none. */
function hasFiguresOf({ report: closed }: DayClose, report: DayReport): boolean {
  const lines = new Map(report.queues.map((line) => [line.queue, line]))
  const closedIds = new Set(closed.queues.map(({ queue }) => queue))
  return (
    closed.queues.every(
      (line) => !lines.has(line.queue) || holdsAll(figuresOf(line), lines.get(line.queue)),
    ) &&
    closed.clients
      .filter(({ queues }) => queues.every((id) => lines.has(id)))
      .every((line) => holdsAll(figuresOf(line), lineOf(report.clients, line))) &&
    report.queues.every(({ queue, offered }) => offered === 0 || closedIds.has(queue))
  )
}

function figuresOf(line: object): object {
  return Object.fromEntries(Object.entries(line).filter(([field]) => !NO_FIGURES.has(field)))
}

/** Whether everything that `one` says is said alike by `other`, which may say more. */
function holdsAll(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || one === null || typeof other !== 'object' || other === null)
    return one === other
  if (Array.isArray(one) && (!Array.isArray(other) || one.length !== other.length)) return false
  const fields = new Map<string, unknown>(Object.entries(other))
  return Object.entries(one).every(([name, value]) => holdsAll(value, fields.get(name)))
}
