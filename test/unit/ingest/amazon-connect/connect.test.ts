/** Amazon Connect: the samples, after-contact work out of pairs of snapshots, and records that are sent again. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LedgerEvent } from '../../../../server/domain/event.ts'
import { newConnectMemory } from '../../../../server/ingest/amazon-connect/agent-events.ts'
import { mapConnectMessage } from '../../../../server/ingest/amazon-connect/mapper.ts'
import { toEnvelope } from '../../../../server/ingest/validate.ts'
import { fold, sample } from '../../state/support.ts'

const ARN = 'arn:aws:connect:eu-west-1:1:instance/i'
const at = (second: number) => new Date(1_700_000_000_000 + second * 1000).toISOString()
const contact = (State: string, second: number) => ({
  ContactId: 'c1',
  Channel: 'VOICE',
  Queue: { ARN: `${ARN}/queue/q1`, Name: 'Sales' },
  State,
  StateStartTimestamp: at(second),
})
const snapshot = (Name: string, Contacts: unknown[]) => ({
  AgentStatus: { Name, StartTimestamp: at(0) },
  Contacts,
})
let made = 0
function change(second: number, before: unknown, after: unknown, EventType = 'STATE_CHANGE') {
  made += 1
  const message = {
    AgentARN: `${ARN}/agent/a1`,
    EventId: `e${made}`,
    EventType,
    EventTimestamp: at(second),
    PreviousAgentSnapshot: before,
    CurrentAgentSnapshot: after,
  }
  return mapConnectMessage(message, 'connect')
    .events.filter(({ type }) => type !== 'cc.queue.configured.v1')
    .map(({ type, data, time }) => ({ type: type.slice(3, -3), data, time }))
}

describe('Amazon Connect', () => {
  it('follows a contact through an agent’s snapshots; after-contact work ends when it leaves the list', () => {
    const ids = { contactId: 'c1', visitId: 'c1', queueId: 'q1', agentId: 'a1' }
    const none = snapshot('Available', [])
    const state = (name: string, second: number) => snapshot('Available', [contact(name, second)])
    expect(change(1, none, state('CONNECTING', 1))).toEqual([
      { type: 'contact.offered', data: ids, time: at(1) },
    ])
    expect(change(4, state('CONNECTING', 1), state('CONNECTED', 4))).toMatchObject([
      { type: 'contact.answered', data: ids },
    ])
    expect(change(9, state('CONNECTED', 4), state('CONNECTED_ONHOLD', 9))).toMatchObject([
      { type: 'contact.held' },
    ])
    expect(change(12, state('CONNECTED_ONHOLD', 9), state('CONNECTED', 12))).toMatchObject([
      { type: 'contact.retrieved' },
    ])
    expect(change(60, state('CONNECTED', 12), state('ENDED', 60))).toMatchObject([
      { type: 'contact.ended', time: at(60) },
    ])
    expect(change(75, state('ENDED', 60), none)).toEqual([
      { type: 'contact.ended', data: { ...ids, acwSeconds: 15 }, time: at(75) },
    ])
    expect(change(80, state('CONNECTING', 77), state('MISSED', 80))).toMatchObject([
      { type: 'contact.offer-ended', data: { reason: 'noAnswer' } },
    ])
  })

  it('reads what the agent set, and sessions', () => {
    expect(change(5, snapshot('Available', []), snapshot('Lunch', []))).toMatchObject([
      { type: 'agent.state-changed', data: { agentId: 'a1', state: 'not-ready', reason: 'Lunch' } },
    ])
    expect(change(5, null, snapshot('Available', []), 'LOGIN').map(({ type }) => type)).toEqual([
      'agent.logged-on',
      'agent.state-changed',
    ])
    expect(change(5, null, snapshot('Offline', []), 'LOGOUT')).toMatchObject([{ type: 'agent.logged-off' }])
  })

  it('follows memberships by the routing profile, the personal queue aside, and tells names of queues once', () => {
    const queue = (id: string, Name: string | null, path = 'queue') => ({ ARN: `${ARN}/${path}/${id}`, Name })
    const profile = (...InboundQueues: unknown[]) => ({
      ...snapshot('Available', []),
      Configuration: { RoutingProfile: { InboundQueues } },
    })
    const memory = newConnectMemory()
    let id = 0
    const told = (EventType: string, before: unknown, after: unknown) => {
      id += 1
      const message = {
        AgentARN: `${ARN}/agent/a1`,
        EventId: `m${id}`,
        EventType,
        EventTimestamp: at(id),
        PreviousAgentSnapshot: before,
        CurrentAgentSnapshot: after,
      }
      return mapConnectMessage(message, 's', memory).events.map(({ type, data }) =>
        [type.slice(3, -3), data.queueId ?? ''].join(' ').trim(),
      )
    }
    const personal = queue('a1', null, 'queue/agent')
    const first = profile(personal, queue('q1', 'Sales'), queue('q2', 'Service'))
    expect(told('HEART_BEAT', null, first)).toEqual([
      'source.heartbeat',
      'agent.state-changed',
      'agent.queue-joined q1',
      'agent.queue-joined q2',
      'queue.configured q1',
      'queue.configured q2',
    ])
    expect(told('HEART_BEAT', null, first)).toEqual(['source.heartbeat'])
    expect(told('STATE_CHANGE', first, profile(queue('q2', 'Help'), queue('q3', 'New')))).toEqual([
      'agent.queue-joined q3',
      'agent.queue-left q1',
      'queue.configured q2',
      'queue.configured q3',
    ])
    // For an hour after log-off heartbeats go on: they bring nobody back.
    const offline = { ...snapshot('Offline', []), Configuration: first.Configuration }
    expect(
      mapConnectMessage(
        {
          AgentARN: `${ARN}/agent/gone`,
          EventId: 'x',
          EventType: 'HEART_BEAT',
          EventTimestamp: at(9),
          CurrentAgentSnapshot: offline,
        },
        's',
        memory,
      ).events.map(({ type }) => type),
    ).toEqual(['cc.source.heartbeat.v1', 'cc.queue.configured.v1'])
  })

  it('gives the events of a message the same ids, whatever was heard before', () => {
    const message = {
      AgentARN: `${ARN}/agent/a1`,
      EventId: 'same',
      EventType: 'STATE_CHANGE',
      EventTimestamp: at(9),
      PreviousAgentSnapshot: snapshot('Available', [contact('CONNECTING', 5)]),
      CurrentAgentSnapshot: {
        ...snapshot('Lunch', [contact('CONNECTED', 9)]),
        Configuration: { RoutingProfile: { InboundQueues: [{ ARN: `${ARN}/queue/q1`, Name: 'Sales' }] } },
      },
    }
    const memory = newConnectMemory()
    const idsOf = () =>
      new Map(mapConnectMessage(message, 's', memory).events.map(({ type, id }) => [type, id] as const))
    const first = idsOf()
    const again = idsOf()
    for (const [type, id] of again) expect(first.get(type)).toBe(id)
    expect(again.has('cc.contact.answered.v1')).toBe(true)
  })

  it('joins a chain of transfers to the contact with which it began, each a visit of its own, in any order', () => {
    const chain = (id: string, from: number, agent: string, more: object = {}) => {
      const QueueInfo = { QueueArn: `${ARN}/queue/q1`, EnqueueTimestamp: at(from) }
      const AgentInfo = { AgentArn: `${ARN}/agent/${agent}`, ConnectedToAgentTimestamp: at(from + 10) }
      const base = { ContactId: id, Channel: 'VOICE', QueueInfo, ...more }
      return [
        { ...base, EventType: 'QUEUED' },
        { ...base, EventType: 'CONNECTED_TO_AGENT', AgentInfo },
        // The first agent stays on the line until the second has the call.
        { ...base, EventType: 'DISCONNECTED', AgentInfo, DisconnectTimestamp: at(from + 100) },
      ]
    }
    const messages = [
      ...chain('c1', 0, 'a1'),
      ...chain('c2', 60, 'a2', {
        InitialContactId: 'c1',
        PreviousContactId: 'c1',
        InitiationMethod: 'TRANSFER',
      }),
    ]
    fc.assert(
      fc.property(fc.shuffledSubarray([...messages, ...messages], { minLength: 12 }), (sent) => {
        const seen = new Map<string, LedgerEvent>()
        for (const one of sent.flatMap((message) => mapConnectMessage(message, 's').events)) {
          const checked = toEnvelope(one, { receivedAtMs: 0, nowMs: Date.UTC(2026, 0, 1) })
          if (checked.ok && !seen.has(checked.envelope.id))
            seen.set(checked.envelope.id, { ...checked.envelope, ingestSeq: seen.size })
        }
        const state = fold(seen.values())
        expect([...state.contactIds('c2')].sort()).toEqual(['c1', 'c2'])
        expect(
          state
            .contactVisits('c1')
            .map(({ visitId, outcome, handlings }) => [visitId, outcome, handlings.length]),
        ).toEqual([
          ['c1', 'answered', 1],
          ['c2', 'answered', 1],
        ])
        expect(state.contactVisits('c1').map(({ handlings }) => handlings[0]?.talkMs)).toEqual([
          90_000, 90_000,
        ])
      }),
      { numRuns: 60 },
    )
  })

  it('reads contact events in either case, in the envelope of EventBridge and without it', () => {
    const detail = {
      ContactId: 'c9',
      EventType: 'QUEUED',
      QueueInfo: { QueueArn: `${ARN}/queue/q1`, EnqueueTimestamp: at(3) },
    }
    const small = {
      contactId: 'c9',
      eventType: 'QUEUED',
      queueInfo: { queueArn: `${ARN}/queue/q1`, enqueueTimestamp: at(3) },
    }
    expect(mapConnectMessage(small, 's')).toEqual(mapConnectMessage(detail, 's'))
    expect(mapConnectMessage({ id: 'bridge-1', detail }, 's').events[0]).toMatchObject({
      id: 'bridge-1',
      type: 'cc.contact.queued.v1',
      data: { contactId: 'c9', queueId: 'q1' },
    })
    const gone = { ...small, eventType: 'DISCONNECTED', disconnectTimestamp: at(9) }
    expect(mapConnectMessage(gone, 's').events[0]?.type).toBe('cc.contact.abandoned.v1')
    expect(mapConnectMessage({ ...small, eventType: 'DREAMED' }, 's').unknownVerb).toBe('DREAMED')
    expect(mapConnectMessage([], 's').rejected).toBeDefined()
    expect(mapConnectMessage({}, 's').rejected).toBeDefined()
  })

  it('lets the record that was changed last stand, in whatever order the versions come', () => {
    const record = (updated: number, acwSeconds: number, holdSeconds: number) => ({
      ContactId: 'c1',
      LastUpdateTimestamp: at(updated),
      Channel: 'VOICE',
      DisconnectTimestamp: at(100),
      Queue: { ARN: `${ARN}/queue/q1`, EnqueueTimestamp: at(0), Duration: 20 },
      Agent: {
        ARN: `${ARN}/agent/a1`,
        ConnectedToAgentTimestamp: at(20),
        AgentInteractionDuration: 80 - holdSeconds,
        CustomerHoldDuration: holdSeconds,
        AfterContactWorkDuration: acwSeconds,
      },
    })
    const versions = [record(110, 5, 0), record(150, 30, 10), record(130, 15, 10)]
    fc.assert(
      fc.property(fc.shuffledSubarray([...versions, ...versions], { minLength: 3 }), (sent) => {
        const seen = new Map<string, LedgerEvent>()
        for (const one of sent.flatMap((version) => mapConnectMessage(version, 's').events)) {
          const checked = toEnvelope(one, { receivedAtMs: 0, nowMs: Date.UTC(2026, 0, 1) })
          if (checked.ok && !seen.has(checked.envelope.id))
            seen.set(checked.envelope.id, { ...checked.envelope, ingestSeq: seen.size })
        }
        const visits = fold(seen.values()).visits('q1', 0, Number.MAX_SAFE_INTEGER)
        const newest = [...sent].sort((a, b) => (a.LastUpdateTimestamp < b.LastUpdateTimestamp ? 1 : -1))[0]
        expect(visits).toMatchObject([
          {
            outcome: 'answered',
            waitMs: 20_000,
            handlings: [{ acwMs: (newest?.Agent.AfterContactWorkDuration ?? 0) * 1000 }],
          },
        ])
      }),
    )
  })

  const folder = sample('feeds/amazon-connect')
  it.skipIf(folder === null)('maps the samples', () => {
    // Skipped in a clone by itself: the samples lie beside the repository.
    const map = (name: string) =>
      mapConnectMessage(JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8')), 's').events
    expect(map('agent-event-heartbeat-next-status')).toMatchObject([
      { id: 'EventId-1', type: 'cc.source.heartbeat.v1' },
      { type: 'cc.agent.state-changed.v1', time: '2019-08-13T20:52:30.704Z', data: { state: 'ready' } },
      { type: 'cc.agent.queue-joined.v1', data: { agentId: 'agent-ARN', queueId: 'queue-ARN' } },
      {
        type: 'cc.queue.configured.v1',
        data: { queueId: 'queue-ARN', raw: { name: 'Omni-channel-queue' } },
      },
    ])
    expect(map('contact-event-connected-to-agent.detail')).toMatchObject([
      { type: 'cc.contact.answered.v1', time: '2021-08-04T17:29:09.000Z', data: { waitSeconds: 5 } },
    ])
    const record = map('contact-record-2020')
    expect(record.map(({ type }) => type)).toEqual([
      'cc.contact.queued.v1',
      'cc.contact.answered.v1',
      'cc.contact.ended.v1',
    ])
    expect(record[1]?.data).toMatchObject({ waitSeconds: 5, queueId: 'de51469a-01b1-464b-b1c9-a2e2aa653862' })
    expect(record[2]?.data).toMatchObject({ talkSeconds: 14, holdSeconds: 0, acwSeconds: 10 })
    for (const event of record)
      expect(toEnvelope(event, { receivedAtMs: 0, nowMs: Date.UTC(2026, 0, 1) }).ok).toBe(true)
  })
})
