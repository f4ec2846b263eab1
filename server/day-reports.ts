/** Day reports for the API and the command line: the same fold, as JSON, CSV and PDF. */
import type { DayCloseStore } from './contracts/day-close-store.ts'
import { addDays, dayBounds, formatWithOffset, siteDayOf } from './domain/site-calendar.ts'
import type { DayReportQuery } from './http/report-routes.ts'
import { ledgerProgress, settleReport } from './interval-settling.ts'
import type { LedgerStore } from './ledger/ledger.ts'
import { type ScheduleStore, scheduleByAgent } from './planning/schedules.ts'
import { type PrintedReportOptions, printedReport } from './printed-report.ts'
import { SharedFolds } from './shared-folds.ts'
import { buildDayReport, type DayReportOptions } from './state/day-report.ts'
import { dayReportCsv } from './state/day-report-csv.ts'
import type { DayReport } from './state/figures.ts'
import type { RevisionStore } from './state/interval-revisions.ts'
import type { LiveState } from './state/live-state.ts'
import { type DayEvents, loadDay } from './state/load-day.ts'
import type { SettingsView } from './state/settings-view.ts'
import type { Visit } from './state/visit.ts'

export interface DayReportsOptions {
  readonly ledger: LedgerStore
  readonly dayCloses: DayCloseStore
  /** Schedules of days, and revisions of intervals. */
  readonly figures: Pick<ScheduleStore, 'newestSchedule'> & RevisionStore
  readonly nowMs: () => number
  readonly settings: SettingsView
  readonly site: () => { readonly name: string; readonly zone: string }
  /** For the printed report. */
  readonly notes: PrintedReportOptions['notes']
  /** The live fold where it holds the whole of that day; undefined = fold it from the ledger. */
  readonly liveDay: (day: string) => LiveState | undefined
}

export type DayReports = ReturnType<typeof createDayReports>

/** A day of a site and one of the ledger lie up to so much apart. */
const WHOLE_DAY_MS = 86_400_000

export function createDayReports(options: DayReportsOptions) {
  const { ledger, settings, liveDay, dayCloses, figures, site, nowMs } = options

  const dayEvents: DayEvents = {
    readContactEvents: (fromMs, toMs) => ledger.lendContactEvents(fromMs, toMs),
    readAgentEvents: (toMs) => ledger.lendAgentEvents(toMs),
    sourceStatuses: async () =>
      (await ledger.sourceStatuses()).flatMap(({ source, lastOccurredAtMs }) =>
        lastOccurredAtMs === null ? [] : [{ source, lastOccurredAtMs }],
      ),
  }

  const folds = new SharedFolds({
    lastIngestSeq: () => ledger.lastIngestSeq(),
    load: (day) => loadDay(dayEvents, settings, day),
  })
  async function folded(day: string): Promise<LiveState> {
    return liveDay(day) ?? folds.fold(day)
  }
  /** Where events of the day are gone after their days, what its close has frozen is what there is. */
  async function frozenReport(query: DayReportQuery): Promise<DayReport | undefined> {
    const keptFromMs = await ledger.keptFromMs()
    if (keptFromMs === null || query.day >= siteDayOf(settings.siteZone, keptFromMs + WHOLE_DAY_MS))
      return undefined
    const close = await dayCloses.newestDayClose(query.day)
    return close === undefined
      ? undefined
      : frozenPart(close.report, query, formatWithOffset(site().zone, keptFromMs))
  }
  async function report(query: DayReportQuery): Promise<DayReport | undefined> {
    const frozen = await frozenReport(query)
    if (frozen !== undefined) return query.queueId !== null && frozen.queues.length === 0 ? undefined : frozen
    const schedule = query.clientId === null ? await scheduleByAgent(figures, query.day, settings) : undefined
    const found = buildDayReport(await folded(query.day), settings, {
      ...reportOptions(query),
      ...(schedule === undefined ? {} : { schedule }),
    })
    // A queue that nobody has ever heard of (or another client's) is not an empty day.
    return query.queueId !== null && found.queues.length === 0 ? undefined : found
  }
  function isKnown(queueId: string, clientId: string | null): boolean {
    if (!settings.queueIds().includes(queueId)) return false
    return clientId === null || settings.queue(queueId).clientId === clientId
  }
  async function knownReport(query: DayReportQuery): Promise<DayReport | undefined> {
    return query.queueId !== null && !isKnown(query.queueId, query.clientId) ? undefined : report(query)
  }
  /** With what is known of each interval: whether it is final, and its revision. */
  async function settledReport(query: DayReportQuery): Promise<DayReport | undefined> {
    const found = await knownReport(query)
    if (found === undefined) return undefined
    const progress = liveDay(query.day)?.sourceProgress(nowMs()) ?? (await ledgerProgress(ledger))
    const { intervalMinutes } = query
    return settleReport(found, { settings, store: figures, progress, nowMs: nowMs(), intervalMinutes })
  }

  return {
    folded,
    settingsChanged: () => folds.forget(),
    frozen: frozenReport,
    json: settledReport,

    /** The folds that together hold the contacts of a span: one a day, each asked for its own part of the span. */
    async contacts(span: { readonly queueId: string; readonly fromMs: number; readonly toMs: number }) {
      const { zone } = settings.queue(span.queueId)
      const visits: Visit[] = []
      for (let day = siteDayOf(zone, span.fromMs); ; day = addDays(day, 1)) {
        const { startMs, endMs } = dayBounds(zone, day)
        if (startMs >= span.toMs) return visits
        const fromMs = Math.max(startMs, span.fromMs)
        const toMs = Math.min(endMs, span.toMs)
        visits.push(...(await folded(day)).visits(span.queueId, fromMs, toMs))
      }
    },

    async csv(query: DayReportQuery): Promise<string | undefined> {
      const found = await settledReport(query)
      return found === undefined ? undefined : dayReportCsv(found)
    },

    /** The figures of `json`, on paper. */
    async pdf(query: DayReportQuery): Promise<Uint8Array | undefined> {
      const found = await settledReport(query)
      return found === undefined ? undefined : printedReport(found, query, options)
    },
  }
}

/** The part of a frozen report that the reader asked for and may see, and how old its evidence is. */
function frozenPart(report: DayReport, query: DayReportQuery, eventsKeptFrom: string): DayReport {
  const { queueId, clientId } = query
  const clients = report.clients.filter(({ client }) => clientId === null || client === clientId)
  const ofClient = new Set(clients.flatMap(({ queues }) => queues))
  const queues = report.queues
    .filter(
      ({ queue }) => (queueId === null || queue === queueId) && (clientId === null || ofClient.has(queue)),
    )
    .map((queue) => {
      if (clientId === null) return queue
      const { agents: _, ...withoutAgents } = queue
      return withoutAgents
    })
  const { agents, ...shared } = report
  const seesAgents = agents !== undefined && clientId === null && queueId === null
  return { ...shared, queues, clients, ...(seesAgents ? { agents } : {}), eventsKeptFrom }
}

function reportOptions(query: DayReportQuery): DayReportOptions {
  return {
    date: query.day,
    ...(query.queueId === null ? {} : { queueId: query.queueId }),
    ...(query.answerThresholdSeconds === null
      ? {}
      : { answerThresholdSeconds: query.answerThresholdSeconds }),
    ...(query.shortAbandonSeconds === null ? {} : { shortAbandonSeconds: query.shortAbandonSeconds }),
    ...(query.intervalMinutes === null ? {} : { intervalMinutes: query.intervalMinutes }),
    ...(query.view === null ? {} : { view: query.view }),
    ...(query.clientId === null ? {} : { forClient: query.clientId }),
  }
}
