/** The product's day report of a simulated day equals the simulator's own counts, to the contact. */
import { describe, expect, it } from 'vitest'
import { DEFAULT_SITE, type SettingBodies, type SettingKind } from '../../../server/domain/settings.ts'
import type { ContactCentre } from '../../../server/simulator/contact-centre.ts'
import { createContactCentre } from '../../../server/simulator/contact-centre.ts'
import { toEnvelope } from '../../../server/simulator/recorder.ts'
import { buildDayReport } from '../../../server/state/day-report.ts'
import { LiveState } from '../../../server/state/live-state.ts'
import { createSettingsView } from '../../../server/state/settings-view.ts'
import { SMALL_ZONE, smallCentre } from '../../support/simulated-day.ts'

function bodiesOf<K extends SettingKind>(
  centre: ContactCentre,
  kind: K,
): ReadonlyMap<string, SettingBodies[K]> {
  return new Map(
    centre.settings
      .filter((setting) => setting.kind === kind)
      .map(({ id, body }) => [id, body as SettingBodies[K]]),
  )
}

function settingsView(centre: ContactCentre) {
  return createSettingsView({
    site: [...bodiesOf(centre, 'site').values()][0] ?? DEFAULT_SITE,
    queues: bodiesOf(centre, 'queue'),
    clients: bodiesOf(centre, 'client'),
    agents: bodiesOf(centre, 'agent'),
    promises: [...bodiesOf(centre, 'promise').values()],
  })
}

describe.each([
  ['a weekday of the whole centre', createContactCentre({ seed: 3, zone: SMALL_ZONE }), '2026-03-17'],
  ['its Sunday that changes clocks', createContactCentre({ seed: 3, zone: SMALL_ZONE }), '2026-03-29'],
  ['a small day', smallCentre(8), '2026-03-18'],
])('%s', (_, centre, date) => {
  const settings = settingsView(centre)
  const { events, truth } = centre.simulateDay(date)
  const state = new LiveState(settings)
  for (const [index, event] of events.entries()) {
    state.apply({ ...toEnvelope(event, event.occurredAtMs), ingestSeq: index + 1 })
  }
  const report = buildDayReport(state, settings, { date })

  it('is reported as the simulator counted it, queue by queue and interval by interval', () => {
    for (const { queueId, intervals, firstCalls, redials, transfersIn, ...counts } of truth) {
      const queue = report.queues.find((line) => line.queue === queueId)
      expect(queue).toMatchObject({ ...counts, waiting: 0 })
      expect(counts.offered).toBe(firstCalls + redials + transfersIn)
      const reported = queue?.intervals.filter(({ offered }) => offered > 0) ?? []
      expect(reported.map(({ start }) => Date.parse(start))).toEqual(intervals.map(({ startMs }) => startMs))
      for (const [index, { startMs: _startMs, handled, handleSeconds, ...interval }] of intervals.entries()) {
        expect(reported[index]).toMatchObject(interval)
        if (handled > 0) expect(reported[index]?.ahtSeconds).toBeCloseTo(handleSeconds / handled, 6)
      }
    }
  })

  it('leaves nothing unexplained: no orphan, no duration that disagrees with the times', () => {
    expect(state.quality()).toMatchObject({ orphanEvents: 0, negativeDurations: 0, differingDurations: 0 })
  })
})
