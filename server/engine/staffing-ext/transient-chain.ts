/**
 * The birth-death chain behind the transient model, advanced by uniformisation.
 * Only the states that hold probability are swept, so the cost follows the spread and not the size;
 * what is cut off is below 1e-17 a state and step, and is moved to the neighbour, never lost.
 * Cells of h > 1 states are the locally consistent lattice of the diffusion with the same drift and variance.
 */

export interface BirthDeathChain {
  readonly statesPerCell: number
  /** Number in the system that cell 0 stands for; keeps the number of agents on the lattice. */
  origin: number
  /** First and last cell that hold probability. */
  first: number
  last: number
  probability: Float64Array
  work: ChainWork
}

interface ChainWork {
  vector: Float64Array
  end: Float64Array
  time: Float64Array
  up: Float64Array
  down: Float64Array
  stay: Float64Array
}

export interface ChainRates {
  readonly seconds: number
  readonly arrivalsPerSecond: number
  readonly agents: number
  readonly endingsPerSecond: number
  readonly abandonPerSecond: number
}

export interface ChainTotals {
  allBusySeconds: number
  queueSeconds: number
  busySeconds: number
  inSystem: number
  queue: number
}

/** The cells that one step may touch. */
interface ChainWindow {
  readonly bottom: number
  readonly top: number
}

/** Expected events of one uniformised step: e^-600 is still a normal double. */
const EVENTS_PER_STEP_MAX = 600
const NEGLIGIBLE = 1e-17
/** Cells beside the occupied ones that a step may at least enter. */
const ROOM_MIN = 4
/** Probability that a step may lose at its edges before it is done again with more room. */
const EDGE_MASS_MAX = 1e-14

export function createChain(statesPerCell: number): BirthDeathChain {
  const probability = new Float64Array(64)
  probability[0] = 1
  return { statesPerCell, origin: 0, first: 0, last: 0, probability, work: createWork(64) }
}

/** Shifts the lattice so that `agents` is a lattice point; a lumped cell is split so that the mean is kept. */
export function moveToLattice(chain: BirthDeathChain, agents: number): void {
  const { statesPerCell, probability, first, last } = chain
  const origin = agents % statesPerCell
  if (origin === chain.origin) return
  const shift = (chain.origin - origin) / statesPerCell
  const whole = Math.floor(shift)
  const part = shift - whole
  const moved = new Float64Array(Math.max(probability.length, last + whole + 3))
  for (let cell = first; cell <= last; cell++) {
    const mass = probability[cell] as number
    const low = Math.max(0, cell + whole)
    const high = Math.max(0, cell + whole + 1)
    moved[low] = (moved[low] as number) + mass * (1 - part)
    moved[high] = (moved[high] as number) + mass * part
  }
  chain.origin = origin
  chain.probability = moved
  chain.first = Math.max(0, first + whole)
  chain.last = last + whole + 1
}

/** Advances the chain through one interval of constant rates; returns the integrals over it. */
export function advanceChain(chain: BirthDeathChain, rates: ChainRates): ChainTotals {
  const totals: ChainTotals = { allBusySeconds: 0, queueSeconds: 0, busySeconds: 0, inSystem: 0, queue: 0 }
  let secondsLeft = rates.seconds
  let room = ROOM_MIN
  while (secondsLeft > 0) {
    const window = { bottom: Math.max(0, chain.first - room), top: chain.last + room }
    ensureCells(chain, window.top + 2)
    const eventsPerSecond = fillRates(chain, rates, window)
    const seconds =
      eventsPerSecond === 0 ? secondsLeft : Math.min(secondsLeft, EVENTS_PER_STEP_MAX / eventsPerSecond)
    const step = uniformisedStep(chain, seconds, eventsPerSecond, window)
    if (step.edgeMass > EDGE_MASS_MAX) {
      room *= 2
      continue
    }
    acceptStep(chain, rates, totals, window)
    // Little room keeps the events of one step few: they grow with the highest cell.
    room = ROOM_MIN + Math.ceil(1.25 * step.reach)
    secondsLeft = secondsLeft - seconds > 1e-12 * rates.seconds ? secondsLeft - seconds : 0
  }
  const end = functionals(chain, chain.probability, rates.agents, { bottom: chain.first, top: chain.last })
  totals.inSystem = end.busy + end.queue
  totals.queue = end.queue
  return totals
}

/** Fills in the moves of each cell, with drift and variance of the chain that is lumped; returns events per second. */
function fillRates(chain: BirthDeathChain, rates: ChainRates, { bottom, top }: ChainWindow): number {
  const { statesPerCell: h, origin } = chain
  const { up, down, stay } = chain.work
  let largest = 0
  for (let cell = bottom; cell <= top; cell++) {
    const inSystem = origin + h * cell
    const busy = Math.min(inSystem, rates.agents)
    const deaths = busy * rates.endingsPerSecond + (inSystem - busy) * rates.abandonPerSecond
    const births = rates.arrivalsPerSecond
    const spread = (births + deaths) / (h * h)
    const drift = (births - deaths) / h
    let u = (spread + drift) / 2
    let d = (spread - drift) / 2
    // Far from balance a lumped cell cannot have so small a variance: keep the drift.
    if (h > 1 && u < 0) {
      u = 0
      d = -drift
    } else if (h > 1 && d < 0) {
      u = drift
      d = 0
    }
    if (h === 1) {
      u = births
      d = deaths
    }
    up[cell] = u
    down[cell] = cell === 0 ? 0 : d
    largest = Math.max(largest, u + d)
  }
  up[top + 1] = 0
  down[top + 1] = 0
  // As shares of one event; what would leave the window stays.
  for (let cell = bottom; cell <= top && largest > 0; cell++) {
    const upShare = (up[cell] as number) / largest
    const downShare = (down[cell] as number) / largest
    up[cell] = upShare
    down[cell] = downShare
    stay[cell] = 1 - (cell === top ? 0 : upShare) - (cell === bottom ? 0 : downShare)
  }
  return largest
}

