/** Rows of Asterisk's queue log, from the file (`epoch|callid|queue|agent|VERB|data…`) and from a CSV export of its table. */
import { columnIndexes } from '../csv-records.ts'
import type { LocalTimes } from '../local-time.ts'

export interface QueueLogRow {
  readonly occurredAtMs: number
  readonly callId: string
  readonly queue: string
  readonly agent: string
  readonly verb: string
  readonly data: readonly string[]
  /** The table's own `id` column. */
  readonly tableId: string | null
}

export type RowResult = { readonly row: QueueLogRow } | { readonly fault: string }

const FIELD_LENGTH_MAX = 256
const EPOCH = /^\d{1,11}$/
/** 1998: before the first Asterisk; a smaller number is the rest of an epoch that was torn, or no epoch. */
const EPOCH_SECONDS_MIN = 900_000_000
/** 2100-01-01: an epoch beyond it is milliseconds, or no epoch. */
const EPOCH_SECONDS_MAX = 4_102_444_800

export function parseFileRow(text: string): RowResult {
  const fields = text.split('|')
  if (fields.length < 5) return { fault: 'fewer than five fields' }
  const [epoch, callId, queue, agent, verb, ...data] = fields as [string, string, string, string, string]
  const seconds = EPOCH.test(epoch.trim()) ? Number(epoch) : Number.NaN
  if (!(seconds >= EPOCH_SECONDS_MIN && seconds < EPOCH_SECONDS_MAX)) return { fault: 'no usable time' }
  return checked({
    occurredAtMs: seconds * 1000,
    callId,
    queue,
    agent,
    verb: verb.trim(),
    data,
    tableId: null,
  })
}

function checked(row: QueueLogRow): RowResult {
  if (row.verb === '') return { fault: 'no verb' }
  const tooLong = [row.callId, row.queue, row.agent, row.verb].some(
    (field) => field.length > FIELD_LENGTH_MAX,
  )
  if (tooLong) return { fault: `a field longer than ${FIELD_LENGTH_MAX} characters` }
  if (row.callId.includes('\u0000') || row.queue.includes('\u0000') || row.agent.includes('\u0000')) {
    return { fault: 'a NUL character' }
  }
  return { row }
}

export interface TableColumns {
  readonly id: number | null
  readonly time: number
  readonly callId: number
  readonly queue: number
  readonly agent: number
  readonly event: number
  /** data1 … data5, or the one column `data` with bars. */
  readonly data: readonly number[]
  readonly joinedData: number | null
}

/** The columns of the header, or what is missing: another program's table is not read by guess. */
export function tableColumns(header: readonly string[]): TableColumns | { readonly fault: string } {
  // `call_id`, "Queue Name" and CALLID are the same columns as Asterisk's own.
  const indexes = columnIndexes(header.map((name) => name.replaceAll(/[^\p{L}\p{N}]/gu, '')))
  const find = (...names: string[]) => names.map((name) => indexes.get(name)).find((at) => at !== undefined)
  const time = find('time', 'eventtime')
  const callId = find('callid')
  const queue = find('queuename', 'queue')
  const agent = find('agent')
  const event = find('event')
  const data = ['data1', 'data2', 'data3', 'data4', 'data5'].map((name) => indexes.get(name))
  const joinedData = find('data') ?? null
  if (
    time === undefined ||
    callId === undefined ||
    queue === undefined ||
    agent === undefined ||
    event === undefined
  ) {
    const found = { time, callid: callId, queuename: queue, agent, event }
    const missing = Object.entries(found).flatMap(([name, at]) => (at === undefined ? [name] : []))
    return {
      fault: `not a queue_log table: its header needs time, callid, queuename, agent and event, and has no ${missing.join(', ')}`,
    }
  }
  const known = data.filter((at): at is number => at !== undefined)
  return { id: find('id') ?? null, time, callId, queue, agent, event, data: known, joinedData }
}

export function parseTableRow(
  fields: readonly string[],
  columns: TableColumns,
  times: LocalTimes,
): RowResult {
  const cell = (at: number) => {
    const text = (fields[at] ?? '').trim()
    return text === 'NULL' || text === '\\N' ? '' : text
  }
  if (fields.length <= Math.max(columns.time, columns.callId, columns.queue, columns.agent, columns.event)) {
    return { fault: 'fewer fields than the header names' }
  }
  const occurredAtMs = times.parse(cell(columns.time))
  if (!(occurredAtMs > 0)) return { fault: 'no usable time' }
  const data = columns.data.map(cell)
  if (data.length === 0 && columns.joinedData !== null) data.push(...cell(columns.joinedData).split('|'))
  // The fifth column takes what is left: "talk|position" of an attended transfer by LINK.
  const last = data[4]
  if (last?.includes('|')) data.splice(4, 1, ...last.split('|'))
  return checked({
    occurredAtMs,
    callId: cell(columns.callId),
    queue: cell(columns.queue),
    agent: cell(columns.agent),
    verb: cell(columns.event).trim(),
    data,
    tableId: columns.id === null ? null : cell(columns.id).trim() || null,
  })
}
