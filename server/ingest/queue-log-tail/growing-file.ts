/** One file that another program appends to: its complete lines from a place on, and what of it tells it from other files. */
import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { decodeLine, LINE_LENGTH_MAX, type TextLine } from '../text-lines.ts'
import type { FilePlace } from './positions.ts'

const CHUNK_BYTES = 1 << 18
const HEAD_BYTES_MAX = 128
const NEWLINE = 0x0a

export interface ReadLine extends TextLine {
  /** Offset after its line end. */
  readonly endOffset: number
}

export interface FileHead {
  readonly hash: string
  readonly length: number
}

export class GrowingFile {
  readonly fileId: string
  readonly #handle: FileHandle
  #place: FilePlace
  /** Bytes read after the last line end. */
  #rest: Buffer = Buffer.alloc(0)
  /** A line beyond any limit is skipped up to its end. */
  #skipping = false

  private constructor(handle: FileHandle, fileId: string, from: FilePlace) {
    this.#handle = handle
    this.fileId = fileId
    this.#place = from
  }

  /** Null when there is no such file. */
  static async open(path: string, from: FilePlace = { offset: 0, line: 0 }): Promise<GrowingFile | null> {
    try {
      const handle = await open(path, 'r')
      try {
        return new GrowingFile(handle, idOf(await handle.stat({ bigint: true })), from)
      } catch (error) {
        await handle.close()
        throw error
      }
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
  }

  /** After the last complete line. */
  get place(): FilePlace {
    return this.#place
  }

  get hasTornLine(): boolean {
    return this.#rest.length > 0
  }

  /** The next complete lines, at most a chunk's worth; empty at the end of the file. */
  async readLines(): Promise<ReadLine[]> {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
    for (;;) {
      const at = this.#place.offset + this.#rest.length
      const { bytesRead } = await this.#handle.read(chunk, 0, CHUNK_BYTES, at)
      if (bytesRead === 0) return []
      const read = chunk.subarray(0, bytesRead)
      const bytes = this.#rest.length === 0 ? Buffer.from(read) : Buffer.concat([this.#rest, read])
      const lines = this.#split(bytes)
      if (lines.length > 0) return lines
    }
  }

  /** What stands after the last line end: half a line, where the file was rotated in the middle of a write. */
  tornLine(): ReadLine {
    const { offset, line } = this.#place
    const text = decodeLine(this.#rest)
    return {
      number: line + 1,
      text,
      terminated: false,
      tooLong: false,
      endOffset: offset + this.#rest.length,
    }
  }

  async sizeBytes(): Promise<number> {
    return (await this.#handle.stat()).size
  }

  /** Of the first bytes; with a length, of exactly so many (a file that has grown since has the same first ones). */
  async head(length = HEAD_BYTES_MAX): Promise<FileHead> {
    const buffer = Buffer.alloc(Math.min(length, HEAD_BYTES_MAX))
    const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, 0)
    const hash = createHash('sha256').update(buffer.subarray(0, bytesRead)).digest('hex').slice(0, 32)
    return { hash, length: bytesRead }
  }

  close(): Promise<void> {
    return this.#handle.close()
  }

  #split(bytes: Buffer): ReadLine[] {
    const lines: ReadLine[] = []
    const baseOffset = this.#place.offset
    let { line } = this.#place
    let from = 0
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
      line += 1
      const tooLong = this.#skipping || end - from > LINE_LENGTH_MAX
      this.#skipping = false
      const raw = decodeLine(bytes.subarray(from, tooLong ? Math.min(end, from + 1024) : end))
      const text = raw.endsWith('\r') ? raw.slice(0, -1) : raw
      lines.push({ number: line, text, terminated: true, tooLong, endOffset: baseOffset + end + 1 })
      from = end + 1
    }
    this.#place = { offset: baseOffset + from, line }
    this.#rest = bytes.subarray(from)
    if (this.#rest.length > LINE_LENGTH_MAX) {
      // Never a line of this log: its bytes are passed over, its number is counted at its end.
      this.#skipping = true
      this.#place = { offset: this.#place.offset + this.#rest.length, line }
      this.#rest = Buffer.alloc(0)
    }
    return lines
  }
}

export function idOf({ dev, ino }: { readonly dev: bigint; readonly ino: bigint }): string {
  return `${dev}-${ino}`
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
