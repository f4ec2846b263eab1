/**
 * Required agents under Erlang A for columns of intervals, with all figures. A secant in the logit of the miss finds
 * the crossing on real numbers of agents, exact values at whole agents decide, and one fixed quadrature gives the
 * abandoned share and the wait of the answered at the end. The cost does not grow with the load.
 */
import {
  COLUMN_BOUNDS,
  columnOf,
  outputColumn,
  type Quantity,
  rowCountOf,
  StaffingInputError,
} from './columns.ts'
import { ERLANG_FORMULAS, type ErlangARatios, type ErlangFormula, erlangARatios } from './erlang-a.ts'
import { allowedMissRatio } from './goals.ts'
import { offeredLoad } from './load.ts'
import { requiredAgents } from './requirement.ts'
import { exponentialExcess, inverseErlangB, logConfluent } from './special-functions.ts'
import {
  erfcxOfPositive,
  logExcessNear,
  remainderNear,
  remainderWide,
  stirlingOfLarge,
} from './unrolled-kernels.ts'

export interface RequiredAgentsErlangAInput {
  readonly contacts: Quantity
  readonly intervalSeconds: Quantity
  readonly ahtSeconds: Quantity
  readonly answerThresholdSeconds: Quantity
  readonly serviceLevelRatioMin: Quantity
  readonly patienceSecondsMean: Quantity
  /** One for all rows; default SL4. */
  readonly serviceLevelFormula?: ErlangFormula
}

/** NaN: not applicable (no load). Infinity in `agents`: unreachable. `asaSeconds` is of the answered. */
export interface StaffingColumnsErlangA {
  readonly agents: Float64Array
  readonly waitProbability: Float64Array
  readonly serviceLevelRatio: Float64Array
  readonly asaSeconds: Float64Array
  readonly occupancyRatio: Float64Array
  readonly abandonRatio: Float64Array
}

const ERLANGS_MAX = 1e8
/** A secant step below this share of an agent ends the guess: exact values decide the rest. */
const GUESS_STEP_MIN = 0.25
const HALF_PI = Math.PI / 2
/** Beyond this x (1 - rho)^2 the abandoned share is a small difference: the scalar solver integrates it. */
const CANCELLATION_MAX = 1e4
/** Beyond it waits are so short in patiences that 1 - e^-v would lose digits. */
const NARROW_MAX = 1e8
/** Gauss-Legendre, 16 points: positive half. */
const NODES = Float64Array.of(
  0.09501250983763744,
  0.2816035507792589,
  0.45801677765722737,
  0.6178762444026438,
  0.755404408355003,
  0.8656312023878318,
  0.9445750230732326,
  0.9894009349916499,
)
const WEIGHTS = Float64Array.of(
  0.1894506104550685,
  0.18260341504492358,
  0.16915651939500254,
  0.14959598881657674,
  0.12462897125553388,
  0.09515851168249279,
  0.062253523938647894,
  0.027152459411754096,
)

/** The row in work, and the figures of the last evaluation: one object for a whole batch, all doubles. */
interface Work {
  load: number
  perService: number
  y: number
  threshold: number
  stays: number
  z: number
  tau: number
  bend: number
  formula: number
  mantissa: number
  exponent: number
  waitProbability: number
  miss: number
  level: number
  waits: number
  abandoned: number
  answeredTime: number
}

