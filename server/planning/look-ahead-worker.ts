/** The thread of the look-ahead: one job after the other, the paths sent back without copying. */
import { parentPort } from 'node:worker_threads'
import { createLessonReceiver, type LookAheadParcel } from './lesson-parcels.ts'
import { LookAheadWork } from './look-ahead-job.ts'
import type { LookAheadReply } from './look-ahead-thread.ts'

const work = new LookAheadWork()
const unpack = createLessonReceiver()

parentPort?.on('message', (parcel: LookAheadParcel) => {
  const startedMs = performance.now()
  const answers = work.run(unpack(parcel))
  const reply: LookAheadReply = { answers, milliseconds: performance.now() - startedMs }
  parentPort?.postMessage(
    reply,
    answers.flatMap(({ paths }) => [paths.met.buffer as ArrayBuffer, paths.counted.buffer as ArrayBuffer]),
  )
})
