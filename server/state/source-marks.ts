/**
 * What the ledger says of its own holes: since when a source has one that nothing has filled yet, and which sources tell of
 * a queue. Found from the set of events alone, so that any order of arrival gives the same marks.
 */
import type { LedgerEvent } from '../domain/event.ts'

/** What follows a silence: whatever is heard again ends it. */
const SILENCE = 'heartbeat'
/** The clock jumped: nothing is missing. */
const NO_HOLE = 'clock'
/** A source that never tells how things stand cannot fill a hole: marked for as long as it is in the sliding half hour. */
const MARKED_MS = 30 * 60_000
/** More holes than these of one source lie in the last of them. */
const GAPS_MAX = 100

interface Gap {
  sinceMs: number
  receivedAtMs: number
  readonly isSilence: boolean
}

interface SourceMark {
  readonly gaps: Gap[]
  /** The newest word of how things stand: a snapshot, or a start with nothing open. */
  resync: { receivedAtMs: number; occurredAtMs: number } | null
  heardAtMs: number
}

export interface GapQuestion {
  readonly nowMs: number
  /** When the connection last showed life without an event; it ends a silence too. */
  readonly heardAtMs?: number | null
}

export class SourceMarks {
  readonly #marks = new Map<string, SourceMark>()
  readonly #feeding = new Map<string, Map<string, number>>()

  note(event: Pick<LedgerEvent, 'type' | 'source' | 'occurredAtMs' | 'receivedAtMs' | 'data'>): void {
    const { type, source, occurredAtMs, receivedAtMs } = event
    const mark = this.#mark(source)
    if (type === 'cc.source.gap.v1') {
      const { reason } = event.data
      if (reason === NO_HOLE) return
      addGap(mark.gaps, { sinceMs: occurredAtMs, receivedAtMs, isSilence: reason === SILENCE })
      return
    }
    if (receivedAtMs > mark.heardAtMs) mark.heardAtMs = receivedAtMs
    if (type !== 'cc.source.snapshot.v1' && type !== 'cc.source.started.v1') return
    const isNewer =
      mark.resync === null ||
      receivedAtMs > mark.resync.receivedAtMs ||
      (receivedAtMs === mark.resync.receivedAtMs && occurredAtMs > mark.resync.occurredAtMs)
    if (isNewer) mark.resync = { receivedAtMs, occurredAtMs }
  }

  /** The source told of something that leaves no hole and fills none. */
  noteHeard(source: string, receivedAtMs: number): void {
    const mark = this.#mark(source)
    if (receivedAtMs > mark.heardAtMs) mark.heardAtMs = receivedAtMs
  }

  /** A contact entered the queue, says the source. */
  noteQueue(queueId: string, source: string, occurredAtMs: number): void {
    let sources = this.#feeding.get(queueId)
    if (sources === undefined) {
      sources = new Map()
      this.#feeding.set(queueId, sources)
    }
    const newestMs = sources.get(source)
    if (newestMs === undefined || occurredAtMs > newestMs) sources.set(source, occurredAtMs)
  }

  /** Since when the source may have more to tell than it did; null when nothing is known to be missing. */
  gapSinceMs(source: string, { nowMs, heardAtMs = null }: GapQuestion): number | null {
    const mark = this.#marks.get(source)
    if (mark === undefined) return null
    const lastHeardMs = Math.max(mark.heardAtMs, heardAtMs ?? Number.NEGATIVE_INFINITY)
    let sinceMs: number | null = null
    for (const gap of mark.gaps) {
      if (isOver(gap, mark, lastHeardMs, nowMs)) continue
      if (sinceMs === null || gap.sinceMs < sinceMs) sinceMs = gap.sinceMs
    }
    return sinceMs
  }

  /** Sources that told of contacts of the queue since the instant. */
  sourcesOf(queueId: string, fromMs: number): readonly string[] {
    const sources = this.#feeding.get(queueId)
    if (sources === undefined) return []
    return [...sources].flatMap(([source, newestMs]) => (newestMs >= fromMs ? [source] : []))
  }

  forgetBefore(beforeMs: number): void {
    for (const { gaps } of this.#marks.values()) {
      const kept = gaps.filter(({ receivedAtMs }) => receivedAtMs >= beforeMs)
      gaps.splice(0, gaps.length, ...kept)
    }
    for (const [queueId, sources] of this.#feeding) {
      for (const [source, newestMs] of sources) if (newestMs < beforeMs) sources.delete(source)
      if (sources.size === 0) this.#feeding.delete(queueId)
    }
  }

  #mark(source: string): SourceMark {
    let mark = this.#marks.get(source)
    if (mark === undefined) {
      mark = { gaps: [], resync: null, heardAtMs: Number.NEGATIVE_INFINITY }
      this.#marks.set(source, mark)
    }
    return mark
  }
}

function isOver(gap: Gap, { resync, heardAtMs }: SourceMark, lastHeardMs: number, nowMs: number): boolean {
  if (resync !== null) {
    const { receivedAtMs, occurredAtMs } = resync
    // Both may lie in one batch, when the ledger was away meanwhile.
    if (receivedAtMs > gap.receivedAtMs) return true
    if (receivedAtMs === gap.receivedAtMs && occurredAtMs >= gap.sinceMs) return true
  }
  if (gap.isSilence) return Math.max(heardAtMs, lastHeardMs) > gap.receivedAtMs
  return resync === null && nowMs - gap.receivedAtMs > MARKED_MS
}

function addGap(gaps: Gap[], gap: Gap): void {
  const isKnown = gaps.some(
    ({ sinceMs, receivedAtMs }) => sinceMs === gap.sinceMs && receivedAtMs === gap.receivedAtMs,
  )
  if (isKnown) return
  const last = gaps.at(-1)
  if (last === undefined || gaps.length < GAPS_MAX) {
    gaps.push(gap)
    return
  }
  last.sinceMs = Math.min(last.sinceMs, gap.sinceMs)
  last.receivedAtMs = Math.max(last.receivedAtMs, gap.receivedAtMs)
}