export function requiredAgentsErlangA(
  input: RequiredAgentsErlangAInput,
  out: Partial<StaffingColumnsErlangA> = {},
): StaffingColumnsErlangA {
  const { serviceLevelFormula = 'SL4', ...quantities } = input
  if (!ERLANG_FORMULAS.includes(serviceLevelFormula)) {
    throw new StaffingInputError(
      'unknown-value',
      '/serviceLevelFormula',
      'serviceLevelFormula must be SL1 … SL4',
    )
  }
  const rowCount = rowCountOf(quantities)
  const contacts = columnOf('contacts', input.contacts, COLUMN_BOUNDS.contacts)
  const intervals = columnOf('intervalSeconds', input.intervalSeconds, COLUMN_BOUNDS.secondsAboveZero)
  const ahts = columnOf('ahtSeconds', input.ahtSeconds, COLUMN_BOUNDS.secondsAboveZero)
  const thresholds = columnOf('answerThresholdSeconds', input.answerThresholdSeconds, COLUMN_BOUNDS.seconds)
  const targets = columnOf('serviceLevelRatioMin', input.serviceLevelRatioMin, COLUMN_BOUNDS.ratio)
  const patiences = columnOf('patienceSecondsMean', input.patienceSecondsMean, COLUMN_BOUNDS.secondsAboveZero)
  const columns: StaffingColumnsErlangA = {
    agents: outputColumn(out.agents, 'agents', rowCount),
    waitProbability: outputColumn(out.waitProbability, 'waitProbability', rowCount),
    serviceLevelRatio: outputColumn(out.serviceLevelRatio, 'serviceLevelRatio', rowCount),
    asaSeconds: outputColumn(out.asaSeconds, 'asaSeconds', rowCount),
    occupancyRatio: outputColumn(out.occupancyRatio, 'occupancyRatio', rowCount),
    abandonRatio: outputColumn(out.abandonRatio, 'abandonRatio', rowCount),
  }
  const work = newWork(ERLANG_FORMULAS.indexOf(serviceLevelFormula))
  for (let row = 0; row < rowCount; row++) {
    const calls = contacts.values[row * contacts.stride] as number
    const interval = intervals.values[row * intervals.stride] as number
    const aht = ahts.values[row * ahts.stride] as number
    const threshold = thresholds.values[row * thresholds.stride] as number
    const target = targets.values[row * targets.stride] as number
    const patience = patiences.values[row * patiences.stride] as number
    const load = (calls * aht) / interval
    if (load > ERLANGS_MAX) {
      throw new StaffingInputError('out-of-range', `/contacts/${row}`, `row ${row} makes ${load} erlang`)
    }
    if (load === 0 || target === 1) {
      writeWithoutSolving(columns, row, load)
      continue
    }
    prepare(work, load, aht, threshold, patience)
    const agents = leastAgents(work, allowedMissRatio(target))
    const gap = agents - load
    const cancellation = (work.perService * gap * gap) / agents
    if (agents > 0 && cancellation < CANCELLATION_MAX && quadrature(work, agents)) {
      write(columns, row, work, agents, patience)
    } else {
      const settings = { ahtSeconds: aht, answerThresholdSeconds: threshold, patienceSecondsMean: patience }
      writeScalar(columns, row, settings, offeredLoad(calls, interval, aht), target, serviceLevelFormula)
    }
  }
  return columns
}

function newWork(formula: number): Work {
  // Halves, so that every field is a double from the start.
  return {
    load: 0.5,
    perService: 0.5,
    y: 0.5,
    threshold: 0.5,
    stays: 0.5,
    z: 0.5,
    tau: 0.5,
    bend: 0.5,
    formula,
    mantissa: 0.5,
    exponent: 0.5,
    waitProbability: 0.5,
    miss: 0.5,
    level: 0.5,
    waits: 0.5,
    abandoned: 0.5,
    answeredTime: 0.5,
  }
}

function prepare(work: Work, load: number, aht: number, threshold: number, patience: number): void {
  work.load = load
  work.perService = patience / aht
  work.y = load * work.perService
  work.threshold = threshold / patience
  work.stays = Math.exp(-work.threshold)
  work.z = work.y * work.stays
  work.tau = threshold / aht
  work.bend = work.y * exponentialExcess(work.threshold)
}

/** The first whole number of agents whose miss is small enough; -1 gives the row to the scalar solver. */
function leastAgents(work: Work, miss: number): number {
  let agents = work.load < 8 ? Math.max(1, Math.ceil(work.load * 0.7)) : guessAgents(work, miss)
  if (meets(work, agents, miss)) {
    for (let steps = 0; agents > 1; steps++) {
      const { waitProbability, level } = work
      if (!meets(work, agents - 1, miss)) {
        // The last evaluation was of one agent fewer.
        work.waitProbability = waitProbability
        work.level = level
        return agents
      }
      agents--
      if (steps > 64) return -1
    }
    return agents
  }
  for (let steps = 0; steps < 64; steps++) {
    agents++
    if (meets(work, agents, miss)) return agents
  }
  return -1
}

