// Two processes append to one ledger: whatever the order of their turns, each event is applied once and none is left out.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { LedgerEvent } from '../../server/domain/event.ts'
import { DEFAULT_SITE } from '../../server/domain/settings.ts'
import type { LedgerStore } from '../../server/ledger/ledger.ts'
import { LiveLedger } from '../../server/live-ledger.ts'
import { createSettingsView } from '../../server/state/settings-view.ts'

const NOW_MS = Date.UTC(2024, 5, 3, 12)

function queued(ingestSeq: number): LedgerEvent {
  return {
    ingestSeq,
    id: `e${ingestSeq}`,
    source: 'pbx',
    type: 'cc.contact.queued.v1',
    occurredAtMs: NOW_MS,
    receivedAtMs: NOW_MS,
    data: { contactId: `c${ingestSeq}`, queueId: 'sales' },
  }
}

test('own batches are applied at once, those of others are read back, each event once', async () => {
  const turns = fc.array(
    fc.record({
      own: fc.boolean(),
      events: fc.integer({ min: 1, max: 4 }),
      // Duplicates leave holes in the numbers.
      hole: fc.nat({ max: 1 }),
      told: fc.boolean(),
    }),
    { maxLength: 20 },
  )
  await fc.assert(
    fc.asyncProperty(turns, async (plan) => {
      const stored: LedgerEvent[] = []
      async function* nothing() {}
      const ledger = {
        lastIngestSeq: async () => 0,
        lendAgentEvents: nothing,
        lendContactEvents: nothing,
        async readAfter(afterSeq: number, limit: number) {
          const page = stored.filter(({ ingestSeq }) => ingestSeq > afterSeq).slice(0, limit)
          await Promise.resolve()
          return page
        },
      } as unknown as LedgerStore
      const live = new LiveLedger({
        ledger,
        settings: createSettingsView({
          site: { ...DEFAULT_SITE, zone: 'UTC' },
          queues: new Map(),
          clients: new Map(),
          agents: new Map(),
          promises: [],
        }),
        siteZone: () => 'UTC',
        nowMs: () => NOW_MS,
        onApplied: () => undefined,
        onError: (message, error) => {
          throw new Error(message, { cause: error })
        },
      })
      await live.rebuild()
      let last = 0
      for (const { own, events, hole, told } of plan) {
        const batch = Array.from({ length: events }, (_, index) => queued(last + hole + 1 + index))
        stored.push(...batch)
        last += hole + events
        if (own) live.applyAppended(batch)
        // The next turn comes while a read may still be under way.
        if (told) await Promise.resolve()
      }
      await live.follow()
      await live.follow()
      expect(live.state.queueNow('sales', NOW_MS).waiting).toBe(stored.length)
      // The revision counts every event that was applied.
      expect(live.state.revision).toBe(stored.length)
    }),
  )
})
