// npm runs this after every install, also with --omit=dev, where the compilers are absent and an existing dist/ is kept.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const compilersPresent = ['typescript', 'vite', 'svelte'].every((name) =>
  existsSync(`${root}node_modules/${name}/package.json`),
)
if (!compilersPresent) {
  console.error('vigie: development packages are absent, nothing is built')
  process.exit(0)
}
const result = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' })
process.exit(result.status ?? 1)
