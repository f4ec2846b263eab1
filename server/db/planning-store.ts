/** Forecast and plan versions in the database. */
import { type Kysely, sql } from 'kysely'
import type { ForecastDay, ForecastInputs, PlanningStore, PlanVersion } from '../planning/planning-store.ts'
import { numberArray, textArray } from './array-literal.ts'
import { createForecastLayerStore } from './forecast-layer-store.ts'
import { instant, instantOrNull } from './instant.ts'
import type { Database } from './open-database.ts'
import type { ForecastDayTable, PlanVersionTable, Schema } from './schema.ts'

/** Any number that no other program uses on the same database: one run gives out version numbers at a time. */
const FORECAST_LOCK = 7_165_843_003
/** Rows per statement; with 24 parameters each it stays far below PostgreSQL's 65 535. */
const ROWS_PER_INSERT = 500

export function createPlanningStore(database: Database): PlanningStore {
  const { kysely } = database
  const forecasts = () => kysely.selectFrom('forecast_day').selectAll()
  const plans = () => kysely.selectFrom('plan_version').selectAll()
  return {
    ...createForecastLayerStore(database, toForecast),
    async addForecast(days) {
      return kysely.transaction().execute(async (transaction) => {
        await sql`select pg_advisory_xact_lock(${FORECAST_LOCK}::bigint)`.execute(transaction)
        const numbered = numberDays(days, await newestVersions(transaction, days))
        for (let at = 0; at < numbered.length; at += ROWS_PER_INSERT) {
          const rows = numbered.slice(at, at + ROWS_PER_INSERT).map(toForecastRow)
          await transaction.insertInto('forecast_day').values(rows).execute()
        }
        return numbered
      })
    },
    async newestForecast(queueId, day) {
      const row = await forecasts()
        .where('queue_id', '=', queueId)
        .where('day', '=', day)
        .orderBy('version', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row === undefined ? undefined : toForecast(row)
    },
    async forecastVersions(queueId, day) {
      const rows = await forecasts()
        .where('queue_id', '=', queueId)
        .where('day', '=', day)
        .orderBy('version')
        .execute()
      return rows.map(toForecast)
    },
    async newestForecasts(day) {
      const rows = await forecasts()
        .distinctOn('queue_id')
        .where('day', '=', day)
        .orderBy('queue_id')
        .orderBy('version', 'desc')
        .execute()
      return rows.map(toForecast)
    },

    async newestPlan(queueId, day) {
      const row = await plans()
        .where('queue_id', '=', queueId)
        .where('day', '=', day)
        .orderBy('version', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row === undefined ? undefined : toPlan(row)
    },
    async publishedPlan(queueId, day) {
      const row = await plans()
        .where('queue_id', '=', queueId)
        .where('day', '=', day)
        .where('state', '=', 'published')
        .orderBy('version', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row === undefined ? undefined : toPlan(row)
    },
    async publishedPlans(day) {
      const rows = await plans()
        .distinctOn('queue_id')
        .where('day', '=', day)
        .where('state', '=', sql.lit('published'))
        .orderBy('queue_id')
        .orderBy('version', 'desc')
        .execute()
      return rows.map(toPlan)
    },
    async planVersions(queueId, day) {
      const rows = await plans()
        .where('queue_id', '=', queueId)
        .where('day', '=', day)
        .orderBy('version')
        .execute()
      return rows.map(toPlan)
    },
    async addPlan(plan) {
      // One statement: the version that was read decides, and of two writers at once the key lets one through.
      const { rows } = await sql<PlanVersionTable>`
        insert into plan_version (queue_id, day, version, state, author, created_at, published_at,
          forecast_version, interval_minutes, agents)
        select ${plan.queueId}::text, ${plan.day}::date, ${plan.baseVersion}::int + 1, ${plan.state}::text,
          ${plan.author}::text, ${instant(plan.createdAtMs)}, ${instantOrNull(plan.publishedAtMs)},
          ${plan.forecastVersion}::int, ${plan.intervalMinutes}::int, ${numberArray(plan.agents)}::float8[]
        where ${plan.baseVersion}::int = coalesce(
          (select max(version) from plan_version where queue_id = ${plan.queueId} and day = ${plan.day}::date), 0)
        on conflict do nothing
        returning *`.execute(kysely)
      const row = rows[0]
      return row === undefined ? undefined : toPlan(row)
    },
  }
}

type UnnumberedDay = Omit<ForecastDay, 'version'>

function dayKey(queueId: string, day: string): string {
  return JSON.stringify([queueId, day])
}

async function newestVersions(
  kysely: Kysely<Schema>,
  days: readonly UnnumberedDay[],
): Promise<Map<string, number>> {
  const { rows } = await sql<{ queue_id: string; day: string; version: number }>`
    select queue_id, day, max(version) as version from forecast_day
    where (queue_id, day) in (
      select * from unnest(${textArray(days.map((day) => day.queueId))}::text[],
        ${textArray(days.map((day) => day.day))}::date[]))
    group by queue_id, day`.execute(kysely)
  return new Map(rows.map((row) => [dayKey(row.queue_id, row.day), row.version]))
}

function numberDays(days: readonly UnnumberedDay[], newest: Map<string, number>): readonly ForecastDay[] {
  return days.map((day) => {
    const key = dayKey(day.queueId, day.day)
    const version = (newest.get(key) ?? 0) + 1
    newest.set(key, version)
    return { ...day, version }
  })
}

function toForecastRow(day: ForecastDay) {
  const numbers = (values: readonly number[]) => sql<readonly number[]>`${numberArray(values)}::float8[]`
  return {
    queue_id: day.queueId,
    day: day.day,
    version: day.version,
    method: day.method,
    author: day.author,
    created_at: instant(day.createdAtMs),
    origin_at: instant(day.originMs),
    interval_minutes: day.intervalMinutes,
    contacts_mean: numbers(day.contactsMean),
    contacts_p2_5: numbers(day.contactsP2_5),
    contacts_p10: numbers(day.contactsP10),
    contacts_p90: numbers(day.contactsP90),
    contacts_p97_5: numbers(day.contactsP97_5),
    rate_cv: numbers(day.rateCv),
    aht_seconds: numbers(day.ahtSeconds),
    day_mean: day.dayMean,
    day_p10: day.dayP10,
    day_p90: day.dayP90,
    history_days: day.historyDays,
    poisson_floor_wape: day.poissonFloorWape,
    notes: JSON.stringify(day.notes),
    intraday: day.intraday,
    aht_seconds_sd: numbers(day.ahtSecondsSd),
    inputs: day.inputs === null ? null : JSON.stringify(day.inputs),
  }
}

function toForecast(row: ForecastDayTable): ForecastDay {
  return {
    queueId: row.queue_id,
    day: row.day,
    version: row.version,
    method: row.method,
    author: row.author,
    createdAtMs: row.created_at,
    originMs: row.origin_at,
    intervalMinutes: row.interval_minutes,
    contactsMean: row.contacts_mean,
    contactsP2_5: row.contacts_p2_5,
    contactsP10: row.contacts_p10,
    contactsP90: row.contacts_p90,
    contactsP97_5: row.contacts_p97_5,
    rateCv: row.rate_cv,
    ahtSeconds: row.aht_seconds,
    dayMean: row.day_mean,
    dayP10: row.day_p10,
    dayP90: row.day_p90,
    historyDays: row.history_days,
    poissonFloorWape: row.poisson_floor_wape,
    notes: notesOf(row.notes),
    intraday: row.intraday,
    ahtSecondsSd: row.aht_seconds_sd ?? [],
    inputs: row.inputs === null ? null : (JSON.parse(row.inputs) as ForecastInputs),
  }
}

/** Rows from before 0006 hold the kinds alone. */
function notesOf(text: string): ForecastDay['notes'] {
  const notes = JSON.parse(text) as readonly (
    | ForecastDay['notes'][number]
    | ForecastDay['notes'][number]['kind']
  )[]
  return notes.map((note) => (typeof note === 'string' ? { kind: note } : note))
}

function toPlan(row: PlanVersionTable): PlanVersion {
  return {
    queueId: row.queue_id,
    day: row.day,
    version: row.version,
    state: row.state === 'published' ? 'published' : 'draft',
    author: row.author,
    createdAtMs: row.created_at,
    publishedAtMs: row.published_at,
    forecastVersion: row.forecast_version,
    intervalMinutes: row.interval_minutes,
    agents: row.agents,
  }
}
