/** The local socket of a data folder: one command line in, its output and exit status out, as lines of JSON. File rights are the sign-in. */
import { createHash } from 'node:crypto'
import { mkdirSync, realpathSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join, resolve } from 'node:path'

export interface ControlRequest {
  readonly argv: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}
/** Base64, so that a PDF survives. */
export type ControlReply = { readonly out: string } | { readonly err: string } | { readonly status: number }

export const REQUEST_BYTES_MAX = 1_000_000
/** Environment that a forwarded command may take along: its own options, never secrets such as DATABASE_URL. */
export const FORWARDED_ENV = /^(VIGIE_[A-Z_]+|LANG|LC_ALL|TZ)$/

/** Paths of sockets have 108 bytes at most on Linux, 104 on macOS. */
const SOCKET_PATH_BYTES_MAX = 100

/** `<data-dir>/vigie.sock`; for a folder too deep for that, a name made from it in a folder of this user alone. */
export function controlSocketPath(dataDir: string): string {
  const path = join(realOrResolved(dataDir), 'vigie.sock')
  if (Buffer.byteLength(path) <= SOCKET_PATH_BYTES_MAX) return path
  const folder = join(tmpdir(), `vigie-${userInfo().uid}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return join(folder, `${createHash('sha256').update(path).digest('hex').slice(0, 24)}.sock`)
}

function realOrResolved(dataDir: string): string {
  try {
    return realpathSync(dataDir)
  } catch {
    return resolve(dataDir)
  }
}
