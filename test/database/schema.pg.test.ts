/** The schema: what the migrations make is what schema.sql says, on both databases; older and newer ones are refused. */
import { readdirSync } from 'node:fs'
import { sql } from 'kysely'
import { expect, it, vi } from 'vitest'
import { isDatabaseAway } from '../../server/db/database-error.ts'
import { createLedgerStore } from '../../server/db/ledger-store.ts'
import { migrate, openDatabase, schemaStatus } from '../../server/db/open-database.ts'
import { describeOnEachDatabase, describeOnEachHost } from '../support/databases.ts'
import { dumpSchema } from '../support/schema-dump.ts'

const FILES = readdirSync(new URL('../../migrations', import.meta.url)).filter((name) => /^\d{4}_/.test(name))

describeOnEachDatabase('schema', (open) => {
  it('is the dumped one after all migrations', async () => {
    await expect(await dumpSchema(await open())).toMatchFileSnapshot('../../migrations/schema.sql')
  })

  it('has every migration once', async () => {
    const database = await open()
    expect(await schemaStatus(database)).toEqual({ applied: FILES.sort(), pending: [], unknown: [] })
    expect(await migrate(database)).toEqual([])
  })
})

describeOnEachHost('schema of another version', (host) => {
  it('is refused when it is newer than the program', async () => {
    const location = await host().createLocation()
    const database = await openDatabase(location)
    await sql`insert into schema_migration values ('9999_from_the_future.sql', now(), '')`.execute(
      database.kysely,
    )
    await database.close()
    await expect(openDatabase(location)).rejects.toMatchObject({ code: 'schema-newer' })
  })

  it('is refused on PostgreSQL when it is older, and brought up to date in the embedded database', async () => {
    const location = await host().createLocation()
    const database = await openDatabase(location)
    // As it was before the first migration.
    await sql`drop schema public cascade`.execute(database.kysely)
    await sql`create schema public`.execute(database.kysely)
    await database.close()
    if (host().kind === 'postgres') {
      await expect(openDatabase(location)).rejects.toMatchObject({ code: 'schema-older' })
      const old = await openDatabase(location, { schema: 'any' })
      expect((await schemaStatus(old)).pending).toEqual(FILES.sort())
      // Two programs that start at once: each file is applied by one of them.
      expect((await Promise.all([migrate(old), migrate(old)])).flat().sort()).toEqual(FILES.sort())
      await old.close()
    }
    const current = await openDatabase(location)
    expect((await schemaStatus(current)).pending).toEqual([])
    await current.close()
  })

  it('says that a database is away, at the start and later', async () => {
    if (host().kind === 'embedded') return
    const { databaseUrl = '' } = (await host().createLocation()) as { databaseUrl?: string }
    const closed = new URL(databaseUrl)
    closed.port = '1'
    const error = await openDatabase({ databaseUrl: closed.href }).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'database-away' })
    expect(String(error)).not.toContain('vigie:vigie')

    const database = await openDatabase({ databaseUrl })
    const ledger = createLedgerStore(database)
    await ledger.lastIngestSeq()
    // An administrator's restart ends every session; the next request opens a new one.
    const results = await Promise.allSettled([
      sql`select pg_terminate_backend(pg_backend_pid())`.execute(database.kysely),
    ])
    expect(results.map((result) => result.status === 'rejected' && isDatabaseAway(result.reason))).toEqual([
      true,
    ])
    // One more request may meet the dead session before its end is noticed.
    await vi.waitFor(async () => expect(await ledger.lastIngestSeq()).toBe(0))
    await database.close()
  })
})
