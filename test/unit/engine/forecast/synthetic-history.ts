// Histories made from a known rate, and what every forecast of them must be.
import { expect } from 'vitest'
import { weekdayOf } from '../../../../server/engine/forecast/calendar.ts'
import {
  forecastSeries,
  type SeriesForecast,
  type SeriesHistory,
} from '../../../../server/engine/forecast/index.ts'

export const FIRST_DAY = 19_000

/** A small generator with a seed: the same history in every run. */
export function randomSource(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state + 0.5) / 4_294_967_296
  }
}

export function poisson(mean: number, random: () => number): number {
  if (mean > 60) {
    const normal = Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random())
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal))
  }
  let count = -1
  for (let product = 1; product > Math.exp(-mean); product *= random()) count++
  return Math.max(0, count)
}

export interface Shape {
  readonly days: number
  readonly slotMinutes: number
  readonly dayTotal: (day: number) => number
  readonly seed?: number
  readonly noise?: boolean
}

/** Open 08:00–20:00, a hump at noon. */
export function openShare(minute: number): number {
  return minute < 480 || minute >= 1200 ? 0 : 1 + Math.sin(((minute - 480) / 720) * Math.PI)
}

export function trueMean(shape: Shape, day: number, slot: number): number {
  const slots = 1440 / shape.slotMinutes
  let sum = 0
  for (let s = 0; s < slots; s++) sum += openShare(s * shape.slotMinutes)
  return (shape.dayTotal(day) * openShare(slot * shape.slotMinutes)) / sum
}

export function historyOf(shape: Shape): SeriesHistory {
  const slots = 1440 / shape.slotMinutes
  const random = randomSource(shape.seed ?? 7)
  const counts = new Float64Array(shape.days * slots)
  for (let i = 0; i < counts.length; i++) {
    const mean = trueMean(shape, Math.floor(i / slots), i % slots)
    counts[i] = mean === 0 ? 0 : shape.noise === false ? mean : poisson(mean, random)
  }
  return { slotMinutes: shape.slotMinutes, firstDay: FIRST_DAY, counts }
}

export const weekly = (day: number): number =>
  [1200, 1000, 950, 940, 1100, 400, 0][weekdayOf(FIRST_DAY + day)] ?? 0

export function forecastOf(
  history: SeriesHistory,
  originIndex: number,
  days: number,
  intervalMinutes = 30,
  originMinute = 0,
): SeriesForecast {
  return forecastSeries({
    history,
    intervalMinutes,
    originDay: FIRST_DAY + originIndex,
    originMinute,
    days,
    specialDays: [],
  })
}

export function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0)
}

export function expectSound(forecast: SeriesForecast): void {
  for (const columns of [forecast.intervals, forecast.dayTotals]) {
    for (let i = 0; i < columns.mean.length; i++) {
      const row = [columns.p2_5[i], columns.p10[i], columns.p90[i], columns.p97_5[i]].map(Number)
      expect(row.every((value) => Number.isFinite(value) && value >= 0)).toBe(true)
      expect(row).toEqual([...row].sort((a, b) => a - b))
      expect(Number.isFinite(columns.mean[i]) && Number(columns.mean[i]) >= 0).toBe(true)
    }
  }
}
