/** Plain numbered SQL, forward only: each file once, in order, in a transaction of its own; a landed file never changes. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { CompiledQuery, type Kysely, sql, type Transaction } from 'kysely'
import { DatabaseError } from './database-error.ts'
import type { Schema } from './schema.ts'

export interface SchemaStatus {
  readonly applied: readonly string[]
  /** Known to the program, not yet in the database. */
  readonly pending: readonly string[]
  /** In the database, not known to the program: a newer program has been here. */
  readonly unknown: readonly string[]
}

interface Migration {
  readonly name: string
  readonly text: string
  readonly sha256: string
}

/** Any number that no other program uses on the same database. */
const MIGRATION_LOCK = 7_165_843_001
const MIGRATIONS_DIR = fileURLToPath(new URL('../../migrations/', import.meta.url))

function loadMigrations(): readonly Migration[] {
  return readdirSync(MIGRATIONS_DIR)
    .filter((name) => /^\d{4}_.*\.sql$/.test(name))
    .sort()
    .map((name) => {
      const text = readFileSync(`${MIGRATIONS_DIR}${name}`, 'utf8')
      return { name, text, sha256: createHash('sha256').update(text).digest('hex') }
    })
}

/** Brings the database to the newest schema; returns the names of the files that were applied. */
export async function migrateSchema(kysely: Kysely<Schema>): Promise<readonly string[]> {
  const done: string[] = []
  for (;;) {
    const name = await kysely.transaction().execute(applyNext)
    if (name === undefined) return done
    done.push(name)
  }
}

async function applyNext(transaction: Transaction<Schema>): Promise<string | undefined> {
  // Two programs that start together: the second waits here and then finds nothing to do.
  await sql`select pg_advisory_xact_lock(${MIGRATION_LOCK}::bigint)`.execute(transaction)
  await sql`create table if not exists schema_migration (
    name text not null, applied_at timestamptz not null, sha256 text not null,
    constraint schema_migration_pk primary key (name))`.execute(transaction)
  const { pending, unknown } = await readStatus(transaction)
  refuseNewer(unknown)
  const next = loadMigrations().find(({ name }) => name === pending[0])
  if (next === undefined) return undefined
  await transaction.executeQuery(CompiledQuery.raw(next.text))
  await sql`insert into schema_migration (name, applied_at, sha256)
    values (${next.name}, now(), ${next.sha256})`.execute(transaction)
  return next.name
}

export async function readSchemaStatus(kysely: Kysely<Schema>): Promise<SchemaStatus> {
  const { rows } = await sql<{ present: boolean }>`
    select to_regclass('schema_migration') is not null as present`.execute(kysely)
  if (rows[0]?.present !== true) {
    return { applied: [], pending: loadMigrations().map(({ name }) => name), unknown: [] }
  }
  return readStatus(kysely)
}

async function readStatus(kysely: Kysely<Schema>): Promise<SchemaStatus> {
  const known = loadMigrations()
  const stored = await kysely
    .selectFrom('schema_migration')
    .select(['name', 'sha256'])
    .orderBy('name')
    .execute()
  for (const { name, sha256 } of stored) {
    const migration = known.find((candidate) => candidate.name === name)
    if (migration !== undefined && migration.sha256 !== sha256) {
      throw new DatabaseError(
        'schema-newer',
        `Migration ${name} was applied with other text than this program has`,
      )
    }
  }
  const applied = stored.map(({ name }) => name)
  const names = known.map(({ name }) => name)
  return {
    applied,
    pending: names.filter((name) => !applied.includes(name)),
    unknown: applied.filter((name) => !names.includes(name)),
  }
}

export function refuseNewer(unknown: readonly string[]): void {
  if (unknown.length === 0) return
  throw new DatabaseError(
    'schema-newer',
    `The database has a newer schema than this program (${unknown.join(', ')}): use the newer program`,
  )
}
