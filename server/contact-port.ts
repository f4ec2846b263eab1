/** The contacts behind a figure, from the same fold as the figure. */
import type { DataServices } from './data-services.ts'
import type { DayReports } from './day-reports.ts'
import { dayBounds, siteDayOf } from './domain/site-calendar.ts'
import { contactEventBody } from './http/contact-events.ts'
import type { ContactPort } from './http/report-routes.ts'
import { readWholeContact } from './state/load-day.ts'
import { countedAtMs } from './state/period-tally.ts'
import { promisedFor, type SettingsView } from './state/settings-view.ts'
import type { Visit } from './state/visit.ts'
import type { ContactBody } from './wire/api.ts'

export function createContactPort(
  reports: Pick<DayReports, 'contacts'>,
  settings: SettingsView,
  ledger: DataServices['ledger'],
): ContactPort {
  /** As the figures count in that view: by when the service level was decided, which is T after the arrival at the latest. */
  async function decidedWithin(queueId: string, fromMs: number, toMs: number): Promise<readonly Visit[]> {
    const { zone } = settings.queue(queueId)
    const { answerThresholdSeconds } = promisedFor(settings, queueId, siteDayOf(zone, fromMs))
    const visits = await reports.contacts({ queueId, fromMs: fromMs - answerThresholdSeconds * 1000, toMs })
    return visits.filter((visit) => {
      const atMs = countedAtMs(visit, 'event', answerThresholdSeconds)
      return atMs >= fromMs && atMs < toMs
    })
  }

  return {
    dayBounds: (queueId, day) =>
      settings.queueIds().includes(queueId) ? dayBounds(settings.queue(queueId).zone, day) : undefined,
    async events(contactId) {
      const events = await readWholeContact(ledger, contactId)
      return events.length === 0 ? undefined : events.map(contactEventBody)
    },
    async contacts({ queueId, fromMs, toMs, view, clientId, limit }) {
      if (!settings.queueIds().includes(queueId)) return undefined
      if (clientId !== null && settings.queue(queueId).clientId !== clientId) return undefined
      const visits =
        view === 'event'
          ? await decidedWithin(queueId, fromMs, toMs)
          : await reports.contacts({ queueId, fromMs, toMs })
      return {
        contacts: visits.slice(0, limit).map((visit) => contactBody(visit, clientId === null)),
        leftOff: Math.max(0, visits.length - limit),
      }
    },
  }
}

function contactBody(visit: Visit, withAgents: boolean): ContactBody {
  const talkMs = visit.handlings.reduce((sum, part) => sum + (part.talkMs ?? 0), 0)
  const agents = withAgents ? visit.handlings.flatMap(({ agentId }) => agentId ?? []) : []
  return {
    contactId: visit.contactId,
    arrivedAtMs: visit.queuedAtMs,
    outcome: visit.outcome,
    waitSeconds: visit.waitMs === null ? null : visit.waitMs / 1000,
    talkSeconds: visit.handlings.length === 0 ? null : talkMs / 1000,
    leftReason: visit.leftReason ?? null,
    agent: agents.at(-1) ?? null,
    agents,
  }
}
