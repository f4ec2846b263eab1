// Numbers, durations and days in both languages.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  formatChance,
  formatCount,
  formatLevel,
  formatMoney,
  formatRatio,
  formatTarget,
} from '../../../web/src/format/number.ts'
import { formatAge, formatClock, formatDay, formatDuration } from '../../../web/src/format/time.ts'

/** Intl writes spaces that do not break, narrow or not, by version of its tables. */
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ')

describe('ratios', () => {
  test('are per cent in the reader’s language, and a dash when there is none', () => {
    expect(formatRatio('en', 0.856, 1)).toBe('85.6%')
    expect(plain(formatRatio('fr', 0.856, 1))).toBe('85,6 %')
    expect(formatRatio('en', null)).toBe('–')
    expect(formatTarget('en', 0.825)).toBe('82.5%')
  })

  test('a missed promise is never rounded to a kept one', () => {
    expect(formatLevel('en', 0.796, 0.8)).toBe('79.6%')
    expect(formatLevel('en', 0.7999, 0.8)).toBe('79.9%')
    expect(formatLevel('en', 0.8, 0.8)).toBe('80%')
    expect(formatLevel('en', 0.782, 0.8)).toBe('78%')
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 99 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (target, ratio) => {
          const shown = Number(formatLevel('en', ratio, target / 100).replace('%', ''))
          expect(shown >= target).toBe(ratio >= target / 100)
          expect(Math.abs(shown - 100 * ratio)).toBeLessThanOrEqual(0.5 + 1e-9)
        },
      ),
    )
  })

  test('a chance is never 0 or 100 per cent unless it is', () => {
    expect(plain(formatChance('en', 0.001))).toBe('< 1%')
    expect(plain(formatChance('en', 0.999))).toBe('> 99%')
    expect(formatChance('en', 0)).toBe('0%')
    expect(formatChance('en', 1)).toBe('100%')
    expect(formatChance('en', null)).toBe('–')
  })
})

test('counts and money by language', () => {
  expect(formatCount('en', 4871)).toBe('4,871')
  expect(plain(formatCount('fr', 4871))).toBe('4 871')
  expect(formatCount('fr', null)).toBe('–')
  expect(plain(formatMoney('fr', 7518.4, 'EUR'))).toBe('7 518 €')
})

test('durations count up like a clock', () => {
  expect([0, 7.9, 61, 167, 3727, -4].map(formatDuration)).toEqual([
    '0:00',
    '0:07',
    '1:01',
    '2:47',
    '1:02:07',
    '0:00',
  ])
  expect(formatDuration(null)).toBe('–')
})

test('ages by size', () => {
  expect([340, 12_300, 240_000, 7_200_000, 200_000_000].map((ms) => formatAge('fr', ms))).toEqual([
    '0,3 s',
    '12 s',
    '4 min',
    '2 h',
    '2 j',
  ])
})

test('clocks are in the zone given, on both sides of a change', () => {
  expect(formatClock('fr', Date.parse('2026-03-29T00:59:59Z'), 'Europe/Paris')).toBe('01:59:59')
  expect(formatClock('fr', Date.parse('2026-03-29T01:00:00Z'), 'Europe/Paris')).toBe('03:00:00')
  expect(formatClock('en', Date.parse('2026-11-24T23:30:00Z'), 'Asia/Kolkata', false)).toBe('05:00')
})

test('days in words', () => {
  expect(formatDay('fr', '2026-11-24', 'long')).toBe('mardi 24 novembre 2026')
  expect(formatDay('en', '2026-11-24')).toBe('Tue, 24 Nov 2026')
  expect(formatDay('en', 'nonsense')).toBe('nonsense')
})
