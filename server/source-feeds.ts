/** The live feeds that are set up: started and stopped with their settings, and what is known of every source. */
import type { DataServices } from './data-services.ts'
import type { SourceSetting } from './domain/settings.ts'
import {
  checkMapping,
  GATEWAY_MAPPING,
  SOCKET_IO_PROFILES,
  type SocketIoMapping,
} from './ingest/socket-io/mapping.ts'
import { type SocketIoSource, startSocketIoSource } from './ingest/socket-io/source.ts'
import type { LiveState } from './state/live-state.ts'
import type { SourceStateBody } from './wire/api.ts'
import type { BoardSource } from './wire/board.ts'

const DEAD_LETTERS_SHOWN_MAX = 50
/** Counts of refused input for the board: read now and then, for each costs a query. */
const STATUS_MS = 2_000
/** A source that has been silent for so long is history (an import), not a feed of the board. */
const SILENT_MS = 24 * 3_600_000

export interface SourceFeedsOptions {
  readonly data: DataServices
  readonly state: LiveState
  readonly secretOf: (sourceId: string) => string | undefined
  readonly onChange: () => void
  readonly onError: (message: string, error: unknown) => void
}

interface RunningFeed {
  readonly setting: SourceSetting
  readonly source: SocketIoSource
}

export class SourceFeeds {
  readonly #options: SourceFeedsOptions
  readonly #running = new Map<string, RunningFeed>()
  #rejectedBySource = new Map<string, number>()
  #timer: ReturnType<typeof setInterval> | undefined
  #endSubscription: (() => void) | undefined

  constructor(options: SourceFeedsOptions) {
    this.#options = options
  }

  start(): void {
    this.#align()
    this.#endSubscription = this.#options.data.settings.onChange(() => this.#align())
    this.#timer = setInterval(() => void this.#readCounts(), STATUS_MS)
    void this.#readCounts()
  }

