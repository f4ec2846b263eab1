/** The door: what a CloudEvent must hold, and where the answer points when it does not. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EVENT_TYPES, type EventType } from '../../../server/domain/event.ts'
import { parseInstant, toEnvelope } from '../../../server/ingest/validate.ts'
import { REQUIRED_FIELDS } from '../../../server/wire/event-schema.ts'

const nowMs = Date.UTC(2024, 5, 3, 7)
const context = { receivedAtMs: nowMs, nowMs }
const good = {
  specversion: '1.0',
  id: 'e1',
  source: '/pbx/1',
  type: 'cc.contact.answered.v1',
  time: '2024-06-03T06:47:51.250Z',
  data: { contactId: 'c', queueId: 'q', agentId: 'a', waitSeconds: 12 },
}
const refusal = (value: unknown) => {
  const result = toEnvelope(value, context)
  return result.ok ? 'accepted' : result.pointer
}
const accepted = (value: unknown) => {
  const result = toEnvelope(value, context)
  if (!result.ok) throw new Error(`${result.pointer}: ${result.detail}`)
  return result.envelope
}

describe('toEnvelope', () => {
  it('takes a whole event as it is', () => {
    expect(accepted(good)).toEqual({
      id: 'e1',
      source: '/pbx/1',
      type: 'cc.contact.answered.v1',
      occurredAtMs: Date.UTC(2024, 5, 3, 6, 47, 51, 250),
      receivedAtMs: nowMs,
      data: good.data,
    })
  })

  it('assumes the receive time where the source gives none, and says so', () => {
    const { time: _, ...without } = good
    expect(accepted(without)).toMatchObject({ occurredAtMs: nowMs, timeAssumed: true })
    expect(accepted({ ...good, time: null })).toMatchObject({ occurredAtMs: nowMs, timeAssumed: true })
  })

  it.each([
    ['not an object', 7, ''],
    ['a list', [], ''],
    ['no specversion', { ...good, specversion: undefined }, '/specversion'],
    ['no id', { ...good, id: undefined }, '/id'],
    ['an id that is a number', { ...good, id: 7 }, '/id'],
    ['10 MB of id', { ...good, id: 'x'.repeat(10_000_000) }, '/id'],
    ['an empty source', { ...good, source: '' }, '/source'],
    ['a type of nobody', { ...good, type: 'com.example.thing' }, '/type'],
    ['an unknown type of ours', { ...good, type: 'cc.contact.flew.v1' }, '/type'],
    ['a type off the prototype', { ...good, type: 'constructor' }, '/type'],
    ['a time without offset', { ...good, time: '2024-06-03T06:47:51' }, '/time'],
    ['a day that does not exist', { ...good, time: '2024-02-30T00:00:00Z' }, '/time'],
    ['three days ahead', { ...good, time: '2024-06-06T06:00:00Z' }, '/time'],
    ['data that is a text', { ...good, data: 'x' }, '/data'],
    ['base64', { ...good, data_base64: 'eA==' }, '/data_base64'],
    ['no contact', { ...good, data: { queueId: 'q', agentId: 'a' } }, '/data/contactId'],
    ['a wait that is a text', { ...good, data: { ...good.data, waitSeconds: '12' } }, '/data/waitSeconds'],
    ['an endless wait', { ...good, data: { ...good.data, waitSeconds: 1e12 } }, '/data/waitSeconds'],
    [
      '10 MB in a field of ours',
      { ...good, data: { ...good.data, channel: 'x'.repeat(1e7) } },
      '/data/channel',
    ],
    ['10 MB in a field of theirs', { ...good, data: { ...good.data, note: 'x'.repeat(1e7) } }, '/data/note'],
    ['a slash in a name', { ...good, data: { ...good.data, 'a/b': 'x'.repeat(1e6) } }, '/data/a~1b'],
    ['a sequence that is an object', { ...good, sequence: {} }, '/sequence'],
    ['a NUL', { ...good, data: { ...good.data, contactId: 'a\u0000b' } }, '/data/contactId'],
    ['a NUL in the id', { ...good, id: 'e\u0000' }, '/id'],
    ['half a surrogate pair in the id', { ...good, id: 'e\ud800' }, '/id'],
    ['half a pair in the source', { ...good, source: '/pbx\udc00' }, '/source'],
    ['half a pair in a contact', { ...good, data: { ...good.data, contactId: '\ud83d' } }, '/data/contactId'],
    [
      'a pair the wrong way round',
      { ...good, data: { ...good.data, agentId: '\ude00\ud83d' } },
      '/data/agentId',
    ],
    ['half a pair in a text', { ...good, data: { ...good.data, channel: 'a\ud83d' } }, '/data/channel'],
    ['half a pair in a sequence', { ...good, sequence: '\ud83d' }, '/sequence'],
    [
      'half a pair in a list of ids',
      { ...good, type: 'cc.contact.merged.v1', data: { contactId: 'c', aliasIds: ['b', '\ud83d'] } },
      '/data/aliasIds',
    ],
    [
      'a reason that nobody knows',
      { ...good, type: 'cc.contact.left-queue.v1', data: { ...good.data, reason: 'bored' } },
      '/data/reason',
    ],
    [
      'a state that nobody knows',
      { ...good, type: 'cc.agent.state-changed.v1', data: { agentId: 'a', state: 'asleep' } },
      '/data/state',
    ],
  ])('points at %s', (_name, value, pointer) => {
    expect(refusal(value)).toBe(pointer)
  })

  it('takes whole pairs, of whatever plane', () => {
    expect(refusal({ ...good, id: '\u{1f600}', data: { ...good.data, agentId: 'Zo\u00eb \u{2070e}' } })).toBe(
      'accepted',
    )
  })

  it('refuses exactly the ids that would be another text as bytes', () => {
    const unit = fc.integer({ min: 0xd7fe, max: 0xe001 })
    fc.assert(
      fc.property(fc.array(unit, { minLength: 1, maxLength: 6 }), (units) => {
        const id = String.fromCharCode(...units)
        const isSame = Buffer.from(id, 'utf8').toString('utf8') === id
        expect(refusal({ ...good, id })).toBe(isSame ? 'accepted' : '/id')
      }),
    )
  })

  it('keeps what it does not know under raw', () => {
    expect(accepted({ ...good, data: { ...good.data, vip: true } }).data.raw).toEqual({ vip: true })
    expect(accepted({ ...good, data: { ...good.data, raw: { a: 1 } } }).data.raw).toEqual({ a: 1 })
  })

  it('makes a negative duration nothing and keeps what was sent', () => {
    const { data } = accepted({ ...good, data: { ...good.data, waitSeconds: -3 } })
    expect(data.waitSeconds).toBe(0)
    expect(data.raw).toEqual({ waitSeconds: -3 })
  })

  it('pads numeric sequences, so that texts compare as numbers', () => {
    const nine = accepted({ ...good, sequence: '9' }).sequence ?? ''
    const ten = accepted({ ...good, sequence: 10 }).sequence ?? ''
    expect(nine < ten).toBe(true)
    expect(accepted({ ...good, sequence: 'b-7' }).sequence).toBe('b-7')
  })

  it('asks each type for the fields of its table, and for no other', () => {
    const all = {
      contactId: 'c',
      queueId: 'q',
      agentId: 'a',
      kind: 'blind',
      aliasIds: ['b'],
      state: 'ready',
    }
    const reasons: Partial<Record<EventType, string>> = {
      'cc.contact.offer-ended.v1': 'noAnswer',
      'cc.contact.left-queue.v1': 'timeout',
    }
    for (const type of Object.keys(EVENT_TYPES) as EventType[]) {
      const reason = reasons[type]
      const data: Record<string, unknown> = reason === undefined ? all : { ...all, reason }
      expect(refusal({ ...good, type, data })).toBe('accepted')
      for (const name of REQUIRED_FIELDS[type]) {
        const { [name]: _, ...rest } = data
        expect(refusal({ ...good, type, data: rest })).toBe(`/data/${name}`)
      }
    }
  })
})

describe('instants', () => {
  const instantMs = fc.integer({ min: Date.UTC(1900, 0, 1), max: Date.UTC(2200, 0, 1) })

  it('are those of the calendar', () => {
    fc.assert(fc.property(instantMs, (ms) => parseInstant(new Date(ms).toISOString()) === ms))
  })

  it('read the same in the plain form and in any other, whatever character is wrong', () => {
    const wrong = fc.constantFrom('', '0', '9', '6', '-', ':', ' ', 'x', 'Z', '\u0660')
    fc.assert(
      fc.property(instantMs, fc.nat({ max: 22 }), wrong, (ms, at, put) => {
        const plain = new Date(ms).toISOString()
        const changed = plain.slice(0, at) + put + plain.slice(at + 1)
        // With the offset written out it is not of the plain form.
        expect(parseInstant(changed)).toBe(parseInstant(changed.replace(/Z$/, '+00:00')))
      }),
      { numRuns: 2_000 },
    )
  })
})
