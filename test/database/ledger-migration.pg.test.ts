/** A ledger from before there were days: every event is still there, once, with what was personal in its place. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { CompiledQuery, sql } from 'kysely'
import { expect, it } from 'vitest'
import { createLedgerStore } from '../../server/db/ledger-store.ts'
import { migrate, openDatabase } from '../../server/db/open-database.ts'
import { describeOnEachHost } from '../support/databases.ts'
import { collect, LEDGER_DAY_MS, ledgerEvent } from '../support/ledger-events.ts'

const FOLDER = new URL('../../migrations/', import.meta.url)

describeOnEachHost('a ledger of before', (host) => {
  it('is brought into days with its keys, numbers and raw texts', async () => {
    const location = await host().createLocation()
    const database = await openDatabase(location)
    const { kysely } = database
    try {
      await sql`drop schema public cascade`.execute(kysely)
      await sql`create schema public`.execute(kysely)
      await sql`create table schema_migration (name text not null, applied_at timestamptz not null, sha256 text not null,
        constraint schema_migration_pk primary key (name))`.execute(kysely)
      for (const name of readdirSync(FOLDER)
        .filter((file) => /^000[1-6]_/.test(file))
        .sort()) {
        const text = readFileSync(new URL(name, FOLDER), 'utf8')
        await kysely.executeQuery(CompiledQuery.raw(text))
        const sha256 = createHash('sha256').update(text).digest('hex')
        await sql`insert into schema_migration values (${name}, now(), ${sha256})`.execute(kysely)
      }
      await sql`
        insert into event (ingest_seq, source, event_id, type, occurred_at, received_at, contact_id, queue_id,
          is_agent_event, data)
        select seq, 'é', 'id ' || seq, 'cc.contact.queued.v1', at, at, 'c' || seq, 'q', false,
          case seq % 3 when 0 then '{"callerNumber":"+33123456789","raw":{"a":1},"priority":2}'::json
            when 1 then '{"reason":"\\u0000","callerNumber":"1"}'::json end
        from (select seq, to_timestamp(${LEDGER_DAY_MS / 1000}::float8) + seq * interval '1 hour' as at
          from generate_series(1, 60) as seq) as rows`.execute(kysely)
      await migrate(database)

      const ledger = createLedgerStore(database)
      expect(await ledger.sealCallers()).toBeGreaterThan(0)
      while ((await ledger.sealCallers()) > 0);
      const stored = await ledger.readAfter(0, 1_000)
      expect(stored.map(({ ingestSeq }) => ingestSeq)).toEqual(Array.from({ length: 60 }, (_, at) => at + 1))
      expect(await collect(ledger.readContactEvents(0, LEDGER_DAY_MS * 2))).toHaveLength(60)
      const [three] = await ledger.readContact('c3')
      expect(three?.data).toEqual({
        contactId: 'c3',
        queueId: 'q',
        priority: 2,
        callerNumber: '+33123456789',
        raw: { a: 1 },
      })
      expect((await ledger.callers(['c3'])).get('c3')).toMatchObject({ lastDigits: '89' })
      // The keys that SQL made are the keys that an append makes.
      const again = await ledger.append([
        ledgerEvent('id 2', {
          source: 'é',
          occurredAtMs: LEDGER_DAY_MS + 7_200_000,
          data: { contactId: 'c2', queueId: 'q' },
        }),
      ])
      expect(again).toMatchObject({ accepted: 0, duplicates: 1, conflicts: 0 })
      expect(await ledger.append([ledgerEvent('new')])).toMatchObject({ accepted: 1 })
    } finally {
      await database.close()
    }
  })
})
