// Reads CSV of unknown making, plain or gzipped, as a stream: BOM, semicolons or tabs, quotes, decimal commas.

import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'

/** One data line by column name. `line` counts from 1, the header included. */
export interface CsvRow {
  readonly line: number
  get(column: string): string | undefined
}

/** A file that cannot be read at all; the message is for the person at the terminal. */
export class UnreadableFile extends Error {}

/** Rows refused by a reader, with the first messages kept. */
export class Refusals {
  readonly messages: string[] = []
  count = 0
  add(file: string, line: number, reason: string): void {
    this.count++
    if (this.messages.length < REFUSALS_SHOWN_MAX) this.messages.push(`${file}:${line}: ${reason}`)
  }
}

/** A broken export repeats one mistake on every line: the first ones tell it. */
const REFUSALS_SHOWN_MAX = 20
/** No line of a history is longer; a file of another kind may have no line ends at all. */
const LINE_CHARS_MAX = 1_000_000

/** Calls `take` for every data line. Throws UnreadableFile when the file, its packing or its header is at fault. */
export async function readCsv(
  path: string,
  required: readonly string[],
  refusals: Refusals,
  take: (row: CsvRow) => void,
): Promise<void> {
  let header: Header | undefined
  let delimiter: string | undefined
  let line = 0
  const row = new ArrayRow()
  await forEachLine(path, (text) => {
    line++
    if (text.trim() === '') return
    if (header === undefined) {
      const first = text.replace(/^\uFEFF/, '')
      if (first.includes('\0') || first.startsWith('\uFFFD'))
        throw new UnreadableFile(`${path}:1: this is no UTF-8 text; save the file as "CSV UTF-8"`)
      delimiter ??= /^sep=(.)\s*$/i.exec(first)?.[1]
      if (/^sep=/i.test(first)) return
      header = readHeader(path, first, required, delimiter)
      row.columns = header.columns
      return
    }
    const fields = splitFields(text, header.delimiter)
    if (
      fields.length > header.columnCount &&
      fields.slice(header.columnCount).some((field) => field !== '')
    ) {
      refusals.add(
        path,
        line,
        `has ${fields.length} fields where the header has ${header.columnCount}: a comma as decimal sign needs ; between the fields`,
      )
      return
    }
    if (fields.length < header.neededFields) {
      refusals.add(
        path,
        line,
        `has ${fields.length} fields where the header needs ${header.neededFields}: the line is torn`,
      )
      return
    }
    row.line = line
    row.fields = fields
    take(row)
  })
  if (header === undefined)
    throw new UnreadableFile(`${path}: the file is empty; a header with ${required.join(', ')} is needed`)
}

class ArrayRow implements CsvRow {
  line = 0
  fields: readonly string[] = []
  columns: ReadonlyMap<string, number> = new Map()
  get(column: string): string | undefined {
    const index = this.columns.get(column)
    const value = index === undefined ? undefined : this.fields[index]
    return value === undefined || value === '' ? undefined : value
  }
}

interface Header {
  readonly delimiter: string
  readonly columns: ReadonlyMap<string, number>
  readonly neededFields: number
  readonly columnCount: number
}

function readHeader(
  path: string,
  text: string,
  required: readonly string[],
  told: string | undefined,
): Header {
  const delimiter =
    told ??
    [',', ';', '\t'].reduce(
      (best, one) => (text.split(one).length > text.split(best).length ? one : best),
      ',',
    )
  const names = splitFields(text, delimiter).map((name) => name.trim().toLowerCase())
  const columns = new Map(names.map((name, index) => [name, index]))
  const missing = required.filter((name) => !columns.has(name))
  if (missing.length > 0)
    throw new UnreadableFile(
      `${path}:1: the header lacks ${missing.join(', ')} (found: ${names.join(', ').slice(0, 200)})`,
    )
  return {
    delimiter,
    columns,
    neededFields: 1 + Math.max(...required.map((name) => columns.get(name) ?? 0)),
    columnCount: names.length,
  }
}

function splitFields(text: string, delimiter: string): string[] {
  if (!text.includes('"')) return text.split(delimiter).map((field) => field.trim())
  const fields: string[] = []
  let field = ''
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i)
    if (quoted && char === '"' && text.charAt(i + 1) === '"') {
      field += '"'
      i++
    } else if (char === '"') quoted = !quoted
    else if (char === delimiter && !quoted) {
      fields.push(field.trim())
      field = ''
    } else field += char
  }
  fields.push(field.trim())
  return fields
}

async function forEachLine(path: string, take: (line: string) => void): Promise<void> {
  const file = createReadStream(path)
  const source = path.endsWith('.gz') ? file.pipe(createGunzip()) : file
  file.on('error', (error) => source.destroy(error))
  source.setEncoding('utf8')
  let rest = ''
  try {
    for await (const chunk of source) {
      const lines = (rest + String(chunk)).split('\n')
      rest = lines.pop() ?? ''
      if (rest.length > LINE_CHARS_MAX)
        throw new UnreadableFile(
          `${path}: a line is longer than ${LINE_CHARS_MAX} characters; this is no CSV`,
        )
      for (const line of lines) take(line.endsWith('\r') ? line.slice(0, -1) : line)
    }
  } catch (error) {
    if (error instanceof UnreadableFile) throw error
    throw new UnreadableFile(`${path}: ${causeOf(error)}`)
  }
  if (rest !== '') take(rest.endsWith('\r') ? rest.slice(0, -1) : rest)
}

function causeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT') return 'there is no such file'
  if (code === 'EISDIR') return 'this is a folder'
  if (code === 'EACCES') return 'it may not be read'
  if (code === 'Z_DATA_ERROR' || code === 'Z_BUF_ERROR') return 'this is no gzip file, or a torn one'
  return error instanceof Error ? error.message : String(error)
}

/** `12`, `12.5` or `12,5`; undefined when it is no number. */
export function readNumber(text: string): number | undefined {
  if (!/^[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?$/.test(text)) return undefined
  return Number(text.replace(',', '.'))
}
