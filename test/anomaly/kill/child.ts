/** Starts a script of this folder as a process of its own, and reads what it reports a line at a time. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { fileURLToPath, pathToFileURL } from 'node:url'

export interface Child {
  readonly process: ChildProcess
  readonly lines: AsyncIterable<string>
  /** Ends it the hard way; resolves when it is gone. */
  kill(): Promise<void>
  readonly ended: Promise<number | null>
}

export function startChild(script: URL, ...parameters: readonly string[]): Child {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  const file = fileURLToPath(script)
  const child = spawn(process.execPath, ['--import', loader, file, ...parameters], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  return {
    process: child,
    lines: createInterface({ input: child.stdout }),
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
    ended,
  }
}
