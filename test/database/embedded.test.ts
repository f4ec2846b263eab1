/** What only the embedded database can meet: a first start cut short, and requests after its end. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { DatabaseError, isDatabaseAway } from '../../server/db/database-error.ts'
import { createLedgerStore } from '../../server/db/ledger-store.ts'
import { openDatabase } from '../../server/db/open-database.ts'
import { ledgerEvent } from '../support/ledger-events.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vigie-first-start-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

it('starts anew where a first start was killed half-way, and refuses requests after its end', async () => {
  await mkdir(join(folder, 'pgdata.new', 'base'), { recursive: true })
  await writeFile(join(folder, 'pgdata.new', 'PG_VERSION'), '18\n')
  const database = await openDatabase({ dataDir: folder })
  const ledger = createLedgerStore(database)
  await ledger.append([ledgerEvent('1')])
  expect((await readdir(folder)).sort()).toEqual(['lock', 'pgdata'])
  await database.close()
  const error = await ledger.append([ledgerEvent('2')]).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(Error)

  const again = await openDatabase({ dataDir: folder })
  expect((await createLedgerStore(again).readAfter(0, 10)).map((event) => event.id)).toEqual(['1'])
  await again.close()
})

it('tells a database that is away from a mistake in the request', () => {
  const withFields = (fields: object): Error => Object.assign(new Error('it failed'), fields)
  const away = [
    withFields({ code: 'ECONNREFUSED' }),
    withFields({ code: 'ENOENT', syscall: 'connect' }),
    withFields({ code: '57P01' }),
    withFields({ code: '08006' }),
    withFields({ code: '53300' }),
    new AggregateError([withFields({ code: 'ECONNREFUSED' })]),
    new Error('Connection terminated unexpectedly'),
    new DatabaseError('database-away', 'gone'),
  ]
  const mistakes = [
    withFields({ code: '23505' }),
    withFields({ code: 'ENOENT', syscall: 'open' }),
    new DatabaseError('folder-locked', 'held'),
    new Error('syntax error'),
    'no error at all',
  ]
  expect(away.map(isDatabaseAway)).toEqual(away.map(() => true))
  expect(mistakes.map(isDatabaseAway)).toEqual(mistakes.map(() => false))
})
