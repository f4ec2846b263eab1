/**
 * Worker thread that holds the embedded database (PGlite: PostgreSQL in WASM). A query blocks its thread for its whole
 * length, so it must not be the thread that serves requests. One request at a time, in order of arrival.
 */
import { existsSync, renameSync, rmSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { PGlite, type Results } from '@electric-sql/pglite'
import {
  OPENING_ID,
  type PgliteFailure,
  type PgliteReply,
  type PgliteRequest,
  type PgliteResult,
  type PgliteWorkerData,
} from './pglite-protocol.ts'
import { VALUE_PARSERS } from './value-parsers.ts'

const EMPTY: PgliteResult = { columns: [], values: [], affectedRows: 0 }

/** A first start that is killed half-way leaves only the `.new` folder behind, which the next start throws away. */
async function open(databaseDir: string): Promise<PGlite> {
  if (!existsSync(databaseDir)) {
    const fresh = `${databaseDir}.new`
    rmSync(fresh, { recursive: true, force: true })
    const created = await PGlite.create(fresh)
    await created.close()
    renameSync(fresh, databaseDir)
  }
  return PGlite.create(databaseDir, { parsers: { ...VALUE_PARSERS } })
}

function flatten(result: Results<unknown[]> | undefined): PgliteResult {
  if (result === undefined) return EMPTY
  return {
    columns: result.fields.map((field) => field.name),
    values: result.rows.length === 1 ? (result.rows[0] ?? []) : result.rows.flat(),
    affectedRows: result.affectedRows ?? 0,
  }
}

async function run(database: PGlite, sql: string, parameters: readonly unknown[]): Promise<PgliteResult> {
  const options = { rowMode: 'array', parsers: { ...VALUE_PARSERS } } as const
  // Without parameters the text may hold several statements (a migration, begin, commit); the last one answers.
  if (parameters.length === 0) {
    const results = await database.exec(sql, options)
    return flatten(results.at(-1) as Results<unknown[]> | undefined)
  }
  return flatten(await database.query<unknown[]>(sql, [...parameters], options))
}

function toFailure(error: unknown): PgliteFailure {
  if (!(error instanceof Error)) return { message: String(error) }
  const { code, constraint, detail } = error as Error &
    Partial<Record<'code' | 'constraint' | 'detail', unknown>>
  return {
    message: error.message,
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof constraint === 'string' ? { constraint } : {}),
    ...(typeof detail === 'string' ? { detail } : {}),
  }
}

async function serve(): Promise<void> {
  const port = parentPort
  if (port === null) throw new Error('pglite-worker.ts runs in a worker thread only')
  const reply = (message: PgliteReply): void => port.postMessage(message)
  const { databaseDir } = workerData as PgliteWorkerData
  // Compiling WASM does not keep a thread alive, a listener does.
  const keepAlive = (): void => undefined
  port.on('message', keepAlive)
  const database = await open(databaseDir)

  const answer = async (request: PgliteRequest): Promise<void> => {
    try {
      if (request.kind === 'close') await database.close()
      const result = request.kind === 'close' ? EMPTY : await run(database, request.sql, request.parameters)
      reply({ id: request.id, result })
    } catch (error) {
      reply({ id: request.id, failure: toFailure(error) })
    }
    // The thread ends when nothing listens any more.
    if (request.kind === 'close') port.close()
  }
  let last: Promise<void> = Promise.resolve()
  port.on('message', (request: PgliteRequest) => {
    last = last.then(() => answer(request))
  })
  port.off('message', keepAlive)
  reply({ id: OPENING_ID, result: EMPTY })
}

serve().catch((error: unknown) => {
  parentPort?.postMessage({ id: OPENING_ID, failure: toFailure(error) } satisfies PgliteReply)
  parentPort?.close()
})
