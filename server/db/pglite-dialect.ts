/** Kysely dialect over the embedded database. It has one session: a connection is held by one caller at a time, in turn. */
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely'
import type { PgliteClient } from './pglite-client.ts'
import type { PgliteResult } from './pglite-protocol.ts'

export function pgliteDialect(client: PgliteClient): Dialect {
  return {
    createDriver: () => pgliteDriver(client),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createAdapter: () => new PostgresAdapter(),
    createIntrospector: (db) => new PostgresIntrospector(db),
  }
}

function pgliteDriver(client: PgliteClient): Driver {
  let lastTurn: Promise<void> = Promise.resolve()
  let endTurn: () => void = () => undefined
  const connection: DatabaseConnection = {
    async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
      const result = await client.query(query.sql, query.parameters)
      return { rows: toRows(result) as R[], numAffectedRows: BigInt(result.affectedRows) }
    },
    streamQuery() {
      throw new Error('Pages are read by key, never by cursor: a cursor would hold the only session')
    },
  }
  const say = async (sql: string): Promise<void> => {
    await connection.executeQuery(CompiledQuery.raw(sql))
  }
  return {
    async init() {},
    async acquireConnection() {
      const turn = lastTurn
      let end: () => void = () => undefined
      lastTurn = new Promise((resolve) => {
        end = resolve
      })
      await turn
      endTurn = end
      return connection
    },
    beginTransaction: () => say('begin'),
    commitTransaction: () => say('commit'),
    rollbackTransaction: () => say('rollback'),
    async releaseConnection() {
      endTurn()
    },
    destroy: () => client.close(),
  }
}

function toRows({ columns, values }: PgliteResult): Record<string, unknown>[] {
  const width = columns.length
  const rows: Record<string, unknown>[] = []
  for (let at = 0; at < values.length && width > 0; at += width) {
    const row: Record<string, unknown> = {}
    for (let column = 0; column < width; column++) row[columns[column] ?? ''] = values[at + column]
    rows.push(row)
  }
  return rows
}
