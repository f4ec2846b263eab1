/** Callers to ring back, against a count by brute force; who may see numbers, how many, and what becomes of two who are at it at once. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LedgerEvent } from '../../../server/domain/event.ts'
import type { Viewer } from '../../../server/domain/role.ts'
import type { CallerTrace } from '../../../server/ledger/ledger.ts'
import { RingBackBook, type RingBackCall } from '../../../server/ring-back/ring-back-book.ts'
import type {
  NumberRight,
  NumberView,
  RingBackStore,
  RingBackVersion,
} from '../../../server/ring-back/ring-back-store.ts'
import { CALLERS_MAX, NUMBER_VIEWS_MAX, NUMBERS_PER_HOUR_MAX } from '../../../server/wire/ring-back.ts'

const START_MS = Date.UTC(2026, 2, 2, 8)
const HOUR_MS = 3_600_000
const person = (role: 'administrator' | 'director' | 'supervisor' | 'client', userId = role) =>
  ({
    kind: 'user',
    userId,
    name: `${userId} name`,
    role,
    clientId: role === 'client' ? 'acme' : null,
  }) as const

/** One call of one queue; the caller is a number of few digits. */
interface Call {
  readonly contactId: string
  readonly atMs: number
  readonly outcome: 'abandoned' | 'answered' | 'left'
  readonly waitSeconds: number
  /** Null: the source told no number. */
  readonly caller: number | null
}

function memoryStore(): RingBackStore & { readonly shown: NumberView[] } {
  const marks: RingBackVersion[] = []
  const rights: NumberRight[] = []
  const shown: NumberView[] = []
  const newest = (contactId: string) =>
    marks.filter((mark) => mark.contactId === contactId).sort((a, b) => b.version - a.version)[0]
  return {
    shown,
    async addRingBack(mark) {
      if (mark.version !== (newest(mark.contactId)?.version ?? 0) + 1) return false
      marks.push(mark)
      return true
    },
    ringBacks: async (contactIds) => contactIds.flatMap((id) => newest(id) ?? []),
    async addNumberRight(right) {
      rights.unshift(right)
    },
    numberRights: async () => [
      ...new Map([...rights].reverse().map((right) => [right.userId, right])).values(),
    ],
    async addNumberView(view, sinceMs, numbersMax) {
      // As a database does: what is looked at may be old by the time it is written.
      const before = shown
        .filter(({ userId, viewedAtMs }) => userId === view.userId && viewedAtMs > sinceMs)
        .reduce((sum, { numbers }) => sum + numbers, 0)
      await Promise.resolve()
      if (before + view.numbers > numbersMax) return false
      shown.unshift(view)
      return true
    },
    numberViews: async (limit) => shown.slice(0, limit),
  }
}

function bookOf(calls: readonly Call[], clock = { nowMs: START_MS + 8 * HOUR_MS }) {
  const store = memoryStore()
  const told: [string, number][] = []
  const numberOf = (caller: number) => `+331000${caller}`
  const book = new RingBackBook({
    store,
    async calls({ fromMs, toMs }) {
      return calls
        .filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
        .sort((a, b) => a.atMs - b.atMs)
        .map(
          ({ contactId, atMs, outcome, waitSeconds }): RingBackCall => ({
            contactId,
            arrivedAtMs: atMs,
            outcome,
            waitSeconds,
          }),
        )
    },
    async callers(contactIds) {
      const traces = new Map<string, CallerTrace>()
      for (const { contactId, caller } of calls)
        if (caller !== null && contactIds.includes(contactId))
          traces.set(contactId, {
            callerNumber: numberOf(caller),
            hash: `hash of ${caller}`,
            lastDigits: numberOf(caller).slice(-2),
          })
      return traces
    },
    async contactEvents(contactId) {
      const call = calls.find((one) => one.contactId === contactId)
      if (call === undefined) return []
      const { caller, outcome } = call
      const callerNumber = caller === null ? {} : { callerNumber: numberOf(caller) }
      return [
        { type: 'cc.contact.queued.v1', data: { contactId, queueId: 'q', ...callerNumber } },
        { type: `cc.contact.${outcome === 'left' ? 'left-queue' : outcome}.v1`, data: { contactId } },
      ] as unknown as LedgerEvent[]
    },
    callerDaysKept: () => 7,
    nowMs: () => clock.nowMs,
    realNowMs: () => clock.nowMs,
    onShown: (name, count) => told.push([name, count]),
  })
  const list = (hours = 8, viewer: Viewer = person('supervisor')) =>
    book.list({ queueId: 'q', fromMs: START_MS, toMs: START_MS + hours * HOUR_MS }, viewer)
  return { book, store, told, clock, list, numberOf }
}