function meets(work: Work, agents: number, miss: number): boolean {
  evaluate(work, agents, true)
  return work.miss <= miss
}

/** Where the leading-order miss crosses the wanted one: a secant in the logit over real numbers of agents. */
function guessAgents(work: Work, miss: number): number {
  const wanted = Math.log(miss / (1 - miss + 1e-16))
  const root = Math.sqrt(work.load)
  let left = Math.max(1, work.load - 0.5 * root)
  let right = work.load + 0.8 * root
  let leftValue = logitMiss(work, left) - wanted
  let rightValue = logitMiss(work, right) - wanted
  for (let step = 0; step < 8; step++) {
    const next = right - (rightValue * (right - left)) / (rightValue - leftValue)
    const clipped = Math.max(1, Math.min(next, 4 * work.load + 40))
    if (!(Math.abs(clipped - right) > GUESS_STEP_MIN)) return Math.ceil(clipped)
    left = right
    leftValue = rightValue
    right = clipped
    rightValue = logitMiss(work, right) - wanted
  }
  return Number.isNaN(right) ? Math.ceil(work.load) : Math.ceil(right)
}

function logitMiss(work: Work, agents: number): number {
  evaluate(work, agents, false)
  const miss = Math.min(Math.max(work.miss, 1e-300), 1 - 1e-16)
  return Math.log(miss / (1 - miss))
}

/** Sets waitProbability, miss and level of the row at this number of agents. */
function evaluate(work: Work, agents: number, exact: boolean): void {
  const { load, y, z, stays } = work
  const x = agents * work.perService
  const inverse = inverseErlangBOf(agents, load, exact)
  const xOverY = (agents - load) * work.perService
  confluent(work, x, y, -xOverY, exact)
  const mantissaY = work.mantissa
  const exponentY = work.exponent
  confluent(work, x, z, z - x, exact)
  const exponentZ = work.exponent
  // P(no wait) : P(wait) = (R - 1) : S.
  const inverseY = (exponentY === 0 ? 1 : Math.exp(-exponentY)) / mantissaY
  const inverseZ = (exponentZ === 0 ? 1 : Math.exp(-exponentZ)) / work.mantissa
  const odds = (inverse - 1) * inverseY
  const wait = 1 / (1 + odds)
  const noWait = odds === Number.POSITIVE_INFINITY ? 1 : odds * wait
  const stillAbove =
    (work.mantissa / mantissaY) * Math.exp((load - agents) * work.tau - work.bend + exponentZ - exponentY)
  const xPerY = agents / load
  const served = xPerY * (1 - inverseY)
  const after = wait * xPerY * stillAbove * (1 - inverseZ)
  const late = wait * stays * stillAbove
  const answered = noWait + wait * served
  const inTime = answered - after
  const abandon = wait * (1 - served)
  work.waitProbability = wait
  switch (work.formula) {
    case 0:
      work.miss = late
      break
    case 1:
      work.miss = after / answered
      break
    case 2:
      work.miss = abandon + after
      break
    default:
      work.miss = late / (inTime + late)
  }
  work.level = work.formula === 2 && work.miss > 0.5 ? inTime : 1 - work.miss
}

/** R(n, A); leading order (and real n) while guessing. */
function inverseErlangBOf(agents: number, load: number, exact: boolean): number {
  const a = agents + 1
  const aInverse = 1 / a
  const ratio = load * aInverse
  const mu = ratio - 1
  if (mu < -0.3 || mu > 0.3 || (exact && agents < 40)) return inverseErlangB(Math.ceil(agents), load)
  const excess = logExcessNear(mu)
  const eta = mu < 0 ? -Math.sqrt(2 * excess) : Math.sqrt(2 * excess)
  const square = a * excess
  const tail = erfcxOfPositive(Math.sqrt(square))
  const main = mu < 0 ? 2 * Math.exp(square) - tail : tail
  const remainder = remainderOf(eta, a, aInverse, exact)
  const scale = exact ? stirlingOfLarge(aInverse) : 1 + aInverse / 12
  return scale * ratio * (Math.sqrt(HALF_PI * a) * main + remainder)
}

