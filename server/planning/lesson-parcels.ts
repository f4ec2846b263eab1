/**
 * The lessons of closed days on their way to the thread of the look-ahead: they are by far the most of a job, and they stay the
 * same all day. So they go once, and again when they have changed or the thread is a new one.
 */
import type { LessonDay, LookAheadJob } from './look-ahead-job.ts'

export interface LookAheadParcel {
  /** Queues whose lessons are here already have none in it. */
  readonly job: LookAheadJob
  readonly asBefore: readonly string[]
}

type Lessons = ReadonlyMap<string, readonly LessonDay[]>

export interface LessonSender {
  pack(job: LookAheadJob): LookAheadParcel
  /** The other side has forgotten everything. */
  forget(): void
}

export function createLessonSender(): LessonSender {
  let sent: Lessons = new Map()
  return {
    pack(job) {
      const asBefore = job.queues
        .filter(({ queueId, lessons }) => sent.get(queueId) === lessons)
        .map(({ queueId }) => queueId)
      sent = new Map(job.queues.map(({ queueId, lessons }) => [queueId, lessons]))
      const known = new Set(asBefore)
      const queues = job.queues.map((queue) => (known.has(queue.queueId) ? { ...queue, lessons: [] } : queue))
      return { job: { ...job, queues }, asBefore }
    },
    forget() {
      sent = new Map()
    },
  }
}

/** The same arrays again for what is as before: whatever was learned from them is found by them. */
export function createLessonReceiver(): (parcel: LookAheadParcel) => LookAheadJob {
  let kept: Lessons = new Map()
  return ({ job, asBefore }) => {
    const known = new Set(asBefore)
    const queues = job.queues.map((queue) =>
      known.has(queue.queueId) ? { ...queue, lessons: kept.get(queue.queueId) ?? [] } : queue,
    )
    kept = new Map(queues.map(({ queueId, lessons }) => [queueId, lessons]))
    return { ...job, queues }
  }
}
