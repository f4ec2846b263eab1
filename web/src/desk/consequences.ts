/**
 * What a plan does to the day, computed in the browser by the engine while it is edited: level, occupancy, abandons, cost.
 * Erlang A in steady state for each interval; hours and the day add what is met and what counts, and never average levels.
 */
import { outcomeFraction, predictInterval } from '../../../server/engine/plan/interval-outcome.ts'
import type { PlanDayBody } from '../../../server/wire/api.ts'

/** The part of a plan's day that consequences depend on. */
export type DeskDay = Pick<
  PlanDayBody,
  'intervalMinutes' | 'promise' | 'patienceSecondsMean' | 'costPerAgentHour' | 'intervals'
>

export interface Consequence {
  readonly contacts: number
  readonly met: number
  readonly counted: number
  readonly abandoned: number
  /** Agent-hours at work and agent-hours there. */
  readonly busyHours: number
  readonly agentHours: number
  readonly cost: number
}

/** Shares of an interval's contacts, 0…1. */
export interface Shares {
  readonly met: number
  readonly counted: number
  readonly abandoned: number
  readonly waiting: number
  readonly answeredWithin: number
}

/** `volumeFactor` scales the forecast: 1 is its mean. */
export function sharesOf(day: DeskDay, index: number, agents: number, volumeFactor = 1): Shares {
  const interval = day.intervals[index]
  const contacts = (interval?.contactsMean ?? 0) * volumeFactor
  if (interval === undefined || contacts <= 0 || interval.ahtSeconds <= 0)
    return { met: 0, counted: 0, abandoned: 0, waiting: 0, answeredWithin: 0 }
  const load = {
    contacts,
    intervalSeconds: day.intervalMinutes * 60,
    ahtSeconds: interval.ahtSeconds,
    patienceSecondsMean: day.patienceSecondsMean,
  }
  const outcome = predictInterval(load, agents, day.promise)
  const { abandoned, waiting, answeredWithin } = outcome
  return { ...outcomeFraction(outcome, day.promise), abandoned, waiting, answeredWithin }
}

export function consequenceOf(day: DeskDay, index: number, agents: number): Consequence {
  const contacts = day.intervals[index]?.contactsMean ?? 0
  const ahtSeconds = day.intervals[index]?.ahtSeconds ?? 0
  const shares = sharesOf(day, index, agents)
  const agentHours = (agents * day.intervalMinutes) / 60
  return {
    contacts,
    met: contacts * shares.met,
    counted: contacts * shares.counted,
    abandoned: contacts * shares.abandoned,
    busyHours: (contacts * (1 - shares.abandoned) * ahtSeconds) / 3600,
    agentHours,
    cost: agentHours * day.costPerAgentHour,
  }
}

export function sumConsequences(parts: readonly Consequence[]): Consequence {
  const sum = (of: (part: Consequence) => number) => parts.reduce((total, part) => total + of(part), 0)
  return {
    contacts: sum((part) => part.contacts),
    met: sum((part) => part.met),
    counted: sum((part) => part.counted),
    abandoned: sum((part) => part.abandoned),
    busyHours: sum((part) => part.busyHours),
    agentHours: sum((part) => part.agentHours),
    cost: sum((part) => part.cost),
  }
}

export function levelOf(part: Consequence): number | null {
  return part.counted > 0 ? part.met / part.counted : null
}

export function occupancyOf(part: Consequence): number | null {
  return part.agentHours > 0 && part.contacts > 0 ? Math.min(1, part.busyHours / part.agentHours) : null
}

export function abandonRatioOf(part: Consequence): number | null {
  return part.contacts > 0 ? part.abandoned / part.contacts : null
}
