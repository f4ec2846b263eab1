/** Planning store in memory, for tests of what planning decides; the database tests check the real ones. */
import type { ForecastDay, PlanningStore, PlanVersion } from '../../server/planning/planning-store.ts'

export function memoryPlanningStore(): PlanningStore {
  const forecasts: ForecastDay[] = []
  const plans: PlanVersion[] = []
  const forecastsOf = (queueId: string, day: string) =>
    forecasts.filter((f) => f.queueId === queueId && f.day === day)
  const plansOf = (queueId: string, day: string) =>
    plans.filter((p) => p.queueId === queueId && p.day === day)
  return {
    addForecast: async (days) =>
      days.map((day) => {
        const stored = { ...day, version: forecastsOf(day.queueId, day.day).length + 1 }
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
