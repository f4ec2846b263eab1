/** A day of NethVoice's snapshots: told once or twice each, to one adapter or to one that starts anew, it is the same day. */
import { describe, expect, it } from 'vitest'
import type { LedgerEvent } from '../../../../server/domain/event.ts'
import { NETHVOICE_MAPPING } from '../../../../server/ingest/socket-io/mapping.ts'
import { SnapshotDiff } from '../../../../server/ingest/socket-io/snapshot-diff.ts'
import { WaitingDiff } from '../../../../server/ingest/socket-io/waiting-diff.ts'
import { toEnvelope } from '../../../../server/ingest/validate.ts'
import { fold, seeded, shuffled } from '../../state/support.ts'

const START_MS = Date.UTC(2026, 2, 2, 9)
const NOW_MS = Date.UTC(2026, 5, 1)
const DAY = '2026-03-02'

interface Pushed {
  readonly event: string
  readonly atMs: number
  readonly message: unknown
}

/** After each change the queue with its callers, or the member; in the order of one connection. */
function nethvoiceDay(seed: number) {
  const random = seeded(seed)
  const queues = new Map(
    ['401', '402'].map((id) => [id, { callers: new Map<string, string>(), abandoned: 26 }]),
  )
  const paused = new Map<string, boolean>()
  const messages: Pushed[] = []
  const truth = { queued: 0, abandoned: 0 }
  for (let step = 0; step < 60; step += 1) {
    const atMs = START_MS + step * 20_000
    const id = random() < 0.5 ? '401' : '402'
    const queue = queues.get(id)
    if (queue === undefined) continue
    if (random() < 0.3) {
      const member = random() < 0.5 ? '214' : '215'
      paused.set(member, !(paused.get(member) ?? false))
      const state = { paused: paused.get(member), lastPausedInReason: 'lunch' }
      messages.push({
        event: 'queueMemberUpdate',
        atMs,
        message: { queue: id, member, loggedIn: true, ...state },
      })
      continue
    }
    const [first] = queue.callers.keys()
    if (first === undefined || random() < 0.5) {
      truth.queued += 1
      queue.callers.set(`SIP/trunk-${truth.queued}`, `06123456${10 + truth.queued}`)
    } else {
      queue.callers.delete(first)
      if (random() < 0.5) {
        truth.abandoned += 1
        queue.abandoned += 1
      }
    }
    const waitingCallers = Object.fromEntries(
      [...queue.callers].map(([channel, num]) => [channel, { channel, num }]),
    )
    const message = { queue: id, waitingCallers, abandonedCallsCount: String(queue.abandoned) }
    messages.push({ event: 'queueUpdate', atMs, message })
  }
  return { messages, truth }
}

/** `lives`: each of an adapter that knows nothing of the one before. */
function ledgerOf(lives: readonly (readonly Pushed[])[]): LedgerEvent[] {
  const members = NETHVOICE_MAPPING.events.queueMemberUpdate
  const queues = NETHVOICE_MAPPING.events.queueUpdate
  if (members?.kind !== 'snapshot' || queues?.kind !== 'waiting') throw new Error('the profile reads both')
  const seen = new Map<string, LedgerEvent>()
  for (const life of lives) {
    const diff = new SnapshotDiff('/socket-io/nv')
    const waitingDiff = new WaitingDiff('/socket-io/nv')
    for (const { event, atMs, message } of life) {
      const { events } =
        event === 'queueUpdate'
          ? waitingDiff.changes(queues, message, atMs)
          : diff.changes({ eventName: event, mapping: members, message, receivedAtMs: atMs })
      for (const one of events) {
        const checked = toEnvelope(one, { receivedAtMs: atMs, nowMs: NOW_MS })
        if (!checked.ok) throw new Error(JSON.stringify(checked))
        const { id } = checked.envelope
        if (!seen.has(id)) seen.set(id, { ...checked.envelope, ingestSeq: seen.size + 1 })
      }
    }
  }
  return [...seen.values()]
}

const queuesOf = (events: readonly LedgerEvent[]) =>
  [...fold(events).dayReport(DAY).queues].sort((a, b) => (a.queue < b.queue ? -1 : 1))
const sum = (events: readonly LedgerEvent[], field: 'offered' | 'abandoned' | 'answered') =>
  queuesOf(events).reduce((total, queue) => total + queue[field], 0)

describe('a day of snapshots', () => {
  it.each([1, 2, 3])(
    '%i is what happened, however often each is told and in whatever order it is stored',
    (seed) => {
      const { messages, truth } = nethvoiceDay(seed)
      const events = ledgerOf([messages])
      expect(sum(events, 'offered')).toBe(truth.queued)
      expect(sum(events, 'abandoned')).toBe(truth.abandoned)
      expect(sum(events, 'answered')).toBe(0)
      const want = queuesOf(events)
      expect(queuesOf(ledgerOf([messages.flatMap((message) => [message, message])]))).toEqual(want)
      expect(queuesOf(shuffled([...events, ...events], seeded(seed)))).toEqual(want)
    },
  )

  it('is of an adapter that starts anew the same callers: none comes twice', () => {
    const { messages, truth } = nethvoiceDay(4)
    for (let cut = 1; cut < messages.length; cut += 5)
      expect(sum(ledgerOf([messages.slice(0, cut), messages.slice(cut - 1)]), 'offered')).toBe(truth.queued)
  })
})
