/** Which contacts each counted figure of a report stands for. Pure. */
import type { ServiceLevelFormula } from '../../../server/domain/service-level.ts'
import type { PeriodFigures } from '../../../server/state/figures.ts'
import { ALL_CONTACTS, type ContactFilter } from './contact-query.ts'

export interface CountingSeconds {
  readonly answerThresholdSeconds: number
  readonly shortAbandonSeconds: number
}

export type CountedFigure = keyof Pick<
  PeriodFigures,
  | 'offered'
  | 'answered'
  | 'answeredWithinThreshold'
  | 'abandoned'
  | 'abandonedWithinThreshold'
  | 'shortAbandons'
  | 'flowedOut'
  | 'callbacksWithinThreshold'
  | 'lost'
  | 'waiting'
>

export function figureFilters({
  answerThresholdSeconds,
  shortAbandonSeconds,
}: CountingSeconds): Readonly<Record<CountedFigure, ContactFilter>> {
  const all = ALL_CONTACTS
  const withinSeconds = answerThresholdSeconds
  return {
    offered: all,
    answered: { ...all, outcome: 'answered' },
    answeredWithinThreshold: { ...all, outcome: 'answered', withinSeconds },
    abandoned: { ...all, outcome: 'abandoned' },
    abandonedWithinThreshold: { ...all, outcome: 'abandoned', withinSeconds },
    shortAbandons: { ...all, outcome: 'abandoned', withinSeconds: shortAbandonSeconds },
    flowedOut: { ...all, outcome: 'left' },
    callbacksWithinThreshold: { ...all, outcome: 'left', withinSeconds, leftReason: 'callback' },
    lost: { ...all, outcome: 'lost' },
    waiting: { ...all, outcome: 'waiting' },
  }
}

export function missedFilter(
  formula: ServiceLevelFormula,
  { answerThresholdSeconds, shortAbandonSeconds }: CountingSeconds,
): ContactFilter {
  return { ...ALL_CONTACTS, missedBy: { formula, answerThresholdSeconds, shortAbandonSeconds } }
}
