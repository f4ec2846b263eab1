/**
 * Follows Asterisk's queue log as it grows: over rotation (renamed and created anew, copied and truncated, in mid-line) and
 * over restarts of ours. The same rows get the same ids and order as by an import of the file, so reading twice adds nothing.
 */
import { realClock } from '../../domain/clock.ts'
import type { EventEnvelope } from '../../domain/event.ts'
import { feedWord } from '../../wire/feed-state.ts'
import type { CanonicalEvent } from '../canonical-event.ts'
import { FeedDelivery, type FeedOptions, type RunningFeedSource } from '../feed-delivery.ts'
import { causeOf } from '../feed-fault.ts'
import type { ImportItem } from '../import-item.ts'
import { QueueLogReader, type Segment } from '../queue-log/read-queue-log.ts'
import { type FileHead, GrowingFile, type ReadLine } from './growing-file.ts'
import type { FilePlace, TailPosition, TailPositions } from './positions.ts'
import { fileIdOf, findSegment, openNextSegment } from './segments.ts'

const POLL_MS = 500
/** Read again at a restart: hours of calls under way, and far more than the seconds in which equal rows are told apart. */
const WARM_BYTES = 4 << 20
const MARK_BYTES = 1 << 20
const START: FilePlace = { offset: 0, line: 0 }
const HEAD_LENGTH_FULL = 128

export interface QueueLogTailOptions extends FeedOptions {
  readonly path: string
  /** Of the events; the name given to `vigie import --source` for older files, so that both fit together. */
  readonly source: string
  readonly positions: TailPositions
  readonly pollMs?: number
}

export function startQueueLogTailSource(options: QueueLogTailOptions): RunningFeedSource {
  const tail = new Tail(options)
  return { state: () => tail.delivery.state(), close: () => tail.close() }
}

class Tail {
  readonly delivery: FeedDelivery
  readonly #options: QueueLogTailOptions
  readonly #reader: QueueLogReader
  readonly #running: Promise<void>
  #file: GrowingFile | null = null
  #head: FileHead = { hash: '', length: 0 }
  #segment: Segment = { key: null }
  #isFirstLine = true
  /** Lines up to this one are durable from before a restart: read for what they tell of the next, and not sent again. */
  #warmToLine = 0
  #marks: FilePlace[] = []
  /** The end of a file that is not the log any more was seen: it gets one more look, its writer may just be finishing. */
  #endSeen = false
  #closed = false
  #wake: (() => void) | undefined

  constructor(options: QueueLogTailOptions) {
    this.#options = options
    this.delivery = new FeedDelivery(options.source, options)
    const nowMs = (options.clock ?? realClock).nowMs()
    this.#reader = new QueueLogReader({ source: options.source, zone: 'UTC', nowMs })
    this.#running = this.#run()
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#wake?.()
    await this.delivery.close()
    await this.#running
    await this.#file?.close()
    this.#file = null
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      let progressed = false
      try {
        progressed = await this.#step()
      } catch (error) {
        const { path } = this.#options
        this.delivery.change(false, feedWord('unreadable', { path, cause: causeOf(error) }))
      }
      if (!progressed && !this.#closed) await this.#sleep()
    }
  }

