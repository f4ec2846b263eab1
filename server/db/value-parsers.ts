/** How values of the database become JavaScript values, alike on both databases; keyed by PostgreSQL's type number (OID). */

const INT8 = 20
const JSON_TEXT = 114
const FLOAT8_ARRAY = 1022
const DATE = 1082
const TIMESTAMPTZ = 1184
const NUMERIC = 1700

export type ValueParser = (text: string) => unknown

export const VALUE_PARSERS: Readonly<Record<number, ValueParser>> = {
  // Counts and sequence numbers stay far below 2^53.
  [INT8]: Number,
  [NUMERIC]: Number,
  [JSON_TEXT]: (text) => text,
  [DATE]: (text) => text,
  [TIMESTAMPTZ]: parseInstant,
  [FLOAT8_ARRAY]: parseNumbers,
}

const DAYS_CACHED_MAX = 4_000
const dayStarts = new Map<string, number>()

function dayStart(day: string): number {
  const known = dayStarts.get(day)
  if (known !== undefined) return known
  if (dayStarts.size >= DAYS_CACHED_MAX) dayStarts.clear()
  const startMs = Date.parse(`${day}T00:00:00Z`)
  dayStarts.set(day, startMs)
  return startMs
}

function twoDigits(text: string, at: number): number {
  return text.charCodeAt(at) * 10 + text.charCodeAt(at + 1) - 528
}

/**
 * Epoch milliseconds of `2024-06-03 06:47:51.123+00`, or of `2024-06-03T06:47:51.123+00:00` as in JSON: ISO date style and
 * a session in UTC, which openDatabase sets. Written out by hand because a million events are read at each start:
 * Date.parse takes five times as long.
 */
export function parseInstant(text: string): number {
  const zoneAt = text.endsWith('+00:00') ? text.length - 6 : text.length - 3
  if (text.charCodeAt(4) !== 45 || text.charCodeAt(zoneAt) !== 43 || !text.endsWith('00')) {
    return Date.parse(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'))
  }
  const seconds = twoDigits(text, 11) * 3600 + twoDigits(text, 14) * 60 + twoDigits(text, 17)
  const startMs = dayStart(text.slice(0, 10)) + seconds * 1000
  if (zoneAt === 19) return startMs
  return startMs + Number(text.slice(20, zoneAt).padEnd(6, '0')) / 1000
}

function parseNumbers(text: string): readonly number[] {
  return text === '{}' ? [] : text.slice(1, -1).split(',').map(Number)
}
