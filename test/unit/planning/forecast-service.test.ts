import { describe, expect, it } from 'vitest'
import type { ForecastSetting, SpecialDaySetting } from '../../../server/domain/settings.ts'
import { addDays, dayStartMs, weekdayOf } from '../../../server/domain/site-calendar.ts'
import type { EffectiveDay } from '../../../server/planning/forecast-layer.ts'
import { forecastWorld, pastOf, usual, type Volume, wobble, ZONE } from './forecast-support.ts'

const TODAY = '2026-11-18'
const MORNING = `${TODAY}T08:00:00+01:00`
const TOMORROW = addDays(TODAY, 1)

const sumOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0)
function must<T>(value: T | undefined | null): T {
  if (value === undefined || value === null) throw new Error('expected a value')
  return value
}
const newest = async (
  world: ReturnType<typeof forecastWorld>,
  day: string,
  queueId = 'q',
): Promise<EffectiveDay> => must(await world.effective.newest(queueId, day))

/** A running day: what came in each half hour that is over at 12:00, times a factor. */
function runningUntilNoon(factor: number, change: (slot: number) => number = () => 1, ahtSeconds = 250) {
  return async () =>
    Array.from({ length: 48 }, (_, slot) => {
      const open = slot >= 16 && slot < 24
      const contacts = open ? usual(TODAY, slot) * factor * change(slot) : 0
      return {
        contacts: slot < 24 ? contacts : null,
        handled: contacts,
        handleSeconds: contacts * ahtSeconds,
      }
    })
}
const NOON = `${TODAY}T12:00:10+01:00`

describe('versions', () => {
  it('says what each was made from, and compares any two with what came', async () => {
    const world = forecastWorld({ nowIso: `${TOMORROW}T09:00:00+01:00`, totals: pastOf('q', TOMORROW, 130) })
    await world.forecasts.run('q', TODAY, 1, 'Ada')
    world.clock.now += 60_000
    await world.forecasts.run('q', TODAY, 1, 'Grace')
    const versions = must(await world.service.views.versions('q', TODAY))
    expect(versions.map(({ version, author }) => [version, author])).toEqual([
      [2, 'Grace'],
      [1, 'Ada'],
    ])
    expect(versions[0]).toMatchObject({
      method: 'main',
      intraday: false,
      originMs: dayStartMs(ZONE, TODAY),
      inputs: {
        historyFromDay: '2026-07-13',
        historyToDay: '2026-11-17',
        methodReason: 'default',
        oneOffMarks: 0,
        borrowedFrom: null,
        editIds: [],
      },
    })
    const against = must(await world.service.views.compare('q', TODAY, { left: '1', right: 'actuals' }))
    const intervals = against.intervals.filter(({ open }) => open)
    const came = intervals.map(({ actual }) => must(actual))
    const said = intervals.map(({ left }) => must(left))
    const absolute = sumOf(said.map((value, index) => Math.abs(value - (came[index] ?? 0))))
    expect(against.left.accuracy?.wape).toBeCloseTo(absolute / sumOf(came), 10)
    expect(against.left.accuracy?.bias).toBeCloseTo((sumOf(said) - sumOf(came)) / sumOf(came), 10)
    expect(must(against.left.accuracy?.poissonFloorWape)).toBeGreaterThan(0.05)
    expect(against.total.differenceRatio).toBeCloseTo(absolute / sumOf(said), 10)
    const same = must(await world.service.views.compare('q', TODAY, { left: '1', right: '2' }))
    expect(same.total.difference).toBe(0)
    expect(await world.service.views.compare('q', TODAY, { left: '9', right: '2' })).toBeUndefined()
  })

  it('shows a past day as it was forecast before it began, edits made later left out', async () => {
    const world = forecastWorld({ nowIso: MORNING, totals: pastOf('q', TODAY, 130) })
    await world.forecasts.run('q', TOMORROW, 1, 'vigie')
    world.clock.now = Date.parse(`${TODAY}T20:00:00+01:00`)
    const range = { fromDay: TOMORROW, toDay: TOMORROW, measure: 'contacts', operation: 'percent' } as const
    await world.service.edits.add('q', { ...range, amount: 10, reason: 'mailing' }, 'Ada')
    world.clock.now = Date.parse(`${addDays(TODAY, 2)}T09:00:00+01:00`)
    await world.service.edits.add('q', { ...range, amount: 50, reason: 'too late' }, 'Ada')
    const model = must((await world.store.forecastVersions('q', TOMORROW))[0])
    const day = must(await world.service.views.day('q', TOMORROW))
    expect(must(day.dayMean)).toBeCloseTo(model.dayMean * 1.1, 6)
    expect(day.editCount).toBe(2)
  })

  it('judges a span by the forecasts made before each day, beside the floor', async () => {
    const end = addDays(TODAY, 7)
    const world = forecastWorld({ nowIso: MORNING, totals: pastOf('q', end, 140) })
    await world.forecasts.run('q', TODAY, 7, 'vigie')
    world.clock.now = Date.parse(`${end}T07:00:00+01:00`)
    const range = must(
      await world.service.views.range({ queueId: 'q', fromDay: TODAY, toDay: addDays(end, 2) }, false),
    )
    expect(range.days).toHaveLength(10)
    expect(must(range.accuracy?.wape)).toBeLessThan(0.12)
    expect(range.accuracy?.intervals).toBe(5 * 24)
    const closed = must(range.days.find(({ day }) => weekdayOf(day) === 6))
    expect(closed.actualContacts).toBeNull()
    const coming = must(range.days.at(-1))
    expect(coming.forecast?.author).toBe('vigie')
    expect(coming.accuracy).toBeNull()
  })
})

