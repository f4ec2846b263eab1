/** Makes a board from the live state, the settings and the planning figures. Reads only; the figures are the fold's own. */
import type { Clock } from '../domain/clock.ts'
import { serviceLevelFraction, serviceLevelState } from '../domain/service-level.ts'
import type { OpeningHours, QueueSetting } from '../domain/settings.ts'
import { dayBounds, epochMsToWallClock, siteDayOf, weekdayOf } from '../domain/site-calendar.ts'
import type { AgentCounts, LiveState } from '../state/live-state.ts'
import { type Promised, promisedFor, type SettingsView } from '../state/settings-view.ts'
import { type Totals, toFigures } from '../state/totals.ts'
import type {
  Board,
  BoardInterval,
  BoardLevel,
  BoardQueueRow,
  BoardSite,
  BoardSource,
} from '../wire/board.ts'

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
}

export interface BoardBuilderOptions {
  readonly state: LiveState
  readonly settings: SettingsView
  readonly site: () => { readonly name: string; readonly zone: string }
  readonly planning: BoardPlanning
  readonly sources: () => readonly BoardSource[]
  readonly clock: Clock
}

/** The strip of the day is in half hours, whatever the queues' own intervals are. */
const STRIP_MINUTES = 30
/** An agent count for a client's queues needs each agent's line: often enough for an eye. */
const CLIENT_AGENTS_MS = 1_000

export class BoardBuilder {
  readonly #options: BoardBuilderOptions
  readonly #clientAgents = new Map<string, { readonly untilMs: number; readonly counts: AgentCounts }>()

  constructor(options: BoardBuilderOptions) {
    this.#options = options
  }

