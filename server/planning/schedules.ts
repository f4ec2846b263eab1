/** Schedules: what each agent is to do on a day. Every import of a day is a new version; nothing of it is half applied. */
import { dayBounds, isSiteDay, type SiteDay, wallClockToEpochMs } from '../domain/site-calendar.ts'
import { ON_QUEUE, type ScheduleSegment } from '../state/agent-figures.ts'

export interface AgentScheduleSegment extends ScheduleSegment {
  readonly agentId: string
}

export interface ScheduleDay {
  readonly day: SiteDay
  readonly version: number
  readonly author: string
  readonly createdAtMs: number
  readonly segments: readonly AgentScheduleSegment[]
}

export interface ScheduleStore {
  newestSchedule(day: SiteDay): Promise<ScheduleDay | undefined>
  /** As the day's next version. */
  addSchedule(schedule: Omit<ScheduleDay, 'version'>): Promise<ScheduleDay>
}

export interface ScheduleProblem {
  readonly line: number
  readonly detail: string
}

const HEAD = ['agent', 'activity', 'start', 'end']
const ROWS_MAX = 50_000
const TEXT_LENGTH_MAX = 200
const PROBLEMS_MAX = 100
const MINUTE_MS = 60_000
/** Shifts may end after midnight: a time may be up to this hour, counted on from the day's first. */
const HOURS_MAX = 36

/**
 * CSV with the header `agent,activity,start,end`; times `HH:MM` of the site's wall clock on that day, after midnight
 * counted on (25:30). The activity `on-queue` is to be ready for contacts; any other is paid time away from them.
 */
export function parseSchedule(
  text: string,
  day: SiteDay,
  zone: string,
): { readonly segments: readonly AgentScheduleSegment[]; readonly problems: readonly ScheduleProblem[] } {
  const problems: ScheduleProblem[] = []
  const found: { segment: AgentScheduleSegment; line: number }[] = []
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)
  const head = (lines[0] ?? '').split(',').map((cell) => cell.trim().toLowerCase())
  if (HEAD.some((name, index) => head[index] !== name) || head.length !== HEAD.length)
    return { segments: [], problems: [{ line: 1, detail: `the first line must be "${HEAD.join(',')}"` }] }
  if (lines.length > ROWS_MAX + 2)
    return { segments: [], problems: [{ line: ROWS_MAX + 2, detail: `more than ${ROWS_MAX} rows` }] }
  for (let index = 1; index < lines.length; index += 1) {
    const row = lines[index] ?? ''
    if (row.trim() === '') continue
    const parsed = parseRow(row, day, zone)
    if (typeof parsed === 'string') problems.push({ line: index + 1, detail: parsed })
    else found.push({ segment: parsed, line: index + 1 })
  }
  found.sort((a, b) => compareSegments(a.segment, b.segment))
  for (const [index, { segment, line }] of found.entries()) {
    const before = found[index - 1]
    if (before === undefined || before.segment.agentId !== segment.agentId) continue
    if (before.segment.endMs > segment.startMs)
      problems.push({ line, detail: `overlaps line ${before.line} of the same agent` })
  }
  problems.sort((a, b) => a.line - b.line)
  return { segments: found.map(({ segment }) => segment), problems: problems.slice(0, PROBLEMS_MAX) }
}

function parseRow(row: string, day: SiteDay, zone: string): AgentScheduleSegment | string {
  const cells = splitCells(row)
  if (cells === null || cells.length !== HEAD.length) return `must have ${HEAD.length} fields`
  const [agentId = '', activity = '', start = '', end = ''] = cells.map((cell) => cell.trim())
  if (agentId === '' || agentId.length > TEXT_LENGTH_MAX) return 'the agent is missing or too long'
  if (activity === '' || activity.length > TEXT_LENGTH_MAX) return 'the activity is missing or too long'
  const startMs = instantOf(start, day, zone)
  const endMs = instantOf(end, day, zone)
  if (startMs === null) return `the start "${start}" is not a time such as 08:30`
  if (endMs === null) return `the end "${end}" is not a time such as 17:00`
  if (endMs <= startMs) return 'the end must be after the start'
  return { agentId, activity, startMs, endMs }
}

