/** Genesys Cloud by EventBridge: the published samples, and a conversation from its queue to the end of its wrap-up. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GenesysMapper } from '../../../../server/ingest/genesys-eventbridge/mapper.ts'
import { toEnvelope } from '../../../../server/ingest/validate.ts'
import { fold, type event as ledgerEvent, sample } from '../../state/support.ts'

const START_MS = Date.UTC(2026, 2, 2, 10)
const CONVERSATION = '2f7bf00a-0fc2-4d6a-9b56-92238191433e'
let made = 0
function envelope(verb: string, second: number, body: Record<string, unknown> = {}, id?: string) {
  made += 1
  return {
    version: '0',
    id: id ?? `env-${made}`,
    'detail-type': `v2.detail.events.conversation.{id}.${verb}`,
    time: new Date(START_MS + second * 1000).toISOString(),
    detail: {
      topicName: `v2.detail.events.conversation.${CONVERSATION}.${verb}`,
      eventBody: {
        eventTime: START_MS + second * 1000,
        conversationId: CONVERSATION,
        mediaType: 'VOICE',
        direction: 'INBOUND',
        ...body,
      },
      timestamp: new Date(START_MS + second * 1000 + 64).toISOString(),
    },
  }
}
function userEnvelope(topic: string, second: number, body: Record<string, unknown>) {
  made += 1
  return {
    id: `env-${made}`,
    detail: { topicName: topic, eventBody: { eventTime: START_MS + second * 1000, ...body } },
  }
}
const map = (...messages: unknown[]) => {
  const mapper = new GenesysMapper('/genesys-eventbridge/g')
  return messages.flatMap((message) => mapper.map(message).events)
}
const said = (...messages: unknown[]) =>
  map(...messages).map(({ type, data }) => [type.slice(3, -3), data.state ?? data.reason ?? data.queueId])

const ids = { queueId: 'q1', userId: 'u1' }
const conversation = [
  envelope('customer.start', 0),
  envelope('acd.start', 5, { queueId: 'q1', ani: 'tel:+33612345678' }),
  envelope('user.start', 9, { queueId: 'q1', userId: 'u0', sessionId: 's0' }),
  envelope('user.end', 20, {
    queueId: 'q1',
    userId: 'u0',
    disconnectType: 'TIMEOUT',
    alertingDurationMs: 11_000,
  }),
  envelope('user.start', 21, { ...ids, sessionId: 's1' }),
  envelope('acd.end', 25, {
    queueId: 'q1',
    acdOutcome: 'ANSWERED',
    answeredUserId: 'u1',
    connectedDurationMs: 20_000,
  }),
  envelope('user.end', 145, {
    ...ids,
    disconnectType: 'PEER',
    interactingDurationMs: 100_000,
    heldDurationMs: 20_000,
  }),
  envelope('customer.end', 145, { disconnectType: 'CLIENT' }),
  envelope('acw', 160, { ...ids, wrapupDurationMs: 15_000 }),
]

describe('Genesys Cloud', () => {
  it('follows a conversation from its queue to the end of its wrap-up', () => {
    expect(map(...conversation).map(({ type, data }) => [type.slice(3, -3), data])).toEqual([
      [
        'contact.queued',
        { contactId: CONVERSATION, queueId: 'q1', channel: 'voice', callerNumber: '+33612345678' },
      ],
      ['contact.offered', { contactId: CONVERSATION, queueId: 'q1', agentId: 'u0', offerId: 's0' }],
      [
        'contact.offer-ended',
        { contactId: CONVERSATION, queueId: 'q1', agentId: 'u0', reason: 'noAnswer', ringSeconds: 11 },
      ],
      ['contact.offered', { contactId: CONVERSATION, queueId: 'q1', agentId: 'u1', offerId: 's1' }],
      ['contact.answered', { contactId: CONVERSATION, queueId: 'q1', agentId: 'u1', waitSeconds: 20 }],
      [
        'contact.ended',
        {
          contactId: CONVERSATION,
          queueId: 'q1',
          agentId: 'u1',
          talkSeconds: 100,
          holdSeconds: 20,
          endedBy: 'customer',
        },
      ],
      ['contact.ended', { contactId: CONVERSATION, queueId: 'q1', agentId: 'u1', acwSeconds: 15 }],
    ])
  })

  it('folds to the same contact in whatever order and however often EventBridge delivers', () => {
    const shuffled = fc.shuffledSubarray([...conversation, ...conversation], { minLength: 18 })
    fc.assert(
      fc.property(shuffled, (messages) => {
        const seen = new Map<string, ReturnType<typeof ledgerEvent>>()
        for (const one of map(...messages)) {
          const checked = toEnvelope(one, { receivedAtMs: START_MS, nowMs: START_MS })
          if (!checked.ok) throw new Error(`${checked.pointer} ${checked.detail}`)
          if (!seen.has(checked.envelope.id))
            seen.set(checked.envelope.id, { ...checked.envelope, ingestSeq: seen.size })
        }
        const [visit, ...more] = fold(seen.values()).visits('q1', 0, Number.MAX_SAFE_INTEGER)
        expect(more).toEqual([])
        expect(visit).toMatchObject({
          queueId: 'q1',
          outcome: 'answered',
          waitMs: 20_000,
          rung: [expect.objectContaining({ agentId: 'u0', isNoAnswer: true })],
          handlings: [{ agentId: 'u1', talkMs: 100_000, holdMs: 20_000, acwMs: 15_000, endedBy: 'customer' }],
        })
      }),
      { numRuns: 60 },
    )
  })

  it('takes an abandon and a flow-out only at the word of the queue', () => {
    expect(
      said(
        envelope('acd.end', 9, { queueId: 'q1', acdOutcome: 'ABANDON', connectedDurationMs: 4_000 }),
        envelope('acd.end', 9, { queueId: 'q1', acdOutcome: 'FLOW_OUT' }),
        envelope('user.end', 9, { ...ids, disconnectType: 'CONSULT_TRANSFER', interactingDurationMs: 5_000 }),
        envelope('user.end', 9, { userId: 'u1', interactingDurationMs: 5_000 }),
      ),
    ).toEqual([
      ['contact.abandoned', 'q1'],
      ['contact.left-queue', 'overflow'],
      ['contact.transferred', 'q1'],
    ])
    const mapper = new GenesysMapper('g')
    expect(mapper.map(envelope('acd.end', 9, { queueId: 'q1' })).rejected).toMatch(/acd.end: no outcome/)
    expect(mapper.map(envelope('acd.end', 9, { queueId: 'q1', acdOutcome: 'ANSWERED' })).rejected).toMatch(
      /nobody/,
    )
  })

  it('keeps what a user set, with its reason, and what the routing says apart', () => {
    const presence = (systemPresence: string) =>
      userEnvelope('v2.users.u1.presence', 1, { presenceDefinition: { systemPresence } })
    const routing = (status: string) =>
      userEnvelope('v2.detail.events.user.u1.routingStatus', 1, { userId: 'u1', routingStatus: { status } })
    expect(
      said(
        routing('OFF_QUEUE'),
        presence('BREAK'),
        routing('OFF_QUEUE'),
        presence('ON_QUEUE'),
        routing('IDLE'),
      ),
    ).toEqual([
      ['agent.state-changed', 'not-ready'],
      ['agent.state-changed', 'not-ready'],
      ['agent.state-changed', 'ready'],
      ['agent.state-changed', 'ready'],
    ])
    expect(map(presence('MEAL'))[0]?.data).toEqual({ agentId: 'u1', state: 'not-ready', reason: 'MEAL' })
    expect(said(presence('OFFLINE'), routing('INTERACTING'), routing('NOT_RESPONDING'))).toEqual([
      ['agent.state-changed', 'offline'],
      ['agent.state-changed', 'on-contact'],
      ['agent.state-changed', 'not-ready'],
    ])
  })

  it('counts what nobody knows without the ids in it, and refuses what is none', () => {
    const mapper = new GenesysMapper('g')
    expect(mapper.map(envelope('sung', 1)).unknownVerb).toBe('sung')
    expect(
      mapper.map(userEnvelope(`v2.audits.entitytype.Group.entityid.${CONVERSATION}`, 1, {})).unknownVerb,
    ).toBe('v2.audits.entitytype.Group.entityid.{id}')
    for (const value of [
      null,
      5,
      [],
      {},
      { id: 'x' },
      { id: 'x', detail: {} },
      { detail: { eventBody: {} } },
    ])
      expect(mapper.map(value)).toMatchObject({ events: [], rejected: expect.any(String) })
  })

  const folder = sample('feeds/genesys-cloud')
  it.skipIf(folder === null)(
    'reads the published samples: one agent state, and a conversation that begins',
    () => {
      // Skipped in a clone by itself: the samples lie beside the repository.
      const read = (name: string): unknown => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'))
      const mapper = new GenesysMapper('/genesys-eventbridge/g')
      expect(mapper.map(read('aws-event-bridge-conversation-start-event.json'))).toEqual({ events: [] })
      expect(mapper.map(read('eventbridge-audit-UserPresenceChange.json'))).toEqual({
        events: [
          {
            specversion: '1.0',
            id: '4cbedb0f-4dfd-4c8e-9e57-0acded092527',
            source: '/genesys-eventbridge/g',
            type: 'cc.agent.state-changed.v1',
            time: '2021-06-25T15:11:52.000Z',
            data: {
              agentId: '278522be-1683-4877-8257-4164a177be89',
              state: 'not-ready',
              reason: 'Available',
            },
          },
        ],
      })
    },
  )
})
