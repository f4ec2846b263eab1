/** Manual edits of forecasts, one-off marks and comparisons of methods in the database. */
import { type Selectable, sql } from 'kysely'
import type {
  ForecastDay,
  ForecastEdit,
  ForecastLayerStore,
  MethodComparison,
  OneOffMark,
} from '../planning/planning-store.ts'
import { numberArray } from './array-literal.ts'
import { instant, instantOrNull } from './instant.ts'
import type { Database } from './open-database.ts'
import type { ForecastDayTable, ForecastEditTable, MethodComparisonTable, OneOffMarkTable } from './schema.ts'

export function createForecastLayerStore(
  { kysely }: Database,
  toForecast: (row: ForecastDayTable) => ForecastDay,
): ForecastLayerStore {
  return {
    async newestForecastsOf({ queueId, fromDay, toDay, intraday }) {
      let query = kysely
        .selectFrom('forecast_day')
        .distinctOn('day')
        .selectAll()
        .where('queue_id', '=', queueId)
        .where('day', '>=', fromDay)
        .where('day', '<=', toDay)
      if (!intraday) query = query.where('intraday', '=', false)
      const rows = await query.orderBy('day').orderBy('version', 'desc').execute()
      return rows.map(toForecast)
    },

    async oldestForecastDay() {
      const row = await kysely
        .selectFrom('forecast_day')
        .select('day')
        .orderBy('day')
        .limit(1)
        .executeTakeFirst()
      return row?.day
    },
    async thinIntraday(day, stretchMinutes, limit) {
      const { numAffectedRows } = await sql`
        delete from forecast_day where (queue_id, day, version) in (
          select queue_id, day, version from (
            select queue_id, day, version, row_number() over (
              partition by queue_id, floor(extract(epoch from origin_at) / ${stretchMinutes * 60}::int)
              order by version desc) as place
            from forecast_day where day = ${day}::date and intraday) as update_of_day
          where place > 1 and not exists (
            select 1 from plan_version as plan where plan.queue_id = update_of_day.queue_id
              and plan.day = update_of_day.day and plan.forecast_version = update_of_day.version)
          limit ${limit}::int)`.execute(kysely)
      return Number(numAffectedRows ?? 0n)
    },

    async addForecastEdits(edits) {
      return kysely.transaction().execute(async (transaction) => {
        const stored: ForecastEdit[] = []
        for (const edit of edits) {
          const row = await transaction
            .insertInto('forecast_edit')
            .values(toEditRow(edit))
            .returningAll()
            .executeTakeFirstOrThrow()
          stored.push(toEdit(row))
        }
        return stored
      })
    },
    async forecastEdits({ queueId, fromDay, toDay }) {
      const rows = await kysely
        .selectFrom('forecast_edit')
        .selectAll()
        .where('queue_id', '=', queueId)
        .where('from_day', '<=', toDay)
        .where('to_day', '>=', fromDay)
        .orderBy('edit_seq')
        .execute()
      return rows.map(toEdit)
    },
    async changeForecastEdit({ queueId, id, removed }) {
      const row = await kysely
        .updateTable('forecast_edit')
        .set({ removed_at: instantOrNull(removed?.atMs ?? null), removed_by: removed?.by ?? null })
        .where('edit_seq', '=', Number(id))
        .where('queue_id', '=', queueId)
        .where('removed_at', removed === null ? 'is not' : 'is', null)
        .returningAll()
        .executeTakeFirst()
      return row === undefined ? undefined : toEdit(row)
    },

    async addOneOff(mark) {
      const row = await kysely
        .insertInto('one_off_mark')
        .values({
          queue_id: mark.queueId,
          day: mark.day,
          from_minute: mark.fromMinute,
          to_minute: mark.toMinute,
          reason: mark.reason,
          author: mark.author,
          created_at: instant(mark.createdAtMs),
        })
        .returningAll()
        .executeTakeFirstOrThrow()
      return toMark(row)
    },
    async oneOffs({ queueId, fromDay, toDay }) {
      const rows = await kysely
        .selectFrom('one_off_mark')
        .selectAll()
        .where('queue_id', '=', queueId)
        .where('day', '>=', fromDay)
        .where('day', '<=', toDay)
        .orderBy('day')
        .orderBy('mark_seq')
        .execute()
      return rows.map(toMark)
    },
    async changeOneOff({ queueId, id, removed }) {
      const row = await kysely
        .updateTable('one_off_mark')
        .set({ removed_at: instantOrNull(removed?.atMs ?? null), removed_by: removed?.by ?? null })
        .where('mark_seq', '=', Number(id))
        .where('queue_id', '=', queueId)
        .where('removed_at', removed === null ? 'is not' : 'is', null)
        .returningAll()
        .executeTakeFirst()
      return row === undefined ? undefined : toMark(row)
    },

    async addComparison(comparison) {
      await kysely
        .insertInto('method_comparison')
        .values({
          queue_id: comparison.queueId,
          compared_at: instant(comparison.comparedAtMs),
          end_day: comparison.endDay,
          lead_days: comparison.leadDays,
          origins: comparison.origins,
          pick: comparison.pick,
          scores: JSON.stringify(comparison.scores),
        })
        .execute()
    },
    async newestComparison(queueId) {
      const row = await kysely
        .selectFrom('method_comparison')
        .selectAll()
        .where('queue_id', '=', queueId)
        .orderBy('comparison_seq', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row === undefined ? undefined : toComparison(row)
    },
  }
}

const numbers = (values: readonly number[]) => sql<readonly number[]>`${numberArray(values)}::float8[]`

function toEditRow(edit: Omit<ForecastEdit, 'id' | 'removedAtMs' | 'removedBy'>) {
  const { cells } = edit
  return {
    queue_id: edit.queueId,
    author: edit.author,
    created_at: instant(edit.createdAtMs),
    reason: edit.reason,
    measure: edit.measure,
    operation: edit.operation,
    from_day: edit.fromDay,
    to_day: edit.toDay,
    from_minute: edit.fromMinute,
    to_minute: edit.toMinute,
    weekdays: edit.weekdays === null ? null : numbers(edit.weekdays),
    amount: edit.amount,
    spread: edit.spread,
    interval_minutes: edit.intervalMinutes,
    cell_starts_epoch_ms: cells.length === 0 ? null : numbers(cells.map(({ startMs }) => startMs)),
    cell_values: cells.length === 0 ? null : numbers(cells.map(({ value }) => value)),
  }
}

function toEdit(row: Selectable<ForecastEditTable>): ForecastEdit {
  return {
    id: String(row.edit_seq),
    queueId: row.queue_id,
    author: row.author,
    createdAtMs: row.created_at,
    reason: row.reason,
    measure: row.measure as ForecastEdit['measure'],
    operation: row.operation as ForecastEdit['operation'],
    fromDay: row.from_day,
    toDay: row.to_day,
    fromMinute: row.from_minute,
    toMinute: row.to_minute,
    weekdays: row.weekdays,
    amount: row.amount,
    spread: row.spread as ForecastEdit['spread'],
    intervalMinutes: row.interval_minutes,
    cells: (row.cell_starts_epoch_ms ?? []).map((startMs, index) => ({
      startMs,
      value: row.cell_values?.[index] ?? 0,
    })),
    removedAtMs: row.removed_at,
    removedBy: row.removed_by,
  }
}

function toMark(row: Selectable<OneOffMarkTable>): OneOffMark {
  return {
    id: String(row.mark_seq),
    queueId: row.queue_id,
    day: row.day,
    fromMinute: row.from_minute,
    toMinute: row.to_minute,
    reason: row.reason,
    author: row.author,
    createdAtMs: row.created_at,
    removedAtMs: row.removed_at,
    removedBy: row.removed_by,
  }
}

function toComparison(row: Selectable<MethodComparisonTable>): MethodComparison {
  return {
    queueId: row.queue_id,
    comparedAtMs: row.compared_at,
    endDay: row.end_day,
    leadDays: row.lead_days,
    origins: row.origins,
    pick: row.pick as MethodComparison['pick'],
    scores: JSON.parse(row.scores) as MethodComparison['scores'],
  }
}
