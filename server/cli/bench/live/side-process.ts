/** Starts the server side in its own process, and calls it as if it were here. */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { SideReply, SideRequest } from './server-process.ts'
import type { ServerSide } from './server-side.ts'

export interface ServerSideProcess {
  readonly side: ServerSide
  end(): Promise<void>
}

/** Built code only: Node runs no TypeScript by itself. */
export function startServerProcess(): ServerSideProcess {
  const child = fork(fileURLToPath(new URL('./server-process.js', import.meta.url)), [], {
    execArgv: ['--enable-source-maps', '--expose-gc'],
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
