/** Since when a day is lost: against a brute force that looks at every second. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { missBudget } from '../../../server/domain/service-level.ts'
import { lostSince } from '../../../server/planning/lost-since.ts'

const NOW = 3_600
const contacts = fc.array(
  fc.record({
    endedAtMs: fc.integer({ min: 0, max: NOW }),
    met: fc.constantFrom(0, 1),
    counted: fc.constant(1),
  }),
  { maxLength: 40 },
)

describe('lost since', () => {
  it('is the first instant from which on more than all of the rest had to be met', () => {
    fc.assert(
      fc.property(contacts, fc.integer({ min: 0, max: 40 }), (calls, restAtStart) => {
        const expectedRestAt = (atMs: number) =>
          (restAtStart * (NOW - Math.min(NOW, Math.floor(atMs / 600) * 600))) / NOW
        const intervalEndsMs = [600, 1_200, 1_800, 2_400, 3_000, 3_600]
        let brute: number | null = null
        for (let at = 0; at <= NOW; at++) {
          const past = calls.filter(({ endedAtMs }) => endedAtMs <= at)
          const met = past.reduce((sum, call) => sum + call.met, 0)
          const rest = expectedRestAt(at)
          const { neededRatioOfRest } = missBudget(0.8, met, past.length, rest)
          // Without anything left to come the day is decided by what is counted.
          const lost =
            rest > 0 ? (neededRatioOfRest ?? 0) > 1 + 1e-9 : past.length - met > 0.2 * past.length + 1e-9
          if (!lost) brute = null
          else brute ??= at
        }
        expect(
          lostSince({ targetRatio: 0.8, contacts: calls, expectedRestAt, intervalEndsMs, nowMs: NOW }),
        ).toBe(brute)
      }),
    )
  })

  it('is over when the promise can be kept again', () => {
    const miss = { met: 0, counted: 1 }
    const expectedRestAt = (atMs: number) => (atMs < 100 ? 1 : 50)
    const calls = [
      { endedAtMs: 10, ...miss },
      { endedAtMs: 20, ...miss },
    ]
    const at = (nowMs: number) =>
      lostSince({ targetRatio: 0.8, contacts: calls, expectedRestAt, intervalEndsMs: [100], nowMs })
    expect(at(50)).toBe(10)
    expect(at(150)).toBeNull()
  })
})
