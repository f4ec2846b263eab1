/** The wire of Asterisk's manager interface: CRLF "Key: value" blocks ended by an empty line, cut anywhere by the network. */
import { decodeLine } from '../text-lines.ts'

/** No block of the manager is near this; a peer that sends longer ones is no manager. */
const BLOCK_LENGTH_MAX = 256 * 1024
const LINES_PER_BLOCK_MAX = 2_000

export class AmiBlock {
  readonly #fields = new Map<string, string>()
  readonly #repeated = new Map<string, string[]>()

  /** Names are compared without case: they were written differently before Asterisk 12. */
  add(name: string, value: string): void {
    const key = name.toLowerCase()
    const first = this.#fields.get(key)
    if (first === undefined) this.#fields.set(key, value)
    else this.#repeated.set(key, [...(this.#repeated.get(key) ?? [first]), value])
  }

  /** The first value of the first of these names that is there and says something. */
  get(...names: readonly string[]): string | undefined {
    for (const name of names) {
      const value = this.#fields.get(name.toLowerCase())
      if (value !== undefined && value !== '' && value !== '<unknown>' && value !== '<null>') return value
    }
    return undefined
  }

  /** All values of a key that stands several times (ChanVariable, Output). */
  all(name: string): readonly string[] {
    const key = name.toLowerCase()
    const first = this.#fields.get(key)
    return this.#repeated.get(key) ?? (first === undefined ? [] : [first])
  }

  /** A number of the block; absent or no number: undefined. */
  number(...names: readonly string[]): number | undefined {
    const text = this.get(...names)
    return text !== undefined && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined
  }

  /** The block as one text: equal blocks give equal texts. */
  identityText(): string {
    const parts: string[] = []
    for (const name of this.#fields.keys()) parts.push(`${name}:${this.all(name).join('\n')}`)
    return parts.sort().join('\r\n')
  }
}

/** Collects bytes into blocks. The greeting ("Asterisk Call Manager/x") is a line without a colon and is no block. */
export class AmiBlockReader {
  #rest = Buffer.alloc(0)
  #block: AmiBlock | null = null
  #lines = 0
  #length = 0

  /** Complete blocks of what was read so far; null when the peer does not speak this protocol. */
  read(chunk: Buffer): AmiBlock[] | null {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    const blocks: AmiBlock[] = []
    let from = 0
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
      const line = decodeLine(bytes.subarray(from, end > from && bytes[end - 1] === 13 ? end - 1 : end))
      from = end + 1
      this.#length += line.length
      this.#lines += 1
      if (line === '') this.#finish(blocks)
      else this.#add(line)
      if (this.#length > BLOCK_LENGTH_MAX || this.#lines > LINES_PER_BLOCK_MAX) return null
    }
    this.#rest = Buffer.from(bytes.subarray(from))
    return this.#rest.length > BLOCK_LENGTH_MAX ? null : blocks
  }

  #add(line: string): void {
    const colon = line.indexOf(':')
    if (colon <= 0) return
    this.#block ??= new AmiBlock()
    this.#block.add(line.slice(0, colon).trim(), line.slice(colon + 1).trim())
  }

  #finish(blocks: AmiBlock[]): void {
    if (this.#block !== null) blocks.push(this.#block)
    this.#block = null
    this.#lines = 0
    this.#length = 0
  }
}

/** An action for the wire. Line ends in a value would be a second header: they are taken out. */
export function amiAction(fields: readonly (readonly [name: string, value: string])[]): string {
  return `${fields.map(([name, value]) => `${name}: ${value.replace(/[\r\n]+/g, ' ')}`).join('\r\n')}\r\n\r\n`
}
