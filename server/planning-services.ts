/** Planning, wired: its ports onto the ledger, the settings in force and the fold. */
import type { DataServices } from './data-services.ts'
import type { DayReports } from './day-reports.ts'
import { dayBounds, intervalStarts } from './domain/site-calendar.ts'
import type { PlannedTraining } from './planning/look-ahead.ts'
import type { DayObserver } from './planning/look-ahead-observation.ts'
import { createPlanning } from './planning/planning.ts'
import { threadedComparer } from './planning/threaded-comparer.ts'
import { planningSettings } from './settings-view.ts'
import type { SettingsView } from './state/settings-view.ts'
import { isHandled } from './state/visit.ts'

export interface PlanningServicesOptions {
  readonly data: DataServices
  readonly settings: SettingsView
  readonly reports: DayReports
  /** The live fold; a command has none. */
  readonly observer?: DayObserver
  readonly trainings?: (fromMs: number, toMs: number) => Promise<readonly PlannedTraining[]>
  readonly onError: (message: string, error: unknown) => void
}

export function createPlanningServices(options: PlanningServicesOptions) {
  const { data, settings, reports, observer, trainings, onError } = options
  const planning = createPlanning({
    store: data.planningStore,
    dayCloses: data.dayCloses,
    ledger: data.ledger,
    settings: planningSettings(data.settings, settings),
    clock: data.clock,
    reportDay: async (day) => (await reports.folded(day)).dayReport(day),
    observer,
    trainings,
    running: { runningDay: (queueId, day) => runningDay(options, queueId, day) },
    comparer: threadedComparer(),
    onError: (error) => onError('planning failed', error),
  })
  return {
    ...planning,
    refreshToday: () =>
      void planning.today.refresh().catch((error: unknown) => onError('today could not be refreshed', error)),
  }
}

/** Contacts by interval of the day from the fold; null from the interval on that has not ended. */
async function runningDay(
  { data, settings, reports }: PlanningServicesOptions,
  queueId: string,
  day: string,
) {
  const { zone, intervalMinutes } = settings.queue(queueId)
  const nowMs = data.clock.nowMs()
  const { startMs, endMs } = dayBounds(zone, day)
  const starts = intervalStarts(zone, day, intervalMinutes)
  const unknown = { contacts: null, handled: 0, handleSeconds: 0 }
  if (startMs > nowMs) return starts.map(() => unknown)
  const stepMs = intervalMinutes * 60_000
  const counts = starts.map(() => ({ contacts: 0, handled: 0, handleSeconds: 0 }))
  for (const visit of (await reports.folded(day)).visits(queueId, startMs, endMs)) {
    const count = counts[Math.floor((visit.queuedAtMs - startMs) / stepMs)]
    if (count === undefined) continue
    count.contacts += 1
    if (!isHandled(visit)) continue
    count.handled += 1
    for (const { talkMs, holdMs, acwMs } of visit.handlings)
      count.handleSeconds += ((talkMs ?? 0) + holdMs + acwMs) / 1000
  }
  return counts.map((count, index) => ((starts[index] ?? 0) + stepMs <= nowMs ? count : unknown))
}
