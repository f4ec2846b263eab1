/** The three interval views of one day, by hand and by brute force; percentiles and the endless patience beside published values. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ALWAYS_OPEN } from '../../../server/domain/settings.ts'
import { formatWithOffset } from '../../../server/domain/site-calendar.ts'
import type { DayReport, IntervalFigures } from '../../../server/state/figures.ts'
import { endedWait, waitFigures } from '../../../server/state/wait-figures.ts'
import { randomDay } from './random-day.ts'
import { event, fold, settings } from './support.ts'

const DAY = '2024-06-03'
const T = Date.UTC(2024, 5, 3, 8) / 1000
const rowOf = (report: DayReport, queue = 'q') => report.queues.find((row) => row.queue === queue)
const at = (report: DayReport, minutes: number, queue = 'q') =>
  rowOf(report, queue)?.intervals.find(
    ({ start }) => start === formatWithOffset('UTC', (T + minutes * 60) * 1000),
  )

describe('the views', () => {
  /** Arrives at 08:29:50, is answered at 08:30:30 (T = 20 s has passed at 08:30:10), talks until 09:10:30 with 30 s after it. */
  const long = [
    event('contact.queued', T + 29 * 60 + 50, { contactId: 'a', queueId: 'q' }),
    event('contact.answered', T + 30 * 60 + 30, { contactId: 'a', queueId: 'q', agentId: 'ann' }),
    event('contact.ended', T + 70 * 60 + 30, { contactId: 'a', agentId: 'ann', acwSeconds: 30 }),
  ]
  const state = fold(long)

  it('arrival: all of it where it entered', () => {
    const report = state.dayReport(DAY)
    expect(at(report, 0)).toMatchObject({ offered: 1, answered: 1, handled: 1, ahtSeconds: 2430 })
    expect(at(report, 30)).toMatchObject({ offered: 0, handled: 0, ahtSeconds: null })
  })

  it('event: where its service level was decided', () => {
    const report = state.dayReport(DAY, { view: 'event' })
    expect(report.view).toBe('event')
    expect(at(report, 0)).toMatchObject({ offered: 0, answered: 0 })
    expect(at(report, 30)).toMatchObject({ offered: 1, answered: 1, answeredWithinThreshold: 0 })
  })

  it('worked: contacts by arrival, work where it was done', () => {
    const report = state.dayReport(DAY, { view: 'worked', intervalMinutes: 15 })
    const parts = rowOf(report)?.intervals.filter((one) => one.offered > 0 || one.handled > 0)
    expect(parts?.map(({ start }) => start.slice(11, 16))).toEqual(['08:15', '09:00'])
    expect(rowOf(report)).toMatchObject({ offered: 1, handled: 1, ahtSeconds: 2430, talkSecondsMean: 2400 })
    // 08:30:30 … 09:10:30 of talk and half a minute of after-call work: 630 s fall into the interval from 09:00.
    expect(at(report, 60)).toMatchObject({ handled: 1, talkSecondsMean: 630, ahtSeconds: 660 })
  })

  it('a contact that flows out as a callback within T counts for SL8', () => {
    const left = (seconds: number, contactId: string) => [
      event('contact.queued', T, { contactId, queueId: 'q' }),
      event('contact.left-queue', T + seconds, { contactId, queueId: 'q', reason: 'callback' }),
    ]
    const row = rowOf(fold([...left(20, 'in'), ...left(21, 'out')]).dayReport(DAY))
    expect(row).toMatchObject({ flowedOut: 2, callbacksWithinThreshold: 1 })
    expect(row?.serviceLevelRatios).toMatchObject({ SL1: null, SL7: 0, SL8: 0.5 })
  })

  it('a client is counted in the view of its promise, and the board of that day alike', () => {
    const promise = {
      clientId: 'acme',
      queueIds: [],
      targetRatio: 0.8,
      answerThresholdSeconds: 20,
      shortAbandonSeconds: 5,
      formula: 'SL4',
      effectiveFrom: '2024-01-01',
    } as const
    const view = (name: 'arrival' | 'event') =>
      settings('UTC', {
        clients: new Map([['acme', { name: 'Acme' }]]),
        queues: new Map([
          [
            'q',
            {
              name: 'q',
              clientId: 'acme',
              zone: 'UTC',
              intervalMinutes: 30,
              openingHours: ALWAYS_OPEN,
              patienceSecondsMean: 180,
              unconfirmed: false,
            },
          ],
        ]),
        promises: [{ ...promise, view: name }],
      })
    /** Ten seconds before midnight, answered after 25 s: of the day before by arrival, of the new day by the event. */
    const night = Date.UTC(2024, 5, 4) / 1000
    const late = [
      event('contact.queued', night - 10, { contactId: 'n', queueId: 'q' }),
      event('contact.answered', night + 15, { contactId: 'n', queueId: 'q', agentId: 'ann' }),
    ]
    const byArrival = fold(late, view('arrival'))
    const byEvent = fold(late, view('event'))
    expect(byArrival.dayReport('2024-06-03').clients).toMatchObject([{ view: 'arrival', offered: 1 }])
    expect(byEvent.dayReport('2024-06-03').clients).toMatchObject([{ view: 'event', offered: 0 }])
    expect(byEvent.dayReport('2024-06-04').clients).toMatchObject([{ offered: 1, serviceLevelRatio: 0 }])
    expect(byEvent.dayTotals('q', '2024-06-04')).toMatchObject({ offered: 1 })
    expect(byEvent.dayTotals('q', '2024-06-03')).toMatchObject({ offered: 0 })
  })

  it('hold the same contacts and the same work, whatever the interval', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.constantFrom(5, 15, 30, 60), (seed, minutes) => {
        const startMs = Date.UTC(2024, 5, 12)
        // Only the middle of the day, so that nothing crosses midnight.
        const made = randomDay(seed, startMs + 6 * 3_600_000, startMs + 12 * 3_600_000, 150)
        const state = fold(made.events)
        const options = { intervalMinutes: minutes }
        const sums = (view: 'arrival' | 'event' | 'worked') =>
          state.dayReport('2024-06-12', { ...options, view }).queues.map((row) => {
            const sum = (pick: (one: IntervalFigures) => number) =>
              row.intervals.reduce((total, one) => total + pick(one), 0)
            expect(row.offered).toBe(sum((one) => one.offered))
            expect(row.answered).toBe(sum((one) => one.answered))
            return [
              row.queue,
              row.offered,
              row.answered,
              row.answeredWithinThreshold,
              row.handled,
              row.ahtSeconds,
            ]
          })
        expect(sums('event')).toEqual(sums('arrival'))
        expect(sums('worked')).toEqual(sums('arrival'))
      }),
      { numRuns: 10 },
    )
  })
})

