/** Starts the server side in its own process, and calls it as if it were here. */
import { fork } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { OpenedFolder } from './opened-folder-process.ts'
import type { SideReply, SideRequest } from './server-process.ts'
import type { ServerSide } from './server-side.ts'

export interface ServerSideProcess {
  readonly side: ServerSide
  end(): Promise<void>
}

const EXEC_ARGUMENTS = ['--enable-source-maps', '--expose-gc']

/** Built code only: Node runs no TypeScript by itself. */
export function startServerProcess(): ServerSideProcess {
  const child = fork(fileURLToPath(new URL('./server-process.js', import.meta.url)), [], {
    execArgv: EXEC_ARGUMENTS,
  })
  const waiting = new Map<number, (reply: SideReply) => void>()
  let nextId = 0
  const exited = new Promise<void>((resolve) => {
    child.once('exit', (code) => {
      for (const [id, take] of waiting) take({ id, failure: `the server's process ended (${code})` })
      resolve()
    })
  })
  child.on('message', (reply: SideReply) => {
    waiting.get(reply.id)?.(reply)
    waiting.delete(reply.id)
  })
  const call = (method: keyof ServerSide, argument?: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const request: SideRequest = { id: ++nextId, method, argument }
      waiting.set(request.id, (reply) => {
        if ('failure' in reply) reject(new Error(reply.failure))
        else resolve(reply.value)
      })
      child.send(request)
    })
  return {
    side: {
      start: (options) => call('start', options) as ReturnType<ServerSide['start']>,
      stop: () => call('stop') as Promise<void>,
      resetUsage: () => call('resetUsage') as Promise<void>,
      usage: () => call('usage') as ReturnType<ServerSide['usage']>,
      openHub: () => call('openHub') as ReturnType<ServerSide['openHub']>,
      broadcast: (way) => call('broadcast', way) as ReturnType<ServerSide['broadcast']>,
      closeHub: () => call('closeHub') as Promise<void>,
    },
    async end() {
      child.disconnect()
      await exited
    },
  }
}

/** Memory of a process that has only opened the embedded database of the folder. */
export function openedFolderMegabytes(dataDir: string): Promise<number> {
  const script = fileURLToPath(new URL('./opened-folder-process.js', import.meta.url))
  const child = fork(script, [join(dataDir, 'pgdata')], { execArgv: EXEC_ARGUMENTS })
  return new Promise((resolve, reject) => {
    let megabytes: number | undefined
    child.once('message', ({ residentMegabytes }: OpenedFolder) => {
      megabytes = residentMegabytes
    })
    child.once('error', reject)
    // Not before it has let go of the folder: the next one opens it.
    child.once('exit', (code) => {
      if (megabytes === undefined) reject(new Error(`the folder could not be opened (${code})`))
      else resolve(megabytes)
    })
  })
}
