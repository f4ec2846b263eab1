/**
 * Opens the database of the program: the embedded one in a data folder, or a PostgreSQL server. The same migrations, SQL
 * and value types on both.
 *
 * The embedded one does not fsync: what it acknowledged survives a killed process, not a power loss (README.md).
 */
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs'
import type { Socket } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { CompiledQuery, Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { DatabaseError, errorCode, isDatabaseAway } from './database-error.ts'
import { type LockRole, lockFolder } from './folder-lock.ts'
import { migrateSchema, readSchemaStatus, refuseNewer, type SchemaStatus } from './migrator.ts'
import type { Schema } from './schema.ts'
import { VALUE_PARSERS } from './value-parsers.ts'

export type DatabaseLocation = { readonly dataDir: string } | { readonly databaseUrl: string }

export interface OpenDatabaseOptions {
  /**
   * What to do about an older schema on PostgreSQL: refuse (the default), bring it up to date, or open it as it is
   * (only `vigie migrate` does). The embedded database is always brought up to date.
   */
  readonly schema?: 'require' | 'migrate' | 'any'
  /** Who holds the folder, for the message to the one who comes second. */
  readonly role?: LockRole
  readonly poolSize?: number
}

export interface Database {
  readonly kysely: Kysely<Schema>
  readonly kind: 'embedded' | 'postgres'
  close(): Promise<void>
}

const POOL_SIZE = 8
/** Two, so that two programs that start at once are told apart as ever. */
const PATIENT_POOL_SIZE = 2
/** What is not answered for so long fails, and the caller is told to come again. */
const SILENCE_MS_MAX = 30_000
const CONNECT_TIMEOUT_MS = 5_000
/** PostgreSQL 15: the oldest version that the SQL is written and tested for. */
const SERVER_VERSION_MIN = 150_000

export async function openDatabase(
  location: DatabaseLocation,
  options: OpenDatabaseOptions = {},
): Promise<Database> {
  if ('databaseUrl' in location) return openPostgres(location.databaseUrl, options)
  return openEmbedded(resolve(location.dataDir), options.role ?? 'command')
}

/** Applies what is missing; returns the names of the applied files. */
export function migrate(db: Database): Promise<readonly string[]> {
  return migrateSchema(db.kysely)
}

export function schemaStatus(db: Database): Promise<SchemaStatus> {
  return readSchemaStatus(db.kysely)
}

async function openEmbedded(dataDir: string, role: LockRole): Promise<Database> {
  makeFolder(dataDir)
  const lock = lockFolder(dataDir, role)
  let kysely: Kysely<Schema> | undefined
  const close = async (): Promise<void> => {
    try {
      await kysely?.destroy()
    } finally {
      lock.release()
    }
  }
  try {
    // Loaded only here: a program on PostgreSQL never pays for it.
    const [{ openPglite }, { pgliteDialect }] = await Promise.all([
      import('./pglite-client.ts'),
      import('./pglite-dialect.ts'),
    ])
    kysely = new Kysely<Schema>({ dialect: pgliteDialect(await openPglite(join(dataDir, 'pgdata'))) })
    await kysely.executeQuery(CompiledQuery.raw("set timezone = 'UTC'; set datestyle = 'ISO'"))
    await migrateSchema(kysely)
    return { kysely, kind: 'embedded', close }
  } catch (error) {
    await close()
    throw error
  }
}

function makeFolder(dataDir: string): void {
  try {
    makePath(dataDir)
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new DatabaseError(
      'folder-unwritable',
      `The data folder ${dataDir} cannot be written: ${reason}`,
      error,
    )
  }
}

/** Level by level: `mkdirSync` with `recursive` never returns where a level cannot be made, below /proc for one. */
function makePath(folder: string): void {
  if (existsSync(folder)) return
  makePath(dirname(folder))
  try {
    mkdirSync(folder)
  } catch (error) {
    if (!existsSync(folder)) throw error
  }
}

/**
 * Values as the parsers expect them; and what the server does with a session whose other end is gone without a word: its
 * locks, the ledger's head among them, are free again before the program that comes back needs them.
 */
const SESSION = `set timezone = 'UTC'; set datestyle = 'ISO';
  set idle_in_transaction_session_timeout = '20s'; set tcp_user_timeout = '20s';
  set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 3; set tcp_keepalives_count = 3`

async function openPostgres(databaseUrl: string, options: OpenDatabaseOptions): Promise<Database> {
  const schema = options.schema ?? 'require'
  // A migration of a large ledger may be silent for minutes.
  const patient = connect(databaseUrl, { max: PATIENT_POOL_SIZE, silenceMsMax: null })
  try {
    await checkServerVersion(patient)
    await bringToSchema(patient, schema)
    if (schema === 'any') return { kysely: patient, kind: 'postgres', close: () => patient.destroy() }
  } catch (error) {
    await patient.destroy()
    throw explainOpening(error, databaseUrl)
  }
  await patient.destroy()
  const kysely = connect(databaseUrl, { max: options.poolSize ?? POOL_SIZE, silenceMsMax: SILENCE_MS_MAX })
  return { kysely, kind: 'postgres', close: () => kysely.destroy() }
}

interface PoolOptions {
  readonly max: number
  readonly silenceMsMax: number | null
}

function connect(databaseUrl: string, options: PoolOptions): Kysely<Schema> {
  return new Kysely<Schema>({
    dialect: new PostgresDialect({
      pool: () => Promise.resolve(createPool(databaseUrl, options)),
      onCreateConnection: async (connection) => {
        await connection.executeQuery(CompiledQuery.raw(SESSION))
      },
    }),
  })
}

function createPool(connectionString: string, { max, silenceMsMax }: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    max,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    application_name: 'vigie',
    types: {
      getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
        VALUE_PARSERS[oid] ?? pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
    },
  })
  // A connection that breaks is replaced, and the query that it was in rejects; without a listener for the idle ones and
  // one for those in use, the break would end the process.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => {
    client.on('error', () => undefined)
    if (silenceMsMax !== null) giveUpWhenSilent(client, silenceMsMax)
  })
  return pool
}

