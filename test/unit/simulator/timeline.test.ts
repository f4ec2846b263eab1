/** The heap acts in the order of a stable sort by instant, also for what is scheduled on the way. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Timeline } from '../../../server/simulator/timeline.ts'

it('acts in order of time, and equal instants in the order they were scheduled', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(40), { maxLength: 200 }), (instants) => {
      const timeline = new Timeline()
      const acted: { at: number; index: number }[] = []
      for (const [index, at] of instants.entries()) {
        timeline.schedule(at, () => acted.push({ at: timeline.nowMs, index }))
      }
      timeline.run()
      const expected = instants.map((at, index) => ({ at, index })).sort((a, b) => a.at - b.at)
      expect(acted).toEqual(expected)
    }),
  )
})

it('takes what is scheduled while it runs, never before now', () => {
  const timeline = new Timeline()
  const acted: string[] = []
  timeline.schedule(10, () => {
    acted.push('ten')
    timeline.schedule(5, () => acted.push(`late at ${timeline.nowMs}`))
    timeline.schedule(15, () => acted.push('fifteen'))
  })
  timeline.schedule(12, () => acted.push('twelve'))
  timeline.run()
  expect(acted).toEqual(['ten', 'late at 10', 'twelve', 'fifteen'])
})
