/** The cursor of closing days again, in the database. */
import { sql } from 'kysely'
import type { CloseCursor } from '../contracts/close-cursor.ts'
import type { Database } from './open-database.ts'

export function createCloseCursor({ kysely }: Database): CloseCursor {
  return {
    async read() {
      const row = await kysely.selectFrom('close_cursor').select('ingest_seq').executeTakeFirst()
      return row?.ingest_seq ?? null
    },
    async advance(ingestSeq) {
      await sql`
        insert into close_cursor (ingest_seq) values (${ingestSeq}::bigint)
        on conflict on constraint close_cursor_pk do update
        set ingest_seq = greatest(close_cursor.ingest_seq, excluded.ingest_seq)`.execute(kysely)
    },
  }
}