/** Fields with quotes where they need them. Null: a quote is left open. */
function splitCells(row: string): string[] | null {
  const cells: string[] = []
  const field = /\s*(?:"((?:[^"]|"")*)"\s*|([^,"]*))(,|$)/y
  for (;;) {
    const match = field.exec(row)
    if (match === null) return null
    cells.push(match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll('""', '"'))
    if (match[3] === '') return cells
    if (cells.length > HEAD.length) return cells
  }
}

function instantOf(text: string, day: SiteDay, zone: string): number | null {
  const match = /^(\d{1,2}):([0-5]\d)$/.exec(text)
  if (match === null) return null
  const minutes = Number(match[1]) * 60 + Number(match[2])
  if (minutes > HOURS_MAX * 60) return null
  return wallClockToEpochMs(zone, Date.parse(`${day}T00:00:00Z`) + minutes * MINUTE_MS)
}

function compareSegments(a: AgentScheduleSegment, b: AgentScheduleSegment): number {
  if (a.agentId !== b.agentId) return a.agentId < b.agentId ? -1 : 1
  return a.startMs - b.startMs
}

export interface ScheduleServiceOptions {
  readonly store: ScheduleStore
  readonly zone: () => string
  readonly nowMs: () => number
  readonly onChange: (day: SiteDay) => void
}

export type ScheduleService = ReturnType<typeof createScheduleService>

export function createScheduleService({ store, zone, nowMs, onChange }: ScheduleServiceOptions) {
  return {
    day: (day: SiteDay) => store.newestSchedule(day),

    /** The problems, or the new version. */
    async put(
      day: SiteDay,
      csv: string,
      author: string,
    ): Promise<{ readonly problems: readonly ScheduleProblem[] } | ScheduleDay> {
      if (!isSiteDay(day)) return { problems: [{ line: 0, detail: `"${day}" is not a day` }] }
      const { segments, problems } = parseSchedule(csv, day, zone())
      if (problems.length > 0) return { problems }
      const stored = await store.addSchedule({ day, author, createdAtMs: nowMs(), segments })
      onChange(day)
      return stored
    },
  }
}

/** By agent, as a day report wants it. */
export async function scheduleByAgent(
  store: Pick<ScheduleStore, 'newestSchedule'>,
  day: SiteDay,
  aliases: { agentOf(sourceId: string): string },
): Promise<ReadonlyMap<string, readonly ScheduleSegment[]>> {
  const byAgent = new Map<string, ScheduleSegment[]>()
  for (const { agentId, ...segment } of (await store.newestSchedule(day))?.segments ?? []) {
    const whom = aliases.agentOf(agentId)
    const list = byAgent.get(whom)
    if (list === undefined) byAgent.set(whom, [segment])
    else list.push(segment)
  }
  return byAgent
}

/** Agents whom the schedule has on queue, on the mean over each interval: half an interval is half an agent. */
export function scheduledAgents(
  segments: Iterable<AgentScheduleSegment>,
  worksFor: (agentId: string) => boolean,
  {
    day,
    zone,
    intervalMinutes,
  }: { readonly day: SiteDay; readonly zone: string; readonly intervalMinutes: number },
): readonly number[] {
  const { startMs, endMs } = dayBounds(zone, day)
  const stepMs = intervalMinutes * MINUTE_MS
  const sums = new Array<number>(Math.ceil((endMs - startMs) / stepMs)).fill(0)
  for (const segment of segments) {
    if (segment.activity !== ON_QUEUE || !worksFor(segment.agentId)) continue
    const last = Math.min(segment.endMs, endMs)
    for (let atMs = Math.max(segment.startMs, startMs); atMs < last; ) {
      const index = Math.floor((atMs - startMs) / stepMs)
      const nextMs = Math.min(last, startMs + (index + 1) * stepMs)
      sums[index] = (sums[index] ?? 0) + (nextMs - atMs)
      atMs = nextMs
    }
  }
  return sums.map((ms) => ms / stepMs)
}
