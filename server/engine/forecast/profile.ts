// How a day's total falls on its slots, per class of day: recent shares, pooled with classes of similar shape.

import { trustHalfLifeDays } from './day-model.ts'
import type { PreparedSeries } from './prepare.ts'
import { isLongHistory } from './regression.ts'
import { CLASS_COUNT, FLAG_AFTER_CLOSURE } from './special-days.ts'
import { at, sumOf } from './vector.ts'

/** What a week's shape is still worth a week later: quick for shapes that move, slow for small queues. */
const RETENTION_CHOICES: readonly number[] = [0.9, 0.96]
const POOLING_CHOICES: readonly number[] = [1.5, 6]
const SMOOTHING_CHOICES: readonly number[] = [0, 1]
const CHOICE_WEEKS = 10

/** Shares of the day per class, as they were known at the end of earlier weeks. */
export interface ProfileBook {
  /** Shares (sum 1, or all 0 when nothing is known) of a class, from days before `knownDays`, rounded down to a week's end. */
  shares(group: number, knownDays: number): Float64Array
}

interface Snapshot {
  readonly volumes: Float64Array
  readonly exposures: Float64Array
  /** Own shares of each class, made when first asked for: every pooling starts from them. */
  readonly shapes: (Float64Array | undefined)[]
}

export interface ProfileOptions {
  /** Weight of a week against the next one. */
  readonly weeklyRetention: number
  /** Pseudo-days that the pooled shape is worth against a class's own days. */
  readonly pooledDays: number
  /** Half width, in slots, of the triangle that smooths the shape; 0 = none. */
  readonly smoothing: number
}

/** Walks through the history once, week by week up to the origin, and keeps the sums of the last `weeks` weeks. */
export function buildProfiles(
  series: PreparedSeries,
  trust: Float64Array,
  weeks: number,
  options: ProfileOptions,
  borrowed?: Float64Array,
): ProfileBook {
  const { slots, originIndex } = series
  const snapshots = weeklySums(series, trust, weeks, options.weeklyRetention)
  const cache = new Map<number, Float64Array>()
  return {
    shares(group, knownDays) {
      const back = Math.min(snapshots.length - 1, Math.max(0, Math.ceil((originIndex - knownDays) / 7)))
      const key = back * CLASS_COUNT + group
      const known = cache.get(key)
      if (known !== undefined) return known
      const snapshot = snapshots[back]
      const own =
        snapshot === undefined ? new Float64Array(slots) : classShares(snapshot, group, slots, options)
      const made = borrowed === undefined ? own : withBorrowed(own, normalise(borrowed), series.usableDays)
      cache.set(key, made)
      return made
    },
  }
}

/** Days of its own that a queue needs to weigh as much as the shape it borrowed, and those after which it needs none. */
const BORROWED_DAYS = 5
const BORROWED_UNTIL_DAYS = 56

function withBorrowed(own: Float64Array, borrowed: Float64Array, usableDays: number): Float64Array {
  if (sumOf(own) === 0) return borrowed
  if (usableDays >= BORROWED_UNTIL_DAYS) return own
  const weight = usableDays / (usableDays + BORROWED_DAYS)
  return normaliseInPlace(own.map((share, slot) => weight * share + (1 - weight) * (borrowed[slot] ?? 0)))
}

/** Decayed sums per class and slot at the end of each of the last weeks; index 0 is the origin, 1 a week before it. */
function weeklySums(
  series: PreparedSeries,
  trust: Float64Array,
  weeks: number,
  retention: number,
): Snapshot[] {
  const snapshots: Snapshot[] = []
  const { slots, originIndex } = series
  const volumes = new Float64Array(CLASS_COUNT * slots)
  const exposures = new Float64Array(CLASS_COUNT * slots)
  for (let back = Math.floor(originIndex / 7); back >= 0; back--) {
    const end = originIndex - back * 7
    for (let cell = 0; cell < volumes.length; cell++) {
      volumes[cell] = at(volumes, cell) * retention
      exposures[cell] = at(exposures, cell) * retention
    }
    for (let day = Math.max(0, end - 7); day < end; day++) addDay(series, trust, day, volumes, exposures)
    if (back <= weeks)
      snapshots[back] = { volumes: volumes.slice(), exposures: exposures.slice(), shapes: [] }
  }
  return snapshots
}

