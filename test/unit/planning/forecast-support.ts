/** Forecasts of one or two queues on a memory store and the real engine, with a past and a running day that the test writes. */
import {
  ALWAYS_OPEN,
  DEFAULT_SITE,
  defaultQueue,
  type QueueSetting,
} from '../../../server/domain/settings.ts'
import { addDays, dayStartMs, type SiteDay, weekdayOf } from '../../../server/domain/site-calendar.ts'
import { evaluateMethods } from '../../../server/engine/forecast/evaluate.ts'
import type { IntervalTotal } from '../../../server/ledger/ledger.ts'
import { EffectiveForecasts } from '../../../server/planning/effective-forecasts.ts'
import { ForecastEdits } from '../../../server/planning/forecast-edits.ts'
import { ForecastRunner, type RunningDayReader } from '../../../server/planning/forecast-runner.ts'
import { ForecastRuns } from '../../../server/planning/forecast-runs.ts'
import { ForecastService } from '../../../server/planning/forecast-service.ts'
import { ForecastViews } from '../../../server/planning/forecast-views.ts'
import type { MethodComparer } from '../../../server/planning/method-comparison.ts'
import { OneOffs } from '../../../server/planning/one-offs.ts'
import type { PlanningSettings } from '../../../server/planning/planning-settings.ts'
import { memoryPlanningStore } from '../../support/memory-planning-store.ts'

export const ZONE = 'Europe/Paris'
export const WORKING_HOURS = ALWAYS_OPEN.map((_, weekday) => (weekday < 5 ? ([[480, 1200]] as const) : []))
export const QUEUE: QueueSetting = { ...defaultQueue('q', ZONE), openingHours: WORKING_HOURS }

/** Contacts of one half hour, 16 (08:00) to 39. */
export type Volume = (day: SiteDay, slot: number) => number

/** A little noise without chance: the same day and slot always give the same. */
export function wobble(day: SiteDay, slot: number): number {
  const mixed = Math.imul(Date.parse(day) / 86_400_000 + slot * 7919, 2_654_435_761) >>> 0
  return mixed / 4_294_967_296 - 0.5
}

export const usual: Volume = (day, slot) =>
  Math.round((weekdayOf(day) === 0 ? 48 : 40) * (1 + Math.sin((slot - 16) / 8) / 4) + 6 * wobble(day, slot))

/** Monday to Friday, 8 to 20, each contact `ahtSeconds`. */
export function pastOf(
  queueId: string,
  beforeDay: SiteDay,
  days: number,
  volume: Volume = usual,
  ahtSeconds = 250,
): IntervalTotal[] {
  const totals: IntervalTotal[] = []
  for (let back = days; back >= 1; back -= 1) {
    const day = addDays(beforeDay, -back)
    if (weekdayOf(day) >= 5) continue
    for (let slot = 16; slot < 40; slot += 1) {
      const contacts = volume(day, slot)
      totals.push({
        queueId,
        source: 'file',
        startMs: dayStartMs(ZONE, day) + slot * 1_800_000,
        intervalMinutes: 30,
        contacts,
        handled: contacts,
        handleSeconds: contacts * ahtSeconds,
      })
    }
  }
  return totals
}

export interface ForecastWorldOptions {
  readonly nowIso: string
  readonly totals: IntervalTotal[]
  readonly settings?: Partial<PlanningSettings>
  readonly runningDay?: RunningDayReader['runningDay']
  readonly comparer?: MethodComparer
}

export function forecastWorld(options: ForecastWorldOptions) {
  const { totals } = options
  const store = memoryPlanningStore()
  const clock = { now: Date.parse(options.nowIso), nowMs: () => clock.now, speed: 1 }
  const queueIds = [...new Set(totals.map(({ queueId }) => queueId))]
  const settings: PlanningSettings = {
    site: () => ({ ...DEFAULT_SITE, zone: ZONE }),
    queueIds: () => queueIds,
    queue: (id) => (queueIds.includes(id) ? { ...QUEUE, name: `Queue ${id}` } : undefined),
    promiseFor: () => ({
      targetRatio: 0.8,
      answerThresholdSeconds: 20,
      shortAbandonSeconds: 5,
      formula: 'SL4',
    }),
    specialDayEntries: () => [],
    forecastSetting: () => undefined,
    ...options.settings,
  }
  const effective = new EffectiveForecasts(store, settings)
  const sources = {
    store,
    effective,
    settings,
    clock,
    totals: {
      intervalTotals: async (queueId: string, fromMs: number, toMs: number) =>
        totals.filter((t) => t.queueId === queueId && t.startMs >= fromMs && t.startMs < toMs),
    },
    running: { runningDay: options.runningDay ?? (async () => undefined) },
  }
  const forecasts = new ForecastRunner(sources)
  const changed: string[] = []
  const errors: unknown[] = []
  const onChanged = async ({
    queueId,
    fromDay,
    toDay,
  }: {
    queueId: string
    fromDay: string
    toDay: string
  }) => {
    changed.push(`${queueId} ${fromDay} ${toDay}`)
  }
  const runs = new ForecastRuns({
    ...sources,
    forecasts,
    comparer: options.comparer ?? {
      compare: async (input) => evaluateMethods(input),
      close: async () => undefined,
    },
    onForecast: async () => undefined,
    onError: (error) => errors.push(error),
  })
  const service = new ForecastService({
    settings,
    effective,
    runs,
    views: new ForecastViews({ ...sources, forecasts, nowMs: () => clock.now }),
    edits: new ForecastEdits({ store, settings, clock, onChanged }),
    oneOffs: new OneOffs({ store, settings, clock, onChanged }),
  })
  return { store, clock, settings, effective, forecasts, runs, service, changed, errors, sources }
}
