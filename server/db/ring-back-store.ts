/** Marks of who was rung back, rights to see numbers, and how many were shown, in the database: rows are added, never changed. */
import { sql } from 'kysely'
import type { RingBackStore } from '../ring-back/ring-back-store.ts'
import { textArray } from './array-literal.ts'
import { instant } from './instant.ts'
import { isNextVersion, nextVersion } from './next-version.ts'
import type { Database } from './open-database.ts'
import type { RingBackTable } from './schema.ts'

/** Any number that no other program uses on the same database: one count of shown numbers at a time. */
const NUMBER_VIEW_LOCK = 7_165_843_012

export function createRingBackStore({ kysely }: Database): RingBackStore {
  return {
    async addRingBack({ contactId, version, changedAtMs, changedBy, rung }) {
      const { rows } = await sql<{ contact_id: string }>`
        insert into ring_back (contact_id, version, changed_at, changed_by, rung)
        select ${contactId}::text, ${version}::int, ${instant(changedAtMs)}, ${changedBy}::text, ${rung}::boolean
        where ${isNextVersion({ table: 'ring_back', key: 'contact_id', id: contactId }, version)}
        on conflict do nothing
        returning contact_id`.execute(kysely)
      return rows.length > 0
    },
    async ringBacks(contactIds) {
      if (contactIds.length === 0) return []
      const { rows } = await sql<RingBackTable>`
        select distinct on (contact_id) * from ring_back
        where contact_id = any(${textArray(contactIds)}::text[])
        order by contact_id, version desc`.execute(kysely)
      return rows.map((row) => ({
        contactId: row.contact_id,
        version: row.version,
        changedAtMs: row.changed_at,
        changedBy: row.changed_by,
        rung: row.rung,
      }))
    },
    async addNumberRight({ userId, changedAtMs, changedBy, allowed }) {
      await sql`
        insert into number_right (user_id, version, changed_at, changed_by, allowed)
        select ${userId}::text, ${nextVersion({ table: 'number_right', key: 'user_id', id: userId })},
          ${instant(changedAtMs)}, ${changedBy}::text, ${allowed}::boolean`.execute(kysely)
    },
    async numberRights() {
      const rows = await kysely
        .selectFrom('number_right')
        .selectAll()
        .distinctOn('user_id')
        .orderBy('user_id')
        .orderBy('version', 'desc')
        .execute()
      return rows.map((row) => ({
        userId: row.user_id,
        changedAtMs: row.changed_at,
        changedBy: row.changed_by,
        allowed: row.allowed,
      }))
    },
    addNumberView: ({ viewedAtMs, userId, userName, numbers }, sinceMs, numbersMax) =>
      kysely.transaction().execute(async (transaction) => {
        await sql`select pg_advisory_xact_lock(${NUMBER_VIEW_LOCK}::bigint)`.execute(transaction)
        const { rows } = await sql<{ user_id: string }>`
          insert into number_view (viewed_at, user_id, user_name, numbers)
          select ${instant(viewedAtMs)}, ${userId}::text, ${userName}::text, ${numbers}::int
          where ${numbers}::int + coalesce((select sum(numbers) from number_view
            where user_id = ${userId}::text and viewed_at > ${instant(sinceMs)}), 0) <= ${numbersMax}::int
          returning user_id`.execute(transaction)
        return rows.length > 0
      }),
    async numberViews(limit) {
      const rows = await kysely
        .selectFrom('number_view')
        .selectAll()
        .orderBy('view_id', 'desc')
        .limit(limit)
        .execute()
      return rows.map((row) => ({
        viewedAtMs: row.viewed_at,
        userId: row.user_id,
        userName: row.user_name,
        numbers: row.numbers,
      }))
    },
  }
}
