/** Progress of a long command, with a clock in hand. */
import { expect, it } from 'vitest'
import { Progress } from '../../server/cli/progress.ts'

function run(steps: readonly (readonly [atMs: number, done: number])[], total?: number): string[] {
  let nowMs = 0
  const lines: string[] = []
  const progress = new Progress({ write: (text) => lines.push(text) }, 'events read', () => nowMs)
  for (const [atMs, done] of steps) {
    nowMs = atMs
    progress.note(done, total)
  }
  nowMs += 1_000
  progress.end(steps.at(-1)?.[1] ?? 0)
  return lines
}

it('says nothing of a short command', () => {
  expect(
    run([
      [10, 1],
      [1_900, 50_000],
    ]),
  ).toEqual([])
})

it('says now and then how far it is and how fast, and the end', () => {
  const lines = run(
    [
      [2_000, 500],
      [2_100, 600],
      [4_000, 2_000],
    ],
    2_000,
  )
  expect(lines).toEqual([
    '500 of 2000 (25 %) events read after 2 s, 250 per second\n',
    '2000 of 2000 (100 %) events read after 4 s, 500 per second\n',
    '2000 events read after 5 s, 400 per second\n',
  ])
})