describe('manual edits', () => {
  it('survive a re-run, can be taken back and put back, and keep who and why', async () => {
    const world = forecastWorld({ nowIso: MORNING, totals: pastOf('q', TODAY, 130) })
    await world.forecasts.run('q', TODAY, 3, 'vigie')
    const before = await newest(world, TOMORROW)
    const outcome = await world.service.edits.add(
      'q',
      {
        measure: 'contacts',
        operation: 'percent',
        fromDay: TOMORROW,
        toDay: TOMORROW,
        amount: 20,
        reason: ' a mailing ',
      },
      'Ada',
    )
    const edit = outcome.kind === 'done' ? outcome.value : undefined
    expect(edit).toMatchObject({ author: 'Ada', reason: 'a mailing', createdAtMs: Date.parse(MORNING) })
    expect((await newest(world, TOMORROW)).dayMean).toBeCloseTo(before.dayMean * 1.2, 6)
    await world.forecasts.run('q', TODAY, 3, 'Grace')
    const again = await newest(world, TOMORROW)
    expect(again.version).toBe(2)
    expect(again.dayMean).toBeCloseTo(before.dayMean * 1.2, 6)
    expect(again.model.dayMean).toBeCloseTo(before.dayMean, 6)
    expect((await newest(world, addDays(TODAY, 2))).editedContacts.some((edited) => edited)).toBe(false)

    const id = must(edit).id
    expect((await world.service.edits.remove('q', id, 'Grace')).kind).toBe('done')
    expect((await newest(world, TOMORROW)).dayMean).toBeCloseTo(before.dayMean, 6)
    expect((await world.service.edits.remove('q', id, 'Grace')).kind).toBe('not-found')
    const span = { queueId: 'q', fromDay: TODAY, toDay: TOMORROW }
    expect(await world.service.edits.list(span, false)).toEqual([])
    expect(await world.service.edits.list(span, true)).toMatchObject([{ id, removedBy: 'Grace' }])
    expect((await world.service.edits.restore('q', id)).kind).toBe('done')
    expect((await newest(world, TOMORROW)).dayMean).toBeCloseTo(before.dayMean * 1.2, 6)
    expect(world.changed).toEqual(Array.from({ length: 3 }, () => `q ${TOMORROW} ${TOMORROW}`))
  })

  it('come back from their own CSV as the forecast that they were', async () => {
    const world = forecastWorld({ nowIso: MORNING, totals: pastOf('q', TODAY, 130) })
    await world.forecasts.run('q', TODAY, 3, 'vigie')
    const span = { queueId: 'q', fromDay: TODAY, toDay: TOMORROW }
    const csv = must(await world.service.csv(span))
    expect(csv.split('\r\n')[0]).toBe('day,time,contacts,aht_seconds')
    expect(csv.split('\r\n')).toHaveLength(2 + 2 * 24)
    const before = await newest(world, TOMORROW)
    const outcome = await world.service.uploadCsv('q', { text: csv, reason: 'back', author: 'Ada' })
    expect(
      outcome.kind === 'done' && outcome.value.edits.map(({ measure, cellCount }) => [measure, cellCount]),
    ).toEqual([
      ['contacts', 48],
      ['aht', 48],
    ])
    expect((await newest(world, TOMORROW)).dayMean).toBeCloseTo(before.dayMean, 1)
  })

  it('are refused whole with the places that are wrong', async () => {
    const world = forecastWorld({ nowIso: MORNING, totals: pastOf('q', TODAY, 60) })
    const base = {
      measure: 'contacts',
      operation: 'set',
      fromDay: TODAY,
      toDay: TODAY,
      amount: 1,
      reason: 'r',
    } as const
    const pointers = async (change: object) => {
      const outcome = await world.service.edits.add('q', { ...base, ...change }, 'Ada')
      return outcome.kind === 'invalid' ? outcome.problems.map(({ pointer }) => pointer) : outcome.kind
    }
    expect(await pointers({ reason: '  ' })).toEqual(['/reason'])
    expect(await pointers({ fromDay: '2026-02-31' })).toEqual(['/fromDay'])
    expect(await pointers({ toDay: '2026-11-01' })).toEqual(['/toDay'])
    expect(await pointers({ toDay: '2036-11-01' })).toEqual(['/toDay'])
    expect(await pointers({ fromMinute: 485 })).toEqual(['/fromMinute'])
    expect(await pointers({ amount: -1 })).toEqual(['/amount'])
    expect(await pointers({ operation: 'percent', amount: -101 })).toEqual(['/amount'])
    expect(await pointers({ operation: 'smooth', amount: 4 })).toEqual(['/amount'])
    expect(await pointers({ operation: 'percent', amount: 5, spread: 'shape' })).toEqual(['/spread'])
    expect(await pointers({ operation: 'cells' })).toEqual(['/fromDay'])
    expect(await world.service.edits.list({ queueId: 'q', fromDay: TODAY, toDay: TODAY }, true)).toEqual([])
    expect((await world.service.edits.add('nobody', base, 'Ada')).kind).toBe('not-found')
  })
})

