/** The version of the program, from package.json. */
import { readFileSync } from 'node:fs'

/** Two levels up, in the sources (server/cli) as in the build (dist/cli). */
const PACKAGE_FILE = new URL('../../package.json', import.meta.url)

export function programVersion(): string {
  const { version } = JSON.parse(readFileSync(PACKAGE_FILE, 'utf8')) as { readonly version: string }
  return version
}
