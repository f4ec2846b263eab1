/** The properties of the fold: it counts what a recount counts, in any order, cut anywhere, on days of 23 and 25 hours. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LedgerEvent } from '../../../server/domain/event.ts'
import { LiveState } from '../../../server/state/live-state.ts'
import { loadDay } from '../../../server/state/load-day.ts'
import { toFigures } from '../../../server/state/totals.ts'
import { QUEUES, type RandomDay, randomDay } from './random-day.ts'
import { fold, listStore, seeded, settings, shuffled } from './support.ts'

const paris = settings('Europe/Paris')
const HOUR_MS = 3_600_000
/** Bounds of the days by hand: Paris is UTC+1 in winter and UTC+2 in summer. */
const DAYS = [
  { date: '2024-03-31', startMs: Date.UTC(2024, 2, 30, 23), hours: 23 },
  { date: '2024-10-27', startMs: Date.UTC(2024, 9, 26, 22), hours: 25 },
  { date: '2024-06-12', startMs: Date.UTC(2024, 5, 11, 22), hours: 24 },
] as const
const dayOf = (seed: number, day: (typeof DAYS)[number], contacts: number): RandomDay =>
  randomDay(seed, day.startMs, day.startMs + day.hours * HOUR_MS, contacts)

const SEED = fc.integer({ min: 1, max: 1_000_000 })
const DAY = fc.constantFrom(...DAYS)

describe('the fold', () => {
  it('counts what a recount of the scripts counts', () => {
    fc.assert(
      fc.property(SEED, DAY, (seed, day) => {
        const made = dayOf(seed, day, 300)
        const report = fold(made.events, paris).dayReport(day.date)
        for (const queue of QUEUES) {
          const row = report.queues.find((one) => one.queue === queue)
          const truth = made.truth.get(queue)
          expect(row?.intervals).toHaveLength(day.hours * 2)
          for (const [slot, want] of truth ?? []) {
            const startMs = made.startMs + slot * 1_800_000
            const found = slot < 0 ? row : row?.intervals.find((one) => Date.parse(one.start) === startMs)
            expect(found).toMatchObject({
              offered: want.offered,
              answered: want.answered,
              abandoned: want.abandoned,
              flowedOut: want.flowedOut,
              lost: want.lost,
              waiting: want.waiting,
              answeredWithinThreshold: want.in20,
              abandonedWithinThreshold: want.abandonedIn20,
              shortAbandons: want.short,
              callbacksWithinThreshold: want.callbacksIn20,
              transfers: want.transfers,
              waitSecondsMax: want.longestMs < 0 ? null : want.longestMs / 1000,
              asaSeconds: want.answered === 0 ? null : want.waitAnsweredMs / want.answered / 1000,
              talkSecondsMean: want.handled === 0 ? null : want.talkMs / want.handled / 1000,
              ahtSeconds: want.handled === 0 ? null : want.workMs / want.handled / 1000,
            })
          }
          for (const agent of row?.agents ?? []) {
            const want = made.agents.get(`${queue} ${agent.agent}`)
            expect([queue, agent.agent, agent.loggedInSeconds, agent.notReadySeconds]).toEqual([
              queue,
              agent.agent,
              want?.memberSeconds,
              want?.notReadySeconds,
            ])
          }
        }
      }),
      { numRuns: 12 },
    )
  })

  it('is the same shuffled, doubled and cut in two', () => {
    fc.assert(
      fc.property(SEED, DAY, fc.nat(), (seed, day, cut) => {
        const { events } = dayOf(seed, day, 150)
        const want = fold(events, paris).dayReport(day.date)
        const random = seeded(seed)
        const at = cut % events.length
        const orders: readonly (readonly LedgerEvent[])[] = [
          shuffled(events, random),
          shuffled([...events, ...events], random),
          [...events.slice(at), ...events.slice(0, at)],
          [...events].reverse(),
        ]
        for (const order of orders) expect(fold(order, paris).dayReport(day.date)).toEqual(want)
      }),
      { numRuns: 10 },
    )
  })

  it('equals a replay whenever somebody looks', () => {
    fc.assert(
      fc.property(SEED, DAY, (seed, day) => {
        const made = dayOf(seed, day, 120)
        const random = seeded(seed + 1)
        const order = shuffled(made.events, random)
        const live = new LiveState(paris)
        for (let index = 0; index < order.length; index += 1) {
          live.apply(order[index] as LedgerEvent)
          if (random() > 0.02) continue
          const nowMs = made.startMs + random() * (made.endMs - made.startMs)
          expect(look(live, day.date, nowMs)).toEqual(
            look(fold(order.slice(0, index + 1), paris), day.date, nowMs),
          )
        }
        const nowMs = made.endMs - HOUR_MS
        expect(look(live, day.date, nowMs)).toEqual(look(fold(made.events, paris), day.date, nowMs))
      }),
      { numRuns: 8 },
    )
  })

  it('gives the same from the window of a ledger', async () => {
    for (const [index, day] of DAYS.entries()) {
      const { events } = dayOf(77 + index, day, 400)
      const loaded = await loadDay(listStore(events), paris, day.date)
      expect(loaded.dayReport(day.date)).toEqual(fold(events, paris).dayReport(day.date))
    }
  })

  it('gives the half hours of a day as the totals of the day', () => {
    const day = DAYS[0]
    const live = fold(dayOf(5, day, 400).events, paris)
    for (const queue of QUEUES) {
      const row = live.dayReport(day.date).queues.find((one) => one.queue === queue)
      expect(row).toMatchObject(toFigures(live.dayTotals(queue, day.date)))
    }
  })

  it('forgets old days and stays right about the others', () => {
    fc.assert(
      fc.property(SEED, (seed) => {
        const random = seeded(seed)
        const [first, second] = [Date.UTC(2024, 5, 10), Date.UTC(2024, 5, 14)]
        const old = randomDay(seed, first, first + 24 * HOUR_MS, 80).events
        const fresh = randomDay(seed + 1, second, second + 24 * HOUR_MS, 80).events.map((one) => ({
          ...one,
          id: `fresh-${one.id}`,
          data:
            one.data.contactId === undefined
              ? one.data
              : { ...one.data, contactId: `fresh-${one.data.contactId}` },
          ...(one.sequence === undefined ? {} : { sequence: `1${one.sequence}` }),
        }))
        const view = settings('UTC')
        const kept = fold([...old, ...fresh], view)
        const live = fold(old, view)
        live.forgetBefore(second - 12 * HOUR_MS)
        live.applyAll(shuffled(fresh, random))
        live.forgetBefore(second - 6 * HOUR_MS)
        const nowMs = second + 20 * HOUR_MS
        expect(look(live, '2024-06-14', nowMs).report).toEqual(look(kept, '2024-06-14', nowMs).report)
      }),
      { numRuns: 8 },
    )
  })
})

function look(state: LiveState, date: string, nowMs: number) {
  return {
    report: state.dayReport(date),
    short: state.dayReport(date, { answerThresholdSeconds: 4, shortAbandonSeconds: 0, intervalMinutes: 15 }),
    queues: QUEUES.map((queue) => state.queueNow(queue, nowMs)),
    sliding: QUEUES.map((queue) => state.slidingTotals(queue, nowMs)),
    intervals: QUEUES.map((queue) => state.dayIntervals(queue, date)),
    agents: state.agentsNow(nowMs).map(({ memberQueueIds, ...line }) => [line, [...memberQueueIds].sort()]),
    site: state.siteAgents(nowMs),
    quality: state.quality(),
  }
}
