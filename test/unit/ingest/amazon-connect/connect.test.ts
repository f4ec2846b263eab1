/** Amazon Connect: the samples, after-contact work out of pairs of snapshots, and records that are sent again. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LedgerEvent } from '../../../../server/domain/event.ts'
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
  return mapConnectMessage(message, 'connect').events.map(({ type, data, time }) => ({
    type: type.slice(3, -3),
    data,
    time,
  }))
}

describe('Amazon Connect', () => {
  it('follows a contact through an agent’s snapshots; after-contact work ends when it leaves the list', () => {
    const ids = { contactId: 'c1', queueId: 'q1', agentId: 'a1' }
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
