/**
 * M(t)/M/n(t)(+M) through the day: agents and rates constant within an interval, the queue carried over.
 * The state is the number in the system alone: handling times are exponential, so that agents who leave
 * put their call back at the head of the queue without any other change.
 * Source and errors: MODELS.md, "Transient".
 */
import { checkNotEmpty, checkNotNegative, checkPositive, checkWhole, refuse } from './input.ts'
import { advanceChain, type BirthDeathChain, createChain, moveToLattice } from './transient-chain.ts'

export interface TransientInterval {
  readonly intervalSeconds: number
  readonly contacts: number
  readonly agents: number
}

export interface TransientInput {
  readonly intervals: readonly TransientInterval[]
  readonly ahtSeconds: number
  /** Left out: nobody abandons. */
  readonly patienceSecondsMean?: number | undefined
  /** 1 is the exact chain; a larger odd number lumps that many states into one. Chosen by cost when left out. */
  readonly statesPerCell?: number | undefined
}

/** Means over the interval; `AtEnd` at its last instant. */
export interface TransientIntervalMetrics {
  /** Share of the interval's arrivals who find every agent busy (Poisson arrivals see time averages). */
  readonly waitProbability: number
  readonly queueLengthMean: number
  readonly busyAgentsMean: number
  readonly inSystemAtEnd: number
  readonly queueAtEnd: number
  /** Abandons of the interval ÷ its arrivals; null without arrivals. */
  readonly abandonRatio: number | null
}

export interface TransientMetrics {
  readonly intervals: readonly TransientIntervalMetrics[]
  readonly statesPerCell: number
}

/** State updates that the exact chain may cost (some seconds); beyond it states are lumped. */
const STATE_UPDATES_MAX = 2.5e8

/** Cells that an array of the chain may have: some 100 MB in all. */
const CELLS_MAX = 2e6
/** Cells that the mean may run through. */
const CELLS_CROSSED_MAX = 1e5

export function transientMetrics(input: TransientInput): TransientMetrics {
  checkTransientInput(input)
  const statesPerCell = input.statesPerCell ?? affordableStatesPerCell(input)
  const chain = createChain(statesPerCell)
  const intervals = input.intervals.map((interval) => intervalMetrics(chain, interval, input))
  return { intervals, statesPerCell }
}

function intervalMetrics(
  chain: BirthDeathChain,
  interval: TransientInterval,
  { ahtSeconds, patienceSecondsMean }: TransientInput,
): TransientIntervalMetrics {
  const { intervalSeconds, contacts, agents } = interval
  moveToLattice(chain, agents)
  const abandonPerSecond = patienceSecondsMean === undefined ? 0 : 1 / patienceSecondsMean
  const { allBusySeconds, queueSeconds, busySeconds, inSystem, queue } = advanceChain(chain, {
    seconds: intervalSeconds,
    arrivalsPerSecond: contacts / intervalSeconds,
    agents,
    endingsPerSecond: 1 / ahtSeconds,
    abandonPerSecond,
  })
  return {
    waitProbability: Math.min(1, allBusySeconds / intervalSeconds),
    queueLengthMean: queueSeconds / intervalSeconds,
    busyAgentsMean: busySeconds / intervalSeconds,
    inSystemAtEnd: inSystem,
    queueAtEnd: queue,
    abandonRatio: contacts === 0 ? null : (abandonPerSecond * queueSeconds) / contacts,
  }
}

/**
 * Lumping h states divides the cost by h^3: the steps by h^2 and the states by h. While the number in the system
 * runs away (or fills up), a lumped chain steps once per cell it crosses, and the gain is h^1.5.
 */
function affordableStatesPerCell({ intervals, ahtSeconds, patienceSecondsMean }: TransientInput): number {
  let updates = 0
  let crossed = 0
  let inSystem = 0
  let inSystemMax = 0
  for (const { intervalSeconds, contacts, agents } of intervals) {
    // A fluid guess of the number in the system: enough to price the work.
    const erlangs = (contacts * ahtSeconds) / intervalSeconds
    const busy = Math.min(agents, Math.max(inSystem, erlangs))
    const endings = (busy * intervalSeconds) / ahtSeconds
    const abandonPerSecond = patienceSecondsMean === undefined ? 0 : 1 / patienceSecondsMean
    const leavers = Math.max(0, inSystem - agents) * intervalSeconds * abandonPerSecond
    // Without patience nothing holds the queue (also without contacts: not 0 ÷ 0).
    const settled =
      abandonPerSecond === 0
        ? Number.POSITIVE_INFINITY
        : agents + contacts / intervalSeconds / abandonPerSecond
    const width = 16 * Math.sqrt(Math.max(busy, inSystem) + 1)
    updates += (contacts + endings + leavers) * width
    const next = Math.min(Math.max(0, inSystem + contacts - endings), Math.max(settled, erlangs))
    crossed += Math.abs(next - inSystem)
    inSystem = next
    inSystemMax = Math.max(inSystemMax, inSystem)
  }
  const cell = Math.ceil(
    Math.max(Math.cbrt(updates / STATE_UPDATES_MAX), inSystemMax / CELLS_MAX, crossed / CELLS_CROSSED_MAX),
  )
  return cell <= 1 ? 1 : cell % 2 === 1 ? cell : cell + 1
}

function checkTransientInput(input: TransientInput): void {
  checkNotEmpty('intervals', input.intervals)
  input.intervals.forEach((interval, index) => {
    checkPositive(`intervals/${index}/intervalSeconds`, interval.intervalSeconds)
    checkNotNegative(`intervals/${index}/contacts`, interval.contacts)
    checkWhole(`intervals/${index}/agents`, interval.agents)
  })
  checkPositive('ahtSeconds', input.ahtSeconds)
  if (input.patienceSecondsMean !== undefined) checkPositive('patienceSecondsMean', input.patienceSecondsMean)
  const cell = input.statesPerCell
  if (cell !== undefined && !(Number.isInteger(cell) && cell >= 1 && cell % 2 === 1)) {
    refuse('statesPerCell', 'must be an odd whole number')
  }
}
