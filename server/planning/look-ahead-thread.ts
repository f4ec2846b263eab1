/** Runs look-aheads off the event loop: a worker thread, started when first asked and again after it failed. */
import { Worker } from 'node:worker_threads'
import { createLessonSender } from './lesson-parcels.ts'
import type { LookAheadJob, QueueAnswer } from './look-ahead-job.ts'

export interface LookAheadReply {
  readonly answers: readonly QueueAnswer[]
  /** Of the thread, without the way there and back. */
  readonly milliseconds: number
}

export interface LookAheadThread {
  /** One at a time: the caller waits for the answer before it asks again. */
  run(job: LookAheadJob): Promise<LookAheadReply>
  close(): Promise<void>
}

export function createLookAheadThread(): LookAheadThread {
  let worker: Worker | undefined
  const lessons = createLessonSender()
  let waiting: { done(reply: LookAheadReply): void; failed(error: Error): void } | undefined
  const fail = (error: Error) => {
    worker = undefined
    waiting?.failed(error)
    waiting = undefined
  }
  const started = () => {
    if (worker !== undefined) return worker
    const fresh = startWorker()
    lessons.forget()
    // It must not keep a program alive that has nothing else to do.
    fresh.unref()
    fresh.on('message', (reply: LookAheadReply) => {
      waiting?.done(reply)
      waiting = undefined
    })
    fresh.on('error', fail)
    fresh.on('messageerror', (error) => {
      fail(error)
      void fresh.terminate()
    })
    fresh.on('exit', () => {
      if (worker === fresh) fail(new Error('the thread of the look-ahead has ended'))
    })
    worker = fresh
    return fresh
  }
  return {
    run: (job) =>
      new Promise((done, failed) => {
        if (waiting !== undefined) return failed(new Error('a look-ahead is under way'))
        const asked = started()
        try {
          asked.postMessage(lessons.pack(job))
        } catch (error) {
          lessons.forget()
          throw error
        }
        waiting = { done, failed }
      }),
    async close() {
      const ended = worker
      fail(new Error('the look-ahead is closed'))
      await ended?.terminate()
    },
  }
}

/** From the sources the worker is TypeScript too and needs the development loader; the built tree needs nothing. */
function startWorker(): Worker {
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./look-ahead-worker.js', import.meta.url))
  const source = JSON.stringify(new URL('./look-ahead-worker.ts', import.meta.url).href)
  return new Worker(`import('tsx/esm/api').then((tsx) => (tsx.register(), import(${source})))`, {
    eval: true,
  })
}
