/** Agents folded from what a day needs of their past stand as those folded from all of it. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EventType, LedgerEvent } from '../../../server/domain/event.ts'
import { DEFAULT_SITE } from '../../../server/domain/settings.ts'
import { neededFrom } from '../../../server/moments/agent-past.ts'
import { LiveState } from '../../../server/state/live-state.ts'
import { createSettingsView } from '../../../server/state/settings-view.ts'

const HOUR_MS = 3_600_000
const FROM_MS = 100 * HOUR_MS
const settings = createSettingsView({
  site: DEFAULT_SITE,
  queues: new Map(),
  clients: new Map(),
  agents: new Map(),
  promises: [],
})
const QUEUES = ['q1', 'q2']

const eventLike = fc.record({
  hour: fc.integer({ min: 1, max: 130 }),
  source: fc.constantFrom('a', 'b'),
  agentId: fc.constantFrom('anna', 'ben'),
  told: fc.oneof(
    fc.constantFrom<readonly [EventType, object]>(
      ['cc.agent.logged-on.v1', {}],
      ['cc.agent.logged-off.v1', {}],
      ['cc.agent.logged-off.v1', { reason: 'membership-kept' }],
      ['cc.agent.state-changed.v1', { state: 'offline' }],
    ),
    fc
      .constantFrom('ready', 'not-ready', 'on-contact', 'after-contact-work')
      .map((state) => ['cc.agent.state-changed.v1', { state }] as readonly [EventType, object]),
    fc
      .constantFrom(...QUEUES)
      .map(
        (queueId) =>
          ['cc.agent.state-changed.v1', { state: 'not-ready', queueId }] as readonly [EventType, object],
      ),
    fc
      .tuple(
        fc.constantFrom<EventType>('cc.agent.queue-joined.v1', 'cc.agent.queue-left.v1'),
        fc.constantFrom(...QUEUES),
      )
      .map(([type, queueId]) => [type, { queueId }] as readonly [EventType, object]),
  ),
})

function standing(events: readonly LedgerEvent[], atMs: number) {
  const state = new LiveState(settings)
  state.applyAll(events.filter(({ occurredAtMs }) => occurredAtMs <= atMs))
  const agents = ['anna', 'ben'].map((agentId) => {
    const timeline = state.agentRecord(agentId)?.timeline
    return {
      own: timeline?.own,
      doing: timeline?.doing,
      byQueue: timeline?.byQueue,
      members: [...(timeline?.memberQueueIds ?? [])].sort(),
    }
  })
  return { agents, site: state.siteAgents(atMs), queues: QUEUES.map((id) => state.queueNow(id, atMs)) }
}

describe('the past of agents', () => {
  it('is what the day needs of it, no less', () => {
    fc.assert(
      fc.property(fc.array(eventLike, { minLength: 1, maxLength: 60 }), (likes) => {
        const events = likes.map(
          ({ hour, source, agentId, told: [type, data] }, index): LedgerEvent => ({
            source,
            id: `${index}`,
            type,
            occurredAtMs: hour * HOUR_MS + index,
            receivedAtMs: hour * HOUR_MS + index,
            data: { agentId, ...data },
            ingestSeq: index + 1,
          }),
        )
        const needed = neededFrom(FROM_MS, events, settings.agentOf)
        for (const hour of [100, 104, 117, 131])
          expect(standing(needed, hour * HOUR_MS)).toEqual(standing(events, hour * HOUR_MS))
      }),
      { numRuns: 400 },
    )
  })

  it('drops what was set before the last log-off', () => {
    const tell = (hour: number, type: EventType, data: object = {}): LedgerEvent => ({
      source: 'a',
      id: `${hour}`,
      type,
      occurredAtMs: hour * HOUR_MS,
      ingestSeq: hour,
      receivedAtMs: hour * HOUR_MS,
      data: { agentId: 'anna', ...data },
    })
    const events = [
      tell(1, 'cc.agent.logged-on.v1'),
      tell(2, 'cc.agent.queue-joined.v1', { queueId: 'q1' }),
      tell(5, 'cc.agent.state-changed.v1', { state: 'not-ready' }),
      tell(20, 'cc.agent.logged-off.v1'),
      tell(110, 'cc.agent.logged-on.v1'),
    ]
    expect(neededFrom(FROM_MS, events, (id) => id).map(({ id }) => id)).toEqual(['2', '20', '110'])
  })
})