  async stop(): Promise<void> {
    this.#endSubscription?.()
    clearInterval(this.#timer)
    await Promise.all([...this.#running.values()].map(({ source }) => source.close()))
  }

  /** What the board says of its data. */
  boardSources(): readonly BoardSource[] {
    const { state, data } = this.#options
    const newest = state.newestBySource()
    const silentBeforeMs = data.clock.nowMs() - SILENT_MS
    const live = [...newest].filter(([, newestMs]) => newestMs >= silentBeforeMs).map(([source]) => source)
    const rows = live.map((source) => ({
      source,
      connected: this.#connectionOf(source),
      newestEventMs: newest.get(source) ?? null,
      rejected: this.#rejectedBySource.get(source) ?? 0,
    }))
    // A feed that is set up and has said nothing yet is shown too.
    for (const [id, { source }] of this.#running) {
      if (this.#feedsOf(id).some((name) => live.includes(name))) continue
      rows.push({ source: id, connected: source.state().connected, newestEventMs: null, rejected: 0 })
    }
    return rows.sort((a, b) => (a.source < b.source ? -1 : 1))
  }

  async states(): Promise<readonly SourceStateBody[]> {
    const { data } = this.#options
    const letters = await data.ledger.deadLetters(null, DEAD_LETTERS_SHOWN_MAX)
    const statuses = await data.ledger.sourceStatuses()
    const bodies = statuses.map((status): SourceStateBody => {
      const id = this.#settingOf(status.source)
      return {
        source: status.source,
        adapter: id === undefined ? null : (data.settings.get('source', id)?.adapter ?? null),
        connected: this.#connectionOf(status.source),
        detail: id === undefined ? null : (this.#running.get(id)?.source.state().detail ?? null),
        accepted: status.accepted,
        duplicates: status.duplicates,
        conflicts: status.conflicts,
        rejected: status.rejected,
        unknownVerbs: status.unknownVerbs,
        newestEventMs: status.lastOccurredAtMs,
        newestReceivedMs: status.lastReceivedAtMs,
        deadLetters: letters.filter(({ source }) => source === status.source).map(withoutSource),
      }
    })
    return [...bodies, ...this.#silentStates(new Set(statuses.map(({ source }) => source)))]
  }

  #silentStates(known: ReadonlySet<string>): readonly SourceStateBody[] {
    return this.#options.data.settings
      .entries('source')
      .filter(({ id }) => !this.#feedsOf(id).some((name) => known.has(name)))
      .map(({ id, body }) => {
        const state = this.#running.get(id)?.source.state()
        return {
          source: id,
          adapter: body.adapter,
          connected: state?.connected ?? null,
          detail: state?.detail ?? (body.enabled ? null : 'disabled'),
          accepted: 0,
          duplicates: 0,
          conflicts: 0,
          rejected: 0,
          unknownVerbs: {},
          newestEventMs: null,
          newestReceivedMs: null,
          deadLetters: [],
        }
      })
  }

  /** CloudEvent sources that a configured feed brings: its own name, and those it says that it carries. */
  #feedsOf(id: string): readonly string[] {
    const carried = this.#options.data.settings.get('source', id)?.options.sources
    const names = Array.isArray(carried) ? carried.filter((name) => typeof name === 'string') : []
    return [id, `/socket-io/${id}`, ...names]
  }

  #settingOf(source: string): string | undefined {
    return this.#options.data.settings.entries('source').find(({ id }) => this.#feedsOf(id).includes(source))
      ?.id
  }

  #connectionOf(source: string): boolean | null {
    const id = this.#settingOf(source)
    const feed = id === undefined ? undefined : this.#running.get(id)
    return feed === undefined ? null : feed.source.state().connected
  }

  async #readCounts(): Promise<void> {
    try {
      const statuses = await this.#options.data.ledger.sourceStatuses()
      this.#rejectedBySource = new Map(statuses.map(({ source, rejected }) => [source, rejected]))
    } catch (error) {
      this.#options.onError('the counts of the sources could not be read', error)
    }
  }

  /** Starts what is set up and enabled, stops what is not any more, restarts what was changed. */
  #align(): void {
    const wanted = new Map(
      this.#options.data.settings
        .entries('source')
        .filter(({ body }) => body.enabled && body.adapter === 'socket-io' && body.url !== null)
        .map(({ id, body }) => [id, body]),
    )
    for (const [id, feed] of this.#running) {
      if (wanted.get(id) === feed.setting) continue
      this.#running.delete(id)
      feed.source.close().catch((error: unknown) => this.#options.onError(`feed ${id}`, error))
    }
    for (const [id, setting] of wanted) if (!this.#running.has(id)) this.#startFeed(id, setting)
  }

  #startFeed(id: string, setting: SourceSetting): void {
    const { data, secretOf, onChange, onError } = this.#options
    const mapping = mappingOf(setting)
    if (typeof mapping === 'string') {
      onError(`feed ${id} is not started`, mapping)
      return
    }
    const source = startSocketIoSource({
      url: setting.url ?? '',
      token: secretOf(id) ?? '',
      name: id,
      mapping,
      clock: data.clock,
      ingest: (events) =>
        data.ingest.ingest(
          events.map((value) => ({ value })),
          `/socket-io/${id}`,
        ),
      onState: onChange,
    })
    this.#running.set(id, { setting, source })
  }
}

/** The name of a known profile, or a mapping of its own; a text says what is wrong with it. */
function mappingOf({ options: { mapping } }: SourceSetting): SocketIoMapping | string {
  if (mapping === undefined) return GATEWAY_MAPPING
  if (typeof mapping === 'string') {
    const known = Object.hasOwn(SOCKET_IO_PROFILES, mapping) ? SOCKET_IO_PROFILES[mapping] : undefined
    return known ?? `there is no mapping "${mapping}"`
  }
  const check = checkMapping(mapping)
  return 'mapping' in check ? check.mapping : `mapping${check.pointer}: ${check.detail}`
}

function withoutSource<T extends { readonly source: string }>(letter: T): Omit<T, 'source'> {
  const { source: _source, ...rest } = letter
  return rest
}
