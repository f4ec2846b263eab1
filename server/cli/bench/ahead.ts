/**
 * Cost of the look-ahead: eight queues, a thousand days each, with the staffing lessons of four weeks, in its thread as the
 * server runs it. Baseline of the same run: the 7-point rule over Erlang A that a plan's page uses, without what would help.
 */
import { writeFile } from 'node:fs/promises'
import { type PreparedRest, prepareRest, projectDay } from '../../engine/plan/day-projection.ts'
import { outcomeFraction, predictInterval, requiredAgents } from '../../engine/plan/interval-outcome.ts'
import { type LookAheadJob, LookAheadWork, type QueueJob } from '../../planning/look-ahead-job.ts'
import { createLookAheadThread } from '../../planning/look-ahead-thread.ts'
import { machineFacts } from './machine.ts'

const QUEUES = 8
const PATHS = 1_000
const INTERVALS = 48
const OPEN_FROM = 16
const OPEN_TO = 38
/** Half past ten: the longest look-ahead that supervisors ask for has most of the day before it. */
const POSITION = 21
const LESSON_DAYS = 28
const ROUNDS = 9
const PROMISE = {
  targetRatio: 0.8,
  answerThresholdSeconds: 20,
  shortAbandonSeconds: 5,
  formula: 'SL4',
} as const

interface Timing {
  readonly name: string
  readonly milliseconds: number
  /** Of the whole process: what the machine spent, whoever else it serves. */
  readonly cpuMilliseconds: number
}

