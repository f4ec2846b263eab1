/** Lists of contacts as CSV files: instants in ISO 8601, seconds as numbers, an empty field where there is no figure. Pure. */
import type { ContactBody } from '../../../server/wire/api.ts'
import type { AbandonedCaller } from '../../../server/wire/ring-back.ts'

export interface ListedContact extends ContactBody {
  readonly queueId: string
}

export function contactsCsv(contacts: readonly ListedContact[], withAgents: boolean): string {
  const head = ['queue', 'contact', 'arrival', 'outcome', 'wait_seconds', 'talk_seconds']
  const lines = contacts.map((contact) => [
    contact.queueId,
    contact.contactId,
    new Date(contact.arrivedAtMs).toISOString(),
    contact.outcome,
    contact.waitSeconds,
    contact.talkSeconds,
    ...(withAgents ? [contact.agent] : []),
  ])
  return csv([withAgents ? [...head, 'agent'] : head, ...lines])
}

/** With the numbers that are shown; the others masked as on the page. */
export function abandonedCsv(
  rows: readonly { readonly contact: ListedContact; readonly caller: AbandonedCaller | null }[],
  numbers: ReadonlyMap<string, string | null>,
): string {
  const head = [
    'queue',
    'contact',
    'arrival',
    'wait_seconds',
    'caller',
    'abandoned_calls',
    'answered_since',
    'rung_back_by',
    'rung_back_at',
  ]
  const lines = rows.map(({ contact, caller }) => [
    contact.queueId,
    contact.contactId,
    new Date(contact.arrivedAtMs).toISOString(),
    contact.waitSeconds,
    numbers.get(contact.contactId) ?? caller?.maskedNumber ?? null,
    caller?.abandonedCount ?? null,
    instantOrNull(caller?.answeredSinceMs),
    caller?.ringBack?.by ?? null,
    instantOrNull(caller?.ringBack?.atMs),
  ])
  return csv([head, ...lines])
}

function instantOrNull(atMs: number | null | undefined): string | null {
  return atMs === null || atMs === undefined ? null : new Date(atMs).toISOString()
}

function csv(lines: readonly (readonly (string | number | null)[])[]): string {
  return lines.map((line) => `${line.map(field).join(',')}\r\n`).join('')
}

function field(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  // A spreadsheet runs what begins like a formula: such a text is marked as text.
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
