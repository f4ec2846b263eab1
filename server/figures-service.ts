/** Figures for the API: any scope and window, coverage beside them, an agent's day, and schedules. The fold's own figures, put together. */
import type { Clock } from './domain/clock.ts'
import {
  addDays,
  dayBounds,
  formatWithOffset,
  intervalStartOf,
  intervalStarts,
  siteDayOf,
} from './domain/site-calendar.ts'
import type { AgentDayBody, FiguresBody, FiguresQuery, NowBody } from './http/figures-routes.ts'
import {
  type ScheduleDay,
  type ScheduleService,
  type ScheduleStore,
  scheduleByAgent,
  scheduledAgents,
} from './planning/schedules.ts'
import { agentSegments } from './state/agent-day.ts'
import { agentFigures } from './state/agent-figures.ts'
import type { RevisionStore } from './state/interval-revisions.ts'
import type { LiveState } from './state/live-state.ts'
import { ofTeam, queuesOfScope, type ScopePart, scopeFigures } from './state/scope-figures.ts'
import type { SettingsView } from './state/settings-view.ts'
import type { AgentNowBody, RevisionBody } from './wire/figures.ts'

export interface FiguresServiceOptions {
  readonly live: LiveState
  readonly folded: (day: string) => Promise<LiveState>
  readonly settings: SettingsView
  readonly clock: Clock
  readonly schedules: ScheduleService
  readonly store: Pick<ScheduleStore, 'newestSchedule'> & Pick<RevisionStore, 'revisionHistory'>
  readonly teamName: (teamId: string) => string | null
  /** What planning has of today, by interval of the queue. */
  readonly columns: (queueId: string) => PlannedColumns | undefined
}

export interface PlannedColumns {
  readonly startMs: readonly number[]
  readonly required: readonly (number | null)[] | undefined
  readonly planned: readonly number[] | undefined
}

const HALF_HOUR_MS = 30 * 60_000

export type FiguresService = ReturnType<typeof createFiguresService>

