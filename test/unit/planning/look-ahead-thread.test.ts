/** The thread of the look-ahead: the answers of the same work without a thread, also when lessons are left out, and after a crash. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LookAheadJob, LookAheadWork } from '../../../server/planning/look-ahead-job.ts'
import { createLookAheadThread, type LookAheadThread } from '../../../server/planning/look-ahead-thread.ts'

const PROMISE = {
  targetRatio: 0.8,
  answerThresholdSeconds: 20,
  shortAbandonSeconds: 5,
  formula: 'SL4',
} as const
const SLOTS = [0, 1, 2, 3, 4, 5, 6, 7]

function jobOf(met: number): LookAheadJob {
  const load = { contacts: 40, intervalSeconds: 1_800, ahtSeconds: 240, patienceSecondsMean: 180 }
  const played = SLOTS.map((slot) => ({ slot, load, agents: 8, met, counted: 38 }))
  return {
    queues: ['north', 'south'].map((queueId, index) => ({
      queueId,
      rest: {
        promise: PROMISE,
        patienceSecondsMean: 180,
        intervalSeconds: 1_800,
        position: 3.25,
        contactsMean: SLOTS.map((slot) => 30 + slot + 5 * index),
        rateCv: SLOTS.map(() => 0.1),
        ahtSeconds: SLOTS.map(() => 240),
        agents: SLOTS.map(() => 7),
        slots: SLOTS,
        waitingSeconds: [9],
        busyAgents: 4,
        paths: 50,
        seed: 3,
      },
      played: played.slice(0, 3),
      lessons: [0, 1, 2, 3].map((n) => ({
        key: `day ${n} ${met}`,
        weekend: false,
        promise: PROMISE,
        intervals: played,
      })),
      weekend: false,
      soFar: { met: 80, counted: 110 },
    })),
    trainings: [],
    costs: { perAgentHour: 28 },
    help: true,
  }
}

describe('thread of the look-ahead', () => {
  let thread: LookAheadThread
  beforeAll(() => {
    thread = createLookAheadThread()
  })
  afterAll(() => thread.close())

  const expectAsWithout = async (job: LookAheadJob) => {
    const { answers, milliseconds } = await thread.run(job)
    expect(answers).toEqual(new LookAheadWork().run(job))
    expect(answers.map(({ lessonDays }) => lessonDays)).toEqual([4, 4])
    expect(milliseconds).toBeGreaterThan(0)
  }

  it('answers as the work itself does, whether the lessons go with the job or went before, and when they change', async () => {
    const job = jobOf(30)
    await expectAsWithout(job)
    await expectAsWithout({ ...job })
    const [north, south] = job.queues
    const [other] = jobOf(20).queues
    if (north === undefined || south === undefined || other === undefined) throw new Error('two queues')
    await expectAsWithout({ ...job, queues: [{ ...north, lessons: other.lessons }, south] })
    await expectAsWithout({ ...job, queues: [south, north] })
  })

  it('does one at a time', async () => {
    const job = jobOf(30)
    const running = thread.run(job)
    await expect(thread.run(job)).rejects.toThrow('under way')
    expect((await running).answers).toHaveLength(2)
  })

  it('tells of a crash, and is there again for the next', async () => {
    const job = jobOf(30)
    await expectAsWithout(job)
    await expect(
      thread.run({ ...job, queues: [...job.queues, { queueId: 'bad' } as never] }),
    ).rejects.toThrow()
    await expectAsWithout(job)
    // What cannot be sent does not block those who come after.
    await expect(thread.run({ ...job, costs: { perAgentHour: (() => 1) as never } })).rejects.toThrow('clone')
    await expectAsWithout(job)
  })

  it('ends what waits when it is closed', async () => {
    const closing = createLookAheadThread()
    const running = closing.run(jobOf(30))
    const seen = expect(running).rejects.toThrow('closed')
    await closing.close()
    await seen
  })
})
