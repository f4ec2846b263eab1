/** What stands beside the figures in the database: schedules of days, and revisions of intervals. */
import { sql } from 'kysely'
import type { AgentScheduleSegment, ScheduleDay, ScheduleStore } from '../planning/schedules.ts'
import type { IntervalChanges, IntervalRevision, RevisionStore } from '../state/interval-revisions.ts'
import { numberArray, textArray } from './array-literal.ts'
import { instant } from './instant.ts'
import type { Database } from './open-database.ts'
import type { IntervalRevisionTable, ScheduleDayTable } from './schema.ts'

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
        .distinctOn(['starts_at', 'queue_id'])
        .where('starts_at', '>=', instant(fromMs))
        .where('starts_at', '<', instant(toMs))
        .orderBy('starts_at')
        .orderBy('queue_id')
        .orderBy('revision', 'desc')
        .execute()
      return rows.map(toRevision)
    },
    async revisionHistory(queueId, fromMs, toMs) {
      const rows = await kysely
        .selectFrom('interval_revision')
        .selectAll()
        .where('queue_id', '=', queueId)
        .where('starts_at', '>=', instant(fromMs))
        .where('starts_at', '<', instant(toMs))
        .orderBy('starts_at')
        .orderBy('revision')
        .execute()
      return rows.map(toRevision)
    },
    async settledIntervals(fromMs) {
      const rows = await kysely
        .selectFrom('settled_interval')
        .selectAll()
        .where('starts_at', '>=', instant(fromMs))
        .orderBy('starts_at')
        .orderBy('queue_id')
        .execute()
      const told = await kysely.selectFrom('settled_until').select('told_to').executeTakeFirst()
      return {
        settled: rows.map((row) => ({
          queueId: row.queue_id,
          startMs: row.starts_at,
          endMs: row.ends_at,
          sums: row.sums,
        })),
        toldToMs: told?.told_to ?? null,
      }
    },
    async putSettled({ revisions, settled, toldToMs }) {
      // One row of a key: the last look stands.
      const rows = [...new Map(settled.map((one) => [`${one.startMs} ${one.queueId}`, one])).values()]
      await kysely.transaction().execute(async (transaction) => {
        if (revisions.length > 0)
          // Two servers on one ledger see the same changes: the first to write one down has.
          await sql`
            insert into interval_revision (queue_id, starts_at, revision, revised_at, changes)
            select queue_id, to_timestamp(starts_ms / 1000), revision, to_timestamp(revised_ms / 1000), changes::json
            from unnest(${textArray(revisions.map(({ queueId }) => queueId))}::text[],
              ${numberArray(revisions.map(({ startMs }) => startMs))}::float8[],
              ${numberArray(revisions.map(({ revision }) => revision))}::int[],
              ${numberArray(revisions.map(({ revisedAtMs }) => revisedAtMs))}::float8[],
              ${textArray(revisions.map(({ changes }) => (changes === null ? null : JSON.stringify(changes))))}::text[])
              as made (queue_id, starts_ms, revision, revised_ms, changes)
            order by starts_ms, queue_id, revision
            on conflict on constraint interval_revision_pk do nothing`.execute(transaction)
        if (rows.length > 0)
          await sql`
            insert into settled_interval (queue_id, starts_at, ends_at, sums)
            select queue_id, to_timestamp(starts_ms / 1000), to_timestamp(ends_ms / 1000), sums
            from unnest(${textArray(rows.map(({ queueId }) => queueId))}::text[],
              ${numberArray(rows.map(({ startMs }) => startMs))}::float8[],
              ${numberArray(rows.map(({ endMs }) => endMs))}::float8[],
              ${textArray(rows.map(({ sums }) => sums))}::text[])
              as made (queue_id, starts_ms, ends_ms, sums)
            order by starts_ms, queue_id
            on conflict on constraint settled_interval_pk do update
            set ends_at = excluded.ends_at, sums = excluded.sums`.execute(transaction)
        if (toldToMs !== null)
          await sql`
            insert into settled_until (told_to) values (${instant(toldToMs)})
            on conflict on constraint settled_until_pk do update
            set told_to = greatest(settled_until.told_to, excluded.told_to)`.execute(transaction)
      })
    },
    async forgetSettled(beforeMs) {
      await kysely.deleteFrom('settled_interval').where('starts_at', '<', instant(beforeMs)).execute()
    },
  }
}

function toRevision(row: IntervalRevisionTable): IntervalRevision {
  return {
    queueId: row.queue_id,
    startMs: row.starts_at,
    revision: row.revision,
    revisedAtMs: row.revised_at,
    changes: row.changes === null ? null : (JSON.parse(row.changes) as IntervalChanges),
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
