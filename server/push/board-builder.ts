/** Makes a board from the live state, the settings and the planning figures. Reads only; the figures are the fold's own. */
import type { Clock } from '../domain/clock.ts'
import { serviceLevelFraction, serviceLevelState } from '../domain/service-level.ts'
import type { QueueSetting } from '../domain/settings.ts'
import { dayBounds, intervalStartOf, siteDayOf } from '../domain/site-calendar.ts'
import type { Settled } from '../state/interval-revisions.ts'
import type { AgentCounts, LiveState } from '../state/live-state.ts'
import { type Promised, promisedFor, type SettingsView } from '../state/settings-view.ts'
import { emptyTotals, type Totals, toFigures } from '../state/totals.ts'
import {
  type Board,
  type BoardInterval,
  type BoardLevel,
  type BoardQueueRow,
  type BoardSite,
  type BoardSliceName,
  type BoardSource,
  packCounts,
} from '../wire/board.ts'
import { type BoardSliceSources, type IntervalColumns, worksFor } from './board-slices.ts'
import { type BoardView, isWholeSite, queuesInView, viewKey } from './board-view.ts'
import { isOpenAt } from './open-hours.ts'

/** What planning adds to a row. */
export interface BoardPlanning {
  figures(
    queueId: string,
    nowMs: number,
    soFar: { readonly met: number; readonly counted: number; readonly offered: number },
  ): Pick<
    BoardQueueRow,
    | 'required'
    | 'planned'
    | 'forecastContactsToday'
    | 'missesLeft'
    | 'dayLost'
    | 'projectedRatio'
    | 'projectedKeepProbability'
  >
  /** Planned agents of these queues in the current interval; null when nothing is published. */
  plannedTotal(nowMs: number): number | null
  /** The day by interval; undefined for a queue that planning knows nothing of. */
  columns(queueId: string): IntervalColumns | undefined
}

export interface BoardBuilderOptions {
  readonly state: LiveState
  readonly settings: SettingsView
  readonly site: () => { readonly name: string; readonly zone: string }
  readonly planning: BoardPlanning
  readonly sources: () => readonly BoardSource[]
  /** Whether the figures of an interval are final, and how often they changed since; absent for a moment of the past. */
  readonly settled?: (queueId: string, startMs: number) => Settled
  readonly slices: BoardSliceSources
  readonly clock: Clock
}

/** The strip of the day is in half hours, whatever the queues' own intervals are. */
const STRIP_MINUTES = 30
/** What needs each agent's line or each interval is computed so often: enough for an eye. */
const SLOW_PARTS_MS = 1_000
/** A source that told of no contact of the queue for so long is none of its feeds. */
const FEEDING_MS = 24 * 3_600_000
/** Views whose slow parts are kept. */
const SLOW_PARTS_MAX = 2_000

export class BoardBuilder {
  readonly #options: BoardBuilderOptions
  readonly #slowParts = new Map<string, { readonly untilMs: number; readonly part: unknown }>()

  constructor(options: BoardBuilderOptions) {
    this.#options = options
  }