/** Busy days and quiet ones: the morning tells something of the afternoon. */
const lively: Volume = (day, slot) => usual(day, slot) * (1 + 0.4 * wobble(day, 99))

describe('the running day', () => {
  it('is not surprised twice by contacts that an edit announced', async () => {
    const totals = pastOf('q', TODAY, 130, lively)
    const world = forecastWorld({ nowIso: MORNING, totals, runningDay: runningUntilNoon(1.3) })
    await world.forecasts.run('q', TODAY, 1, 'vigie')
    world.clock.now = Date.parse(NOON)
    const afternoon = (forecast: { readonly contactsMean: readonly number[] }) =>
      sumOf(forecast.contactsMean.slice(24))
    const usualAfternoon = sumOf(Array.from({ length: 16 }, (_, index) => usual(TODAY, 24 + index)))
    const surprised = afternoon(must(await world.forecasts.runIntraday('q')))
    expect(surprised / usualAfternoon).toBeGreaterThan(1.1)
    await world.service.edits.add(
      'q',
      {
        measure: 'contacts',
        operation: 'percent',
        fromDay: TODAY,
        toDay: TODAY,
        amount: 30,
        reason: 'mailing',
      },
      'Ada',
    )
    const announced = must(await world.forecasts.runIntraday('q'))
    expect(afternoon(announced) / usualAfternoon).toBeGreaterThan(1.24)
    expect(afternoon(announced) / usualAfternoon).toBeLessThan(1.36)
    expect(announced.inputs?.editIds).toHaveLength(1)
    // Inside already: laid over again it would be 1.3 × 1.3.
    expect(await newest(world, TODAY)).toMatchObject({
      version: announced.version,
      dayMean: announced.dayMean,
    })
  })

  it('follows handling times, and an edit of them is no surprise either', async () => {
    const totals = pastOf('q', TODAY, 130, lively)
    const world = forecastWorld({ nowIso: MORNING, totals, runningDay: runningUntilNoon(1, () => 1, 300) })
    await world.forecasts.run('q', TODAY, 1, 'vigie')
    world.clock.now = Date.parse(NOON)
    const surprised = must(await world.forecasts.runIntraday('q')).ahtSeconds[30]
    expect(surprised).toBeGreaterThan(251)
    await world.service.edits.add(
      'q',
      { measure: 'aht', operation: 'set', fromDay: TODAY, toDay: TODAY, amount: 300, reason: 'new form' },
      'Ada',
    )
    expect(must(await world.forecasts.runIntraday('q')).ahtSeconds[30]).toBeCloseTo(300, 0)
  })

  it('falls back to the morning with the edits of now until it is forecast again', async () => {
    const totals = pastOf('q', TODAY, 130, lively)
    const world = forecastWorld({ nowIso: MORNING, totals, runningDay: runningUntilNoon(1.3) })
    await world.forecasts.run('q', TODAY, 1, 'vigie')
    const morning = await newest(world, TODAY)
    world.clock.now = Date.parse(NOON)
    await world.forecasts.runIntraday('q')
    await world.service.edits.add(
      'q',
      { measure: 'contacts', operation: 'percent', fromDay: TODAY, toDay: TODAY, amount: 10, reason: 'r' },
      'Ada',
    )
    expect((await newest(world, TODAY)).dayMean).toBeCloseTo(morning.dayMean * 1.1, 6)
  })

  it('leaves a marked spike out of what it learns, but counts those who came', async () => {
    const totals = pastOf('q', TODAY, 130, lively)
    const spike = (slot: number) => (slot === 20 || slot === 21 ? 6 : 1)
    const plain = forecastWorld({ nowIso: MORNING, totals, runningDay: runningUntilNoon(1) })
    const hit = forecastWorld({ nowIso: MORNING, totals, runningDay: runningUntilNoon(1, spike) })
    for (const world of [plain, hit]) {
      await world.forecasts.run('q', TODAY, 1, 'vigie')
      world.clock.now = Date.parse(NOON)
    }
    const calm = must(await plain.forecasts.runIntraday('q'))
    const raised = must(await hit.forecasts.runIntraday('q'))
    expect(raised.contactsMean[30]).toBeGreaterThan((calm.contactsMean[30] ?? 0) * 1.05)
    const outcome = await hit.service.oneOffs.add(
      'q',
      { day: TODAY, fromMinute: 600, toMinute: 660, reason: 'an outage' },
      'Sam',
    )
    expect(outcome).toMatchObject({ kind: 'done', value: { author: 'Sam' } })
    const marked = must(await hit.forecasts.runIntraday('q'))
    expect(marked.contactsMean[30]).toBeGreaterThan((calm.contactsMean[30] ?? 0) * 0.97)
    expect(marked.contactsMean[30]).toBeLessThan((calm.contactsMean[30] ?? 0) * 1.03)
    const came = sumOf(Array.from({ length: 8 }, (_, at) => usual(TODAY, 16 + at) * spike(16 + at)))
    expect(marked.dayMean).toBeCloseTo(came + sumOf(marked.contactsMean.slice(24)), 6)
    expect((await hit.service.oneOffs.remove('q', '1', 'Sam')).kind).toBe('done')
    expect(must(await hit.forecasts.runIntraday('q')).contactsMean[30]).toBeCloseTo(
      raised.contactsMean[30] ?? 0,
      6,
    )
  })

  it('refuses marks of what has not begun, or off the grid', async () => {
    const world = forecastWorld({ nowIso: NOON, totals: pastOf('q', TODAY, 60) })
    const pointers = async (change: object) => {
      const mark = { day: TODAY, fromMinute: 600, toMinute: 660, reason: 'r', ...change }
      const outcome = await world.service.oneOffs.add('q', mark, 'Sam')
      return outcome.kind === 'invalid' ? outcome.problems.map(({ pointer }) => pointer) : outcome.kind
    }
    expect(await pointers({ day: TOMORROW })).toEqual(['/fromMinute'])
    expect(await pointers({ fromMinute: 780, toMinute: 810 })).toEqual(['/fromMinute'])
    expect(await pointers({ fromMinute: 605 })).toEqual(['/fromMinute'])
    expect(await pointers({ reason: ' ' })).toEqual(['/reason'])
    expect(await pointers({ fromMinute: 720, toMinute: 750 })).toBe('done')
    expect(await pointers({ day: addDays(TODAY, -3) })).toBe('done')
  })
})

