/** Rate, lag, clock and numbering of a source, from its events alone. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LedgerEvent } from '../../../server/domain/event.ts'
import { SourceHealthWatch } from '../../../server/ingest/source-health.ts'

const START_MS = Date.UTC(2026, 2, 2, 10)
let made = 0
function heard(receivedAtMs: number, delayMs: number, more: Partial<LedgerEvent> = {}): LedgerEvent {
  made += 1
  return {
    id: `e${made}`,
    source: 'pbx',
    type: 'cc.source.heartbeat.v1',
    occurredAtMs: receivedAtMs - delayMs,
    receivedAtMs,
    ingestSeq: made,
    data: {},
    ...more,
  }
}
function watch(more: Partial<ConstructorParameters<typeof SourceHealthWatch>[0]> = {}) {
  const clock = { nowMs: START_MS }
  return { clock, health: new SourceHealthWatch({ nowMs: () => clock.nowMs, ...more }) }
}

describe('the health of a source', () => {
  it('counts events a second over the last minute, and forgets the minute before', () => {
    const { clock, health } = watch()
    for (let second = 0; second < 120; second += 1) health.note([heard(START_MS + second * 1000, 5)])
    clock.nowMs = START_MS + 119_000
    expect(health.of('pbx').eventsPerSecond).toBeCloseTo(1, 1)
    clock.nowMs += 30_000
    expect(health.of('pbx').eventsPerSecond).toBeCloseTo(0.5, 1)
    clock.nowMs += 300_000
    expect(health.of('pbx')).toMatchObject({
      eventsPerSecond: 0,
      lagMs: 5,
      lastReceivedMs: START_MS + 119_000,
    })
    expect(health.of('nobody')).toMatchObject({ eventsPerSecond: 0, lagMs: null, clockOffsetMs: null })
  })

  it('takes the smallest delay of ten minutes for the offset of the clock, as a count of all of them gives it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 1_500 }), fc.integer({ min: -1_500, max: 20_000 })), {
          minLength: 1,
          maxLength: 60,
        }),
        (parts) => {
          const { clock, health } = watch()
          const events = parts
            .map(([second, delayMs]) => heard(START_MS + second * 1000, delayMs))
            .sort((a, b) => a.receivedAtMs - b.receivedAtMs)
          expect(health.note(events)).toEqual([])
          clock.nowMs = events.at(-1)?.receivedAtMs ?? 0
          const fromMs = (Math.floor(clock.nowMs / 60_000) - 9) * 60_000
          const delays = events.flatMap((one) =>
            one.receivedAtMs >= fromMs ? [one.receivedAtMs - one.occurredAtMs] : [],
          )
          expect(health.of('pbx').clockOffsetMs).toBe(Math.min(...delays))
        },
      ),
    )
  })

  it('tells a clock that goes back five hours in a log once, and takes the new time from there', () => {
    const { health } = watch({ isLog: () => true })
    const row = (line: number, second: number) =>
      heard(START_MS, 0, {
        sequence: String(line).padStart(8, '0'),
        occurredAtMs: START_MS - 86_400_000 + second * 1000,
      })
    const gaps = health.note([
      row(1, 0),
      row(2, 10),
      row(3, 10 - 18_000),
      row(4, 20 - 18_000),
      row(5, 30 - 18_000),
    ])
    expect(gaps).toMatchObject([{ source: 'pbx', reason: 'clock', detail: 'the clock went back by 18000 s' }])
    expect(health.note([row(6, 20 - 18_000)])).toEqual([])
    expect(health.of('pbx').clockJumps).toBe(1)
  })

  it('tells a clock that runs ahead once, and counts what is dated ahead', () => {
    const { health } = watch()
    expect(health.note([heard(START_MS, 100), heard(START_MS, -1_900), heard(START_MS, -2_100)])).toEqual([])
    expect(health.note([heard(START_MS, -60_000), heard(START_MS, -61_000)])).toMatchObject([
      { reason: 'clock', detail: 'the clock is ahead by 60 s' },
    ])
    expect(health.of('pbx')).toMatchObject({ aheadCount: 3, clockJumps: 1, clockOffsetMs: -61_000 })
    health.note([heard(START_MS, 0)])
    expect(health.note([heard(START_MS, -45_000)])).toHaveLength(1)
  })

  it('tells a clock that was put back from a backlog that is made good', () => {
    const at = (minute: number, delayMs: number) =>
      [0, 10, 20, 30, 40, 50].map((second) => heard(START_MS + minute * 60_000 + second * 1000, delayMs))
    const { health } = watch()
    expect(health.note([...at(0, 100), ...at(1, 90)])).toEqual([])
    // A minute of nothing but old events: the next one says so.
    expect(health.note([...at(2, 300_090), ...at(3, 300_100)])).toMatchObject([
      { reason: 'clock', detail: 'the clock went back by 300 s' },
    ])
    expect(health.note([...at(4, 300_100), ...at(5, 300_080)])).toEqual([])

    const other = watch().health
    const backlog = [heard(START_MS + 120_000, 110_000), heard(START_MS + 120_000, 40_000)]
    expect(other.note([...at(0, 100), ...at(1, 90), ...backlog, ...at(2, 100), ...at(3, 100)])).toEqual([])
  })

  it('tells numbers that stay away, not numbers that come out of order', () => {
    const { clock, health } = watch({ isNumbered: () => true })
    const number = (value: number) => heard(clock.nowMs, 0, { sequence: String(value).padStart(20, '0') })
    expect(health.note([5, 6, 9, 8, 7, 10, 14].map(number))).toEqual([])
    expect(health.overdue()).toEqual([])
    health.note([number(12)])
    clock.nowMs += 31_000
    expect(health.overdue()).toMatchObject([
      { source: 'pbx', reason: 'sequence', detail: '2 numbers are missing from 11 on' },
    ])
    expect(health.overdue()).toEqual([])
    expect(health.of('pbx').sequenceHoles).toBe(2)
    expect(health.note([number(90_000)])).toMatchObject([{ reason: 'sequence', seenBy: '15' }])
  })

  it('is not moved by gaps that were told of it, nor by events without a time of their own', () => {
    const { health } = watch()
    expect(health.note([heard(START_MS, 0, { type: 'cc.source.gap.v1' })])).toEqual([])
    expect(health.of('pbx').lastReceivedMs).toBeNull()
    health.note([heard(START_MS, 0, { timeAssumed: true })])
    expect(health.of('pbx')).toMatchObject({ lastReceivedMs: START_MS, clockOffsetMs: null, lagMs: null })
  })
})
