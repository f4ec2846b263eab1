/**
 * Required agents for long columns on all cores: the engine is pure and knows one thread, so the columns are cut into
 * parts here, solved by worker threads and put together again. What comes back does not depend on the threads.
 */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { RequiredAgentsErlangAInput } from '../engine/staffing/batch-erlang-a.ts'
import type { RequiredAgentsErlangCInput } from '../engine/staffing/batch-erlang-c.ts'
import { rowCountOf, StaffingInputError } from '../engine/staffing/columns.ts'

export type StaffingRequest =
  | ({ readonly model: 'erlang-c' } & RequiredAgentsErlangCInput)
  | ({ readonly model: 'erlang-a' } & RequiredAgentsErlangAInput)

/** The columns of the engine by name: agents, waitProbability, … */
export type StaffingPart = Readonly<Record<string, Float64Array>>

/** What a worker sends back for one request. */
export type StaffingReply =
  | { readonly columns: StaffingPart }
  | { readonly error: Pick<StaffingInputError, 'type' | 'pointer' | 'detail'> }

export interface StaffingPool {
  readonly threads: number
  /** Copies the columns, so that the caller keeps them. */
  solve(request: StaffingRequest): Promise<StaffingPart>
  close(): Promise<void>
}

export interface ParallelOptions {
  /** Worker threads; default: the cores that this process may use. */
  readonly threads?: number
  readonly onProgress?: (rowsDone: number, rows: number) => void
}

/** Some milliseconds of work: short enough for even progress, long enough for messages not to matter. */
const ROWS_PER_PART = 32_768

interface Job {
  readonly request: StaffingRequest
  readonly done: (columns: StaffingPart) => void
  readonly failed: (error: Error) => void
}

/** One job a worker at a time. Callers bound what they hand in: the waiting jobs hold their columns. */
export function openStaffingPool(threads: number = availableParallelism()): StaffingPool {
  const waiting: Job[] = []
  const idle: Worker[] = []
  const running = new Map<Worker, Job>()
  const workers = Array.from({ length: Math.max(1, threads) }, startWorker)
  let failure: Error | null = null
  const feed = () => {
    while (idle.length > 0 && waiting.length > 0) {
      const worker = idle.pop()
      const job = waiting.shift()
      if (worker === undefined || job === undefined) return
      running.set(worker, job)
      const { request, buffers } = copyOf(job.request)
      worker.postMessage(request, buffers)
    }
  }
  const fail = (error: Error) => {
    failure = error
    for (const job of [...running.values(), ...waiting]) job.failed(error)
    running.clear()
    waiting.length = 0
  }
  for (const worker of workers) {
    idle.push(worker)
    worker.on('message', (reply: StaffingReply) => {
      const job = running.get(worker)
      running.delete(worker)
      idle.push(worker)
      if ('columns' in reply) job?.done(reply.columns)
      else job?.failed(new StaffingInputError(reply.error.type, reply.error.pointer, reply.error.detail))
      feed()
    })
    worker.on('error', fail)
  }
  return {
    threads: workers.length,
    solve: (request) =>
      new Promise((done, failed) => {
        if (failure !== null) return failed(failure)
        waiting.push({ request, done, failed })
        feed()
      }),
    close: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()))
      fail(new Error('the staffing pool is closed'))
    },
  }
}

/** From the sources the worker is TypeScript too and needs the development loader; the built tree needs nothing. */
function startWorker(): Worker {
  if (!import.meta.url.endsWith('.ts'))
    return new Worker(new URL('./staffing-pool-worker.js', import.meta.url))
  const source = JSON.stringify(new URL('./staffing-pool-worker.ts', import.meta.url).href)
  return new Worker(`import('tsx/esm/api').then((tsx) => (tsx.register(), import(${source})))`, {
    eval: true,
  })
}

function copyOf(request: StaffingRequest): { request: StaffingRequest; buffers: ArrayBuffer[] } {
  const buffers: ArrayBuffer[] = []
  const entries = Object.entries(request).map(([name, value]: [string, unknown]) => {
    if (!(value instanceof Float64Array)) return [name, value]
    const copy = value.slice()
    buffers.push(copy.buffer)
    return [name, copy]
  })
  return { request: Object.fromEntries(entries) as StaffingRequest, buffers }
}

/** `requiredAgentsErlangC` or `…A` for long columns, on all cores. Errors name the row of the whole column. */
export async function requiredAgentsInParallel(
  request: StaffingRequest,
  { threads, onProgress }: ParallelOptions = {},
): Promise<StaffingPart> {
  const { model: _, ...rest } = request
  const quantities = Object.entries(rest).filter(([name]) => name !== 'serviceLevelFormula')
  const rows = rowCountOf(Object.fromEntries(quantities) as Record<string, number | Float64Array>)
  const parts = Math.ceil(rows / ROWS_PER_PART)
  const pool = openStaffingPool(Math.min(parts, threads ?? availableParallelism()))
  const out: Record<string, Float64Array> = {}
  let nextPart = 0
  let rowsDone = 0
  const takeParts = async () => {
    while (nextPart < parts) {
      const first = nextPart++ * ROWS_PER_PART
      const last = Math.min(rows, first + ROWS_PER_PART)
      const columns = await pool.solve(partOf(request, first, last)).catch((error: unknown) => {
        throw atRow(error, first)
      })
      for (const [name, column] of Object.entries(columns)) {
        out[name] ??= new Float64Array(rows)
        out[name].set(column, first)
      }
      rowsDone += last - first
      onProgress?.(rowsDone, rows)
    }
  }
  try {
    await Promise.all(Array.from({ length: pool.threads }, takeParts))
  } finally {
    await pool.close()
  }
  return out
}

function partOf(request: StaffingRequest, first: number, last: number): StaffingRequest {
  const entries = Object.entries(request).map(([name, value]: [string, unknown]) => [
    name,
    value instanceof Float64Array ? value.subarray(first, last) : value,
  ])
  return Object.fromEntries(entries) as StaffingRequest
}

function atRow(error: unknown, first: number): unknown {
  if (!(error instanceof StaffingInputError)) return error
  const { type, pointer, detail } = error
  const shift = (text: string) =>
    text.replace(
      /(\/|^\w+\/|row )(\d+)/,
      (_all, before: string, row: string) => before + (Number(row) + first),
    )
  return new StaffingInputError(type, shift(pointer), shift(detail))
}