describe('the past without one-offs', () => {
  it('leaves shape and level as if the marked spike had never been', async () => {
    const spikeDay = addDays(TODAY, -1)
    const spiked: Volume = (day, slot) =>
      usual(day, slot) * (day === spikeDay && slot >= 20 && slot < 24 ? 8 : 1)
    const make = async (volume: Volume, marked: boolean) => {
      const world = forecastWorld({ nowIso: MORNING, totals: pastOf('q', TODAY, 100, volume) })
      const mark = { day: spikeDay, fromMinute: 600, toMinute: 720, reason: 'outage' }
      if (marked) await world.service.oneOffs.add('q', mark, 'Sam')
      await world.forecasts.run('q', TODAY, 1, 'vigie')
      return newest(world, TODAY)
    }
    const clean = await make(usual, false)
    const unmarked = await make(spiked, false)
    const marked = await make(spiked, true)
    const distance = (one: EffectiveDay) =>
      sumOf(one.contactsMean.map((mean, index) => Math.abs(mean - (clean.contactsMean[index] ?? 0)))) /
      clean.dayMean
    expect(distance(marked)).toBeLessThan(0.01)
    expect(distance(unmarked)).toBeGreaterThan(2 * distance(marked))
    expect(marked.inputs?.oneOffMarks).toBe(1)
  })
})

