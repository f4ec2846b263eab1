/**
 * Solves per second of the staffing engine beside two baselines of the same run: the one-pass recursion (one interval at
 * a time, R = 1 + k/A R from k = 1) and the search that restarts it for every candidate. The answers carry a checksum.
 */
import { writeFile } from 'node:fs/promises'
import { requiredAgentsErlangA } from '../../engine/staffing/batch-erlang-a.ts'
import { requiredAgentsErlangC } from '../../engine/staffing/batch-erlang-c.ts'
import type { BenchmarkOptions } from '../bench.ts'
import { checksum, machineFacts } from './machine.ts'
import { measureOtherModels } from './staffing-models.ts'
import { measureYear, type YearResult, yearReport } from './staffing-year.ts'

export interface StaffingBenchOptions {
  readonly intervals: number
  readonly rounds: number
}

export interface StaffingBenchFigure {
  readonly name: string
  readonly solvesPerSecond: number
  /** Against the one-pass recursion. */
  readonly ratio: number
  /** Against the recursion restarted per n. */
  readonly restartRatio: number
  /** FNV-1a over the answers: required agents, or what the model answers instead. */
  readonly checksum: string
}

export interface StaffingBenchResult {
  readonly machine: ReturnType<typeof machineFacts>
  readonly intervals: number
  readonly figures: readonly StaffingBenchFigure[]
  /** Erlang C by load, for "flat in the load". */
  readonly byLoad: readonly { readonly offeredErlangs: number; readonly nanosecondsPerSolve: number }[]
  /** Rows on which the fast solver and the recursion disagree. */
  readonly differences: number
}

export interface StaffingBenchGrid {
  readonly contacts: Float64Array
  readonly ahtSeconds: Float64Array
  readonly serviceLevelRatioMin: Float64Array
  readonly patienceSecondsMean: Float64Array
}

const INTERVAL_SECONDS = 1800
const THRESHOLD_SECONDS = 20
const TARGETS = [0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99]
const PATIENCES = [30, 60, 120, 180, 300, 600]
/** The restarting search is slower by orders; it gets a share of the grid. */
const RESTART_SHARE = 50