/** Closed classes teach their own shape whatever their trust; special days teach nothing. */
function addDay(
  series: PreparedSeries,
  trust: Float64Array,
  day: number,
  volumes: Float64Array,
  exposures: Float64Array,
): void {
  const total = at(series.totals, day)
  const flags = series.flags[day] ?? 0
  if (!(total > 0) || (flags & ~FLAG_AFTER_CLOSURE) !== 0) return
  const group = series.classOf[day] ?? 0
  const age = 0.5 ** ((series.originIndex - 1 - day) / trustHalfLifeDays(isLongHistory(series.originIndex)))
  const weight = series.closedClass[group] ? 1 : Math.min(1, at(trust, day) / age)
  const { slots, counts } = series
  for (let slot = 0; slot < slots; slot++) {
    const count = at(counts, day * slots + slot)
    const cell = group * slots + slot
    if (!Number.isNaN(count)) volumes[cell] = at(volumes, cell) + weight * count
    exposures[cell] = at(exposures, cell) + weight * total
  }
}

function classShares(
  snapshot: Snapshot,
  group: number,
  slots: number,
  options: ProfileOptions,
): Float64Array {
  const shape = ownShares(snapshot, group, slots)
  const ownTotal = classTotal(snapshot, group, slots)
  const own = ownTotal > 0 ? smooth(shape, options.smoothing) : shape
  const pooled = new Float64Array(slots)
  let pooledTotal = 0
  let pooledClasses = 0
  for (let other = 0; other < CLASS_COUNT; other++) {
    const total = classTotal(snapshot, other, slots)
    if (total <= 0) continue
    const shares = ownShares(snapshot, other, slots)
    if (
      ownTotal > 0 &&
      other !== group &&
      shapeDistance(own, shares) > shapeTolerance(ownTotal, total, options)
    )
      continue
    for (let slot = 0; slot < slots; slot++) pooled[slot] = at(pooled, slot) + total * at(shares, slot)
    pooledTotal += total
    pooledClasses++
  }
  if (pooledTotal <= 0) return Float64Array.from(own)
  const prior = smooth(normaliseInPlace(pooled), options.smoothing)
  if (ownTotal <= 0) return prior
  const priorWeight = (options.pooledDays * pooledTotal) / pooledClasses / effectiveDays(options)
  const mixed = new Float64Array(slots)
  for (let slot = 0; slot < slots; slot++)
    mixed[slot] = ownTotal * at(own, slot) + priorWeight * at(prior, slot)
  return normaliseInPlace(mixed)
}

/** Weight of an endless weekly history: what a mean day counts in the sums is total ÷ this. */
function effectiveDays(options: ProfileOptions): number {
  return 1 / (1 - options.weeklyRetention)
}

function ownShares(snapshot: Snapshot, group: number, slots: number): Float64Array {
  const known = snapshot.shapes[group]
  if (known !== undefined) return known
  const shares = new Float64Array(slots)
  for (let slot = 0; slot < slots; slot++) {
    const exposure = at(snapshot.exposures, group * slots + slot)
    shares[slot] = exposure > 0 ? at(snapshot.volumes, group * slots + slot) / exposure : 0
  }
  snapshot.shapes[group] = normaliseInPlace(shares)
  return shares
}

function classTotal(snapshot: Snapshot, group: number, slots: number): number {
  return sumOf(snapshot.volumes, group * slots, (group + 1) * slots)
}

