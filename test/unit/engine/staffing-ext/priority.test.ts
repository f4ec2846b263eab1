/** Priority classes, judged by the Markov chain of the queue itself and by the conservation law. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StaffingInputError } from '../../../../server/engine/staffing/columns.ts'
import { erlangCMetrics } from '../../../../server/engine/staffing/erlang-c.ts'
import { priorityMetrics } from '../../../../server/engine/staffing-ext/priority.ts'

/** Mean queue of each of two classes by iterating the truncated chain (busy, waiting 1, waiting 2) to rest. */
function chainQueues(erlangs: readonly [number, number], agents: number, queueMax: number) {
  const side = queueMax + 1
  const size = agents + side * side
  const index = (q1: number, q2: number) => agents + q1 * side + q2
  let p = new Float64Array(size).fill(1 / size)
  const rate = 1 / (erlangs[0] + erlangs[1] + agents)
  for (let round = 0; round < 40_000; round++) {
    const next = new Float64Array(size)
    const move = (from: number, to: number, perSecond: number) => {
      next[to] = (next[to] ?? 0) + (p[from] ?? 0) * perSecond * rate
      next[from] = (next[from] ?? 0) - (p[from] ?? 0) * perSecond * rate
    }
    for (let state = 0; state < size; state++) next[state] = (next[state] ?? 0) + (p[state] ?? 0)
    for (let busy = 0; busy < agents; busy++) {
      move(busy, busy + 1, erlangs[0] + erlangs[1])
      if (busy > 0) move(busy, busy - 1, busy)
    }
    for (let q1 = 0; q1 <= queueMax; q1++) {
      for (let q2 = 0; q2 <= queueMax; q2++) {
        const here = index(q1, q2)
        if (q1 < queueMax) move(here, index(q1 + 1, q2), erlangs[0])
        if (q2 < queueMax) move(here, index(q1, q2 + 1), erlangs[1])
        const after = q1 > 0 ? index(q1 - 1, q2) : q2 > 0 ? index(0, q2 - 1) : agents - 1
        move(here, after, agents)
      }
    }
    p = next
  }
  let first = 0
  let second = 0
  for (let q1 = 0; q1 <= queueMax; q1++) {
    for (let q2 = 0; q2 <= queueMax; q2++) {
      first += q1 * (p[index(q1, q2)] ?? 0)
      second += q2 * (p[index(q1, q2)] ?? 0)
    }
  }
  return { first, second }
}

describe('priority classes', () => {
  it('gives the queues of the chain itself', () => {
    const chain = chainQueues([0.7, 0.6], 2, 26)
    const formula = priorityMetrics({ offeredErlangsByClass: [0.7, 0.6], agents: 2, ahtSeconds: 60 })
    expect(formula.queueLengthMeanByClass[0]).toBeCloseTo(chain.first, 5)
    expect(formula.queueLengthMeanByClass[1]).toBeCloseTo(chain.second, 3)
  })

  it('keeps a finite wait for the classes above the overload', () => {
    const { asaSecondsByClass, waitProbability } = priorityMetrics({
      offeredErlangsByClass: [3, 4, 5, 1],
      agents: 10,
      ahtSeconds: 200,
    })
    expect(waitProbability).toBe(1)
    expect(asaSecondsByClass[0]).toBeCloseTo(20 / 0.7, 12)
    expect(asaSecondsByClass[1]).toBeCloseTo(20 / (0.7 * 0.3), 10)
    expect(asaSecondsByClass.slice(2)).toEqual([null, null])
  })

  it('does not change the mean wait over all callers (conservation)', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.01, max: 40, noNaN: true }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 30 }),
        (offeredErlangsByClass, spare) => {
          const total = offeredErlangsByClass.reduce((a, b) => a + b, 0)
          const agents = Math.ceil(total) + spare
          const { asaSecondsByClass } = priorityMetrics({ offeredErlangsByClass, agents, ahtSeconds: 180 })
          const mean =
            offeredErlangsByClass.reduce((sum, a, i) => sum + a * (asaSecondsByClass[i] ?? 0), 0) / total
          const one = erlangCMetrics({ offeredErlangs: total, agents, ahtSeconds: 180 }).asaSeconds ?? 0
          expect(Math.abs(mean - one)).toBeLessThanOrEqual(1e-10 * one + 1e-300)
          for (let i = 1; i < asaSecondsByClass.length; i++) {
            expect(asaSecondsByClass[i]).toBeGreaterThanOrEqual(asaSecondsByClass[i - 1] ?? 0)
          }
        },
      ),
    )
  })

  it('answers for no load and names a bad field', () => {
    expect(priorityMetrics({ offeredErlangsByClass: [0, 0], agents: 3, ahtSeconds: 60 })).toEqual({
      asaSecondsByClass: [null, null],
      queueLengthMeanByClass: [0, 0],
      waitProbability: 0,
    })
    const bad = () => priorityMetrics({ offeredErlangsByClass: [1, Number.NaN], agents: 3, ahtSeconds: 60 })
    expect(bad).toThrow(StaffingInputError)
    expect(bad).toThrow('offeredErlangsByClass/1')
  })
})