  /** One look at the file; false when there was nothing to do. */
  async #step(): Promise<boolean> {
    if (this.#file === null) return this.#openFirst()
    const file = this.#file
    if (await this.#wasRewritten(file)) return this.#continueAfterTruncation(file)
    const lines = await file.readLines()
    if (lines.length > 0) {
      this.#endSeen = false
      await this.#take(lines)
      return true
    }
    this.delivery.heard()
    const currentId = await fileIdOf(this.#options.path)
    if (currentId === file.fileId) {
      this.delivery.change(true, feedWord('following'))
      return false
    }
    if (!this.#endSeen) {
      this.#endSeen = true
      return false
    }
    return this.#switchToNext(file)
  }

  async #openFirst(): Promise<boolean> {
    const position = await this.#options.positions.load()
    if (position !== null) return this.#resume(position)
    const file = await GrowingFile.open(this.#options.path)
    if (file === null) {
      this.delivery.change(false, feedWord('no-file', { path: this.#options.path }))
      return false
    }
    await this.#begin(file, null)
    return true
  }

  async #resume(position: TailPosition): Promise<boolean> {
    const { fileId, headHash, headLength, segmentKey, done, warm } = position
    const head = { hash: headHash, length: headLength }
    const file = await findSegment(this.#options.path, { fileId, head, from: warm, to: done })
    if (file !== null) {
      await this.#begin(file, null)
      this.#segment = { key: segmentKey }
      this.#isFirstLine = warm.line === 0
      this.#warmToLine = done.line
      this.#marks = [warm]
      return true
    }
    const next = await openNextSegment(this.#options.path, { fileId: null, segmentKey })
    if (next === null) {
      this.delivery.change(false, feedWord('no-file', { path: this.#options.path }))
      return false
    }
    // The rest of the segment that was being read is gone or packed away.
    await this.delivery.store([this.delivery.gap('rotation')])
    await this.#begin(next, null)
    return true
  }

  /** Starts a segment; a line torn at the end of the one before may go on in it. */
  async #begin(file: GrowingFile, torn: ReadLine | null): Promise<void> {
    if (torn !== null) await this.#takeItems([...this.#reader.follow(torn, this.#segment, this.#isFirstLine)])
    await this.#file?.close()
    this.#file = file
    this.#head = await file.head()
    this.#segment = { key: null }
    this.#isFirstLine = true
    this.#warmToLine = 0
    this.#marks = [START]
    this.#endSeen = false
    this.delivery.change(true, feedWord('following'))
  }

  /** Shorter than what was read, or other first bytes: emptied and written anew under the same inode. */
  async #wasRewritten(file: GrowingFile): Promise<boolean> {
    const readTo = file.place.offset + (file.hasTornLine ? 1 : 0)
    if ((await file.sizeBytes()) < readTo) return true
    return (await file.head(this.#head.length)).hash !== this.#head.hash
  }

  async #continueAfterTruncation(file: GrowingFile): Promise<boolean> {
    const { place } = file
    const known = { fileId: '', head: this.#head, from: place, to: place }
    const copy = await findSegment(this.#options.path, known)
    if (copy !== null) {
      // What was written after our last look is in the copy; then the path holds another file than ours.
      await file.close()
      this.#file = copy
      return true
    }
    const again = await GrowingFile.open(this.#options.path)
    if (again === null) return false
    await this.delivery.store([this.delivery.gap('rotation')])
    await this.#begin(again, file.hasTornLine ? file.tornLine() : null)
    return true
  }

  async #switchToNext(file: GrowingFile): Promise<boolean> {
    const next = await openNextSegment(this.#options.path, {
      fileId: file.fileId,
      segmentKey: this.#segment.key,
    })
    if (next === null) {
      this.delivery.change(true, feedWord('log-moved'))
      return false
    }
    await this.#begin(next, file.hasTornLine ? file.tornLine() : null)
    return true
  }

  async #take(lines: readonly ReadLine[]): Promise<void> {
    const items: ImportItem[] = []
    for (const line of lines) {
      const isKnown = line.number <= this.#warmToLine
      for (const item of this.#reader.follow(line, this.#segment, this.#isFirstLine)) {
        if (!isKnown) items.push(item)
      }
      this.#isFirstLine = false
    }
    this.delivery.heard()
    if (await this.#takeItems(items)) await this.#savePosition()
  }

  async #takeItems(items: readonly ImportItem[]): Promise<boolean> {
    const events: CanonicalEvent[] = []
    for (const item of items) {
      if (item.kind === 'event') events.push(toCanonical(item.envelope))
      else if (item.kind === 'unknown-verb') this.#options.onUnknownVerb?.(item.verb)
      else if (item.kind === 'rejected') {
        const { line, reason, excerpt } = item
        this.#options.onRejected?.({ place: `line ${line}`, reason, excerpt })
      }
    }
    return events.length === 0 || (await this.delivery.store(events))
  }

  async #savePosition(): Promise<void> {
    const file = this.#file
    if (file === null || file.place.line < this.#warmToLine) return
    const { place: done, fileId } = file
    if (this.#head.length < HEAD_LENGTH_FULL) this.#head = await file.head()
    const last = this.#marks.at(-1)
    if (last === undefined || done.offset - last.offset >= MARK_BYTES) this.#marks.push(done)
    while ((this.#marks[1]?.offset ?? Number.POSITIVE_INFINITY) <= done.offset - WARM_BYTES)
      this.#marks.shift()
    await this.#options.positions.save({
      fileId,
      headHash: this.#head.hash,
      headLength: this.#head.length,
      segmentKey: this.#segment.key,
      done,
      warm: this.#marks[0] ?? START,
    })
  }

  async #sleep(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.#options.pollMs ?? POLL_MS)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = undefined
  }
}

function toCanonical(envelope: EventEnvelope): CanonicalEvent {
  const { id, source, type, occurredAtMs, sequence, data } = envelope
  return {
    specversion: '1.0',
    id,
    source,
    type,
    time: new Date(occurredAtMs).toISOString(),
    ...(sequence === undefined ? {} : { sequence }),
    data,
  }
}