function remainderOf(eta: number, a: number, aInverse: number, exact: boolean): number {
  if (!exact) return -1 / 3 + eta / 12
  return a >= 300 && eta < 0.2 && eta > -0.2 ? remainderNear(eta, aInverse) : remainderWide(eta, aInverse)
}

/** S(x, y) = mantissa e^exponent into the work. */
function confluent(work: Work, x: number, y: number, yOverX: number, exact: boolean): void {
  work.exponent = 0
  const mu = yOverX / x
  if ((x < 40 && y < 120) || mu < -0.3) {
    let term = 1
    let sum = 1
    const least = exact ? 1e-17 : 1e-4
    for (let j = 1; term > least * sum; j++) {
      term *= y / (x + j)
      sum += term
    }
    work.mantissa = sum
    return
  }
  if (x < 40 || mu > 0.3) {
    work.mantissa = 1
    work.exponent = logConfluent(x, y, yOverX)
    return
  }
  const excess = logExcessNear(mu)
  const square = x * excess
  const tail = erfcxOfPositive(Math.sqrt(square))
  const xInverse = 1 / x
  const eta = mu < 0 ? -Math.sqrt(2 * excess) : Math.sqrt(2 * excess)
  const remainder = remainderOf(eta, x, xInverse, exact)
  const root = Math.sqrt(HALF_PI * x)
  const scale = exact ? stirlingOfLarge(xInverse) : 1 + xInverse / 12
  if (mu <= 0) {
    work.mantissa = scale * (root * tail - remainder)
    return
  }
  work.exponent = square
  work.mantissa = scale * (2 * root - Math.exp(-square) * (root * tail + remainder))
}

/**
 * Shares of the waits that are lost, and the time of the answered ones, by 16 + 16 points on the two sides of the peak
 * of the wait's density (or on two stretches of its fall). False where its shape asks for the adaptive integrals.
 */
function quadrature(work: Work, agents: number): boolean {
  const x = agents * work.perService
  const { y } = work
  const xOverY = (agents - work.load) * work.perService
  work.waits = 0
  work.abandoned = 0
  work.answeredTime = 0
  if (x < 12) return palmSums(work, x)
  if (x > NARROW_MAX) return false
  if (xOverY >= 0) {
    // Exponent -d v - y g(v), with g(v) about v^2 / 2: where it reaches the drop.
    const end = fallLength(xOverY, y)
    addPanel(work, xOverY, y, 0, 0, end * 0.25)
    addPanel(work, xOverY, y, 0, end * 0.25, end)
    return true
  }
  const peak = Math.log(y / x)
  const reach = fallLength(0, x)
  const from = Math.max(-peak, -reach)
  addPanel(work, 0, x, peak, from, from * 0.3)
  addPanel(work, 0, x, peak, from * 0.3, 0)
  addPanel(work, 0, x, peak, 0, reach * 0.3)
  addPanel(work, 0, x, peak, reach * 0.3, reach)
  return true
}

/** w with d w + c (e^-w - 1 + w) about 32: three Newton steps from the parabola, a little on the long side. */
function fallLength(slope: number, curvature: number): number {
  const drop = 32
  let w = (2 * drop) / (slope + Math.sqrt(slope * slope + 2 * curvature * drop))
  for (let step = 0; step < 3; step++) {
    const decay = Math.exp(-w)
    w -= (slope * w + curvature * (decay - 1 + w) - drop) / (slope + curvature * (1 - decay))
  }
  return w
}

