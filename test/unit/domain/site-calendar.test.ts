/** Days and intervals against the platform's own calendar, in zones that change clocks at odd hours. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addDays,
  dayBounds,
  epochMsToWallClock,
  formatWithOffset,
  intervalStartOf,
  intervalStarts,
  isSiteDay,
  isZone,
  siteDayOf,
  wallClockToEpochMs,
  weekdayOf,
} from '../../../server/domain/site-calendar.ts'

const HOUR_MS = 3_600_000
/** Changes at midnight (São Paulo, Havana, Beirut, Cairo), by half an hour (Lord Howe), over a whole day (Apia), odd offsets (Kathmandu). */
const ZONES = [
  'UTC',
  'Europe/Paris',
  'America/Sao_Paulo',
  'America/Havana',
  'Asia/Beirut',
  'Africa/Cairo',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Asia/Kathmandu',
  'America/St_Johns',
  'Asia/Jerusalem',
]
const ZONE = fc.constantFrom(...ZONES)
const INSTANT = fc.integer({ min: Date.UTC(1999, 0, 1), max: Date.UTC(2030, 0, 1) })

function platformDay(zone: string, atMs: number): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).formatToParts(atMs)
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? ''
  return `${part('year')}-${part('month')}-${part('day')}`
}

describe('the site calendar', () => {
  it('names the day that the platform names', () => {
    fc.assert(
      fc.property(ZONE, INSTANT, (zone, atMs) => {
        expect(siteDayOf(zone, atMs)).toBe(platformDay(zone, atMs))
      }),
      { numRuns: 400 },
    )
  })

  it('bounds a day by its first instant and the next one’s', () => {
    fc.assert(
      fc.property(ZONE, INSTANT, (zone, atMs) => {
        const day = siteDayOf(zone, atMs)
        const { startMs, endMs } = dayBounds(zone, day)
        expect(startMs <= atMs && atMs < endMs).toBe(true)
        expect(platformDay(zone, startMs)).toBe(day)
        expect(platformDay(zone, startMs - 1) < day).toBe(true)
        expect(platformDay(zone, endMs) > day).toBe(true)
      }),
      { numRuns: 400 },
    )
  })

  it('finds every instant in one interval of its day', () => {
    fc.assert(
      fc.property(ZONE, INSTANT, fc.constantFrom(5, 15, 30, 60), (zone, atMs, minutes) => {
        const start = intervalStartOf(zone, atMs, minutes)
        expect(start <= atMs && atMs < start + minutes * 60_000).toBe(true)
        expect(intervalStarts(zone, siteDayOf(zone, atMs), minutes)).toContain(start)
      }),
      { numRuns: 400 },
    )
  })

  it('goes to the wall clock and back, but for the hour that repeats', () => {
    fc.assert(
      fc.property(ZONE, INSTANT, (zone, atMs) => {
        const back = wallClockToEpochMs(zone, epochMsToWallClock(zone, atMs))
        expect(
          back === atMs || (back < atMs && epochMsToWallClock(zone, back) === epochMsToWallClock(zone, atMs)),
        ).toBe(true)
      }),
      { numRuns: 400 },
    )
  })

  it.each([
    ['Europe/Paris', '2024-03-31', 23],
    ['Europe/Paris', '2024-10-27', 25],
    ['Europe/Paris', '2024-06-12', 24],
    ['America/Sao_Paulo', '2018-11-04', 23],
    ['America/Sao_Paulo', '2018-02-17', 25],
    ['Asia/Beirut', '2022-03-27', 23],
    ['Australia/Lord_Howe', '2024-04-07', 24.5],
    ['Pacific/Apia', '2011-12-30', 0],
  ])('%s has on %s %d hours', (zone, day, hours) => {
    const { startMs, endMs } = dayBounds(zone, day)
    expect((endMs - startMs) / HOUR_MS).toBe(hours)
  })

  it('maps a skipped hour past the change and a repeated one to its first', () => {
    const wall = (text: string) => wallClockToEpochMs('Europe/Paris', Date.parse(`${text}Z`))
    expect(new Date(wall('2024-03-31T02:30:00')).toISOString()).toBe('2024-03-31T01:30:00.000Z')
    expect(new Date(wall('2024-10-27T02:30:00')).toISOString()).toBe('2024-10-27T00:30:00.000Z')
  })

  it('writes offsets', () => {
    expect(formatWithOffset('Europe/Paris', Date.UTC(2018, 2, 5, 8, 30))).toBe('2018-03-05T09:30:00+01:00')
    expect(formatWithOffset('America/St_Johns', Date.UTC(2024, 6, 1))).toBe('2024-06-30T21:30:00-02:30')
  })

  it('knows days, weekdays and zones', () => {
    expect(isSiteDay('2024-02-29')).toBe(true)
    expect(isSiteDay('2023-02-29')).toBe(false)
    expect(isSiteDay('2024-2-9')).toBe(false)
    expect(addDays('2024-02-28', 2)).toBe('2024-03-01')
    expect(weekdayOf('2024-06-03')).toBe(0)
    expect(isZone('Europe/Paris')).toBe(true)
    expect(isZone('Europe/Nowhere')).toBe(false)
    expect(isZone('')).toBe(false)
  })
})
