/**
 * Where the keys of callers' numbers come from: VIGIE_CALLER_KEYS (base64, comma-separated, the newest first), else the file
 * caller.key in the data folder (one key a line, the newest first), which is made at the first start.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const KEY_BYTES = 32
const FILE_NAME = 'caller.key'

export function readCallerKeys(dataDir: string, env: NodeJS.ProcessEnv): readonly Buffer[] {
  const given = env.VIGIE_CALLER_KEYS
  if (given !== undefined && given !== '') return parseKeys(given.split(','), 'VIGIE_CALLER_KEYS')
  // Without a folder there is nowhere to keep one: what is sealed can be opened by this process only.
  if (dataDir === '') return [randomBytes(KEY_BYTES)]
  const file = join(dataDir, FILE_NAME)
  if (!existsSync(file)) writeKey(dataDir, file)
  return parseKeys(readFileSync(file, 'utf8').split('\n'), file)
}

/** Two processes may start at once: the first one's key stays. */
function writeKey(dataDir: string, file: string): void {
  mkdirSync(dataDir, { recursive: true })
  try {
    writeFileSync(file, `${randomBytes(KEY_BYTES).toString('base64')}\n`, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if (!existsSync(file)) throw error
  }
}

function parseKeys(lines: readonly string[], place: string): readonly Buffer[] {
  const keys = lines
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => Buffer.from(line, 'base64'))
  if (keys.length === 0 || keys.some((key) => key.length !== KEY_BYTES))
    throw new Error(`${place}: each key is ${KEY_BYTES} bytes in base64, and there is at least one`)
  return keys
}
