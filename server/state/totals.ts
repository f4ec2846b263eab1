/**
 * Sums over visits and the figures made of them. The one function behind board, API, report and CSV. Sums are whole
 * milliseconds and counts: adding and taking away in any order gives the same to the last bit.
 */
import { assert } from '../domain/assert.ts'
import { type ServiceLevelCounts, serviceLevelRatios } from '../domain/service-level.ts'
import type { QueueFigures } from './figures.ts'
import type { CountingRules } from './settings-view.ts'
import { isHandled, type Visit } from './visit.ts'

export interface Totals extends ServiceLevelCounts {
  offered: number
  answered: number
  abandoned: number
  flowedOut: number
  lost: number
  waiting: number
  answeredWithinThreshold: number
  abandonedWithinThreshold: number
  shortAbandons: number
  callbacksWithinThreshold: number
  waitAnsweredMs: number
  /** Over every wait that has ended with a known length: answered, abandoned, flowed out. */
  waitAllMs: number
  waitsEnded: number
  /** Over contacts whose handling has ended. */
  talkMs: number
  handleMs: number
  handled: number
  transfers: number
  /** Over all ended waits; -1 for none. Not to be had by taking away: see `addVisit`. */
  waitMsMax: number
}

export function emptyTotals(): Totals {
  return {
    offered: 0,
    answered: 0,
    abandoned: 0,
    flowedOut: 0,
    lost: 0,
    waiting: 0,
    answeredWithinThreshold: 0,
    abandonedWithinThreshold: 0,
    shortAbandons: 0,
    callbacksWithinThreshold: 0,
    waitAnsweredMs: 0,
    waitAllMs: 0,
    waitsEnded: 0,
    talkMs: 0,
    handleMs: 0,
    handled: 0,
    transfers: 0,
    waitMsMax: -1,
  }
}

/**
 * Adds a visit (sign 1) or takes it away (sign -1). Taking away the longest wait leaves `waitMsMax` to be found again by
 * whoever holds the visits: the answer is true then.
 */
export function addVisit(totals: Totals, visit: Visit, rules: CountingRules, sign: 1 | -1): boolean {
  if (isHandled(visit)) addHandling(totals, visit, sign)
  return addContact(totals, visit, rules, sign)
}

/** What is counted of a visit by itself, without the work on it; answers as `addVisit` does. */
export function addContact(totals: Totals, visit: Visit, rules: CountingRules, sign: 1 | -1): boolean {
  totals.offered += sign
  totals.transfers += sign * visit.transfers
  const waitMs = visit.waitMs
  switch (visit.outcome) {
    case 'waiting':
      totals.waiting += sign
      return false
    case 'lost':
      totals.lost += sign
      return false
    case 'answered':
      addAnswered(totals, visit, rules, sign)
      break
    case 'abandoned':
      totals.abandoned += sign
      if (within(waitMs, rules.answerThresholdSeconds)) totals.abandonedWithinThreshold += sign
      if (within(waitMs, rules.shortAbandonSeconds)) totals.shortAbandons += sign
      break
    case 'left':
      totals.flowedOut += sign
      if (visit.leftReason === 'callback' && within(waitMs, rules.answerThresholdSeconds)) {
        totals.callbacksWithinThreshold += sign
      }
      break
  }
  if (waitMs === null) return false
  totals.waitAllMs += sign * waitMs
  totals.waitsEnded += sign
  if (sign === 1) {
    if (waitMs > totals.waitMsMax) totals.waitMsMax = waitMs
    return false
  }
  return waitMs === totals.waitMsMax
}

function addAnswered(totals: Totals, visit: Visit, rules: CountingRules, sign: 1 | -1): void {
  totals.answered += sign
  totals.waitAnsweredMs += sign * (visit.waitMs ?? 0)
  if (within(visit.waitMs, rules.answerThresholdSeconds)) totals.answeredWithinThreshold += sign
}

function addHandling(totals: Totals, visit: Visit, sign: 1 | -1): void {
  totals.handled += sign
  for (const { talkMs, holdMs, acwMs } of visit.handlings) {
    totals.talkMs += sign * (talkMs ?? 0)
    totals.handleMs += sign * ((talkMs ?? 0) + holdMs + acwMs)
  }
}

/** "Within" means at or below, as every contract writes it. */
function within(waitMs: number | null, seconds: number): boolean {
  return waitMs !== null && waitMs <= seconds * 1000
}

/** Adds the sums of another period or queue: ratios come of summed numerators and denominators, never of ratios. */
export function addTotals(into: Totals, other: Totals): void {
  into.offered += other.offered
  into.answered += other.answered
  into.abandoned += other.abandoned
  into.flowedOut += other.flowedOut
  into.lost += other.lost
  into.waiting += other.waiting
  into.answeredWithinThreshold += other.answeredWithinThreshold
  into.abandonedWithinThreshold += other.abandonedWithinThreshold
  into.shortAbandons += other.shortAbandons
  into.callbacksWithinThreshold += other.callbacksWithinThreshold
  into.waitAnsweredMs += other.waitAnsweredMs
  into.waitAllMs += other.waitAllMs
  into.waitsEnded += other.waitsEnded
  into.talkMs += other.talkMs
  into.handleMs += other.handleMs
  into.handled += other.handled
  into.transfers += other.transfers
  into.waitMsMax = Math.max(into.waitMsMax, other.waitMsMax)
}

/** Conservation: every contact that was offered is in exactly one place. */
function assertConserved(totals: Totals): void {
  const { offered, answered, abandoned, flowedOut, lost, waiting } = totals
  assert(
    offered === answered + abandoned + flowedOut + lost + waiting,
    `offered ${offered} = answered ${answered} + abandoned ${abandoned} + flowed out ${flowedOut} + lost ${lost} + waiting ${waiting}`,
  )
}

export function toFigures(totals: Totals): QueueFigures {
  assertConserved(totals)
  return {
    offered: totals.offered,
    answered: totals.answered,
    abandoned: totals.abandoned,
    flowedOut: totals.flowedOut,
    lost: totals.lost,
    waiting: totals.waiting,
    answeredWithinThreshold: totals.answeredWithinThreshold,
    abandonedWithinThreshold: totals.abandonedWithinThreshold,
    shortAbandons: totals.shortAbandons,
    callbacksWithinThreshold: totals.callbacksWithinThreshold,
    serviceLevelRatios: serviceLevelRatios(totals),
    asaSeconds: meanSeconds(totals.waitAnsweredMs, totals.answered),
    asaAllSeconds: meanSeconds(totals.waitAllMs, totals.waitsEnded),
    waitSecondsMax: totals.waitMsMax < 0 ? null : totals.waitMsMax / 1000,
    handled: totals.handled,
    talkSecondsMean: meanSeconds(totals.talkMs, totals.handled),
    ahtSeconds: meanSeconds(totals.handleMs, totals.handled),
    transfers: totals.transfers,
  }
}

function meanSeconds(sumMs: number, count: number): number | null {
  return count === 0 ? null : sumMs / count / 1000
}
