/** Lists have an end: no answer of the API is longer than a program can hold, and one that was cut says by how much. */
import type { FastifyInstance, FastifyReply } from 'fastify'

/** More queues, agents, versions or notes than this are asked for one by one or in shorter spans. */
export const LIST_ROWS_MAX = 20_000
/** How many rows were left off at the end of the list; absent where it is whole. */
export const LEFT_OFF_HEADER = 'vigie-left-off'

/** For every route below that answers with a list, whatever it is a list of. */
export function boundLists(app: FastifyInstance): void {
  app.addHook('preSerialization', async (_request, reply, payload) =>
    Array.isArray(payload) ? firstRows(reply, payload, LIST_ROWS_MAX) : payload,
  )
}

function firstRows(reply: FastifyReply, rows: readonly unknown[], rowsMax: number): readonly unknown[] {
  if (rows.length <= rowsMax) return rows
  sayLeftOff(reply, rows.length - rowsMax)
  return rows.slice(0, rowsMax)
}

export function sayLeftOff(reply: FastifyReply, leftOff: number): void {
  if (leftOff > 0) reply.header(LEFT_OFF_HEADER, String(leftOff))
}
