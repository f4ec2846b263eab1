/** Lines of a file or a stream, plain or gzipped, with their numbers; memory stays constant however long the file is. */
import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import { TextDecoder } from 'node:util'
import { createGunzip } from 'node:zlib'

/** Longer than any line of any of these formats (Asterisk: 8 KiB); beyond it a file is not of this kind. */
export const LINE_LENGTH_MAX = 256 * 1024

export interface TextLine {
  readonly number: number
  readonly text: string
  /** False for a last line without a line end: maybe cut off. */
  readonly terminated: boolean
  /** The line was longer than the limit and is cut. */
  readonly tooLong: boolean
}

export type ByteSource = string | AsyncIterable<Uint8Array>

/** Pieces of decoded text. A gzip header is recognised by its two magic bytes, whatever the name says. */
export async function* readText(source: ByteSource): AsyncGenerator<string> {
  const bytes = typeof source === 'string' ? createReadStream(source, { highWaterMark: 1 << 18 }) : source
  let first = true
  for await (const piece of decoded(unzipped(bytes))) {
    const text = first && piece.charCodeAt(0) === 0xfeff ? piece.slice(1) : piece
    if (text === '') continue
    first = false
    yield text
  }
}

/** UTF-16 where the file says so, as spreadsheets write; else line by line what each line is. */
async function* decoded(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let wide: TextDecoder | null | undefined
  let rest = Buffer.alloc(0)
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    if (wide === undefined && bytes.length >= 2) wide = wideDecoder(bytes)
    if (wide !== null && wide !== undefined) {
      yield wide.decode(bytes, { stream: true })
      rest = Buffer.alloc(0)
      continue
    }
    // Whole lines, so that no character is cut; of a line without an end, as much as is whole.
    const lineEnd = bytes.lastIndexOf(10) + 1
    const end = lineEnd === 0 && bytes.length > LINE_LENGTH_MAX ? wholeCharacters(bytes) : lineEnd
    if (end > 0) yield decodeLines(bytes.subarray(0, end))
    rest = Buffer.from(bytes.subarray(end))
  }
  if (rest.length > 0) yield decodeLines(rest)
}

function wideDecoder(bytes: Buffer): TextDecoder | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le', { ignoreBOM: true })
  return bytes[0] === 0xfe && bytes[1] === 0xff ? new TextDecoder('utf-16be', { ignoreBOM: true }) : null
}

/** Length without the bytes of a character that goes on in the next piece. */
function wholeCharacters(bytes: Buffer): number {
  let end = bytes.length
  while (end > bytes.length - 4 && end > 0 && ((bytes[end - 1] ?? 0) & 0xc0) === 0x80) end -= 1
  return end > 0 && (bytes[end - 1] ?? 0) >= 0xc0 && !isUtf8(bytes.subarray(end - 1)) ? end - 1 : bytes.length
}

function decodeLines(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8')
  let text = ''
  let from = 0
  while (from < bytes.length) {
    const end = bytes.indexOf(10, from) + 1
    const to = end === 0 ? bytes.length : end
    text += decodeLine(bytes.subarray(from, to))
    from = to
  }
  return text
}

const westEuropean = new TextDecoder('windows-1252')

/** UTF-8; what is none is read as Windows-1252, in which every byte means something: two names stay two names. */
export function decodeLine(bytes: Buffer): string {
  return isUtf8(bytes) ? bytes.toString('utf8') : westEuropean.decode(bytes)
}

async function* unzipped(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const iterator = bytes[Symbol.asyncIterator]()
  let head = Buffer.alloc(0)
  let ended = false
  while (head.length < 2 && !ended) {
    const next = await iterator.next()
    if (next.done === true) ended = true
    else head = Buffer.concat([head, next.value])
  }
  async function* all(): AsyncGenerator<Buffer> {
    try {
      if (head.length > 0) yield head
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
        yield Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength)
      }
    } finally {
      // The reader may stop early: the file must not stay open.
      await iterator.return?.()
    }
  }
  if (head.length < 2 || head[0] !== 0x1f || head[1] !== 0x8b) {
    yield* all()
    return
  }
  const gunzip = createGunzip()
  const feeding = feed(all(), gunzip)
  try {
    for await (const chunk of gunzip) yield chunk as Buffer
  } finally {
    gunzip.destroy()
    await feeding
  }
}

async function feed(chunks: AsyncIterable<Buffer>, gunzip: ReturnType<typeof createGunzip>): Promise<void> {
  try {
    for await (const chunk of chunks) {
      if (gunzip.destroyed) return
      if (!gunzip.write(chunk)) {
        await new Promise<void>((resolve) => {
          gunzip.once('drain', resolve)
          gunzip.once('close', resolve)
        })
      }
    }
    gunzip.end()
  } catch (error) {
    gunzip.destroy(error instanceof Error ? error : new Error(String(error)))
  }
}

/** Lines in batches as they come: one await a piece of the file and not one a line. */
export async function* readLines(source: ByteSource): AsyncGenerator<TextLine[]> {
  let rest = ''
  let number = 0
  let skipping = false
  for await (const piece of readText(source)) {
    const batch: TextLine[] = []
    const text = rest + piece
    let from = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      if (skipping) skipping = false
      else {
        number += 1
        batch.push(toLine(number, text.slice(from, end), true))
      }
      from = end + 1
    }
    rest = skipping ? '' : text.slice(from)
    if (rest.length > LINE_LENGTH_MAX) {
      number += 1
      batch.push({ number, text: rest.slice(0, 1024), terminated: true, tooLong: true })
      rest = ''
      skipping = true
    }
    if (batch.length > 0) yield batch
  }
  if (rest !== '') yield [toLine(number + 1, rest, false)]
}

function toLine(number: number, text: string, terminated: boolean): TextLine {
  const bare = text.endsWith('\r') ? text.slice(0, -1) : text
  const tooLong = bare.length > LINE_LENGTH_MAX
  return { number, text: tooLong ? bare.slice(0, 1024) : bare, terminated, tooLong }
}
