/** What the fold needs to know of the set-up: zones, hours and promises by queue and day. The composition root gives it. */
import {
  DEFAULT_ANSWER_THRESHOLD_SECONDS,
  DEFAULT_INTERVAL_VIEW,
  DEFAULT_SERVICE_LEVEL_FORMULA,
  DEFAULT_SHORT_ABANDON_SECONDS,
  type IntervalView,
  type ServiceLevelFormula,
} from '../domain/service-level.ts'
import {
  type AgentSetting,
  type ClientSetting,
  defaultQueue,
  type PromiseSetting,
  type QueueSetting,
  type SiteSetting,
} from '../domain/settings.ts'
import type { SiteDay } from '../domain/site-calendar.ts'

/** Target of a client without a promise of its own: the trade's usual 80 % in 20 s. */
const DEFAULT_TARGET_RATIO = 0.8

export interface SettingsView {
  readonly siteZone: string
  /** Queues that are set up; feeds may name others. */
  queueIds(): readonly string[]
  /** The queue's setting, or the defaults for a queue that nobody set up. */
  queue(queueId: string): QueueSetting
  agent(agentId: string): AgentSetting | null
  /** Whom an id of a feed means: itself, or the queue or agent that has it among its aliases. */
  queueOf(sourceId: string): string
  agentOf(sourceId: string): string
  /** Changes exactly when any alias does. */
  readonly aliasKey: string
  clients(): readonly { readonly clientId: string; readonly name: string }[]
  /** The promise for a queue on a day of its zone; null where none was made. */
  promiseFor(queueId: string, day: SiteDay): PromiseSetting | null
}

/** Seconds that turn a wait into a count. */
export interface CountingRules {
  readonly answerThresholdSeconds: number
  readonly shortAbandonSeconds: number
}

export interface Promised extends CountingRules {
  readonly formula: ServiceLevelFormula
  readonly view: IntervalView
  readonly targetRatio: number
}

const DEFAULT_PROMISED: Promised = {
  formula: DEFAULT_SERVICE_LEVEL_FORMULA,
  view: DEFAULT_INTERVAL_VIEW,
  targetRatio: DEFAULT_TARGET_RATIO,
  answerThresholdSeconds: DEFAULT_ANSWER_THRESHOLD_SECONDS,
  shortAbandonSeconds: DEFAULT_SHORT_ABANDON_SECONDS,
}

/** What holds for a queue on a day: its promise, or how the queue is counted without one. */
export function promisedFor(settings: SettingsView, queueId: string, day: SiteDay): Promised {
  const promise = settings.promiseFor(queueId, day)
  if (promise === null) return withoutPromise(settings.queue(queueId))
  return { ...promise, view: promise.view ?? DEFAULT_INTERVAL_VIEW }
}

function withoutPromise({ answerThresholdSeconds, shortAbandonSeconds, formula }: QueueSetting): Promised {
  const isUsual = (answerThresholdSeconds ?? shortAbandonSeconds ?? formula ?? null) === null
  if (isUsual) return DEFAULT_PROMISED
  return {
    ...DEFAULT_PROMISED,
    answerThresholdSeconds: answerThresholdSeconds ?? DEFAULT_ANSWER_THRESHOLD_SECONDS,
    shortAbandonSeconds: shortAbandonSeconds ?? DEFAULT_SHORT_ABANDON_SECONDS,
    formula: formula ?? DEFAULT_SERVICE_LEVEL_FORMULA,
  }
}

export interface SettingsSnapshot {
  readonly site: SiteSetting
  readonly queues: ReadonlyMap<string, QueueSetting>
  readonly clients: ReadonlyMap<string, ClientSetting>
  readonly agents: ReadonlyMap<string, AgentSetting>
  readonly promises: readonly PromiseSetting[]
}

/** A view over one state of the settings. */
export function createSettingsView(snapshot: SettingsSnapshot): SettingsView {
  const { site, queues, clients, agents, promises } = snapshot
  const unknownQueues = new Map<string, QueueSetting>()
  const clientList = [...clients].map(([clientId, { name }]) => ({ clientId, name }))
  const queueAliases = aliasMap(queues)
  const agentAliases = aliasMap(agents)
  const queueIds = [...queues.keys()].filter((queueId) => !queueAliases.has(queueId))
  return {
    siteZone: site.zone,
    queueIds: () => queueIds,
    queue(queueId) {
      const known = queues.get(queueId) ?? unknownQueues.get(queueId)
      if (known !== undefined) return known
      const fresh = defaultQueue(queueId, site.zone)
      // Bounded: a feed that invents names must not fill memory.
      if (unknownQueues.size >= 10_000) unknownQueues.clear()
      unknownQueues.set(queueId, fresh)
      return fresh
    },
    queueOf: (sourceId) => queueAliases.get(sourceId) ?? sourceId,
    agentOf: (sourceId) => agentAliases.get(sourceId) ?? sourceId,
    aliasKey: JSON.stringify([...queueAliases, null, ...agentAliases]),
    agent: (agentId) => agents.get(agentId) ?? null,
    clients: () => clientList,
    promiseFor(queueId, day) {
      const clientId = queues.get(queueId)?.clientId ?? null
      if (clientId === null) return null
      let best: PromiseSetting | null = null
      for (const promise of promises) {
        if (promise.clientId !== clientId || promise.effectiveFrom > day) continue
        if (promise.queueIds.length > 0 && !promise.queueIds.includes(queueId)) continue
        if (best === null || outranks(promise, best)) best = promise
      }
      return best
    },
  }
}

/**
 * Alias to the thing that it means. What has an alias of its own means itself, so that no chain and no circle can be set up;
 * an alias that two things claim goes to the one of the least id.
 */
function aliasMap(
  things: ReadonlyMap<string, { readonly aliases?: readonly string[] }>,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const claiming = [...things].filter(([, { aliases }]) => aliases !== undefined && aliases.length > 0)
  const claimants = new Set(claiming.map(([id]) => id))
  for (const [id, { aliases }] of claiming.sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const alias of aliases ?? []) {
      if (!claimants.has(alias) && !found.has(alias)) found.set(alias, id)
    }
  }
  return found
}

/** A promise that names the queue outranks one for all queues; of two alike the newer one holds. */
function outranks(promise: PromiseSetting, best: PromiseSetting): boolean {
  const named = promise.queueIds.length > 0
  const bestNamed = best.queueIds.length > 0
  if (named !== bestNamed) return named
  return promise.effectiveFrom >= best.effectiveFrom
}
