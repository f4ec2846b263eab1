/** Figures of a queue, client, team or the site over any span: numerators and denominators are summed, never percentages. */
import { type IntervalView, serviceLevelFraction } from '../domain/service-level.ts'
import type { PeriodFigures } from './figures.ts'
import { addTally, emptyTally, reachesBackMs, type Tally, tallyFigures, tallyPeriod } from './period-tally.ts'
import { promisedFor, type SettingsView } from './settings-view.ts'
import type { Visit } from './visit.ts'

export const FIGURE_SCOPES = ['queue', 'client', 'team', 'site'] as const
export type FigureScope = (typeof FIGURE_SCOPES)[number]

/** One queue's part of the span that lies in one day of its zone: a promise holds for whole days. */
export interface ScopePart {
  readonly queueId: string
  readonly day: string
  readonly fromMs: number
  readonly toMs: number
  /** Starts of the queue's intervals are counted from here. */
  readonly dayStartMs: number
  readonly visits: (fromMs: number, toMs: number) => readonly Visit[]
}

export interface ScopeFigures extends PeriodFigures {
  /** Each queue by its own promise, summed. */
  readonly serviceLevel: {
    readonly numerator: number
    readonly denominator: number
    readonly ratio: number | null
  }
  /** Target weighted by what counts under each promise; null where nothing was promised or nothing counts. */
  readonly target: number | null
  readonly intervalsMetRatio: number | null
}

/** Ids of the queues that a scope covers; null: there is no such thing. A team works for all queues: see `ofTeam`. */
export function queuesOfScope(
  settings: SettingsView,
  scope: FigureScope,
  id: string,
): readonly string[] | null {
  const all = settings.queueIds()
  switch (scope) {
    case 'queue':
      return all.includes(id) ? [id] : null
    case 'client':
      return settings.clients().some(({ clientId }) => clientId === id)
        ? all.filter((queueId) => settings.queue(queueId).clientId === id)
        : null
    case 'team':
    case 'site':
      return all
  }
}

/** A team's contacts are those that one of its agents answered first; who gave up before that is nobody's. */
export function ofTeam(settings: SettingsView, teamId: string): (visit: Visit) => boolean {
  return ({ handlings }) => {
    const agentId = handlings[0]?.agentId
    return agentId !== undefined && settings.agent(agentId)?.teamId === teamId
  }
}

export function scopeFigures(
  parts: Iterable<ScopePart>,
  settings: SettingsView,
  options: { readonly view: IntervalView | null; readonly counts: (visit: Visit) => boolean },
): ScopeFigures {
  const whole = emptyTally()
  const level = { numerator: 0, denominator: 0, promisedDenominator: 0, targetSum: 0, counted: 0, met: 0 }
  for (const part of parts) {
    const promised = promisedFor(settings, part.queueId, part.day)
    const view = options.view ?? promised.view
    const hasPromise = settings.promiseFor(part.queueId, part.day) !== null
    const stepMs = settings.queue(part.queueId).intervalMinutes * 60_000
    for (const tally of intervalTallies(part, { view, rules: promised, stepMs }, options.counts)) {
      addTally(whole, tally)
      const { numerator, denominator } = serviceLevelFraction(promised.formula, tally.totals)
      level.numerator += numerator
      level.denominator += denominator
      if (!hasPromise || denominator === 0) continue
      level.promisedDenominator += denominator
      level.targetSum += denominator * promised.targetRatio
      level.counted += 1
      if (numerator / denominator >= promised.targetRatio) level.met += 1
    }
  }
  const { numerator, denominator } = level
  return {
    ...tallyFigures(whole),
    serviceLevel: { numerator, denominator, ratio: denominator === 0 ? null : numerator / denominator },
    target: level.promisedDenominator === 0 ? null : level.targetSum / level.promisedDenominator,
    intervalsMetRatio: level.counted === 0 ? null : level.met / level.counted,
  }
}

/** The part by the queue's own intervals; a part that begins within one has that one cut. */
function intervalTallies(
  part: ScopePart,
  how: {
    readonly view: IntervalView
    readonly rules: Parameters<typeof tallyPeriod>[2]['rules']
    readonly stepMs: number
  },
  counts: (visit: Visit) => boolean,
): Iterable<Tally> {
  const { fromMs, toMs, dayStartMs } = part
  const bounds = { ...how, startMs: fromMs, endMs: toMs }
  const visits = part.visits(reachesBackMs(bounds), toMs).filter(counts)
  const tallies: Tally[] = []
  for (let startMs = fromMs; startMs < toMs; ) {
    const endMs = Math.min(
      toMs,
      dayStartMs + (Math.floor((startMs - dayStartMs) / how.stepMs) + 1) * how.stepMs,
    )
    const options = { ...how, startMs, endMs }
    const reachMs = reachesBackMs(options)
    const inReach = visits.filter(({ queuedAtMs }) => queuedAtMs >= reachMs && queuedAtMs < endMs)
    tallies.push(tallyPeriod(inReach, [], options).whole)
    startMs = endMs
  }
  return tallies
}
