// Handling time: a day level that moves slowly times a shape over the day, everything weighted by contacts.

import type { PreparedSeries, SeriesHistory } from './prepare.ts'
import { add, at } from './vector.ts'

/** Slots are shrunk to the day's mean as if it had this many more contacts. */
const SHRINKAGE_CONTACTS = 75
const SHAPE_HALF_LIFE_DAYS = 21
const LEVEL_SMOOTHING = 0.2
const MEMORY_DAYS = 182
/** One slot's mean above this many times the overall mean is a forgotten telephone, not work. */
const OUTLIER_RATIO = 8
/** Squared coefficient of variation of single handling times where the history cannot tell: lognormal service. */
const SERVICE_VARIATION_DEFAULT = 1.75

/** Handled contacts and their seconds, on the history's grid. */
export interface HandledSlots {
  readonly handleSeconds: Float64Array
  readonly handled: Float64Array
}

export interface AhtModel {
  /** Mean handling seconds of a slot of the day, before anything of the running day is known; NaN = none known. */
  slotSeconds(slot: number): number
  /** Factor of the running day, shrunk by how many contacts tell it. */
  runningFactor(running: HandledSlots, knownSlots: number): number
  /** Standard deviation of the mean of `contacts` handling times around `seconds`. */
  meanSd(seconds: number, contacts: number): number
}

/** Learns level, shape and spread from the days before the origin. */
export function fitAht(history: SeriesHistory, series: PreparedSeries): AhtModel {
  const data = knownSlots(history, series)
  const overall = overallMean(data)
  if (data === undefined || Number.isNaN(overall)) return UNKNOWN_AHT
  const shape = fitShape(data, series.slots, overall)
  const { level, dayVariance } = fitLevel(data, series.slots, shape, overall)
  const serviceVariation = fitServiceVariation(data, series.slots, shape, overall, dayVariance)
  return {
    slotSeconds: (slot) => level * at(shape, slot),
    meanSd: (seconds, contacts) =>
      seconds * Math.sqrt(serviceVariation / Math.max(0.5, contacts) + dayVariance),
    runningFactor(running, slots) {
      let seconds = 0
      let contacts = 0
      let expected = 0
      for (let slot = 0; slot < slots; slot++) {
        const handled = running.handled[slot] ?? Number.NaN
        const sum = running.handleSeconds[slot] ?? Number.NaN
        if (!(handled > 0) || !(sum >= 0) || sum > OUTLIER_RATIO * overall * handled) continue
        seconds += sum
        contacts += handled
        expected += handled * level * at(shape, slot)
      }
      if (!(expected > 0)) return 1
      const trust = contacts / (contacts + serviceVariation / Math.max(dayVariance, 1e-4))
      return 1 + trust * (seconds / expected - 1)
    },
  }
}

const UNKNOWN_AHT: AhtModel = {
  slotSeconds: () => Number.NaN,
  runningFactor: () => 1,
  meanSd: () => Number.NaN,
}

interface AhtData {
  readonly days: number
  readonly seconds: Float64Array
  readonly handled: Float64Array
}

function knownSlots(history: SeriesHistory, series: PreparedSeries): AhtData | undefined {
  const { handleSeconds } = history
  if (handleSeconds === undefined) return undefined
  const handledColumn = history.handled ?? history.counts
  const days = Math.min(MEMORY_DAYS, series.originIndex)
  const from = (series.firstDay + series.originIndex - days - history.firstDay) * series.slots
  const seconds = new Float64Array(days * series.slots)
  const handled = new Float64Array(days * series.slots)
  for (let i = 0; i < seconds.length; i++) {
    const sum = handleSeconds[from + i] ?? Number.NaN
    const contacts = handledColumn[from + i] ?? Number.NaN
    if (!(sum >= 0) || !(contacts > 0)) continue
    seconds[i] = sum
    handled[i] = contacts
  }
  return { days, seconds, handled }
}

function overallMean(data: AhtData | undefined): number {
  if (data === undefined) return Number.NaN
  const mean = weightedMean(data, Number.POSITIVE_INFINITY)
  return weightedMean(data, OUTLIER_RATIO * mean)
}

