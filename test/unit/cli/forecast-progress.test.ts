import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { progressOn } from '../../../server/cli/forecast/progress.ts'

function watched(isTTY: boolean) {
  const stream = Object.assign(new PassThrough(), { isTTY })
  const clock = { now: 0 }
  const progress = progressOn(stream, () => clock.now)
  const said = () => String(stream.read() ?? '')
  return { clock, progress, said }
}

describe('progress of a long run', () => {
  it('is silent while nobody has waited', () => {
    for (const isTTY of [true, false]) {
      const { progress, said, clock } = watched(isTTY)
      clock.now = 1_999
      progress.at('origins', 1, 9)
      progress.end()
      expect(said()).toBe('')
    }
  })

  it('rewrites one line on a terminal, not at every step, and clears it at the end', () => {
    const { progress, said, clock } = watched(true)
    clock.now = 2_000
    progress.at('origins', 1, 9)
    clock.now = 2_100
    progress.at('origins', 2, 9)
    clock.now = 2_200
    progress.at('origins', 3, 9)
    expect(said()).toBe('\r\u001b[Korigins: 1 of 9\r\u001b[Korigins: 3 of 9')
    progress.end()
    expect(said()).toBe('\r\u001b[K')
  })

  it('writes a line now and then elsewhere', () => {
    const { progress, said, clock } = watched(false)
    for (clock.now = 0; clock.now <= 25_000; clock.now += 500) progress.at('rows read', clock.now)
    progress.end()
    expect(said()).toBe('rows read: 10000\nrows read: 20000\n')
  })
})