describe('special days', () => {
  const entry = (body: Partial<SpecialDaySetting>) => ({
    id: 'one',
    version: 1,
    body: {
      name: 'Sale',
      day: TOMORROW,
      kind: 'event' as const,
      treatAsWeekday: null,
      impactRatio: 1.5,
      lagDays: 0,
      lengthDays: 1,
      queueIds: [],
      ...body,
    },
  })
  /** French public holidays of 2026 on weekdays, quiet in this past. */
  const holidays = ['2026-05-08', '2026-05-14', '2026-05-25', '2026-07-14', '2026-11-11']
  const quietHolidays: Volume = (day, slot) => usual(day, slot) * (holidays.includes(day) ? 0.1 : 1)
  const dayMeans = async (entries: readonly ReturnType<typeof entry>[], region = '') => {
    const world = forecastWorld({
      nowIso: MORNING,
      totals: pastOf('q', TODAY, 200, quietHolidays),
      settings: {
        site: () => ({
          name: 'S',
          zone: ZONE,
          currency: 'EUR',
          costPerAgentHour: 1,
          shrinkageRatio: 0.3,
          holidayRegion: region,
        }),
        specialDayEntries: () => entries,
      },
    })
    await world.forecasts.run('q', TODAY, 44, 'vigie')
    const span = { queueId: 'q', fromDay: TODAY, toDay: '2026-12-31' }
    return new Map((await world.effective.ofSpan(span)).map((day) => [day.day, day]))
  }

  it('raise the days on which they act, after their lag, for their length, and are named as inputs', async () => {
    const plain = await dayMeans([])
    const event = await dayMeans([entry({ lagDays: 1, lengthDays: 2, day: '2026-11-22' })])
    const ratio = (day: string) => (event.get(day)?.dayMean ?? 0) / (plain.get(day)?.dayMean ?? 1)
    expect(ratio('2026-11-20')).toBeCloseTo(1, 6)
    expect(ratio('2026-11-23')).toBeCloseTo(1.5, 3)
    expect(ratio('2026-11-24')).toBeCloseTo(1.5, 3)
    expect(ratio('2026-11-25')).toBeCloseTo(1, 6)
    expect(event.get('2026-11-23')?.inputs?.specialDays).toContainEqual({
      day: '2026-11-22',
      kind: 'event',
      name: 'Sale',
    })
  })

  it('close a day, and turn a holiday of the calendar into an ordinary day', async () => {
    const closed = await dayMeans([entry({ kind: 'closed', impactRatio: null })])
    expect(closed.get(TOMORROW)?.dayMean).toBe(0)
    const holiday = await dayMeans([], 'FR')
    const ordinary = await dayMeans(
      [entry({ kind: 'normal', impactRatio: null, day: '2026-12-25', name: 'Open at Christmas' })],
      'FR',
    )
    const without = await dayMeans([])
    const christmas = (days: typeof holiday) => days.get('2026-12-25')?.dayMean ?? Number.NaN
    expect(christmas(holiday)).toBeLessThan(christmas(without) * 0.85)
    expect(christmas(ordinary)).toBeGreaterThan(christmas(without) * 0.9)
  })

  it('list the calendar of the region with what was entered in its place', () => {
    const world = forecastWorld({
      nowIso: MORNING,
      totals: [...pastOf('q', TODAY, 10), ...pastOf('other', TODAY, 10)],
      settings: {
        site: () => ({
          name: 'S',
          zone: ZONE,
          currency: 'EUR',
          costPerAgentHour: 1,
          shrinkageRatio: 0.3,
          holidayRegion: 'FR',
        }),
        specialDayEntries: () => [
          entry({ kind: 'normal', day: '2026-12-25', impactRatio: null, queueIds: ['other'] }),
          entry({ day: '2026-12-28' }),
        ],
      },
    })
    const list = (queueId: string | null) =>
      world.service
        .specialDays(queueId, '2026-12-01', '2027-01-01')
        ?.map(({ day, kind, origin }) => [day, kind, origin])
    expect(list('q')).toEqual([
      ['2026-12-24', 'eve', 'calendar'],
      ['2026-12-25', 'holiday', 'calendar'],
      ['2026-12-28', 'event', 'setting'],
      ['2026-12-31', 'eve', 'calendar'],
      ['2027-01-01', 'holiday', 'calendar'],
    ])
    expect(world.service.specialDays('q', '2026-12-31', '2026-12-31')).toMatchObject([{ kind: 'eve' }])
    // An ordinary day has no eve, for the queue for which it is ordinary.
    expect(list('other')?.slice(0, 2)).toEqual([
      ['2026-12-25', 'normal', 'both'],
      ['2026-12-28', 'event', 'setting'],
    ])
    expect(list(null)).toContainEqual(['2026-12-25', 'normal', 'both'])
    expect(list('nobody')).toBeUndefined()
  })
})

