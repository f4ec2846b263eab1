import { describe, expect, it } from 'vitest'
import type { IntervalTotal } from '../../../server/ledger/ledger.ts'
import { LEDGER_TOTALS_SOURCE, readHistory } from '../../../server/planning/history.ts'

const total = (iso: string, contacts: number, source = 'file', intervalMinutes = 15): IntervalTotal => ({
  queueId: 'q',
  source,
  startMs: Date.parse(iso),
  intervalMinutes,
  contacts,
  handled: contacts,
  handleSeconds: contacts * 200,
})
const reader = (totals: readonly IntervalTotal[]) => ({
  intervalTotals: async (_: string, fromMs: number, toMs: number) =>
    totals.filter(({ startMs }) => startMs >= fromMs && startMs < toMs),
})

describe('history of a queue', () => {
  it('sums finer rows into the slot and leaves unknown slots empty', async () => {
    const history = await readHistory(
      reader([total('2026-03-02T08:00:00Z', 3), total('2026-03-02T08:15:00Z', 4)]),
      'q',
      'UTC',
      30,
      '2026-03-04',
    )
    expect(history?.firstDay).toBe('2026-03-02')
    expect(history?.dayCount).toBe(2)
    expect(history?.contacts[16]).toBe(7)
    expect(history?.handleSeconds[16]).toBe(1400)
    expect(history?.contacts[17]).toBeNaN()
  })

  it('prefers the ledger to imported totals of the same day, and keeps the import for other days', async () => {
    const history = await readHistory(
      reader([
        total('2026-03-02T08:00:00Z', 30),
        total('2026-03-03T08:00:00Z', 30),
        total('2026-03-03T08:00:00Z', 5, LEDGER_TOTALS_SOURCE),
      ]),
      'q',
      'UTC',
      15,
      '2026-03-04',
    )
    expect(history?.contacts[32]).toBe(30)
    expect(history?.contacts[96 + 32]).toBe(5)
  })

  it('adds a repeated hour under one label and reads wall-clock days of the zone', async () => {
    const history = await readHistory(
      reader([total('2026-10-25T00:30:00Z', 2), total('2026-10-25T01:30:00Z', 3)]),
      'q',
      'Europe/Paris',
      30,
      '2026-10-26',
    )
    // 02:30 local happens twice on that day.
    expect(history?.contacts[5]).toBe(5)
  })

  it('never reads the day asked for or later: no look-ahead', async () => {
    const history = await readHistory(
      reader([total('2026-03-02T08:00:00Z', 3), total('2026-03-03T08:00:00Z', 9)]),
      'q',
      'UTC',
      30,
      '2026-03-03',
    )
    expect(history?.dayCount).toBe(1)
    expect(Array.from(history?.contacts ?? []).filter((n) => !Number.isNaN(n))).toEqual([3])
  })

  it('does not split coarser rows', async () => {
    expect(
      await readHistory(reader([total('2026-03-02T08:00:00Z', 3, 'file', 60)]), 'q', 'UTC', 30, '2026-03-03'),
    ).toBe(undefined)
  })
})
