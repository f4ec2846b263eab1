/**
 * Required agents under Erlang C for columns of intervals, with all figures: nothing is allocated per row and the cost
 * does not grow with the load. A first guess from the Halfin-Whitt delay lands within an agent, one exact value of R
 * (uniform expansion) decides, and R of the neighbours follows from it by one multiplication.
 */
import {
  COLUMN_BOUNDS,
  type Column,
  columnOf,
  outputColumn,
  type Quantity,
  rowCountOf,
  StaffingInputError,
} from './columns.ts'
import { erlangCMetrics } from './erlang-c.ts'
import { allowedMissRatio } from './goals.ts'
import { offeredLoad } from './load.ts'
import { requiredAgents } from './requirement.ts'
import { inverseErlangB } from './special-functions.ts'
import {
  erfcxOfPositive,
  logDelayGuess,
  logDelayGuessSlope,
  logExcessNear,
  remainderNear,
  remainderWide,
  stirlingOfLarge,
} from './unrolled-kernels.ts'

export interface RequiredAgentsErlangCInput {
  readonly contacts: Quantity
  readonly intervalSeconds: Quantity
  readonly ahtSeconds: Quantity
  readonly answerThresholdSeconds: Quantity
  readonly serviceLevelRatioMin: Quantity
}

/** NaN: not applicable (no load). Infinity in `agents`: unreachable, and then the other figures are NaN. */
export interface StaffingColumns {
  readonly agents: Float64Array
  readonly waitProbability: Float64Array
  readonly serviceLevelRatio: Float64Array
  readonly asaSeconds: Float64Array
  readonly occupancyRatio: Float64Array
}

/** Up to this load the plain recursion with the test inside its loop is the fastest. */
const RECURSION_ERLANGS_MAX = 30
/** Closer to the load than this, the rounding of the load itself shows: the scalar solver carries it along. */
const NEAR_CRITICAL_ERLANGS = 1e-3
const ERLANGS_MAX = 1e8

interface Rows {
  readonly contacts: Column
  readonly intervalSeconds: Column
  readonly ahtSeconds: Column
  readonly answerThresholdSeconds: Column
  readonly serviceLevelRatioMin: Column
}

export function requiredAgentsErlangC(
  input: RequiredAgentsErlangCInput,
  out: Partial<StaffingColumns> = {},
): StaffingColumns {
  const { contacts, intervalSeconds, ahtSeconds, answerThresholdSeconds, serviceLevelRatioMin } = input
  const rowCount = rowCountOf({
    contacts,
    intervalSeconds,
    ahtSeconds,
    answerThresholdSeconds,
    serviceLevelRatioMin,
  })
  const rows: Rows = {
    contacts: columnOf('contacts', contacts, COLUMN_BOUNDS.contacts),
    intervalSeconds: columnOf('intervalSeconds', intervalSeconds, COLUMN_BOUNDS.secondsAboveZero),
    ahtSeconds: columnOf('ahtSeconds', ahtSeconds, COLUMN_BOUNDS.secondsAboveZero),
    answerThresholdSeconds: columnOf('answerThresholdSeconds', answerThresholdSeconds, COLUMN_BOUNDS.seconds),
    serviceLevelRatioMin: columnOf('serviceLevelRatioMin', serviceLevelRatioMin, COLUMN_BOUNDS.ratio),
  }
  const columns: StaffingColumns = {
    agents: outputColumn(out.agents, 'agents', rowCount),
    waitProbability: outputColumn(out.waitProbability, 'waitProbability', rowCount),
    serviceLevelRatio: outputColumn(out.serviceLevelRatio, 'serviceLevelRatio', rowCount),
    asaSeconds: outputColumn(out.asaSeconds, 'asaSeconds', rowCount),
    occupancyRatio: outputColumn(out.occupancyRatio, 'occupancyRatio', rowCount),
  }
  solveRows(rows, columns, rowCount)
  return columns
}