const anyCalls = fc
  .array(
    fc.record({
      minute: fc.integer({ min: 0, max: 600 }),
      outcome: fc.constantFrom('abandoned', 'abandoned', 'answered', 'left'),
      waitSeconds: fc.integer({ min: 0, max: 300 }),
      caller: fc.option(fc.integer({ min: 10, max: 16 })),
    }),
    { maxLength: 40 },
  )
  .map((drawn) =>
    drawn.map(
      ({ minute, ...call }, n): Call => ({
        ...call,
        contactId: `c${n}`,
        atMs: START_MS + minute * 60_000 + n,
      }),
    ),
  )

describe('the list', () => {
  it('has who gave up, how often, and who got through since: as counted one by one', async () => {
    await fc.assert(
      fc.asyncProperty(anyCalls, fc.integer({ min: 1, max: 10 }), async (calls, hours) => {
        const { list } = bookOf(calls, { nowMs: START_MS + 10 * HOUR_MS + 1 })
        const { callers, leftOff } = await list(hours)
        const within = calls.filter(
          ({ atMs, outcome }) => outcome === 'abandoned' && atMs < START_MS + hours * HOUR_MS,
        )
        expect(leftOff).toBe(0)
        expect(callers.map(({ contactId }) => contactId).sort()).toEqual(
          within.map(({ contactId }) => contactId).sort(),
        )
        for (const found of callers) {
          const call = within.find(({ contactId }) => contactId === found.contactId)
          if (call === undefined) throw new Error(found.contactId)
          const gaveUpAtMs = call.atMs + call.waitSeconds * 1000
          expect(found.abandonedAtMs).toBe(gaveUpAtMs)
          const same = calls.filter(({ caller }) => caller !== null && caller === call.caller)
          expect(found.abandonedCount).toBe(
            call.caller === null ? 1 : within.filter((one) => same.includes(one)).length,
          )
          const through = same
            .filter(({ outcome, atMs }) => outcome === 'answered' && atMs >= gaveUpAtMs)
            .map(({ atMs }) => atMs)
          expect(found.answeredSinceMs).toBe(through.length === 0 ? null : Math.min(...through))
          expect(found.number).toBe(call.caller === null ? 'untold' : 'kept')
          expect(found.maskedNumber).toBe(call.caller === null ? null : `••••••••${call.caller}`)
        }
      }),
      { numRuns: 150, seed: 5 },
    )
  })

  it('ends at its bound and says how many more there are', async () => {
    const calls = Array.from(
      { length: CALLERS_MAX + 3 },
      (_, n): Call => ({
        contactId: `c${n}`,
        atMs: START_MS + n,
        outcome: 'abandoned',
        waitSeconds: 1,
        caller: null,
      }),
    )
    const { callers, leftOff } = await bookOf(calls).list()
    expect([callers.length, callers[0]?.contactId, leftOff]).toEqual([CALLERS_MAX, 'c0', 3])
  })
})

describe('a mark', () => {
  const again = (contactId: string, minute: number, caller = 10): Call => ({
    contactId,
    atMs: START_MS + minute * 60_000,
    outcome: 'abandoned',
    waitSeconds: 30,
    caller,
  })

  it('covers what the caller had given up before it, and nothing later', async () => {
    const { book, clock, list } = bookOf([again('a', 0), again('b', 10), again('c', 200), again('d', 5, 11)])
    clock.nowMs = START_MS + HOUR_MS
    expect(await book.mark('b', { version: 0, rung: true }, 'Ann')).toMatchObject({ version: 1, by: 'Ann' })
    clock.nowMs = START_MS + 8 * HOUR_MS
    const marks = (await list()).callers.map(({ contactId, ringBack }) => [
      contactId,
      ringBack?.version ?? null,
    ])
    // Version 0: the mark is that of another contact of the caller.
    expect(marks).toEqual([
      ['a', 0],
      ['d', null],
      ['b', 1],
      ['c', null],
    ])
  })

  it('is the first one\u2019s where two are at it, can be taken back, and is of abandoned contacts only', async () => {
    const answered: Call = { ...again('x', 1, 12), outcome: 'answered' }
    const { book, list } = bookOf([again('a', 0), answered])
    const both = await Promise.all(['Ann', 'Bob'].map((by) => book.mark('a', { version: 0, rung: true }, by)))
    expect(both.filter((one) => one === 'conflict')).toHaveLength(1)
    expect(await book.mark('a', { version: 1, rung: false }, 'Eve')).toMatchObject({
      version: 2,
      rung: false,
    })
    expect((await list()).callers[0]?.ringBack).toBeNull()
    for (const contactId of ['x', 'nobody'])
      expect(await book.mark(contactId, { version: 0, rung: true }, 'Ann')).toBe('unknown')
  })
})

