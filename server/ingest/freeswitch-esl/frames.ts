/** The wire of FreeSWITCH's event socket: header lines, an empty line, and a body where Content-Length says so. */

const HEADERS_LENGTH_MAX = 64 * 1024
const BODY_LENGTH_MAX = 1024 * 1024

export interface EslFrame {
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

export class EslFrameReader {
  #rest = Buffer.alloc(0)

  /** Complete frames of what was read so far; null when the peer does not speak this protocol. */
  read(chunk: Buffer): EslFrame[] | null {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    const frames: EslFrame[] = []
    for (;;) {
      const end = bytes.indexOf('\n\n')
      if (end < 0) break
      const headers = parseHeaders(bytes.toString('utf8', 0, end))
      const length = Number(headers.get('content-length') ?? 0)
      if (!Number.isSafeInteger(length) || length < 0 || length > BODY_LENGTH_MAX) return null
      if (bytes.length < end + 2 + length) break
      if (headers.size > 0) frames.push({ headers, body: bytes.toString('utf8', end + 2, end + 2 + length) })
      bytes = bytes.subarray(end + 2 + length)
    }
    this.#rest = Buffer.from(bytes)
    return this.#rest.length > HEADERS_LENGTH_MAX + BODY_LENGTH_MAX ? null : frames
  }
}

/** Names in lower case. */
export function parseHeaders(text: string): Map<string, string> {
  const headers = new Map<string, string>()
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':')
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim())
  }
  return headers
}
