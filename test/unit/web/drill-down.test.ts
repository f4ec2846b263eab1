// Behind every figure of a day report stand as many contacts as it says: on simulated days, through the list that a person gets.
import { describe, expect, test } from 'vitest'
import { createContactPort } from '../../../server/contact-port.ts'
import { SERVICE_LEVEL_FORMULAS, serviceLevelFraction } from '../../../server/domain/service-level.ts'
import { DEFAULT_SITE, type SettingBodies, type SettingKind } from '../../../server/domain/settings.ts'
import { addDays, dayBounds, siteDayOf } from '../../../server/domain/site-calendar.ts'
import { toEnvelope } from '../../../server/simulator/recorder.ts'
import { buildDayReport } from '../../../server/state/day-report.ts'
import type { PeriodFigures } from '../../../server/state/figures.ts'
import { LiveState } from '../../../server/state/live-state.ts'
import { createSettingsView } from '../../../server/state/settings-view.ts'
import type { ContactBody } from '../../../server/wire/api.ts'
import { ALL_CONTACTS, type ContactFilter, matchesFilter } from '../../../web/src/contacts/contact-query.ts'
import {
  type CountedFigure,
  type CountingSeconds,
  figureFilters,
  missedFilter,
} from '../../../web/src/contacts/figure-filters.ts'
import { intervalSpans } from '../../../web/src/reports/intervals.ts'
import { SMALL_DAY, SMALL_ZONE, smallCentre } from '../../support/simulated-day.ts'

const centre = smallCentre(11)
function bodiesOf<K extends SettingKind>(kind: K): ReadonlyMap<string, SettingBodies[K]> {
  const own = centre.settings.filter((setting) => setting.kind === kind)
  return new Map(own.map(({ id, body }) => [id, body as SettingBodies[K]]))
}
const settings = createSettingsView({
  site: [...bodiesOf('site').values()][0] ?? DEFAULT_SITE,
  queues: bodiesOf('queue'),
  clients: bodiesOf('client'),
  agents: bodiesOf('agent'),
  promises: [...bodiesOf('promise').values()],
})
const { events } = centre.simulateDay(SMALL_DAY)
const noLedger = {} as Parameters<typeof createContactPort>[2]

describe.each([
  ['the whole day by arrival', 24, 'arrival'],
  ['the whole day by decision', 24, 'event'],
  ['the day until a quarter to eleven, some waiting', 10.75, 'arrival'],
  ['the day until a quarter to eleven by decision', 10.75, 'event'],
] as const)('%s', (_, untilHour, view) => {
  const nowMs = dayBounds(SMALL_ZONE, SMALL_DAY).startMs + untilHour * 3_600_000
  const state = new LiveState(settings)
  for (const [index, event] of events.entries())
    if (event.occurredAtMs < nowMs)
      state.apply({ ...toEnvelope(event, event.occurredAtMs), ingestSeq: index + 1 })
  const report = buildDayReport(state, settings, { date: SMALL_DAY, view })
  const port = createContactPort(
    { contacts: async ({ queueId, fromMs, toMs }) => [...state.visits(queueId, fromMs, toMs)] },
    settings,
    noLedger,
  )
  const list = async (queueId: string, fromMs: number, toMs: number) =>
    (await port.contacts({ queueId, fromMs, toMs, view, clientId: null, limit: 5_000 }))?.contacts ?? []
  const count = (contacts: readonly ContactBody[], filter: ContactFilter) =>
    contacts.filter((contact) => matchesFilter(contact, filter, nowMs)).length

  function expectAll(contacts: readonly ContactBody[], figures: PeriodFigures, seconds: CountingSeconds) {
    for (const [figure, filter] of Object.entries(figureFilters(seconds)))
      expect(count(contacts, filter), figure).toBe(figures[figure as CountedFigure])
    for (const formula of SERVICE_LEVEL_FORMULAS) {
      const { numerator, denominator } = serviceLevelFraction(formula, figures)
      expect(count(contacts, missedFilter(formula, seconds)), formula).toBe(denominator - numerator)
    }
  }

  test('every count of a queue, its intervals and its misses by each formula', async () => {
    expect(report.queues.length).toBeGreaterThan(1)
    for (const queue of report.queues) {
      const { startMs, endMs } = dayBounds(SMALL_ZONE, SMALL_DAY)
      expectAll(await list(queue.queue, startMs, endMs), queue, queue)
      const spans = intervalSpans(queue.intervals)
      for (const interval of queue.intervals) {
        const span = spans.get(interval.start)
        if (span === undefined) throw new Error(`no span of ${interval.start}`)
        expectAll(await list(queue.queue, span.fromMs, span.toMs), interval, queue)
      }
    }
    expect(siteDayOf(SMALL_ZONE, nowMs) <= addDays(SMALL_DAY, 1)).toBe(true)
  })

  test('every count of a client is that of its queues together', async () => {
    for (const client of report.clients) {
      const { startMs, endMs } = dayBounds(SMALL_ZONE, SMALL_DAY)
      const lists = await Promise.all(client.queues.map((queueId) => list(queueId, startMs, endMs)))
      const short = report.queues.find(({ queue }) => client.queues.includes(queue))?.shortAbandonSeconds ?? 5
      // By the view of the promise, which is by arrival here.
      if (view === client.view)
        expectAll(lists.flat(), client, {
          answerThresholdSeconds: client.answerThresholdSeconds,
          shortAbandonSeconds: short,
        })
    }
  })

  test('what an agent answered', async () => {
    const { startMs, endMs } = dayBounds(SMALL_ZONE, SMALL_DAY)
    for (const queue of report.queues) {
      // By the wall an agent's contacts are those that arrived.
      const found = await port.contacts({
        queueId: queue.queue,
        fromMs: startMs,
        toMs: endMs,
        view: 'arrival',
        clientId: null,
        limit: 5_000,
      })
      for (const { agent, answered } of queue.agents ?? [])
        expect(count(found?.contacts ?? [], { ...ALL_CONTACTS, agentId: agent }), agent).toBe(answered)
    }
  })
})