  board(view: BoardView): Board {
    const nowMs = this.#options.clock.nowMs()
    const { settings } = this.#options
    const key = viewKey(view)
    const queueIds = queuesInView(
      view,
      settings.queueIds().map((queueId) => ({ queueId, clientId: settings.queue(queueId).clientId })),
      (teamId) => this.#queuesOfTeam(teamId, nowMs),
    )
    const clientNames = new Map(settings.clients().map((client) => [client.clientId, client.name]))
    const sources = this.#options.sources()
    const stale = new Map(
      sources.flatMap(({ source, staleSinceMs }) =>
        staleSinceMs === null ? [] : [[source, staleSinceMs] as const],
      ),
    )
    const queues = queueIds.map((queueId) => ({
      ...this.#row(queueId, clientNames, nowMs),
      staleSinceMs: this.#staleSince(queueId, stale, nowMs),
    }))
    queues.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.queueId < b.queueId ? -1 : 1))
    const slices = Object.fromEntries(
      view.need.slices.map((name) => [name, this.#slice(name, { view, queueIds, nowMs, key })]),
    )
    return {
      site: this.#site(view, key, queueIds, queues, nowMs),
      queues,
      sources: isWholeSite(view) ? sources : oneSource(sources),
      ...(view.need.slices.length === 0 ? {} : { slices }),
    }
  }

  /** Since when any source that has told of the queue lately may have more to tell. */
  #staleSince(queueId: string, stale: ReadonlyMap<string, number>, nowMs: number): number | null {
    if (stale.size === 0) return null
    const since = this.#options.state
      .sourcesOf(queueId, nowMs - FEEDING_MS)
      .flatMap((source) => stale.get(source) ?? [])
    return since.length === 0 ? null : Math.min(...since)
  }

  /** A part that is costly to make, or what was made of it within the last second. */
  #slow<T>(key: string, make: () => T): T {
    const cached = this.#slowParts.get(key)
    const realMs = performance.now()
    // The key names the kind of part, so what is found under it is of that kind.
    if (cached !== undefined && cached.untilMs > realMs) return cached.part as T
    if (this.#slowParts.size >= SLOW_PARTS_MAX) this.#slowParts.clear()
    const part = make()
    this.#slowParts.set(key, { untilMs: realMs + SLOW_PARTS_MS, part })
    return part
  }

  #slice(
    name: BoardSliceName,
    context: {
      readonly view: BoardView
      readonly queueIds: readonly string[]
      readonly nowMs: number
      readonly key: string
    },
  ): unknown {
    return this.#slow(`slice ${name} ${context.key}`, () => this.#options.slices[name](context))
  }

  /** Queues that the team's agents are members of. */
  #queuesOfTeam(teamId: string, nowMs: number): ReadonlySet<string> {
    const { state, settings } = this.#options
    return this.#slow(
      `team ${teamId}`,
      () =>
        new Set(
          state
            .agentsNow(nowMs)
            .filter(({ agentId }) => settings.agent(agentId)?.teamId === teamId)
            .flatMap(({ memberQueueIds }) => memberQueueIds),
        ),
    )
  }

  #row(
    queueId: string,
    clientNames: ReadonlyMap<string, string>,
    nowMs: number,
  ): Omit<BoardQueueRow, 'staleSinceMs'> {
    const { state, settings, planning } = this.#options
    const setting = settings.queue(queueId)
    const day = siteDayOf(setting.zone, nowMs)
    const promised = promisedFor(settings, queueId, day)
    const totals = state.dayTotals(queueId, day)
    const figures = toFigures(totals)
    const now = state.queueNow(queueId, nowMs)
    const open = isOpenAt(setting.openingHours, setting.zone, nowMs)
    const { numerator: met, denominator: counted } = serviceLevelFraction(promised.formula, totals)
    const halfHour = state.slidingTotals(queueId, nowMs)
    const intervalStartMs = intervalStartOf(setting.zone, nowMs, setting.intervalMinutes)
    const interval =
      state.dayIntervals(queueId, day).find(({ startMs }) => startMs === intervalStartMs)?.totals ??
      emptyTotals()
    const planned = planning.figures(queueId, nowMs, { met, counted, offered: figures.offered })
    const columns = planning.columns(queueId)
    return {
      queueId,
      name: setting.name,
      clientId: setting.clientId,
      clientName: setting.clientId === null ? null : (clientNames.get(setting.clientId) ?? null),
      open,
      promise: {
        targetRatio: promised.targetRatio,
        answerThresholdSeconds: promised.answerThresholdSeconds,
        formula: promised.formula,
        shortAbandonSeconds: promised.shortAbandonSeconds,
        view: promised.view,
      },
      intervalStartMs,
      interval: levelOf(interval, promised, open),
      halfHour: levelOf(halfHour, promised, open),
      today: levelOf(totals, promised, open),
      intervalCounts: packCounts(interval),
      halfHourCounts: packCounts(halfHour),
      todayCounts: packCounts(totals),
      offeredToday: figures.offered,
      answeredToday: figures.answered,
      abandonedToday: figures.abandoned,
      flowedOutToday: figures.flowedOut,
      lostToday: figures.lost,
      answeredWithinThresholdToday: figures.answeredWithinThreshold,
      abandonedWithinThresholdToday: figures.abandonedWithinThreshold,
      asaSecondsToday: figures.asaSeconds,
      ahtSecondsToday: figures.ahtSeconds,
      handledToday: totals.handled,
      waiting: now.waiting,
      waitingPastThreshold: now.waitingPastThreshold,
      longestWaitingSinceMs: now.longestWaitingSinceMs,
      agentsAvailable: now.agents.available,
      agentsOnContact: now.agents.onContact,
      agentsReserved: now.agents.reserved,
      agentsAfterContactWork: now.agents.afterContactWork,
      agentsNotReady: now.agents.notReady,
      staffed: now.agents.staffed,
      ...planned,
      scheduled: columns?.scheduled?.[columns.startMs.indexOf(intervalStartMs)] ?? null,
      forecastContactsSoFar: forecastUntil(columns, setting.intervalMinutes * 60_000, nowMs),
    }
  }

  #site(
    view: BoardView,
    key: string,
    queueIds: readonly string[],
    rows: readonly BoardQueueRow[],
    nowMs: number,
  ): BoardSite {
    const { state, planning } = this.#options
    const { name, zone } = this.#options.site()
    const whole = isWholeSite(view)
    const agents = whole ? state.siteAgents(nowMs) : this.#agentsOf(key, queueIds, nowMs)
    const targets = new Set(rows.map((row) => row.promise.targetRatio))
    const [target] = targets
    return {
      name,
      zone,
      day: siteDayOf(zone, nowMs),
      agentsStaffed: agents.staffed,
      agentsPlanned: whole ? planning.plannedTotal(nowMs) : plannedSum(rows),
      agentsOnContact: agents.onContact,
      agentsReserved: agents.reserved,
      agentsAvailable: agents.available,
      agentsAfterContactWork: agents.afterContactWork,
      agentsNotReady: agents.notReady,
      targetRatio: targets.size === 1 && target !== undefined ? target : null,
      intervals: this.#strip(key, queueIds, zone, nowMs),
    }
  }

  /** Agents who are members of any of these queues, each counted once. */
  #agentsOf(key: string, queueIds: readonly string[], nowMs: number): AgentCounts {
    return this.#slow(`agents ${key}`, () => {
      const own = new Set(queueIds)
      const counts = { available: 0, onContact: 0, reserved: 0, afterContactWork: 0, notReady: 0, staffed: 0 }
      for (const agent of this.#options.state.agentsNow(nowMs)) {
        const field = worksFor(agent, own) ? COUNT_BY_STATE[agent.state] : undefined
        if (field === undefined) continue
        counts[field] += 1
        if (field !== 'notReady') counts.staffed += 1
      }
      return counts
    })
  }

  /** The site's day so far in half hours: numerators and denominators of all queues added, each by its own promise. */
  #strip(key: string, queueIds: readonly string[], zone: string, nowMs: number): readonly BoardInterval[] {
    const { state, settings } = this.#options
    const day = siteDayOf(zone, nowMs)
    const { startMs, endMs } = dayBounds(zone, day)
    const stepMs = STRIP_MINUTES * 60_000
    const sums: StripSum[] = []
    const sumAt = (atMs: number): StripSum | undefined => {
      if (atMs < startMs || atMs >= endMs) return undefined
      const index = Math.floor((atMs - startMs) / stepMs)
      for (let n = sums.length; n <= index; n++)
        sums.push({ offered: 0, numerator: 0, denominator: 0, targetSum: 0, open: false })
      return sums[index]
    }
    sumAt(nowMs)
    for (const queueId of queueIds) {
      const setting = settings.queue(queueId)
      markOpen(sums, setting, startMs, stepMs)
      const queueDay = siteDayOf(setting.zone, nowMs)
      const { formula, targetRatio } = promisedFor(settings, queueId, queueDay)
      for (const interval of state.dayIntervals(queueId, queueDay)) {
        const sum = sumAt(interval.startMs)
        if (sum === undefined) continue
        const { numerator, denominator } = serviceLevelFraction(formula, interval.totals)
        sum.offered += interval.totals.offered
        sum.numerator += numerator
        sum.denominator += denominator
        sum.targetSum += denominator * targetRatio
      }
    }
    const first = sums.findIndex((sum) => sum.open || sum.offered > 0)
    const marks = this.#slow(`marks ${key}`, () => this.#marks(queueIds, startMs, nowMs))
    return first < 0
      ? []
      : sums.slice(first).map((sum, n) => stripBar(sum, startMs + (first + n) * stepMs, marks.get(first + n)))
  }

  /** Half hours of which any queue's figures may still change, or did after they were final. */
  #marks(queueIds: readonly string[], dayStartMs: number, nowMs: number): ReadonlyMap<number, StripMarks> {
    const { state, settings, settled } = this.#options
    const marks = new Map<number, { provisional: boolean; revised: boolean }>()
    if (settled === undefined) return marks
    for (const queueId of queueIds) {
      const day = siteDayOf(settings.queue(queueId).zone, nowMs)
      for (const { startMs } of state.dayIntervals(queueId, day)) {
        const index = Math.floor((startMs - dayStartMs) / (STRIP_MINUTES * 60_000))
        const mark = marks.get(index) ?? { provisional: false, revised: false }
        marks.set(index, mark)
        const { provisional, revision } = settled(queueId, startMs)
        mark.provisional ||= provisional && startMs <= nowMs
        mark.revised ||= revision > 1
      }
    }
    return marks
  }
}

