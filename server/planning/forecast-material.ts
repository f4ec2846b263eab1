/** What a forecast is made from: the past of the queue without its one-offs, special days, the method chosen, a borrowed shape. */
import type { QueueSetting } from '../domain/settings.ts'
import { addDays, type SiteDay } from '../domain/site-calendar.ts'
import { epochDayOf, type SpecialDay } from '../engine/forecast/calendar.ts'
import type { SeriesHistory, SeriesInput } from '../engine/forecast/index.ts'
import type { ForecastNoteBody, MethodChoiceBody, SpecialDayBody } from '../wire/forecast-api.ts'
import { type QueueHistory, readHistory, type TotalsReader } from './history.ts'
import type { PlanningSettings } from './planning-settings.ts'
import type { ForecastInputs, MethodComparison, OneOffMark, PlanningStore } from './planning-store.ts'
import { engineDays, SPECIAL_REACH_DAYS, specialDays } from './special-days.ts'

export interface MaterialSources {
  readonly store: PlanningStore
  readonly totals: TotalsReader
  readonly settings: PlanningSettings
}

export interface ForecastMaterial {
  readonly queue: QueueSetting
  readonly history: SeriesHistory
  readonly historyFirstDay: SiteDay
  readonly historyDays: number
  /** First day that is not known. */
  readonly originDay: SiteDay
  readonly specialDays: readonly SpecialDay[]
  readonly method: SeriesInput['method'] & string
  readonly borrowedShares: Float64Array | undefined
  readonly notes: readonly ForecastNoteBody[]
  /** All but what only the result knows. */
  readonly inputs: Omit<ForecastInputs, 'specialDays' | 'usableDays' | 'editIds'>
  readonly calendar: readonly SpecialDayBody[]
}

/** Half a year is what the model's own profiles remember. */
const BORROWED_DAYS = 182
const DAY_MS = 86_400_000
/** Of every version of every day: what lies further off acts on it only through what was learned. */
const SPECIAL_DAYS_KEPT_MAX = 20

/** Undefined when nothing at all is known of the queue before `beforeDay`. */
export async function gatherMaterial(
  sources: MaterialSources,
  options: { readonly queueId: string; readonly beforeDay: SiteDay; readonly lastDay: SiteDay },
): Promise<ForecastMaterial | undefined> {
  const { store, totals, settings } = sources
  const { queueId, beforeDay, lastDay } = options
  const queue = settings.queue(queueId)
  if (queue === undefined) return undefined
  const { zone, intervalMinutes } = queue
  const history = await readHistory(totals, queueId, zone, intervalMinutes, beforeDay)
  if (history === undefined) return undefined
  // The history may end earlier than today: the lead then counts from its end.
  const historyEnd = addDays(history.firstDay, lastKnownDay(history) + 1)
  const originDay = historyEnd < beforeDay ? historyEnd : beforeDay
  const marks = await activeMarks(store, {
    queueId,
    fromDay: history.firstDay,
    toDay: addDays(originDay, -1),
  })
  blankMarks(history, marks)
  const calendar = specialDays(
    { region: settings.site().holidayRegion, entries: settings.specialDayEntries() },
    { queueId, fromDay: addDays(history.firstDay, -SPECIAL_REACH_DAYS), toDay: lastDay },
  )
  const setting = settings.forecastSetting(queueId)
  const comparison = await store.newestComparison(queueId)
  const choice = chosenMethod(setting?.method ?? null, comparison)
  const lender = setting?.borrowProfileFrom ?? null
  const borrowedShares =
    lender === null ? undefined : await sharesOf(sources, lender, { intervalMinutes, beforeDay: originDay })
  return {
    queue,
    history: {
      slotMinutes: history.slotMinutes,
      firstDay: epochDayOf(history.firstDay) ?? 0,
      counts: history.contacts,
      handleSeconds: history.handleSeconds,
      handled: history.handled,
    },
    historyFirstDay: history.firstDay,
    historyDays: history.dayCount,
    originDay,
    specialDays: engineDays(calendar),
    method: choice.method,
    borrowedShares,
    notes: [
      ...(choice.reason === 'default' ? [{ kind: 'no-comparison' } as const] : []),
      ...borrowNotes(lender, borrowedShares),
    ],
    calendar,
    inputs: {
      historyFromDay: history.firstDay,
      historyToDay: addDays(originDay, -1),
      historyDays: history.dayCount,
      oneOffMarks: marks.length,
      methodReason: choice.reason,
      scores: comparison?.scores ?? [],
      borrowedFrom: borrowedShares === undefined ? null : lender,
    },
  }
}

