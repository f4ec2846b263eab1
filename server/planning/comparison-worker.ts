/** A thread that compares methods: one history in, the evaluation out. The numbers are the engine's. */
import { parentPort } from 'node:worker_threads'
import { type Evaluation, type EvaluationInput, evaluateMethods } from '../engine/forecast/evaluate.ts'

export interface ComparisonRequest {
  readonly id: number
  readonly input: EvaluationInput
}
export type ComparisonReply =
  | { readonly id: number; readonly evaluation: Evaluation }
  | { readonly id: number; readonly fault: string }

const port = parentPort
if (port === null) throw new Error('comparison-worker.ts runs as a worker thread')
port.on('message', ({ id, input }: ComparisonRequest) => {
  try {
    port.postMessage({ id, evaluation: evaluateMethods(input) } satisfies ComparisonReply)
  } catch (error) {
    const fault = error instanceof Error ? error.message : String(error)
    port.postMessage({ id, fault } satisfies ComparisonReply)
  }
})
