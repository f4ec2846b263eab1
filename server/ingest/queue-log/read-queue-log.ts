/**
 * Asterisk's queue log as events: the file, or a CSV export of its table, plain or gzipped, one file or the segments of a
 * rotation. The same rows give the same ids and the same order, however often and in what pieces they are read.
 */
import type { EventEnvelope } from '../../domain/event.ts'
import { type CsvRecord, readCsvRecords } from '../csv-records.ts'
import { type ImportContext, type ImportItem, rejected } from '../import-item.ts'
import { LineIdentity } from '../line-identity.ts'
import { LocalTimes } from '../local-time.ts'
import { type ByteSource, readLines, readText, type TextLine } from '../text-lines.ts'
import { CallSwaps } from './call-swaps.ts'
import {
  parseFileRow,
  parseTableRow,
  type QueueLogRow,
  type RowResult,
  type TableColumns,
  tableColumns,
} from './rows.ts'
import { looksWhole, readVerb } from './verbs.ts'

/** Verb of the mark that says how far a log goes when its last row is no event: open memberships count to there. */
export const LAST_ROW_VERB = '(last row)'

/** Reads the files in the order given: segments of one log, oldest first. */
export async function* readQueueLog(
  files: readonly ByteSource[],
  context: ImportContext,
): AsyncGenerator<ImportItem> {
  const reader = new QueueLogReader(context)
  for (const file of files) yield* reader.read(file)
  yield* reader.finish()
}

export interface Segment {
  /** Epoch second of its first usable row: orders segments, and stays when the file grows. */
  key: string | null
}

interface LastRow {
  readonly row: QueueLogRow
  readonly line: number
  readonly id: string
  readonly sequence: string
  readonly isEvent: boolean
}

/** Keeps what reaches over the end of a segment: a torn line, calls under way, equal rows of one second. */
export class QueueLogReader {
  readonly #context: ImportContext
  readonly #identity = new LineIdentity()
  readonly #swaps = new CallSwaps()
  readonly #times: LocalTimes
  /** The last line of the file before, without a line end: whole, or half of a line that goes on in the next file. */
  #torn: { readonly line: TextLine; readonly segment: Segment } | null = null
  #last: LastRow | null = null

  constructor(context: ImportContext) {
    this.#context = context
    this.#times = new LocalTimes(context.zone)
  }

  async *read(file: ByteSource): AsyncGenerator<ImportItem> {
    const { isTable, source } = await detectTable(file)
    yield* isTable ? this.#readTable(source) : this.#readFile(source)
  }

