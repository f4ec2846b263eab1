/** One process per data folder: refused while the holder lives, taken over when it is gone, never given to two. */
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { DatabaseError } from '../../../server/db/database-error.ts'
import { lockFolder } from '../../../server/db/folder-lock.ts'
import { openDatabase } from '../../../server/db/open-database.ts'
import { startChild } from './child.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vigie-lock-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

function refusal(take: () => unknown): DatabaseError {
  try {
    take()
  } catch (error) {
    if (error instanceof DatabaseError) return error
    throw error
  }
  throw new Error('The lock was given')
}

async function writeHolder(number: number, holder: object): Promise<string> {
  await mkdir(join(folder, 'lock'), { recursive: true })
  const path = join(folder, 'lock', String(number))
  await writeFile(
    path,
    JSON.stringify({ role: 'server', since: '2024-06-03T08:00:00Z', token: 't', ...holder }),
  )
  return path
}

it('refuses a second process by name of the first, and takes the folder over when that one was killed', async () => {
  const holder = startChild(new URL('./hold-child.ts', import.meta.url), folder)
  for await (const line of holder.lines) {
    expect(line).toBe('open')
    break
  }
  const error = await openDatabase({ dataDir: folder }).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(DatabaseError)
  expect(error).toMatchObject({ code: 'folder-locked' })
  expect(String(error)).toContain(`process ${holder.process.pid}`)
  expect(String(error)).toContain('commands go through it')
  await holder.kill()
  const database = await openDatabase({ dataDir: folder })
  await database.close()
})

it('is never held by two of many processes that grab for it', async () => {
  const children = Array.from({ length: 4 }, () =>
    startChild(new URL('./lock-child.ts', import.meta.url), folder, '150'),
  )
  expect(await Promise.all(children.map((child) => child.ended))).toEqual([0, 0, 0, 0])
  // Old numbers are cleared away, and nothing is left of the drafts.
  expect((await readdir(join(folder, 'lock'))).length).toBeLessThanOrEqual(2)
})

it('refuses a second opening by the same process and gives the folder back after the first is closed', () => {
  const first = lockFolder(folder, 'command')
  expect(refusal(() => lockFolder(folder, 'command')).message).toContain(`process ${process.pid}`)
  first.release()
  lockFolder(folder, 'command').release()
})

it('sees that a pid was given to another process since', async () => {
  await writeHolder(3, { pid: process.pid, processStart: 'another-boot/1', host: hostname() })
  lockFolder(folder, 'command').release()
  const newest = JSON.parse(await readFile(join(folder, 'lock', '4'), 'utf8'))
  expect(newest).toMatchObject({ pid: process.pid, released: true })
})

it('believes a holder on another host as long as it gives signs of life', async () => {
  const path = await writeHolder(1, { pid: 1, processStart: '', host: 'elsewhere' })
  expect(refusal(() => lockFolder(folder, 'command')).message).toContain('on host elsewhere')
  const longAgo = new Date(Date.now() - 120_000)
  await utimes(path, longAgo, longAgo)
  lockFolder(folder, 'command').release()
})

it('says so when the folder cannot be used', async () => {
  const file = join(folder, 'file')
  await writeFile(file, '')
  await expect(openDatabase({ dataDir: join(file, 'data') })).rejects.toMatchObject({
    code: 'folder-unwritable',
  })
})
