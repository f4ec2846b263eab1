/**
 * The same tests on both databases: the embedded one, and a real PostgreSQL that comes through npm. Each `open()` gives an
 * empty, migrated database; a suite reuses one, emptied between its tests, because opening takes a second.
 */
import { randomUUID } from 'node:crypto'
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, describe } from 'vitest'
import { type Database, type DatabaseLocation, openDatabase } from '../../server/db/open-database.ts'
import { startThrowawayPostgres, throwawayPostgresAbsence } from '../../server/db/throwaway-postgres.ts'

export type OpenDatabase = () => Promise<Database>

export interface DatabaseHost {
  readonly kind: 'embedded' | 'postgres'
  /** A new, empty, migrated database. */
  createLocation(): Promise<DatabaseLocation>
  stop(): Promise<void>
}

/** Why there is no PostgreSQL here; undefined where there is one. */
const postgresAbsence: string | undefined = throwawayPostgresAbsence()

export function describeOnEachDatabase(name: string, define: (open: OpenDatabase) => void): void {
  describeOnEachHost(name, (host) => {
    let shared: Database | undefined
    let sharedTaken = false
    const others: Database[] = []
    afterEach(async () => {
      for (const database of others.splice(0)) await database.close()
      if (sharedTaken && shared !== undefined) await emptyDatabase(shared)
      sharedTaken = false
    })
    afterAll(() => shared?.close())
    define(async () => {
      const another = async (): Promise<Database> => openDatabase(await host().createLocation())
      if (!sharedTaken) {
        sharedTaken = true
        shared ??= await another()
        return shared
      }
      const database = await another()
      others.push(database)
      return database
    })
  })
}

/** For tests that open the database themselves, or in a process of their own. */
export function describeOnEachHost(name: string, define: (host: () => DatabaseHost) => void): void {
  const suite = (kind: string, start: () => Promise<DatabaseHost>): void => {
    let running: DatabaseHost | undefined
    beforeAll(async () => {
      running = await start()
    })
    afterAll(async () => {
      await running?.stop()
    })
    define(() => {
      if (running === undefined) throw new Error(`The ${kind} database was not started`)
      return running
    })
  }
  describe(`${name} (embedded)`, () => suite('embedded', startEmbeddedHost))
  const reason = postgresAbsence === undefined ? '' : `, skipped: ${postgresAbsence}`
  describe.skipIf(postgresAbsence !== undefined)(`${name} (PostgreSQL${reason})`, () =>
    suite('PostgreSQL', startPostgresHost),
  )
}

/** Making the folder of an embedded database takes seconds, copying it a tenth of one. */
export async function startEmbeddedHost(): Promise<DatabaseHost> {
  const root = await mkdtemp(join(tmpdir(), 'vigie-embedded-'))
  const template = join(root, 'template')
  await (await openDatabase({ dataDir: template })).close()
  return {
    kind: 'embedded',
    async createLocation() {
      const dataDir = join(root, randomUUID())
      await mkdir(dataDir)
      await cp(join(template, 'pgdata'), join(dataDir, 'pgdata'), { recursive: true })
      return { dataDir }
    },
    stop: () => rm(root, { recursive: true, force: true }),
  }
}

async function startPostgresHost(): Promise<DatabaseHost> {
  const server = await startThrowawayPostgres()
  return { kind: 'postgres', createLocation: () => server.createDatabase(), stop: () => server.stop() }
}

async function emptyDatabase({ kysely }: Database): Promise<void> {
  const { rows } = await sql<{ tables: string }>`
    select string_agg(quote_ident(tablename), ', ') as tables from pg_tables
    where schemaname = 'public' and tablename <> 'schema_migration'`.execute(kysely)
  await sql`truncate ${sql.raw(rows[0]?.tables ?? '')} restart identity cascade`.execute(kysely)
}