interface StripMarks {
  readonly provisional: boolean
  readonly revised: boolean
}

interface StripSum {
  offered: number
  numerator: number
  denominator: number
  /** Targets weighted by what counts under them. */
  targetSum: number
  open: boolean
}

const COUNT_BY_STATE: Readonly<Record<string, Exclude<keyof AgentCounts, 'staffed'> | undefined>> = {
  ready: 'available',
  'on-contact': 'onContact',
  reserved: 'reserved',
  'after-contact-work': 'afterContactWork',
  'not-ready': 'notReady',
}

function markOpen(sums: readonly StripSum[], setting: QueueSetting, startMs: number, stepMs: number): void {
  for (const [index, sum] of sums.entries())
    sum.open ||= isOpenAt(setting.openingHours, setting.zone, startMs + index * stepMs)
}

function stripBar(sum: StripSum, startMs: number, marks: StripMarks | undefined): BoardInterval {
  const ratio = sum.denominator === 0 ? null : sum.numerator / sum.denominator
  const target = sum.denominator === 0 ? 0 : sum.targetSum / sum.denominator
  const state = ratio === null && !sum.open ? 'closed' : serviceLevelState(ratio, target)
  const { provisional = false, revised = false } = marks ?? {}
  return { startMs, offered: sum.offered, ratio, state, provisional, revised }
}

