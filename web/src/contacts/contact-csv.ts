/** The list of contacts as a CSV file: instants in ISO 8601, seconds as numbers, an empty field where there is no figure. Pure. */
import type { ContactBody } from '../../../server/wire/api.ts'

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
  return [withAgents ? [...head, 'agent'] : head, ...lines]
    .map((line) => `${line.map(field).join(',')}\r\n`)
    .join('')
}

function field(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  // A spreadsheet runs what begins like a formula: such a text is marked as text.
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
