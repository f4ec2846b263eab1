/** How old the board's newest event is, and whether that is a worry. Pure. */
import type { BoardSource } from '../../../server/wire/board.ts'

export type Freshness = 'fresh' | 'ageing' | 'old' | 'none'
/** A queue that is open goes a minute without any event seldom, five minutes hardly ever. */
const AGEING_AFTER_MS = 60_000
const OLD_AFTER_MS = 300_000

/** Age on the server's clock; never below zero, for a source whose clock runs ahead. */
export function newestEventAgeMs(sources: readonly BoardSource[], nowMs: number): number | null {
  let newest: number | null = null
  for (const { newestEventMs } of sources)
    if (newestEventMs !== null && (newest === null || newestEventMs > newest)) newest = newestEventMs
  return newest === null ? null : Math.max(0, nowMs - newest)
}

export function freshnessOf(ageMs: number | null): Freshness {
  if (ageMs === null) return 'none'
  if (ageMs < AGEING_AFTER_MS) return 'fresh'
  return ageMs < OLD_AFTER_MS ? 'ageing' : 'old'
}