function levelOf(totals: Totals, promised: Promised, open: boolean): BoardLevel {
  const { numerator, denominator } = serviceLevelFraction(promised.formula, totals)
  const ratio = denominator === 0 ? null : numerator / denominator
  const state = ratio === null && !open ? 'closed' : serviceLevelState(ratio, promised.targetRatio)
  return { ratio, numerator, denominator, state }
}

/** What the forecast expected from the day's start until now, the running interval by its share. */
function forecastUntil(columns: IntervalColumns | undefined, stepMs: number, nowMs: number): number | null {
  if (columns?.contactsMean === undefined) return null
  return columns.contactsMean.reduce((sum, mean, index) => {
    const startMs = columns.startMs[index] ?? Number.POSITIVE_INFINITY
    return sum + mean * Math.min(1, Math.max(0, (nowMs - startMs) / stepMs))
  }, 0)
}

function plannedSum(rows: readonly BoardQueueRow[]): number | null {
  const planned = rows.flatMap((row) => (row.planned === null ? [] : [row.planned]))
  return planned.length === 0 ? null : planned.reduce((sum, value) => sum + value, 0)
}

/** A client learns how old its figures are, not which feeds there are nor what else they carry. */
function oneSource(sources: readonly BoardSource[]): readonly BoardSource[] {
  if (sources.length === 0) return []
  const newest = sources.map((source) => source.newestEventMs ?? Number.NEGATIVE_INFINITY)
  const newestEventMs = Math.max(...newest)
  const stale = sources.flatMap(({ staleSinceMs }) => staleSinceMs ?? [])
  return [
    {
      source: 'feed',
      connected: sources.every((source) => source.connected !== false),
      newestEventMs: Number.isFinite(newestEventMs) ? newestEventMs : null,
      rejected: 0,
      staleSinceMs: stale.length === 0 ? null : Math.min(...stale),
    },
  ]
}