export function chosenMethod(
  pinned: MethodChoiceBody['method'] | null,
  comparison: MethodComparison | undefined,
): Pick<MethodChoiceBody, 'method' | 'reason'> {
  if (pinned !== null) return { method: pinned, reason: 'pinned' }
  const best = comparison?.pick ?? null
  return best === null ? { method: 'main', reason: 'default' } : { method: best, reason: 'compared' }
}

/** The special days that a version names as its inputs: the nearest ones to the day, in order of distance. */
export function nearestSpecialDays(
  calendar: readonly SpecialDayBody[],
  day: SiteDay,
): ForecastInputs['specialDays'] {
  const distance = (other: SiteDay) => Math.abs(Date.parse(other) - Date.parse(day)) / DAY_MS
  return calendar
    .filter(({ kind }) => kind !== 'normal')
    .sort((a, b) => distance(a.day) - distance(b.day))
    .slice(0, SPECIAL_DAYS_KEPT_MAX)
    .map((special) => ({ day: special.day, kind: special.kind, name: special.name }))
}

export async function activeMarks(
  store: PlanningStore,
  span: { readonly queueId: string; readonly fromDay: SiteDay; readonly toDay: SiteDay },
): Promise<readonly OneOffMark[]> {
  return (await store.oneOffs(span)).filter(({ removedAtMs }) => removedAtMs === null)
}

function lastKnownDay(history: QueueHistory): number {
  const slots = 1440 / history.slotMinutes
  for (let cell = history.contacts.length - 1; cell >= 0; cell -= 1) {
    if (!Number.isNaN(history.contacts[cell] ?? Number.NaN)) return Math.floor(cell / slots)
  }
  return -1
}

/** A marked stretch is unknown: the model completes the day without it. */
function blankMarks(history: QueueHistory, marks: readonly OneOffMark[]): void {
  const slots = 1440 / history.slotMinutes
  const first = Date.parse(history.firstDay)
  for (const { day, fromMinute, toMinute } of marks) {
    const from = Math.round((Date.parse(day) - first) / DAY_MS) * slots
    if (from < 0 || from >= history.contacts.length) continue
    for (let slot = 0; slot < slots; slot += 1) {
      const minute = slot * history.slotMinutes
      if (minute + history.slotMinutes <= fromMinute || minute >= toMinute) continue
      history.contacts[from + slot] = Number.NaN
      history.handled[from + slot] = Number.NaN
      history.handleSeconds[from + slot] = Number.NaN
    }
  }
}

/** Shape of the lender's day on the borrower's grid; undefined when the lender has no past on such a grid. */
async function sharesOf(
  { totals, settings }: MaterialSources,
  lenderId: string,
  { intervalMinutes, beforeDay }: { readonly intervalMinutes: number; readonly beforeDay: SiteDay },
): Promise<Float64Array | undefined> {
  const lender = settings.queue(lenderId)
  if (lender === undefined) return undefined
  const history = await readHistory(totals, lenderId, lender.zone, intervalMinutes, beforeDay)
  if (history === undefined) return undefined
  const slots = 1440 / intervalMinutes
  const shares = new Float64Array(slots)
  const from = Math.max(0, history.dayCount - BORROWED_DAYS) * slots
  let sum = 0
  for (let cell = from; cell < history.contacts.length; cell += 1) {
    const contacts = history.contacts[cell] ?? Number.NaN
    if (!(contacts > 0)) continue
    shares[cell % slots] = (shares[cell % slots] ?? 0) + contacts
    sum += contacts
  }
  return sum > 0 ? shares.map((share) => share / sum) : undefined
}

function borrowNotes(lender: string | null, shares: Float64Array | undefined): readonly ForecastNoteBody[] {
  if (lender === null) return []
  return [{ kind: shares === undefined ? 'borrowed-profile-missing' : 'borrowed-profile', queueId: lender }]
}
