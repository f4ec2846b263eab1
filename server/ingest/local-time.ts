/** Times as files write them: wall-clock labels of a zone, with or without offset, or epoch seconds. */
import { wallClockToEpochMs, zoneOffsetMs } from '../domain/site-calendar.ts'
import { parseInstant } from './validate.ts'

const LOCAL = /^(\d{4})[-/](\d{2})[-/](\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?$/
const WHOLE_HOURS = /([+-]\d{2})$/
const EPOCH = /^\d{9,11}(?:\.\d{1,9})?$/
const HOUR_MS = 3_600_000

/** The wall-clock label as if it were UTC; NaN when it is none. */
export function parseWallClock(text: string): number {
  const match = LOCAL.exec(text)
  if (match === null) return Number.NaN
  const [, year, month, day, hour, minute, second, fraction] = match
  const ms = fraction === undefined ? 0 : Math.floor(Number(`0.${fraction}`) * 1000 + 1e-6)
  const wall = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second ?? 0),
    ms,
  )
  // 30 February and 25:00 roll over: the label must come back as it went in.
  const back = new Date(wall).toISOString()
  return back.slice(0, 16) === `${year}-${month}-${day}T${hour}:${minute}` && Number(second ?? 0) < 60
    ? wall
    : Number.NaN
}

/**
 * Reads times of one file in its order. Of the hour that a clock change repeats the label alone does not say which one is
 * meant; the rows before it do: a label that would go back by half an hour or more is of the second one.
 */
export class LocalTimes {
  readonly #zone: string
  #previousMs = Number.NEGATIVE_INFINITY

  constructor(zone: string) {
    this.#zone = zone
  }

  /** Epoch ms, NaN when the text is no time. */
  parse(text: string): number {
    const atMs = this.#parse(text.trim())
    if (!Number.isNaN(atMs)) this.#previousMs = atMs
    return atMs
  }

  #parse(text: string): number {
    if (EPOCH.test(text)) return Math.round(Number(text) * 1000)
    const wall = parseWallClock(text)
    // PostgreSQL writes whole hours of an offset alone.
    if (Number.isNaN(wall)) return parseInstant(text.replace(WHOLE_HOURS, '$1:00'))
    const first = wallClockToEpochMs(this.#zone, wall)
    if (first > this.#previousMs - HOUR_MS / 2) return first
    const laterOffset = zoneOffsetMs(this.#zone, first + 3 * HOUR_MS)
    const second = wall - laterOffset
    const repeated = second > first && zoneOffsetMs(this.#zone, second) === laterOffset
    return repeated && this.#previousMs - first < 2 * HOUR_MS ? second : first
  }
}