describe('the choice of a method', () => {
  /** Each week repeats the one before it to the contact, whose level jumps about: only the last week tells. */
  const echo: Volume = (day, slot) => {
    const fortnight = Math.floor(Date.parse(day) / 86_400_000 / 56)
    return Math.round((usual('2026-01-05', slot) + weekdayOf(day)) * (1 + ((fortnight * 37) % 5) / 2))
  }

  it('is the best of a rolling comparison, losers kept with their scores, and a pin outranks it', async () => {
    let pinned: ForecastSetting | undefined
    const world = forecastWorld({
      nowIso: MORNING,
      totals: pastOf('q', TODAY, 200, echo),
      settings: { forecastSetting: () => pinned },
    })
    expect((await world.service.views.methods('q'))?.reason).toBe('default')
    expect(world.service.startRun({}, 'Ada').kind).toBe('started')
    await world.runs.idle()
    const choice = must(await world.service.views.methods('q'))
    expect(choice.scores).toHaveLength(5)
    const best = must(choice.scores[0])
    for (const score of choice.scores) {
      expect(must(score.wape)).toBeGreaterThanOrEqual(must(best.wape))
      expect(score.poissonFloorWape).not.toBeNull()
      expect(score.coverage80).not.toBeNull()
    }
    expect(choice).toMatchObject({ reason: 'compared', origins: 8, leadDays: 7, endDay: TODAY })
    const made = must((await world.store.forecastVersions('q', TODAY)).at(-1))
    expect(made.method).toBe(choice.method)
    expect(made.inputs?.scores).toEqual(choice.scores)
    expect(made.notes.some(({ kind }) => kind === 'no-comparison')).toBe(false)

    pinned = { method: 'seasonal-naive', borrowProfileFrom: null }
    await world.forecasts.run('q', TODAY, 1, 'Ada')
    expect((await newest(world, TODAY)).method).toBe('seasonal-naive')
    expect(await world.service.views.methods('q')).toMatchObject({
      method: 'seasonal-naive',
      reason: 'pinned',
      best: choice.best,
    })
  })

  it('says what a short history cannot do', async () => {
    const world = forecastWorld({ nowIso: MORNING, totals: pastOf('q', TODAY, 12) })
    world.service.startRun({}, 'Ada')
    await world.runs.idle()
    expect(await world.service.views.methods('q')).toMatchObject({
      method: 'main',
      reason: 'default',
      scores: [],
    })
    const kinds = (await newest(world, TODAY)).notes.map(({ kind }) => kind)
    expect(kinds).toContain('no-comparison')
    expect(kinds).toContain('short-history')
  })

  it('tells of a change of level with its day and size', async () => {
    const jumpDay = addDays(TODAY, -40)
    const grown: Volume = (day, slot) => usual(day, slot) * (day >= jumpDay ? 3 : 1)
    const world = forecastWorld({ nowIso: MORNING, totals: pastOf('q', TODAY, 250, grown) })
    await world.forecasts.run('q', TODAY, 1, 'vigie')
    const forecast = await newest(world, TODAY)
    const note = must(forecast.notes.find(({ kind }) => kind === 'level-change'))
    expect(must(note.ratio)).toBeGreaterThan(2.4)
    expect(must(note.ratio)).toBeLessThan(3.6)
    expect(Math.abs(Date.parse(must(note.day)) - Date.parse(jumpDay)) / 86_400_000).toBeLessThan(8)
    expect(forecast.dayMean).toBeGreaterThan(
      2.7 * sumOf(Array.from({ length: 24 }, (_, at) => usual(TODAY, 16 + at))),
    )
  })
})

