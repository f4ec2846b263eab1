/**
 * Watches the events of every source, and writes to the ledger what they show to be missing: a clock that jumped, numbers
 * that never came, and silence of a feed that promised a heartbeat.
 */
import { createHash } from 'node:crypto'
import type { Clock } from './domain/clock.ts'
import type { LedgerEvent } from './domain/event.ts'
import { canonicalEvent, isRecord } from './ingest/canonical-event.ts'
import type { IngestItem } from './ingest/ingest-service.ts'
import { type SourceHealth, SourceHealthWatch } from './ingest/source-health.ts'

/** A feed is silent after this many of its periods without a word. */
const SILENT_PERIODS = 2
const TOLD_MAX = 20
/** Gaps that feeds tell of themselves. */
const OWN_WORDS = new Set(['connection', 'overload', 'rotation'])
/** Findings of one turn: a source that jumps with every event is told once, not each time. */
const GAPS_PER_TURN_MAX = 100

export interface ToldGap {
  readonly atMs: number
  readonly reason: string
  readonly detail: string
  readonly params: Readonly<Record<string, number>>
}

/** A feed that is set up to be heard of at least every so often. */
export interface ExpectedFeed {
  readonly source: string
  /** Every name under which its events come. */
  readonly names: readonly string[]
  readonly heartbeatSeconds: number
  /** Heard of without an event: a heartbeat of the transport. */
  readonly lastHeardMs: number | null
}

interface Finding {
  readonly source: string
  readonly reason: string
  readonly seenBy: string
  readonly detail: string
  readonly params: Readonly<Record<string, number>>
  /** When the hole began, where that is known; else now. A gap must not make a silent source look heard of. */
  readonly sinceMs?: number
}

export interface SourceGapsOptions {
  readonly clock: Clock
  readonly ingest: (items: readonly IngestItem[], sender: string) => Promise<unknown>
  readonly isNumbered: (source: string) => boolean
  readonly isLog: (source: string) => boolean
  readonly onError: (message: string, error: unknown) => void
}

export class SourceGaps {
  readonly #options: SourceGapsOptions
  readonly #health: SourceHealthWatch
  readonly #told = new Map<string, ToldGap[]>()
  readonly #silentSince = new Map<string, number>()
  /** Since when a feed is expected: a server that has just started has heard of nobody. */
  readonly #expectedSince = new Map<string, number>()
  #waiting: Finding[] = []
  #writing: Promise<void> = Promise.resolve()

  constructor(options: SourceGapsOptions) {
    this.#options = options
    const { clock, isNumbered, isLog } = options
    this.#health = new SourceHealthWatch({
      nowMs: () => clock.nowMs(),
      speed: clock.speed,
      isNumbered,
      isLog,
    })
  }

  note(events: readonly LedgerEvent[]): void {
    // What a feed itself tells of its connection is in the ledger already: here it is only shown.
    for (const { type, source, occurredAtMs: atMs, data } of events)
      if (type === 'cc.source.gap.v1' && OWN_WORDS.has(data.reason ?? ''))
        this.#show(source, { atMs, reason: data.reason ?? '', detail: '', params: droppedOf(data.raw) })
    this.#tell(this.#health.note(events))
  }

  health(source: string): SourceHealth {
    return this.#health.of(source)
  }

  /** The newest first. */
  told(source: string): readonly ToldGap[] {
    return this.#told.get(source) ?? []
  }

  isSilent(source: string): boolean {
    return this.#silentSince.has(source)
  }

  /** When the silence began; null while it is heard. */
  silentSinceMs(source: string): number | null {
    return this.#silentSince.get(source) ?? null
  }

  /** Looks for what does not show by itself. Call now and then; resolves when what was found is written. */
  async check(expected: readonly ExpectedFeed[]): Promise<void> {
    this.#tell(this.#health.overdue())
    const nowMs = this.#options.clock.nowMs()
    const known = new Set(expected.map(({ source }) => source))
    for (const source of this.#expectedSince.keys()) {
      if (known.has(source)) continue
      this.#expectedSince.delete(source)
      this.#silentSince.delete(source)
    }
    for (const feed of expected) this.#listen(feed, nowMs)
    await this.#write()
  }

  #listen({ source, names, heartbeatSeconds, lastHeardMs }: ExpectedFeed, nowMs: number): void {
    if (!this.#expectedSince.has(source)) this.#expectedSince.set(source, nowMs)
    const heard = [lastHeardMs, ...names.map((name) => this.#health.of(name).lastReceivedMs)]
    const known = heard.filter((atMs) => atMs !== null)
    const lastMs = known.length > 0 ? Math.max(...known) : (this.#expectedSince.get(source) ?? nowMs)
    const silentMs = nowMs - lastMs
    if (silentMs <= SILENT_PERIODS * heartbeatSeconds * 1000) {
      this.#silentSince.delete(source)
      return
    }
    if (this.#silentSince.has(source)) return
    this.#silentSince.set(source, lastMs)
    const detail = `nothing was heard for ${Math.round(silentMs / 1000)} s`
    const params = { silent: Math.round(silentMs / 1000) }
    this.#tell([{ source, reason: 'heartbeat', seenBy: String(lastMs), detail, params, sinceMs: lastMs }])
  }

  #tell(gaps: readonly Finding[]): void {
    for (const gap of gaps.slice(0, GAPS_PER_TURN_MAX - this.#waiting.length)) {
      this.#waiting.push(gap)
      const { reason, detail, params } = gap
      this.#show(gap.source, { atMs: this.#options.clock.nowMs(), reason, detail, params })
    }
  }

  #show(source: string, gap: ToldGap): void {
    this.#told.set(source, [gap, ...(this.#told.get(source) ?? [])].slice(0, TOLD_MAX))
  }

  async #write(): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      const gaps = this.#waiting
      if (gaps.length === 0) return
      this.#waiting = []
      const nowMs = this.#options.clock.nowMs()
      const items = gaps.map(({ source, reason, seenBy, detail, sinceMs }) => {
        const id = createHash('sha256')
          .update(JSON.stringify([reason, seenBy]))
          .digest('hex')
          .slice(0, 32)
        const data = { reason, raw: { detail } }
        const value = canonicalEvent({
          id: `gap-${reason}-${id}`,
          source,
          type: 'cc.source.gap.v1',
          timeMs: sinceMs ?? nowMs,
          data,
        })
        return { value }
      })
      try {
        await this.#options.ingest(items, 'vigie')
      } catch (error) {
        // Told again at the next turn.
        this.#waiting = [...gaps, ...this.#waiting].slice(0, GAPS_PER_TURN_MAX)
        this.#options.onError('gaps of sources could not be written', error)
      }
    })
    await this.#writing
  }
}

/** How many events a feed had to drop, where it says so. */
function droppedOf(raw: unknown): ToldGap['params'] {
  return isRecord(raw) && typeof raw.dropped === 'number' ? { dropped: raw.dropped } : {}
}
