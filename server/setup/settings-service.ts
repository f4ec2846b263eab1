/** Settings in force, held in memory: checked before they are stored, kept as versions, and told to whoever listens. */
import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../domain/clock.ts'
import {
  DEFAULT_SITE,
  DEFAULT_SITE_ID,
  defaultQueue,
  type SettingBodies,
  type SettingKind,
  type SettingVersion,
  type SiteSetting,
  type ToldQueue,
} from '../domain/settings.ts'
import { type SettingProblem, settingIdProblem, settingProblems } from './setting-rules.ts'
import type { SettingsStore } from './settings-store.ts'

export interface SettingChange<K extends SettingKind = SettingKind> {
  readonly kind: K
  readonly id: string
  /** The version that was edited; 0 = the thing is new. */
  readonly baseVersion: number
  readonly changedBy: string
  readonly body: unknown
}

export type SettingOutcome =
  | { readonly kind: 'stored'; readonly version: SettingVersion }
  | { readonly kind: 'conflict'; readonly newest: SettingVersion | undefined }
  | { readonly kind: 'invalid'; readonly problems: readonly SettingProblem[] }

export interface SettingEntry<K extends SettingKind> {
  readonly id: string
  readonly body: SettingBodies[K]
}

export type SettingsService = Awaited<ReturnType<typeof createSettingsService>>

/** Author of what a feed brought in before anybody set it up. */
const FEED_AUTHOR = 'feed'
/** A feed that says something else each time is not followed for ever. */
const FEED_VERSIONS_MAX = 200
/** New queues and agents of one statement. */
const CREATED_AT_ONCE_MAX = 5_000

