/** Planning store in memory, for tests of what planning decides; the database tests check the real ones. */
import type {
  ForecastDay,
  ForecastEdit,
  MethodComparison,
  OneOffMark,
  PlanningStore,
  PlanVersion,
  QueueSpan,
  Removal,
} from '../../server/planning/planning-store.ts'

export function memoryPlanningStore(): PlanningStore {
  const forecasts: ForecastDay[] = []
  const plans: PlanVersion[] = []
  const edits: ForecastEdit[] = []
  const marks: OneOffMark[] = []
  const comparisons: MethodComparison[] = []
  const forecastsOf = (queueId: string, day: string) =>
    forecasts.filter((f) => f.queueId === queueId && f.day === day)
  const plansOf = (queueId: string, day: string) =>
    plans.filter((p) => p.queueId === queueId && p.day === day)
  const touches = (span: QueueSpan) => (edit: ForecastEdit) =>
    edit.queueId === span.queueId && edit.fromDay <= span.toDay && edit.toDay >= span.fromDay
  return {
    newestForecastsOf: async ({ queueId, fromDay, toDay, intraday }) => {
      const found = forecasts.filter(
        (f) => f.queueId === queueId && f.day >= fromDay && f.day <= toDay && (intraday || !f.intraday),
      )
      return [...new Map(found.map((f) => [f.day, f])).values()].sort((a, b) => (a.day < b.day ? -1 : 1))
    },
    oldestForecastDay: async () => forecasts.map(({ day }) => day).sort()[0],
    thinIntraday: async (day, stretchMinutes, limit) => {
      const stretch = (f: ForecastDay) => `${f.queueId} ${Math.floor(f.originMs / (stretchMinutes * 60_000))}`
      const ofDay = forecasts.filter((f) => f.day === day && f.intraday)
      const last = new Map(ofDay.map((f) => [stretch(f), f]))
      const planned = (f: ForecastDay) =>
        plansOf(f.queueId, f.day).some(({ forecastVersion }) => forecastVersion === f.version)
      const going = ofDay.filter((f) => last.get(stretch(f)) !== f && !planned(f)).slice(0, limit)
      for (const forecast of going) forecasts.splice(forecasts.indexOf(forecast), 1)
      return going.length
    },
    addForecastEdits: async (more) => {
      const stored = more.map((edit, index) => ({
        ...edit,
        id: String(edits.length + index + 1),
        removedAtMs: null,
        removedBy: null,
      }))
      edits.push(...stored)
      return stored
    },
    forecastEdits: async (span) => edits.filter(touches(span)),
    changeForecastEdit: async (change) => changeRemoval(edits, change),
    addOneOff: async (mark) => {
      const stored = { ...mark, id: String(marks.length + 1), removedAtMs: null, removedBy: null }
      marks.push(stored)
      return stored
    },
    oneOffs: async ({ queueId, fromDay, toDay }) =>
      marks.filter((mark) => mark.queueId === queueId && mark.day >= fromDay && mark.day <= toDay),
    changeOneOff: async (change) => changeRemoval(marks, change),
    addComparison: async (comparison) => {
      comparisons.push(comparison)
    },
    newestComparison: async (queueId) => comparisons.filter((one) => one.queueId === queueId).at(-1),
    addForecast: async (days) =>
      days.map((day) => {
        const newest = forecastsOf(day.queueId, day.day).at(-1)?.version ?? 0
        const stored = { ...day, version: newest + 1 }
        forecasts.push(stored)
        return stored
      }),
    newestForecast: async (queueId, day) => forecastsOf(queueId, day).at(-1),
    forecastVersions: async (queueId, day) => forecastsOf(queueId, day),
    newestForecasts: async (day) =>
      forecasts.filter((f) => f.day === day && f === forecastsOf(f.queueId, day).at(-1)),
    newestPlan: async (queueId, day) => plansOf(queueId, day).at(-1),
    publishedPlan: async (queueId, day) =>
      plansOf(queueId, day)
        .filter((p) => p.state === 'published')
        .at(-1),
    publishedPlans: async (day) => plans.filter((p) => p.day === day && p.state === 'published'),
    planVersions: async (queueId, day) => plansOf(queueId, day),
    addPlan: async ({ baseVersion, ...plan }) => {
      if ((plansOf(plan.queueId, plan.day).at(-1)?.version ?? 0) !== baseVersion) return undefined
      const stored = { ...plan, version: baseVersion + 1 }
      plans.push(stored)
      return stored
    },
  }
}

function changeRemoval<T extends ForecastEdit | OneOffMark>(
  list: T[],
  { queueId, id, removed }: Removal,
): T | undefined {
  const index = list.findIndex((one) => one.id === id && one.queueId === queueId)
  const found = list[index]
  if (found === undefined || (found.removedAtMs === null) === (removed === null)) return undefined
  const changed = { ...found, removedAtMs: removed?.atMs ?? null, removedBy: removed?.by ?? null }
  list[index] = changed
  return changed
}
