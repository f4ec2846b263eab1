/** The live feeds that are set up: started and stopped with their settings, and what is known of every source. */
import type { DataServices } from './data-services.ts'
import { realClock } from './domain/clock.ts'
import type { SourceSetting } from './domain/settings.ts'
import { FeedNotes } from './feed-notes.ts'
import type { RunningFeedSource } from './ingest/feed-delivery.ts'
import { createPushFeed, type PushFeedAdapter, type PushRequest } from './ingest/push-feeds.ts'
import type { SourceHealth } from './ingest/source-health.ts'
import { feedStateText } from './messages/feed-state.ts'
import { type ExpectedFeed, SourceGaps } from './source-gaps.ts'
import { feedSourceOf, runsByItself, startFeed } from './start-feed.ts'
import type { LiveState } from './state/live-state.ts'
import type { SourceStateBody } from './wire/api.ts'
import type { BoardSource } from './wire/board.ts'
import { type FeedWord, feedWord } from './wire/feed-state.ts'

const DEAD_LETTERS_SHOWN_MAX = 50
const DEAD_LETTERS_KEPT_MAX = 10_000
/** Counts of refused input: written, and read for the board, now and then, for each costs a query. */
const STATUS_MS = 2_000
/** A source that has been silent for so long is history (an import), not a feed of the board. */
const SILENT_MS = 24 * 3_600_000
/** Sources that sign what they post to the events' own address; more of them have an address each. */
const SIGNING_SOURCES_MAX = 16
/** Under which refused signatures are told that are nobody's. */
const EVENTS_SENDER = 'POST /api/v1/events'
/** Names of sources whose setting is remembered; a sender that invents names must not fill the memory. */
const SOURCES_KNOWN_MAX = 10_000
const NOT_SET_UP = Symbol('not set up')

export interface SourceFeedsOptions {
  readonly data: DataServices
  readonly state: LiveState
  readonly secretOf: (sourceId: string) => string | undefined
  readonly onChange: () => void
  readonly onError: (message: string, error: unknown) => void
}

interface RunningFeed {
  readonly setting: SourceSetting
  readonly source: RunningFeedSource
}

/** A feed that is called. Kept as long as its setting stays: what it has learnt of calls under way is kept with it. */
interface CalledFeed {
  readonly setting: SourceSetting
  readonly feed: PushFeedAdapter
  readonly hasSecret: boolean
}

export class SourceFeeds {
  readonly #options: SourceFeedsOptions
  readonly #notes: FeedNotes
  readonly #gaps: SourceGaps
  readonly #running = new Map<string, RunningFeed>()
  /** Feeds on their way out: one of the same name starts after them, for both would write one position. */
  readonly #closing = new Map<string, Promise<void>>()
  readonly #called = new Map<string, CalledFeed>()
  readonly #settingBySource = new Map<string, SourceSetting | typeof NOT_SET_UP>()
  /** Why a feed that is set up does not run. */
  readonly #faults = new Map<string, FeedWord>()
  #isStopped = false
  #rejectedBySource = new Map<string, number>()
  #timer: ReturnType<typeof setInterval> | undefined
  #endSubscription: (() => void) | undefined

