/** What a forecast is made from: the past of the queue without its one-offs, special days, the method chosen, a borrowed shape. */
import type { ForecastSetting, QueueSetting } from '../domain/settings.ts'
import { addDays, type SiteDay } from '../domain/site-calendar.ts'
import { epochDayOf, type SpecialDay } from '../engine/forecast/calendar.ts'
import type { SeriesHistory, SeriesInput } from '../engine/forecast/index.ts'
import type { ForecastNoteBody, MethodChoiceBody, SpecialDayBody } from '../wire/forecast-api.ts'
import type { QueueHistory, TotalsReader } from './history.ts'
import { lentPast } from './lent-past.ts'
import { type PastOfQueue, pastOfQueue } from './past-of-queue.ts'
import type { PlanningSettings } from './planning-settings.ts'
import type { ForecastInputs, MethodComparison, PlanningStore } from './planning-store.ts'
import { siblingsPast } from './siblings-past.ts'
import { engineDays, SPECIAL_REACH_DAYS, specialDays } from './special-days.ts'

export interface MaterialSources {
  readonly store: PlanningStore
  readonly totals: TotalsReader
  readonly settings: PlanningSettings
}

export interface ForecastMaterial {
  readonly queue: QueueSetting
  readonly history: SeriesHistory
  /** Of the queue itself. */
  readonly historyDays: number
  /** First day that is not known. */
  readonly originDay: SiteDay
  readonly specialDays: readonly SpecialDay[]
  readonly method: SeriesInput['method'] & string
  readonly borrowedShares: Float64Array | undefined
  /** Daily totals of older queues, for a queue that has not had its first holidays yet. */
  readonly siblings: readonly SeriesHistory[]
  /** Set when the whole past is a lender's: squared relative uncertainty of the level. */
  readonly levelVariance: number | undefined
  /** Days right before the origin of which nothing is known although something should be. */
  readonly missedDays: number
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

/** Undefined when nothing at all is known before `beforeDay`, of the queue or of one that it borrows from. */
export async function gatherMaterial(
  sources: MaterialSources,
  options: { readonly queueId: string; readonly beforeDay: SiteDay; readonly lastDay: SiteDay },
): Promise<ForecastMaterial | undefined> {
  const { store, settings } = sources
  const { queueId, lastDay } = options
  const queue = settings.queue(queueId)
  if (queue === undefined) return undefined
  const setting = settings.forecastSetting(queueId)
  const past = await learnedPast(sources, { queueId, queue, setting, beforeDay: options.beforeDay })
  if (past === undefined) return undefined
  const { history, originDay, levelVariance } = past
  const calendar = calendarOf(settings, { queueId, pastOf: past.queueId, history, originDay, lastDay })
  const comparison = await store.newestComparison(queueId)
  const choice = chosenMethod(setting?.method ?? null, comparison)
  const lender = setting?.borrowProfileFrom ?? null
  const borrowedShares =
    lender === null || levelVariance !== undefined
      ? undefined
      : await sharesOf(sources, lender, { slotMinutes: queue.intervalMinutes, beforeDay: originDay })
  const borrows = borrowedShares !== undefined || levelVariance !== undefined
  const isOwn = levelVariance === undefined
  const historyDays = isOwn ? history.dayCount : 0
  return {
    queue,
    history: {
      slotMinutes: history.slotMinutes,
      firstDay: epochDayOf(history.firstDay) ?? 0,
      counts: history.contacts,
      handleSeconds: history.handleSeconds,
      handled: history.handled,
    },
    historyDays,
    originDay,
    specialDays: engineDays(calendar),
    method: choice.method,
    borrowedShares,
    siblings: isOwn
      ? await siblingsPast(sources, { queueId, historyDays, originDay, specialDays: calendar })
      : [],
    levelVariance,
    missedDays: past.missedDays,
    notes: [
      ...(choice.reason === 'default' ? [{ kind: 'no-comparison' } as const] : []),
      ...borrowNotes(lender, borrows),
      ...(isOwn ? [] : [levelNote(lender, setting?.expectedContactsPerDay ?? null)]),
    ],
    calendar,
    inputs: {
      historyFromDay: isOwn ? history.firstDay : null,
      historyToDay: isOwn ? past.lastKnownDay : null,
      historyDays,
      oneOffMarks: past.oneOffMarks,
      methodReason: choice.reason,
      scores: comparison?.scores ?? [],
      borrowedFrom: borrows ? lender : null,
    },
  }
}

interface LearnedPast extends PastOfQueue {
  /** Whose past it is. */
  readonly queueId: string
  readonly levelVariance: number | undefined
}

/** The queue's own past, however short; without any, its lender's. */
async function learnedPast(
  sources: MaterialSources,
  options: {
    readonly queueId: string
    readonly queue: QueueSetting
    readonly setting: ForecastSetting | undefined
    readonly beforeDay: SiteDay
  },
): Promise<LearnedPast | undefined> {
  const { queueId, queue, setting, beforeDay } = options
  const window = { slotMinutes: queue.intervalMinutes, beforeDay }
  const own = await pastOfQueue(sources, { id: queueId, queue }, window)
  if (own !== undefined) return { ...own, queueId, levelVariance: undefined }
  const lenderId = setting?.borrowProfileFrom ?? null
  const lender = lenderId === null ? undefined : sources.settings.queue(lenderId)
  if (lenderId === null || lender === undefined) return undefined
  const past = await pastOfQueue(sources, { id: lenderId, queue: lender }, window)
  if (past === undefined) return undefined
  const lent = lentPast(past.history, queue, setting?.expectedContactsPerDay ?? null)
  return lent === undefined ? undefined : { ...past, ...lent, queueId: lenderId }
}

/** Special days of whose past it is, up to the origin, and of the queue from there on. */
function calendarOf(
  settings: PlanningSettings,
  options: {
    readonly queueId: string
    readonly pastOf: string
    readonly history: QueueHistory
    readonly originDay: SiteDay
    readonly lastDay: SiteDay
  },
): readonly SpecialDayBody[] {
  const { queueId, pastOf, history, originDay, lastDay } = options
  const fromDay = addDays(history.firstDay, -SPECIAL_REACH_DAYS)
  const daysOf = (id: string) =>
    specialDays(
      { region: settings.site().holidayRegion, entries: settings.specialDayEntries() },
      { queueId: id, fromDay, toDay: lastDay },
    )
  if (pastOf === queueId) return daysOf(queueId)
  return [
    ...daysOf(pastOf).filter(({ day }) => day < originDay),
    ...daysOf(queueId).filter(({ day }) => day >= originDay),
  ]
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

/** Shape of the lender's day on the borrower's grid; undefined when the lender has no past on such a grid. */
async function sharesOf(
  sources: MaterialSources,
  lenderId: string,
  window: { readonly slotMinutes: number; readonly beforeDay: SiteDay },
): Promise<Float64Array | undefined> {
  const lender = sources.settings.queue(lenderId)
  if (lender === undefined) return undefined
  const past = await pastOfQueue(sources, { id: lenderId, queue: lender }, window)
  if (past === undefined) return undefined
  const { contacts, dayCount } = past.history
  const slots = 1440 / window.slotMinutes
  const shares = new Float64Array(slots)
  const from = Math.max(0, dayCount - BORROWED_DAYS) * slots
  let sum = 0
  for (let cell = from; cell < contacts.length; cell += 1) {
    const count = contacts[cell] ?? Number.NaN
    if (!(count > 0)) continue
    shares[cell % slots] = (shares[cell % slots] ?? 0) + count
    sum += count
  }
  return sum > 0 ? shares.map((share) => share / sum) : undefined
}

function borrowNotes(lender: string | null, borrows: boolean): readonly ForecastNoteBody[] {
  if (lender === null) return []
  return [{ kind: borrows ? 'borrowed-profile' : 'borrowed-profile-missing', queueId: lender }]
}

function levelNote(lender: string | null, expectedContactsPerDay: number | null): ForecastNoteBody {
  return expectedContactsPerDay === null
    ? { kind: 'borrowed-level', ...(lender !== null && { queueId: lender }) }
    : { kind: 'expected-level', contactsPerDay: expectedContactsPerDay }
}
