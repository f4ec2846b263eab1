// Compiles server/ to dist/ and makes the command executable (npm's bin link needs the mode bit).
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
// What an earlier build left would still be found by name; the pages are built on their own.
if (existsSync(`${root}dist`))
  for (const name of readdirSync(`${root}dist`))
    if (name !== 'web') rmSync(`${root}dist/${name}`, { recursive: true, force: true })
const result = spawnSync(process.execPath, [tsc, '-p', 'server/tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
})
if (result.status !== 0) process.exit(result.status ?? 1)
chmodSync(`${root}dist/cli/vigie.js`, 0o755)

// `npx vigie` runs a link in node_modules/.bin at once. A `bin` entry of our own package.json would make npx install the
// checkout into its cache first, which builds everything again on the first call.
if (process.platform !== 'win32') {
  mkdirSync(`${root}node_modules/.bin`, { recursive: true })
  rmSync(`${root}node_modules/.bin/vigie`, { force: true })
  symlinkSync('../../dist/cli/vigie.js', `${root}node_modules/.bin/vigie`)
}
