/**
 * A year of quarter-hours for many queues through the staffing pool, with progress; beside it one thread on a share of
 * the same queues. Queues are made when their turn comes: a year of 1 000 of them would not fit into memory at once.
 */
import { requiredAgentsErlangC } from '../../engine/staffing/batch-erlang-c.ts'
import { openStaffingPool, type StaffingRequest } from '../staffing-pool.ts'
import { checksumText, foldChecksum, machineFacts } from './machine.ts'

export interface YearOptions {
  readonly queues: number
  readonly threads?: number
  readonly onProgress?: (text: string) => void
}

export interface YearResult {
  readonly machine: ReturnType<typeof machineFacts>
  readonly queues: number
  readonly solves: number
  readonly threads: number
  readonly seconds: number
  readonly solvesPerSecond: number
  /** One thread, solving alone, on the first queues. */
  readonly singleThreadSolvesPerSecond: number
  readonly agentIntervals: number
  /** Solves with contacts; the rest is closed, which costs next to nothing. */
  readonly openIntervals: number
  /** Over the queues in order, whatever the order in which they were solved. */
  readonly checksum: string
}

const INTERVALS_PER_YEAR = 365 * 96
const SINGLE_THREAD_QUEUES_MAX = 20
/** Queues handed out and not yet back: each thread has one in work and one waiting. */
const QUEUES_AHEAD_PER_THREAD = 2
const PROGRESS_EVERY_MS = 2000

export async function measureYear({ queues, threads, onProgress }: YearOptions): Promise<YearResult> {
  const singleThreadSolvesPerSecond = singleThread(Math.min(queues, SINGLE_THREAD_QUEUES_MAX))
  const pool = threads === undefined ? openStaffingPool() : openStaffingPool(threads)
  const hashes = new Float64Array(queues)
  let agentIntervals = 0
  let openIntervals = 0
  let nextQueue = 0
  let done = 0
  const start = performance.now()
  let told = start
  const work = async () => {
    while (nextQueue < queues) {
      const queue = nextQueue++
      const { agents } = await pool.solve(yearOf(queue))
      if (agents === undefined) throw new Error('the pool answered without agents')
      hashes[queue] = foldChecksum(agents)
      for (const count of agents) {
        agentIntervals += count
        if (count > 0) openIntervals++
      }
      done++
      const now = performance.now()
      if (now - told < PROGRESS_EVERY_MS) continue
      told = now
      onProgress?.(progressText(done, queues, now - start))
    }
  }
  try {
    await Promise.all(Array.from({ length: pool.threads * QUEUES_AHEAD_PER_THREAD }, work))
  } finally {
    await pool.close()
  }
  const seconds = (performance.now() - start) / 1000
  const solves = queues * INTERVALS_PER_YEAR
  return {
    machine: machineFacts(),
    queues,
    solves,
    threads: pool.threads,
    seconds,
    solvesPerSecond: solves / seconds,
    singleThreadSolvesPerSecond,
    agentIntervals,
    openIntervals,
    checksum: checksumText(foldChecksum(hashes)),
  }
}

function singleThread(queues: number): number {
  let milliseconds = 0
  for (let queue = 0; queue < queues; queue++) {
    const { model: _, ...input } = yearOf(queue)
    const start = performance.now()
    requiredAgentsErlangC(input)
    milliseconds += performance.now() - start
  }
  return (queues * INTERVALS_PER_YEAR * 1000) / milliseconds
}

function progressText(done: number, queues: number, milliseconds: number): string {
  const left = ((queues - done) * milliseconds) / done / 1000
  const perSecond = (done * INTERVALS_PER_YEAR) / milliseconds / 1000
  return `${done} of ${queues} queues, ${perSecond.toFixed(2)} million solves a second, about ${left.toFixed(0)} s left`
}

/** Open from 7 to 21, closed at night. */
const DAY_SHAPE = Float64Array.from({ length: 96 }, (_, slot) =>
  slot >= 28 && slot < 84 ? Math.sin((Math.PI * (slot - 28)) / 56) : 0,
)

/** A hump over open hours, a weekly and a yearly wave, noise by a fixed congruence; closed at night. */
function yearOf(queue: number): StaffingRequest & { readonly model: 'erlang-c' } {
  const contacts = new Float64Array(INTERVALS_PER_YEAR)
  const ahtSeconds = new Float64Array(INTERVALS_PER_YEAR)
  let state = (queue + 1) >>> 0
  const volume = 5 * 1.007 ** (queue % 1000)
  const usualAht = 120 + ((queue * 37) % 480)
  for (let day = 0; day < 365; day++) {
    const wave = volume * (1 + 0.2 * Math.sin((2 * Math.PI * day) / 365) - (day % 7 > 4 ? 0.4 : 0))
    for (let slot = 0; slot < 96; slot++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      contacts[day * 96 + slot] = Math.round(wave * (DAY_SHAPE[slot] ?? 0) * (0.8 + (0.4 * state) / 2 ** 32))
      ahtSeconds[day * 96 + slot] = usualAht + (state % 60)
    }
  }
  return {
    model: 'erlang-c',
    contacts,
    ahtSeconds,
    intervalSeconds: 900,
    answerThresholdSeconds: 20,
    serviceLevelRatioMin: 0.8,
  }
}

export function yearReport(result: YearResult): string {
  const { machine, queues, solves, threads, seconds } = result
  const million = (perSecond: number) => `${(perSecond / 1e6).toFixed(2)} million solves a second`
  return [
    `staffing, a year of quarter-hours: ${queues} queues, ${solves} solves with all figures`,
    `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, ${machine.os}`,
    '',
    `${threads} threads   ${seconds.toFixed(1)} s, ${million(result.solvesPerSecond)}, inputs made in the same time`,
    `1 thread    ${million(result.singleThreadSolvesPerSecond)}, solving alone`,
    `${result.openIntervals} intervals with contacts, agents x intervals ${result.agentIntervals}, checksum ${result.checksum}`,
    '',
  ].join('\n')
}