export async function run(options: BenchmarkOptions): Promise<void> {
  const result = options.year === true ? await runYear(options.queues ?? 1000) : runGrid()
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`)
}

function runGrid(): StaffingBenchResult {
  const result = measureStaffing({ intervals: 100_000, rounds: 5 })
  process.stdout.write(reportOf(result))
  return result
}

async function runYear(queues: number): Promise<YearResult> {
  const result = await measureYear({
    queues,
    onProgress: (text) => process.stderr.write(`${text}\n`),
  })
  process.stdout.write(yearReport(result))
  return result
}

/** contacts 1 … 5000 in half an hour, AHT 60 … 900 s, ten targets, six patiences; the seed is fixed. */
function grid(intervals: number): StaffingBenchGrid {
  let state = 20_260_101
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  const pick = (choices: readonly number[]) => choices[Math.floor(random() * choices.length)] ?? 0
  return {
    contacts: Float64Array.from({ length: intervals }, () => 1 + Math.floor(random() * 5000)),
    ahtSeconds: Float64Array.from({ length: intervals }, () => 60 + Math.floor(random() * 841)),
    serviceLevelRatioMin: Float64Array.from({ length: intervals }, () => pick(TARGETS)),
    patienceSecondsMean: Float64Array.from({ length: intervals }, () => pick(PATIENCES)),
  }
}

export function measureStaffing({ intervals, rounds }: StaffingBenchOptions): StaffingBenchResult {
  const rows = grid(intervals)
  const common = { intervalSeconds: INTERVAL_SECONDS, answerThresholdSeconds: THRESHOLD_SECONDS }
  const inputC = {
    ...common,
    contacts: rows.contacts,
    ahtSeconds: rows.ahtSeconds,
    serviceLevelRatioMin: rows.serviceLevelRatioMin,
  }
  const outC = requiredAgentsErlangC(inputC)
  const outA = requiredAgentsErlangA({ ...inputC, patienceSecondsMean: rows.patienceSecondsMean })
  const naive = new Float64Array(intervals)
  const restarted = new Float64Array(Math.max(1, Math.floor(intervals / RESTART_SHARE)))
  // The contenders take turns, so that a busy machine slows all alike; the best round of each counts.
  const best = { c: 0, sl4: 0, sl3: 0, onePass: 0, restart: 0 }
  const patient = { ...inputC, patienceSecondsMean: rows.patienceSecondsMean }
  for (let round = 0; round < rounds; round++) {
    best.onePass = Math.max(
      best.onePass,
      rate(intervals, () => onePass(rows, naive)),
    )
    best.c = Math.max(
      best.c,
      rate(intervals, () => requiredAgentsErlangC(inputC, outC)),
    )
    best.sl3 = Math.max(
      best.sl3,
      rate(intervals, () => requiredAgentsErlangA({ ...patient, serviceLevelFormula: 'SL3' }, outA)),
    )
    best.sl4 = Math.max(
      best.sl4,
      rate(intervals, () => requiredAgentsErlangA(patient, outA)),
    )
    best.restart = Math.max(
      best.restart,
      rate(restarted.length, () => restartPerAgent(rows, restarted)),
    )
  }
  const figure = (name: string, solvesPerSecond: number, answers: Float64Array): StaffingBenchFigure => ({
    name,
    solvesPerSecond,
    ratio: solvesPerSecond / best.onePass,
    restartRatio: solvesPerSecond / best.restart,
    checksum: checksum(answers),
  })
  return {
    machine: machineFacts(),
    intervals,
    figures: [
      figure('Erlang C, columns', best.c, outC.agents),
      figure('Erlang A, columns, SL4', best.sl4, outA.agents),
      figure(
        'Erlang A, columns, SL3',
        best.sl3,
        requiredAgentsErlangA({ ...patient, serviceLevelFormula: 'SL3' }).agents,
      ),
      ...measureOtherModels(rows, rounds).map((one) => figure(one.name, one.solvesPerSecond, one.answers)),
      figure('baseline: one-pass recursion', best.onePass, naive),
      figure('baseline: recursion restarted per n', best.restart, restarted),
    ],
    byLoad: timeByLoad(intervals, rounds),
    differences: naive.reduce((count, agents, row) => count + (agents === outC.agents[row] ? 0 : 1), 0),
  }
}

function rate(solves: number, work: () => void): number {
  const start = performance.now()
  work()
  return (solves / Math.max(1e-6, performance.now() - start)) * 1000
}

/** The loads take turns too: a busy moment must not look like a slope. */
function timeByLoad(intervals: number, rounds: number) {
  const ahtSeconds = 180
  const loads = [1e3, 1e4, 1e5, 1e6].map((offeredErlangs) => {
    const contacts = Float64Array.from(
      { length: intervals },
      (_, row) => ((offeredErlangs * INTERVAL_SECONDS) / ahtSeconds) * (1 + (row % 97) / 1000),
    )
    const input = {
      contacts,
      intervalSeconds: INTERVAL_SECONDS,
      ahtSeconds,
      answerThresholdSeconds: THRESHOLD_SECONDS,
      serviceLevelRatioMin: 0.8,
    }
    return { offeredErlangs, input, out: requiredAgentsErlangC(input), best: 0 }
  })
  for (let round = 0; round < 2 * rounds; round++) {
    for (const load of loads) {
      const speed = rate(intervals, () => requiredAgentsErlangC(load.input, load.out))
      load.best = Math.max(load.best, speed)
    }
  }
  return loads.map(({ offeredErlangs, best }) => ({ offeredErlangs, nanosecondsPerSolve: 1e9 / best }))
}

/** Baseline: inverse Erlang B recurrence from k = 1, tested at each k above the load. */
function onePass(rows: StaffingBenchGrid, agents: Float64Array): void {
  for (let row = 0; row < agents.length; row++) {
    const aht = rows.ahtSeconds[row] ?? 1
    const load = ((rows.contacts[row] ?? 0) * aht) / INTERVAL_SECONDS
    const tau = THRESHOLD_SECONDS / aht
    const miss = 1 - (rows.serviceLevelRatioMin[row] ?? 0)
    let inverse = 1
    let k = 0
    for (;;) {
      k++
      inverse = 1 + (k / load) * inverse
      if (k > load && k * Math.exp(-(k - load) * tau) <= miss * ((k - load) * inverse + load)) break
    }
    agents[row] = k
  }
}

/** Baseline: what most calculators do, the whole recurrence again for every candidate. */
function restartPerAgent(rows: StaffingBenchGrid, agents: Float64Array): void {
  for (let row = 0; row < agents.length; row++) {
    const aht = rows.ahtSeconds[row] ?? 1
    const load = ((rows.contacts[row] ?? 0) * aht) / INTERVAL_SECONDS
    let n = Math.floor(load) + 1
    while (levelByRestart(n, load, THRESHOLD_SECONDS / aht) < (rows.serviceLevelRatioMin[row] ?? 0)) n++
    agents[row] = n
  }
}

function levelByRestart(n: number, load: number, tau: number): number {
  let inverse = 1
  for (let k = 1; k <= n; k++) inverse = 1 + (k / load) * inverse
  return 1 - (n / ((n - load) * inverse + load)) * Math.exp(-(n - load) * tau)
}

function reportOf(result: StaffingBenchResult): string {
  const { machine, figures, byLoad } = result
  const lines = [
    `staffing: ${result.intervals} intervals, one thread`,
    `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, ${machine.os}`,
    '',
    `${'model'.padEnd(38)}${'solves/s'.padStart(12)}${'x one-pass'.padStart(12)}${'x restart'.padStart(12)}  checksum`,
    ...figures.map(
      ({ name, solvesPerSecond, ratio, restartRatio, checksum: sum }) =>
        `${name.padEnd(38)}${Math.round(solvesPerSecond).toString().padStart(12)}${ratio.toFixed(4).padStart(12)}${restartRatio.toFixed(2).padStart(12)}  ${sum}`,
    ),
    '',
    `Erlang C and the recursion disagree on ${result.differences} intervals.`,
    'Erlang C by load (nanoseconds a solve):',
    ...byLoad.map(
      ({ offeredErlangs, nanosecondsPerSolve }) =>
        `${String(offeredErlangs).padStart(10)} E ${nanosecondsPerSolve.toFixed(0).padStart(8)}`,
    ),
  ]
  return `${lines.join('\n')}\n`
}