describe('waits', () => {
  it('percentiles are waits that happened, by nearest rank', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 300_000 }), { minLength: 1, maxLength: 60 }),
        (waitsMs) => {
          const found = waitFigures(waitsMs.map((waitMs) => endedWait(waitMs, true)))
          for (const [percent, value] of [
            [50, found.waitSecondsP50],
            [80, found.waitSecondsP80],
            [90, found.waitSecondsP90],
            [95, found.waitSecondsP95],
            [99, found.waitSecondsP99],
          ] as const) {
            const want = [...waitsMs]
              .sort((a, b) => a - b)
              .find((ms) => waitsMs.filter((other) => other <= ms).length * 100 >= percent * waitsMs.length)
            expect(value).toBe((want ?? Number.NaN) / 1000)
          }
          // Nobody left: the expected wait is the mean.
          const mean = waitsMs.reduce((sum, ms) => sum + ms, 0) / waitsMs.length / 1000
          expect(found.asaEndlessPatienceSeconds).toBeCloseTo(mean, 6)
        },
      ),
    )
  })

  it('the endless patience is the product-limit mean of the literature', () => {
    // Remission times of the 6-MP group (Freireich et al. 1963; Kalbfleisch and Prentice, table 1.1): restricted mean to
    // the largest time 35 is 23.287.
    const events = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    const censored = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    const waits = [
      ...events.map((seconds) => endedWait(seconds * 1000, true)),
      ...censored.map((seconds) => endedWait(seconds * 1000, false)),
    ]
    expect(waitFigures(waits).asaEndlessPatienceSeconds).toBeCloseTo(23.287, 2)
    expect(waitFigures([]).waitSecondsP50).toBeNull()
  })
})
