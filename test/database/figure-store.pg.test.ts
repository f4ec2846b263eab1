/** Schedules and revisions of intervals, on each database. */
import { expect, it } from 'vitest'
import { createFigureStore } from '../../server/db/figure-store.ts'
import { describeOnEachDatabase } from '../support/databases.ts'

const START_MS = Date.UTC(2026, 2, 2, 10)

describeOnEachDatabase('figures', (open) => {
  it('keeps every schedule of a day as a version and gives the newest', async () => {
    const store = createFigureStore(await open())
    const segment = { agentId: 'ann', activity: 'on-queue', startMs: START_MS, endMs: START_MS + 3_600_000 }
    const put = (segments: readonly (typeof segment)[]) =>
      store.addSchedule({ day: '2026-03-02', author: 'Ada', createdAtMs: START_MS, segments })
    expect(await store.newestSchedule('2026-03-02')).toBeUndefined()
    expect((await put([segment])).version).toBe(1)
    const both = await Promise.all([put([]), put([segment, { ...segment, agentId: 'bob' }])])
    expect(both.map(({ version }) => version).sort()).toEqual([2, 3])
    expect(await store.newestSchedule('2026-03-02')).toMatchObject({
      version: 3,
      author: 'Ada',
      createdAtMs: START_MS,
    })
  })

  it('keeps the highest revision of an interval', async () => {
    const store = createFigureStore(await open())
    const of = (revision: number) => [
      { queueId: 'q', startMs: START_MS, revision, revisedAtMs: START_MS + revision },
    ]
    await store.putRevisions(of(2))
    await store.putRevisions(of(4))
    await store.putRevisions(of(3))
    expect(await store.revisions(START_MS, START_MS + 1)).toMatchObject([
      { queueId: 'q', startMs: START_MS, revision: 4 },
    ])
    expect(await store.revisions(START_MS + 1, Number.MAX_SAFE_INTEGER / 2)).toEqual([])
  })
})
