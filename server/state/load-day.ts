/** A day read from the ledger and folded: the same fold as the live state, over the window that the day needs. */
import type { LedgerEvent } from '../domain/event.ts'
import { dayBounds } from '../domain/site-calendar.ts'
import { LiveState } from './live-state.ts'
import type { SettingsView } from './settings-view.ts'

const DAY_MS = 86_400_000

/** The part of the ledger's store that a day is read from. */
export interface DayEvents {
  /** Events may be lent: gone when the next one is taken. */
  readContactEvents(fromMs: number, toMs: number): AsyncIterable<Iterable<LedgerEvent>>
  readAgentEvents(toMs: number): AsyncIterable<Iterable<LedgerEvent>>
  sourceStatuses(): Promise<readonly { readonly source: string; readonly lastOccurredAtMs: number }[]>
}

/**
 * The folded day: ask it for `dayReport(date)`. Contacts are read from a day before to a day after; where one that
 * arrived on the day is still open then, the window grows until it ends or the ledger does.
 */
export async function loadDay(store: DayEvents, settings: SettingsView, date: string): Promise<LiveState> {
  const { startMs, endMs } = widestBounds(settings, date)
  const statuses = await store.sourceStatuses()
  let newestMs = endMs
  const state = new LiveState(settings, 'short-lived')
  for (const { source, lastOccurredAtMs } of statuses) {
    newestMs = Math.max(newestMs, lastOccurredAtMs)
    state.noteSourceEnd(source, lastOccurredAtMs)
  }
  for await (const page of store.readAgentEvents(endMs)) state.applyAll(page)
  let readToMs = endMs + DAY_MS
  for await (const page of store.readContactEvents(startMs - DAY_MS, readToMs)) state.applyAll(page)
  for (let spanMs = DAY_MS; readToMs <= newestMs && state.hasOpenVisits(startMs, endMs); spanMs *= 2) {
    for await (const page of store.readContactEvents(readToMs, readToMs + spanMs)) state.applyAll(page)
    readToMs += spanMs
  }
  return state
}

/** A call has few ids; a loop of merges must end. */
const CONTACT_IDS_MAX = 20

/** Every event of a contact as it was received, also under the ids that the given one was told to be the same as. */
export async function readWholeContact(
  store: { readContact(contactId: string): Promise<readonly LedgerEvent[]> },
  contactId: string,
): Promise<readonly LedgerEvent[]> {
  const events: LedgerEvent[] = []
  const ids = [contactId]
  for (let index = 0; index < Math.min(ids.length, CONTACT_IDS_MAX); index += 1) {
    for (const event of await store.readContact(ids[index] ?? '')) {
      events.push(event)
      for (const id of event.data.aliasIds ?? []) if (!ids.includes(id)) ids.push(id)
    }
  }
  return ids.length === 1 ? events : events.sort((a, b) => a.ingestSeq - b.ingestSeq)
}

/** The date in every zone that a queue may be in. */
function widestBounds(settings: SettingsView, date: string): { startMs: number; endMs: number } {
  const zones = new Set([
    settings.siteZone,
    ...settings.queueIds().map((queueId) => settings.queue(queueId).zone),
  ])
  let startMs = Number.POSITIVE_INFINITY
  let endMs = Number.NEGATIVE_INFINITY
  for (const zone of zones) {
    const bounds = dayBounds(zone, date)
    startMs = Math.min(startMs, bounds.startMs)
    endMs = Math.max(endMs, bounds.endMs)
  }
  return { startMs, endMs }
}
