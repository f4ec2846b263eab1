import { describe, expect, it } from 'vitest'
import type { DayClose, DayCloseStore } from '../../../server/contracts/day-close-store.ts'
import { canonicalJson, DayCloser } from '../../../server/contracts/day-closer.ts'
import type { DayReport } from '../../../server/state/figures.ts'

function memoryStore(): DayCloseStore & { readonly closes: DayClose[] } {
  const closes: DayClose[] = []
  return {
    closes,
    addDayClose: async (close) => {
      const stored = { ...close, version: closes.filter(({ day }) => day === close.day).length + 1 }
      closes.push(stored)
      return stored
    },
    newestDayClose: async (day) => closes.filter((close) => close.day === day).at(-1),
    closedDays: async (from, to) => closes.map(({ day }) => day).filter((day) => day >= from && day <= to),
    dayCloses: async (from, to) => closes.filter(({ day }) => day >= from && day <= to),
  }
}
const reportOf = (date: string, definitionsVersion = 1): DayReport => ({
  date,
  definitionsVersion,
  queues: [],
  clients: [],
})

describe('day close', () => {
  it('freezes a day once, and a changed day becomes the next version with another hash', async () => {
    const store = memoryStore()
    let corrected = 1
    const closer = new DayCloser({
      store,
      nowMs: () => 5,
      reportDay: async (day) => reportOf(day, corrected),
    })
    const first = await closer.close('2026-11-20')
    expect((await closer.close('2026-11-20')).version).toBe(1)
    corrected = 2
    const second = await closer.close('2026-11-20')
    expect(second.version).toBe(2)
    expect(second.hash).not.toBe(first.hash)
    expect(store.closes[0]).toEqual(first)
  })

  it('knows the days that are missing', async () => {
    const store = memoryStore()
    const closer = new DayCloser({ store, nowMs: () => 5, reportDay: async (day) => reportOf(day) })
    await closer.close('2026-02-28')
    expect(await closer.missingDays('2026-02-27', '2026-03-01')).toEqual(['2026-02-27', '2026-03-01'])
  })

  it('hashes what a report says, not the order in which its fields were written', () => {
    expect(canonicalJson({ b: [1, { d: null, c: undefined }], a: 'x' })).toBe('{"a":"x","b":[1,{"d":null}]}')
  })
})
