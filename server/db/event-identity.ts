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
  const stored = storableText(source)
  const text = `${Buffer.byteLength(stored)}:${stored}${storableText(id)}`
  return hash('sha256', text, 'hex').slice(0, KEY_DIGITS)
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

/** Without what has a column or a table of its own; empty text when nothing is left. */
export function dataText(data: EventData): string {
  const {
    contactId: _,
    agentId: _agentId,
    queueId: _queueId,
    raw: _raw,
    callerNumber: _number,
    ...others
  } = data
  const text = JSON.stringify(others)
  return text === '{}' ? '' : text
}
