/** Folding to an instant: forward, backward and with late events it equals a fold made from nothing. */
import { describe, expect, it } from 'vitest'
import type { LedgerEvent } from '../../../server/domain/event.ts'
import { DEFAULT_SITE, type SettingBodies, type SettingKind } from '../../../server/domain/settings.ts'
import { addDays, dayStartMs } from '../../../server/domain/site-calendar.ts'
import { MomentDays, type MomentLedger, MomentsBusy } from '../../../server/moments/moment-days.ts'
import { toEnvelope } from '../../../server/simulator/recorder.ts'
import { LiveState } from '../../../server/state/live-state.ts'
import { createSettingsView } from '../../../server/state/settings-view.ts'
import { SMALL_DAY, SMALL_ZONE, smallCentre } from '../../support/simulated-day.ts'

const centre = smallCentre(4)
function bodies<K extends SettingKind>(kind: K): ReadonlyMap<string, SettingBodies[K]> {
  return new Map(
    centre.settings
      .filter((setting) => setting.kind === kind)
      .map(({ id, body }) => [id, body as SettingBodies[K]]),
  )
}
const settings = createSettingsView({
  site: [...bodies('site').values()][0] ?? DEFAULT_SITE,
  queues: bodies('queue'),
  clients: bodies('client'),
  agents: bodies('agent'),
  promises: [...bodies('promise').values()],
})
const all: readonly LedgerEvent[] = centre
  .simulateDay(SMALL_DAY)
  .events.map((event, index) => ({ ...toEnvelope(event, event.occurredAtMs), ingestSeq: index + 1 }))
const startMs = dayStartMs(SMALL_ZONE, SMALL_DAY)

/** From when on agents' events were asked for, read by read. */
const agentReads: number[] = []
function memoryLedger(events: LedgerEvent[]): MomentLedger {
  const isAgent = (event: LedgerEvent) => event.type.startsWith('cc.agent.')
  return {
    async *readAgentEvents(toMs, fromMs = Number.NEGATIVE_INFINITY) {
      agentReads.push(fromMs)
      yield events.filter((e) => isAgent(e) && e.occurredAtMs >= fromMs && e.occurredAtMs < toMs)
    },
    async *readContactEvents(fromMs, toMs) {
      yield events.filter((e) => !isAgent(e) && e.occurredAtMs >= fromMs && e.occurredAtMs < toMs)
    },
    readAfter: async (seq, limit) => events.filter(({ ingestSeq }) => ingestSeq > seq).slice(0, limit),
    lastIngestSeq: async () => Math.max(0, ...events.map(({ ingestSeq }) => ingestSeq)),
  }
}
const seen = (state: LiveState, atMs: number) =>
  settings.queueIds().map((queueId) => ({
    totals: { ...state.dayTotals(queueId, SMALL_DAY) },
    now: state.queueNow(queueId, atMs),
    half: state.slidingTotals(queueId, atMs),
  }))
function fresh(events: readonly LedgerEvent[], atMs: number) {
  const state = new LiveState(settings)
  state.applyAll(events.filter(({ occurredAtMs }) => occurredAtMs <= atMs))
  return seen(state, atMs)
}
/** Fixed instants of the day in an order that goes forward, back and forward again. */
const INSTANTS = [9, 9.2, 13.75, 10.01, 17.9, 17.9, 0.5, 12.333, 23.5].map((hour) =>
  Math.round(startMs + hour * 3_600_000),
)

describe('moments', () => {
  it('are the fold of the events until then, in whatever order they are asked for', async () => {
    const days = new MomentDays({ ledger: memoryLedger([...all]), settings: () => settings })
    for (const atMs of INSTANTS) {
      expect(await days.at(atMs, ({ state }) => seen(state, atMs))).toEqual(fresh(all, atMs))
      const count = await days.at(atMs, ({ eventCount }) => eventCount)
      expect(count).toBe(all.filter((e) => e.occurredAtMs >= startMs && e.occurredAtMs <= atMs).length)
    }
  })

  it('of a later day go on from what an earlier day needed of the agents’ past', async () => {
    const next = addDays(SMALL_DAY, 1)
    const days = [SMALL_DAY, next]
    const events = days.flatMap((day) => centre.simulateDay(day).events)
    const both = events.map(
      (event, index): LedgerEvent => ({
        ...toEnvelope(event, event.occurredAtMs),
        ingestSeq: index + 1,
      }),
    )
    const late = both.filter((_, index) => index % 11 === 5)
    const held = both.filter((_, index) => index % 11 !== 5)
    const moments = new MomentDays({ ledger: memoryLedger(held), settings: () => settings })
    const first = startMs + 10 * 3_600_000
    await moments.at(first, () => undefined)
    held.push(...late.map((event, index) => ({ ...event, ingestSeq: both.length + 1 + index })))
    agentReads.length = 0
    for (const hour of [9.5, 13]) {
      const atMs = dayStartMs(SMALL_ZONE, next) + hour * 3_600_000
      expect(await moments.at(atMs, ({ state }) => seen(state, atMs))).toEqual(fresh(both, atMs))
    }
    expect(agentReads).toEqual([dayStartMs(SMALL_ZONE, next)])
    expect(await moments.at(first, ({ state }) => seen(state, first))).toEqual(fresh(both, first))
  })

  it('take in what the ledger was told late', async () => {
    const late = all.filter((_, index) => index % 7 === 3)
    const events = all.filter((_, index) => index % 7 !== 3)
    const held = [...events]
    const days = new MomentDays({ ledger: memoryLedger(held), settings: () => settings })
    const atMs = startMs + 14 * 3_600_000
    expect(await days.at(atMs, ({ state }) => seen(state, atMs))).toEqual(fresh(events, atMs))
    held.push(...late.map((event, index) => ({ ...event, ingestSeq: 1_000_000 + index })))
    expect(await days.at(atMs, ({ state }) => seen(state, atMs))).toEqual(fresh(all, atMs))
  })

  it('are folded one at a time, and refused when too many wait', async () => {
    const days = new MomentDays({ ledger: memoryLedger([...all]), settings: () => settings })
    const asked = Array.from({ length: 30 }, (_, k) => days.at(startMs + k * 1_800_000, () => k))
    const outcomes = await Promise.allSettled(asked)
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
    expect(refused.length).toBe(14)
    for (const { reason } of refused) expect(reason).toBeInstanceOf(MomentsBusy)
  })
})
