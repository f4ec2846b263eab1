/** Sources by file: checked as a whole with the place of what is wrong, stored only where it differs. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { applySources, readSourcesFile } from '../../../server/cli/source-file.ts'
import type { SettingVersion } from '../../../server/domain/settings.ts'
import { createSettingsService } from '../../../server/setup/settings-service.ts'

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'vigie-sources-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

async function file(content: unknown): Promise<string> {
  const path = join(dir, 'sources.json')
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

it('names the place of the first thing that is wrong', async () => {
  const cases: readonly (readonly [unknown, RegExp])[] = [
    ['{"torn', /JSON/],
    [[], /must be an object/],
    [{ pbx: 5 }, /\/pbx must be an object/],
    [{ 'a/b\n': {} }, /sources\.json: \//],
    [{ pbx: { adapter: 'fax' } }, /\/pbx\/adapter/],
    [{ pbx: { adapter: 'asterisk-ami', options: { username: 'u' } } }, /\/pbx\/options\/host is missing/],
    [
      { pbx: { adapter: 'http', options: { secret: 'x' } } },
      /\/pbx\/options\/secret is not an option of http/,
    ],
    [{ ok: { adapter: 'http' }, bad: { adapter: 'http', enabled: 1 } }, /\/bad\/enabled/],
  ]
  for (const [content, message] of cases)
    await expect(readSourcesFile(await file(content))).rejects.toThrow(message)
  await expect(readSourcesFile(join(dir, 'nothing'))).rejects.toThrow(/ENOENT/)
})

it('stores what differs, once, and leaves the rest', async () => {
  const stored: SettingVersion[] = []
  const settings = await createSettingsService({
    clock: { nowMs: () => 0, speed: 1 },
    store: {
      current: async () => stored,
      history: async () => [],
      createMissing: async () => [],
      async put(change) {
        const { baseVersion, ...rest } = change
        const version = { ...rest, version: baseVersion + 1 }
        stored.push(version)
        return version
      },
    },
  })
  const sources = {
    hook: { adapter: 'http' },
    log: { adapter: 'asterisk-queue-log', options: { path: '/q' } },
  }
  expect(await applySources(settings, await readSourcesFile(await file(sources)))).toEqual(['hook', 'log'])
  expect(await applySources(settings, await readSourcesFile(await file(sources)))).toEqual([])
  const changed = { hook: { enabled: false, adapter: 'http' } }
  expect(await applySources(settings, await readSourcesFile(await file(changed)))).toEqual(['hook'])
  expect(settings.get('source', 'hook')).toEqual({ adapter: 'http', url: null, options: {}, enabled: false })
  expect(settings.get('source', 'log')?.options).toEqual({ path: '/q' })
  expect(stored.map(({ id, version, changedBy }) => [id, version, changedBy])).toEqual([
    ['hook', 1, 'sources file'],
    ['log', 1, 'sources file'],
    ['hook', 2, 'sources file'],
  ])
})
