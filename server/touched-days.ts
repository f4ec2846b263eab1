/** Days that are over and yet got events: they are closed again, as their next version. */
import type { Clock } from './domain/clock.ts'
import type { EventEnvelope } from './domain/event.ts'
import { dayBounds, siteDayOf } from './domain/site-calendar.ts'
import type { SettingsView } from './state/settings-view.ts'

/** A day may begin and end up to so much apart from UTC's. */
const WHOLE_DAY_MS = 86_400_000

export class TouchedDays {
  readonly #settings: SettingsView
  readonly #clock: Clock
  readonly #days = new Set<string>()

  constructor(settings: SettingsView, clock: Clock) {
    this.#settings = settings
    this.#clock = clock
  }

  /** Days before the first whose events are all kept stay as they were closed: what is left of them is not the day. */
  forgetBefore(keptFromMs: number | null): void {
    if (keptFromMs === null) return
    const firstWhole = siteDayOf(this.#settings.siteZone, keptFromMs + WHOLE_DAY_MS)
    for (const day of this.#days) if (day < firstWhole) this.#days.delete(day)
  }

  note(events: readonly EventEnvelope[]): void {
    const today = siteDayOf(this.#settings.siteZone, this.#clock.nowMs())
    // By zone, the day looked at last: events of one batch are nearly all of one day.
    const seen = new Map<string, { readonly startMs: number; readonly endMs: number }>()
    for (const { data, occurredAtMs } of events) {
      if (data.contactId === undefined) continue
      const zone =
        data.queueId === undefined ? this.#settings.siteZone : this.#settings.queue(data.queueId).zone
      const bounds = seen.get(zone)
      if (bounds !== undefined && occurredAtMs >= bounds.startMs && occurredAtMs < bounds.endMs) continue
      const day = siteDayOf(zone, occurredAtMs)
      seen.set(zone, dayBounds(zone, day))
      if (day < today) this.#days.add(day)
    }
  }

  /** They could not be closed: they are to be taken again. */
  putBack(days: readonly string[]): void {
    for (const day of days) this.#days.add(day)
  }

  /** The days so far, oldest first; from now on they are untouched. */
  take(): readonly string[] {
    const days = [...this.#days].sort()
    this.#days.clear()
    return days
  }
}