/**
 * A network that swallows everything says nothing for a quarter of an hour. The pool itself closes idle connections sooner,
 * so one that is silent for so long waits for an answer; no statement of ours takes so long without one.
 */
function giveUpWhenSilent(client: pg.PoolClient, silenceMsMax: number): void {
  const { connection } = client as unknown as { readonly connection: { readonly stream: Socket } }
  connection.stream.setTimeout(silenceMsMax, () => {
    connection.stream.destroy(new Error('Connection terminated: the database did not answer'))
  })
}

async function checkServerVersion(kysely: Kysely<Schema>): Promise<void> {
  const { rows } = await sql<{ version: number }>`
    select current_setting('server_version_num')::int as version`.execute(kysely)
  const version = rows[0]?.version ?? 0
  if (version >= SERVER_VERSION_MIN) return
  throw new DatabaseError(
    'schema-older',
    `PostgreSQL 15 or later is needed, this server is ${Math.floor(version / 10_000)}`,
  )
}

async function bringToSchema(kysely: Kysely<Schema>, wanted: 'require' | 'migrate' | 'any'): Promise<void> {
  const { pending, unknown } = await readSchemaStatus(kysely)
  refuseNewer(unknown)
  if (pending.length === 0 || wanted === 'any') return
  if (wanted === 'migrate') {
    await migrateSchema(kysely)
    return
  }
  throw new DatabaseError(
    'schema-older',
    `The database has an older schema than this program (${pending.length} migrations behind): run \`vigie migrate\` or start with --migrate`,
  )
}

/** Refused, unknown host, wrong password, no such database: one line, without the password. */
function explainOpening(error: unknown, databaseUrl: string): unknown {
  if (error instanceof DatabaseError) return error
  const code = errorCode(error) ?? ''
  // 28: authorisation, 3D: no such database.
  if (!isDatabaseAway(error) && !code.startsWith('28') && !code.startsWith('3D')) return error
  const reason = error instanceof Error ? error.message || code : String(error)
  return new DatabaseError(
    'database-away',
    `The database at ${withoutSecret(databaseUrl)} cannot be reached: ${reason}`,
    error,
  )
}

function withoutSecret(databaseUrl: string): string {
  try {
    const url = new URL(databaseUrl)
    return `${url.protocol}//${url.host}${url.pathname}`
  } catch {
    return 'DATABASE_URL (not a URL)'
  }
}
