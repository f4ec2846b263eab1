/** A queue without any past: what it forecasts from a lender and a stated level, how wide it is, and how it goes on. */
import { describe, expect, it } from 'vitest'
import { ALWAYS_OPEN, type ForecastSetting } from '../../../server/domain/settings.ts'
import { addDays, dayStartMs, weekdayOf } from '../../../server/domain/site-calendar.ts'
import type { ForecastDay } from '../../../server/planning/planning-store.ts'
import { forecastWorld, pastOf, QUEUE, usual, type Volume, ZONE } from './forecast-support.ts'

function must<T>(value: T | undefined | null): T {
  if (value === undefined || value === null) throw new Error('missing')
  return value
}

/** A Monday. */
const TODAY = '2026-03-02'
const MORNING = '2026-03-02T06:00:00Z'
/** 9 to 17, Monday to Friday: shorter than the lender's 8 to 20. */
const SHORT_HOURS = ALWAYS_OPEN.map((_, weekday) => (weekday < 5 ? ([[540, 1020]] as const) : []))
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

function world(setting: Partial<ForecastSetting>, options: { volume?: Volume; nowIso?: string } = {}) {
  const made = forecastWorld({
    nowIso: options.nowIso ?? MORNING,
    totals: pastOf('old', TODAY, 200, options.volume ?? usual, 300),
    settings: {
      queueIds: () => ['old', 'new'],
      queue: (id) =>
        id === 'old' || id === 'new'
          ? { ...QUEUE, name: id, ...(id === 'new' && { openingHours: SHORT_HOURS }) }
          : undefined,
      forecastSetting: (id) =>
        id === 'new' ? { method: null, borrowProfileFrom: null, ...setting } : undefined,
    },
  })
  const run = async (days = 7) => {
    await made.forecasts.run('new', TODAY, days, 'vigie')
    const found: ForecastDay[] = []
    for (let at = 0; at < days; at += 1) {
      const day = await made.effective.newest('new', addDays(TODAY, at))
      if (day !== undefined) found.push(day)
    }
    return found
  }
  return { ...made, run }
}

