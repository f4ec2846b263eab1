// The pool against one thread: the same columns, whatever the cut; errors name the row of the whole column.
import { expect, test } from 'vitest'
import { requiredAgentsInParallel } from '../../../../server/cli/staffing-pool.ts'
import { requiredAgentsErlangA, requiredAgentsErlangC } from '../../../../server/engine/index.ts'

const ROWS = 70_001

const input = {
  contacts: Float64Array.from({ length: ROWS }, (_, row) => (row * 7919) % 400),
  intervalSeconds: 900,
  ahtSeconds: Float64Array.from({ length: ROWS }, (_, row) => 60 + ((row * 31) % 500)),
  answerThresholdSeconds: 20,
  serviceLevelRatioMin: 0.8,
}

/** Bit by bit; comparing 70 001 numbers one at a time takes seconds. */
function expectSame(parallel: Readonly<Record<string, Float64Array>>, single: object): void {
  const expected = Object.entries(single) as [string, Float64Array][]
  expect(Object.keys(parallel).sort()).toEqual(expected.map(([name]) => name).sort())
  for (const [name, column] of expected) {
    expect(
      Buffer.compare(Buffer.from(parallel[name]?.buffer ?? new ArrayBuffer(0)), Buffer.from(column.buffer)),
      name,
    ).toBe(0)
  }
}

test('two threads give the columns of one, in order, and tell how far they are', async () => {
  const progress: number[] = []
  const c = await requiredAgentsInParallel(
    { model: 'erlang-c', ...input },
    { threads: 2, onProgress: (rowsDone) => progress.push(rowsDone) },
  )
  expectSame(c, requiredAgentsErlangC(input))
  expect(progress.at(-1)).toBe(ROWS)
  expect(progress).toHaveLength(3)
  const patient = { ...input, patienceSecondsMean: 120, serviceLevelFormula: 'SL3' } as const
  const a = await requiredAgentsInParallel({ model: 'erlang-a', ...patient }, { threads: 2 })
  expectSame(a, requiredAgentsErlangA(patient))
}, 30_000)

test('a wrong value is named by its row in the whole column', async () => {
  const contacts = Float64Array.from(input.contacts)
  contacts[50_000] = Number.NaN
  const wrong = requiredAgentsInParallel({ model: 'erlang-c', ...input, contacts }, { threads: 2 })
  await expect(wrong).rejects.toMatchObject({ pointer: '/contacts/50000', type: 'out-of-range' })
  await expect(wrong).rejects.toThrow('contacts/50000')
}, 30_000)
