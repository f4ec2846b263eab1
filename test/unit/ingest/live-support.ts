/** What the tests of live feeds share: a ledger in memory that checks as the real door does, and waiting for what must come. */

import type { EventEnvelope } from '../../../server/domain/event.ts'
import { toEnvelope } from '../../../server/ingest/validate.ts'

export interface MemoryLedger {
  readonly events: EventEnvelope[]
  readonly refused: string[]
  duplicates: number
  /** Calls that fail before anything is stored, as with a database that is away. */
  failures: number
  /** Calls that store and then lose the answer: the sender cannot know and sends again. */
  lostAnswers: number
  ingest(events: readonly unknown[]): Promise<unknown>
}

const NOW_MS = Date.UTC(2030, 0, 1)

export function memoryLedger(): MemoryLedger {
  const seen = new Set<string>()
  return {
    events: [],
    refused: [],
    duplicates: 0,
    failures: 0,
    lostAnswers: 0,
    async ingest(events) {
      await Promise.resolve()
      if (this.failures > 0) {
        this.failures -= 1
        throw Object.assign(new Error('the database cannot be written now'), { retryAfterSeconds: 0.005 })
      }
      for (const value of events) {
        const checked = toEnvelope(value, { receivedAtMs: NOW_MS, nowMs: NOW_MS })
        if (!checked.ok) {
          this.refused.push(`${checked.pointer} ${checked.detail} ${JSON.stringify(value)}`)
          continue
        }
        const key = `${checked.envelope.source}\n${checked.envelope.id}`
        if (seen.has(key)) this.duplicates += 1
        else {
          seen.add(key)
          this.events.push(checked.envelope)
        }
      }
      if (this.lostAnswers > 0) {
        this.lostAnswers -= 1
        throw Object.assign(new Error('the answer was lost'), { retryAfterSeconds: 0.005 })
      }
      return {}
    },
  }
}

/** Resolves when the condition holds; fails with what was seen when it never does. */
export async function until(condition: () => boolean, seen: () => unknown = () => ''): Promise<void> {
  for (let tries = 0; tries < 1_000; tries += 1) {
    if (condition()) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error(`did not happen: ${JSON.stringify(seen())}`)
}

export function named(events: readonly EventEnvelope[]): string[] {
  return events.map(({ type }) => type.replace(/^cc\.|\.v1$/g, ''))
}
