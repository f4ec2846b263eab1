import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

// Each check is shown a small project with one planted mistake, and must refuse it; and the same project without, and must pass it.
const root = fileURLToPath(new URL('../..', import.meta.url))
let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigie-gates-'))
  for (const name of ['.biome.json', '.dependency-cruiser.cjs', 'tsconfig.json', 'package.json'])
    cpSync(join(root, name), join(folder, name))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  plant('server/domain/sound.ts', 'export const sound = 1\n')
  plant(
    'server/engine/sound-too.ts',
    "import { sound } from '../domain/sound.ts'\n\nexport const two = sound + 1\n",
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function plant(path: string, text: string): () => void {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  return () => rmSync(file)
}

function run(binary: string, ...argv: readonly string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(join(root, 'node_modules/.bin', binary), argv, {
    cwd: folder,
    encoding: 'utf8',
  })
  return { status, output: stdout + stderr }
}

const format = () => run('biome', 'check', '--error-on-warnings', 'server')
const types = () => run('tsc', '--noEmit', '-p', 'tsconfig.json')
const imports = () => run('depcruise', '--config', '.dependency-cruiser.cjs', 'server')

describe('each check passes what is sound', () => {
  it.each([
    ['format and lint', format],
    ['types', types],
    ['imports', imports],
  ])('%s', (_, check) => {
    const { status, output } = check()
    expect(output).not.toContain('error TS')
    expect(status).toBe(0)
  })
})

describe('each check refuses its planted mistake', () => {
  it.each([
    ['an any', format, 'export const planted: any = 1\n', 'noExplicitAny'],
    [
      'a non-null assertion',
      format,
      'export const planted = (list: number[]) => list[0]!\n',
      'noNonNullAssertion',
    ],
    ['unformatted code', format, 'export   const planted=1;\n', 'format'],
    ['an unchecked index', types, 'export const planted: number = [1][0]\n', 'TS2322'],
    ['an enum', types, 'export enum Planted {\n  One,\n}\n', 'TS1294'],
    [
      'domain that imports the engine',
      imports,
      "import { two } from '../engine/sound-too.ts'\n\nexport const planted = two\n",
      'domain-imports',
    ],
    [
      'SQL outside of db',
      imports,
      "import { sql } from 'kysely'\n\nexport const planted = sql\n",
      'database-packages-in-db-only',
    ],
    [
      'I/O in pure code',
      imports,
      "import { readFileSync } from 'node:fs'\n\nexport const planted = readFileSync\n",
      'engine-has-no-io',
    ],
  ])('%s', (_, check, text, complaint) => {
    const remove = plant('server/domain/planted.ts', text)
    try {
      const { status, output } = check()
      expect(output).toContain(complaint)
      expect(status).not.toBe(0)
    } finally {
      remove()
    }
  })
})
