/** The fold alone, one thread: a day of a million events applied, folded, reported; beside a bare grouping of the same events. */
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { arch, cpus, totalmem } from 'node:os'
import type { LedgerEvent } from '../../domain/event.ts'
import { DEFAULT_SITE } from '../../domain/settings.ts'
import { LiveState } from '../../state/live-state.ts'
import { createSettingsView } from '../../state/settings-view.ts'

const CONTACTS = 125_000
const QUEUES = 8
const AGENTS = 1000
export const STEPS = 8
/** Rows of a page, as the ledger gives them. */
const PAGE = 10_000
export const DAY_START_MS = Date.UTC(2024, 5, 12)
export const DAY = '2024-06-12'

export interface FoldFigures {
  readonly events: number
  readonly foldEventsPerSecond: number
  /** Of all threads of the process, garbage collection included: what a busy machine leaves as it is. */
  readonly foldCpuSeconds: number
  readonly baselineGroupingEventsPerSecond: number
  readonly stateMegabytes: number
  readonly dayReportMs: number
  readonly boardTickMs: number
  readonly checksum: string
}

export async function run(options: { json?: string }): Promise<void> {
  const machine = `${cpus()[0]?.model ?? 'unknown'} × ${cpus().length}, ${arch()}, ${Math.round(totalmem() / 1e9)} GB, Node ${process.version}`
  const figures = { ...measureFold(CONTACTS), machine }
  for (const [name, value] of Object.entries(figures)) process.stdout.write(`${name.padEnd(34)}${value}\n`)
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`)
}

export function measureFold(contacts: number): FoldFigures {
  const day = planDay(contacts)
  const settings = createSettingsView({
    site: { ...DEFAULT_SITE, zone: 'UTC' },
    queues: new Map(),
    clients: new Map(),
    agents: new Map(),
    promises: [],
  })
  // Once to warm up, on a tenth: the first run would measure the compiler.
  applyPages(day, Math.floor(day.count / 10), new LiveState(settings))

  const groups = new Map<string, LedgerEvent[]>()
  let baselineMs = 0
  forPages(day, day.count, (page) => {
    baselineMs += time(() => group(groups, page))
  })
  groups.clear()
  const heapBefore = usedBytes()
  const state = new LiveState(settings)
  const { milliseconds: foldMs, cpuSeconds } = applyPages(day, day.count, state)
  const heapMegabytes = (usedBytes() - heapBefore) / 1e6
  let report = ''
  const reportMs = time(() => {
    report = JSON.stringify(state.dayReport(DAY))
  })
  const nowMs = DAY_START_MS + 12 * 3_600_000
  const tickMs =
    time(() => {
      for (let tick = 0; tick < 100; tick += 1) {
        for (let queue = 0; queue < QUEUES; queue += 1) {
          state.queueNow(`queue-${queue}`, nowMs + tick)
          state.slidingTotals(`queue-${queue}`, nowMs + tick)
          state.dayTotals(`queue-${queue}`, DAY)
        }
      }
    }) / 100
  return {
    events: day.count,
    foldEventsPerSecond: Math.round(day.count / (foldMs / 1000)),
    foldCpuSeconds: Math.round(cpuSeconds * 100) / 100,
    baselineGroupingEventsPerSecond: Math.round(day.count / (baselineMs / 1000)),
    stateMegabytes: Math.round(heapMegabytes),
    dayReportMs: Math.round(reportMs),
    boardTickMs: Number(tickMs.toFixed(2)),
    checksum: createHash('sha256').update(report).digest('hex').slice(0, 16),
  }
}

function forPages(day: DayPlan, count: number, work: (page: LedgerEvent[]) => void): void {
  for (let from = 0; from < count; from += PAGE) work(day.page(from, Math.min(count, from + PAGE)))
}

/** In the fold alone; making the pages is not counted. */
function applyPages(
  day: DayPlan,
  count: number,
  state: LiveState,
): { readonly milliseconds: number; readonly cpuSeconds: number } {
  let milliseconds = 0
  let cpuMicroseconds = 0
  const measured = (work: () => void) => {
    const before = process.cpuUsage()
    milliseconds += time(work)
    const { user, system } = process.cpuUsage(before)
    cpuMicroseconds += user + system
  }
  forPages(day, count, (page) => {
    measured(() => {
      for (const event of page) state.apply(event)
    })
  })
  measured(() => state.quality())
  return { milliseconds, cpuSeconds: cpuMicroseconds / 1e6 }
}

/** What any fold has to do at the least: put the events of a contact together. */
function group(groups: Map<string, LedgerEvent[]>, events: readonly LedgerEvent[]): void {
  for (const event of events) {
    const key = event.data.contactId ?? ''
    const found = groups.get(key)
    if (found === undefined) groups.set(key, [event])
    else found.push(event)
  }
}

function time(work: () => void): number {
  const start = performance.now()
  work()
  return performance.now() - start
}

function usedBytes(): number {
  globalThis.gc?.()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

export interface DayPlan {
  readonly count: number
  /** Events `from` … `to` of the day, in the order of their times, made afresh as rows of a ledger come in. */
  page(from: number, to: number): LedgerEvent[]
}

/** Contacts of eight events each; seeded. Kept as numbers: a heap full of finished events would be measured instead of the fold. */
export function planDay(contacts: number): DayPlan {
  let seed = 7
  const random = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
    return seed / 4294967296
  }
  const count = contacts * STEPS
  const times = new Float64Array(count)
  const agents = new Uint16Array(contacts * 2)
  for (let contact = 0; contact < contacts; contact += 1) {
    const atMs = DAY_START_MS + Math.floor(random() * 86_000_000)
    const waitMs = Math.floor(random() * 40_000)
    const talkMs = Math.floor(random() * 400_000)
    agents[contact * 2] = Math.floor(random() * AGENTS)
    agents[contact * 2 + 1] = Math.floor(random() * AGENTS)
    const steps = [
      0,
      10,
      waitMs / 2,
      waitMs / 2,
      waitMs,
      waitMs + talkMs / 4,
      waitMs + talkMs / 2,
      waitMs + talkMs,
    ]
    for (const [step, afterMs] of steps.entries()) times[contact * STEPS + step] = Math.floor(atMs + afterMs)
  }
  const order = Uint32Array.from({ length: count }, (_, index) => index)
  order.sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0) || a - b)
  return {
    count,
    page: (from, to) =>
      Array.from(order.subarray(from, to), (index, at) => makeEvent(index, from + at, times, agents)),
  }
}

function makeEvent(index: number, position: number, times: Float64Array, agents: Uint16Array): LedgerEvent {
  const contact = Math.floor(index / STEPS)
  const step = index % STEPS
  const occurredAtMs = times[index] ?? 0
  const arrivedMs = times[contact * STEPS] ?? 0
  const answeredMs = times[contact * STEPS + 4] ?? 0
  const contactId = `${Math.floor(arrivedMs / 1000)}.${contact}`
  const queueId = `queue-${contact % QUEUES}`
  const other = `agent-${agents[contact * 2]}`
  const agentId = `agent-${agents[contact * 2 + 1]}`
  const steps: readonly (readonly [LedgerEvent['type'], LedgerEvent['data']])[] = [
    ['cc.contact.queued.v1', { contactId, queueId }],
    ['cc.contact.offered.v1', { contactId, queueId, agentId: other }],
    [
      'cc.contact.offer-ended.v1',
      { contactId, queueId, agentId: other, reason: 'noAnswer', ringSeconds: 10 },
    ],
    ['cc.contact.offered.v1', { contactId, queueId, agentId }],
    ['cc.contact.answered.v1', { contactId, queueId, agentId, waitSeconds: (answeredMs - arrivedMs) / 1000 }],
    ['cc.contact.held.v1', { contactId, agentId }],
    ['cc.contact.retrieved.v1', { contactId, agentId }],
    ['cc.contact.ended.v1', { contactId, agentId, endedBy: 'customer', acwSeconds: 20 }],
  ]
  const [type, data] = steps[step] ?? ['cc.source.heartbeat.v1', {}]
  return {
    id: flat(`${index.toString(16).padStart(32, '0')}-0`),
    source: 'bench',
    type,
    occurredAtMs,
    sequence: flat(String(position).padStart(20, '0')),
    receivedAtMs: occurredAtMs,
    ingestSeq: position + 1,
    data,
  }
}

/** A joined text is kept as its parts; rows of a database are whole. */
function flat(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}
