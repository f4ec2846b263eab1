/** Days and intervals of a site: wall-clock labels in an IANA zone to UTC instants and back, exact on days that change clocks. */

const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000

/** A calendar day as `YYYY-MM-DD`. */
export type SiteDay = string

interface ZoneTable {
  readonly format: Intl.DateTimeFormat
  /** Offset by UTC hour: zones change at whole hours or half hours, so an hour that changes inside is not cached. */
  readonly offsetByHour: Map<number, number>
}
const ZONES_MAX = 200
const HOURS_CACHED_MAX = 200_000
const zones = new Map<string, ZoneTable>()

export function isZone(zone: string): boolean {
  try {
    zoneTable(zone)
    return true
  } catch {
    return false
  }
}

function zoneTable(zone: string): ZoneTable {
  const known = zones.get(zone)
  if (known !== undefined) return known
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  if (zones.size >= ZONES_MAX) zones.clear()
  const table = { format, offsetByHour: new Map<number, number>() }
  zones.set(zone, table)
  return table
}

function computeOffsetMs(format: Intl.DateTimeFormat, epochMs: number): number {
  const second = Math.floor(epochMs / 1000) * 1000
  const part: Record<string, string> = {}
  for (const { type, value } of format.formatToParts(second)) part[type] = value
  const year = part.era === 'BC' ? 1 - Number(part.year) : Number(part.year)
  const local = Date.UTC(
    year,
    Number(part.month) - 1,
    Number(part.day),
    Number(part.hour),
    Number(part.minute),
    Number(part.second),
  )
  return local - second
}

/** Local time minus UTC at an instant, in milliseconds. */
export function zoneOffsetMs(zone: string, epochMs: number): number {
  const table = zoneTable(zone)
  const hour = Math.floor(epochMs / HOUR_MS)
  const cached = table.offsetByHour.get(hour)
  if (cached !== undefined) return cached
  const atStart = computeOffsetMs(table.format, hour * HOUR_MS)
  const atEnd = computeOffsetMs(table.format, (hour + 1) * HOUR_MS - 1000)
  if (atStart !== atEnd) return computeOffsetMs(table.format, epochMs)
  if (table.offsetByHour.size >= HOURS_CACHED_MAX) table.offsetByHour.clear()
  table.offsetByHour.set(hour, atStart)
  return atStart
}

/**
 * Instant of a wall-clock time given as if it were UTC. A skipped hour maps to the instant after the change, a repeated
 * hour to its first occurrence.
 */
export function wallClockToEpochMs(zone: string, wallClockMs: number): number {
  const before = zoneOffsetMs(zone, wallClockMs - DAY_MS)
  const after = zoneOffsetMs(zone, wallClockMs + DAY_MS)
  for (const offset of [before, after]) {
    const candidate = wallClockMs - offset
    if (zoneOffsetMs(zone, candidate) === offset) return candidate
  }
  // In the gap: count on with the offset that was in force before it.
  return wallClockMs - before
}

/** Epoch milliseconds of the wall-clock label, as if it were UTC. */
export function epochMsToWallClock(zone: string, epochMs: number): number {
  return epochMs + zoneOffsetMs(zone, epochMs)
}

export function siteDayOf(zone: string, epochMs: number): SiteDay {
  return new Date(epochMsToWallClock(zone, epochMs)).toISOString().slice(0, 10)
}

export function isSiteDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const ms = Date.parse(`${text}T00:00:00Z`)
  return Number.isFinite(ms) && new Date(ms).toISOString().slice(0, 10) === text
}

export function addDays(day: SiteDay, days: number): SiteDay {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10)
}

/** 0 = Monday … 6 = Sunday. */
export function weekdayOf(day: SiteDay): number {
  return (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7
}

/** First instant of the day in the zone. */
export function dayStartMs(zone: string, day: SiteDay): number {
  return wallClockToEpochMs(zone, Date.parse(`${day}T00:00:00Z`))
}

/** Half-open [start, end) instants of a site day: 23, 24 or 25 hours. */
export function dayBounds(zone: string, day: SiteDay): { readonly startMs: number; readonly endMs: number } {
  return { startMs: dayStartMs(zone, day), endMs: dayStartMs(zone, addDays(day, 1)) }
}

/**
 * Starts of the day's intervals. They are cut from the day's first instant in steps of the interval, so a day has
 * 92, 96 or 100 quarter-hours and an interval never changes length.
 */
export function intervalStarts(zone: string, day: SiteDay, intervalMinutes: number): readonly number[] {
  const { startMs, endMs } = dayBounds(zone, day)
  const starts: number[] = []
  for (let at = startMs; at < endMs; at += intervalMinutes * 60_000) starts.push(at)
  return starts
}

/** Start of the interval that holds the instant. */
export function intervalStartOf(zone: string, epochMs: number, intervalMinutes: number): number {
  const dayStart = dayStartMs(zone, siteDayOf(zone, epochMs))
  const stepMs = intervalMinutes * 60_000
  return dayStart + Math.floor((epochMs - dayStart) / stepMs) * stepMs
}

/** ISO 8601 with the zone's offset, to the second (`2018-03-05T09:30:00+01:00`). */
export function formatWithOffset(zone: string, epochMs: number): string {
  const offsetMinutes = Math.round(zoneOffsetMs(zone, epochMs) / 60_000)
  const sign = offsetMinutes < 0 ? '-' : '+'
  const hours = String(Math.floor(Math.abs(offsetMinutes) / 60)).padStart(2, '0')
  const minutes = String(Math.abs(offsetMinutes) % 60).padStart(2, '0')
  return `${new Date(epochMsToWallClock(zone, epochMs)).toISOString().slice(0, 19)}${sign}${hours}:${minutes}`
}
