/** A file of CloudEvents: one a line (NDJSON) or one JSON array. Read piece by piece; a torn event costs itself alone. */
import { type ImportContext, type ImportItem, rejected } from './import-item.ts'
import { type ByteSource, readText } from './text-lines.ts'
import { toEnvelope } from './validate.ts'

/** A longer event is no event. */
const EVENT_LENGTH_MAX = 1024 * 1024

export async function* readCloudEventsFile(
  file: ByteSource,
  context: ImportContext,
): AsyncGenerator<ImportItem> {
  const scanner = new EventScanner()
  for await (const piece of readText(file)) {
    for (const found of scanner.push(piece)) yield toItem(found, context)
  }
  for (const found of scanner.finish()) yield toItem(found, context)
}

interface FoundText {
  readonly line: number
  readonly text: string
  readonly fault: string | null
}

function toItem(found: FoundText, context: ImportContext): ImportItem {
  if (found.fault !== null) return rejected(found.line, found.fault, found.text)
  let value: unknown
  try {
    value = JSON.parse(found.text)
  } catch {
    return rejected(found.line, 'no JSON', found.text)
  }
  const result = toEnvelope(value, { receivedAtMs: context.nowMs, nowMs: context.nowMs })
  if (!result.ok) return rejected(found.line, `${result.pointer || '/'}: ${result.detail}`, found.text)
  return { kind: 'event', line: found.line, verb: result.envelope.type, envelope: result.envelope }
}

/**
 * Cuts a text into the objects at its top, or at the top of its one array. A line end inside a string is no JSON: there
 * the torn event ends and the next begins.
 */
class EventScanner {
  #line = 1
  #startLine = 1
  #text = ''
  #depth = 0
  #inString = false
  #escaped = false
  #inArray = false
  #begun = false
  /** The rest of the line is at fault and was told of. */
  #skipping = false

  #step(code: number): void {
    if (this.#escaped) this.#escaped = false
    else if (this.#inString) {
      if (code === 92) this.#escaped = true
      else if (code === 34) this.#inString = false
    } else if (code === 34) this.#inString = true
    else if (code === 123 || code === 91) this.#depth += 1
    else if (code === 125 || code === 93) this.#depth -= 1
  }

  *push(piece: string): Generator<FoundText> {
    let from = 0
    for (let at = 0; at < piece.length; at += 1) {
      const code = piece.charCodeAt(at)
      if (code === 10) {
        this.#line += 1
        // NDJSON: an event ends with its line. A pretty-printed array may go on, but no string does.
        if (this.#depth > 0 && (this.#inString || !this.#inArray)) {
          yield this.#cut(piece.slice(from, at), 'torn: the event does not end on its line')
        }
        if (this.#depth === 0) from = at + 1
        this.#skipping = false
        continue
      }
      if (this.#skipping) continue
      if (this.#depth === 0) {
        if (code === 91 && !this.#begun) this.#inArray = true
        else if (code === 123) {
          this.#depth = 1
          this.#startLine = this.#line
          from = at
        } else if (!isBetween(code)) {
          // Neither an event nor what stands between two: the rest of the line is at fault.
          const end = piece.indexOf('\n', at)
          yield {
            line: this.#line,
            text: piece.slice(at, end < 0 ? piece.length : end),
            fault: 'no JSON object',
          }
          this.#skipping = true
        }
        if (!isSpace(code)) this.#begun = true
        continue
      }
      this.#step(code)
      if (this.#depth === 0) {
        yield this.#cut(piece.slice(from, at + 1), null)
        from = at + 1
      }
    }
    if (this.#depth > 0) {
      this.#text += piece.slice(from)
      if (this.#text.length > EVENT_LENGTH_MAX) yield this.#cut('', 'event too long')
    }
  }

  *finish(): Generator<FoundText> {
    if (this.#depth > 0) yield this.#cut('', 'torn: the file ends inside the event')
  }

  #cut(rest: string, fault: string | null): FoundText {
    const text = this.#text + rest
    this.#text = ''
    this.#depth = 0
    this.#inString = false
    this.#escaped = false
    return text.length > EVENT_LENGTH_MAX
      ? { line: this.#startLine, text, fault: 'event too long' }
      : { line: this.#startLine, text, fault }
  }
}

function isSpace(code: number): boolean {
  return code === 32 || code === 9 || code === 13 || code === 10
}

function isBetween(code: number): boolean {
  return isSpace(code) || code === 44 || code === 91 || code === 93
}
