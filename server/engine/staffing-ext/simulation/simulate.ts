/** Replicated simulation of a contact centre: the figures of the formulas, each with its interval of confidence. */
import { ContactCentreRun, type RunTally } from './contact-centre-run.ts'
import { checkSimulationInput, type SimulationInput } from './simulation-input.ts'

/** The 95 % interval is ratio ± halfWidth; null where nothing counts. */
export interface Estimate {
  readonly value: number | null
  readonly halfWidth: number | null
}

export interface SimulatedFigures {
  readonly contacts: Estimate
  readonly waitProbability: Estimate
  readonly serviceLevelRatios: Readonly<Record<'SL1' | 'SL2' | 'SL3' | 'SL4', Estimate>>
  readonly abandonRatio: Estimate
  readonly asaAnsweredSeconds: Estimate
  readonly asaAllSeconds: Estimate
  readonly queueLengthMean: Estimate
}

export interface SimulationMetrics {
  readonly skills: readonly SimulatedFigures[]
  /** [skill][interval], by the interval of arrival; every interval, warm-up included. */
  readonly intervals: readonly (readonly SimulatedFigures[])[]
  readonly all: SimulatedFigures
  readonly groups: readonly { readonly occupancyRatio: Estimate; readonly busyAgentsMean: Estimate }[]
  readonly contactsSimulated: number
}

export function simulate(input: SimulationInput): SimulationMetrics {
  checkSimulationInput(input)
  const runs = Array.from({ length: input.replications }, (_, replication) =>
    new ContactCentreRun(input, replication).run(),
  )
  const intervalCount = input.skills[0]?.contacts.length ?? 0
  const counted = Array.from({ length: intervalCount }, (_, i) => i).slice(input.warmUpIntervals ?? 0)
  const rowsOf = (index: number) => counted.map((interval) => index * intervalCount + interval)
  const countedSeconds = counted.length * input.intervalSeconds
  const allRows = input.skills.flatMap((_, skill) => rowsOf(skill))
  return {
    skills: input.skills.map((_, skill) => figures(runs, rowsOf(skill), countedSeconds)),
    intervals: input.skills.map((_, skill) =>
      Array.from({ length: intervalCount }, (_, interval) =>
        figures(runs, [skill * intervalCount + interval], input.intervalSeconds),
      ),
    ),
    all: figures(runs, allRows, countedSeconds),
    groups: input.groups.map((_, group) => {
      const busy = sums(runs, 'busySeconds', rowsOf(group))
      return {
        occupancyRatio: ratio(busy, sums(runs, 'loggedInSeconds', rowsOf(group))),
        busyAgentsMean: ratio(
          busy,
          busy.map(() => countedSeconds),
        ),
      }
    }),
    contactsSimulated: runs.reduce((sum, run) => sum + run.offered.reduce((a, b) => a + b, 0), 0),
  }
}

function figures(runs: readonly RunTally[], rows: readonly number[], seconds: number): SimulatedFigures {
  const of = (field: keyof RunTally) => sums(runs, field, rows)
  const offered = of('offered')
  const answered = of('answered')
  const within = of('answeredWithin')
  const abandonedWithin = of('abandonedWithin')
  const combine = (a: readonly number[], b: readonly number[], sign: number) =>
    a.map((value, run) => value + sign * (b[run] ?? 0))
  return {
    contacts: ratio(
      offered,
      offered.map(() => 1),
    ),
    waitProbability: ratio(of('waited'), offered),
    serviceLevelRatios: {
      SL1: ratio(combine(within, abandonedWithin, 1), offered),
      SL2: ratio(within, answered),
      SL3: ratio(within, offered),
      SL4: ratio(within, combine(offered, abandonedWithin, -1)),
    },
    abandonRatio: ratio(of('abandoned'), offered),
    asaAnsweredSeconds: ratio(of('answeredWaitSeconds'), answered),
    asaAllSeconds: ratio(of('allWaitSeconds'), offered),
    queueLengthMean: ratio(
      of('queueSeconds'),
      offered.map(() => seconds),
    ),
  }
}

function sums(runs: readonly RunTally[], field: keyof RunTally, rows: readonly number[]): number[] {
  return runs.map((run) => rows.reduce((sum, row) => sum + (run[field][row] ?? 0), 0))
}

/** Ratio of sums over independent runs, with its 95 % half-width by the delta method and Student's t. */
function ratio(numerators: readonly number[], denominators: readonly number[]): Estimate {
  const runs = numerators.length
  const numerator = numerators.reduce((a, b) => a + b, 0)
  const denominator = denominators.reduce((a, b) => a + b, 0)
  if (denominator === 0) return { value: null, halfWidth: null }
  const value = numerator / denominator
  const squares = numerators.reduce(
    (sum, part, run) => sum + (part - value * (denominators[run] ?? 0)) ** 2,
    0,
  )
  const deviation = Math.sqrt((squares * runs) / (runs - 1)) / denominator
  return { value, halfWidth: student975(runs - 1) * deviation }
}

/** 97.5 % point of Student's t: exact for 1 and 2 degrees, Cornish-Fisher beyond (within 0.4 % from 3 on). */
function student975(degrees: number): number {
  if (degrees === 1) return 12.706
  if (degrees === 2) return 4.303
  const z = 1.959963985
  const g1 = (z ** 3 + z) / 4
  const g2 = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96
  const g3 = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384
  return z + g1 / degrees + g2 / degrees ** 2 + g3 / degrees ** 3
}
