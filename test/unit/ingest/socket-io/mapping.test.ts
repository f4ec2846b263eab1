/** Mapping files and snapshots: a mistake is named by its place; only changes become events, each with a stable id. */
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  checkMapping,
  GATEWAY_MAPPING,
  NETHVOICE_MAPPING,
  SOCKET_IO_PROFILES,
} from '../../../../server/ingest/socket-io/mapping.ts'
import { pointAt, SnapshotDiff } from '../../../../server/ingest/socket-io/snapshot-diff.ts'
import { WaitingDiff } from '../../../../server/ingest/socket-io/waiting-diff.ts'
import { toEnvelope } from '../../../../server/ingest/validate.ts'

const SAMPLE = new URL('../../../../../shared/feeds/socketio-nethcti/queueMemberUpdate.json', import.meta.url)
const RECEIVED_AT_MS = Date.parse('2026-03-17T09:00:00Z')

function nethvoice() {
  const mapping = NETHVOICE_MAPPING.events.queueMemberUpdate
  if (mapping?.kind !== 'snapshot') throw new Error('the profile reads queueMemberUpdate')
  const diff = new SnapshotDiff('/socket-io/pbx')
  return (message: unknown, receivedAtMs = RECEIVED_AT_MS) =>
    diff.changes({ eventName: 'queueMemberUpdate', mapping, message, receivedAtMs }).events as readonly {
      readonly id: string
      readonly type: string
      readonly time: string
      readonly data: Readonly<Record<string, unknown>>
    }[]
}

const member = { queue: '401', member: '214', loggedIn: true, paused: false }

describe('mapping files', () => {
  it('accept the profiles as they would be written down', () => {
    for (const profile of [GATEWAY_MAPPING, NETHVOICE_MAPPING]) {
      expect(checkMapping(JSON.parse(JSON.stringify(profile)))).toEqual({ mapping: profile })
    }
  })

  it('have profiles by name, and none by a name that every object has', () => {
    expect(SOCKET_IO_PROFILES.nethvoice).toBe(NETHVOICE_MAPPING)
    expect(SOCKET_IO_PROFILES.constructor).toBeUndefined()
  })

  it.each([
    [[], ''],
    [{ transports: ['carrier-pigeon'], events: {} }, '/transports'],
    [{ events: { 'a/b': { kind: 'guess' } } }, '/events/a~1b/kind'],
    [{ events: { x: { kind: 'snapshot', key: [], rules: [] } } }, '/events/x/key'],
    [
      {
        events: {
          x: {
            kind: 'snapshot',
            key: ['/id'],
            rules: [{ changed: '/s', becomes: 1, type: 'cc.no', data: {} }],
          },
        },
      },
      '/events/x/rules/0',
    ],
  ])('name the place of a mistake: %j', (value, pointer) => {
    expect(checkMapping(value)).toMatchObject({ pointer })
  })
})

describe('pointers', () => {
  it('follow RFC 6901', () => {
    const value = { 'a/b': { '~': [10, 20] } }
    expect(pointAt(value, '/a~1b/~0/1')).toBe(20)
    expect(pointAt(value, '')).toBe(value)
    expect(pointAt(value, '/constructor')).toBeUndefined()
  })
})

describe('snapshots', () => {
  it('become events only where something changed', () => {
    const changes = nethvoice()
    expect(changes(member).map(({ type }) => type)).toEqual(['cc.agent.queue-joined.v1'])
    expect(changes(member)).toEqual([])
    const paused = { ...member, paused: true, lastPausedInReason: 'lunch', lastPausedInTimestamp: 1773738000 }
    const [pause] = changes(paused)
    expect(pause).toMatchObject({
      type: 'cc.agent.state-changed.v1',
      time: '2026-03-17T09:00:00.000Z',
      data: { agentId: '214', state: 'not-ready', reason: 'lunch' },
    })
    expect(changes({ ...paused, loggedIn: false }).map(({ type }) => type)).toEqual([
      'cc.agent.queue-left.v1',
    ])
  })

  it('give the same change of the same second the same id', () => {
    const [first] = nethvoice()(member)
    const [again] = nethvoice()(member, RECEIVED_AT_MS + 400)
    const [later] = nethvoice()(member, RECEIVED_AT_MS + 2_000)
    expect(again?.id).toBe(first?.id)
    expect(later?.id).not.toBe(first?.id)
  })

  it('say of a change that nobody saw happen that it was found', () => {
    const mapping = NETHVOICE_MAPPING.events.queueMemberUpdate
    if (mapping?.kind !== 'snapshot') throw new Error('the profile reads queueMemberUpdate')
    const diff = new SnapshotDiff('/socket-io/pbx')
    const told = (message: object) =>
      diff
        .changes({ eventName: 'queueMemberUpdate', mapping, message, receivedAtMs: RECEIVED_AT_MS })
        .events.map((one) => (one as { data: { state?: string; reason?: string } }).data)
    told({ ...member, paused: true, lastPausedInReason: 'lunch' })
    told({ ...member, member: '215', paused: true })
    diff.lost()
    expect(told({ ...member, paused: false })).toMatchObject([{ state: 'ready', reason: 'resync' }])
    expect(told({ ...member, member: '215', loggedIn: false, paused: true })).toMatchObject([
      { reason: 'resync' },
    ])
    // Told since: what changes now was seen.
    const seen = told({ ...member, paused: true })
    expect(seen).toMatchObject([{ state: 'not-ready' }])
    expect(seen[0]?.reason).toBeUndefined()
  })

  it('that cannot be read say why, and so do callers who wait', () => {
    const mapping = NETHVOICE_MAPPING.events.queueMemberUpdate
    const waiting = NETHVOICE_MAPPING.events.queueUpdate
    if (mapping?.kind !== 'snapshot' || waiting?.kind !== 'waiting') throw new Error('the profile reads both')
    const diff = new SnapshotDiff('s')
    const reasonsOf = (message: unknown) =>
      diff.changes({ eventName: 'queueMemberUpdate', mapping, message, receivedAtMs: 0 }).unusable
    expect(reasonsOf('nonsense')).toEqual(['nothing to read at the root'])
    expect(reasonsOf([{ paused: true }, member])).toEqual(['1 without a name at /queue, /member'])
    const calls = new WaitingDiff('s')
    expect(calls.changes(waiting, { waitingCallers: {} }, 0).unusable).toEqual(['no queue at /queue'])
    expect(calls.changes(waiting, { queue: '401' }, 0).unusable).toEqual(['no callers at /waitingCallers'])
    const read = calls.changes(waiting, { queue: '401', waitingCallers: [{}, { channel: 'SIP/1' }] }, 0)
    expect(read.unusable).toEqual(['a caller without a name at /channel'])
    expect(read.events).toHaveLength(1)
  })

  it.skipIf(!existsSync(SAMPLE))('read the message that the NethVoice server documents', () => {
    const events = nethvoice()(JSON.parse(readFileSync(SAMPLE, 'utf8')))
    expect(events.map(({ type, data }) => [type, data])).toEqual([
      ['cc.agent.queue-joined.v1', { agentId: '214', queueId: '401' }],
      ['cc.agent.state-changed.v1', { agentId: '214', state: 'not-ready', reason: 'some reason' }],
    ])
    const door = { receivedAtMs: RECEIVED_AT_MS, nowMs: RECEIVED_AT_MS }
    for (const event of events) expect(toEnvelope(event, door)).toMatchObject({ ok: true })
  })
})
