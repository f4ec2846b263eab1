/**
 * One process per data folder. The embedded database has no lock of its own: a second process would open the same files
 * without a word and destroy rows.
 *
 * The lock is the highest-numbered file in `lock/`; it names its holder. Taking it over from a dead holder means creating
 * the next number with O_EXCL semantics (`link`), so of two processes that see the same dead holder only one wins. The
 * highest number is never deleted, else a slow process could create a number that has already been passed. A holder that
 * was killed leaves its file; its pid with the start time of that process, or a silent heartbeat when it ran on another
 * host, shows that it is gone.
 */
import { randomUUID } from 'node:crypto'
import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { DatabaseError, errorCode } from './database-error.ts'

export type LockRole = 'server' | 'command'

export interface FolderLock {
  release(): void
}

interface Holder {
  readonly pid: number
  /** Boot and start tick of the process: a pid that was given to another process later does not match. */
  readonly processStart: string
  readonly host: string
  readonly role: LockRole
  readonly since: string
  readonly token: string
  readonly released?: true
}

/** Only for a holder on another host (a container on the same volume), whose pid means nothing here. */
const HEARTBEAT_MS = 5_000
const HEARTBEAT_SILENT_MS = 30_000
/** Each attempt fails only because another process has just won: more than a few means something else is wrong. */
const ATTEMPTS_MAX = 50

export function lockFolder(dataDir: string, role: LockRole): FolderLock {
  const lockDir = join(dataDir, 'lock')
  mkdirSync(lockDir, { recursive: true })
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const newest = newestNumber(lockDir)
    const holder = newest === undefined ? undefined : readHolder(join(lockDir, String(newest)))
    if (newest !== undefined && holder !== undefined && isAlive(holder, join(lockDir, String(newest)))) {
      throw lockedError(dataDir, holder)
    }
    const mine = (newest ?? 0) + 1
    if (!create(lockDir, mine, role)) continue
    // A number above mine means that I looked before others came and went: mine is not the newest, so not the lock.
    if (newestNumber(lockDir) !== mine) {
      rmSync(join(lockDir, String(mine)), { force: true })
      continue
    }
    removeOlder(lockDir, mine)
    return hold(join(lockDir, String(mine)))
  }
  throw new DatabaseError(
    'folder-locked',
    `The data folder ${dataDir} is being opened by other processes; try again`,
  )
}

function newestNumber(lockDir: string): number | undefined {
  const numbers = readdirSync(lockDir)
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
  return numbers.length === 0 ? undefined : Math.max(...numbers)
}

/** Undefined when the file was taken over and removed meanwhile. */
function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || error instanceof SyntaxError) return undefined
    throw error
  }
}

function isAlive(holder: Holder, path: string): boolean {
  if (holder.released) return false
  if (holder.host !== hostname()) return Date.now() - modifiedAtMs(path) < HEARTBEAT_SILENT_MS
  const start = processStart(holder.pid)
  if (start !== undefined) return start === holder.processStart
  try {
    process.kill(holder.pid, 0)
    // No /proc on this system: the pid is all there is to go by.
    return holder.processStart === ''
  } catch (error) {
    return errorCode(error) === 'EPERM'
  }
}

function modifiedAtMs(path: string): number {
  try {
    return statSync(path).mtimeMs
  } catch {
    return 0
  }
}

/** Undefined when there is no such process, or no /proc. */
function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may hold spaces; field 3 (state) and field 22 (start tick) are counted after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${fields[19] ?? ''}`
  } catch {
    return undefined
  }
}

/** True when this process made the file of that number, complete with its content; false when another one had it first. */
function create(lockDir: string, number: number, role: LockRole): boolean {
  const holder: Holder = {
    pid: process.pid,
    processStart: processStart(process.pid) ?? '',
    host: hostname(),
    role,
    since: new Date().toISOString(),
    token: randomUUID(),
  }
  const draft = join(lockDir, `draft-${holder.token}`)
  writeFileSync(draft, `${JSON.stringify(holder)}\n`)
  try {
    linkSync(draft, join(lockDir, String(number)))
    return true
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

function removeOlder(lockDir: string, mine: number): void {
  for (const name of readdirSync(lockDir)) {
    // The one before stays for a process that is reading it right now.
    if (/^\d+$/.test(name) && Number(name) < mine - 1) rmSync(join(lockDir, name), { force: true })
  }
}

function hold(path: string): FolderLock {
  const heartbeat = setInterval(() => {
    try {
      utimesSync(path, new Date(), new Date())
    } catch {
      // The folder was removed under us: nothing left to keep others away from.
    }
  }, HEARTBEAT_MS)
  heartbeat.unref()
  return {
    release() {
      clearInterval(heartbeat)
      const holder = readHolder(path)
      if (holder !== undefined) writeFileSync(path, `${JSON.stringify({ ...holder, released: true })}\n`)
    },
  }
}

function lockedError(dataDir: string, holder: Holder): DatabaseError {
  const elsewhere = holder.host === hostname() ? '' : ` on host ${holder.host}`
  const advice =
    holder.role === 'server'
      ? 'It is a server: commands go through it while it runs, or stop it first'
      : 'It is another command: wait until it has ended'
  return new DatabaseError(
    'folder-locked',
    `The data folder ${dataDir} is held by process ${holder.pid}${elsewhere} since ${holder.since}. ${advice}`,
  )
}
