/**
 * Records of a CSV file (RFC 4180, any of , ; tab |), with the line each begins on. An unclosed quote costs one line, not the
 * rest of the file. Tables as database clients print them are read too: bars between the cells, rulers between the lines.
 */
import { type ByteSource, LINE_LENGTH_MAX, readLines, type TextLine } from './text-lines.ts'

export interface CsvRecord {
  readonly line: number
  readonly fields: readonly string[]
  /** As it stands in the file. */
  readonly text: string
  readonly terminated: boolean
  readonly fault: string | null
}

/** Of a printed table: `+----+----+`, `----+----`, and the count at its end. */
const RULER = /^\s*(?:[+|]?-{2,}[-+|]*|\(\d+ rows?\))\s*$/

/** Lines that one quoted field may run over. */
const RECORD_LINES_MAX = 100

export async function* readCsvRecords(source: ByteSource): AsyncGenerator<CsvRecord[]> {
  let delimiter: string | null = null
  let pending: TextLine[] = []
  for await (const lines of readLines(source)) {
    const batch: CsvRecord[] = []
    for (const line of lines) {
      if (line.tooLong) {
        batch.push({ ...record([line], []), fault: 'line too long' })
        continue
      }
      if (pending.length === 0 && (line.text.trim() === '' || RULER.test(line.text))) continue
      delimiter ??= guessDelimiter(line.text)
      pending.push(line)
      let done = take(pending, delimiter, batch)
      // A quote that never closes: its first line is at fault, the others are read again as they are.
      while (!done && tooMuch(pending)) {
        const [bad, ...others] = pending
        if (bad !== undefined) batch.push({ ...record([bad], []), fault: 'quote without an end' })
        pending = []
        for (const other of others) {
          pending.push(other)
          done = take(pending, delimiter, batch)
        }
        done = pending.length === 0
      }
    }
    if (batch.length > 0) yield batch
  }
  while (pending.length > 0) {
    const [bad, ...others] = pending
    const batch: CsvRecord[] = []
    if (bad !== undefined) batch.push({ ...record([bad], []), fault: 'quote without an end' })
    pending = []
    for (const other of others) {
      pending.push(other)
      take(pending, delimiter ?? ',', batch)
    }
    yield batch
  }
}

function tooMuch(pending: readonly TextLine[]): boolean {
  if (pending.length > RECORD_LINES_MAX) return true
  let length = 0
  for (const line of pending) length += line.text.length
  return length > LINE_LENGTH_MAX
}

/** Moves the pending lines into the batch when they make a whole record. */
function take(pending: TextLine[], delimiter: string, batch: CsvRecord[]): boolean {
  const first = pending[0]
  const text =
    pending.length === 1 && first !== undefined ? first.text : pending.map((line) => line.text).join('\n')
  const fields = splitCsv(delimiter === '|' ? withoutFrame(text) : text, delimiter)
  if (fields === null) return false
  batch.push(record(pending, fields))
  pending.length = 0
  return true
}

function record(lines: readonly TextLine[], fields: readonly string[]): CsvRecord {
  const last = lines[lines.length - 1]
  return {
    line: lines[0]?.number ?? 0,
    fields,
    text: lines.map((line) => line.text).join('\n'),
    terminated: last?.terminated ?? true,
    fault: null,
  }
}

function guessDelimiter(header: string): string {
  let best = ','
  for (const one of [';', '\t', '|']) if (header.split(one).length > header.split(best).length) best = one
  return best
}

/** The bars at both ends of a printed row are no delimiters. */
function withoutFrame(text: string): string {
  return /^\s*\|/.test(text) && /\|\s*$/.test(text) ? text.replace(/^\s*\|/, '').replace(/\|\s*$/, '') : text
}

/** Null when a quote is still open at the end of the text. */
export function splitCsv(text: string, delimiter: string): string[] | null {
  if (!text.includes('"')) return text.split(delimiter)
  const fields: string[] = []
  let at = 0
  for (;;) {
    if (text[at] === '"') {
      let value = ''
      let from = at + 1
      for (;;) {
        const quote = text.indexOf('"', from)
        if (quote < 0) return null
        value += text.slice(from, quote)
        if (text[quote + 1] !== '"') {
          at = quote + 1
          break
        }
        value += '"'
        from = quote + 2
      }
      const end = text.indexOf(delimiter, at)
      fields.push(value + text.slice(at, end < 0 ? text.length : end))
      if (end < 0) return fields
      at = end + 1
    } else {
      const end = text.indexOf(delimiter, at)
      fields.push(text.slice(at, end < 0 ? text.length : end))
      if (end < 0) return fields
      at = end + 1
    }
  }
}

/** Index of each column by its name in lower case. */
export function columnIndexes(header: readonly string[]): ReadonlyMap<string, number> {
  return new Map(header.map((name, index) => [name.trim().toLowerCase(), index]))
}
