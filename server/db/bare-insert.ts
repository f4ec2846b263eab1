/** The baseline that the ledger's append is measured against: one statement a batch into a table with a primary key, nothing else. */
import { sql } from 'kysely'
import type { EventEnvelope } from '../domain/event.ts'
import { numberArray, textArray } from './array-literal.ts'
import type { Database } from './open-database.ts'

export interface BareTable {
  insert(batch: readonly EventEnvelope[]): Promise<void>
  drop(): Promise<void>
}

export async function createBareTable({ kysely }: Database): Promise<BareTable> {
  await sql`drop table if exists bare_event`.execute(kysely)
  await sql`create table bare_event (seq bigint generated always as identity primary key, source text, event_id text,
    type text, occurred_ms float8, received_ms float8, sequence text, contact_id text, agent_id text, queue_id text,
    data text)`.execute(kysely)
  return {
    async insert(batch) {
      const texts = (pick: (event: EventEnvelope) => string | undefined) =>
        sql`${textArray(batch.map(pick))}::text[]`
      const numbers = (pick: (event: EventEnvelope) => number) =>
        sql`${numberArray(batch.map(pick))}::float8[]`
      await sql`insert into bare_event (source, event_id, type, occurred_ms, received_ms, sequence, contact_id,
          agent_id, queue_id, data)
        select * from unnest(${texts((event) => event.source)}, ${texts((event) => event.id)},
          ${texts((event) => event.type)}, ${numbers((event) => event.occurredAtMs)},
          ${numbers((event) => event.receivedAtMs)}, ${texts((event) => event.sequence)},
          ${texts((event) => event.data.contactId)}, ${texts((event) => event.data.agentId)},
          ${texts((event) => event.data.queueId)}, ${texts((event) => JSON.stringify(event.data))})`.execute(
        kysely,
      )
    },
    async drop() {
      await sql`drop table bare_event`.execute(kysely)
    },
  }
}
