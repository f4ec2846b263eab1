/** The models without a column solver, each on a share of the same grid: required numbers with all their figures. */
import { offeredLoad } from '../../engine/staffing/load.ts'
import type { ModelSettings } from '../../engine/staffing/models.ts'
import { requiredAgents } from '../../engine/staffing/requirement.ts'
import { dayOptimum } from '../../engine/staffing-ext/day-optimum.ts'
import { priorityMetrics } from '../../engine/staffing-ext/priority.ts'
import { transientMetrics } from '../../engine/staffing-ext/transient.ts'
import type { StaffingBenchGrid } from './staffing.ts'

export interface ModelMeasure {
  readonly name: string
  readonly solvesPerSecond: number
  readonly answers: Float64Array
}

interface Contender {
  readonly name: string
  /** One row in so many: the shares keep every contender at a fraction of a second. */
  readonly share: number
  readonly solve: (rows: StaffingBenchGrid, row: number) => number
}

const INTERVAL_SECONDS = 1800
const THRESHOLD_SECONDS = 20
/** Waiting places beside one line per erlang and a quarter. */
const PLACES = 30
const DAY_INTERVALS = 16

const CONTENDERS: readonly Contender[] = [
  { name: 'Erlang B, required lines', share: 50, solve: solveErlangB },
  { name: 'Erlang A, one at a time', share: 500, solve: stationary('erlang-a') },
  { name: 'Erlang X, required agents', share: 2000, solve: stationary('erlang-x') },
  { name: 'finite lines, required agents', share: 500, solve: stationary('finite-lines') },
  {
    name: 'finite lines with abandonment',
    share: 500,
    solve: stationary('finite-lines-abandonment'),
  },
  { name: 'priority, two classes', share: 50, solve: solvePriority },
  { name: `transient, days of ${DAY_INTERVALS} intervals`, share: 20_000, solve: solveTransient },
  { name: `day optimum, days of ${DAY_INTERVALS} intervals`, share: 5000, solve: solveDay },
]

export function measureOtherModels(rows: StaffingBenchGrid, rounds: number): ModelMeasure[] {
  return CONTENDERS.map(({ name, share, solve }) => {
    const answers = new Float64Array(Math.max(1, Math.floor(rows.contacts.length / share)))
    let best = 0
    for (let round = 0; round < rounds; round++) {
      const start = performance.now()
      for (let row = 0; row < answers.length; row++) answers[row] = solve(rows, row)
      best = Math.max(best, (answers.length / Math.max(1e-6, performance.now() - start)) * 1000)
    }
    return { name, solvesPerSecond: best, answers }
  })
}

function rowOf(rows: StaffingBenchGrid, row: number) {
  const contacts = rows.contacts[row] ?? 0
  const ahtSeconds = rows.ahtSeconds[row] ?? 1
  return { contacts, ahtSeconds, load: offeredLoad(contacts, INTERVAL_SECONDS, ahtSeconds) }
}

/** SL3 throughout: SL4 would let callers who are not served count for nothing. */
function stationary(model: ModelSettings['model']): Contender['solve'] {
  return (rows, row) => {
    const { ahtSeconds, load } = rowOf(rows, row)
    const settings: ModelSettings = {
      model,
      ahtSeconds,
      answerThresholdSeconds: THRESHOLD_SECONDS,
      patienceSecondsMean: rows.patienceSecondsMean[row] ?? 60,
      lines: Math.ceil(load.offeredErlangs * 1.25) + PLACES,
      redialRatio: 0.5,
    }
    const serviceLevelRatioMin = rows.serviceLevelRatioMin[row] ?? 0.8
    return requiredAgents(settings, load, { serviceLevelRatioMin, serviceLevelFormula: 'SL3' }).agents ?? -1
  }
}

function solveErlangB(rows: StaffingBenchGrid, row: number): number {
  const blockingRatioMax = 1 - (rows.serviceLevelRatioMin[row] ?? 0.8)
  return requiredAgents({ model: 'erlang-b' }, rowOf(rows, row).load, { blockingRatioMax }).agents ?? -1
}

/** Answers in thousandths of a second. */
function solvePriority(rows: StaffingBenchGrid, row: number): number {
  const { ahtSeconds, load } = rowOf(rows, row)
  const half = load.offeredErlangs / 2
  const agents = Math.ceil(load.offeredErlangs) + 2
  const { asaSecondsByClass } = priorityMetrics({ offeredErlangsByClass: [half, half], agents, ahtSeconds })
  return Math.round(1000 * (asaSecondsByClass[1] ?? 0))
}

/** A small centre through a hump; answers in thousandths of a caller. */
function solveTransient(rows: StaffingBenchGrid, row: number): number {
  const patienceSecondsMean = rows.patienceSecondsMean[row] ?? 60
  const intervals = Array.from({ length: DAY_INTERVALS }, (_, interval) => {
    const contacts = 40 + 10 * Math.min(interval, DAY_INTERVALS - interval) + (row % 7)
    return { intervalSeconds: INTERVAL_SECONDS, contacts, agents: Math.ceil(contacts / 9) }
  })
  const day = transientMetrics({ intervals, ahtSeconds: 180, patienceSecondsMean })
  return Math.round(1000 * day.intervals.reduce((sum, interval) => sum + interval.queueLengthMean, 0))
}

function solveDay(rows: StaffingBenchGrid, row: number): number {
  const contacts = Array.from({ length: DAY_INTERVALS }, (_, interval) => {
    return 1 + Math.round((rows.contacts[row * DAY_INTERVALS + interval] ?? 0) / 25)
  })
  const day = dayOptimum({
    model: 'erlang-c',
    contacts,
    intervalSeconds: INTERVAL_SECONDS,
    ahtSeconds: 240,
    answerThresholdSeconds: THRESHOLD_SECONDS,
    serviceLevelRatioMin: 0.8,
  })
  return day.agents === null ? -1 : day.agentsTotal
}
