/** What the tests of the fold share: settings, the ledger kept in a list, and the samples beside the repository. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { EventEnvelope, LedgerEvent } from '../../../server/domain/event.ts'
import { DEFAULT_SITE } from '../../../server/domain/settings.ts'
import type { ImportItem } from '../../../server/ingest/import-item.ts'
import type {
  IntervalKey,
  IntervalRevision,
  RevisionStore,
  SettledChanges,
  SettledInterval,
} from '../../../server/state/interval-revisions.ts'
import { LiveState } from '../../../server/state/live-state.ts'
import type { DayEvents } from '../../../server/state/load-day.ts'
import {
  createSettingsView,
  type SettingsSnapshot,
  type SettingsView,
} from '../../../server/state/settings-view.ts'

export function settings(zone = 'UTC', more: Partial<SettingsSnapshot> = {}): SettingsView {
  return createSettingsView({
    site: { ...DEFAULT_SITE, zone },
    queues: new Map(),
    clients: new Map(),
    agents: new Map(),
    promises: [],
    ...more,
  })
}

let made = 0
/** An event by what matters of it; ids are made up. */
export function event(
  type: string,
  atSeconds: number,
  data: EventEnvelope['data'],
  more: Partial<LedgerEvent> = {},
): LedgerEvent {
  made += 1
  return {
    id: `e${made}`,
    source: 'pbx',
    type: `cc.${type}.v1` as EventEnvelope['type'],
    occurredAtMs: atSeconds * 1000,
    receivedAtMs: atSeconds * 1000,
    ingestSeq: made,
    data,
    ...more,
  }
}

export function fold(events: Iterable<LedgerEvent>, view: SettingsView = settings()): LiveState {
  const state = new LiveState(view)
  state.applyAll(events)
  return state
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

export function toLedger(items: readonly ImportItem[]): LedgerEvent[] {
  const seen = new Set<string>()
  const events: LedgerEvent[] = []
  for (const item of items) {
    if (item.kind !== 'event' || seen.has(item.envelope.id)) continue
    seen.add(item.envelope.id)
    events.push({ ...item.envelope, ingestSeq: events.length + 1 })
  }
  return events
}

/** The part of a ledger's store that a day is read from, over a list. */
export function listStore(events: readonly LedgerEvent[]): DayEvents {
  const isAgent = (one: LedgerEvent) => one.type.startsWith('cc.agent.')
  return {
    async *readContactEvents(fromMs, toMs) {
      yield events.filter((one) => !isAgent(one) && one.occurredAtMs >= fromMs && one.occurredAtMs < toMs)
    },
    async *readAgentEvents(toMs) {
      yield events.filter((one) => isAgent(one) && one.occurredAtMs < toMs)
    },
    async sourceStatuses() {
      const newest = new Map<string, number>()
      for (const { source, occurredAtMs } of events) {
        newest.set(source, Math.max(newest.get(source) ?? 0, occurredAtMs))
      }
      return [...newest].map(([source, lastOccurredAtMs]) => ({ source, lastOccurredAtMs }))
    },
  }
}

/** Settled intervals and revisions as the database keeps them. */
export function memoryRevisionStore() {
  const revisions = new Map<string, IntervalRevision>()
  const settled = new Map<string, SettledInterval>()
  const told: { toMs: number | null } = { toMs: null }
  const keyOf = ({ startMs, queueId }: IntervalKey) => `${startMs} ${queueId}`
  return {
    written: () => [...revisions.values()],
    revisions: async () => [...revisions.values()],
    revisionHistory: async () => [...revisions.values()],
    settledIntervals: async (fromMs: number) => ({
      settled: [...settled.values()].filter(({ startMs }) => startMs >= fromMs),
      toldToMs: told.toMs,
    }),
    async putSettled(changes: SettledChanges) {
      for (const one of changes.revisions) revisions.set(keyOf(one), one)
      for (const one of changes.settled) settled.set(keyOf(one), one)
      told.toMs = changes.toldToMs ?? told.toMs
    },
    async forgetSettled(beforeMs: number) {
      for (const [key, { startMs }] of settled) if (startMs < beforeMs) settled.delete(key)
    },
  } satisfies RevisionStore & Record<string, unknown>
}

/** A sample beside the repository, or null: a clone by itself has none, and the tests that need it say so. */
export function sample(path: string): string | null {
  const found = fileURLToPath(new URL(`../../../../shared/${path}`, import.meta.url))
  return existsSync(found) ? found : null
}

/** Seeded: the same numbers in every run. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 4294967296
  }
}

export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const copy = [...items]
  for (let index = copy.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1))
    const kept = copy[index] as T
    copy[index] = copy[other] as T
    copy[other] = kept
  }
  return copy
}
