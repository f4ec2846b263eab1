/** Schedules and revisions of intervals, on each database. */
import { expect, it } from 'vitest'
import { createCloseCursor } from '../../server/db/close-cursor.ts'
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
      {
        queueId: 'q',
        startMs: START_MS,
        revision,
        revisedAtMs: START_MS + revision,
        changes:
          revision === 2
            ? null
            : { offered: [revision - 1, revision] as const, waitMsMax: [null, 9] as const },
      },
    ]
    for (const revision of [2, 4, 3])
      await store.putSettled({ revisions: of(revision), settled: [], toldToMs: null })
    expect(await store.revisions(START_MS, START_MS + 1)).toMatchObject([
      { queueId: 'q', startMs: START_MS, revision: 4 },
    ])
    // Told again, each stays as it was.
    await store.putSettled({ revisions: [...of(2), ...of(3)], settled: [], toldToMs: null })
    expect(await store.revisionHistory('q', START_MS, START_MS + 1)).toEqual([2, 3, 4].flatMap(of))
    expect(await store.revisionHistory('other', START_MS, START_MS + 1)).toEqual([])
    expect(await store.revisions(START_MS + 1, Number.MAX_SAFE_INTEGER / 2)).toEqual([])
  })

  it('remembers how far late events were looked at, and never goes back', async () => {
    const cursor = createCloseCursor(await open())
    expect(await cursor.read()).toBeNull()
    for (const seq of [5, 9_007_199_254_740_000, 7]) await cursor.advance(seq)
    expect(await cursor.read()).toBe(9_007_199_254_740_000)
  })

  it('keeps what was settled as it was last seen, until its days are over', async () => {
    const store = createFigureStore(await open())
    const one = (queueId: string, startMs: number, sums: string | null) => ({
      queueId,
      startMs,
      endMs: startMs + 1_800_000,
      sums,
    })
    const put = (settled: ReturnType<typeof one>[], toldToMs: number | null) =>
      store.putSettled({ revisions: [], settled, toldToMs })
    expect(await store.settledIntervals(0)).toEqual({ settled: [], toldToMs: null })
    await put([one('q', START_MS, null), one('a "b"', START_MS, 'x.1'), one('q', START_MS, 'x.2')], START_MS)
    await put([one('q', START_MS + 1_800_000, null), one('a "b"', START_MS, 'x.3')], START_MS - 1)
    await put([], null)
    expect(await store.settledIntervals(START_MS)).toEqual({
      settled: [
        one('a "b"', START_MS, 'x.3'),
        one('q', START_MS, 'x.2'),
        one('q', START_MS + 1_800_000, null),
      ],
      toldToMs: START_MS,
    })
    await store.forgetSettled(START_MS + 1)
    expect(await store.settledIntervals(0)).toMatchObject({ settled: [{ startMs: START_MS + 1_800_000 }] })
  })
})
