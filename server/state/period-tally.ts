/**
 * The contacts of a period, summed: whole, and by interval in the view that is asked for. The three views are made of the
 * same visits; only where a contact or its work is counted differs.
 */
import type { IntervalView, ServiceLevelFormula } from '../domain/service-level.ts'
import { serviceLevelFraction } from '../domain/service-level.ts'
import type { PeriodFigures } from './figures.ts'
import type { CountingRules } from './settings-view.ts'
import { addContact, addTotals, addVisit, emptyTotals, type Totals, toFigures } from './totals.ts'
import { isHandled, type Visit } from './visit.ts'
import { type EndedWait, endedWait, waitFigures } from './wait-figures.ts'

export interface Tally {
  readonly totals: Totals
  /** One entry a contact whose wait has ended: percentiles are exact over contacts. */
  readonly waits: EndedWait[]
}

export interface PeriodTally {
  readonly whole: Tally
  /** Only intervals that were asked for or have something in them. */
  readonly byStart: Map<number, Tally>
}

export interface PeriodTallyOptions {
  readonly view: IntervalView
  readonly rules: CountingRules
  readonly startMs: number
  readonly endMs: number
  readonly stepMs: number
}

/** Work may go on long after the arrival: so far back a visit is looked for whose handling reaches into the period. */
const WORKED_BACK_MS = 86_400_000

/** From when on visits must have arrived to have a part in the period. */
export function reachesBackMs({ view, rules, startMs }: PeriodTallyOptions): number {
  if (view === 'event') return startMs - rules.answerThresholdSeconds * 1000
  return view === 'worked' ? startMs - WORKED_BACK_MS : startMs
}

/** When a contact counts: at its arrival, or (view `event`) when its service level was decided. */
export function countedAtMs(visit: Visit, view: IntervalView, answerThresholdSeconds: number): number {
  if (view !== 'event') return visit.queuedAtMs
  const passesMs = visit.queuedAtMs + answerThresholdSeconds * 1000
  // The source's wait outranks a difference of times, here too.
  const endMs = visit.waitMs === null ? visit.waitEndMs : visit.queuedAtMs + visit.waitMs
  return endMs === null ? passesMs : Math.max(visit.queuedAtMs, Math.min(endMs, passesMs))
}

export function emptyTally(): Tally {
  return { totals: emptyTotals(), waits: [] }
}

export function tallyFigures({ totals, waits }: Tally): PeriodFigures {
  return { ...toFigures(totals), ...waitFigures(waits) }
}

export function addTally(into: Tally, other: Tally): void {
  addTotals(into.totals, other.totals)
  for (const wait of other.waits) into.waits.push(wait)
}

/** `visits` as arrived from `reachesBackMs` on. `starts`: intervals that are there even with nothing in them. */
export function tallyPeriod(
  visits: readonly Visit[],
  starts: Iterable<number>,
  options: PeriodTallyOptions,
): PeriodTally {
  const { view, rules, startMs, endMs } = options
  const byStart = new Map<number, Tally>()
  for (const start of starts) byStart.set(start, emptyTally())
  for (const visit of visits) {
    const atMs = countedAtMs(visit, view, rules.answerThresholdSeconds)
    if (atMs >= startMs && atMs < endMs) addTo(intervalAt(byStart, atMs, options), visit, options)
    if (view === 'worked' && isHandled(visit)) addWork(byStart, visit, options)
  }
  // Each contact and each piece of work is in one interval: the whole is their sum, exact in whole milliseconds.
  const whole = emptyTally()
  for (const tally of byStart.values()) addTally(whole, tally)
  return { whole, byStart }
}

function addTo(into: Tally, visit: Visit, { view, rules }: PeriodTallyOptions): void {
  if (view === 'worked') addContact(into.totals, visit, rules, 1)
  else addVisit(into.totals, visit, rules, 1)
  if (visit.waitMs !== null) into.waits.push(endedWait(visit.waitMs, visit.outcome === 'answered'))
}

function intervalAt(
  byStart: Map<number, Tally>,
  atMs: number,
  { startMs, stepMs }: PeriodTallyOptions,
): Tally {
  const start = startMs + Math.floor((atMs - startMs) / stepMs) * stepMs
  let interval = byStart.get(start)
  if (interval === undefined) {
    interval = emptyTally()
    byStart.set(start, interval)
  }
  return interval
}

/** Lays the work on a contact over the intervals in which it was done; the contact is handled where its last part ends. */
function addWork(byStart: Map<number, Tally>, visit: Visit, options: PeriodTallyOptions): void {
  let lastEndMs = Number.NEGATIVE_INFINITY
  for (const { startMs, endMs, talkMs, holdMs, acwMs } of visit.handlings) {
    const talkEndMs = endMs ?? startMs
    lastEndMs = Math.max(lastEndMs, talkEndMs + acwMs)
    spread(byStart, options, startMs, talkEndMs, talkMs ?? 0, (totals, ms) => {
      totals.talkMs += ms
      totals.handleMs += ms
    })
    spread(byStart, options, startMs, talkEndMs, holdMs, (totals, ms) => {
      totals.handleMs += ms
    })
    spread(byStart, options, talkEndMs, talkEndMs + acwMs, acwMs, (totals, ms) => {
      totals.handleMs += ms
    })
  }
  if (lastEndMs < options.startMs || lastEndMs >= options.endMs) return
  intervalAt(byStart, lastEndMs, options).totals.handled += 1
}

/**
 * An amount over [from, to) cut at the intervals: each gets the difference of two rounded running sums, so the pieces add
 * up to the whole amount to the millisecond. What lies outside the period is left out.
 */
function spread(
  byStart: Map<number, Tally>,
  options: PeriodTallyOptions,
  fromMs: number,
  toMs: number,
  amountMs: number,
  add: (totals: Totals, ms: number) => void,
): void {
  if (amountMs === 0) return
  const { startMs, endMs, stepMs } = options
  if (toMs <= fromMs) {
    // A length without a span (the source's word alone): it was worked when it was told.
    if (fromMs < startMs || fromMs >= endMs) return
    add(intervalAt(byStart, fromMs, options).totals, amountMs)
    return
  }
  const upTo = (atMs: number) => Math.round((amountMs * (atMs - fromMs)) / (toMs - fromMs))
  let atMs = Math.max(fromMs, startMs)
  const lastMs = Math.min(toMs, endMs)
  while (atMs < lastMs) {
    const nextMs = Math.min(lastMs, startMs + (Math.floor((atMs - startMs) / stepMs) + 1) * stepMs)
    add(intervalAt(byStart, atMs, options).totals, upTo(nextMs) - upTo(atMs))
    atMs = nextMs
  }
}

/** Share of the intervals with anything to count that met the target; null where none has. */
export function intervalsMetRatio(
  tallies: Iterable<Tally>,
  formula: ServiceLevelFormula,
  targetRatio: number,
): number | null {
  let counted = 0
  let met = 0
  for (const { totals } of tallies) {
    const { numerator, denominator } = serviceLevelFraction(formula, totals)
    if (denominator === 0) continue
    counted += 1
    if (numerator / denominator >= targetRatio) met += 1
  }
  return counted === 0 ? null : met / counted
}
