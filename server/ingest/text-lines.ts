/** Lines of a file or a stream, plain or gzipped, with their numbers; memory stays constant however long the file is. */
import { createReadStream } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
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
  const decoder = new StringDecoder('utf8')
  let first = true
  for await (const chunk of unzipped(bytes)) {
    let text = decoder.write(chunk)
    if (text === '') continue
    if (first && text.charCodeAt(0) === 0xfeff) text = text.slice(1)
    first = false
    yield text
  }
  const rest = decoder.end()
  if (rest !== '') yield rest
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
