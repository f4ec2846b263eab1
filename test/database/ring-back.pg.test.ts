/** Marks of ring-backs, rights and shown numbers on both databases: one of two is faster, and the bound of an hour holds. */
import { expect, it } from 'vitest'
import { createRingBackStore } from '../../server/db/ring-back-store.ts'
import { describeOnEachDatabase } from '../support/databases.ts'

const NOW_MS = Date.UTC(2026, 2, 2, 10)
const HOUR_MS = 3_600_000

describeOnEachDatabase('ring-backs', (open) => {
  const mark = (contactId: string, version: number, rung = true, changedBy = 'Ann') => ({
    contactId,
    version,
    changedAtMs: NOW_MS + version,
    changedBy,
    rung,
  })

  it('of two who take the same caller one is faster; the newest version is told', async () => {
    const store = createRingBackStore(await open())
    const taken = await Promise.all(['Ann', 'Bob'].map((by) => store.addRingBack(mark('c1', 1, true, by))))
    expect(taken.filter((stored) => stored)).toHaveLength(1)
    expect(await store.addRingBack(mark('c1', 3))).toBe(false)
    expect(await store.addRingBack(mark('c1', 2, false, 'Eve'))).toBe(true)
    expect(await store.ringBacks(['c1', 'c2', "c'3"])).toEqual([mark('c1', 2, false, 'Eve')])
    expect(await store.ringBacks([])).toEqual([])
  })

  it('tells the newest right of each account', async () => {
    const store = createRingBackStore(await open())
    const right = (userId: string, allowed: boolean) => ({
      userId,
      allowed,
      changedAtMs: NOW_MS,
      changedBy: 'Ann',
    })
    for (const one of [right('u1', true), right('u2', true), right('u1', false)])
      await store.addNumberRight(one)
    expect(await store.numberRights()).toEqual([right('u1', false), right('u2', true)])
  })

  it('shows no more numbers to one person within an hour than the bound, also when asked at once', async () => {
    const store = createRingBackStore(await open())
    const view = (userId: string, viewedAtMs: number, numbers = 40) => ({
      viewedAtMs,
      userId,
      userName: userId.toUpperCase(),
      numbers,
    })
    const add = (one: ReturnType<typeof view>) => store.addNumberView(one, one.viewedAtMs - HOUR_MS, 100)
    const stored = await Promise.all([1, 2, 3, 4].map((n) => add(view('u1', NOW_MS + n))))
    expect(stored.filter((isShown) => isShown)).toHaveLength(2)
    expect(await add(view('u2', NOW_MS + 5))).toBe(true)
    expect(await add(view('u1', NOW_MS + 5, 20))).toBe(true)
    expect(await add(view('u1', NOW_MS + 6, 1))).toBe(false)
    expect(await add(view('u1', NOW_MS + HOUR_MS + 10, 100))).toBe(true)
    expect(await store.numberViews(2)).toEqual([
      view('u1', NOW_MS + HOUR_MS + 10, 100),
      view('u1', NOW_MS + 5, 20),
    ])
  })
})
