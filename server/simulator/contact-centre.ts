/** The seeded contact centre: its settings, and any day of its life as events with the simulator's own counts beside them. */
import { assert } from '../domain/assert.ts'
import {
  DEFAULT_SITE,
  DEFAULT_SITE_ID,
  type QueueSetting,
  type SettingBodies,
  type SettingKind,
} from '../domain/settings.ts'
import { addDays, dayBounds, type SiteDay, wallClockToEpochMs, weekdayOf } from '../domain/site-calendar.ts'
import { type CentrePlan, DEFAULT_CENTRE_PLAN, type QueuePlan } from './centre-plan.ts'
import { drawArrivals } from './demand.ts'
import { type FloorQueue, playDay } from './floor.ts'
import { type Agent, agentsOf } from './people.ts'
import { randomStream } from './random.ts'
import { Recorder, type SimulatedEvent } from './recorder.ts'
import { rosterOf } from './roster.ts'
import { QueueCounter, type QueueTruth, type TruthRule } from './truth.ts'

/** One thing to set up, of any kind. */
export type SettingSeed = {
  [K in SettingKind]: { readonly kind: K; readonly id: string; readonly body: SettingBodies[K] }
}[SettingKind]

export interface SimulatedDay {
  readonly day: SiteDay
  /** In order of time. */
  readonly events: readonly SimulatedEvent[]
  readonly truth: readonly QueueTruth[]
}

/** Totals of one interval of history; the import adds the source. */
export interface SimulatedIntervalTotal {
  readonly queueId: string
  readonly startMs: number
  readonly intervalMinutes: number
  readonly contacts: number
  readonly handled: number
  readonly handleSeconds: number
}

export interface ContactCentre {
  readonly seed: number
  readonly zone: string
  readonly plan: CentrePlan
  readonly settings: readonly SettingSeed[]
  /** The same day is the same byte for byte, whichever days were simulated before. */
  simulateDay(day: SiteDay): SimulatedDay
  /** Days [from, to) as interval totals, from the same simulation. Open intervals in which nobody called are listed with 0. */
  historyTotals(fromDay: SiteDay, toDay: SiteDay): readonly SimulatedIntervalTotal[]
}

export interface ContactCentreInput {
  readonly seed: number
  readonly zone: string
  readonly plan?: CentrePlan
  /** Site day from which the promises apply. */
  readonly promisesFrom?: SiteDay
}

const INTERVAL_MINUTES = 30
const DEFAULT_PROMISE = { answerThresholdSeconds: 20, shortAbandonSeconds: 5 }

export function createContactCentre(input: ContactCentreInput): ContactCentre {
  const { seed, zone, plan = DEFAULT_CENTRE_PLAN, promisesFrom = '2000-01-01' } = input
  assertPlan(plan)
  const agents = agentsOf(plan, seed)
  const simulateDay = (day: SiteDay) => simulate({ plan, agents, seed, zone, day })
  return {
    seed,
    zone,
    plan,
    settings: settingsOf({ plan, agents, zone, promisesFrom }),
    simulateDay,
    historyTotals: (fromDay, toDay) => {
      const totals: SimulatedIntervalTotal[] = []
      for (let day = fromDay; day < toDay; day = addDays(day, 1)) {
        totals.push(...intervalTotals({ plan, zone, simulated: simulateDay(day) }))
      }
      return totals
    },
  }
}

interface DayInput {
  readonly plan: CentrePlan
  readonly agents: readonly Agent[]
  readonly seed: number
  readonly zone: string
  readonly day: SiteDay
}

function simulate({ plan, agents, seed, zone, day }: DayInput): SimulatedDay {
  const { startMs, endMs } = dayBounds(zone, day)
  const queues: readonly FloorQueue[] = plan.queues.map((queue) => ({
    plan: queue,
    open: openInstants(queue, zone, day),
    counter: new QueueCounter(truthRule(plan, queue), startMs),
  }))
  const recorder = new Recorder(seed, day)
  playDay({
    queues,
    shifts: rosterOf({ plan, agents, seed, zone, day }),
    arrivals: plan.queues.flatMap((queue) => drawArrivals(seed, queue, zone, day)),
    recorder,
    contactPrefix: `${day}-`,
    random: randomStream(seed, day, 'floor'),
  })
  const { events } = recorder
  assert(
    (events[0]?.occurredAtMs ?? startMs) >= startMs && (events.at(-1)?.occurredAtMs ?? startMs) < endMs,
    'a simulated day begins and ends within itself',
  )
  return { day, events, truth: queues.map(({ counter }) => counter.close()) }
}

