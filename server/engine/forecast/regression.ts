// The regression of ln day totals on the calendar: its columns, its ridge, and a trend fitted along with the yearly cycle.

import { dayOfMonth, daysFromEaster } from './calendar.ts'
import type { PreparedSeries } from './prepare.ts'
import { CLASS_COUNT, FLAG_AFTER_CLOSURE, FLAG_EVE, FLAG_HOLIDAY } from './special-days.ts'
import { add, at, backwardSolve, choleskyInPlace, forwardSolve } from './vector.ts'

/** From here on years repeat, and what comes back every year can be told from a drift. */
const LONG_HISTORY_DAYS = 694
const SHORT_HISTORY_DAYS = 56
const YEAR_DAYS = 365.2425

/** Pairs of yearly waves: a year seen once may be a drift, seen twice and more it may have corners. */
const YEARLY_PAIRS = 2
const YEARLY_PAIRS_LONG = 16
const YEARLY_PENALTY = 40
/** Times the square of the wave's number: corners need more years than the great wave. */
const YEARLY_PENALTY_LONG = 0.5

/** Sharp yearly waves and positions in the month explain some of the same days. */
const MONTH_PENALTY = 4
const MONTH_PENALTY_LONG = 25

/** Holidays differ from each other more than days after a closure do. */
const SPECIAL_PENALTY = 3
const AFTER_CLOSURE_PENALTY = 0.7

/** Weeks after Easter that move with it: Easter's own holidays, and those from Ascension to Corpus Christi. */
const EASTER_WEEKS: readonly number[] = [-1, 0, 1, 5, 6, 7, 8, 9]
/** Two Easters may differ for any reason; the more were seen, the more is believed. */
const EASTER_PENALTY = 10

/** Days between the knots of the trend; half a year, so that it cannot pass for a season. */
const KNOT_DAYS = 182
const TREND_PENALTY = 10

/** Columns of every day of history and horizon; the trend's come last and stay flat after the origin. */
export interface Design {
  readonly rows: Float64Array
  readonly width: number
  /** Columns that are calendar effects; what follows is trend. */
  readonly effectWidth: number
  readonly penalties: Float64Array
  readonly hasTrend: boolean
  /** The columns of holidays and of eves. */
  readonly specialColumns: readonly [number, number]
  /** The first column of Easter's weeks and the one after the last. */
  readonly movableColumns: readonly [number, number]
}

/** Whether a history of so many days has seen its seasons come back. */
export function isLongHistory(historyDays: number): boolean {
  return historyDays > LONG_HISTORY_DAYS
}

const MONTH_POSITIONS: readonly (readonly [number, number])[] = [
  [1, 1],
  [2, 3],
  [4, 5],
  [14, 16],
  [25, 27],
  [28, 31],
]

interface DesignShape {
  readonly short: boolean
  readonly pairs: number
  readonly knots: number
  readonly easter: boolean
}

/** The calendar's columns; `seasonal` solves a sharp yearly cycle and a trend along with them. */
export function buildDesign(series: PreparedSeries, seasonal: boolean): Design {
  const { originIndex } = series
  const days = originIndex + series.horizonDays
  const short = originIndex < SHORT_HISTORY_DAYS
  const long = seasonal
  const pairs = short ? 0 : long ? YEARLY_PAIRS_LONG : YEARLY_PAIRS
  const knots = long ? Math.floor(originIndex / KNOT_DAYS) : 0
  const wave = (pair: number): number => (long ? YEARLY_PENALTY_LONG * pair * pair : YEARLY_PENALTY)
  const effects = [
    ...Array<number>(CLASS_COUNT).fill(0.5),
    ...Array<number>(short ? 0 : MONTH_POSITIONS.length).fill(long ? MONTH_PENALTY_LONG : MONTH_PENALTY),
    ...[SPECIAL_PENALTY, SPECIAL_PENALTY, AFTER_CLOSURE_PENALTY],
    ...Array.from({ length: pairs * 2 }, (_, i) => wave(1 + (i >> 1))),
    ...Array<number>(long ? EASTER_WEEKS.length : 0).fill(
      EASTER_PENALTY / Math.max(1, Math.floor(originIndex / YEAR_DAYS) - 1),
    ),
  ]
  const penalties = Float64Array.from([...effects, ...Array<number>(knots).fill(TREND_PENALTY)])
  const width = penalties.length
  const rows = new Float64Array(days * width)
  for (let day = 0; day < days; day++)
    fillRow(rows, day * width, series, day, { short, pairs, knots, easter: long })
  const special = CLASS_COUNT + (short ? 0 : MONTH_POSITIONS.length)
  return {
    rows,
    width,
    effectWidth: effects.length,
    penalties,
    hasTrend: long,
    specialColumns: [special, special + 1],
    movableColumns: [effects.length - (long ? EASTER_WEEKS.length : 0), effects.length],
  }
}

function fillRow(
  rows: Float64Array,
  from: number,
  series: PreparedSeries,
  day: number,
  shape: DesignShape,
): void {
  const flags = series.flags[day] ?? 0
  const epochDay = series.firstDay + day
  rows[from + (series.classOf[day] ?? 0)] = 1
  let column = from + CLASS_COUNT
  if (!shape.short) {
    const date = dayOfMonth(epochDay)
    for (const [first, last] of MONTH_POSITIONS) rows[column++] = date >= first && date <= last ? 1 : 0
  }
  for (const flag of [FLAG_HOLIDAY, FLAG_EVE, FLAG_AFTER_CLOSURE])
    rows[column++] = (flags & flag) !== 0 ? 1 : 0
  // Each wave is the one before it turned by the angle of the first.
  const sine = Math.sin((2 * Math.PI * epochDay) / YEAR_DAYS)
  const cosine = Math.cos((2 * Math.PI * epochDay) / YEAR_DAYS)
  let sinPair = 0
  let cosPair = 1
  for (let pair = 1; pair <= shape.pairs; pair++) {
    const turned = sine * cosPair + cosine * sinPair
    cosPair = cosine * cosPair - sine * sinPair
    sinPair = turned
    rows[column++] = sinPair
    rows[column++] = cosPair
  }
  if (shape.easter) {
    const since = daysFromEaster(epochDay)
    for (const week of EASTER_WEEKS) rows[column++] = Math.max(0, 1 - Math.abs(since - 7 * week) / 7)
  }
  for (let knot = shape.knots; knot >= 1; knot--) {
    const start = series.originIndex - knot * KNOT_DAYS
    rows[column++] = Math.min(1, Math.max(0, (day - start) / KNOT_DAYS))
  }
}

