/** Holes of a source: found from the set of events alone, ended by the snapshot, by being heard, or after half an hour. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { EventType } from '../../../server/domain/event.ts'
import { SourceMarks } from '../../../server/state/source-marks.ts'

const MINUTE_MS = 60_000
const event = (
  type: EventType,
  occurredAtMs: number,
  more: { receivedAtMs?: number; reason?: string } = {},
) => ({
  type,
  source: 's',
  occurredAtMs,
  receivedAtMs: more.receivedAtMs ?? occurredAtMs,
  data: more.reason === undefined ? {} : { reason: more.reason },
})
const gap = (atMs: number, reason: string, receivedAtMs = atMs) =>
  event('cc.source.gap.v1', atMs, { reason, receivedAtMs })
const snapshot = (atMs: number, receivedAtMs = atMs) => event('cc.source.snapshot.v1', atMs, { receivedAtMs })
const heartbeat = (atMs: number) => event('cc.source.heartbeat.v1', atMs)

function sinceAt(nowMs: number, events: readonly Parameters<SourceMarks['note']>[0][]): number | null {
  const marks = new SourceMarks()
  for (const one of events) marks.note(one)
  return marks.gapSinceMs('s', { nowMs })
}

describe('a hole of a source', () => {
  test('lasts until the snapshot after it where the source takes snapshots, whatever is heard before', () => {
    expect(sinceAt(200, [snapshot(10), gap(100, 'connection'), heartbeat(150)])).toBe(100)
    expect(sinceAt(86_400_000, [snapshot(10), gap(100, 'connection')])).toBe(100)
    expect(sinceAt(200, [snapshot(10), gap(100, 'connection'), snapshot(160)])).toBeNull()
  })

  test('and its snapshot may have waited together for a ledger that was away', () => {
    expect(sinceAt(900, [gap(100, 'connection', 500), snapshot(200, 500)])).toBeNull()
    expect(sinceAt(900, [gap(100, 'connection', 500), snapshot(200, 500), gap(300, 'connection', 500)])).toBe(
      300,
    )
  })

  test('of a source without snapshots is marked for half an hour; a silence until something is heard', () => {
    expect(sinceAt(100 + 30 * MINUTE_MS, [gap(100, 'sequence'), heartbeat(200)])).toBe(100)
    expect(sinceAt(101 + 30 * MINUTE_MS, [gap(100, 'sequence'), heartbeat(200)])).toBeNull()
    expect(sinceAt(5 * 3_600_000, [gap(100, 'heartbeat', 400)])).toBe(100)
    expect(sinceAt(5 * 3_600_000, [gap(100, 'heartbeat', 400), heartbeat(500)])).toBeNull()
    const marks = new SourceMarks()
    marks.note(gap(100, 'heartbeat', 400))
    expect(marks.gapSinceMs('s', { nowMs: 900, heardAtMs: 800 })).toBeNull()
  })

  test('is none when only the clock jumped', () => {
    expect(sinceAt(200, [gap(100, 'clock')])).toBeNull()
  })

  test('is the same in whatever order its events arrive, and however often', () => {
    const some = fc.array(
      fc.oneof(
        fc
          .tuple(fc.constantFrom('connection', 'heartbeat', 'sequence', 'clock'), fc.nat(40), fc.nat(9))
          .map(([reason, atMs, delayMs]) => gap(atMs * MINUTE_MS, reason, (atMs + delayMs) * MINUTE_MS)),
        fc
          .tuple(fc.nat(40), fc.nat(9))
          .map(([atMs, delayMs]) => snapshot(atMs * MINUTE_MS, (atMs + delayMs) * MINUTE_MS)),
        fc.nat(40).map((atMs) => heartbeat(atMs * MINUTE_MS)),
      ),
      { maxLength: 12 },
    )
    const orders = some.chain((events) =>
      fc.tuple(
        fc.constant(events),
        fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2 }),
      ),
    )
    fc.assert(
      fc.property(orders, fc.nat(90), ([events, again], nowMinute) => {
        expect(sinceAt(nowMinute * MINUTE_MS, again)).toBe(sinceAt(nowMinute * MINUTE_MS, events))
      }),
    )
  })

  test('marks the queues that the source told of lately', () => {
    const marks = new SourceMarks()
    marks.noteQueue('q', 'a', 100)
    marks.noteQueue('q', 'b', 500)
    marks.noteQueue('q', 'a', 50)
    expect(marks.sourcesOf('q', 100)).toEqual(['a', 'b'])
    expect(marks.sourcesOf('q', 101)).toEqual(['b'])
    marks.forgetBefore(200)
    expect(marks.sourcesOf('q', 0)).toEqual(['b'])
    expect(marks.sourcesOf('other', 0)).toEqual([])
  })
})