function openInstants(queue: QueuePlan, zone: string, day: SiteDay): FloorQueue['open'] {
  const midnight = Date.parse(`${day}T00:00:00Z`)
  return (queue.openingHours[weekdayOf(day)] ?? []).map(([fromMinute, toMinute]) => ({
    startMs: wallClockToEpochMs(zone, midnight + fromMinute * 60_000),
    endMs: wallClockToEpochMs(zone, midnight + toMinute * 60_000),
  }))
}

function truthRule(plan: CentrePlan, queue: QueuePlan): TruthRule {
  const promise =
    plan.promises.find(({ queueIds }) => queueIds.includes(queue.id)) ??
    plan.promises.find(({ clientId, queueIds }) => clientId === queue.clientId && queueIds.length === 0) ??
    DEFAULT_PROMISE
  return {
    queueId: queue.id,
    answerThresholdMs: promise.answerThresholdSeconds * 1000,
    shortAbandonMs: promise.shortAbandonSeconds * 1000,
    intervalMs: INTERVAL_MINUTES * 60_000,
  }
}

function intervalTotals(input: {
  readonly plan: CentrePlan
  readonly zone: string
  readonly simulated: SimulatedDay
}): readonly SimulatedIntervalTotal[] {
  const { plan, zone, simulated } = input
  return plan.queues.flatMap((queue) => {
    const truth = simulated.truth.find(({ queueId }) => queueId === queue.id)
    const counted = new Map(truth?.intervals.map((interval) => [interval.startMs, interval]))
    const starts = new Set(counted.keys())
    for (const { startMs, endMs } of openInstants(queue, zone, simulated.day)) {
      for (let at = startMs; at < endMs; at += INTERVAL_MINUTES * 60_000) starts.add(at)
    }
    return [...starts]
      .sort((a, b) => a - b)
      .map((startMs) => {
        const { offered = 0, handled = 0, handleSeconds = 0 } = counted.get(startMs) ?? {}
        return {
          queueId: queue.id,
          startMs,
          intervalMinutes: INTERVAL_MINUTES,
          contacts: offered,
          handled,
          handleSeconds,
        }
      })
  })
}

interface SettingsInput {
  readonly plan: CentrePlan
  readonly agents: readonly Agent[]
  readonly zone: string
  readonly promisesFrom: SiteDay
}

function settingsOf({ plan, agents, zone, promisesFrom }: SettingsInput): readonly SettingSeed[] {
  const site = { ...DEFAULT_SITE, name: plan.siteName, zone }
  return [
    { kind: 'site', id: DEFAULT_SITE_ID, body: site },
    ...plan.clients.map(({ id, ...body }) => ({ kind: 'client', id, body }) as const),
    ...plan.queues.map(
      (queue) => ({ kind: 'queue', id: queue.id, body: queueSetting(queue, zone) }) as const,
    ),
    ...plan.promises.map(
      ({ id, ...body }) => ({ kind: 'promise', id, body: { ...body, effectiveFrom: promisesFrom } }) as const,
    ),
    ...plan.teams.map(({ id, name }) => ({ kind: 'team', id, body: { name } }) as const),
    ...agents.map(
      ({ id, name, teamId }) => ({ kind: 'agent', id, body: { name, teamId, unconfirmed: false } }) as const,
    ),
  ]
}

function queueSetting(queue: QueuePlan, zone: string): QueueSetting {
  const { name, clientId, openingHours, patienceSecondsMean } = queue
  return {
    name,
    clientId,
    zone,
    intervalMinutes: INTERVAL_MINUTES,
    openingHours,
    patienceSecondsMean,
    unconfirmed: false,
  }
}

/** Opening hours on half-hours and well before midnight keep every contact inside the day it came in. */
function assertPlan(plan: CentrePlan): void {
  for (const { id, openingHours } of plan.queues) {
    for (const [fromMinute, toMinute] of openingHours.flat()) {
      assert(fromMinute % INTERVAL_MINUTES === 0 && toMinute % INTERVAL_MINUTES === 0, `${id}: half-hours`)
      assert(
        fromMinute >= 60 && toMinute <= 22 * 60,
        `${id}: a simulated queue opens after 1:00, closes by 22:00`,
      )
    }
  }
}
