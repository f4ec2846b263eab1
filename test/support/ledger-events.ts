/** Events for the tests of the ledger: unremarkable unless a field says otherwise. */
import type { EventData, EventEnvelope } from '../../server/domain/event.ts'

export const LEDGER_DAY_MS = Date.UTC(2024, 5, 3, 8)

export function ledgerEvent(
  id: string,
  fields: Partial<EventEnvelope> & { readonly data?: EventData } = {},
): EventEnvelope {
  return {
    id,
    source: '/pbx/test',
    type: 'cc.contact.queued.v1',
    occurredAtMs: LEDGER_DAY_MS,
    receivedAtMs: LEDGER_DAY_MS + 250,
    data: { contactId: `contact-${id}`, queueId: 'sales' },
    ...fields,
  }
}

export async function collect<T>(pages: AsyncIterable<readonly T[]>): Promise<readonly T[]> {
  const all: T[] = []
  for await (const page of pages) all.push(...page)
  return all
}
