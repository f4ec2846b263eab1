/** When intervals are final, and what becomes of them afterwards. */
import { describe, expect, it } from 'vitest'
import type { LedgerEvent } from '../../../server/domain/event.ts'
import { createIntervalSettling } from '../../../server/interval-settling.ts'
import { watermarkMs } from '../../../server/state/interval-revisions.ts'
import { LiveState } from '../../../server/state/live-state.ts'
import { event, memoryRevisionStore, seeded, settings, shuffled } from './support.ts'

const T = Date.UTC(2024, 5, 3, 8) / 1000
const START_MS = T * 1000
const MINUTE_MS = 60_000
const call = (contactId: string, from: number, to: number, talk?: number) => [
  event('contact.queued', T + from, { contactId, queueId: 'q' }),
  event('contact.answered', T + from + 5, { contactId, queueId: 'q', agentId: 'ann' }),
  event('contact.ended', T + to, {
    contactId,
    agentId: 'ann',
    ...(talk === undefined ? {} : { talkSeconds: talk }),
  }),
]
const beat = (minutes: number, source = 'pbx') => event('source.heartbeat', T + minutes * 60, {}, { source })

async function settlingOf(events: readonly LedgerEvent[], store = memoryRevisionStore(), nowMinutes = 60) {
  const view = settings()
  const state = new LiveState(view)
  state.applyAll(events)
  const clock = { nowMs: START_MS + nowMinutes * MINUTE_MS }
  const settling = await createIntervalSettling({
    state,
    settings: view,
    store,
    nowMs: () => clock.nowMs,
    onError: (message) => {
      throw new Error(message)
    },
  })
  settling.tick()
  return { state, settling, store, clock }
}

