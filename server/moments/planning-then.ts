/** Planning as it was known at an instant: forecast versions, manual edits and published plans of later do not count. */
import { EffectiveForecasts, type ForecastSource } from '../planning/effective-forecasts.ts'
import type { EffectiveDay } from '../planning/forecast-layer.ts'
import type { PlanningSettings } from '../planning/planning-settings.ts'
import type { ForecastDay, ForecastEdit, PlanningStore, PlanVersion } from '../planning/planning-store.ts'
import type { TodayOptions } from '../planning/today.ts'

export type PlanningPast = Pick<PlanningStore, 'forecastVersions' | 'forecastEdits' | 'planVersions'>

export interface PlanningThen {
  /** Equal where nothing that counts differs. */
  readonly key: string
  readonly store: TodayOptions['store']
}

/** One day of every queue; `dayOf`: the queue's day of the instant. */
export async function planningThen(
  past: PlanningPast,
  settings: PlanningSettings,
  { atMs, dayOf }: { readonly atMs: number; readonly dayOf: (zone: string) => string },
): Promise<PlanningThen> {
  const effective = new EffectiveForecasts(storeThen(past, atMs), settings)
  const forecasts = new Map<string, EffectiveDay | undefined>()
  const plans = new Map<string, PlanVersion | undefined>()
  const names: string[] = []
  for (const queueId of settings.queueIds()) {
    const queue = settings.queue(queueId)
    if (queue === undefined) continue
    const day = dayOf(queue.zone)
    const forecast = await effective.newest(queueId, day)
    const plan = (await past.planVersions(queueId, day))
      .filter(({ publishedAtMs }) => publishedAtMs !== null && publishedAtMs <= atMs)
      .at(-1)
    forecasts.set(`${queueId} ${day}`, forecast)
    plans.set(`${queueId} ${day}`, plan)
    const edits = forecast === undefined ? [] : await editsThen(past, { queueId, day, atMs })
    const editIds = edits.filter(({ removedAtMs }) => removedAtMs === null).map(({ id }) => id)
    names.push(`${queueId}:${day}:${forecast?.version ?? 0}:${editIds.join(',')}:${plan?.version ?? 0}`)
  }
  return {
    key: names.join(' '),
    store: {
      newestForecast: async (queueId, day) => forecasts.get(`${queueId} ${day}`),
      publishedPlan: async (queueId, day) => plans.get(`${queueId} ${day}`),
    },
  }
}

/** Of the planning store what `EffectiveForecasts` asks of a single day; the versions of a day are read once. */
function storeThen(past: PlanningPast, atMs: number): ForecastSource {
  const read = new Map<string, Promise<readonly ForecastDay[]>>()
  const versionsOf = (queueId: string, day: string) => {
    const key = `${queueId} ${day}`
    const known = read.get(key) ?? past.forecastVersions(queueId, day)
    read.set(key, known)
    return known
  }
  return {
    async newestForecastsOf({ queueId, fromDay, intraday }) {
      const newest = (await versionsOf(queueId, fromDay))
        .filter((version) => version.createdAtMs <= atMs && (intraday || !version.intraday))
        .at(-1)
      return newest === undefined ? [] : [newest]
    },
    forecastEdits: ({ queueId, fromDay }) => editsThen(past, { queueId, day: fromDay, atMs }),
  }
}

/** One that was taken back later still acted; one that was put back meanwhile counts as never taken back. */
async function editsThen(
  past: PlanningPast,
  { queueId, day, atMs }: { readonly queueId: string; readonly day: string; readonly atMs: number },
): Promise<readonly ForecastEdit[]> {
  const edits = await past.forecastEdits({ queueId, fromDay: day, toDay: day })
  return edits
    .filter(({ createdAtMs }) => createdAtMs <= atMs)
    .map((edit) =>
      edit.removedAtMs !== null && edit.removedAtMs > atMs
        ? { ...edit, removedAtMs: null, removedBy: null }
        : edit,
    )
}
