/** Where a tail has read to, kept over restarts. Losing it costs time and never a figure: rows read twice are duplicates. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isRecord } from '../canonical-event.ts'

/** A place in a file: before line `line + 1`, which begins at `offset`. */
export interface FilePlace {
  readonly offset: number
  readonly line: number
}

export interface TailPosition {
  /** Device and inode, as text: they pass beyond what a number holds. */
  readonly fileId: string
  /** The file's first bytes (hash) and how many: an inode is given away again, its old content is not. */
  readonly headHash: string
  readonly headLength: number
  /** Epoch second of its first usable row: orders the segments of a rotation. */
  readonly segmentKey: string | null
  /** All rows before it are durable. */
  readonly done: FilePlace
  /** Where reading starts again to know what the next rows continue: equal rows of one second, calls under way. */
  readonly warm: FilePlace
}

export interface TailPositions {
  load(): Promise<TailPosition | null>
  save(position: TailPosition): Promise<void>
}

/** One small file, replaced as a whole, so that a crash leaves the old or the new position. */
export function filePositions(path: string): TailPositions {
  return {
    async load() {
      try {
        return readPosition(JSON.parse(await readFile(path, 'utf8')))
      } catch {
        return null
      }
    },
    async save(position) {
      await mkdir(dirname(path), { recursive: true })
      await writeFile(`${path}.new`, JSON.stringify(position))
      await rename(`${path}.new`, path)
    },
  }
}

function readPosition(value: unknown): TailPosition | null {
  if (!isRecord(value)) return null
  const { fileId, headHash, headLength, segmentKey } = value
  const done = readPlace(value.done)
  const warm = readPlace(value.warm)
  if (typeof fileId !== 'string' || typeof headHash !== 'string' || !isCount(headLength)) return null
  if (done === null || warm === null || (segmentKey !== null && typeof segmentKey !== 'string')) return null
  return { fileId, headHash, headLength, segmentKey, done, warm }
}

function readPlace(value: unknown): FilePlace | null {
  if (!isRecord(value) || !isCount(value.offset) || !isCount(value.line)) return null
  return { offset: value.offset, line: value.line }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