describe('whole numbers', () => {
  const abandoned = (count: number): Call[] =>
    Array.from({ length: count }, (_, n) => ({
      contactId: `c${n}`,
      atMs: START_MS + n,
      outcome: 'abandoned',
      waitSeconds: 1,
      caller: 10 + (n % 80),
    }))

  it('are for administration, and for supervisors who were given the right', async () => {
    const { book } = bookOf([])
    const may = (viewer: Viewer) => book.mayReadNumbers(viewer)
    expect(
      await Promise.all(
        (['administrator', 'director', 'supervisor', 'client'] as const).map((role) => may(person(role))),
      ),
    ).toEqual([true, true, false, false])
    for (const role of ['supervisor', 'client'] as const) await book.allow(role, true, 'Ada')
    // Nobody can give it to a client, nor to a program or a screen.
    expect(await Promise.all([may(person('supervisor')), may(person('client'))])).toEqual([true, false])
    expect(await may({ kind: 'token', tokenId: 'supervisor', name: 't', role: 'read' })).toBe(false)
    expect(
      await may({ kind: 'board', linkId: 'l', boardId: 'supervisor', name: 'screen', role: 'board' }),
    ).toBe(false)
    await book.allow('supervisor', false, 'Ada')
    expect(await may(person('supervisor'))).toBe(false)
    expect((await book.rights()).userIds).toEqual(['client'])
  })

  it('are of contacts that were abandoned, once each, and each showing is recorded before it is shown', async () => {
    const [call] = abandoned(1)
    if (call === undefined) throw new Error('one')
    const silent: Call = { ...call, contactId: 'silent', caller: null }
    const answered: Call = { ...call, contactId: 'x', outcome: 'answered' }
    const { book, store, told, numberOf } = bookOf([call, silent, answered])
    const asked = await book.numbers(['c0', 'c0', 'silent', 'x', 'nobody'], person('director'))
    expect(asked?.numbers).toEqual([
      { contactId: 'c0', callerNumber: numberOf(10) },
      { contactId: 'silent', callerNumber: null },
      { contactId: 'x', callerNumber: null },
      { contactId: 'nobody', callerNumber: null },
    ])
    expect(told).toEqual([['director name', 1]])
    expect(store.shown).toMatchObject([{ userId: 'director', numbers: 1 }])
    expect(JSON.stringify(store.shown)).not.toContain(numberOf(10))
    // What shows nothing is no showing.
    await book.numbers(['silent', 'x'], person('director'))
    expect(store.shown).toHaveLength(1)
  })

  it('stay within the bound of an hour for each person, however many ask at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 100 }), { maxLength: 12 }), async (sizes) => {
        const { book, store, clock, told } = bookOf(abandoned(100))
        const ids = (size: number) => Array.from({ length: size }, (_, n) => `c${n}`)
        const shown = await Promise.all(sizes.map((size) => book.numbers(ids(size), person('supervisor'))))
        const count = shown.reduce((sum, one) => sum + (one?.numbers.length ?? 0), 0)
        expect(count).toBeLessThanOrEqual(NUMBERS_PER_HOUR_MAX)
        expect(store.shown.reduce((sum, { numbers }) => sum + numbers, 0)).toBe(count)
        expect(told.reduce((sum, [, numbers]) => sum + numbers, 0)).toBe(count)
        // Refused was only what would have gone beyond it, in whatever order they came.
        for (const [index, one] of shown.entries())
          if (one === undefined) expect(count + (sizes[index] ?? 0)).toBeGreaterThan(NUMBERS_PER_HOUR_MAX)
        clock.nowMs += HOUR_MS + 1
        expect(await book.numbers(ids(100), person('supervisor'))).toBeDefined()
      }),
      { numRuns: 60, seed: 6 },
    )
  })

  it('lists the newest showings and says when there are older ones', async () => {
    const { book, clock } = bookOf(abandoned(1))
    for (let n = 0; n <= NUMBER_VIEWS_MAX; n += 1) {
      expect(await book.rights()).toMatchObject({ hasOlderViews: false, views: { length: n } })
      clock.nowMs += 60_000
      await book.numbers(['c0'], person('director'))
    }
    const { views, hasOlderViews } = await book.rights()
    expect([views.length, hasOlderViews, views[0]?.atMs]).toEqual([NUMBER_VIEWS_MAX, true, clock.nowMs])
  })
})