export function createFiguresService(options: FiguresServiceOptions) {
  const { settings, clock, folded, schedules, store } = options
  let today: ScheduleDay | undefined
  /** Counted again with every refresh: who works for a queue changes during the day. */
  const columnsByQueue = new Map<string, readonly number[]>()

  /** [from, to) of the window in the zone of the scope: a queue's own, else the site's. */
  function spanOf({ scope, id, window, date, fromMs, toMs }: FiguresQuery, nowMs: number) {
    if (window === 'span') return { fromMs: fromMs ?? 0, toMs: toMs ?? 0 }
    const zone = scope === 'queue' ? settings.queue(id).zone : settings.siteZone
    if (window === 'day') {
      const { startMs, endMs } = dayBounds(zone, date ?? siteDayOf(zone, nowMs))
      return { fromMs: startMs, toMs: endMs }
    }
    if (window === '30min') return { fromMs: nowMs - HALF_HOUR_MS + 1, toMs: nowMs + 1 }
    if (window === 'today')
      return { fromMs: dayBounds(zone, siteDayOf(zone, nowMs)).startMs, toMs: nowMs + 1 }
    const minutes = scope === 'queue' ? settings.queue(id).intervalMinutes : 30
    return { fromMs: intervalStartOf(zone, nowMs, minutes), toMs: nowMs + 1 }
  }

  async function partsOf(queueIds: readonly string[], span: { fromMs: number; toMs: number }) {
    const parts: ScopePart[] = []
    for (const queueId of queueIds) {
      const { zone } = settings.queue(queueId)
      for (let day = siteDayOf(zone, span.fromMs); ; day = addDays(day, 1)) {
        const { startMs, endMs } = dayBounds(zone, day)
        if (startMs >= span.toMs) break
        const state = await folded(day)
        parts.push({
          queueId,
          day,
          fromMs: Math.max(startMs, span.fromMs),
          toMs: Math.min(endMs, span.toMs),
          dayStartMs: startMs,
          visits: (fromMs, toMs) => state.visits(queueId, fromMs, toMs),
        })
      }
    }
    return parts
  }

  /** Who is there and who waits, and the agents beside those who are required, planned and scheduled. */
  async function now(query: FiguresQuery, queueIds: readonly string[], nowMs: number): Promise<NowBody> {
    const own = new Set(queueIds)
    const counts = { available: 0, onContact: 0, reserved: 0, afterContactWork: 0, notReady: 0, staffed: 0 }
    for (const line of options.live.agentsNow(nowMs)) {
      const works =
        query.scope === 'team'
          ? settings.agent(line.agentId)?.teamId === query.id
          : query.scope === 'site' ||
            line.memberQueueIds.some((queueId) => own.has(queueId)) ||
            own.has(line.queueId ?? '')
      const field = works ? COUNT_BY_STATE[line.state] : undefined
      if (field === undefined) continue
      counts[field] += 1
      if (field !== 'notReady') counts.staffed += 1
    }
    const queues = queueIds.map((queueId) => options.live.queueNow(queueId, nowMs))
    const since = queues.flatMap(({ longestWaitingSinceMs: ms }) => (ms === null ? [] : [ms]))
    // A team waits for nobody: contacts wait in queues.
    const waits = query.scope !== 'team'
    return {
      waiting: waits ? queues.reduce((sum, one) => sum + one.waiting, 0) : null,
      waitingPastThreshold: waits ? queues.reduce((sum, one) => sum + one.waitingPastThreshold, 0) : null,
      longestWaitSeconds: waits && since.length > 0 ? (nowMs - Math.min(...since)) / 1000 : null,
      talking: waits ? queues.reduce((sum, one) => sum + one.talking, 0) : counts.onContact,
      agents: counts,
      coverage: await coverage(query, queueIds, counts.staffed, nowMs),
    }
  }

  async function coverage(
    query: FiguresQuery,
    queueIds: readonly string[],
    staffed: number,
    nowMs: number,
  ): Promise<NowBody['coverage']> {
    const required = query.scope === 'team' ? null : sumColumns(queueIds, 'required', nowMs)
    const planned = query.scope === 'team' ? null : sumColumns(queueIds, 'planned', nowMs)
    const scheduled = await scheduledNow(query, queueIds, nowMs)
    const ratio = (whole: number | null) => (whole === null || whole === 0 ? null : staffed / whole)
    return {
      staffed,
      required,
      planned,
      scheduled,
      ofRequiredRatio: ratio(required),
      ofPlannedRatio: ratio(planned),
      ofScheduledRatio: ratio(scheduled),
    }
  }

  function sumColumns(
    queueIds: readonly string[],
    name: 'required' | 'planned',
    nowMs: number,
  ): number | null {
    let sum: number | null = null
    for (const queueId of queueIds) {
      const { zone, intervalMinutes } = settings.queue(queueId)
      const columns = options.columns(queueId)
      const index = columns?.startMs.indexOf(intervalStartOf(zone, nowMs, intervalMinutes)) ?? -1
      const value = columns?.[name]?.[index] ?? null
      if (value !== null) sum = (sum ?? 0) + value
    }
    return sum
  }

  /** Agents whom the schedule has on queue now; null with no schedule for the day. */
  async function scheduledNow(query: FiguresQuery, queueIds: readonly string[], nowMs: number) {
    const day = siteDayOf(settings.siteZone, nowMs)
    const schedule = await schedules.day(day)
    if (schedule === undefined) return null
    const own = new Set(queueIds)
    const worksFor = (sourceId: string): boolean => {
      const agentId = settings.agentOf(sourceId)
      if (query.scope === 'site') return true
      if (query.scope === 'team') return settings.agent(agentId)?.teamId === query.id
      return isMember(agentId, own)
    }
    const zone = settings.siteZone
    const columns = scheduledAgents(schedule.segments, worksFor, { day, zone, intervalMinutes: 5 })
    return columns[Math.floor((nowMs - dayBounds(zone, day).startMs) / 300_000)] ?? 0
  }

  return {
    async figures(query: FiguresQuery): Promise<FiguresBody | undefined> {
      const { scope, id } = query
      const queueIds = queuesOfScope(settings, scope, id)
      if (queueIds === null) return undefined
      if (scope === 'team' && options.teamName(id) === null) return undefined
      if (query.clientId !== null && queueIds.some((one) => settings.queue(one).clientId !== query.clientId))
        return undefined
      const nowMs = clock.nowMs()
      const zone = scope === 'queue' ? settings.queue(id).zone : settings.siteZone
      const window = query.window === 'now' ? 'interval' : query.window
      const span = spanOf({ ...query, window }, nowMs)
      const counts = scope === 'team' ? ofTeam(settings, id) : () => true
      const figures = scopeFigures(await partsOf(queueIds, span), settings, { view: query.view, counts })
      const live = query.window === 'now' || query.window === 'interval'
      return {
        scope,
        id,
        window: query.window,
        from: formatWithOffset(zone, span.fromMs),
        to: formatWithOffset(zone, span.toMs),
        view: query.view,
        ...figures,
        ...(live ? { now: await now(query, queueIds, nowMs) } : {}),
      }
    },

    async agentDay(sourceId: string, date: string): Promise<AgentDayBody | undefined> {
      const agentId = settings.agentOf(sourceId)
      const setting = settings.agent(agentId)
      const state = await folded(date)
      const record = state.agentRecord(agentId)
      if (record === null && setting === null) return undefined
      const { startMs, endMs } = dayBounds(settings.siteZone, date)
      const sourceEndMs = (source: string) => state.sourceEndMs(source)
      const window = { fromMs: startMs, toMs: endMs, sourceEndMs }
      const schedule = (await scheduleByAgent(store, date, settings)).get(agentId) ?? []
      const name = setting?.name ?? agentId
      if (record === null)
        return { agent: agentId, name, date, now: null, figures: null, segments: [], schedule }
      const knownToMs = Math.max(...state.newestBySource().values())
      const { timeline, work } = record
      const teamId = setting?.teamId ?? null
      return {
        agent: agentId,
        name,
        date,
        now: agentNow(agentId, date),
        figures: agentFigures({ agentId, name, teamId, timeline, work, window, schedule, knownToMs }),
        segments: agentSegments(timeline, work, window),
        schedule,
      }
    },

    async revisions(queueId: string, date: string, clientId: string | null) {
      if (!settings.queueIds().includes(queueId)) return undefined
      const queue = settings.queue(queueId)
      if (clientId !== null && queue.clientId !== clientId) return undefined
      const { startMs, endMs } = dayBounds(queue.zone, date)
      const made = await store.revisionHistory(queueId, startMs, endMs)
      return made.map(
        ({ startMs: atMs, revision, revisedAtMs, changes }): RevisionBody => ({
          start: formatWithOffset(queue.zone, atMs),
          revision,
          revisedAtMs,
          changes,
        }),
      )
    },

    schedules,

    /** Reads today's schedule: call now and then, and when one was stored. */
    async refreshSchedule(): Promise<void> {
      today = await schedules.day(siteDayOf(settings.siteZone, clock.nowMs()))
      columnsByQueue.clear()
    },

    /** What planning has of today, and the agents whom the schedule has on the queue beside it. */
    withSchedule<C extends PlannedColumns>(queueId: string, planned: C | undefined) {
      const scheduled = scheduledToday(queueId)
      if (scheduled === undefined) return planned
      return { ...(planned ?? dayStarts(queueId)), scheduled }
    },
  }

  function agentNow(agentId: string, date: string): AgentNowBody | null {
    const nowMs = clock.nowMs()
    if (date !== siteDayOf(settings.siteZone, nowMs)) return null
    const line = options.live.agentsNow(nowMs).find((one) => one.agentId === agentId)
    if (line === undefined) return null
    const { agentId: _, contactsToday: __, ...now } = line
    return now
  }

  /** By the queue's intervals of today; undefined with no schedule. */
  function scheduledToday(queueId: string): readonly number[] | undefined {
    if (today === undefined) return undefined
    const known = columnsByQueue.get(queueId)
    if (known !== undefined) return known
    const { zone, intervalMinutes } = settings.queue(queueId)
    const own = new Set([queueId])
    const worksFor = (sourceId: string) => isMember(settings.agentOf(sourceId), own)
    const day = siteDayOf(zone, clock.nowMs())
    const column = scheduledAgents(today.segments, worksFor, { day, zone, intervalMinutes })
    columnsByQueue.set(queueId, column)
    return column
  }

  /** For a queue of which planning knows nothing. */
  function dayStarts(queueId: string) {
    const { zone, intervalMinutes } = settings.queue(queueId)
    const startMs = intervalStarts(zone, siteDayOf(zone, clock.nowMs()), intervalMinutes)
    return { startMs, contactsMean: undefined, required: undefined, planned: undefined }
  }

  function isMember(agentId: string, queueIds: ReadonlySet<string>): boolean {
    const memberships = options.live.agentRecord(agentId)?.timeline.memberships ?? []
    return memberships.some(({ queueId }) => queueIds.has(queueId))
  }
}

const COUNT_BY_STATE: Readonly<
  Record<string, 'available' | 'onContact' | 'reserved' | 'afterContactWork' | 'notReady' | undefined>
> = {
  ready: 'available',
  'on-contact': 'onContact',
  reserved: 'reserved',
  'after-contact-work': 'afterContactWork',
  'not-ready': 'notReady',
}
