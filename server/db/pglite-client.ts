/** The main thread's end of the embedded database: starts the worker, pairs requests with replies, notices its death. */
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { DatabaseError } from './database-error.ts'
import {
  OPENING_ID,
  type PgliteFailure,
  type PgliteReply,
  type PgliteRequest,
  type PgliteResult,
  type PgliteWorkerData,
} from './pglite-protocol.ts'

export interface PgliteClient {
  query(sql: string, parameters: readonly unknown[]): Promise<PgliteResult>
  close(): Promise<void>
}

interface Waiting {
  readonly resolve: (result: PgliteResult) => void
  readonly reject: (error: Error) => void
}

export async function openPglite(databaseDir: string): Promise<PgliteClient> {
  const worker = startWorker({ databaseDir })
  const waiting = new Map<number, Waiting>()
  let nextId = OPENING_ID
  let goneBecause: Error | undefined

  const expect = (id: number): Promise<PgliteResult> =>
    new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject })
    })
  const request = (make: (id: number) => PgliteRequest): Promise<PgliteResult> => {
    if (goneBecause !== undefined) return Promise.reject(goneBecause)
    const message = make(++nextId)
    const answer = expect(message.id)
    worker.postMessage(message)
    return answer
  }
  const gone = (cause: unknown): void => {
    goneBecause ??= new DatabaseError('database-away', 'The embedded database has stopped', cause)
    for (const { reject } of waiting.values()) reject(goneBecause)
    waiting.clear()
  }

  worker.on('message', (reply: PgliteReply) => {
    const waiter = waiting.get(reply.id)
    waiting.delete(reply.id)
    if ('failure' in reply) waiter?.reject(toError(reply.failure))
    else waiter?.resolve(reply.result)
  })
  worker.on('error', gone)
  worker.on('exit', () => gone(undefined))

  try {
    await expect(OPENING_ID)
  } catch (error) {
    await worker.terminate()
    throw error
  }
  return {
    query: (sql, parameters) => request((id) => ({ id, kind: 'query', sql, parameters })),
    async close() {
      if (goneBecause === undefined) await request((id) => ({ id, kind: 'close' }))
      await worker.terminate()
    },
  }
}

/** Built, the worker is the plain `.js` beside this file. From source it is TypeScript, which tsx has to be told in each thread. */
function startWorker(workerData: PgliteWorkerData): Worker {
  const here = fileURLToPath(import.meta.url)
  if (here.endsWith('.js'))
    return new Worker(new URL('./pglite-worker.js', pathToFileURL(here)), { workerData })
  const file = new URL('./pglite-worker.ts', pathToFileURL(here)).href
  const tsx = new URL('./esm/api/index.mjs', pathToFileURL(createRequire(here).resolve('tsx'))).href
  const start = `import(${JSON.stringify(tsx)}).then((tsx) => { tsx.register(); return import(${JSON.stringify(file)}) })`
  return new Worker(start, { eval: true, workerData, execArgv: [] })
}

function toError(failure: PgliteFailure): Error {
  const { message, ...rest } = failure
  return Object.assign(new Error(message), rest)
}
