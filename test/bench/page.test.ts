/** A small run of `npm run bench -- page` in the real browser, so that it cannot rot: counts, never times. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { measurePage } from '../../server/cli/bench/page.ts'
import { readTrace } from '../../server/cli/bench/page-trace.ts'
import { browserMissing } from '../support/browser.ts'

const BUILT = existsSync(fileURLToPath(new URL('../../dist/web/index.html', import.meta.url)))
const MISSING = browserMissing ?? (BUILT ? undefined : 'the pages are not built')

it.skipIf(MISSING !== undefined)(
  `finds the frame of each update ${MISSING ?? ''}`,
  async () => {
    const result = await measurePage(20, 1)
    expect(result.tiles).toBe(200)
    // The last one may have no frame before the trace ends.
    expect(result.updates).toBeGreaterThanOrEqual(8)
    expect(result.frames).toBeGreaterThan(0)
    expect(result.scriptMs).toBeGreaterThan(0)
    expect(result.heapMegabytesAfter).toBeGreaterThan(0)
  },
  120_000,
)

it('adds what the main thread did from the update to its frame, nested work once', () => {
  const span = (name: string, ts: number, dur: number, tdur = dur, tid = 1) => ({
    name,
    ph: 'X',
    pid: 9,
    tid,
    ts,
    dur,
    tdur,
  })
  const { updates, frameMs, rasterMs } = readTrace([
    { name: 'vigie-update', ph: 'R', pid: 9, tid: 1, ts: 1_100 },
    span('Task', 1_000, 4_000, 3_000),
    span('FunctionCall', 1_050, 3_000, 2_500),
    span('RunMicrotasks', 2_000, 1_000),
    // Of another page, and before.
    span('Task', 100, 500),
    span('Task', 6_000, 2_000),
    span('Layout', 6_100, 700),
    span('Paint', 6_900, 300),
    span('Commit', 7_300, 400),
    span('RasterTask', 7_000, 5_000, 4_000, 2),
    span('Task', 20_000, 9_000),
  ])
  expect(updates).toEqual([
    { milliseconds: 6, processorMs: 5, parts: { script: 2.5, styleAndLayout: 0.7, paint: 0.7 } },
  ])
  expect(frameMs).toEqual([2])
  expect(rasterMs).toBe(4)
})
