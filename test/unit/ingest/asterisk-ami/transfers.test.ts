/** Attended transfers into a queue as the manager tells them: two calls that become one contact, under the id of either. */
import { describe, expect, it } from 'vitest'
import type { LedgerEvent } from '../../../../server/domain/event.ts'
import { AmiBlockReader } from '../../../../server/ingest/asterisk-ami/blocks.ts'
import { AmiMapper } from '../../../../server/ingest/asterisk-ami/mapper.ts'
import type { CanonicalEvent } from '../../../../server/ingest/canonical-event.ts'
import { toEnvelope } from '../../../../server/ingest/validate.ts'
import { fold, seeded, shuffled } from '../../state/support.ts'

const T = 1_709_290_800
const DAY = '2024-03-01'
const NOW_MS = Date.UTC(2026, 0, 1)

type Fields = Readonly<Record<string, string | number>>
const ANNA = { MemberName: 'Anna', Interface: 'PJSIP/7009' }
const BOB = { MemberName: 'Bob', Interface: 'PJSIP/7051' }
/** The customer's channel, and the one by which Anna asks in the other queue. */
const customer = { Uniqueid: 'A', Linkedid: 'A' }
const consultation = { Uniqueid: 'B', Linkedid: 'B', CallerIDNum: '7009' }

const said = (event: string, at: number, fields: Fields) =>
  `Event: ${event}\r\nTimestamp: ${T + at}.5\r\n${Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n`
const begin = [
  said('QueueCallerJoin', 0, { ...customer, Queue: '1501', CallerIDNum: '0612345678' }),
  said('QueueCallerLeave', 12, { ...customer, Queue: '1501' }),
  said('AgentConnect', 12, { ...customer, ...ANNA, Queue: '1501', HoldTime: 12 }),
  said('QueueCallerJoin', 120, { ...consultation, Queue: '1509' }),
]
const completedByTransfer = said('AgentComplete', 121, {
  ...customer,
  ...ANNA,
  Queue: '1501',
  TalkTime: 109,
  Reason: 'transfer',
})
const transfer = (at: number, more: Fields = {}) =>
  said('AttendedTransfer', at, {
    Result: 'Success',
    OrigTransfererUniqueid: 'A-leg',
    OrigTransfererLinkedid: 'A',
    SecondTransfererUniqueid: 'B',
    SecondTransfererLinkedid: 'B',
    TransfereeUniqueid: 'A',
    TransfereeLinkedid: 'A',
    ...more,
  })

function mapped(texts: readonly string[], mapper = new AmiMapper('/ami')): CanonicalEvent[] {
  mapper.startConnection(T * 1000)
  const blocks = new AmiBlockReader().read(Buffer.from(texts.join('')))
  return [
    ...(blocks ?? []).flatMap((block, index) => mapper.map(block, T * 1000 + index) ?? []),
    ...mapper.settleLeft(NOW_MS),
  ]
}
function ledgerOf(events: readonly CanonicalEvent[]): LedgerEvent[] {
  return events.map((one, index) => {
    const checked = toEnvelope(one, { receivedAtMs: NOW_MS, nowMs: NOW_MS })
    if (!checked.ok) throw new Error(JSON.stringify(checked))
    return { ...checked.envelope, ingestSeq: index + 1 }
  })
}
function expectOneContact(texts: readonly string[]) {
  const events = ledgerOf(mapped(texts))
  expect(events.filter(({ type }) => type === 'cc.contact.merged.v1').map(({ data }) => data)).toEqual([
    { contactId: 'A', aliasIds: ['B'] },
  ])
  for (let seed = 1; seed < 12; seed += 1) {
    const state = fold(seed === 1 ? events : shuffled([...events, ...events], seeded(seed)))
    const { queues } = state.dayReport(DAY)
    expect(queues.find(({ queue }) => queue === '1501')).toMatchObject({
      offered: 1,
      answered: 1,
      transfers: 1,
      asaSeconds: 12,
      talkSecondsMean: 109,
    })
    expect(queues.find(({ queue }) => queue === '1509')).toMatchObject({
      offered: 1,
      answered: 1,
      waiting: 0,
      lost: 0,
      asaSeconds: 7,
      talkSecondsMean: 173,
    })
    expect(state.contactVisits('B')).toHaveLength(2)
    expect(state.quality()).toMatchObject({ orphanEvents: 0 })
  }
}