/**
 * One step: end = sum of Poisson weights x vectors, time = integral of the vectors over the step.
 * Returns the probability that ran against an edge of the window, and how far beyond the old cells it went.
 */
function uniformisedStep(
  chain: BirthDeathChain,
  seconds: number,
  eventsPerSecond: number,
  { bottom, top }: ChainWindow,
): { edgeMass: number; reach: number } {
  const { vector, end, time, up, down, stay } = chain.work
  for (const cells of [vector, end, time]) cells.fill(0, bottom, top + 2)
  for (let cell = chain.first; cell <= chain.last; cell++) vector[cell] = chain.probability[cell] as number
  const events = seconds * eventsPerSecond
  let weight = Math.exp(-events)
  let tail = -Math.expm1(-events)
  const perEvent = eventsPerSecond === 0 ? 0 : 1 / eventsPerSecond
  const eventsMax = events === 0 ? 0 : Math.ceil(events + 9 * Math.sqrt(events) + 30)
  let first = chain.first
  let last = chain.last
  let edgeMass = 0
  let reach = 0
  for (let event = 0; ; event++) {
    const share = events === 0 ? seconds : tail * perEvent
    for (let cell = first; cell <= last; cell++) {
      time[cell] = (time[cell] as number) + share * (vector[cell] as number)
    }
    // Products of two tiny factors would be denormal, which is slow and adds nothing.
    if (weight > 1e-20) {
      for (let cell = first; cell <= last; cell++) {
        end[cell] = (end[cell] as number) + weight * (vector[cell] as number)
      }
    }
    if (event >= eventsMax) break
    weight *= events / (event + 1)
    tail = Math.max(0, tail - weight)
    const edgeShare =
      (last === top ? (vector[top] as number) * (up[top] as number) : 0) +
      (first === bottom ? (vector[bottom] as number) * (down[bottom] as number) : 0)
    edgeMass += edgeShare * (tail + weight)
    const newFirst = Math.max(bottom, first - 1)
    const newLast = Math.min(top, last + 1)
    let below = newFirst === 0 ? 0 : (vector[newFirst - 1] as number) * (up[newFirst - 1] as number)
    let mass = vector[newFirst] as number
    for (let cell = newFirst; cell <= newLast; cell++) {
      const above = vector[cell + 1] as number
      vector[cell] = mass * (stay[cell] as number) + below + above * (down[cell + 1] as number)
      below = mass * (up[cell] as number)
      mass = above
    }
    first = newFirst
    last = newLast
    while (first < last && (vector[first] as number) < NEGLIGIBLE) {
      vector[first + 1] = (vector[first + 1] as number) + (vector[first] as number)
      vector[first++] = 0
    }
    while (last > first && (vector[last] as number) < NEGLIGIBLE) {
      vector[last - 1] = (vector[last - 1] as number) + (vector[last] as number)
      vector[last--] = 0
    }
    reach = Math.max(reach, last - chain.last, chain.first - first)
  }
  return { edgeMass, reach }
}

function acceptStep(
  chain: BirthDeathChain,
  rates: ChainRates,
  totals: ChainTotals,
  window: ChainWindow,
): void {
  const { end, time } = chain.work
  const during = functionals(chain, time, rates.agents, window)
  totals.allBusySeconds += during.allBusy
  totals.queueSeconds += during.queue
  totals.busySeconds += during.busy
  chain.work.end = chain.probability
  chain.probability = end
  let first = window.bottom
  let last = window.top
  while (first < last && (end[first] as number) < NEGLIGIBLE) first++
  while (last > first && (end[last] as number) < NEGLIGIBLE) last--
  chain.first = first
  chain.last = last
  let mass = 0
  for (let cell = first; cell <= last; cell++) mass += end[cell] as number
  for (let cell = first; cell <= last; cell++) end[cell] = (end[cell] as number) / mass
}

/** All-busy probability, mean queue and mean busy agents under a vector (or its integral over time). */
function functionals(
  { statesPerCell: h, origin }: BirthDeathChain,
  vector: Float64Array,
  agents: number,
  { bottom, top }: ChainWindow,
) {
  const full = (agents - origin) / h
  const atFull = full >= bottom && full <= top ? (vector[full] as number) : 0
  // The cell at n stands for h states around n: the upper half and n itself are all busy.
  let allBusy = atFull * ((h + 1) / (2 * h))
  let queue = atFull * ((h * h - 1) / (8 * h))
  let inSystem = 0
  for (let cell = bottom; cell <= top; cell++) inSystem += (vector[cell] as number) * (origin + h * cell)
  for (let cell = Math.max(bottom, full + 1); cell <= top; cell++) {
    allBusy += vector[cell] as number
    queue += (vector[cell] as number) * h * (cell - full)
  }
  return { allBusy, queue, busy: inSystem - queue }
}

function createWork(cells: number): ChainWork {
  return {
    vector: new Float64Array(cells),
    end: new Float64Array(cells),
    time: new Float64Array(cells),
    up: new Float64Array(cells),
    down: new Float64Array(cells),
    stay: new Float64Array(cells),
  }
}

function ensureCells(chain: BirthDeathChain, cells: number): void {
  if (chain.probability.length >= cells && chain.work.vector.length >= cells) return
  const size = Math.max(2 * chain.probability.length, cells)
  const grown = new Float64Array(size)
  grown.set(chain.probability)
  chain.probability = grown
  chain.work = createWork(size)
}
