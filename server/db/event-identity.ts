/** What makes an event the same as another: the key of (source, id), and the hash of what it says. */
import { hash } from 'node:crypto'
import type { EventData, EventEnvelope } from '../domain/event.ts'
import type { CallerSeal } from '../ledger/caller-seal.ts'
import { storableText } from './array-literal.ts'

/** An event with all that an append derives from it. */
export interface PreparedEvent {
  readonly event: EventEnvelope
  /** 32 hexadecimal digits, as a uuid without its dashes. */
  readonly key: string
  readonly bodyHash: number
  readonly dataText: string
  readonly rawText: string | null
}

const KEY_DIGITS = 32

/** The same as migration 0007 makes of rows in SQL. */
export function eventKey({ source, id }: { readonly source: string; readonly id: string }): string {
  return hash('sha256', keyPrefix(source) + storableText(id), 'hex').slice(0, KEY_DIGITS)
}

let lastSource = ''
let lastPrefix = '0:'

/** A batch is nearly always of one source. */
function keyPrefix(source: string): string {
  if (source === lastSource) return lastPrefix
  const stored = storableText(source)
  lastSource = source
  lastPrefix = `${Buffer.byteLength(stored)}:${stored}`
  return lastPrefix
}

export function prepareEvent(event: EventEnvelope, seal: CallerSeal): PreparedEvent {
  const { data, type, occurredAtMs, timeAssumed } = event
  const text = dataText(data)
  const rawText = data.raw === undefined ? null : (JSON.stringify(data.raw) ?? null)
  const { contactId = '', agentId = '', queueId = '', callerNumber = '' } = data
  const time = timeAssumed === true ? '' : occurredAtMs
  const ids = `${contactId}\n${agentId}\n${queueId}\n${callerNumber}`
  const bodyHash = seal.bodyHash(`${type}\n${time}\n${ids}\n${text}\n${rawText ?? ''}`)
  return { event, key: eventKey(event), bodyHash, dataText: text, rawText }
}

/** What has a column or a table of its own. */
const STORED_APART: ReadonlySet<string> = new Set(['contactId', 'agentId', 'queueId', 'raw', 'callerNumber'])

/** The other fields as JSON; empty text when nothing is left. Put together by hand: half of all events have none. */
export function dataText(data: EventData): string {
  let text = ''
  for (const name in data) {
    if (STORED_APART.has(name)) continue
    const value = JSON.stringify(data[name as keyof EventData])
    if (value !== undefined) text += `${text === '' ? '{' : ','}${JSON.stringify(name)}:${value}`
  }
  return text === '' ? '' : `${text}}`
}
