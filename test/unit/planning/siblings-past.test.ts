/** Which queues a young one learns its first holidays from. */
import { describe, expect, it } from 'vitest'
import type { QueueSetting } from '../../../server/domain/settings.ts'
import { addDays, dayStartMs } from '../../../server/domain/site-calendar.ts'
import { dateOf } from '../../../server/engine/forecast/calendar.ts'
import type { IntervalTotal } from '../../../server/ledger/ledger.ts'
import { type SiblingSources, siblingsPast } from '../../../server/planning/siblings-past.ts'

const ZONE = 'Europe/Paris'
const ORIGIN = '2026-05-04'
const HOLIDAY = { day: '2026-05-08', kind: 'holiday' }

/** Every queue has ten contacts at nine each day, for so many days. */
function site(daysOf: Readonly<Record<string, number>>): SiblingSources & { readonly read: string[] } {
  const read: string[] = []
  return {
    read,
    settings: {
      queueIds: () => Object.keys(daysOf),
      queue: (id) => (id in daysOf ? ({ zone: ZONE } as QueueSetting) : undefined),
    },
    totals: {
      intervalTotals: async (queueId) => {
        read.push(queueId)
        return Array.from({ length: daysOf[queueId] ?? 0 }, (_, back): IntervalTotal => {
          const startMs = dayStartMs(ZONE, addDays(ORIGIN, -1 - back)) + 9 * 3_600_000
          return {
            queueId,
            source: 'import',
            startMs,
            intervalMinutes: 30,
            contacts: 10,
            handled: 10,
            handleSeconds: 1000,
          }
        })
      },
    },
  }
}

const young = { queueId: 'young', historyDays: 60, originDay: ORIGIN, specialDays: [HOLIDAY] }

describe('the siblings of a young queue', () => {
  it('are the queues with a year of days, as day totals up to the origin, each read once', async () => {
    const sources = site({ young: 60, old: 500, newer: 90, older: 700 })
    const found = await siblingsPast(sources, young)
    expect(found.map(({ firstDay }) => dateOf(firstDay))).toEqual([
      addDays(ORIGIN, -500),
      addDays(ORIGIN, -700),
    ])
    expect(found.map(({ counts }) => counts.reduce((sum, count) => sum + count, 0))).toEqual([5000, 7000])
    expect(found.every(({ slotMinutes }) => slotMinutes === 1440)).toBe(true)
    await siblingsPast(sources, { ...young, queueId: 'newer', historyDays: 90 })
    expect(sources.read.filter((id) => id === 'old')).toHaveLength(1)
  })

  it('are not asked for by a queue of a year, nor when no holiday is to come', async () => {
    const sources = site({ young: 60, old: 500 })
    expect(await siblingsPast(sources, { ...young, historyDays: 400 })).toEqual([])
    expect(
      await siblingsPast(sources, { ...young, specialDays: [{ ...HOLIDAY, day: '2026-05-01' }] }),
    ).toEqual([])
    expect(await siblingsPast(sources, { ...young, specialDays: [{ ...HOLIDAY, kind: 'event' }] })).toEqual(
      [],
    )
    expect(sources.read).toEqual([])
  })

  it('are a few at most', async () => {
    const queues = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`q${i}`, 400]))
    const sources = site({ young: 60, ...queues })
    expect(await siblingsPast(sources, young)).toHaveLength(4)
    expect(sources.read.length).toBeLessThanOrEqual(12)
  })
})
