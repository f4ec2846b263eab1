/** Ringing back, wired: the calls are those of the fold, the numbers those of the ledger. */
import type { DataServices } from './data-services.ts'
import type { DayReports } from './day-reports.ts'
import { RETENTION_DAYS } from './domain/settings.ts'
import { dayBounds } from './domain/site-calendar.ts'
import type { RingBackRoutesOptions } from './http/ring-back-routes.ts'
import { RingBackBook } from './ring-back/ring-back-book.ts'
import { readWholeContact } from './state/load-day.ts'
import type { SettingsView } from './state/settings-view.ts'

export interface RingBackServicesOptions {
  readonly data: Pick<DataServices, 'ledger' | 'ringBackStore' | 'settings' | 'people' | 'clock'>
  readonly reports: Pick<DayReports, 'contacts'>
  readonly settings: SettingsView
  readonly log: (line: string) => void
}

export function createRingBackServices(options: RingBackServicesOptions): RingBackRoutesOptions {
  const { data, reports, settings, log } = options
  const ringBacks = new RingBackBook({
    store: data.ringBackStore,
    async calls(span) {
      const visits = await reports.contacts(span)
      return visits.map(({ contactId, queuedAtMs, outcome, waitMs }) => ({
        contactId,
        arrivedAtMs: queuedAtMs,
        outcome,
        waitSeconds: waitMs === null ? null : waitMs / 1000,
      }))
    },
    callers: (contactIds, receivedFromMs) => data.ledger.callers(contactIds, receivedFromMs),
    contactEvents: (contactId) => readWholeContact(data.ledger, contactId),
    callerDaysKept: () => data.settings.site().callerDaysKept ?? RETENTION_DAYS.callerDaysKept,
    nowMs: () => data.clock.nowMs(),
    realNowMs: () => Date.now(),
    onShown: (name, count) => log(`vigie: ${name} was shown callers’ numbers: ${count}`),
  })
  const isQueue = (queueId: string) => settings.queueIds().includes(queueId)
  return {
    ringBacks,
    isQueue,
    dayBounds: (queueId, day) =>
      isQueue(queueId) ? dayBounds(settings.queue(queueId).zone, day) : undefined,
    isUser: async (userId) => (await data.people.users()).some(({ id }) => id === userId),
  }
}