  /** What only the end of all files tells. */
  *finish(): Generator<ImportItem> {
    yield* this.#settleTorn(null)
    const last = this.#last
    if (last === null || last.isEvent) return
    yield {
      kind: 'event',
      line: last.line,
      verb: LAST_ROW_VERB,
      envelope: this.#envelope(last.row, last.id, last.sequence, {
        type: 'cc.source.heartbeat.v1',
        data: {},
      }),
    }
  }

  async *#readFile(source: ByteSource): AsyncGenerator<ImportItem> {
    const segment: Segment = { key: null }
    let first = true
    for await (const lines of readLines(source)) {
      for (const line of lines) {
        yield* this.follow(line, segment, first)
        first = false
      }
    }
  }

  /** The next line of a file that is read as it grows. The first of a segment may be the rest of a line torn by the rotation. */
  *follow(line: TextLine, segment: Segment, isFirst: boolean): Generator<ImportItem> {
    if (isFirst && (yield* this.#settleTorn(line))) return
    if (line.tooLong) yield rejected(line.number, 'line too long', line.text)
    else if (line.text.trim() === '') return
    else if (line.terminated) yield* this.#row(parseFileRow(line.text), line.number, line.text, segment)
    else this.#torn = { line, segment }
  }

  /** A file rotated in mid-line: the two halves are joined when only together they make a row. True: the next line is used up. */
  *#settleTorn(next: TextLine | null): Generator<ImportItem, boolean> {
    const torn = this.#torn
    this.#torn = null
    if (torn === null) return false
    const { text, number } = torn.line
    // Torn within its epoch, what is left may look like a row by itself.
    const isTornEpoch = /^\d+$/.test(text)
    if (next !== null && (isTornEpoch || 'fault' in parseFileRow(next.text))) {
      const joined = text + next.text
      const result = parseFileRow(joined)
      if ('row' in result && readVerb(result.row) !== null) {
        yield* this.#row(result, number, joined, torn.segment)
        return true
      }
    }
    const result = parseFileRow(text)
    if ('row' in result && looksWhole(result.row)) yield* this.#row(result, number, text, torn.segment)
    else yield rejected(number, 'torn: the last line has no line end and is not whole', text)
    return false
  }

  async *#readTable(source: ByteSource): AsyncGenerator<ImportItem> {
    const segment: Segment = { key: null }
    let columns: TableColumns | null = null
    let width = 0
    for await (const records of readCsvRecords(source)) {
      for (const record of records) {
        if (columns === null) {
          const found = tableColumns(record.fields)
          if ('fault' in found) {
            yield rejected(record.line, found.fault, record.text)
            return
          }
          columns = found
          width = record.fields.length
        } else if (!record.terminated && record.fields.length < width) {
          yield rejected(record.line, 'torn: the last row is not whole', record.text)
        } else yield* this.#tableRow(record, columns, segment)
      }
    }
  }

  *#tableRow(record: CsvRecord, columns: TableColumns, segment: Segment): Generator<ImportItem> {
    if (record.fault !== null) yield rejected(record.line, record.fault, record.text)
    else {
      const result = parseTableRow(record.fields, columns, this.#times)
      yield* this.#row(result, record.line, record.text, segment)
    }
  }

  *#row(result: RowResult, line: number, text: string, segment: Segment): Generator<ImportItem> {
    if ('fault' in result) {
      yield rejected(line, result.fault, text)
      return
    }
    const { row } = result
    segment.key ??= String(Math.floor(row.occurredAtMs / 1000)).padStart(11, '0')
    // The table's own id is the order in which it was written; a file has segment and line.
    const numbered = row.tableId !== null && /^\d{1,20}$/.test(row.tableId)
    const sequence = numbered
      ? (row.tableId ?? '').padStart(20, '0')
      : `${segment.key}-${String(line).padStart(9, '0')}`
    const id = row.tableId === null ? this.#identity.idOf(text, row.occurredAtMs) : `id-${row.tableId}`
    const { contactId, same } = this.#swaps.resolve(row)
    const meaning = readVerb(contactId === null ? row : { ...row, callId: contactId })
    const isEvent = meaning !== null && 'events' in meaning
    this.#last = { row, line, id, sequence, isEvent }
    if (meaning === null) yield { kind: 'unknown-verb', line, verb: row.verb }
    else if ('skipped' in meaning) yield { kind: 'skipped', line, why: meaning.skipped }
    else if ('fault' in meaning) yield rejected(line, `${row.verb}: ${meaning.fault}`, text)
    else {
      for (const event of meaning.events) {
        const envelope = this.#envelope(row, `${id}${event.suffix ?? ''}`, sequence, event)
        yield { kind: 'event', line, verb: row.verb, envelope }
      }
    }
    if (same === null) return
    const data = { contactId: same.contactId, aliasIds: [same.aliasId] }
    const envelope = this.#envelope(row, `${id}-merged`, sequence, { type: 'cc.contact.merged.v1', data })
    yield { kind: 'event', line, verb: row.verb, envelope }
  }

  #envelope(
    row: QueueLogRow,
    id: string,
    sequence: string,
    event: Pick<EventEnvelope, 'type' | 'data'>,
  ): EventEnvelope {
    return {
      id,
      source: this.#context.source,
      type: event.type,
      occurredAtMs: row.occurredAtMs,
      sequence,
      receivedAtMs: this.#context.nowMs,
      data: event.data,
    }
  }
}

/** A first line with bars is the file, unless it names columns or rules a printed table. The first piece is handed on with the rest. */
async function detectTable(file: ByteSource): Promise<{ isTable: boolean; source: ByteSource }> {
  const pieces = readText(file)
  let head = ''
  let ended = false
  while (!ended && head.trimStart().length < 200 && !head.trimStart().includes('\n')) {
    const next = await pieces.next()
    if (next.done === true) ended = true
    else head += next.value
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    if (head !== '') yield Buffer.from(head)
    for await (const piece of pieces) yield Buffer.from(piece)
  }
  const first = head.trimStart().split('\n', 1)[0] ?? ''
  const isHeader = /call.?id/i.test(first) && /event/i.test(first)
  const isTable = isHeader || /^\+-/.test(first) || (!first.includes('|') && /[,;\t]/.test(first))
  return { isTable, source: all() }
}