export async function run(options: { readonly json?: string }): Promise<void> {
  const result = await measureAhead(ROUNDS)
  const { cpu, cores, node, os } = machineFacts()
  const lines = result.timings.map(
    ({ name, milliseconds, cpuMilliseconds }) =>
      `  ${name.padEnd(58)} ${milliseconds.toFixed(1).padStart(8)} ms, ${cpuMilliseconds.toFixed(1).padStart(8)} ms of CPU`,
  )
  process.stdout.write(`${cpu}, ${cores} cores, Node ${node}, ${os}
look-ahead: ${QUEUES} queues, ${PATHS} days each, ${Math.round(result.contacts)} contacts still expected; checksum ${result.checksum}
${lines.join('\n')}
`)
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`)
}

export async function measureAhead(rounds: number) {
  const job = jobOf(false)
  const thread = createLookAheadThread()
  // Lessons are read once a day; the interval that has just ended is another one at every look.
  let look = 0
  const next = (help: boolean) =>
    thread.run({ ...job, help, queues: job.queues.map((queue) => later(queue, look++)) })
  try {
    const first = await timed(1, () => next(false))
    const plain = await timed(rounds, () => next(false))
    await next(true)
    const helping = await timed(rounds, () => next(true))
    const baseline = await timed(rounds, () => {
      for (const queue of job.queues) projectDay(formulaRest(queue), POSITION, queue.soFar, 0.8)
    })
    const timings: Timing[] = [
      { name: 'look-ahead with what would help, every queue in doubt', ...helping },
      { name: 'of it without what would help', ...plain },
      { name: 'first run: thread, tables and four weeks of lessons', ...first },
      { name: 'baseline: 7-point rule over Erlang A, in the event loop', ...baseline },
    ]
    return { timings, contacts: contactsOf(job), checksum: checksumOf(job) }
  } finally {
    await thread.close()
  }
}

/** Medians of wall clock and CPU, asked to answered. */
async function timed(rounds: number, work: () => unknown) {
  const wall: number[] = []
  const cpu: number[] = []
  for (let round = 0; round < rounds; round++) {
    const startedMs = performance.now()
    const used = process.cpuUsage()
    await work()
    wall.push(performance.now() - startedMs)
    const { user, system } = process.cpuUsage(used)
    cpu.push((user + system) / 1_000)
  }
  return { milliseconds: median(wall), cpuMilliseconds: median(cpu) }
}

function jobOf(help: boolean): LookAheadJob {
  return {
    queues: Array.from({ length: QUEUES }, (_, index) => queueJob(index)),
    trainings: [],
    costs: { perAgentHour: 28 },
    help,
  }
}

/** Queues of 600 to 1 300 contacts a day, as in the demo; some will be kept, some not. */
function queueJob(index: number): QueueJob {
  const day = Array.from({ length: INTERVALS }, (_, slot) => slot)
  const open = (slot: number) => slot >= OPEN_FROM && slot < OPEN_TO
  const contactsMean = day.map((slot) =>
    open(slot) ? (27 + 4.5 * index) * (1 + 0.35 * Math.sin((slot - OPEN_FROM) / 3.2)) : 0,
  )
  const ahtSeconds = day.map(() => 200 + 15 * index)
  const loadOf = (slot: number) => ({
    contacts: contactsMean[slot] ?? 0,
    intervalSeconds: 1_800,
    ahtSeconds: ahtSeconds[slot] ?? 0,
    patienceSecondsMean: 180,
  })
  const agents = day.map((slot) => Math.max(0, (requiredAgents(loadOf(slot), PROMISE) ?? 0) - (index % 2)))
  const playedDay = (end: number) =>
    day
      .filter((slot) => open(slot) && slot < end)
      .map((slot) => ({
        slot,
        load: loadOf(slot),
        agents: agents[slot] ?? 0,
        met: Math.round((contactsMean[slot] ?? 0) * 0.8),
        counted: Math.round(contactsMean[slot] ?? 0),
      }))
  return {
    queueId: `queue-${index}`,
    rest: {
      promise: PROMISE,
      patienceSecondsMean: 180,
      intervalSeconds: 1_800,
      position: POSITION,
      contactsMean,
      rateCv: day.map(() => 0.12),
      ahtSeconds,
      agents,
      slots: day,
      waitingSeconds: [12, 3],
      busyAgents: 5,
      paths: PATHS,
      seed: 1,
    },
    played: playedDay(POSITION),
    lessons: Array.from({ length: LESSON_DAYS }, (_, n) => ({
      key: `day ${n}`,
      weekend: n % 7 > 4,
      promise: PROMISE,
      intervals: playedDay(INTERVALS),
    })),
    weekend: false,
    soFar: { met: 120, counted: 150 },
  }
}

function later(queue: QueueJob, look: number): QueueJob {
  const played = queue.played.map((interval, index) =>
    index === queue.played.length - 1
      ? {
          ...interval,
          load: { ...interval.load, ahtSeconds: interval.load.ahtSeconds + (look % 1_000) / 100 },
        }
      : interval,
  )
  return { ...queue, played }
}

function formulaRest({ rest }: QueueJob): PreparedRest {
  return prepareRest(
    rest.contactsMean.map((contactsMean, slot) => ({
      contactsMean,
      rateCv: rest.rateCv[slot] ?? 0,
      sharesAt: (factor: number) =>
        outcomeFraction(
          predictInterval(
            {
              contacts: contactsMean * factor,
              intervalSeconds: rest.intervalSeconds,
              ahtSeconds: rest.ahtSeconds[slot] ?? 0,
              patienceSecondsMean: rest.patienceSecondsMean,
            },
            rest.agents[slot] ?? 0,
            PROMISE,
          ),
          PROMISE,
        ),
    })),
  )
}

function contactsOf({ queues }: LookAheadJob): number {
  return queues.reduce(
    (sum, { rest }) => sum + rest.contactsMean.slice(POSITION).reduce((a, b) => a + b, 0),
    0,
  )
}

/** Of the answers themselves: the same on every machine. */
function checksumOf(job: LookAheadJob): number {
  return new LookAheadWork().run(job).reduce((sum, { paths }) => sum + (paths.met[0] ?? 0), 0)
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0
}