export async function createSettingsService(options: {
  readonly store: SettingsStore
  readonly clock: Clock
}) {
  const { store, clock } = options
  const newest = new Map<string, SettingVersion>()
  const listeners = new Set<() => void>()
  let entriesByKind = new Map<SettingKind, readonly SettingEntry<SettingKind>[]>()

  const keyOf = (kind: SettingKind, id: string) => `${kind}\n${id}`
  function keep(version: SettingVersion): boolean {
    const key = keyOf(version.kind, version.id)
    const known = newest.get(key)
    if (known !== undefined && known.version >= version.version) return false
    newest.set(key, version)
    return true
  }
  function tell(): void {
    entriesByKind = new Map()
    for (const listener of listeners) listener()
  }

  /** Reads what other processes stored; tells the listeners when something is new. */
  async function refresh(): Promise<void> {
    let changed = false
    for (const version of await store.current()) changed = keep(version) || changed
    if (changed) tell()
  }

  function get<K extends SettingKind>(kind: K, id: string): SettingBodies[K] | undefined {
    const body = newest.get(keyOf(kind, id))?.body
    // The map is keyed by kind, so a body found under it is a body of that kind.
    return (body ?? undefined) as SettingBodies[K] | undefined
  }

  function entries<K extends SettingKind>(kind: K): readonly SettingEntry<K>[] {
    let list = entriesByKind.get(kind)
    if (list === undefined) {
      list = [...newest.values()]
        .flatMap((version) =>
          version.kind === kind && version.body !== null ? [{ id: version.id, body: version.body }] : [],
        )
        .sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
      entriesByKind.set(kind, list)
    }
    return list as readonly SettingEntry<K>[]
  }

  const known = { has: (kind: SettingKind, id: string) => get(kind, id) !== undefined }

  function usesOf(kind: SettingKind, id: string): string | undefined {
    if (kind === 'client') {
      const queue = entries('queue').find((entry) => entry.body.clientId === id)
      if (queue !== undefined) return `queue "${queue.id}" belongs to it`
      const promise = entries('promise').find((entry) => entry.body.clientId === id)
      if (promise !== undefined) return `promise "${promise.id}" is made to it`
    }
    if (kind === 'team') {
      const agent = entries('agent').find((entry) => entry.body.teamId === id)
      if (agent !== undefined) return `agent "${agent.id}" belongs to it`
    }
    if (kind === 'queue') {
      const promise = entries('promise').find((entry) => entry.body.queueIds.includes(id))
      if (promise !== undefined) return `promise "${promise.id}" names it`
    }
    if (kind === 'queue') {
      const special = entries('special-day').find((entry) => entry.body.queueIds.includes(id))
      if (special !== undefined) return `special day "${special.id}" names it`
      const forecast = entries('forecast').find((entry) => entry.body.borrowProfileFrom === id)
      if (forecast !== undefined) return `the forecast of queue "${forecast.id}" borrows its profile`
    }
    return kind === 'site' ? 'there is always one site' : undefined
  }

  function check(change: SettingChange): readonly SettingProblem[] {
    const idProblem = settingIdProblem(change.id)
    if (idProblem !== undefined) return [{ pointer: '/id', detail: idProblem }]
    if (change.kind === 'site' && change.id !== DEFAULT_SITE_ID)
      return [{ pointer: '/id', detail: `the site's id is "${DEFAULT_SITE_ID}"` }]
    if (change.kind === 'forecast' && !known.has('queue', change.id))
      return [{ pointer: '/id', detail: `there is no queue "${change.id}"` }]
    if (change.body !== null) return settingProblems(change.kind, change.body, known)
    const used = usesOf(change.kind, change.id)
    return used === undefined ? [] : [{ pointer: '', detail: `cannot be removed: ${used}` }]
  }

  async function put(change: SettingChange): Promise<SettingOutcome> {
    const problems = check(change)
    if (problems.length > 0) return { kind: 'invalid', problems }
    const stored = await store.put({
      kind: change.kind,
      id: change.id,
      baseVersion: change.baseVersion,
      changedAtMs: clock.nowMs(),
      changedBy: change.changedBy,
      // `check` has just seen that the body is one of this kind.
      body: change.body as SettingBodies[SettingKind] | null,
    })
    if (stored === undefined) {
      await refresh()
      return { kind: 'conflict', newest: newest.get(keyOf(change.kind, change.id)) }
    }
    if (keep(stored)) tell()
    return { kind: 'stored', version: stored }
  }

  const site = (): SiteSetting => get('site', DEFAULT_SITE_ID) ?? DEFAULT_SITE

  /** Creates what nobody has set up, all at once; a thing that exists (or was removed) stays as it is. */
  async function createMissing(
    things: readonly {
      readonly kind: SettingKind
      readonly id: string
      readonly body: SettingBodies[SettingKind]
    }[],
  ): Promise<void> {
    for (let from = 0; from < things.length; from += CREATED_AT_ONCE_MAX) {
      const some = things.slice(from, from + CREATED_AT_ONCE_MAX)
      const stored = await store.createMissing(some, { changedAtMs: clock.nowMs(), changedBy: FEED_AUTHOR })
      for (const version of stored) keep(version)
      // Another process was first: its versions are the ones in force.
      if (stored.length < some.length) await refresh()
      if (stored.length > 0) tell()
    }
  }

  /**
   * A feed tells anew of queues that nobody but feeds has set up: a new version in the feed's name. A person's version is never
   * touched, and neither is the zone, by which days are cut.
   */
  async function follow(toldByQueue: ReadonlyMap<string, ToldQueue>): Promise<void> {
    // Told together: everything that is counted is counted again once, and not for each queue.
    let changed = false
    for (const [id, { zone: _zone, ...told }] of toldByQueue) {
      const version = newest.get(keyOf('queue', id))
      const body = get('queue', id)
      if (version === undefined || body === undefined || version.changedBy !== FEED_AUTHOR) continue
      const next = { ...body, ...told }
      if (isDeepStrictEqual(next, body) || version.version >= FEED_VERSIONS_MAX) continue
      const change = {
        kind: 'queue',
        id,
        baseVersion: version.version,
        changedBy: FEED_AUTHOR,
        body: next,
      } as const
      if (check(change).length > 0) continue
      const stored = await store.put({ ...change, changedAtMs: clock.nowMs() })
      if (stored !== undefined) changed = keep(stored) || changed
    }
    if (changed) tell()
  }

  await refresh()
  return {
    get,
    entries,
    site,
    put,
    refresh,

    /** Newest version of every thing of a kind that is in force. */
    versions: (kind: SettingKind): readonly SettingVersion[] =>
      [...newest.values()].filter((version) => version.kind === kind && version.body !== null),

    version: (kind: SettingKind, id: string): SettingVersion | undefined => newest.get(keyOf(kind, id)),

    history: (kind: SettingKind, id: string) => store.history(kind, id),

    /** Queues and agents that a feed names and nobody has set up get the defaults and a flag. */
    async ensure(ids: {
      readonly queueIds: Iterable<string>
      readonly agentIds: Iterable<string>
      readonly zone?: string
      /** Of queues of which the feed told something. */
      readonly toldByQueue?: ReadonlyMap<string, ToldQueue>
    }): Promise<void> {
      const zone = ids.zone ?? site().zone
      if (ids.toldByQueue !== undefined) await follow(ids.toldByQueue)
      const isNew = (kind: SettingKind, id: string) => !newest.has(keyOf(kind, id))
      const queues = [...new Set(ids.queueIds)].filter((id) => isNew('queue', id))
      const agents = [...new Set(ids.agentIds)].filter((id) => isNew('agent', id))
      if (queues.length + agents.length === 0) return
      await createMissing([
        ...queues.map((id) => ({
          kind: 'queue' as const,
          id,
          body: { ...defaultQueue(id, zone), ...ids.toldByQueue?.get(id) },
        })),
        ...agents.map((id) => ({
          kind: 'agent' as const,
          id,
          body: { name: id, teamId: null, unconfirmed: true },
        })),
      ])
    },

    onChange(listener: () => void): () => void {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