describe('a queue without any past', () => {
  it('has no forecast when nobody lends it a past', async () => {
    expect(await world({ expectedContactsPerDay: 300 }).run()).toEqual([])
    expect(await world({ borrowProfileFrom: 'nobody' }).run()).toEqual([])
  })

  it('comes to the level that is expected of a usual day, in the shape of the lender within its own hours', async () => {
    const days = await world({ borrowProfileFrom: 'old', expectedContactsPerDay: 300 }).run()
    const open = days.filter(({ dayMean }) => dayMean > 0)
    expect(open.map(({ day }) => weekdayOf(day))).toEqual([0, 1, 2, 3, 4])
    expect(sum(open.map(({ dayMean }) => dayMean)) / 5).toBeGreaterThan(285)
    expect(sum(open.map(({ dayMean }) => dayMean)) / 5).toBeLessThan(315)
    const monday = must(open[0])
    expect(monday.dayMean / must(open[1]).dayMean).toBeGreaterThan(1.1)
    expect(sum(monday.contactsMean)).toBeCloseTo(monday.dayMean, 6)
    // The lender's own Monday, from 9 to 17, written down without the model.
    const lender = Array.from({ length: 16 }, (_, at) => usual('2026-02-23', 18 + at))
    monday.contactsMean.forEach((mean, slot) => {
      if (slot < 18 || slot >= 34) expect(mean).toBe(0)
      else expect(mean / monday.dayMean).toBeCloseTo(must(lender[slot - 18]) / sum(lender), 1.9)
    })
    for (const seconds of monday.ahtSeconds.slice(18, 34)) expect(seconds).toBeCloseTo(300, 0)
    expect(monday.notes).toContainEqual({ kind: 'borrowed-profile', queueId: 'old' })
    expect(monday.notes).toContainEqual({ kind: 'expected-level', contactsPerDay: 300 })
    expect(monday.notes.map(({ kind }) => kind)).not.toContain('short-history')
    expect(monday.historyDays).toBe(0)
    expect(monday.inputs).toMatchObject({
      borrowedFrom: 'old',
      historyFromDay: null,
      historyToDay: null,
      usableDays: 0,
    })
  })

  it('is wide when the level is stated, and wider when it is the lender’s', async () => {
    const stated = must((await world({ borrowProfileFrom: 'old', expectedContactsPerDay: 300 }).run(1))[0])
    const lent = must((await world({ borrowProfileFrom: 'old' }).run(1))[0])
    // Half or half as much again of what was stated must surprise nobody.
    expect(stated.dayP10 / stated.dayMean).toBeLessThan(0.65)
    expect(stated.dayP90 / stated.dayMean).toBeGreaterThan(1.45)
    expect(lent.dayP10 / lent.dayMean).toBeLessThan(0.25)
    expect(lent.dayP90 / lent.dayMean).toBeGreaterThan(2.2)
    expect(lent.notes).toContainEqual({ kind: 'borrowed-level', queueId: 'old' })
    const hours = Array.from({ length: 16 }, (_, at) => usual('2026-02-23', 18 + at))
    expect(lent.dayMean / sum(hours)).toBeCloseTo(1, 1)
    for (const day of [stated, lent])
      day.contactsMean.forEach((mean, slot) => {
        const bands = [day.contactsP2_5, day.contactsP10, day.contactsP90, day.contactsP97_5]
        const [a, b, c, d] = bands.map((band) => must(band[slot]))
        expect(must(a) <= must(b) && must(b) <= mean + 1e-9 && mean <= must(c) + 1e-9).toBe(true)
        expect(must(c) <= must(d)).toBe(true)
      })
  })

  it('takes manual edits', async () => {
    const { run, service, effective } = world({ borrowProfileFrom: 'old', expectedContactsPerDay: 300 })
    const model = must((await run(1))[0])
    const outcome = await service.edits.addAll(
      'new',
      [
        {
          measure: 'contacts',
          operation: 'percent',
          fromDay: TODAY,
          toDay: TODAY,
          amount: 50,
          reason: 'launch campaign',
        },
      ],
      'Ada',
    )
    expect(outcome.kind).toBe('done')
    expect(must(await effective.newest('new', TODAY)).dayMean).toBeCloseTo(1.5 * model.dayMean, 3)
  })

  it('follows its first day quickly: the level was a guess', async () => {
    const double: Volume = (day, slot) => 2 * usual(day, slot)
    const nowIso = '2026-03-02T10:00:00Z'
    const made = forecastWorld({
      nowIso,
      totals: pastOf('old', TODAY, 200),
      runningDay: async (queueId) =>
        queueId === 'new'
          ? Array.from({ length: 48 }, (_, slot) => {
              const known = slot < 22
              const contacts = slot >= 16 && slot < 40 ? double(TODAY, slot) : 0
              return { contacts: known ? contacts : null, handled: 0, handleSeconds: 0 }
            })
          : undefined,
      settings: {
        queueIds: () => ['old', 'new'],
        queue: (id) => ({ ...QUEUE, name: id }),
        forecastSetting: (id) => (id === 'new' ? { method: null, borrowProfileFrom: 'old' } : undefined),
      },
    })
    const update = must(await made.forecasts.runIntraday('new'))
    const truth = sum(Array.from({ length: 18 }, (_, at) => double(TODAY, 22 + at)))
    expect(sum(update.contactsMean.slice(22)) / truth).toBeGreaterThan(0.85)
    expect(sum(update.contactsMean.slice(22)) / truth).toBeLessThan(1.15)
  })

  it('does not take the days before its first contact for a past', async () => {
    const closed = (queueId: string, day: string, contacts: number) =>
      Array.from({ length: 24 }, (_, at) => ({
        queueId,
        source: 'vigie:ledger',
        startMs: dayStartMs(ZONE, day) + (16 + at) * 1_800_000,
        intervalMinutes: 30,
        contacts,
        handled: contacts,
        handleSeconds: 100 * contacts,
      }))
    const before = [-3, -4, -5].flatMap((back) => closed('new', addDays(TODAY, back), 0))
    const forecastSetting = (id: string) =>
      id === 'new' ? { method: null, borrowProfileFrom: 'old', expectedContactsPerDay: 300 } : undefined
    const made = forecastWorld({
      nowIso: MORNING,
      totals: [...pastOf('old', TODAY, 200), ...before],
      settings: { forecastSetting },
    })
    await made.forecasts.run('new', TODAY, 1, 'vigie')
    const waiting = must(await made.effective.newest('new', TODAY))
    expect(waiting.dayMean).toBeGreaterThan(250)
    expect(waiting.notes).toContainEqual({ kind: 'expected-level', contactsPerDay: 300 })
    const started = forecastWorld({
      nowIso: '2026-03-03T06:00:00Z',
      totals: [...pastOf('old', TODAY, 200), ...before, ...closed('new', TODAY, 10)],
      settings: { forecastSetting },
    })
    await started.forecasts.run('new', addDays(TODAY, 1), 1, 'vigie')
    const first = must(await started.effective.newest('new', addDays(TODAY, 1)))
    expect(first.inputs).toMatchObject({ historyFromDay: TODAY, historyDays: 1 })
    expect(first.dayMean / 240).toBeCloseTo(1, 0)
  })

  it('goes over to its own past with the first closed day', async () => {
    const firstDay = addDays(TODAY, 1)
    const own = Array.from({ length: 24 }, (_, at) => ({
      queueId: 'new',
      source: 'file',
      startMs: dayStartMs(ZONE, TODAY) + (16 + at) * 1_800_000,
      intervalMinutes: 30,
      contacts: 5,
      handled: 5,
      handleSeconds: 500,
    }))
    const made = forecastWorld({
      nowIso: '2026-03-03T06:00:00Z',
      totals: [...pastOf('old', TODAY, 200), ...own],
      settings: {
        forecastSetting: (id) =>
          id === 'new' ? { method: null, borrowProfileFrom: 'old', expectedContactsPerDay: 900 } : undefined,
      },
    })
    await made.forecasts.run('new', firstDay, 1, 'vigie')
    const day = must(await made.effective.newest('new', firstDay))
    expect(day.dayMean).toBeGreaterThan(60)
    expect(day.dayMean).toBeLessThan(240)
    expect(day.historyDays).toBe(1)
    expect(day.notes.map(({ kind }) => kind)).toEqual(['short-history', 'no-comparison', 'borrowed-profile'])
  })
})

