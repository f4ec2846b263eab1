/** Daily totals of older queues of the same site: what they saw on holidays that a young queue has not had yet. */
import type { SiteDay } from '../domain/site-calendar.ts'
import { epochDayOf } from '../engine/forecast/calendar.ts'
import type { SeriesHistory } from '../engine/forecast/index.ts'
import { daysBetween } from './forecast-span.ts'
import { readHistory, type TotalsReader } from './history.ts'
import type { PlanningSettings } from './planning-settings.ts'

/** A queue that has had every holiday once needs no other's. */
const YOUNG_DAYS = 366
const SIBLINGS_MAX = 4
/** Queues whose past is read in the search for older ones. */
const SEARCHED_MAX = 12
/** An older queue has a year and the holidays that the young one is about to have. */
const OLD_DAYS = 366
const DAY_MINUTES = 1440
/** Pasts kept for the next young queue of the same night. */
const KEPT_MAX = 64

export interface SiblingSources {
  readonly totals: TotalsReader
  readonly settings: Pick<PlanningSettings, 'queueIds' | 'queue'>
}

const kept = new WeakMap<TotalsReader, Map<string, Promise<SeriesHistory | undefined>>>()

/** Empty for a queue that has a year of its own, and where no special day is to come. */
export async function siblingsPast(
  sources: SiblingSources,
  young: {
    readonly queueId: string
    readonly historyDays: number
    readonly originDay: SiteDay
    readonly specialDays: readonly { readonly day: SiteDay; readonly kind: string }[]
  },
): Promise<readonly SeriesHistory[]> {
  const { queueId, historyDays, originDay } = young
  const isSpecial = young.specialDays.some(
    ({ day, kind }) => day >= originDay && (kind === 'holiday' || kind === 'eve'),
  )
  if (historyDays >= YOUNG_DAYS || !isSpecial) return []
  const found: SeriesHistory[] = []
  const others = sources.settings.queueIds().filter((id) => id !== queueId)
  for (const id of others.slice(0, SEARCHED_MAX)) {
    const past = await dailyPast(sources, id, originDay)
    if (past !== undefined) found.push(past)
    if (found.length >= SIBLINGS_MAX) break
  }
  return found
}

/** Undefined for a queue that is young itself. */
function dailyPast(
  { totals, settings }: SiblingSources,
  id: string,
  beforeDay: SiteDay,
): Promise<SeriesHistory | undefined> {
  const pasts = kept.get(totals) ?? new Map<string, Promise<SeriesHistory | undefined>>()
  kept.set(totals, pasts)
  const key = `${id} ${beforeDay}`
  const known = pasts.get(key)
  if (known !== undefined) return known
  if (pasts.size >= KEPT_MAX) pasts.clear()
  const made = readDaily(totals, id, settings.queue(id)?.zone ?? 'UTC', beforeDay)
  pasts.set(key, made)
  made.catch(() => pasts.delete(key))
  return made
}

async function readDaily(
  totals: TotalsReader,
  id: string,
  zone: string,
  beforeDay: SiteDay,
): Promise<SeriesHistory | undefined> {
  const history = await readHistory(totals, id, zone, DAY_MINUTES, beforeDay)
  if (history === undefined || daysBetween(history.firstDay, beforeDay) < OLD_DAYS) return undefined
  return {
    slotMinutes: DAY_MINUTES,
    firstDay: epochDayOf(history.firstDay) ?? 0,
    counts: history.contacts,
  }
}