  constructor(options: SourceFeedsOptions) {
    this.#options = options
    this.#notes = new FeedNotes({
      ledger: options.data.ledger,
      nowMs: () => options.data.clock.nowMs(),
      realNowMs: () => realClock.nowMs(),
      onError: options.onError,
    })
    const { clock, ingest } = options.data
    this.#gaps = new SourceGaps({
      clock,
      ingest: (items, sender) => ingest.ingest(items, sender),
      isNumbered: (source) => this.#settingFor(source)?.options.numbered === true,
      isLog: (source) => this.#settingFor(source)?.adapter === 'asterisk-queue-log',
      onError: options.onError,
    })
    // Ready before anybody can call: a sender that is turned away may not come again.
    this.#alignCalled()
  }

  start(): void {
    this.#align()
    const endSettings = this.#options.data.settings.onChange(() => {
      this.#settingBySource.clear()
      this.#align()
    })
    const endEvents = this.#options.data.ingest.onAccepted((events) => this.#gaps.note(events))
    this.#endSubscription = () => {
      endSettings()
      endEvents()
    }
    this.#timer = setInterval(() => void this.#readCounts(), STATUS_MS)
    void this.#readCounts()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#endSubscription?.()
    clearInterval(this.#timer)
    await Promise.all([...this.#running.values()].map(({ source }) => source.close()))
    await Promise.all(this.#closing.values())
    await this.#notes.flush()
  }

  /** A feed that is called, set up and enabled. */
  find(id: string): PushFeedAdapter | undefined {
    return this.#called.get(id)?.feed
  }

  note(id: string, what: { readonly refused: boolean; readonly unknownVerbs: readonly string[] }): void {
    const sender = this.find(id)?.sender ?? id
    if (what.refused) this.#notes.refused(sender)
    for (const verb of what.unknownVerbs) this.#notes.unknownVerb(sender, verb)
  }

  /** The source of the kind `http` whose signature a request to the events' own address carries. */
  readonly signedBy = (request: PushRequest): string | undefined => {
    const candidates = [...this.#called.values()].filter(
      ({ setting, hasSecret }) => setting.adapter === 'http' && hasSecret,
    )
    // Each costs a digest of the body, and anybody may ask.
    const some = candidates.slice(0, SIGNING_SOURCES_MAX)
    const found = some.find(({ feed }) => feed.verify(request))
    if (found === undefined && some.length > 0) this.#notes.refused(EVENTS_SENDER)
    return found?.feed.sender
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
      staleSinceMs: this.#staleSince(source, newest.get(source) ?? null),
    }))
    // A feed that is set up and has said nothing yet is shown too.
    for (const [id, { source }] of this.#running) {
      if (this.#feedsOf(id).some((name) => live.includes(name))) continue
      const { connected, sinceMs } = source.state()
      const staleSinceMs = connected ? null : sinceMs
      rows.push({ source: id, connected, newestEventMs: null, rejected: 0, staleSinceMs })
    }
    return rows.sort((a, b) => (a.source < b.source ? -1 : 1))
  }

  /** Since when the source may have more to tell than it did: by its connection, by its silence, by the ledger. */
  #staleSince(source: string, newestMs: number | null): number | null {
    const { state, data } = this.#options
    const id = this.#settingOf(source)
    const setting = id === undefined ? undefined : data.settings.get('source', id)
    const feed = id === undefined ? undefined : this.#running.get(id)?.source.state()
    const silentMs =
      id === undefined || setting === undefined
        ? null
        : this.#gaps.silentSinceMs(this.#promisedSource(id, setting))
    const gapMs = state.gapSinceMs(source, {
      nowMs: data.clock.nowMs(),
      heardAtMs: feed?.lastHeardMs ?? null,
    })
    // A feed that has not been connected since the start of the server has told nothing since its newest event.
    const lostMs =
      feed === undefined || feed.connected
        ? null
        : Math.min(feed.sinceMs, feed.lastHeardMs === null ? (newestMs ?? feed.sinceMs) : feed.sinceMs)
    const known = [silentMs, gapMs, lostMs].filter((atMs) => atMs !== null)
    return known.length === 0 ? null : Math.min(...known)
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
        settingId: id ?? null,
        connected: this.#connectionOf(status.source),
        ...saidBody(id === undefined ? null : this.#saidOf(id)),
        ...this.#healthOf(status.source),
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

  /** All that are kept of one source. */
  deadLetters(source: string) {
    return this.#options.data.ledger.deadLetters(source, DEAD_LETTERS_KEPT_MAX)
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
          settingId: id,
          connected: state?.connected ?? null,
          ...saidBody(body.enabled ? this.#saidOf(id) : feedWord('disabled')),
          ...this.#healthOf(id),
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

  #healthOf(source: string): Omit<SourceHealth, 'lastReceivedMs'> & Pick<SourceStateBody, 'gaps'> {
    const { lastReceivedMs: _lastReceivedMs, ...health } = this.#gaps.health(source)
    return { ...health, gaps: this.#gaps.told(source) }
  }

  /** Feeds that promised to be heard of. */
  #expected(): readonly ExpectedFeed[] {
    return [...this.#wanted()].flatMap(([id, setting]) => {
      const { heartbeatSeconds } = setting.options
      if (typeof heartbeatSeconds !== 'number') return []
      const lastHeardMs = this.#running.get(id)?.source.state().lastHeardMs ?? null
      const source = this.#promisedSource(id, setting)
      return [{ source, names: this.#feedsOf(id), heartbeatSeconds, lastHeardMs }]
    })
  }

  /** Whose silence it is: a feed that carries one source is that source. */
  #promisedSource(id: string, setting: SourceSetting): string {
    const carried = this.#feedsOf(id).slice(2)
    return carried.length === 1 ? (carried[0] ?? id) : feedSourceOf(id, setting)
  }

  /** Asked for every event: kept until a setting changes. */
  #settingFor(source: string): SourceSetting | undefined {
    const known = this.#settingBySource.get(source)
    if (known !== undefined) return known === NOT_SET_UP ? undefined : known
    const id = this.#settingOf(source)
    const setting = id === undefined ? undefined : this.#options.data.settings.get('source', id)
    if (this.#settingBySource.size >= SOURCES_KNOWN_MAX) this.#settingBySource.clear()
    this.#settingBySource.set(source, setting ?? NOT_SET_UP)
    return setting
  }

  /** How a feed fares; null when there is nothing to say. */
  #saidOf(id: string): FeedWord | null {
    const setting = this.#options.data.settings.get('source', id)
    if (setting !== undefined && this.#gaps.isSilent(this.#promisedSource(id, setting)))
      return feedWord('silent', { seconds: Number(setting.options.heartbeatSeconds) })
    const running = this.#running.get(id)
    if (running !== undefined) return running.source.state().said
    const called = this.#called.get(id)
    if (called === undefined) return this.#faults.get(id) ?? null
    if (!called.hasSecret) return feedWord('no-secret')
    const refused = this.#notes.refusedCount(called.feed.sender)
    return refused === 0 ? null : feedWord('signatures', { count: refused })
  }

  /** CloudEvent sources that a configured feed brings: its own name, and those it says that it carries. */
  #feedsOf(id: string): readonly string[] {
    const setting = this.#options.data.settings.get('source', id)
    if (setting === undefined) return [id]
    const carried = setting.options.sources
    const names = Array.isArray(carried) ? carried.filter((name) => typeof name === 'string') : []
    return [id, feedSourceOf(id, setting), ...names]
  }

  #settingOf(source: string): string | undefined {
    return this.#options.data.settings.entries('source').find(({ id }) => this.#feedsOf(id).includes(source))
      ?.id
  }

  #connectionOf(source: string): boolean | null {
    const id = this.#settingOf(source)
    const setting = id === undefined ? undefined : this.#options.data.settings.get('source', id)
    if (id === undefined || setting === undefined) return null
    if (this.#gaps.isSilent(this.#promisedSource(id, setting))) return false
    return this.#running.get(id)?.source.state().connected ?? null
  }

  async #readCounts(): Promise<void> {
    await this.#notes.flush()
    await this.#gaps.check(this.#expected())
    try {
      const statuses = await this.#options.data.ledger.sourceStatuses()
      this.#rejectedBySource = new Map(statuses.map(({ source, rejected }) => [source, rejected]))
    } catch (error) {
      this.#options.onError('the counts of the sources could not be read', error)
    }
  }

  #wanted(): ReadonlyMap<string, SourceSetting> {
    const entries = this.#options.data.settings.entries('source')
    return new Map(entries.filter(({ body }) => body.enabled).map(({ id, body }) => [id, body]))
  }

  /** Starts what is set up and enabled, stops what is not any more, restarts what was changed. */
  #align(): void {
    if (this.#isStopped) return
    this.#alignCalled()
    const wanted = this.#wanted()
    this.#faults.clear()
    for (const [id, feed] of this.#running) {
      if (wanted.get(id) === feed.setting) continue
      this.#running.delete(id)
      this.#closing.set(id, this.#close(id, feed))
    }
    for (const [id, setting] of wanted)
      if (runsByItself(setting) && !this.#running.has(id) && !this.#closing.has(id)) this.#start(id, setting)
  }

  #alignCalled(): void {
    const wanted = this.#wanted()
    for (const [id, { setting }] of this.#called) if (wanted.get(id) !== setting) this.#called.delete(id)
    for (const [id, setting] of wanted) if (!this.#called.has(id)) this.#listen(id, setting)
  }

  async #close(id: string, { source }: RunningFeed): Promise<void> {
    try {
      await source.close()
    } catch (error) {
      this.#options.onError(`feed ${id}`, error)
    }
    this.#closing.delete(id)
    this.#align()
  }

  #start(id: string, setting: SourceSetting): void {
    const { data, secretOf, onChange, onError } = this.#options
    const name = feedSourceOf(id, setting)
    const source = startFeed({
      id,
      setting,
      secret: secretOf(id) ?? '',
      data,
      onState: onChange,
      onUnknownVerb: (verb) => this.#notes.unknownVerb(name, verb),
      onRejected: (letter) => this.#notes.rejected(name, letter),
    })
    if (!('code' in source)) {
      this.#running.set(id, { setting, source })
      return
    }
    this.#faults.set(id, source)
    onError(`feed ${id} is not started`, feedStateText('en', source))
  }

  #listen(id: string, setting: SourceSetting): void {
    const { adapter, options } = setting
    const secret = this.#options.secretOf(id) ?? ''
    const publicUrl = typeof options.publicUrl === 'string' ? options.publicUrl : undefined
    // Signatures are dated in real time, whatever the site's clock shows.
    const nowMs = () => realClock.nowMs()
    const authentication = options.authentication === 'bearer' ? 'bearer' : 'signature'
    const feed = createPushFeed({ adapter, name: id, secret, nowMs, publicUrl, authentication })
    if (feed !== undefined) this.#called.set(id, { setting, feed, hasSecret: secret !== '' })
  }
}

/** For a page its code, for a log its words. */
function saidBody(said: FeedWord | null): Pick<SourceStateBody, 'detail' | 'said'> {
  return { detail: said === null ? null : feedStateText('en', said), said }
}

function withoutSource<T extends { readonly source: string }>(letter: T): Omit<T, 'source'> {
  const { source: _source, ...rest } = letter
  return rest
}