it('says that a handling time is assumed where no handled contact is known', async () => {
  const counted = pastOf('q', TODAY, 200)
  const notes = async (totals: typeof counted) => {
    const made = forecastWorld({ nowIso: MORNING, totals })
    await made.forecasts.run('q', TODAY, 1, 'vigie')
    return must(await made.effective.newest('q', TODAY)).notes.filter(
      ({ kind }) => kind === 'assumed-handling-time',
    )
  }
  expect(await notes(counted.map((one) => ({ ...one, handled: 0, handleSeconds: 0 })))).toEqual([
    { kind: 'assumed-handling-time', seconds: 240 },
  ])
  expect(await notes(counted)).toEqual([])
})

describe('opening hours that are shorter than they were', () => {
  it('cut the day: its total is the sum of its open intervals', async () => {
    const made = forecastWorld({
      nowIso: MORNING,
      totals: pastOf('q', TODAY, 200),
      settings: {
        queue: () => ({ ...QUEUE, openingHours: SHORT_HOURS.map((h, at) => (at === 4 ? [] : h)) }),
      },
    })
    const written = await made.forecasts.run('q', TODAY, 5, 'vigie')
    for (const day of written) expect(sum(day.contactsMean)).toBeCloseTo(day.dayMean, 6)
    const monday = must(written[0])
    const friday = must(written[4])
    expect([friday.dayMean, friday.dayP10, friday.dayP90]).toEqual([0, 0, 0])
    const inside = Array.from({ length: 16 }, (_, at) => usual('2026-02-23', 18 + at))
    expect(monday.dayMean / sum(inside)).toBeCloseTo(1, 1)
  })
})