  board(clientId: string | null): Board {
    const nowMs = this.#options.clock.nowMs()
    const { settings } = this.#options
    const queueIds = settings
      .queueIds()
      .filter((queueId) => clientId === null || settings.queue(queueId).clientId === clientId)
    const clientNames = new Map(settings.clients().map((client) => [client.clientId, client.name]))
    const queues = queueIds.map((queueId) => this.#row(queueId, clientNames, nowMs))
    queues.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.queueId < b.queueId ? -1 : 1))
    return {
      site: this.#site(clientId, queueIds, queues, nowMs),
      queues,
      sources: clientId === null ? this.#options.sources() : oneSource(this.#options.sources()),
    }
  }

  #row(queueId: string, clientNames: ReadonlyMap<string, string>, nowMs: number): BoardQueueRow {
    const { state, settings, planning } = this.#options
    const setting = settings.queue(queueId)
    const day = siteDayOf(setting.zone, nowMs)
    const promised = promisedFor(settings, queueId, day)
    const totals = state.dayTotals(queueId, day)
    const figures = toFigures(totals)
    const now = state.queueNow(queueId, nowMs)
    const open = isOpenAt(setting.openingHours, setting.zone, nowMs)
    const { numerator: met, denominator: counted } = serviceLevelFraction(promised.formula, totals)
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
      },
      halfHour: levelOf(state.slidingTotals(queueId, nowMs), promised, open),
      today: levelOf(totals, promised, open),
      offeredToday: figures.offered,
      answeredToday: figures.answered,
      abandonedToday: figures.abandoned,
      flowedOutToday: figures.flowedOut,
      lostToday: figures.lost,
      answeredWithinThresholdToday: figures.answeredWithinThreshold,
      abandonedWithinThresholdToday: figures.abandonedWithinThreshold,
      asaSecondsToday: figures.asaSeconds,
      ahtSecondsToday: figures.ahtSeconds,
      waiting: now.waiting,
      waitingPastThreshold: now.waitingPastThreshold,
      longestWaitingSinceMs: now.longestWaitingSinceMs,
      agentsAvailable: now.agents.available,
      agentsOnContact: now.agents.onContact,
      agentsReserved: now.agents.reserved,
      agentsAfterContactWork: now.agents.afterContactWork,
      agentsNotReady: now.agents.notReady,
      staffed: now.agents.staffed,
      ...planning.figures(queueId, nowMs, { met, counted, offered: figures.offered }),
    }
  }

  #site(
    clientId: string | null,
    queueIds: readonly string[],
    rows: readonly BoardQueueRow[],
    nowMs: number,
  ): BoardSite {
    const { state, planning } = this.#options
    const { name, zone } = this.#options.site()
    const agents = clientId === null ? state.siteAgents(nowMs) : this.#agentsOf(clientId, queueIds, nowMs)
    const targets = new Set(rows.map((row) => row.promise.targetRatio))
    const [target] = targets
    return {
      name,
      zone,
      day: siteDayOf(zone, nowMs),
      agentsStaffed: agents.staffed,
      agentsPlanned: clientId === null ? planning.plannedTotal(nowMs) : plannedSum(rows),
      agentsOnContact: agents.onContact,
      agentsReserved: agents.reserved,
      agentsAvailable: agents.available,
      agentsAfterContactWork: agents.afterContactWork,
      agentsNotReady: agents.notReady,
      targetRatio: targets.size === 1 && target !== undefined ? target : null,
      intervals: this.#strip(queueIds, zone, nowMs),
    }
  }

  /** Agents who are members of any of the client's queues, each counted once. */
  #agentsOf(clientId: string, queueIds: readonly string[], nowMs: number): AgentCounts {
    const cached = this.#clientAgents.get(clientId)
    const realMs = performance.now()
    if (cached !== undefined && cached.untilMs > realMs) return cached.counts
    const own = new Set(queueIds)
    const counts = { available: 0, onContact: 0, reserved: 0, afterContactWork: 0, notReady: 0, staffed: 0 }
    for (const agent of this.#options.state.agentsNow(nowMs)) {
      const works = agent.memberQueueIds.some((id) => own.has(id)) || own.has(agent.queueId ?? '')
      const field = works ? COUNT_BY_STATE[agent.state] : undefined
      if (field === undefined) continue
      counts[field] += 1
      if (field !== 'notReady') counts.staffed += 1
    }
    this.#clientAgents.set(clientId, { untilMs: realMs + CLIENT_AGENTS_MS, counts })
    return counts
  }

  /** The site's day so far in half hours: numerators and denominators of all queues added, each by its own promise. */
  #strip(queueIds: readonly string[], zone: string, nowMs: number): readonly BoardInterval[] {
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
    return first < 0 ? [] : sums.slice(first).map((sum, n) => stripBar(sum, startMs + (first + n) * stepMs))
  }
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

function stripBar(sum: StripSum, startMs: number): BoardInterval {
  const ratio = sum.denominator === 0 ? null : sum.numerator / sum.denominator
  const target = sum.denominator === 0 ? 0 : sum.targetSum / sum.denominator
  const state = ratio === null && !sum.open ? 'closed' : serviceLevelState(ratio, target)
  return { startMs, offered: sum.offered, ratio, state }
}

function levelOf(totals: Totals, promised: Promised, open: boolean): BoardLevel {
  const { numerator, denominator } = serviceLevelFraction(promised.formula, totals)
  const ratio = denominator === 0 ? null : numerator / denominator
  const state = ratio === null && !open ? 'closed' : serviceLevelState(ratio, promised.targetRatio)
  return { ratio, numerator, denominator, state }
}

function isOpenAt(hours: OpeningHours, zone: string, atMs: number): boolean {
  const wallMs = epochMsToWallClock(zone, atMs)
  const day = new Date(wallMs).toISOString().slice(0, 10)
  const minute = (wallMs - Date.parse(`${day}T00:00:00Z`)) / 60_000
  return (hours[weekdayOf(day)] ?? []).some(([from, to]) => minute >= from && minute < to)
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
  return [
    {
      source: 'feed',
      connected: sources.every((source) => source.connected !== false),
      newestEventMs: Number.isFinite(newestEventMs) ? newestEventMs : null,
      rejected: 0,
    },
  ]
}