/** Shapes of two classes differ by noise alone when their totals are small. */
function shapeTolerance(one: number, other: number, options: ProfileOptions): number {
  return 0.12 + 2 / Math.sqrt(Math.max(1, Math.min(one, other) / effectiveDays(options)))
}

function shapeDistance(one: Float64Array, other: Float64Array): number {
  let distance = 0
  for (let slot = 0; slot < one.length; slot++) distance += Math.abs(at(one, slot) - at(other, slot))
  return distance
}

function smooth(shares: Float64Array, halfWidth: number): Float64Array {
  if (halfWidth <= 0) return shares
  const out = new Float64Array(shares.length)
  for (let slot = 0; slot < shares.length; slot++) {
    if (at(shares, slot) === 0) continue
    let sum = 0
    let weights = 0
    for (let step = -halfWidth; step <= halfWidth; step++) {
      const other = slot + step
      if (other < 0 || other >= shares.length || at(shares, other) === 0) continue
      const weight = 1 - Math.abs(step) / (halfWidth + 1)
      sum += weight * at(shares, other)
      weights += weight
    }
    out[slot] = sum / weights
  }
  return normalise(out)
}

function normalise(shares: Float64Array): Float64Array {
  return normaliseInPlace(Float64Array.from(shares))
}

/** Makes the sum 1; all zeros stay so. */
function normaliseInPlace(shares: Float64Array): Float64Array {
  const sum = sumOf(shares)
  if (sum > 0) for (let slot = 0; slot < shares.length; slot++) shares[slot] = at(shares, slot) / sum
  return shares
}

/** Picks the memory, pooling and smoothing under which the last weeks' shapes were likeliest a week ahead. */
export function chooseProfileOptions(series: PreparedSeries, trust: Float64Array): ProfileOptions {
  let best: ProfileOptions = { weeklyRetention: 0.94, pooledDays: 3, smoothing: 0 }
  if (series.slots < 2 || series.originIndex < (CHOICE_WEEKS + 4) * 7) return best
  const sums = RETENTION_CHOICES.map((retention) => weeklySums(series, trust, CHOICE_WEEKS, retention))
  let bestScore = Number.NEGATIVE_INFINITY
  const consider = (options: ProfileOptions): void => {
    const score = scoreOptions(
      series,
      sums[RETENTION_CHOICES.indexOf(options.weeklyRetention)] ?? [],
      options,
    )
    if (score <= bestScore) return
    bestScore = score
    best = options
  }
  // One choice after the other: their interplay is small, all combinations would cost twice as much.
  const [quick = 0.9, slow = 0.96] = RETENTION_CHOICES
  const [own = 1.5, shared = 6] = POOLING_CHOICES
  const [plain = 0, smoothed = 1] = SMOOTHING_CHOICES
  consider({ weeklyRetention: quick, pooledDays: own, smoothing: plain })
  consider({ weeklyRetention: slow, pooledDays: own, smoothing: plain })
  consider({ ...best, pooledDays: shared })
  consider({ ...best, smoothing: smoothed })
  return best
}

/** Log likelihood of every other week's counts under the shares known at its start. */
function scoreOptions(series: PreparedSeries, sums: readonly Snapshot[], options: ProfileOptions): number {
  const { slots, originIndex } = series
  let score = 0
  for (let back = 1; back < sums.length; back += 2) {
    const snapshot = sums[back]
    if (snapshot === undefined) continue
    const logs: (Float64Array | undefined)[] = []
    for (let day = originIndex - back * 7; day < originIndex - back * 7 + 7; day++) {
      const group = series.classOf[day] ?? 0
      if (series.flags[day] !== 0 || series.closedClass[group] || !(at(series.totals, day) > 0)) continue
      const known =
        logs[group] ?? classShares(snapshot, group, slots, options).map((share) => Math.log(share + 1e-5))
      logs[group] = known
      for (let slot = 0; slot < slots; slot++) {
        const count = at(series.counts, day * slots + slot)
        if (count > 0) score += count * at(known, slot)
      }
    }
  }
  return score
}
