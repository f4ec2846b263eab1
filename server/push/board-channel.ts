/**
 * One board for all viewers of one scope: computed once a tick, compared row by row with the last one, serialised once.
 * Holds the last patches, so that a viewer who was away for a moment needs no snapshot.
 */
import { BOARD_SLICES, type Board, type BoardSliceName } from '../wire/board.ts'

/** Patches held for resume: about half a minute at the highest rate. */
const PATCHES_HELD_MAX = 256
/** Bytes of held patches, whatever their number. */
const PATCH_BYTES_HELD_MAX = 2_000_000

export interface Frame {
  readonly seq: number
  readonly bytes: Buffer
}

export class BoardChannel {
  readonly #compute: () => Board
  readonly #nowMs: () => number
  #seq: number
  #site = ''
  #sources = ''
  /** Row text by queue id, in the order of the board. */
  #rows = new Map<string, string>()
  /** Row text by key, for each part that the board has beyond its queues. */
  #slices = new Map<BoardSliceName, ReadonlyMap<string, string>>()
  #held: Frame[] = []
  #heldBytes = 0
  #snapshot: Frame | undefined
  #computed = false

  /** `firstSeq` is drawn from so many that a number of another board or another life of the server is not met again. */
  constructor(options: {
    readonly compute: () => Board
    readonly nowMs: () => number
    readonly firstSeq: number
  }) {
    this.#compute = options.compute
    this.#nowMs = options.nowMs
    this.#seq = options.firstSeq
  }

  get seq(): number {
    return this.#seq
  }

  /** Computes the board; a frame when something changed. */
  tick(): Frame | undefined {
    const board = this.#compute()
    const site = JSON.stringify(board.site)
    const sources = JSON.stringify(board.sources)
    const rows = new Map(board.queues.map((row) => [row.queueId, JSON.stringify(row)]))
    const parts: string[] = []
    if (site !== this.#site) parts.push(`"site":${site}`)
    const changed = [...rows].filter(([id, text]) => this.#rows.get(id) !== text).map(([, text]) => text)
    if (changed.length > 0) parts.push(`"queues":[${changed.join(',')}]`)
    const removed = [...this.#rows.keys()].filter((id) => !rows.has(id))
    if (removed.length > 0) parts.push(`"removedQueueIds":${JSON.stringify(removed)}`)
    if (sources !== this.#sources) parts.push(`"sources":${sources}`)
    const slices = slicesOf(board)
    const slicePart = this.#slicePatch(slices)
    if (slicePart !== '') parts.push(`"slices":{${slicePart}}`)
    if (parts.length === 0 && this.#computed) return undefined
    this.#site = site
    this.#sources = sources
    this.#rows = rows
    this.#slices = slices
    this.#snapshot = undefined
    this.#computed = true
    this.#seq += 1
    const text = `{"type":"patch","seq":${this.#seq},"nowMs":${this.#nowMs()},${parts.join(',')}}`
    const frame = { seq: this.#seq, bytes: Buffer.from(text) }
    this.#hold(frame)
    return frame
  }

  #slicePatch(slices: ReadonlyMap<BoardSliceName, ReadonlyMap<string, string>>): string {
    const parts: string[] = []
    for (const [name, rows] of slices) {
      const before = this.#slices.get(name)
      const changed = [...rows].filter(([key, text]) => before?.get(key) !== text).map(([, text]) => text)
      const removed = [...(before?.keys() ?? [])].filter((key) => !rows.has(key))
      if (changed.length === 0 && removed.length === 0) continue
      const rowPart = changed.length === 0 ? [] : [`"rows":[${changed.join(',')}]`]
      const removedPart = removed.length === 0 ? [] : [`"removedKeys":${JSON.stringify(removed)}`]
      parts.push(`"${name}":{${[...rowPart, ...removedPart].join(',')}}`)
    }
    return parts.join(',')
  }

  #hold(frame: Frame): void {
    this.#held.push(frame)
    this.#heldBytes += frame.bytes.length
    while (this.#held.length > PATCHES_HELD_MAX || this.#heldBytes > PATCH_BYTES_HELD_MAX) {
      const dropped = this.#held.shift()
      if (dropped === undefined) break
      this.#heldBytes -= dropped.bytes.length
    }
  }

  /** The whole board as of `seq`; made once and shared until something changes. */
  snapshot(): Frame {
    if (!this.#computed) this.tick()
    if (this.#snapshot === undefined) {
      const slices = [...this.#slices].map(([name, rows]) => `"${name}":[${[...rows.values()].join(',')}]`)
      const board = `{"site":${this.#site},"queues":[${[...this.#rows.values()].join(',')}],"sources":${this.#sources},"slices":{${slices.join(',')}}}`
      const text = `{"type":"snapshot","seq":${this.#seq},"nowMs":${this.#nowMs()},"board":${board}}`
      this.#snapshot = { seq: this.#seq, bytes: Buffer.from(text) }
    }
    return this.#snapshot
  }

  /** Patches after `seq`; undefined when they are not all held any more, or `seq` is of another life. */
  since(seq: number): readonly Frame[] | undefined {
    if (seq === this.#seq) return []
    const first = this.#held[0]
    if (seq > this.#seq || first === undefined || first.seq > seq + 1) return undefined
    return this.#held.slice(seq + 1 - first.seq)
  }
}

function slicesOf({ slices }: Board): Map<BoardSliceName, ReadonlyMap<string, string>> {
  const found = new Map<BoardSliceName, ReadonlyMap<string, string>>()
  for (const name of BOARD_SLICES) {
    const rows = slices?.[name]
    if (rows !== undefined) found.set(name, new Map(rows.map((row) => [row.key, JSON.stringify(row)])))
  }
  return found
}
