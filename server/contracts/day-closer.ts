/** Closes site days: folds the day, freezes the report with a hash; a correction becomes the next version, never a silent change. */
import { createHash } from 'node:crypto'
import { addDays, type SiteDay } from '../domain/site-calendar.ts'
import type { DayReport } from '../state/figures.ts'
import type { DayClose, DayCloseStore } from './day-close-store.ts'

/** JSON with sorted keys: the same report gives the same bytes, whatever order its fields were written in. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  const entries = Object.entries(value).filter(([, field]) => field !== undefined)
  entries.sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0))
  return `{${entries.map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`).join(',')}}`
}

export function reportHash(report: DayReport): string {
  return createHash('sha256').update(canonicalJson(report)).digest('hex')
}

export interface DayCloserOptions {
  readonly store: DayCloseStore
  readonly reportDay: (day: SiteDay) => Promise<DayReport>
  readonly nowMs: () => number
}

const CATCH_UP_DAYS_MAX = 800

export class DayCloser {
  readonly #options: DayCloserOptions

  constructor(options: DayCloserOptions) {
    this.#options = options
  }

  /** Folds and freezes the day. When a closed version has the same figures nothing is written. */
  async close(day: SiteDay): Promise<DayClose> {
    const { store, reportDay, nowMs } = this.#options
    const report = await reportDay(day)
    const hash = reportHash(report)
    const newest = await store.newestDayClose(day)
    if (newest?.hash === hash) return newest
    return store.addDayClose({ day, closedAtMs: nowMs(), hash, report })
  }

  /** The days of [fromDay, toDay] that are not closed yet, oldest first. */
  async missingDays(fromDay: SiteDay, toDay: SiteDay): Promise<readonly SiteDay[]> {
    const known = new Set(await this.#options.store.closedDays(fromDay, toDay))
    const missing: SiteDay[] = []
    for (let day = fromDay, n = 0; day <= toDay && n < CATCH_UP_DAYS_MAX; day = addDays(day, 1), n += 1) {
      if (!known.has(day)) missing.push(day)
    }
    return missing
  }
}
