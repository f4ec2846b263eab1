/** One thread of the staffing pool: solves the columns that it is sent, and sends its answers back without copying. */
import { parentPort } from 'node:worker_threads'
import { requiredAgentsErlangA } from '../engine/staffing/batch-erlang-a.ts'
import { requiredAgentsErlangC } from '../engine/staffing/batch-erlang-c.ts'
import { StaffingInputError } from '../engine/staffing/columns.ts'
import type { StaffingPart, StaffingReply, StaffingRequest } from './staffing-pool.ts'

function reply(request: StaffingRequest): StaffingReply {
  try {
    const { model, ...input } = request
    const columns =
      model === 'erlang-c'
        ? requiredAgentsErlangC(input)
        : requiredAgentsErlangA(input as Parameters<typeof requiredAgentsErlangA>[0])
    return { columns: { ...columns } satisfies StaffingPart }
  } catch (error) {
    // Anything else ends the thread, and the pool with it.
    if (!(error instanceof StaffingInputError)) throw error
    return { error: { type: error.type, pointer: error.pointer, detail: error.detail } }
  }
}

parentPort?.on('message', (request: StaffingRequest) => {
  const answer = reply(request)
  const columns = 'columns' in answer ? Object.values(answer.columns) : []
  parentPort?.postMessage(
    answer,
    columns.map((column) => column.buffer as ArrayBuffer),
  )
})
