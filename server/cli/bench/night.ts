/**
 * A night of the server's own: every queue forecast for two weeks from three years of quarter hours, then an update of each in
 * the running day, through the runner that the server uses. Rows of the past come queue by queue, as a store gives them, and the
 * versions go nowhere: what is measured is time and the most memory that the process ever held.
 */
import { writeFile } from 'node:fs/promises'
import { DEFAULT_SITE, defaultQueue } from '../../domain/settings.ts'
import { dateOf } from '../../engine/forecast/calendar.ts'
import type { IntervalTotal } from '../../ledger/ledger.ts'
import { EffectiveForecasts } from '../../planning/effective-forecasts.ts'
import { ForecastRunner } from '../../planning/forecast-runner.ts'
import type { PlanningSettings } from '../../planning/planning-settings.ts'
import type { ForecastDay, PlanningStore } from '../../planning/planning-store.ts'
import { syntheticHistory } from './forecast-worker.ts'
import { machineFacts } from './machine.ts'

const ZONE = 'UTC'
const SLOT_MINUTES = 15
const SLOT_MS = SLOT_MINUTES * 60_000
const DAY_MS = 86_400_000
const NOON_SLOT = 48

export interface NightOptions {
  readonly queues: number
  readonly historyDays: number
}

export async function run(options: { readonly json?: string; readonly queues?: number }): Promise<void> {
  const result = await measureNight({ queues: options.queues ?? 500, historyDays: 1096 })
  process.stdout.write(
    `${result.queues} queues, ${result.historyDays} days of quarter hours\n` +
      `night:   ${(result.nightMs / result.queues).toFixed(1)} ms a queue (reading rows, fit, 14 days), ${(result.nightMs / 1000).toFixed(1)} s in all\n` +
      `updates: ${(result.updateMs / result.queues).toFixed(1)} ms a queue\n` +
      `memory:  ${result.maxRssMebibytes.toFixed(0)} MiB at most\n` +
      `checksum ${result.checksum}\n`,
  )
  if (options.json !== undefined)
    await writeFile(options.json, `${JSON.stringify({ machine: machineFacts(), ...result }, null, 2)}\n`)
}

export async function measureNight({ queues, historyDays }: NightOptions) {
  const { firstDay } = syntheticHistory(0, 1, SLOT_MINUTES)
  const today = dateOf(firstDay + historyDays)
  const midnightMs = (firstDay + historyDays) * DAY_MS
  let nowMs = midnightMs + 60_000
  let checksum = 0
  const clock = { nowMs: () => nowMs, speed: 1 }
  const mornings = new Map<string, ReturnType<typeof runningDay>>()
  const settings = settingsOf(queues)
  const store = versionsGoNowhere((day) => {
    checksum += day.dayMean
  })
  const forecasts = new ForecastRunner({
    store,
    settings,
    clock,
    effective: new EffectiveForecasts(store, settings),
    totals: {
      intervalTotals: async (queueId, fromMs, toMs) =>
        rowsOf(Number(queueId), historyDays).filter(({ startMs }) => startMs >= fromMs && startMs < toMs),
    },
    running: { runningDay: async (queueId) => mornings.get(queueId) },
  })
  const nightMs = await timed(queues, (queueId) =>
    forecasts.run(queueId, today, forecasts.horizonDays, 'vigie'),
  )
  nowMs = midnightMs + NOON_SLOT * SLOT_MS + 1000
  for (const queueId of settings.queueIds()) mornings.set(queueId, runningDay(Number(queueId), historyDays))
  const updateMs = await timed(queues, (queueId) => forecasts.runIntraday(queueId))
  return {
    queues,
    historyDays,
    nightMs,
    updateMs,
    maxRssMebibytes: process.resourceUsage().maxRSS / 1024,
    checksum: checksum.toPrecision(12),
  }
}

async function timed(queues: number, work: (queueId: string) => Promise<unknown>): Promise<number> {
  const start = performance.now()
  for (let queue = 0; queue < queues; queue += 1) await work(String(queue))
  return performance.now() - start
}

function settingsOf(queues: number): PlanningSettings {
  const queueIds = Array.from({ length: queues }, (_, queue) => String(queue))
  return {
    site: () => ({ ...DEFAULT_SITE, zone: ZONE }),
    queueIds: () => queueIds,
    queue: (queueId) => ({ ...defaultQueue(queueId, ZONE), intervalMinutes: SLOT_MINUTES }),
    promiseFor: () => ({
      targetRatio: 0.8,
      answerThresholdSeconds: 20,
      shortAbandonSeconds: 5,
      formula: 'SL4',
    }),
    specialDayEntries: () => [],
    forecastSetting: () => undefined,
  }
}

function rowsOf(queue: number, days: number): IntervalTotal[] {
  const { counts, firstDay } = syntheticHistory(queue, days, SLOT_MINUTES)
  return Array.from(counts, (contacts, slot) => ({
    queueId: String(queue),
    source: 'bench',
    startMs: firstDay * DAY_MS + slot * SLOT_MS,
    intervalMinutes: SLOT_MINUTES,
    contacts,
    handled: contacts,
    handleSeconds: 240 * contacts,
  }))
}

/** The morning of the day after the history, of the same queue. */
function runningDay(queue: number, historyDays: number) {
  const slots = 1440 / SLOT_MINUTES
  const { counts } = syntheticHistory(queue, historyDays + 1, SLOT_MINUTES)
  return Array.from({ length: slots }, (_, slot) => {
    const contacts = slot < NOON_SLOT ? (counts[historyDays * slots + slot] ?? 0) : null
    return { contacts, handled: contacts ?? 0, handleSeconds: 240 * (contacts ?? 0) }
  })
}

function versionsGoNowhere(seen: (day: ForecastDay) => void): PlanningStore {
  const none = async () => undefined
  const nothing = async () => []
  return {
    addForecast: async (days) =>
      days.map((day) => {
        const stored = { ...day, version: 1 }
        seen(stored)
        return stored
      }),
    newestForecast: none,
    forecastVersions: nothing,
    newestForecasts: nothing,
    newestForecastsOf: nothing,
    newestPlan: none,
    publishedPlan: none,
    publishedPlans: nothing,
    planVersions: nothing,
    addPlan: none,
    oldestForecastDay: none,
    thinIntraday: async () => 0,
    addForecastEdits: nothing,
    forecastEdits: nothing,
    changeForecastEdit: none,
    addOneOff: async () => {
      throw new Error('nobody marks anything here')
    },
    oneOffs: nothing,
    changeOneOff: none,
    addComparison: none,
    newestComparison: none,
  }
}
