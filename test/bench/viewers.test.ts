/** A small run of `npm run bench -- viewers`, so that it cannot rot: who gets what, never times. */
import { expect, it } from 'vitest'
import { createServerSide } from '../../server/cli/bench/live/server-side.ts'
import { measureIdle, measureSlow } from '../../server/cli/bench/viewers.ts'

it('reaches every viewer with and without one that never reads, and counts what idle ones cost', async () => {
  const side = createServerSide()
  const slow = await measureSlow(side, 20, 12)
  expect(slow.viewers).toBe(20)
  expect(slow.p99MsAlone).toBeGreaterThanOrEqual(0)
  expect(slow.p99MsWithSlow).toBeGreaterThanOrEqual(0)
  const idle = await measureIdle(side, 50)
  expect(idle.viewers).toBe(50)
  expect(Number.isFinite(idle.addedMegabytes)).toBe(true)
}, 60_000)
