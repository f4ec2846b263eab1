/** Closed days in the database. */
import { sql } from 'kysely'
import type { DayClose, DayCloseStore } from '../contracts/day-close-store.ts'
import type { DayReport } from '../state/figures.ts'
import { instant } from './instant.ts'
import type { Database } from './open-database.ts'
import type { DayCloseTable } from './schema.ts'

/** Any number that no other program uses on the same database: one version number at a time. */
const DAY_CLOSE_LOCK = 7_165_843_004

export function createDayCloseStore({ kysely }: Database): DayCloseStore {
  return {
    async addDayClose(close) {
      const row = await kysely.transaction().execute(async (transaction) => {
        await sql`select pg_advisory_xact_lock(${DAY_CLOSE_LOCK}::bigint)`.execute(transaction)
        return transaction
          .insertInto('day_close')
          .values({
            day: close.day,
            version: sql<number>`(select coalesce(max(version), 0) + 1 from day_close where day = ${close.day})`,
            closed_at: instant(close.closedAtMs),
            hash: close.hash,
            report: JSON.stringify(close.report),
          })
          .returningAll()
          .executeTakeFirstOrThrow()
      })
      return toDayClose(row)
    },
    async newestDayClose(day) {
      const row = await kysely
        .selectFrom('day_close')
        .selectAll()
        .where('day', '=', day)
        .orderBy('version', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row === undefined ? undefined : toDayClose(row)
    },
    async closedDays(fromDay, toDay) {
      const rows = await kysely
        .selectFrom('day_close')
        .select('day')
        .distinct()
        .where('day', '>=', fromDay)
        .where('day', '<=', toDay)
        .orderBy('day')
        .execute()
      return rows.map(({ day }) => day)
    },
    async dayCloses(fromDay, toDay) {
      const rows = await kysely
        .selectFrom('day_close')
        .selectAll()
        .where('day', '>=', fromDay)
        .where('day', '<=', toDay)
        .orderBy('day')
        .orderBy('version')
        .execute()
      return rows.map(toDayClose)
    },
  }
}

function toDayClose(row: DayCloseTable): DayClose {
  return {
    day: row.day,
    version: row.version,
    closedAtMs: row.closed_at,
    hash: row.hash,
    report: JSON.parse(row.report) as DayReport,
  }
}
