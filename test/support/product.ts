/**
 * The built product as a process of its own, as a newcomer runs it: `node dist/cli/vigie.js …`. Whatever a test file started
 * is gone when the file is done, also when a test failed. VIGIE_DIST names another build than `dist/`.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'

const DIST = resolve(process.env.VIGIE_DIST ?? fileURLToPath(new URL('../../dist', import.meta.url)))
const READY_MS_MAX = 220_000

export interface ProductOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** What a command reads from its standard input. */
  readonly stdin?: string
}

export interface Finished {
  /** Null when a signal ended it. */
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
  /** As it was written: a PDF is no text. */
  readonly output: Buffer
}

export interface Product {
  readonly url: string
  readonly port: number
  readonly pid: number
  stdout(): string
  stderr(): string
  signal(signal: NodeJS.Signals): void
  /** As Ctrl-C does: resolves when it has written everything and is gone. */
  stop(): Promise<Finished>
  /** `kill -9`. */
  kill(): Promise<Finished>
}

const running = new Set<ChildProcess>()
const folders: string[] = []
afterAll(async () => {
  const last = [...running].map((child) => new Promise((done) => child.once('exit', done)))
  for (const child of running) child.kill('SIGKILL')
  await Promise.all(last)
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** A folder that goes away with the tests of this file. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vigie-e2e-'))
  folders.push(folder)
  return folder
}

/** One command, to its end. */
export async function runProduct(
  argv: readonly string[],
  { stdin, ...options }: ProductOptions = {},
): Promise<Finished> {
  const { child, finished } = start(argv, options)
  // A command that reads nothing may be gone before its input is written.
  child.stdin?.on('error', () => undefined)
  child.stdin?.end(stdin)
  return finished
}

/** `vigie serve`, on a free port unless `argv` says another; resolves when it listens. */
export function startServe(argv: readonly string[], options: ProductOptions = {}): Promise<Product> {
  const port = argv.includes('--port') ? [] : ['--port', '0']
  return startUntil(['serve', ...port, ...argv], options, /listens on (http:\S+)\n/)
}

export interface Demo extends Product {
  /** Sign-in links, good for one use. */
  readonly links: Readonly<Record<'director' | 'supervisor' | 'client', string>>
}

/** `vigie demo`; resolves when it says that it is ready. */
export async function startDemo(argv: readonly string[]): Promise<Demo> {
  const demo = await startUntil(
    ['demo', '--port', '0', ...argv],
    {},
    /address\s+(http:\S+)\n[\s\S]*demo: ready/,
  )
  const link = (role: string): string => {
    const found = new RegExp(`^ *${role} +(http:\\S+/#/sign-in/\\S+)$`, 'm').exec(demo.stdout())?.[1]
    if (found === undefined) throw new Error(`no sign-in link of the ${role} in:\n${demo.stdout()}`)
    return found
  }
  return {
    ...demo,
    links: { director: link('director'), supervisor: link('supervisor'), client: link('client') },
  }
}

async function startUntil(argv: readonly string[], options: ProductOptions, ready: RegExp): Promise<Product> {
  const { child, finished, read } = start(argv, options)
  child.stdin?.end()
  const url = await new Promise<string>((done, fail) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      fail(new Error(`vigie ${argv.join(' ')} was not ready in ${READY_MS_MAX / 1_000} s:\n${read.stdout()}`))
    }, READY_MS_MAX)
    child.stdout?.on('data', () => {
      const found = ready.exec(read.stdout())?.[1]
      if (found === undefined) return
      clearTimeout(timer)
      done(found)
    })
    finished.then(({ status, stderr }) => {
      clearTimeout(timer)
      fail(new Error(`vigie ${argv.join(' ')} ended with status ${status}: ${stderr}`))
    }, fail)
  })
  const end = (signal: NodeJS.Signals) => {
    child.kill(signal)
    return finished
  }
  return {
    url,
    port: Number(new URL(url).port),
    pid: child.pid ?? 0,
    ...read,
    signal: (signal) => void child.kill(signal),
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  }
}

function start(argv: readonly string[], { env, cwd }: ProductOptions) {
  const program = join(DIST, 'cli', 'vigie.js')
  if (!existsSync(program)) throw new Error(`${program} is not there: npm run build makes it`)
  const child = spawn(process.execPath, ['--enable-source-maps', program, ...argv], {
    cwd: cwd ?? tmpdir(),
    env: { ...plainEnvironment(), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  running.add(child)
  const out: Buffer[] = []
  const err: Buffer[] = []
  child.stdout.on('data', (part: Buffer) => out.push(part))
  child.stderr.on('data', (part: Buffer) => err.push(part))
  const text = (parts: readonly Buffer[]) => Buffer.concat(parts).toString('utf8')
  const finished = new Promise<Finished>((done, fail) => {
    child.once('error', fail)
    child.once('close', (status) => {
      running.delete(child)
      done({ status, stdout: text(out), stderr: text(err), output: Buffer.concat(out) })
    })
  })
  return { child, finished, read: { stdout: () => text(out), stderr: () => text(err) } }
}

/** What the person who runs the tests has set must not reach the product under test. */
function plainEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => name !== 'DATABASE_URL' && !name.startsWith('VIGIE_')),
  )
}
