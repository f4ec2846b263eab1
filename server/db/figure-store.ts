/** What stands beside the figures in the database: schedules of days, and revisions of intervals. */
import { sql } from 'kysely'
import type { AgentScheduleSegment, ScheduleDay, ScheduleStore } from '../planning/schedules.ts'
import type { RevisionStore } from '../state/interval-revisions.ts'
import { instant } from './instant.ts'
import type { Database } from './open-database.ts'
import type { ScheduleDayTable } from './schema.ts'

/** Any number that no other program uses on the same database: one version number at a time. */
const SCHEDULE_LOCK = 7_165_843_009

export function createFigureStore({ kysely }: Database): ScheduleStore & RevisionStore {
  return {
    async newestSchedule(day) {
      const row = await kysely
        .selectFrom('schedule_day')
        .selectAll()
        .where('day', '=', day)
        .orderBy('version', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row === undefined ? undefined : toSchedule(row)
    },
    async addSchedule({ day, author, createdAtMs, segments }) {
      const row = await kysely.transaction().execute(async (transaction) => {
        await sql`select pg_advisory_xact_lock(${SCHEDULE_LOCK}::bigint)`.execute(transaction)
        return transaction
          .insertInto('schedule_day')
          .values({
            day,
            version: sql<number>`(select coalesce(max(version), 0) + 1 from schedule_day where day = ${day})`,
            author,
            created_at: instant(createdAtMs),
            segments: JSON.stringify(segments),
          })
          .returningAll()
          .executeTakeFirstOrThrow()
      })
      return toSchedule(row)
    },
    async revisions(fromMs, toMs) {
      const rows = await kysely
        .selectFrom('interval_revision')
        .selectAll()
        .where('starts_at', '>=', instant(fromMs))
        .where('starts_at', '<', instant(toMs))
        .orderBy('starts_at')
        .orderBy('queue_id')
        .execute()
      return rows.map((row) => ({
        queueId: row.queue_id,
        startMs: row.starts_at,
        revision: row.revision,
        revisedAtMs: row.revised_at,
      }))
    },
    async putRevisions(revisions) {
      for (const { queueId, startMs, revision, revisedAtMs } of revisions) {
        await kysely
          .insertInto('interval_revision')
          .values({
            queue_id: queueId,
            starts_at: instant(startMs),
            revision,
            revised_at: instant(revisedAtMs),
          })
          .onConflict((conflict) =>
            conflict.constraint('interval_revision_pk').doUpdateSet((row) => ({
              // Two servers on one ledger see the same changes: the higher number stands.
              revision: sql<number>`greatest(${row.ref('interval_revision.revision')}, ${row.ref('excluded.revision')})`,
              revised_at: row.ref('excluded.revised_at'),
            })),
          )
          .execute()
      }
    },
  }
}

function toSchedule(row: ScheduleDayTable): ScheduleDay {
  return {
    day: row.day,
    version: row.version,
    author: row.author,
    createdAtMs: row.created_at,
    segments: JSON.parse(row.segments) as AgentScheduleSegment[],
  }
}
