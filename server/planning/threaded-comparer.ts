/**
 * Compares methods in a thread of its own: a comparison takes a second or so of computing, and the board must not wait for it.
 * The thread is started by the first comparison and ends when none was asked for some time.
 */
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { Evaluation, EvaluationInput } from '../engine/forecast/evaluate.ts'
import type { ComparisonReply, ComparisonRequest } from './comparison-worker.ts'
import type { MethodComparer } from './method-comparison.ts'

const IDLE_MS = 10_000

interface Waiting {
  readonly done: (evaluation: Evaluation) => void
  readonly failed: (error: Error) => void
}

export function threadedComparer(): MethodComparer {
  let worker: Worker | undefined
  let idle: ReturnType<typeof setTimeout> | undefined
  let nextId = 1
  const waiting = new Map<number, Waiting>()

  function gone(error: Error): void {
    worker = undefined
    for (const { failed } of waiting.values()) failed(error)
    waiting.clear()
  }

  function started(): Worker {
    if (worker !== undefined) return worker
    const fresh = startWorker()
    fresh.on('message', (reply: ComparisonReply) => {
      const job = waiting.get(reply.id)
      waiting.delete(reply.id)
      if ('evaluation' in reply) job?.done(reply.evaluation)
      else job?.failed(new Error(reply.fault))
    })
    fresh.on('error', (error) => {
      if (worker === fresh) gone(error instanceof Error ? error : new Error(String(error)))
    })
    fresh.on('exit', () => {
      if (worker === fresh) gone(new Error('the comparing thread ended'))
    })
    worker = fresh
    return fresh
  }

  async function close(): Promise<void> {
    clearTimeout(idle)
    const ending = worker
    gone(new Error('the comparison was stopped'))
    await ending?.terminate()
  }

  return {
    async compare(input: EvaluationInput) {
      clearTimeout(idle)
      const id = nextId
      nextId += 1
      try {
        return await new Promise<Evaluation>((done, failed) => {
          waiting.set(id, { done, failed })
          started().postMessage({ id, input } satisfies ComparisonRequest)
        })
      } finally {
        clearTimeout(idle)
        if (waiting.size === 0) idle = setTimeout(() => void close(), IDLE_MS).unref()
      }
    },
    close,
  }
}

/** Built, the worker is the plain `.js` beside this file. From source it is TypeScript, which tsx has to be told in each thread. */
function startWorker(): Worker {
  const here = fileURLToPath(import.meta.url)
  if (here.endsWith('.js')) return new Worker(new URL('./comparison-worker.js', pathToFileURL(here)))
  const file = new URL('./comparison-worker.ts', pathToFileURL(here)).href
  const tsx = new URL('./esm/api/index.mjs', pathToFileURL(createRequire(here).resolve('tsx'))).href
  const start = `import(${JSON.stringify(tsx)}).then((tsx) => { tsx.register(); return import(${JSON.stringify(file)}) })`
  return new Worker(start, { eval: true, execArgv: [] })
}
