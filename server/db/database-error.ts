/** What can stand between the program and its database, each with one clear line for the person at the terminal. */

export type DatabaseErrorCode =
  | 'folder-locked'
  | 'folder-unwritable'
  | 'database-away'
  | 'schema-older'
  | 'schema-newer'

export class DatabaseError extends Error {
  override readonly name = 'DatabaseError'
  readonly code: DatabaseErrorCode
  constructor(code: DatabaseErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}

/** Node's own connection errors, and PostgreSQL's classes 08 (connection), 57P (shutdown) and 53 (no resources). */
const AWAY_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  '57P01',
  '57P02',
  '57P03',
])
const AWAY_MESSAGES = [
  'Connection terminated',
  'connection timeout',
  'timeout exceeded when trying to connect',
  'Client has encountered a connection error',
]

/** True when the database cannot be reached at the moment: the caller answers "try again", nothing is wrong with the request. */
export function isDatabaseAway(error: unknown): boolean {
  if (error instanceof DatabaseError) return error.code === 'database-away'
  if (!(error instanceof Error)) return false
  if (error instanceof AggregateError && error.errors.some(isDatabaseAway)) return true
  const code = errorCode(error)
  // A Unix socket that is not there; any other ENOENT is about a file.
  if (code === 'ENOENT' && 'syscall' in error && error.syscall === 'connect') return true
  if (code !== undefined && (AWAY_CODES.has(code) || code.startsWith('08') || code.startsWith('53')))
    return true
  return AWAY_MESSAGES.some((text) => error.message.includes(text))
}

export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}
