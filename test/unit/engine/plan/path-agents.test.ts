/** The order in which agents are free: against sorting anew after every change. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FEW, FLOOR, insertAgent, insertAmongMany } from '../../../../server/engine/plan/path-agents.ts'

const instant = fc.integer({ min: 0, max: 2 ** 30 })

function rowOf(agents: readonly number[], room: number): Int32Array {
  const freeAt = new Int32Array(FLOOR + agents.length + room).fill(-1, 0, FLOOR)
  freeAt.set(
    [...agents].sort((a, b) => a - b),
    FLOOR,
  )
  return freeAt
}

it('puts an instant where sorting would put it, among any number of agents', () => {
  fc.assert(
    fc.property(
      fc.array(instant, { maxLength: 3 * FEW }),
      fc.array(instant, { minLength: 1, maxLength: 20 }),
      (agents, more) => {
        for (const insert of [
          insertAmongMany,
          (freeAt: Int32Array, _head: number, end: number, value: number) => insertAgent(freeAt, end, value),
        ]) {
          const freeAt = rowOf(agents, more.length)
          for (const [k, value] of more.entries()) insert(freeAt, FLOOR, FLOOR + agents.length + k, value)
          expect([...freeAt.subarray(FLOOR)]).toEqual([...agents, ...more].sort((a, b) => a - b))
        }
      },
    ),
  )
})

it('keeps the order while the first serves one caller after the other', () => {
  fc.assert(
    fc.property(
      fc.array(instant, { minLength: 1, maxLength: 2 * FEW }),
      fc.array(fc.integer({ min: 0, max: 2 ** 24 }), { maxLength: 60 }),
      (agents, handlings) => {
        const freeAt = rowOf(agents, handlings.length)
        const expected = [...agents].sort((a, b) => a - b)
        handlings.forEach((handling, k) => {
          const head = FLOOR + k + 1
          const until = (freeAt[head - 1] ?? 0) + handling
          expected.push((expected.shift() ?? 0) + handling)
          expected.sort((a, b) => a - b)
          insertAmongMany(freeAt, head, FLOOR + agents.length + k, until)
        })
        expect([...freeAt.subarray(FLOOR + handlings.length)]).toEqual(expected)
      },
    ),
  )
})