/** The hot loop: one row after the other, all in local numbers. */
function solveRows(rows: Rows, out: StaffingColumns, rowCount: number): void {
  const { contacts, intervalSeconds, ahtSeconds, answerThresholdSeconds, serviceLevelRatioMin } = rows
  const contactValues = contacts.values
  const intervalValues = intervalSeconds.values
  const ahtValues = ahtSeconds.values
  const thresholdValues = answerThresholdSeconds.values
  const targetValues = serviceLevelRatioMin.values
  const { agents: agentsOut, waitProbability, serviceLevelRatio, asaSeconds, occupancyRatio } = out
  for (let row = 0; row < rowCount; row++) {
    const calls = contactValues[row * contacts.stride] as number
    const interval = intervalValues[row * intervalSeconds.stride] as number
    const aht = ahtValues[row * ahtSeconds.stride] as number
    const threshold = thresholdValues[row * answerThresholdSeconds.stride] as number
    const target = targetValues[row * serviceLevelRatioMin.stride] as number
    const load = (calls * aht) / interval
    if (load === 0 || target === 1 || load > ERLANGS_MAX) {
      writeWithoutSolving(out, row, load)
      continue
    }
    const tau = threshold / aht
    const miss = allowedMissRatio(target)
    const least = Math.floor(load) + 1
    let agents = least
    let inverse = 1
    let decay = 1
    if (load < RECURSION_ERLANGS_MAX) {
      const perErlang = 1 / load
      for (let k = 1; k <= least; k++) inverse = 1 + k * perErlang * inverse
      decay = Math.exp((load - agents) * tau)
      const decayPerAgent = Math.exp(-tau)
      while (agents * decay > miss * ((agents - load) * inverse + load)) {
        agents++
        inverse = 1 + agents * perErlang * inverse
        decay *= decayPerAgent
      }
    } else {
      agents = Math.max(least, guessAgents(load, tau, miss))
      inverse = inverseErlangBAboveLoad(agents, load)
      decay = Math.exp((load - agents) * tau)
      if (agents * decay <= miss * ((agents - load) * inverse + load)) {
        while (agents > least) {
          const inverseBelow = ((inverse - 1) * load) / agents
          const decayBelow = Math.exp((load - agents + 1) * tau)
          if ((agents - 1) * decayBelow > miss * ((agents - 1 - load) * inverseBelow + load)) break
          agents--
          inverse = inverseBelow
          decay = decayBelow
        }
      } else {
        do {
          agents++
          inverse = 1 + (agents / load) * inverse
          decay = Math.exp((load - agents) * tau)
        } while (agents * decay > miss * ((agents - load) * inverse + load))
      }
    }
    const overLoad = agents - load
    // The exact load may lie on the other side of a whole number, or so near that n - A is all rounding.
    if (overLoad < NEAR_CRITICAL_ERLANGS || (agents === least && overLoad > 1 - NEAR_CRITICAL_ERLANGS)) {
      writeScalar(out, row, { calls, interval, aht, threshold, target })
      continue
    }
    const wait = agents / (overLoad * inverse + load)
    agentsOut[row] = agents
    waitProbability[row] = wait
    serviceLevelRatio[row] = 1 - wait * decay
    asaSeconds[row] = (wait * aht) / overLoad
    occupancyRatio[row] = load / agents
  }
}

/**
 * ceil(A + b sqrt A), where b solves ln C(b) - b sqrt(A) tau = ln miss: the quadratic
 * ln C = -1.2533 b - .26 b^2, then two Newton steps on the Halfin-Whitt delay.
 */
function guessAgents(load: number, tau: number, miss: number): number {
  const root = Math.sqrt(load)
  const logMiss = Math.log(miss)
  const slope = 1.2533 + root * tau
  let b = (-slope + Math.sqrt(slope * slope - 1.04 * logMiss)) / 0.52
  for (let step = 0; step < 2; step++) {
    const c = (b < 8 ? b : 8) * 0.25 - 1
    b -= (logDelayGuess(c) - b * root * tau - logMiss) / (logDelayGuessSlope(c) - root * tau)
    if (b < 0) b = 0
  }
  return Math.ceil(load + b * root)
}

/** R(n, A) for n > A, by the unrolled kernels inside their zone. */
function inverseErlangBAboveLoad(agents: number, load: number): number {
  const a = agents + 1
  const aInverse = 1 / a
  const ratio = load * aInverse
  const mu = ratio - 1
  if (a < 40 || mu < -0.3) return inverseErlangB(agents, load)
  const excess = logExcessNear(mu)
  const eta = -Math.sqrt(2 * excess)
  const square = a * excess
  const remainder = a >= 300 && eta > -0.2 ? remainderNear(eta, aInverse) : remainderWide(eta, aInverse)
  const main = 2 * Math.exp(square) - erfcxOfPositive(Math.sqrt(square))
  return stirlingOfLarge(aInverse) * ratio * (Math.sqrt(1.5707963267948966 * a) * main + remainder)
}

function writeWithoutSolving(out: StaffingColumns, row: number, load: number): void {
  if (load > ERLANGS_MAX) {
    throw new StaffingInputError('out-of-range', `/contacts/${row}`, `row ${row} makes ${load} erlang`)
  }
  out.agents[row] = load === 0 ? 0 : Number.POSITIVE_INFINITY
  out.waitProbability[row] = load === 0 ? 0 : Number.NaN
  out.serviceLevelRatio[row] = Number.NaN
  out.asaSeconds[row] = Number.NaN
  out.occupancyRatio[row] = Number.NaN
}

interface ScalarRow {
  readonly calls: number
  readonly interval: number
  readonly aht: number
  readonly threshold: number
  readonly target: number
}

function writeScalar(out: StaffingColumns, row: number, values: ScalarRow): void {
  const { calls, interval, aht, threshold, target } = values
  const load = offeredLoad(calls, interval, aht)
  const settings = { model: 'erlang-c', ahtSeconds: aht, answerThresholdSeconds: threshold } as const
  const { agents } = requiredAgents(settings, load, { serviceLevelRatioMin: target })
  const figures = erlangCMetrics({ ...load, agents: agents ?? 0, ...settings })
  out.agents[row] = agents ?? Number.POSITIVE_INFINITY
  out.waitProbability[row] = figures.waitProbability
  out.serviceLevelRatio[row] = figures.serviceLevelRatio ?? Number.NaN
  out.asaSeconds[row] = figures.asaSeconds ?? Number.POSITIVE_INFINITY
  out.occupancyRatio[row] = figures.occupancyRatio ?? Number.NaN
}