describe('an attended transfer into a queue', () => {
  it('before the answer: the caller takes the place of the consultation, and is answered under the own id', () => {
    expectOneContact([
      ...begin,
      completedByTransfer,
      transfer(121),
      said('QueueCallerLeave', 127, { ...customer, Queue: '1509' }),
      said('AgentConnect', 127, { ...customer, ...BOB, Queue: '1509', HoldTime: 7 }),
      said('AgentComplete', 300, { ...customer, ...BOB, Queue: '1509', TalkTime: 173, Reason: 'agent' }),
    ])
  })

  it('after the answer: the part in the second queue ends under the id of the caller', () => {
    expectOneContact([
      ...begin,
      said('QueueCallerLeave', 127, { ...consultation, Queue: '1509' }),
      said('AgentConnect', 127, { ...consultation, ...BOB, Queue: '1509', HoldTime: 7 }),
      transfer(140),
      completedByTransfer,
      said('AgentComplete', 300, { ...customer, ...BOB, Queue: '1509', TalkTime: 173, Reason: 'agent' }),
    ])
  })

  it('is also told by the linked id alone, where both are calls of queues', () => {
    expectOneContact([
      ...begin,
      said('QueueCallerLeave', 127, { ...consultation, Queue: '1509' }),
      said('AgentConnect', 127, { ...consultation, ...BOB, Queue: '1509', HoldTime: 7 }),
      said('AgentComplete', 300, {
        ...consultation,
        ...BOB,
        Linkedid: 'A',
        Queue: '1509',
        TalkTime: 173,
        Reason: 'agent',
      }),
      completedByTransfer,
    ])
  })

  it('ends in an abandon of the second visit when the caller gives up in the new place', () => {
    const events = mapped([
      ...begin,
      transfer(121),
      said('QueueCallerAbandon', 140, { ...customer, Queue: '1509', HoldTime: 20 }),
      said('QueueCallerLeave', 140, { ...customer, Queue: '1509' }),
      completedByTransfer,
    ])
    const { queues } = fold(ledgerOf(events)).dayReport(DAY)
    expect(queues.find(({ queue }) => queue === '1509')).toMatchObject({
      offered: 1,
      abandoned: 1,
      flowedOut: 0,
    })
    expect(queues.find(({ queue }) => queue === '1501')).toMatchObject({ answered: 1, transfers: 1 })
  })

  it('that failed, or went to no queue, joins nothing', () => {
    const merged = (texts: readonly string[]) =>
      mapped(texts).filter(({ type }) => type === 'cc.contact.merged.v1')
    expect(merged([...begin, transfer(121, { Result: 'Fail' })])).toEqual([])
    expect(merged([...begin.slice(0, 3), transfer(121)])).toEqual([])
  })
})

it('calls of an agent who stays on the line all day are not joined by the linked id that they share', () => {
  const day = Array.from({ length: 20 }, (_, index) => {
    const own = { Uniqueid: `c${index}`, Queue: '1501' }
    const at = index * 100
    return [
      said('QueueCallerJoin', at, { ...own, Linkedid: `c${index}` }),
      // Everybody's next caller waits already.
      said('QueueCallerJoin', at + 50, { Uniqueid: `n${index}`, Linkedid: `n${index}`, Queue: '1501' }),
      said('AgentConnect', at + 10, { ...own, ...ANNA, Linkedid: 'agent.1', HoldTime: 10 }),
      said('AgentComplete', at + 90, {
        ...own,
        ...ANNA,
        Linkedid: 'agent.1',
        TalkTime: 80,
        Reason: 'caller',
      }),
    ].join('')
  })
  const events = mapped(day)
  expect(events.some(({ type }) => type === 'cc.contact.merged.v1')).toBe(false)
  expect(fold(ledgerOf(events)).dayReport(DAY).queues[0]).toMatchObject({
    offered: 40,
    answered: 20,
    waiting: 20,
  })
})

it('gives the events of a transfer the same ids whatever was known before', () => {
  const all = [
    ...begin,
    said('AgentConnect', 127, { ...consultation, ...BOB, Queue: '1509', HoldTime: 7 }),
    said('AgentComplete', 300, { ...consultation, ...BOB, Linkedid: 'A', Queue: '1509', TalkTime: 173 }),
  ]
  const whole = mapped(all)
  const afterRestart = mapped(all.slice(-1))
  const ended = (events: readonly CanonicalEvent[]) =>
    events.filter(({ type }) => type === 'cc.contact.ended.v1').map(({ id }) => id)
  expect(ended(afterRestart)).toEqual(ended(whole))
})

it('waits its two seconds after a caller left, also while our own clock is set', () => {
  for (const jumpMs of [5 * 3_600_000, -5 * 3_600_000]) {
    const mapper = new AmiMapper('/ami')
    mapper.startConnection(T * 1000)
    const hear = (text: string, atMs: number) =>
      (new AmiBlockReader().read(Buffer.from(text)) ?? []).flatMap((block) => mapper.map(block, atMs) ?? [])
    let nowMs = T * 1000
    const looks = (times: number) => {
      const told = []
      for (let look = 0; look < times; look += 1) {
        nowMs += 500
        told.push(...mapper.settleLeft(nowMs))
      }
      return told.map(({ type }) => type)
    }
    expect(looks(2)).toEqual([])
    hear(said('QueueCallerJoin', 0, { ...customer, Queue: '1501' }), nowMs)
    hear(said('QueueCallerLeave', 9, { ...customer, Queue: '1501' }), nowMs)
    nowMs += jumpMs
    expect(looks(4)).toEqual([])
    expect(looks(2)).toEqual(['cc.contact.left-queue.v1'])
  }
})
