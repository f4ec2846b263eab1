/** A closed day whose events are gone keeps the figures of its close, and says so. */
import { expect, it } from 'vitest'
import { createDayReports, type DayReportsOptions } from '../../server/day-reports.ts'
import { DEFAULT_SITE } from '../../server/domain/settings.ts'
import type { DayReport } from '../../server/state/figures.ts'
import { LiveState } from '../../server/state/live-state.ts'
import { createSettingsView } from '../../server/state/settings-view.ts'

const settings = createSettingsView({
  site: { ...DEFAULT_SITE, zone: 'UTC' },
  queues: new Map(),
  clients: new Map(),
  agents: new Map(),
  promises: [],
})
const frozen = {
  date: '2026-01-05',
  definitionsVersion: 1,
  queues: [
    { queue: 'orders', offered: 7, agents: [{ agent: 'a' }] },
    { queue: 'billing', offered: 3, agents: [] },
  ],
  clients: [
    { client: 'acme', queues: ['orders'] },
    { client: 'globex', queues: ['billing'] },
  ],
} as unknown as DayReport

function reports(keptFromMs: number | null) {
  return createDayReports({
    ledger: { keptFromMs: async () => keptFromMs, sourceStatuses: async () => [] },
    dayCloses: { newestDayClose: async () => ({ report: frozen }) },
    figures: { newestSchedule: async () => undefined },
    nowMs: () => Date.UTC(2026, 5, 1),
    settings,
    site: () => DEFAULT_SITE,
    liveDay: () => new LiveState(settings),
  } as unknown as DayReportsOptions)
}
const query = {
  day: '2026-01-05',
  queueId: null,
  clientId: null,
  answerThresholdSeconds: null,
  shortAbandonSeconds: null,
  intervalMinutes: null,
} as unknown as Parameters<ReturnType<typeof reports>['csv']>[0]

async function frozenOf(keptFromMs: number | null, more: object = {}): Promise<unknown> {
  return reports(keptFromMs).frozen({ ...query, ...more })
}

it('is frozen once its events are gone, for each pair of eyes its part', async () => {
  const keptFromMs = Date.UTC(2026, 0, 10)
  expect(await frozenOf(null)).toBeUndefined()
  expect(await frozenOf(Date.UTC(2026, 0, 4))).toBeUndefined()
  expect(await frozenOf(keptFromMs)).toMatchObject({
    eventsKeptFrom: expect.stringContaining('2026-01-10'),
    queues: [{ queue: 'orders', offered: 7 }, { queue: 'billing' }],
  })
  expect(await frozenOf(keptFromMs, { clientId: 'acme' })).toEqual({
    date: '2026-01-05',
    definitionsVersion: 1,
    queues: [{ queue: 'orders', offered: 7 }],
    clients: [{ client: 'acme', queues: ['orders'] }],
    eventsKeptFrom: expect.any(String),
  })
})
