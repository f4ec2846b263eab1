/** What would help: agents added, moved from a queue with spare, kept longer, or a training put off; each tried on the same simulated callers. */
import { type DayPaths, drawMarked, firstPaths, type MarkedPaths, retryPaths } from './day-paths.ts'
import type { SoFar } from './day-projection.ts'
import { projectPaths } from './path-projection.ts'
import { pathsInput, type RestOfDayInput } from './rest-of-day.ts'
import type { FactorPosterior } from './staffing-factor.ts'

export interface HelpQueue {
  readonly queueId: string
  readonly rest: RestOfDayInput
  readonly staffing: FactorPosterior
  readonly soFar: SoFar
  readonly targetRatio: number
  /** The paths of the day as it stands, kept where a trial may begin. */
  readonly base: MarkedPaths
  /** Of the full number of paths. */
  readonly chance: number
  /** What has been tried already: several queues ask for the same agents of one that has spare. */
  readonly tried: Map<string, Tried>
}

export interface Tried {
  readonly ratio: number
  readonly chance: number
}

/** Agents away for a training that could be put off. Intervals of the queue's day, [from, to). */
export interface Training {
  readonly noteId: string
  readonly queueId: string | null
  readonly fromInterval: number
  readonly toInterval: number
  readonly heads: number
}

export interface HelpCosts {
  readonly perAgentHour: number
}

export interface Help {
  readonly kind: 'add' | 'overtime' | 'move' | 'training'
  readonly queueId: string
  readonly agents: number
  readonly fromInterval: number
  readonly toInterval: number
  readonly fromQueueId: string | null
  readonly fromQueueChanceBefore: number | null
  readonly fromQueueChanceAfter: number | null
  readonly noteId: string | null
  readonly agentHours: number
  readonly cost: number
  readonly ratio: number
  readonly chanceBefore: number
  readonly chance: number
}

/** A day this likely to be kept needs no help. */
const CHANCE_WANTED = 0.8
/** A queue gives agents only while it keeps this chance. */
const CHANCE_OF_GIVER = 0.85
/** Help that moves the chance by less is no help. */
const GAIN_MIN = 0.05
const AGENTS_MAX = 8
const MOVED_MAX = 4
const HELP_PATHS = 200
const WINDOW_SECONDS = 7_200
/** Hours beyond the shift are paid with a quarter on top. */
const OVERTIME_FACTOR = 1.25
const HELPS_MAX = 6

interface Window {
  readonly kind: 'add' | 'overtime'
  readonly from: number
  readonly to: number
}

/** Paths of a queue's rest of the day, kept at the starts of everything that may be tried; undefined: nothing will be. */
export function drawForHelp(
  rest: RestOfDayInput,
  staffing: FactorPosterior,
  trainings: readonly Training[] | undefined,
): MarkedPaths {
  const input = pathsInput(rest, staffing)
  if (trainings === undefined) return drawMarked(input, 0, [])
  const first = Math.max(0, Math.floor(rest.position))
  const starts = [
    ...windowsOf(rest).map(({ from }) => from),
    ...trainings.map(({ fromInterval }) => Math.max(fromInterval, Math.ceil(rest.position))),
    // Agents lent to another queue leave with the next interval.
    Math.ceil(rest.position),
  ]
  const at = starts.map((start) => start - first)
  return drawMarked(input, HELP_PATHS, at)
}

/** Cheapest first; of the same cost the likeliest. */
export function whatWouldHelp(
  queue: HelpQueue,
  others: readonly HelpQueue[],
  trainings: readonly Training[],
  costs: HelpCosts,
): readonly Help[] {
  if (queue.chance >= CHANCE_WANTED) return []
  const windows = windowsOf(queue.rest)
  const found: Help[] = []
  const base = read(queue, firstPaths(queue.base))
  for (const window of windows) {
    const help = added(queue, window, costs, base.chance)
    if (help !== undefined) found.push(help)
  }
  for (const training of trainings) {
    const help = putOff(queue, training, base.chance)
    if (help !== undefined) found.push(help)
  }
  const [first] = windows
  if (first !== undefined)
    for (const other of others) {
      const help = moved(queue, other, first, base.chance)
      if (help !== undefined) found.push(help)
    }
  return found
    .filter(({ chance }) => chance >= base.chance + GAIN_MIN)
    .sort((a, b) => a.cost - b.cost || b.chance - a.chance)
    .slice(0, HELPS_MAX)
}

/** From the next interval on for two hours; the two hours that are shortest of agents; the last two hours. */
function windowsOf(rest: RestOfDayInput): readonly Window[] {
  const next = Math.ceil(rest.position)
  const count = Math.max(1, Math.round(WINDOW_SECONDS / rest.intervalSeconds))
  const busy = rest.contactsMean.map((contacts, index) => (index >= next && contacts > 0 ? index : -1))
  const open = busy.filter((index) => index >= 0)
  const [firstOpen] = open
  const end = (open.at(-1) ?? -1) + 1
  if (firstOpen === undefined) return []
  const windows: Window[] = [{ kind: 'add', from: firstOpen, to: Math.min(end, firstOpen + count) }]
  const scarce = scarcest(rest, firstOpen, end, count)
  if (scarce !== firstOpen) windows.push({ kind: 'add', from: scarce, to: Math.min(end, scarce + count) })
  const last = Math.max(firstOpen, end - count)
  if (last !== firstOpen && last !== scarce) windows.push({ kind: 'overtime', from: last, to: end })
  return windows
}