describe('the watermark', () => {
  const hour = 3_600_000
  const live = (newestMs: number) => ({ newestMs, delayMs: 500 })
  it('is two minutes behind the slowest live source, a day behind one that brings records', () => {
    expect(watermarkMs([live(9 * hour), live(10 * hour)], 10 * hour)).toBe(9 * hour - 120_000)
    expect(watermarkMs([live(50 * hour), { newestMs: 49 * hour, delayMs: 7 * hour }], 50 * hour)).toBe(
      25 * hour,
    )
  })
  it('waits for nobody who has been silent for a day, and believes no clock that is ahead', () => {
    expect(watermarkMs([live(10 * hour), live(60 * hour)], 60 * hour)).toBe(60 * hour - 120_000)
    expect(watermarkMs([live(70 * hour)], 60 * hour)).toBe(60 * hour - 120_000)
    expect(watermarkMs([], 0)).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('an interval', () => {
  it('is provisional until all sources are beyond it and its contacts have ended', async () => {
    const [queued, answered, ended] = call('c', 60, 2400) as [LedgerEvent, LedgerEvent, LedgerEvent]
    const { state, settling } = await settlingOf([queued, answered, beat(31), beat(40, 'other')])
    const look = () => {
      settling.tick()
      return settling.settled('q', START_MS)
    }
    expect(look()).toEqual({ provisional: true, revision: 1 })
    state.apply(beat(33))
    // Only the contact still talks.
    expect(look()).toEqual({ provisional: true, revision: 1 })
    state.apply(ended)
    expect(look()).toEqual({ provisional: false, revision: 1 })
    expect(settling.settled('q', START_MS + 30 * MINUTE_MS)).toEqual({ provisional: true, revision: 1 })
  })

  it('has a new revision for what comes late, and none for what changes nothing', async () => {
    const { state, settling, store } = await settlingOf([...call('c', 60, 200), beat(50)])
    const revisionAfter = (...events: readonly LedgerEvent[]) => {
      state.applyAll(events)
      settling.tick()
      return settling.settled('q', START_MS)
    }
    const late = call('d', 90, 300)
    expect(revisionAfter()).toEqual({ provisional: false, revision: 1 })
    expect(revisionAfter(...late)).toEqual({ provisional: false, revision: 2 })
    expect(revisionAfter(...late)).toEqual({ provisional: false, revision: 2 })
    // The next interval gets what belongs to it, and this one stays.
    expect(revisionAfter(...call('e', 1900, 2000))).toEqual({ provisional: false, revision: 2 })
    // A contact record brings the true talk afterwards.
    const record = event('contact.ended', T + 201, { contactId: 'c', agentId: 'ann', talkSeconds: 77 })
    expect(revisionAfter(record)).toEqual({ provisional: false, revision: 3 })
    await settling.idle()
    expect(store.written()).toMatchObject([{ queueId: 'q', startMs: START_MS, revision: 3 }])
  })

  it('keeps its revision over a restart', async () => {
    const events = [...call('c', 60, 200), beat(50)]
    const first = await settlingOf(events)
    const late = call('d', 90, 300)
    first.state.applyAll(late)
    first.settling.tick()
    await first.settling.idle()
    const again = await settlingOf(shuffled([...events, ...late], seeded(4)), first.store)
    expect(again.settling.settled('q', START_MS)).toEqual({ provisional: false, revision: 2 })
    await again.settling.idle()
    expect(again.store.written()).toHaveLength(1)
  })

  it('has a new revision for what came while no server ran, and none for what stood already', async () => {
    const talking = call('long', 1810, 4000).slice(0, 2)
    const events = [...call('c', 60, 200), ...call('n', 1830, 1900), ...talking, beat(63)]
    const { settling, store } = await settlingOf(events, memoryRevisionStore(), 65)
    expect(settling.settled('q', START_MS + 30 * MINUTE_MS)).toEqual({ provisional: true, revision: 1 })
    await settling.idle()
    // The call that still went on ends, another of the first half hour is told of late.
    const ended = call('long', 1810, 4000).slice(2)
    const again = await settlingOf([...events, ...ended, ...call('d', 90, 300), beat(70)], store, 75)
    expect(again.settling.settled('q', START_MS)).toEqual({ provisional: false, revision: 2 })
    expect(again.settling.settled('q', START_MS + 30 * MINUTE_MS)).toEqual({
      provisional: false,
      revision: 1,
    })
    await again.settling.idle()
    expect(store.written()).toMatchObject([
      {
        queueId: 'q',
        startMs: START_MS,
        revision: 2,
        changes: { offered: [1, 2], answered: [1, 2], waitAnsweredMs: [5_000, 10_000], handled: [1, 2] },
      },
    ])
  })

  it('was final without a contact, too: one that is told of later makes a revision, also over a restart', async () => {
    const events = [...call('c', 60, 200), beat(59)]
    const { state, settling, store } = await settlingOf([...events, beat(130)], memoryRevisionStore(), 140)
    const at = (halfHours: number) => START_MS + halfHours * 30 * MINUTE_MS
    settling.tick()
    await settling.idle()
    state.applyAll(call('e', 1900, 2000))
    settling.tick()
    expect(settling.settled('q', at(1)).revision).toBe(2)
    await settling.idle()
    expect(store.written()).toMatchObject([
      { startMs: at(1), changes: { offered: [0, 1], waitMsMax: [null, 5_000] } },
    ])
    const late = [...call('e', 1900, 2000), ...call('f', 3700, 3800), ...call('new', 3700, 3800)]
    // Of a queue of which nothing had been told nobody saw a figure.
    const other = late.map((one) => ({
      ...one,
      data: { ...one.data, queueId: 'other' },
      id: `${one.id}-other`,
    }))
    const again = await settlingOf([...events, beat(130), ...late, ...other.slice(-3)], store, 140)
    expect(again.settling.settled('q', at(1)).revision).toBe(2)
    expect(again.settling.settled('q', at(2)).revision).toBe(2)
    expect(again.settling.settled('other', at(2)).revision).toBe(1)
  })

  it('has no revision because its day is let go', async () => {
    const { state, settling, store, clock } = await settlingOf([...call('c', 60, 200), beat(50)])
    const dayMs = 86_400_000
    for (const [days, forgetBefore] of [
      [2, START_MS - 10 * 3_600_000],
      [2, START_MS + 3_600_000],
      [4, START_MS + dayMs],
    ] as const) {
      clock.nowMs = START_MS + days * dayMs
      state.apply(event('source.heartbeat', clock.nowMs / 1000, {}))
      state.forgetBefore(forgetBefore)
      settling.tick()
      settling.forgetOld()
    }
    await settling.idle()
    expect(store.written()).toEqual([])
  })

  it('is taken as it is where another release wrote down its sums in another form', async () => {
    const events = [...call('c', 60, 200), beat(50)]
    const { settling, store } = await settlingOf(events)
    await settling.idle()
    const { settled } = await store.settledIntervals(0)
    await store.putSettled({
      revisions: [],
      settled: settled.map((one) => ({ ...one, sums: `older ${one.sums}` })),
      toldToMs: null,
    })
    const again = await settlingOf(events, store)
    expect(again.settling.settled('q', START_MS)).toEqual({ provisional: false, revision: 1 })
    again.state.applyAll(call('d', 90, 300))
    again.settling.tick()
    expect(again.settling.settled('q', START_MS)).toEqual({ provisional: false, revision: 2 })
  })

  it('is written down with thousands of others in parts, and that all was told last', async () => {
    const store = memoryRevisionStore()
    const written: { readonly rows: number; readonly toldToMs: number | null }[] = []
    const put = store.putSettled
    const watched = {
      ...store,
      async putSettled(changes: Parameters<typeof put>[0]) {
        written.push({ rows: changes.settled.length, toldToMs: changes.toldToMs })
        await put(changes)
      },
    }
    const calls = Array.from({ length: 12_000 }, (_, n) =>
      event('contact.queued', T + 60, { contactId: `c${n}`, queueId: `q${n}` }),
    )
    const { settling } = await settlingOf([...calls, beat(50)], watched)
    await settling.idle()
    expect(written.map(({ rows }) => rows)).toEqual([5_000, 5_000, 2_000])
    expect(written.map(({ toldToMs }) => toldToMs === null)).toEqual([true, true, false])
    expect((await store.settledIntervals(0)).settled).toHaveLength(12_000)
  })

  it('loses no revision while the database is away', async () => {
    const store = memoryRevisionStore()
    const put = store.putSettled
    let away = true
    const flaky = {
      ...store,
      putSettled: async (changes: Parameters<typeof put>[0]) => {
        if (away) throw new Error('away')
        await put(changes)
      },
    }
    const view = settings()
    const state = new LiveState(view)
    state.applyAll([...call('c', 60, 200), beat(50)])
    const faults: string[] = []
    const settling = await createIntervalSettling({
      state,
      settings: view,
      store: flaky,
      nowMs: () => START_MS + 60 * MINUTE_MS,
      onError: (message) => faults.push(message),
    })
    settling.tick()
    state.applyAll(call('d', 90, 300))
    settling.tick()
    await settling.idle()
    expect(faults.length).toBeGreaterThan(0)
    away = false
    settling.tick()
    await settling.idle()
    expect(store.written()).toMatchObject([{ queueId: 'q', startMs: START_MS, revision: 2 }])
  })
})