/** Sums of a weighted regression, kept from pass to pass: only days whose trust or target changed are summed again. */
export interface RidgeSums {
  readonly normal: Float64Array
  readonly right: Float64Array
  readonly trust: Float64Array
}

export function newRidgeSums(design: Design, days: number): RidgeSums {
  const { width } = design
  return {
    normal: new Float64Array(width * width),
    right: new Float64Array(width),
    trust: new Float64Array(days),
  }
}

export interface RidgeSolution {
  readonly beta: Float64Array
  /** Cholesky factor of the penalised normal equations. */
  readonly factor: Float64Array
}

/** Ridge regression of ln totals, less a level where one is given, on the columns. */
export function solveRidge(
  design: Design,
  logTotals: Float64Array,
  level: Float64Array | undefined,
  trust: Float64Array,
  sums: RidgeSums,
): RidgeSolution {
  const { width, penalties } = design
  if (level !== undefined) sums.right.fill(0)
  const active = new Int32Array(width)
  for (let day = 0; day < logTotals.length; day++) {
    const change = at(trust, day) - at(sums.trust, day)
    const used =
      change === 0 && (level === undefined || at(trust, day) === 0) ? 0 : activeColumns(design, day, active)
    if (used === 0) continue
    const target = Number.isNaN(at(logTotals, day)) ? 0 : at(logTotals, day)
    const amount = level === undefined ? change * target : at(trust, day) * (target - at(level, day))
    if (change !== 0) addOuter(design, day, active.subarray(0, used), change, sums.normal)
    for (let a = 0; a < used; a++) {
      const i = active[a] ?? 0
      add(sums.right, i, amount * at(design.rows, day * width + i))
    }
    sums.trust[day] = at(trust, day)
  }
  const factor = Float64Array.from(sums.normal)
  const beta = Float64Array.from(sums.right)
  for (let i = 0; i < width; i++) add(factor, i * width + i, at(penalties, i))
  choleskyInPlace(factor, width)
  forwardSolve(factor, width, beta)
  backwardSolve(factor, width, beta)
  return { beta, factor }
}

/** What the weeks that move with Easter have of every day of history and horizon. */
export function movableEffect(
  design: Design,
  solution: RidgeSolution | undefined,
  days: number,
): Float64Array {
  const [from, to] = design.movableColumns
  return Float64Array.from({ length: days }, (_, day) => {
    let sum = 0
    for (let column = from; column < to; column++)
      sum += at(design.rows, day * design.width + column) * (solution?.beta[column] ?? 0)
    return sum
  })
}

/** What the columns of holidays and eves say of a day. */
export function specialEffect(design: Design, solution: RidgeSolution | undefined, day: number): number {
  let sum = 0
  for (const column of design.specialColumns)
    sum += at(design.rows, day * design.width + column) * (solution?.beta[column] ?? 0)
  return sum
}

/** Part of a day's own target in its fitted value: what would have been fitted without the day follows from it. */
export function leverageOf(
  design: Design,
  solution: RidgeSolution | undefined,
  day: number,
  weight: number,
): number {
  if (solution === undefined) return 0
  const { width } = design
  const column = design.rows.slice(day * width, (day + 1) * width)
  forwardSolve(solution.factor, width, column)
  let sum = 0
  for (let i = 0; i < width; i++) sum += at(column, i) ** 2
  return Math.min(0.95, weight * sum)
}

/** Numbers of the columns that are not 0 on a day; returns how many. */
function activeColumns(design: Design, day: number, active: Int32Array): number {
  const from = day * design.width
  let used = 0
  for (let i = 0; i < design.width; i++) if (at(design.rows, from + i) !== 0) active[used++] = i
  return used
}

function addOuter(
  design: Design,
  day: number,
  active: Int32Array,
  weight: number,
  normal: Float64Array,
): void {
  const { rows, width } = design
  const from = day * width
  for (let a = 0; a < active.length; a++) {
    const i = active[a] as number
    const value = weight * (rows[from + i] as number)
    for (let b = 0; b <= a; b++) {
      const j = active[b] as number
      normal[i * width + j] = (normal[i * width + j] as number) + value * (rows[from + j] as number)
    }
  }
}

/** Writes the calendar effect of every day. */
export function applyEffect(design: Design, beta: Float64Array, effect: Float64Array): void {
  applyColumns(design, beta, 0, design.effectWidth, effect)
}

/** Writes the trend of every day of history. */
export function applyTrend(design: Design, beta: Float64Array, trend: Float64Array): void {
  applyColumns(design, beta, design.effectWidth, design.width, trend)
}

function applyColumns(design: Design, beta: Float64Array, from: number, to: number, out: Float64Array): void {
  for (let day = 0; day < out.length; day++) {
    let sum = 0
    for (let i = from; i < to; i++) sum += at(design.rows, day * design.width + i) * at(beta, i)
    out[day] = sum
  }
}
