/** Late events of closed days, and servers that are killed at any moment: no day is left as it was closed before them. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { LedgerEvent } from '../../server/domain/event.ts'
import { LateCloses } from '../../server/late-closes.ts'
import { TouchedDays } from '../../server/touched-days.ts'
import { event, settings } from './state/support.ts'

const NOW_MS = Date.UTC(2024, 5, 10, 12)
const DAY_MS = 86_400_000
const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10)

/** What outlives a server: the ledger, the cursor, and what each day had when it was closed last. */
function disk() {
  const events: LedgerEvent[] = []
  const closed = new Map<string, number>()
  let cursor: number | null = null
  const countOf = (day: string) => events.filter((one) => dayOf(one.occurredAtMs) === day).length
  const server = (closeAgain?: (days: readonly string[]) => Promise<void>) =>
    new LateCloses({
      ledger: {
        lastIngestSeq: async () => events.length,
        readAfter: async (seq, limit) => events.slice(seq, seq + Math.min(limit, 3)),
        keptFromMs: async () => null,
      },
      cursor: {
        read: async () => cursor,
        async advance(seq) {
          cursor = Math.max(cursor ?? 0, seq)
        },
      },
      touched: new TouchedDays(settings(), { nowMs: () => NOW_MS, speed: 1 }),
      closeAgain:
        closeAgain ??
        (async (days) => {
          for (const day of days) closed.set(day, countOf(day))
        }),
    })
  return { events, closed, countOf, server }
}

it('closes again every day that late events touched, whenever the server was killed', async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('accept' as const), daysAgo: fc.integer({ min: 0, max: 4 }) }),
    fc.record({ kind: fc.constant('run' as const) }),
    fc.record({ kind: fc.constant('kill' as const) }),
    fc.record({ kind: fc.constant('killBeforeNoting' as const), daysAgo: fc.integer({ min: 1, max: 4 }) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { events, closed, countOf, server } = disk()
      const start = async () => {
        const started = server()
        await started.catchUp()
        return started
      }
      let running = await start()
      const commit = (daysAgo: number) => {
        const atMs = NOW_MS - daysAgo * DAY_MS
        const one = event('contact.queued', atMs / 1000, { contactId: `c${events.length}`, queueId: 'q' })
        events.push({ ...one, ingestSeq: events.length + 1 })
        return events.slice(-1)
      }
      for (const { kind, ...more } of steps) {
        if (kind === 'run') await running.run()
        else if (kind === 'accept' && 'daysAgo' in more) running.note(commit(more.daysAgo))
        else {
          if ('daysAgo' in more) commit(more.daysAgo)
          running = await start()
        }
      }
      await running.run()
      const today = dayOf(NOW_MS)
      for (const day of new Set(events.map(({ occurredAtMs }) => dayOf(occurredAtMs))))
        expect(closed.get(day)).toBe(day === today ? undefined : countOf(day))
    }),
    { numRuns: 300, seed: 9 },
  )
})

it('looks at nothing twice once it is closed, and keeps days that could not be closed', async () => {
  const { events, server } = disk()
  const asked: (readonly string[])[] = []
  let away = true
  const running = server(async (days) => {
    asked.push(days)
    if (away && days.length > 0) throw new Error('away')
  })
  await running.catchUp()
  const late = event('contact.queued', NOW_MS / 1000 - 86_400, { contactId: 'c', queueId: 'q' })
  events.push({ ...late, ingestSeq: 1 })
  running.note(events)
  await expect(running.run()).rejects.toThrow('away')
  away = false
  for (let n = 0; n < 3; n += 1) await running.run()
  expect(asked).toEqual([['2024-06-09'], ['2024-06-09'], [], []])
  const next = server(async (days) => void asked.push(days))
  await next.catchUp()
  await next.run()
  expect(asked.at(-1)).toEqual([])
})