/** Load against agents, summed over the window: where a head more meets most callers. */
function scarcest(rest: RestOfDayInput, from: number, end: number, count: number): number {
  const pressure = (index: number) => {
    const erlangs = ((rest.contactsMean[index] ?? 0) * (rest.ahtSeconds[index] ?? 0)) / rest.intervalSeconds
    const profile = rest.lesson.profile[rest.slots[index] ?? 0] ?? 1
    return (erlangs - (rest.agents[index] ?? 0) * profile) / Math.sqrt(Math.max(1, erlangs))
  }
  let best = from
  let most = Number.NEGATIVE_INFINITY
  for (let start = from; start + count <= end; start++) {
    let sum = 0
    for (let index = start; index < start + count; index++) sum += pressure(index)
    if (sum > most + 1e-9) {
      best = start
      most = sum
    }
  }
  return best
}

interface Change {
  readonly from: number
  readonly to: number
  readonly agents: number
}

/** The day with so many agents more from one interval to another, on the first paths of the look-ahead itself. */
function tried(queue: HelpQueue, { from, to, agents: more }: Change): Tried {
  const { rest, base } = queue
  const name = `${from} ${to} ${more}`
  const known = queue.tried.get(name)
  if (known !== undefined) return known
  const first = Math.max(0, Math.floor(rest.position))
  const agents = rest.agents.map((before, index) =>
    index >= from && index < to ? Math.max(0, before + more) : before,
  )
  const input = pathsInput({ ...rest, agents }, queue.staffing)
  const seen = read(queue, retryPaths(base, input, { from: from - first, to: to - first }))
  queue.tried.set(name, seen)
  return seen
}

function read({ soFar, targetRatio }: HelpQueue, paths: DayPaths): Tried {
  const seen = projectPaths(paths, 0, soFar, targetRatio)
  return { ratio: seen.ratio ?? 0, chance: seen.keepProbability ?? 0 }
}

/** The fewest agents that make the day likely, or the most when none does. The chance rises with them: halving finds it. */
function added(queue: HelpQueue, window: Window, costs: HelpCosts, chanceBefore: number): Help | undefined {
  const attempt = (agents: number) => tried(queue, { from: window.from, to: window.to, agents })
  let low = 0
  let high = AGENTS_MAX
  let result = attempt(high)
  if (result.chance >= CHANCE_WANTED) {
    while (high - low > 1) {
      const middle = (low + high) >> 1
      const seen = attempt(middle)
      if (seen.chance >= CHANCE_WANTED) {
        high = middle
        result = seen
      } else low = middle
    }
  }
  const hours = ((window.to - window.from) * queue.rest.intervalSeconds) / 3600
  const agentHours = high * hours
  const price = window.kind === 'overtime' ? costs.perAgentHour * OVERTIME_FACTOR : costs.perAgentHour
  return {
    ...NOTHING_ELSE,
    kind: window.kind,
    queueId: queue.queueId,
    agents: high,
    fromInterval: window.from,
    toInterval: window.to,
    agentHours,
    cost: agentHours * price,
    ...result,
    chanceBefore,
  }
}

const NOTHING_ELSE = {
  fromQueueId: null,
  fromQueueChanceBefore: null,
  fromQueueChanceAfter: null,
  noteId: null,
} as const

function putOff(queue: HelpQueue, training: Training, chanceBefore: number): Help | undefined {
  const from = Math.max(training.fromInterval, Math.ceil(queue.rest.position))
  if (from >= training.toInterval) return undefined
  if (training.queueId !== null && training.queueId !== queue.queueId) return undefined
  const change = { from, to: training.toInterval, agents: training.heads }
  return {
    ...NOTHING_ELSE,
    kind: 'training',
    queueId: queue.queueId,
    agents: training.heads,
    fromInterval: from,
    toInterval: training.toInterval,
    noteId: training.noteId,
    agentHours: ((training.toInterval - from) * training.heads * queue.rest.intervalSeconds) / 3600,
    // They are paid whether they learn or answer.
    cost: 0,
    ...tried(queue, change),
    chanceBefore,
  }
}

/** Both queues must have the same intervals. The giver must stay likely to keep its own promise. */
function moved(
  queue: HelpQueue,
  other: HelpQueue,
  { from, to }: Window,
  chanceBefore: number,
): Help | undefined {
  const sameGrid =
    other.rest.intervalSeconds === queue.rest.intervalSeconds &&
    other.rest.agents.length === queue.rest.agents.length
  if (!sameGrid || other.chance < CHANCE_OF_GIVER || other.queueId === queue.queueId) return undefined
  const spare = Math.min(...other.rest.agents.slice(from, to))
  let best: Help | undefined
  for (let agents = 1; agents <= Math.min(MOVED_MAX, spare - 1); agents++) {
    const giver = tried(other, { from, to, agents: -agents })
    if (giver.chance < CHANCE_OF_GIVER) break
    const seen = tried(queue, { from, to, agents })
    best = {
      kind: 'move',
      queueId: queue.queueId,
      agents,
      fromInterval: from,
      toInterval: to,
      fromQueueId: other.queueId,
      fromQueueChanceBefore: other.chance,
      fromQueueChanceAfter: giver.chance,
      noteId: null,
      agentHours: ((to - from) * agents * queue.rest.intervalSeconds) / 3600,
      cost: 0,
      ...seen,
      chanceBefore,
    }
    if (seen.chance >= CHANCE_WANTED) break
  }
  return best
}