describe('a new queue', () => {
  it('borrows the shape of another, and says so', async () => {
    const evening: Volume = (_, slot) => (slot >= 32 ? 90 : 10)
    const flat: Volume = () => 30
    const totals = [...pastOf('old', TODAY, 120, evening), ...pastOf('new', TODAY, 3, flat)]
    let lender: string | null = 'old'
    const world = forecastWorld({
      nowIso: MORNING,
      totals,
      settings: {
        forecastSetting: (id) => (id === 'new' ? { method: null, borrowProfileFrom: lender } : undefined),
      },
    })
    const eveningShare = async () => {
      await world.forecasts.run('new', TODAY, 1, 'vigie')
      const day = await newest(world, TODAY, 'new')
      return { share: sumOf(day.contactsMean.slice(32)) / sumOf(day.contactsMean), day }
    }
    const borrowed = await eveningShare()
    expect(borrowed.day.notes).toContainEqual({ kind: 'borrowed-profile', queueId: 'old' })
    expect(borrowed.day.inputs?.borrowedFrom).toBe('old')
    lender = null
    const own = await eveningShare()
    expect(own.share).toBeCloseTo(1 / 3, 1)
    expect(borrowed.share).toBeGreaterThan(own.share + 0.2)
    lender = 'nobody'
    expect((await eveningShare()).day.notes).toContainEqual({
      kind: 'borrowed-profile-missing',
      queueId: 'nobody',
    })
  })
})

