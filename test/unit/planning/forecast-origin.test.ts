/** Where a forecast's knowledge ends: nothing at or after the origin acts on it, and days that are missing right before it do. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addDays, dayStartMs, weekdayOf } from '../../../server/domain/site-calendar.ts'
import type { IntervalTotal } from '../../../server/ledger/ledger.ts'
import type { ForecastDay } from '../../../server/planning/planning-store.ts'
import { forecastWorld, pastOf, usual, type Volume, wobble, ZONE } from './forecast-support.ts'

/** A Monday: the two days before it have no rows. */
const TODAY = '2026-03-02'
const NOON = '2026-03-02T11:00:00Z'
const KNOWN = 24
const START_MS = dayStartMs(ZONE, TODAY)

type Columns = Omit<ForecastDay, 'version' | 'createdAtMs'>
const figures = (days: readonly ForecastDay[]): readonly Columns[] =>
  days.map(({ version, createdAtMs, ...columns }) => columns)

/** What noon knows of today, with anything after it. */
const runningWith = (later: readonly (number | null)[]) => async () =>
  Array.from({ length: 48 }, (_, slot) => {
    const came = slot >= 16 && slot < 40 ? Math.round(1.3 * usual(TODAY, slot)) : 0
    const contacts = slot < KNOWN ? came : (later[slot - KNOWN] ?? null)
    return { contacts, handled: contacts ?? 0, handleSeconds: 300 * (contacts ?? 0) }
  })

/** Days differ, so that a day that runs above its forecast says something of its rest. */
const shaky: Volume = (day, slot) => Math.round(usual(day, slot) * (1 + 0.6 * wobble(day, 99)))
const past = pastOf('q', TODAY, 200, shaky)

async function forecasts(totals: readonly IntervalTotal[], later: readonly (number | null)[]) {
  const world = forecastWorld({ nowIso: NOON, totals: [...totals], runningDay: runningWith(later) })
  const days = await world.forecasts.run('q', TODAY, 3, 'vigie')
  const update = await world.forecasts.runIntraday('q')
  return { days: figures(days), update: update === undefined ? undefined : figures([update]) }
}

const total = fc.record({
  minute: fc.integer({ min: 0, max: 48 * 5 - 1 }),
  contacts: fc.integer({ min: 0, max: 5000 }),
  source: fc.constantFrom('file', 'vigie:ledger'),
})

describe('the origin', () => {
  it('is not looked past: rows at or after it, and intervals that are not over, change nothing', async () => {
    const plain = await forecasts(past, [])
    expect(plain.update).toBeDefined()
    await fc.assert(
      fc.asyncProperty(
        fc.array(total, { maxLength: 60 }),
        fc.array(fc.option(fc.integer({ min: 0, max: 5000 })), { maxLength: 24 }),
        async (rows, later) => {
          const ahead = rows.map(({ minute, contacts, source }) => ({
            queueId: 'q',
            source,
            startMs: START_MS + minute * 1_800_000,
            intervalMinutes: 30,
            contacts,
            handled: contacts,
            handleSeconds: contacts * 1000,
          }))
          expect(await forecasts([...past, ...ahead], later)).toEqual(plain)
        },
      ),
      { numRuns: 12 },
    )
  })

  it('gives the same figures every time', async () => {
    expect(await forecasts(past, [])).toEqual(await forecasts(past, []))
  })
})

describe('days without rows right before today', () => {
  it('are no gap on a Monday after a weekend without work: the day is forecast again from what it brings', async () => {
    const { update, days } = await forecasts(past, [])
    expect(update?.[0]).toMatchObject({ intraday: true, originMs: START_MS + KNOWN * 1_800_000 })
    const rest = (columns: Columns | undefined) =>
      columns?.contactsMean.slice(KNOWN).reduce((sum, mean) => sum + mean, 0) ?? 0
    const truth = Array.from({ length: 16 }, (_, at) => 1.3 * usual(TODAY, KNOWN + at))
    const came = truth.reduce((sum, count) => sum + count, 0)
    const before = Math.abs(rest(days[0]) - came)
    expect(Math.abs(rest(update?.[0]) - came)).toBeLessThan(before / 2)
  })

  it('are no gap after a holiday', async () => {
    // Easter Monday 2026 is a holiday in France: Tuesday follows Friday.
    const tuesday = '2026-04-07'
    const totals = pastOf('q', '2026-04-06', 120)
    const world = forecastWorld({ nowIso: `${tuesday}T06:00:00Z`, totals })
    const [day] = await world.forecasts.run('q', tuesday, 1, 'vigie')
    expect(day?.originMs).toBe(dayStartMs(ZONE, tuesday))
    expect(day?.inputs?.historyToDay).toBe('2026-04-03')
  })

  it('are leads when something should have come: the band is that of the longer lead, and the day is still followed', async () => {
    const drifting: Volume = (day, slot) =>
      usual(day, slot) * (1 + 0.25 * Math.sin(Date.parse(day) / 86_400_000 / 5))
    const whole = pastOf('q', TODAY, 200, drifting)
    const widthOf = async (totals: readonly IntervalTotal[]) => {
      const world = forecastWorld({ nowIso: NOON, totals: [...totals], runningDay: runningWith([]) })
      const [day] = await world.forecasts.run('q', TODAY, 1, 'vigie')
      expect((await world.forecasts.runIntraday('q'))?.intraday).toBe(true)
      return ((day?.dayP90 ?? 0) - (day?.dayP10 ?? 0)) / (day?.dayMean ?? 1)
    }
    const until = (day: string) => whole.filter(({ startMs }) => startMs < dayStartMs(ZONE, day))
    const known = await widthOf(whole)
    const missed = await widthOf(until(addDays(TODAY, -14)))
    expect(missed).toBeGreaterThan(1.2 * known)
  })

  it('count from the end of the history when it ended long ago', async () => {
    const end = addDays(TODAY, -60)
    const totals = past.filter(({ startMs }) => startMs < dayStartMs(ZONE, end))
    const world = forecastWorld({ nowIso: NOON, totals, runningDay: runningWith([]) })
    const [day] = await world.forecasts.run('q', TODAY, 1, 'vigie')
    expect(day?.originMs).toBeLessThanOrEqual(dayStartMs(ZONE, end))
    expect(day?.dayMean ?? 0).toBeGreaterThan(500)
    expect(weekdayOf(TODAY)).toBe(0)
  })
})