function addPanel(
  work: Work,
  slope: number,
  curvature: number,
  reference: number,
  from: number,
  to: number,
): void {
  const half = 0.5 * (to - from)
  const middle = 0.5 * (from + to)
  const atMiddle = Math.exp(-middle)
  const atReference = Math.exp(-reference)
  let waits = 0
  let abandoned = 0
  let answeredTime = 0
  for (let index = 0; index < 8; index++) {
    const offset = half * (NODES[index] as number)
    const weight = WEIGHTS[index] as number
    const shrink = Math.exp(-offset)
    // e^-w on both sides of the middle from one exponential.
    const decayAbove = atMiddle * shrink
    const decayBelow = atMiddle / shrink
    const above = middle + offset
    const below = middle - offset
    const phiAbove = weight * Math.exp(-slope * above - curvature * (decayAbove - 1 + above))
    const phiBelow = weight * Math.exp(-slope * below - curvature * (decayBelow - 1 + below))
    const answeredAbove = atReference * decayAbove
    const answeredBelow = atReference * decayBelow
    waits += phiAbove + phiBelow
    abandoned += phiAbove * (1 - answeredAbove) + phiBelow * (1 - answeredBelow)
    answeredTime +=
      phiAbove * (reference + above) * answeredAbove + phiBelow * (reference + below) * answeredBelow
  }
  work.waits += half * waits
  work.abandoned += half * abandoned
  work.answeredTime += half * answeredTime
}

/** The same three by Palm's series over the places in the queue: short while x is small. */
function palmSums(work: Work, x: number): boolean {
  if (work.y > 150) return false
  let weight = 1
  let harmonic = 0
  for (let j = 0; j < 2000; j++) {
    const next = 1 / (x + j + 1)
    harmonic += next
    work.waits += weight
    work.abandoned += weight * (j + 1) * next
    const time = weight * x * next * harmonic
    work.answeredTime += time
    if (j > work.y && weight < 1e-17 * work.waits && time < 1e-17 * work.answeredTime) return true
    weight *= work.y * next
  }
  return false
}

function write(out: StaffingColumnsErlangA, row: number, work: Work, agents: number, patience: number): void {
  const perWait = work.waitProbability / work.waits
  const abandonRatio = perWait * work.abandoned
  const answered = 1 - abandonRatio
  out.agents[row] = agents
  out.waitProbability[row] = work.waitProbability
  out.serviceLevelRatio[row] = work.level
  out.asaSeconds[row] = (perWait * work.answeredTime * patience) / answered
  out.occupancyRatio[row] = Math.min(1, (work.load * answered) / agents)
  out.abandonRatio[row] = abandonRatio
}

function writeWithoutSolving(out: StaffingColumnsErlangA, row: number, load: number): void {
  out.agents[row] = load === 0 ? 0 : Number.POSITIVE_INFINITY
  out.waitProbability[row] = load === 0 ? 0 : Number.NaN
  out.serviceLevelRatio[row] = Number.NaN
  out.asaSeconds[row] = Number.NaN
  out.occupancyRatio[row] = Number.NaN
  out.abandonRatio[row] = Number.NaN
}

interface ScalarSettings {
  readonly ahtSeconds: number
  readonly answerThresholdSeconds: number
  readonly patienceSecondsMean: number
}

function writeScalar(
  out: StaffingColumnsErlangA,
  row: number,
  settings: ScalarSettings,
  load: { offeredErlangs: number; residueErlangs: number },
  serviceLevelRatioMin: number,
  serviceLevelFormula: ErlangFormula,
): void {
  const goals = { serviceLevelRatioMin, serviceLevelFormula }
  const { agents } = requiredAgents({ model: 'erlang-a', ...settings }, load, goals)
  const figures: ErlangARatios = erlangARatios({ ...load, agents: agents ?? 0, ...settings })
  out.agents[row] = agents ?? Number.POSITIVE_INFINITY
  out.waitProbability[row] = figures.waitProbability
  out.serviceLevelRatio[row] = figures.serviceLevelRatios?.[serviceLevelFormula] ?? Number.NaN
  out.asaSeconds[row] = figures.asaAnsweredSeconds ?? Number.NaN
  out.occupancyRatio[row] = figures.occupancyRatio ?? Number.NaN
  out.abandonRatio[row] = figures.abandonRatio ?? Number.NaN
}