function weightedMean(data: AhtData, secondsMax: number): number {
  let seconds = 0
  let contacts = 0
  for (let i = 0; i < data.seconds.length; i++) {
    const handled = at(data.handled, i)
    if (!(handled > 0) || at(data.seconds, i) > secondsMax * handled) continue
    seconds += at(data.seconds, i)
    contacts += handled
  }
  return contacts > 0 ? seconds / contacts : Number.NaN
}

/** Slot mean ÷ overall mean, recent days first, shrunk to 1 where a slot has few contacts. */
function fitShape(data: AhtData, slots: number, overall: number): Float64Array {
  const seconds = new Float64Array(slots)
  const handled = new Float64Array(slots)
  for (let i = 0; i < data.seconds.length; i++) {
    const contacts = at(data.handled, i)
    if (!(contacts > 0) || at(data.seconds, i) > OUTLIER_RATIO * overall * contacts) continue
    const weight = 0.5 ** ((data.days - 1 - Math.floor(i / slots)) / SHAPE_HALF_LIFE_DAYS)
    add(seconds, i % slots, weight * at(data.seconds, i))
    add(handled, i % slots, weight * contacts)
  }
  const all = handled.reduce((sum, value) => sum + value, 0)
  const mean = all > 0 ? seconds.reduce((sum, value) => sum + value, 0) / all : overall
  return seconds.map(
    (sum, slot) => (sum + SHRINKAGE_CONTACTS * mean) / (at(handled, slot) + SHRINKAGE_CONTACTS) / mean,
  )
}

/** Exponential smoothing of the day's ln level; days with few contacts move it little. */
function fitLevel(
  data: AhtData,
  slots: number,
  shape: Float64Array,
  overall: number,
): { level: number; dayVariance: number } {
  let level = Number.NaN
  let squares = 0
  let weights = 0
  const usual = data.handled.reduce((sum, value) => sum + value, 0) / Math.max(1, data.days)
  for (let day = 0; day < data.days; day++) {
    const { ratio, contacts } = dayRatio(data, day, slots, shape, overall)
    if (!(contacts > 0) || !(ratio > 0)) continue
    if (Number.isNaN(level)) level = Math.log(ratio)
    const error = Math.max(-0.5, Math.min(0.5, Math.log(ratio) - level))
    const weight = Math.min(1, contacts / usual)
    squares += weight * error * error - (SERVICE_VARIATION_DEFAULT * weight) / contacts
    weights += weight
    level += LEVEL_SMOOTHING * weight * error
  }
  const dayVariance = weights > 3 ? Math.max(0.0004, squares / weights) : 0.01
  return { level: overall * Math.exp(Number.isNaN(level) ? 0 : level), dayVariance }
}

function dayRatio(
  data: AhtData,
  day: number,
  slots: number,
  shape: Float64Array,
  overall: number,
): { ratio: number; contacts: number } {
  let seconds = 0
  let expected = 0
  let contacts = 0
  for (let slot = 0; slot < slots; slot++) {
    const handled = at(data.handled, day * slots + slot)
    if (!(handled > 0) || at(data.seconds, day * slots + slot) > OUTLIER_RATIO * overall * handled) continue
    seconds += at(data.seconds, day * slots + slot)
    expected += handled * overall * at(shape, slot)
    contacts += handled
  }
  return { ratio: expected > 0 ? seconds / expected : Number.NaN, contacts }
}

/** Contacts times the squared relative error of slot means, less what the day factor explains. */
function fitServiceVariation(
  data: AhtData,
  slots: number,
  shape: Float64Array,
  overall: number,
  dayVariance: number,
): number {
  let sum = 0
  let count = 0
  for (let day = 0; day < data.days; day++) {
    const { ratio } = dayRatio(data, day, slots, shape, overall)
    if (!(ratio > 0)) continue
    for (let slot = 0; slot < slots; slot++) {
      const contacts = at(data.handled, day * slots + slot)
      if (!(contacts > 0)) continue
      const error = at(data.seconds, day * slots + slot) / (contacts * overall * ratio * at(shape, slot)) - 1
      sum += contacts * Math.min(error * error, OUTLIER_RATIO)
      count++
    }
  }
  return count < 50 ? SERVICE_VARIATION_DEFAULT : Math.max(0.1, Math.min(6, sum / count - dayVariance))
}