describe('a run over all queues', () => {
  it('tells how far it is, refuses a second one meanwhile, and passes over a queue that fails', async () => {
    let release: () => void = () => undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const world = forecastWorld({
      nowIso: MORNING,
      totals: [...pastOf('a', TODAY, 60), ...pastOf('b', TODAY, 60)],
      comparer: {
        compare: async ({ history }) => {
          await held
          if (history.counts.length > 0) throw new Error('broken')
          return { origins: 0, scores: [], pick: undefined }
        },
        close: async () => undefined,
      },
    })
    expect(world.service.startRun({ queueIds: ['nobody'] }, 'Ada')).toEqual({
      kind: 'unknown-queue',
      queueId: 'nobody',
    })
    expect(world.service.currentRun()).toEqual({ state: 'idle' })
    world.service.startRun({ days: 2 }, 'Ada')
    expect(world.service.currentRun()).toMatchObject({
      state: 'running',
      queuesTotal: 2,
      queuesDone: 0,
      author: 'Ada',
    })
    expect(world.service.startRun({}, 'Grace')).toMatchObject({ kind: 'running', run: { author: 'Ada' } })
    release()
    await world.runs.idle()
    expect(world.service.currentRun()).toMatchObject({
      state: 'failed',
      queuesDone: 2,
      currentQueueId: null,
      failedQueueIds: ['a', 'b'],
    })
    expect(world.errors).toHaveLength(2)
    world.service.startRun({ compare: false, days: 2, queueIds: ['b'] }, 'Ada')
    await world.runs.idle()
    expect(world.service.currentRun()).toMatchObject({
      state: 'done',
      forecastQueueIds: ['b'],
      failedQueueIds: [],
    })
    expect(await world.store.newestForecast('b', TOMORROW)).toBeDefined()
  })

  it('forecasts at night before it compares, and again only when the best method changes', async () => {
    const pick = { method: 'blend' as 'blend' | 'main' }
    const world = forecastWorld({
      nowIso: MORNING,
      totals: pastOf('q', TODAY, 60),
      comparer: {
        compare: async () => ({ origins: 4, scores: [], pick: pick.method }),
        close: async () => undefined,
      },
    })
    await world.runs.nightly()
    expect((await world.store.forecastVersions('q', TODAY)).map(({ method }) => method)).toEqual(['main'])
    await world.runs.idle()
    expect((await world.store.forecastVersions('q', TODAY)).map(({ method }) => method)).toEqual([
      'main',
      'blend',
    ])
    // A comparison that is not a week old stands: a restart costs none.
    pick.method = 'main'
    await world.runs.nightly()
    await world.runs.idle()
    const newestMethod = async () => (await world.store.forecastVersions('q', TODAY)).at(-1)?.method
    expect(await world.store.forecastVersions('q', TODAY)).toHaveLength(3)
    expect(await newestMethod()).toBe('blend')
    world.service.startRun({}, 'Ada')
    await world.runs.idle()
    expect(await newestMethod()).toBe('main')
  })
})
